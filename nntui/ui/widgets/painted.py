"""A widget that shows lines, and repaints only those that changed."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.theme import Theme
from textual.widget import Widget

from nntui.ui.palette import Palette, palette
from nntui.ui.plain import PlainText
from nntui.ui.spans import BLANK, Line, difference


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

    @property
    def is_bare(self) -> bool:
        """Whether colours or half-blocks do not come through."""
        plain = any(isinstance(each, PlainText) for each in self.app.get_line_filters())
        return self.app.no_color or plain

    def paint(self, lines: Sequence[Line]) -> None:
        """Shows lines instead of the ones before."""
        old = self._lines
        self._lines = list(lines)
        regions = []
        for y in range(max(len(old), len(lines))):
            before = old[y] if y < len(old) else BLANK
            after = lines[y] if y < len(lines) else BLANK
            if before != after:
                self._strips.pop(y, None)
                start, end = difference(before, after)
                regions.append(Region(start, y, end - start, 1))
        if regions:
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        """One row, as wide as the widget."""
        strip = self._strips.get(y)
        if strip is None or strip.cell_length != self.size.width:
            strip = self._strip(self._lines[y] if y < len(self._lines) else BLANK)
            self._strips[y] = strip
        return strip

    def _strip(self, line: Line) -> Strip:
        """A line in colours: neighbours that look the same are one segment, blanks join any."""
        colours = self.palette
        segments: list[Segment] = []
        for text, style in line:
            look = colours[style]
            if segments:
                last = segments[-1].style
                blank = text.isspace() and not (look.reverse or look.underline)
                if last == look or (
                    blank and last and last.bgcolor == look.bgcolor and not last.reverse
                ):
                    segments[-1] = Segment(segments[-1].text + text, last)
                    continue
            segments.append(Segment(text, look))
        return Strip(segments).adjust_cell_length(self.size.width, colours["text"])

    def _theme_changed(self, _: Theme) -> None:
        self._strips.clear()
        self.refresh()


def _blends(text: str, look: Style, last: Style) -> bool:
    """Whether a blank text looks the same in the style of the segment before it."""
    plain = not (look.reverse or look.underline or last.reverse or last.underline)
    return plain and text.isspace() and last.bgcolor == look.bgcolor
