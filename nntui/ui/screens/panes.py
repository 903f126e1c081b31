"""The panes on a screen: where they stand, which of them are visible, and which has the focus."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from nntui.session.frame import Network
from nntui.ui.widgets.bars import Header, KeyBar
from nntui.ui.widgets.loss import LossPane
from nntui.ui.widgets.map import MapView
from nntui.ui.widgets.network import NetworkView
from nntui.ui.widgets.networkpane import NetworkPane
from nntui.ui.widgets.neuron import NeuronPane
from nntui.ui.widgets.operation import OperationPane
from nntui.ui.widgets.ops import OpsPane
from nntui.ui.widgets.pane import Pane
from nntui.ui.widgets.parameters import ParametersPane
from nntui.ui.widgets.prompt import Prompt
from nntui.ui.widgets.strip import StripView

WIDE, TALL = 110, 30
"""From this size on all panes are on the screen together."""


class PanesScreen(Screen[None]):
    """Abstract: the panes of a network."""

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

    def __init__(self, network: Network) -> None:
        super().__init__()
        self._network = network
        self._tab = 2
        self._asked_from: Widget | None = None

    def compose(self) -> ComposeResult:
        """The panes; which of them are visible is up to the style sheet."""
        network = self._network
        yield Header()
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield self._network_pane()
                with Horizontal(id="lower"):
                    yield LossPane()
                    yield NeuronPane()
            with Vertical(id="right"):
                yield OperationPane()
                yield OpsPane(network)
                yield ParametersPane()
        yield Static("nntui needs 40 × 12 cells", id="small", markup=False)
        yield Prompt(self._prompt_left)
        yield KeyBar()

    def _network_pane(self) -> NetworkPane:
        """The first pane: what suits the network."""
        network = self._network
        if network.chart:
            return MapView(network, network.chart)
        return StripView(network) if network.has_time else NetworkView(network)

    def on_resize(self, event: events.Resize) -> None:
        """Tells the panes whether they share their place."""
        shared = event.size.width < WIDE or event.size.height < TALL
        names = {2: "operation", 3: "ops", 4: "params", 5: "loss", 6: "neuron"}
        for pane in self._panes():
            pane.tabs = ()
            if shared and pane.NUMBER > 1:
                others = "  ".join(f"{n} {name}" for n, name in names.items() if n != pane.NUMBER)
                pane.tabs = ((others, "dim"),)

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

    def ask(
        self,
        kind: str,
        obey: Callable[[str], None],
        suggestions: Sequence[str],
        lines: Sequence[str] = ("",),
    ) -> None:
        """Opens the prompt in the place of the keys; see `Prompt.open`."""
        self._asked_from = self.focused
        self.query_one(KeyBar).display = False
        self.query_one(Prompt).open(kind, obey, suggestions, lines)

    def _prompt_left(self) -> None:
        """The keys are back, and the focus is where it was."""
        self.query_one(KeyBar).display = True
        before = self._asked_from
        self.set_focus(before if isinstance(before, Pane) else self.query_one(NetworkPane))

    def _panes(self) -> Iterator[Pane]:
        return iter(sorted(self.query(Pane), key=lambda pane: pane.NUMBER))

    def _visible(self) -> set[int]:
        if self.has_class("-wide") and self.has_class("-tall"):
            return {1, 2, 3, 4, 5, 6}
        return {1, self._tab}
