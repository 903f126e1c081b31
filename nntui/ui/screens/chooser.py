"""A list over the screen, in which Enter gives a command."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from nntui.ui.listings import Listed
from nntui.ui.renderables.boxes import framed
from nntui.ui.spans import Line, pad, restyle, wrap_words
from nntui.ui.widgets.painted import Painted


class ListText(Painted):
    """The lines of a list, as many as fit, with a cursor."""

    def __init__(self, listed: Listed) -> None:
        super().__init__()
        self.listed = listed
        self.cursor = 0

    def move(self, by: int) -> None:
        """Moves the cursor."""
        last = len(self.listed.entries) - 1
        self.cursor = min(max(self.cursor + by, 0), max(last, 0))
        self.draw()

    def on_resize(self) -> None:
        """Fits the size."""
        self.draw()

    def draw(self) -> None:
        """Shows the lines around the cursor."""
        cells, rows = self.size
        entries = self.listed.entries
        first = max(0, min(self.cursor - (rows - 3) // 2, len(entries) - rows + 2))
        lines: list[Line] = []
        for k, entry in enumerate(entries[first : first + rows - 2], first):
            line = pad(((" ", "text"), *entry.line), cells - 2)
            lines.append(restyle(line, "cursor") if k == self.cursor else line)
        if not entries:
            lines = [((" ", "text"), *line) for line in wrap_words(self.listed.empty, cells - 4)]
        title: Line = ((self.listed.title, "strong bold"),)
        enter = f"{self.listed.enter}   " if entries else ""
        foot: Line = ((f"{enter}Esc closes", "dim"),)
        self.paint(framed(lines, cells, rows, title=title, footer=foot, style="accent"))


class Chooser(ModalScreen[str]):
    """Shows a list; its result is the command of the chosen line, or empty."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("pagedown", "move(10)", show=False),
        Binding("pageup", "move(-10)", show=False),
        Binding("g,home", "move(-1000000)", show=False),
        Binding("G,end", "move(1000000)", show=False),
        Binding("enter", "choose", show=False),
        *(Binding(str(k), f"pick({k})", show=False) for k in range(1, 10)),
    ]

    def __init__(self, listed: Listed) -> None:
        super().__init__()
        self._listed = listed

    def compose(self) -> ComposeResult:
        """The list, as high as it needs to be."""
        text = ListText(self._listed)
        text.styles.height = max(len(self._listed.entries), 2) + 2
        yield text

    def action_move(self, by: int) -> None:
        """Moves the cursor."""
        self.query_one(ListText).move(by)

    def action_choose(self) -> None:
        """Gives the command of the line."""
        entries = self._listed.entries
        self.dismiss(entries[self.query_one(ListText).cursor].command if entries else "")

    def action_pick(self, number: int) -> None:
        """Gives the command of the line with a figure in front."""
        if self._listed.digits and number <= len(self._listed.entries):
            self.dismiss(self._listed.entries[number - 1].command)

    def action_leave(self) -> None:
        """Gives no command."""
        self.dismiss("")
