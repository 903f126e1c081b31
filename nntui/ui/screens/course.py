"""What a number was at every step so far, over the screen."""

from __future__ import annotations

from dataclasses import replace
from math import isfinite
from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from nntui.ui.errand import carry_out
from nntui.ui.numbers import Numbers
from nntui.ui.renderables.boxes import framed
from nntui.ui.renderables.course import Page, Sought, course_lines
from nntui.ui.spans import Line, cut
from nntui.ui.stepper import Stepper
from nntui.ui.widgets.painted import Painted

WIDE = 90
"""The width from which on all keys are named."""


class CourseText(Painted):
    """The page as a widget."""

    page: Page
    others = False
    """Whether there are other numbers to turn to."""

    def show(self, page: Page) -> None:
        """Draws another page, or the same otherwise."""
        self.page = page
        self.draw()

    def on_resize(self) -> None:
        """Fits the size."""
        self.draw()

    def draw(self) -> None:
        """Draws the page in its frame."""
        cells, rows = self.size
        if cells < 20 or rows < 8:
            return
        course = self.page.course
        text = cut(course.text, cells - 24)
        title: Line = ((text, "strong bold"), (f"  step by step, on {course.branch}", "dim"))
        keys = "← → step   < > extremes   Enter goes there   Esc"
        if cells >= WIDE:
            keys = "← → step   ↑ ↓ ten   < smallest   > largest   Enter goes there   Esc closes"
        if self.others:
            keys = f"Tab next number   {keys}"
        body = [((" ", "text"), *line) for line in course_lines(self.page, cells - 4, rows - 2)]
        foot: Line = ((keys, "dim"),)
        self.paint(framed(body, cells, rows, title=title, footer=foot, style="accent"))


class CourseScreen(ModalScreen[str]):
    """Shows the course of a number; its result is the command that goes to the chosen step."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,H", "leave", show=False),
        Binding("escape", "back", show=False),
        Binding("left,h", "move(-1)", show=False),
        Binding("right,l", "move(1)", show=False),
        Binding("down,j", "move(-10)", show=False),
        Binding("up,k", "move(10)", show=False),
        Binding("pagedown", "leap(-1)", show=False),
        Binding("pageup", "leap(1)", show=False),
        Binding("home,g", "move(-1000000000)", show=False),
        Binding("end,G", "move(1000000000)", show=False),
        Binding("less_than_sign", "extreme(False)", show=False),
        Binding("greater_than_sign", "extreme(True)", show=False),
        Binding("n", "seek(1)", show=False),
        Binding("N", "seek(-1)", show=False),
        Binding("tab", "turn(1)", show=False),
        Binding("shift+tab", "turn(-1)", show=False),
        Binding("backspace", "erase", show=False),
        Binding("enter", "choose", show=False),
    ]

    def __init__(self, session: Stepper, numbers: Numbers) -> None:
        super().__init__()
        self._session = session
        self._numbers = numbers
        self._at = numbers.at
        self._text = CourseText(id="course")
        self._text.others = len(numbers.texts) > 1
        self._found = False
        self._begin()

    def compose(self) -> ComposeResult:
        """The page."""
        yield self._text

    def on_mount(self) -> None:
        """Begins to find out."""
        self._find_out()

    def on_key(self, event: events.Key) -> None:
        """Writes at the number that is looked for."""
        character, text = event.character or "", self._text.page.sought.text
        if character and character in ("0123456789.-+e" if text else "0123456789.-"):
            event.stop()
            self._found = False
            self._show(sought=Sought(text + character))

    def action_move(self, by: int) -> None:
        """To a later step, or an earlier one."""
        page = self._text.page
        self._show(cursor=min(max(page.cursor + by, 1), max(page.course.steps, 1)))

    def action_leap(self, by: int) -> None:
        """A tenth of the way on, or back."""
        self.action_move(by * max(self._text.page.course.steps // 10, 1))

    def action_extreme(self, largest: bool) -> None:
        """To where it was the smallest, or the largest."""
        course = self._text.page.course
        step = course.highest if largest else course.lowest
        if step is not None:
            self._show(cursor=step)

    def action_seek(self, by: int) -> None:
        """To the next step at which it was the value that was written, or the last before."""
        page = self._text.page
        try:
            value = float(page.sought.text)
        except ValueError:
            return
        if not isfinite(value):
            return
        course = page.course
        again = 0 if by > 0 else course.steps + 1
        step = course.crossing(value, page.cursor, by) or course.crossing(value, again, by)
        self._found = step is not None
        self._show(
            cursor=page.cursor if step is None else step,
            sought=replace(page.sought, missing=step is None),
        )

    def action_erase(self) -> None:
        """Takes the last character back."""
        self._found = False
        self._show(sought=Sought(self._text.page.sought.text[:-1]))

    def action_turn(self, by: int) -> None:
        """To another number."""
        texts = self._numbers.texts
        if len(texts) > 1:
            self._at = (self._at + by) % len(texts)
            self._begin()
            self._find_out()

    def action_choose(self) -> None:
        """Looks for the value that was written; or leaves for the chosen step."""
        page = self._text.page
        if page.sought.text and not self._found:
            self.action_seek(1)
        elif page.course.steps:
            self.dismiss(f"goto step {page.cursor} op {page.course.op}")

    def action_back(self) -> None:
        """Forgets the value that was written; or leaves everything as it was."""
        if self._text.page.sought.text:
            self._found = False
            self._show(sought=Sought())
        else:
            self.dismiss("")

    def action_leave(self) -> None:
        """Leaves everything as it was."""
        self.dismiss("")

    def _begin(self) -> None:
        """Shows what is known of the number at once."""
        course = self._session.study.course(self._numbers.texts[self._at])
        now = self._session.frame.position.step
        self._found = False
        self._text.page = Page(course, min(now, max(course.steps, 1)), now, share=0.0)

    def _show(
        self,
        *,
        cursor: int | None = None,
        share: float | None = None,
        sought: Sought | None = None,
    ) -> None:
        page = self._text.page
        if share is not None:
            page = replace(page, share=share)
        if sought is not None:
            page = replace(page, sought=sought)
        self._text.show(page if cursor is None else replace(page, cursor=cursor))

    @work(exclusive=True)
    async def _find_out(self) -> None:
        """Finds out the values, and tells how far it has come."""
        work = self._session.study.follow(self._text.page.course)
        await carry_out(work, lambda share: self._show(share=share))
        self._text.show(replace(self._text.page, share=None))
