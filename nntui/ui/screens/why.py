"""Why a weight moved: a page over the screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from nntui.session.frame import Cell, ParameterRow
from nntui.ui.renderables.boxes import framed
from nntui.ui.renderables.why import why_lines
from nntui.ui.scene import Scene
from nntui.ui.screens.slope import SlopeScreen
from nntui.ui.spans import Line, plain
from nntui.ui.stepper import Stepper
from nntui.ui.widgets.painted import Painted


class WhyText(Painted):
    """The page as a widget, as long as it has to be."""

    def __init__(self, session: Stepper, rows: Sequence[ParameterRow], at: int) -> None:
        super().__init__()
        self._session = session
        self._rows = rows
        self._at = at
        self._sample = session.reader.sample

    def turn(self, by: int) -> None:
        """To another of the weights."""
        self._at = (self._at + by) % len(self._rows)
        self._draw()

    def change_sample(self, by: int) -> None:
        """Along another sample."""
        self._sample = min(max(self._sample + by, 0), self._session.frame.samples - 1)
        self._draw()

    @property
    def asked(self) -> tuple[list[Cell], int]:
        """The weights that it can be about, and which of them it is about."""
        return [row.cell for row in self._rows], self._at

    def as_text(self) -> str:
        """The page as text, for the clipboard."""
        cell = self._rows[self._at].cell
        lines = why_lines(self._session.reader.why(cell.tensor, cell.index, self._sample), 100)
        return "\n".join(plain(line).rstrip() for line in lines) + "\n"

    def on_resize(self, _: events.Resize) -> None:
        """Fits the width."""
        self._draw()

    def _draw(self) -> None:
        cells = self.size.width
        if cells < 12:
            return
        row = self._rows[self._at]
        why = self._session.reader.why(row.cell.tensor, row.cell.index, self._sample)
        inside = [((" ", "text"), *line) for line in why_lines(why, cells - 4)]
        title: Line = ((f"Why did {row.cell.tensor} {row.symbol} move?", "strong bold"),)
        foot: Line = (("← → weight   , . sample   x check   y copy   Esc closes", "dim"),)
        height = max(len(inside) + 2, 3)
        self.paint(framed(inside, cells, height, title=title, footer=foot, style="accent"))
        self.styles.height = height


class WhyScreen(ModalScreen[None]):
    """Shows the page; the arrows go to other weights, comma and full stop to other samples."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,w", "dismiss", "Close", show=False),
        Binding("left,h", "turn(-1)", show=False),
        Binding("right,l", "turn(1)", show=False),
        Binding("comma", "sample(-1)", show=False),
        Binding("full_stop", "sample(1)", show=False),
        Binding("down,j", "scroll('down')", show=False),
        Binding("up,k", "scroll('up')", show=False),
        Binding("x", "check", show=False),
        Binding("y", "copy", show=False),
    ]

    def __init__(self, session: Stepper, rows: Sequence[ParameterRow], at: int) -> None:
        super().__init__()
        self._session = session
        self._text = WhyText(session, rows, at)

    def compose(self) -> ComposeResult:
        """The page, scrollable where the terminal is small."""
        with VerticalScroll(id="why"):
            yield self._text

    def action_turn(self, by: int) -> None:
        """To another weight of the list it was opened from."""
        self._text.turn(by)

    def action_sample(self, by: int) -> None:
        """Along another sample of the batch."""
        self._text.change_sample(by)

    def action_scroll(self, way: str) -> None:
        """A line up or down."""
        scroll = self.query_one(VerticalScroll)
        scroll.scroll_relative(y=1 if way == "down" else -1, animate=False)

    def action_check(self) -> None:
        """Whether the gradients are right."""
        self.app.push_screen(SlopeScreen(self._session, *self._text.asked))

    def action_copy(self) -> None:
        """The page to the clipboard."""
        self.app.copy_to_clipboard(self._text.as_text())
        self.notify("Copied.", timeout=4)


def candidates(scene: Scene, *, listed: bool) -> tuple[Sequence[ParameterRow], int]:
    """The weights to ask about and which of them first: the one just written, or moved the most.

    Args:
        listed: those of the table of parameters, and not those of the neuron that is looked at.
    """
    rows = scene.parameters if listed or not scene.incoming else scene.incoming
    written = [k for k, row in enumerate(rows) if _is_written(scene, row.cell)]
    moved = sorted(range(len(rows)), key=lambda k: -abs(rows[k].change or 0.0))
    return rows, (written if len(written) == 1 else moved or [0])[0]


def _is_written(scene: Scene, cell: Cell) -> bool:
    frame = scene.frame
    names = (cell.tensor, f"{cell.tensor}.grad")
    return any(frame.is_written(name, *cell.index) for name in names)
