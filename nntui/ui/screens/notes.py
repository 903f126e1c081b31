"""The notes of the scenario, to read again, over the screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from nntui.session.lesson import Lesson
from nntui.ui.renderables.boxes import framed
from nntui.ui.renderables.notes import nearest_note, note_blocks
from nntui.ui.spans import Line
from nntui.ui.widgets.painted import Painted

EDGES = 4
"""Cells of the frame and the blanks inside it."""


class NotesText(Painted):
    """The notes, as many as fit, one of them chosen.

    Args:
        op: the number of the op at the cursor.
    """

    def __init__(self, lessons: Sequence[Lesson], op: int) -> None:
        super().__init__()
        self._lessons = lessons
        self._op = op
        self._top = 0
        self._chosen = nearest_note(lessons, op)

    @property
    def chosen(self) -> Lesson:
        """The note that is chosen."""
        return self._lessons[self._chosen]

    def move(self, by: int) -> None:
        """Chooses another."""
        self._chosen = min(max(self._chosen + by, 0), len(self._lessons) - 1)
        self.draw()

    def on_resize(self, _: events.Resize) -> None:
        """Fits the size."""
        self.draw()

    def draw(self) -> None:
        """Shows the lines around the chosen note."""
        cells, rows = self.size
        if cells < 12 or rows < 3:
            return
        inside = rows - 2
        blocks = note_blocks(self._lessons, cells - EDGES, op=self._op, chosen=self._chosen)
        before = sum(map(len, blocks[: self._chosen]))
        # The chosen note is in view, from its beginning, and the rest moves no more than it must.
        self._top = max(self._top, before + len(blocks[self._chosen]) - 1 - inside)
        self._top = min(self._top, before)
        lines = [line for block in blocks for line in block][:-1]
        body = [((" ", "text"), *line) for line in lines[self._top : self._top + inside]]
        title: Line = (("Notes", "strong bold"),)
        foot: Line = (
            (f"{self.chosen.number} of {len(blocks)}   Enter goes there   Esc closes", "dim"),
        )
        self.paint(framed(body, cells, rows, title=title, footer=foot, style="accent"))


class NotesScreen(ModalScreen[str]):
    """Shows the notes; its result is the command that goes to the chosen one, or empty."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,o", "leave", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("pagedown", "move(3)", show=False),
        Binding("pageup", "move(-3)", show=False),
        Binding("g,home", "move(-1000000)", show=False),
        Binding("G,end", "move(1000000)", show=False),
        Binding("enter", "choose", show=False),
    ]

    def __init__(self, lessons: Sequence[Lesson], op: int) -> None:
        super().__init__()
        self._text = NotesText(lessons, op)

    def compose(self) -> ComposeResult:
        """The notes."""
        yield self._text

    def action_move(self, by: int) -> None:
        """Chooses another note."""
        self._text.move(by)

    def action_choose(self) -> None:
        """Gives the command that goes to the op of the chosen note."""
        self.dismiss(f"goto op {self._text.chosen.ops[0]}")

    def action_leave(self) -> None:
        """Gives no command."""
        self.dismiss("")
