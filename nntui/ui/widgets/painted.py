"""A widget that shows lines, and repaints only those that changed."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.theme import Theme
from textual.widget import Widget

from nntui.ui.palette import Palette, palette
from nntui.ui.spans import BLANK, Line


class Painted(Widget):
    """Lines of spans on the screen."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._lines: list[Line] = []
        self._strips: dict[int, Strip] = {}

    def on_mount(self) -> None:
        """Follows the theme."""
        self.app.theme_changed_signal.subscribe(self, self._theme_changed)

    @property
    def lines(self) -> Sequence[Line]:
        """What is shown."""
        return self._lines

    @property
    def palette(self) -> Palette:
        """The colours of the current theme."""
        return palette(self.app.theme)

    def paint(self, lines: Sequence[Line]) -> None:
        """Shows lines instead of the ones before."""
        old = self._lines
        self._lines = list(lines)
        changed = [
            y
            for y in range(max(len(old), len(lines)))
            if (old[y] if y < len(old) else None) != (lines[y] if y < len(lines) else None)
        ]
        if not changed:
            return
        for y in changed:
            self._strips.pop(y, None)
        self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def render_line(self, y: int) -> Strip:
        """One row, as wide as the widget."""
        strip = self._strips.get(y)
        if strip is None or strip.cell_length != self.size.width:
            strip = self._strip(self._lines[y] if y < len(self._lines) else BLANK)
            self._strips[y] = strip
        return strip

    def _strip(self, line: Line) -> Strip:
        colours = self.palette
        strip = Strip([Segment(text, colours[style]) for text, style in line])
        return strip.adjust_cell_length(self.size.width, colours["text"])

    def _theme_changed(self, _: Theme) -> None:
        self._strips.clear()
        self.refresh()
