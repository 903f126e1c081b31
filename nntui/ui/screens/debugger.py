"""The screen one works on: it owns the session, and hands each frame down to the panes."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import ClassVar, Final

from textual import on, work
from textual.binding import BindingType
from textual.notifications import SeverityLevel

from nntui.errors import UsageError
from nntui.session.frame import ParameterRow
from nntui.session.position import Depth
from nntui.ui import edits, orders
from nntui.ui.command_line import SUGGESTIONS, Command, find_op, parse
from nntui.ui.errand import in_one_context
from nntui.ui.keys import bindings
from nntui.ui.listings import list_of
from nntui.ui.playback import Playback, frame_rate
from nntui.ui.renderables.activation import CurveMaker
from nntui.ui.renderables.header import ROOMY
from nntui.ui.scene import Neuron, Scene, compose_scene, in_next_head
from nntui.ui.screens import pages
from nntui.ui.screens.chooser import Chooser
from nntui.ui.screens.panes import PanesScreen
from nntui.ui.screens.travel import TravelScreen
from nntui.ui.screens.why import WhyScreen, candidates
from nntui.ui.stepper import Stepper
from nntui.ui.widgets.bars import Header, KeyBar
from nntui.ui.widgets.choosing import ChoosingPane
from nntui.ui.widgets.loss import LossPane
from nntui.ui.widgets.networkpane import NetworkPane
from nntui.ui.widgets.operation import OperationPane
from nntui.ui.widgets.ops import OpsPane
from nntui.ui.widgets.pane import Pane
from nntui.ui.widgets.parameters import ParametersPane
from nntui.ui.widgets.prompt import Prompt

PATIENCE: Final = 0.1
"""Seconds after which a way through time is shown."""


class DebuggerScreen(PanesScreen):
    """Steps a session and shows it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("screen")

    def __init__(
        self,
        session: Stepper,
        curve: CurveMaker,
        note: Callable[[], str] = str,
        resumed: bool = False,
    ) -> None:
        super().__init__(session.network)
        self._note = note
        self._resumed = resumed
        self._session = session
        self._curve = curve
        self._playback = Playback(session, frames=frame_rate(os.environ))
        self._scene: Scene | None = None
        self._chosen: Neuron | None = None
        self._log = self._field = False
        self._picture = 0
        self._travelling = False

    def on_mount(self) -> None:
        """Shows the start of the run."""
        self.add_class("tab-2")
        self.query_one(NetworkPane).focus()
        # A session that has been resumed has the breakpoints it was left with.
        if not self._resumed:
            orders.add_wanted(self._session)
        self._show()

    def _show(self) -> None:
        """Draws the session as it is; on the way through time it is nowhere."""
        if self._travelling:
            return
        before = self._scene
        self._scene = scene = compose_scene(
            self._session,
            self._curve,
            before=before,
            chosen=self._chosen,
            log=self._log,
            running=self._playback.running,
            field=self._field,
            picture=self._picture,
        )
        state = self._playback.state
        if self.size.width < ROOMY:
            state = f"by {scene.frame.depth.label}  {state}"
        with self.app.batch_update():
            self.query_one(Header).show(scene)
            self.query_one(KeyBar).show(state, running=scene.running)
            for pane in self._panes():
                pane.show(scene)
        if before and before.frame.position != scene.frame.position:
            self.app.clear_notifications()
        if problem := self._note():
            self._say(problem, "warning")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In the prompt keys are letters."""
        return not self.query_one(Prompt).display

    # -- commands of time ----------------------------------------------------------------------

    def action_step(self, how: str) -> None:
        """Steps: forward, into, to the end of what encloses the cursor; or the same backwards."""
        self._playback.stop()
        session = self._session
        steps: Mapping[str, Callable[[], None]] = {
            "forward": session.cursor.forward,
            "into": session.cursor.into,
            "turn": partial(session.cursor.forward, Depth.TURN),
            "turn_back": partial(session.cursor.back, Depth.TURN),
            "finish": session.cursor.finish,
            "back": session.cursor.back,
            "back_into": session.cursor.back_into,
            "back_out": session.cursor.back_out,
        }
        steps[how]()
        self._show()

    def action_command(self, line: str) -> None:
        """Does what a line says, as if it had been written on the `:` line."""
        try:
            self._obey(parse(line, self._session.network.ops))
        except UsageError as error:
            self._say(str(error), "error")

    def action_change(self, what: str, by: int) -> None:
        """One notch of depth, speed, sample, head, or picture; the other scale; the field."""
        if what == "depth":
            self._session.cursor.deepen(by)
        elif what == "sample":
            self._session.reader.sample += by
        elif what == "scale":
            self._log = not self._log
        elif what == "field":
            self._field = not self._field
        elif what == "head":
            if self._scene and (neuron := in_next_head(self._scene, by)):
                self.post_message(ChoosingPane.Chosen(neuron))
        elif what == "picture":
            self._picture += by
        else:
            self._playback.change_speed(by)
        self._show()

    def action_play(self, how: str) -> None:
        """Runs, or pauses; in a rush to a breakpoint or the end; or back to a breakpoint."""
        playback, back = self._playback, how == "back"
        if playback.running and (how == "run" or playback.back is back):
            playback.stop()
            self._show()
            return
        if back and not any(one.enabled for one in self._session.breakpoints):
            self._travel(1, 0)
            return
        if self._session.at_end and not back:
            self.app.clear_notifications()
            self._say("The run is over. N goes back, 0 starts again.")
            return
        playback.start(rush=how == "rush", back=back)
        self._show()
        self._play()

    def action_restart(self, fresh: bool) -> None:
        """From the same initial weights, or from those of the next seed."""
        self._playback.stop()
        session = self._session
        text = orders.restart(session, orders.next_seed(session) if fresh else None)
        self._show()
        self._say(text)

    @work(exclusive=True, group="play")
    async def _play(self) -> None:
        playback, by_itself, back = self._playback, False, self._playback.back
        while playback.running:
            wait = playback.beat()
            if playback.due():
                self._show()
            if self._fault and not playback.back:
                playback.stop()
            by_itself = not playback.running
            await asyncio.sleep(wait if playback.running else 0)
        self._show()
        if by_itself:
            self._say_why(back)

    def _say_why(self, back: bool) -> None:
        """Says why a run has stopped."""
        stop, position = self._session.player.stopped_by, self._session.frame.position
        if stop is not None:
            self._say(f"Stopped at breakpoint {stop.number}: {stop.text}")
        elif back:
            self._say("No breakpoint was true before: this is the start.")
        elif self._fault:
            self._say(f"Stopped: {self._fault}.", "error")
        elif self._session.at_end:
            self._say(f"The run is over: {position.step} steps.")

    def _travel(self, step: int, op: int | None) -> None:
        """Goes to an op of a training step; where that takes long, one sees how far it is."""
        self._playback.stop()
        session, here = self._session, self._session.frame.position
        last = len(session.network.ops) if op is None else op
        journey = in_one_context(session.timeline.seek(step, last))
        end = time.perf_counter() + PATIENCE
        for _ in journey:
            if time.perf_counter() > end:

                def arrive(arrived: bool | None) -> None:
                    self._travelling = False
                    if arrived:
                        session.cursor.go(step, last)
                    else:
                        session.cursor.go(here.step, here.op)
                    self._show()

                self._travelling = True
                self.app.push_screen(TravelScreen(journey, step), arrive)
                return
        session.cursor.go(step, last)
        self._show()

    @property
    def _fault(self) -> str:
        """What made a number that is not finite, in what is shown."""
        return self._scene.frame.fault if self._scene else ""

    # -- commands of the view ------------------------------------------------------------------

    def action_follow(self) -> None:
        """Forgets the chosen neuron; pauses."""
        self._playback.stop()
        self._chosen = None
        self._session.reader.focus = ("", 0)
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
        """Opens the line for commands, for searching, or for changing one of the numbers here."""
        ops, scene = self._session.network.ops, self._scene
        outputs = list(dict.fromkeys(op.output for op in ops))
        if kind == "/":
            self.ask("/", self._find, outputs)
        elif kind == "e" and scene:
            self._ask_for_number(edits.offers(scene, self._chosen_row))
        else:
            lines = [f"{command} {name}" for command in ("goto op", "break") for name in outputs]
            lines += [f"branch {name}" for name in self._session.timeline.branches]
            self.ask(":", self.action_command, [*SUGGESTIONS, *lines])

    def _ask_for_number(self, offered: Sequence[edits.Offer]) -> None:
        """Opens the line for changing a number; what it is stands there as a suggestion."""
        hints, lines = [offer.hint for offer in offered], [offer.line for offer in offered]
        self.ask(":", self.action_command, hints, lines)

    @property
    def _chosen_row(self) -> ParameterRow | None:
        """The row that is chosen among the parameters, while that pane has the focus."""
        pane = self.query_one(ParametersPane)
        return pane.chosen if pane.has_focus else None

    # -- messages ------------------------------------------------------------------------------

    @on(ChoosingPane.Chosen)
    def _neuron_chosen(self, message: ChoosingPane.Chosen) -> None:
        self._chosen = message.neuron
        column = self._session.network.columns[message.neuron.column]
        self._session.reader.focus = (column.name, message.neuron.unit)
        self._show()

    @on(NetworkPane.Inspected)
    def _neuron_inspected(self) -> None:
        if self._chosen is None and self._scene:
            self._chosen = self._scene.neuron
        self.action_pane(6)
        self._show()

    @on(OpsPane.Jumped)
    def _op_chosen(self, message: OpsPane.Jumped) -> None:
        self._travel(self._session.frame.position.step, message.op)

    @on(LossPane.Followed)
    def _curve_followed(self) -> None:
        self.action_command("history")

    @on(Pane.Stepped)
    def _stepped(self, message: Pane.Stepped) -> None:
        self.action_step("forward" if message.by > 0 else "back")

    def _find(self, text: str) -> None:
        """Goes to the next op of that name in the list."""
        frame = self._session.frame
        try:
            op = find_op(text, self._session.network.ops, frame.op.number if frame.op else 0)
        except UsageError as error:
            self._say(str(error), "error")
            return
        self.action_pane(3)
        self.query_one(OpsPane).choose(op)

    def _obey(self, command: Command) -> None:
        """Does what a command says.

        Raises:
            UsageError: it cannot be done.
        """
        name, listed, text = command.name, not command.word, ""
        if name == "quit":
            self.app.exit()
        elif name == "suspend":
            self.app.action_suspend_process()
        elif name == "theme":
            self.app.theme = f"nntui-{command.word}"
        elif name == "speed":
            self._playback.set_stops(command.number)
        elif name == "scale":
            self._log = command.word == "log"
        elif name == "goto":
            self._travel(*orders.place(self._session, command))
        elif name in pages.NAMES or (name == "whatif" and command.cell is None):
            self._open(command)
        elif name in ("edits", "branches") or (name in ("break", "branch") and listed):
            name = "branches" if name == "branch" else name
            self.app.push_screen(Chooser(list_of(self._session, name)), self._list_left)
        elif name == "break" and command.word == "here":
            ops = self.query_one(OpsPane)
            op = ops.chosen if ops.has_focus else None
            text = orders.stop_here(self._session, op, self._chosen_row)
        else:
            if name not in ("depth", "sample", "watch", "unwatch"):
                self._playback.stop()
            text = orders.obey(self._session, command)
        self._show()
        self._say(text)

    def _open(self, command: Command) -> None:
        """Opens the page that a command asks for.

        Raises:
            UsageError: there is nothing to show.
        """
        self._playback.stop()
        self._show()
        if self._scene is not None:
            page = pages.page(self._session, self._scene, self.focused, command)
            self.app.push_screen(page, self._list_left)

    def _list_left(self, line: str | None) -> None:
        """Does what was chosen in a list; after a breakpoint the list is there again.

        A line that is still to be completed goes to the prompt.
        """
        if line and line.endswith(" ") and self._scene:
            offered = edits.offers(self._scene, self._chosen_row, line.partition(" ")[0])
            self._ask_for_number(sorted(offered, key=lambda offer: offer.line != line))
        else:
            for each in (line or "").splitlines():
                self.action_command(each)
        if line and line.startswith(("enable", "disable")):
            self.action_command("break")

    # -- the rest ------------------------------------------------------------------------------

    def _say(self, text: str, severity: SeverityLevel = "information") -> None:
        if text:
            self.notify(text, severity=severity, timeout=4, markup=False)
