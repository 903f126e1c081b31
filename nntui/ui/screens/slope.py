"""Is this gradient right? A page over the screen, for one number or a whole parameter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from nntui.errors import UsageError
from nntui.session.frame import Cell
from nntui.session.slope import Survey
from nntui.ui.errand import carry_out
from nntui.ui.renderables.boxes import framed
from nntui.ui.renderables.slope import slope_lines, survey_lines
from nntui.ui.spans import Line, cut, plain, wrap_words
from nntui.ui.stepper import Stepper
from nntui.ui.widgets.painted import Painted

ABOVE = 4
"""Lines above the first number of a whole parameter, with the frame's."""


class SlopeText(Painted):
    """The page as a widget, as long as it has to be.

    Args:
        cells: numbers of parameters; the page is about one of them.
    """

    def __init__(self, session: Stepper, cells: Sequence[Cell], at: int) -> None:
        super().__init__()
        self._session = session
        self._cells = tuple(cells)
        self._at = at
        self._cursor = 0
        self._survey: Survey | None = None
        self._whole: list[Line] = []

    @property
    def cell(self) -> Cell:
        """The number it is about."""
        return self._cells[self._at]

    @property
    def is_whole(self) -> bool:
        """Whether it is about the whole parameter."""
        return bool(self._whole or self._survey)

    def move(self, across: int, down: int) -> int | None:
        """To another number; of a whole parameter, the line that has to stay in view."""
        if self._survey is None:
            self._at = (self._at + across) % len(self._cells)
            self.draw()
            return None
        last = len(self._survey.slopes) - 1
        self._cursor = min(max(self._cursor + across + down, 0), last)
        self.draw()
        return ABOVE + self._cursor if self._cursor else 0

    def look_closer(self) -> None:
        """From a whole parameter to the chosen number of it."""
        if self._survey is not None and self._survey.slopes:
            slopes = self._survey.slopes
            self._cells = tuple(Cell(s.parameter, s.index) for s in slopes)
            self.show_one(self._cursor)

    def show_one(self, at: int | None = None) -> None:
        """One number."""
        self._at = self._at if at is None else at
        self._survey, self._whole = None, []
        self.draw()

    def show_all(self, survey: Survey) -> None:
        """A whole parameter."""
        self._survey, self._cursor = survey, 0
        self.draw()

    def say(self, line: Line) -> None:
        """What there is to say of a whole parameter until it has been checked."""
        self._whole = [line]
        self.draw()

    def as_text(self) -> str:
        """The page as text, for the clipboard."""
        return "\n".join(plain(line).rstrip() for line in self._inside(100, -1)) + "\n"

    def on_resize(self, _: events.Resize) -> None:
        """Fits the width."""
        self.draw()

    def draw(self) -> None:
        """Draws the page in its frame."""
        cells = self.size.width
        if cells < 12:
            return
        inside = [((" ", "text"), *line) for line in self._inside(cells - 4, self._cursor)]
        text = f"Is the gradient of {self.cell.tensor} right?"
        title: Line = ((cut(text, cells - 6), "strong bold"),)
        keys = "← → number   a all of them   y copy   Esc closes"
        if self.is_whole:
            keys = "↑ ↓ number   Enter looks closer   y copy   Esc closes"
        foot: Line = ((keys, "dim"),)
        height = max(len(inside) + 2, 3)
        self.paint(framed(inside, cells, height, title=title, footer=foot, style="accent"))
        self.styles.height = height

    def _inside(self, cells: int, cursor: int) -> list[Line]:
        """What is inside the frame."""
        if self._survey is not None:
            return survey_lines(self._survey, cells, cursor)
        if self._whole:
            return self._whole
        try:
            slope = self._session.study.slopes.of(self.cell.tensor, self.cell.index)
        except UsageError as error:
            return wrap_words(str(error), cells)
        return slope_lines(slope, cells)


class SlopeScreen(ModalScreen[str]):
    """Checks a gradient; the arrows go to other numbers."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,x", "leave", show=False),
        Binding("left,h", "move(-1, 0)", show=False),
        Binding("right,l", "move(1, 0)", show=False),
        Binding("down,j", "move(0, 1)", show=False),
        Binding("up,k", "move(0, -1)", show=False),
        Binding("pagedown", "move(0, 10)", show=False),
        Binding("pageup", "move(0, -10)", show=False),
        Binding("g,home", "move(0, -1000000)", show=False),
        Binding("G,end", "move(0, 1000000)", show=False),
        Binding("a", "all", show=False),
        Binding("y", "copy", show=False),
        Binding("enter", "choose", show=False),
    ]

    def __init__(
        self, session: Stepper, cells: Sequence[Cell], at: int = 0, *, whole: bool = False
    ) -> None:
        super().__init__()
        self._session = session
        self._text = SlopeText(session, cells, at)
        self._begin_whole = whole

    def compose(self) -> ComposeResult:
        """The page, scrollable where the terminal is small."""
        with VerticalScroll(id="slope"):
            yield self._text

    def on_mount(self) -> None:
        """Begins with the whole parameter, where that was asked for."""
        if self._begin_whole:
            self.action_all()

    def action_move(self, across: int, down: int) -> None:
        """To another number, or line."""
        line = self._text.move(across, down)
        scroll = self.query_one(VerticalScroll)
        if line is None:
            scroll.scroll_relative(y=down, animate=False)
        elif not scroll.scroll_y < line < scroll.scroll_y + scroll.size.height - 1:
            scroll.scroll_to(y=max(line - scroll.size.height // 2, 0), animate=False)

    def action_all(self) -> None:
        """All numbers of the parameter, the worst first; or one again."""
        if self._text.is_whole:
            self.workers.cancel_node(self)
            self._text.show_one()
        else:
            self._check_all(self._text.cell.tensor)

    def action_choose(self) -> None:
        """Looks closer at the chosen number."""
        self._text.look_closer()
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def action_copy(self) -> None:
        """The page to the clipboard."""
        self.app.copy_to_clipboard(self._text.as_text())
        self.notify("Copied.", timeout=4)

    def action_leave(self) -> None:
        """Back to where it was opened."""
        self.dismiss("")

    @work(exclusive=True)
    async def _check_all(self, parameter: str) -> None:
        """Checks a whole parameter, and tells how far it has come."""

        def report(share: float) -> None:
            text = f"checking every number of {parameter}: {share:.0%}".replace("%", " %")
            self._text.say(((text, "dim"),))

        report(0.0)
        try:
            survey = await carry_out(self._session.study.slopes.all(parameter), report)
        except UsageError as error:
            self._text.say(((str(error), "text"),))
            return
        self._text.show_all(survey)
