"""The screen one works on: it owns the session, and hands each frame down to the panes."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.widgets import Static

from nntui.errors import UsageError
from nntui.session.position import Depth
from nntui.ui.command_line import SUGGESTIONS, Command, find_op, parse
from nntui.ui.keys import bindings
from nntui.ui.playback import Playback, frame_rate
from nntui.ui.renderables.activation import CurveMaker
from nntui.ui.renderables.header import ROOMY
from nntui.ui.scene import Neuron, Scene, compose_scene
from nntui.ui.screens.why import WhyScreen, candidates
from nntui.ui.stepper import Stepper
from nntui.ui.widgets.bars import Header, KeyBar
from nntui.ui.widgets.loss import LossPane
from nntui.ui.widgets.network import NetworkView
from nntui.ui.widgets.neuron import NeuronPane
from nntui.ui.widgets.operation import OperationPane
from nntui.ui.widgets.ops import OpsPane
from nntui.ui.widgets.pane import Pane
from nntui.ui.widgets.parameters import ParametersPane
from nntui.ui.widgets.prompt import Prompt

WIDE, TALL = 110, 30
"""From this size on all panes are on the screen together."""


class DebuggerScreen(Screen[None]):
    """Steps a session and shows it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("screen")
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-tiny-width"),
        (40, "-narrow"),
        (WIDE, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-tiny-height"),
        (12, "-short"),
        (TALL, "-tall"),
    ]

    def __init__(self, session: Stepper, curve: CurveMaker) -> None:
        super().__init__()
        self._session = session
        self._curve = curve
        self._playback = Playback(session, frames=frame_rate(os.environ))
        self._scene: Scene | None = None
        self._chosen: Neuron | None = None
        self._log = False
        self._tab = 2

    def compose(self) -> ComposeResult:
        """The panes; which of them are visible is up to the style sheet."""
        network = self._session.network
        yield Header()
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield NetworkView(network)
                with Horizontal(id="lower"):
                    yield LossPane()
                    yield NeuronPane()
            with Vertical(id="right"):
                yield OperationPane()
                yield OpsPane(network)
                yield ParametersPane()
        yield Static("nntui needs 40 × 12 cells", id="small", markup=False)
        yield Prompt()
        yield KeyBar()

    def on_mount(self) -> None:
        """Shows the start of the run."""
        self.add_class("tab-2")
        self.query_one(NetworkView).focus()
        self._show()

    def on_resize(self, event: events.Resize) -> None:
        """Tells the panes whether they share their place."""
        shared = event.size.width < WIDE or event.size.height < TALL
        names = {2: "operation", 3: "ops", 4: "params", 5: "loss", 6: "neuron"}
        for pane in self._panes():
            pane.tabs = ()
            if shared and pane.NUMBER > 1:
                others = "  ".join(f"{n} {name}" for n, name in names.items() if n != pane.NUMBER)
                pane.tabs = ((others, "dim"),)

    def _show(self) -> None:
        """Draws the session as it is."""
        self._scene = scene = compose_scene(
            self._session,
            self._curve,
            before=self._scene,
            chosen=self._chosen,
            log=self._log,
            running=self._playback.running,
        )
        playback = self._playback
        state = "▶ running" if playback.running else "paused"
        state = f"{state} {playback.speed.label}"
        if self.size.width < ROOMY:
            state = f"by {scene.frame.depth.label}  {state}"
        with self.app.batch_update():
            self.query_one(Header).show(scene)
            self.query_one(KeyBar).show(state, running=playback.running)
            for pane in self._panes():
                pane.show(scene)

    # -- commands of time ----------------------------------------------------------------------

    def action_step(self, how: str) -> None:
        """Steps: forward, into, or to the end of what encloses the cursor."""
        self._playback.stop()
        session = self._session
        {"forward": session.forward, "into": session.into, "finish": session.finish}[how]()
        self._show()

    def action_change(self, what: str, by: int) -> None:
        """One notch of depth, speed, or sample; or the other scale of the loss."""
        if what == "depth":
            depth = min(max(self._session.depth + by, Depth.TERM), Depth.EPOCH)
            self._session.depth = Depth(depth)
        elif what == "sample":
            self._session.sample += by
        elif what == "scale":
            self._log = not self._log
        else:
            self._playback.change_speed(by)
        self._show()

    def action_play(self, rush: bool) -> None:
        """Runs, or pauses; in a rush to the end at full speed."""
        if self._playback.running and not rush:
            self._playback.stop()
            self._show()
            return
        if self._session.at_end:
            self._say("The run is over. 0 starts again.")
            return
        self._playback.start(rush=rush)
        self._show()
        self._play()

    def action_restart(self, fresh: bool) -> None:
        """From the same initial weights, or from those of the next seed."""
        self._playback.stop()
        self._session.restart(self._session.seed + 1 if fresh else None)
        self._show()
        if fresh:
            self._say(f"New weights from seed {self._session.seed}.")

    @work(exclusive=True, group="play")
    async def _play(self) -> None:
        playback = self._playback
        while playback.running:
            wait = playback.beat()
            if playback.due():
                self._show()
            if self._fault:
                playback.stop()
            await asyncio.sleep(wait if playback.running else 0)
        self._show()
        if self._fault:
            self._say(f"Stopped: {self._fault}.", "error")
        elif self._session.at_end:
            self._say(f"The run is over: {self._session.frame.position.step} steps.")

    @property
    def _fault(self) -> str:
        """What made a number that is not finite, in what is shown."""
        return self._scene.frame.fault if self._scene else ""

    # -- commands of the view ------------------------------------------------------------------

    def action_pane(self, number: int) -> None:
        """Shows a pane and gives it the focus."""
        pane = next(pane for pane in self._panes() if number == pane.NUMBER)
        if number > 1 and number != self._tab:
            self.remove_class(f"tab-{self._tab}")
            self.add_class(f"tab-{number}")
            self._tab = number
        if self.maximized is not None and self.maximized is not pane:
            self.maximize(pane)
        pane.focus()
        pane.repaint()

    def action_cycle(self, by: int) -> None:
        """Focuses the next visible pane."""
        panes = [pane for pane in self._panes() if pane.NUMBER in self._visible()]
        at = next((k for k, pane in enumerate(panes) if pane.has_focus), 0)
        panes[(at + by) % len(panes)].focus()

    def action_zoom(self) -> None:
        """The focused pane in the whole window, and back."""
        if self.maximized is not None:
            self.minimize()
        elif isinstance(self.focused, Pane):
            self.maximize(self.focused)

    def action_follow(self) -> None:
        """Forgets the chosen neuron."""
        self._chosen = None
        self._session.focus("", 0)
        if self.maximized is not None:
            self.minimize()
        self._show()

    def action_copy(self) -> None:
        """The operation to the clipboard."""
        text = self.query_one(OperationPane).as_text()
        self.app.copy_to_clipboard(text)
        self._say("Copied." if text else "There is no operation yet.")

    def action_why(self) -> None:
        """Takes the last change of a weight apart."""
        self._playback.stop()
        self._show()
        if self._scene is None:
            return
        listed = isinstance(self.focused, ParametersPane)
        rows, at = candidates(self._scene, listed=listed)
        if rows:
            self.app.push_screen(WhyScreen(self._session, rows, at))
        else:
            self._say("There are no weights here.")

    def action_prompt(self, kind: str) -> None:
        """Opens the line for commands or for searching."""
        ops = self._session.network.ops
        outputs = list(dict.fromkeys(op.output for op in ops))
        gotos = [f"goto op {name}" for name in outputs]
        self.query_one(KeyBar).display = False
        self.query_one(Prompt).open(kind, [*SUGGESTIONS, *gotos] if kind == ":" else outputs)

    # -- messages ------------------------------------------------------------------------------

    @on(NetworkView.Chosen)
    def _neuron_chosen(self, message: NetworkView.Chosen) -> None:
        self._chosen = message.neuron
        column = self._session.network.columns[message.neuron.column]
        self._session.focus(column.name, message.neuron.unit)
        self._show()

    @on(NetworkView.Inspected)
    def _neuron_inspected(self) -> None:
        if self._chosen is None and self._scene:
            self._chosen = self._scene.neuron
        self.action_pane(6)
        self._show()

    @on(OpsPane.Jumped)
    def _op_chosen(self, message: OpsPane.Jumped) -> None:
        self._playback.stop()
        self._session.jump(message.op)
        self._show()

    @on(Prompt.Left)
    def _prompt_left(self) -> None:
        self.query_one(KeyBar).display = True
        if not isinstance(self.focused, Pane):
            self.query_one(NetworkView).focus()

    @on(Prompt.Entered)
    def _prompt_entered(self, message: Prompt.Entered) -> None:
        ops = self._session.network.ops
        try:
            if message.kind == "/":
                frame = self._session.frame
                op = find_op(message.text, ops, frame.op.number if frame.op else 0)
                self.action_pane(3)
                self.query_one(OpsPane).choose(op)
            else:
                self._obey(parse(message.text, ops))
        except UsageError as error:
            self._say(str(error), "error")

    def _obey(self, command: Command) -> None:
        """Does what was written on the `:` line."""
        session = self._session
        if command.name == "quit":
            self.app.exit()
        elif command.name == "theme":
            self.app.theme = f"nntui-{command.word}"
        elif command.name == "goto":
            session.jump(int(command.number))
        elif command.name == "depth":
            session.depth = command.depth
        elif command.name == "speed":
            self._playback.set_stops(command.number)
        elif command.name == "sample":
            session.sample = int(command.number) - 1
        elif command.name == "seed":
            self._playback.stop()
            session.restart(int(command.number))
        elif command.name == "watch":
            watch = session.watch(command.word)
            self._say(f"Watching {watch.text}, as number {watch.number}: beside the loss.")
        elif command.name == "unwatch":
            session.unwatch(int(command.number))
        elif command.name == "scale":
            self._log = command.word == "log"
        self._show()

    # -- the rest ------------------------------------------------------------------------------

    def _panes(self) -> Iterator[Pane]:
        return iter(sorted(self.query(Pane), key=lambda pane: pane.NUMBER))

    def _visible(self) -> set[int]:
        if self.has_class("-wide") and self.has_class("-tall"):
            return {1, 2, 3, 4, 5, 6}
        return {1, self._tab}

    def _say(self, text: str, severity: SeverityLevel = "information") -> None:
        self.notify(text, severity=severity, timeout=4, markup=False)
