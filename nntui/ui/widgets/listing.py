"""A pane with more lines than rows: it shows a window of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from textual import events

from nntui.ui.spans import Line
from nntui.ui.widgets.pane import Pane

T = TypeVar("T")


class Listing(Pane):
    """Abstract: keeps which line is the first in view."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._top = 0
        self._total = 0
        self._rows = 1
        self._kept: tuple[int | None, int] = (None, 1)

    def window(self, lines: Sequence[T], rows: int, keep: int | None = None) -> Sequence[T]:
        """The lines in view; `keep` is one that has to be, with its neighbours where they fit.

        Which they are depends on `keep` alone, until somebody scrolls: so the list looks the same
        whether one comes from before or from after.
        """
        changed = (keep, rows) != self._kept
        self._total, self._rows, self._kept = len(lines), rows, (keep, rows)
        if changed:
            page = max(rows - 2, 1)
            self._top = max((keep or 0) - 1, 0) // page * page
        self._top = min(max(self._top, 0), max(len(lines) - rows, 0))
        return lines[self._top : self._top + rows]

    def range_text(self) -> Line:
        """Which lines are in view, where not all are."""
        if self._total <= self._rows:
            return ()
        last = min(self._top + self._rows, self._total)
        return ((f"{self._top + 1}–{last} of {self._total}", "dim"),)

    def action_move(self, across: int, down: int) -> None:
        """Scrolls."""
        self._top = min(max(self._top + down, 0), max(self._total - self._rows, 0))
        self.repaint()

    def on_mouse_scroll_down(self, _: events.MouseScrollDown) -> None:
        """Scrolls with the wheel."""
        self.action_move(0, 2)

    def on_mouse_scroll_up(self, _: events.MouseScrollUp) -> None:
        """Scrolls with the wheel."""
        self.action_move(0, -2)
