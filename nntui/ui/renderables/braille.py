"""A grid of braille characters, 2 × 4 dots a cell, drawn on with lines."""

from __future__ import annotations

from nntui.ui.spans import Line

_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""The bit of a dot, by its column and row in the cell."""


class Braille:
    """Dots on `columns` × `rows` cells; of several styles in a cell the highest rank shows."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns = columns
        self.rows = rows
        self._bits = [0] * (columns * rows)
        self._ranks = [-1] * (columns * rows)
        self._styles = ["text"] * (columns * rows)

    def dot(self, x: int, y: int, style: str, rank: int = 0) -> None:
        """Sets one dot; outside the grid nothing happens."""
        if not (0 <= x < self.columns * 2 and 0 <= y < self.rows * 4):
            return
        cell = (y >> 2) * self.columns + (x >> 1)
        bit = _DOTS[x & 1][y & 3]
        if rank > self._ranks[cell]:
            if rank >= 10:
                self._bits[cell] = 0
            self._ranks[cell], self._styles[cell] = rank, style
        elif rank < self._ranks[cell] >= 10:
            return
        self._bits[cell] |= bit

    def line(self, start: tuple[int, int], end: tuple[int, int], style: str, rank: int = 0) -> None:
        """A straight line of dots."""
        (x0, y0), (x1, y1) = start, end
        steps = max(abs(x1 - x0), abs(y1 - y0), 1)
        for k in range(steps + 1):
            x = x0 + (2 * k * (x1 - x0) + steps) // (2 * steps)
            y = y0 + (2 * k * (y1 - y0) + steps) // (2 * steps)
            self.dot(x, y, style, rank)

    def style_at(self, column: int, row: int) -> str | None:
        """The style of a cell, None where it is empty."""
        cell = row * self.columns + column
        return self._styles[cell] if self._bits[cell] else None

    def lines(self) -> list[Line]:
        """The grid as lines, neighbours of one style in one span."""
        return [self._row(y) for y in range(self.rows)]

    def _row(self, y: int) -> Line:
        spans: list[tuple[str, str]] = []
        text, style = "", ""
        for cell in range(y * self.columns, (y + 1) * self.columns):
            bits = self._bits[cell]
            here = self._styles[cell] if bits else style or "text"
            if here != style and text:
                spans.append((text, style))
                text = ""
            style = here
            text += chr(0x2800 + bits) if bits else " "
        if text:
            spans.append((text, style))
        return tuple(spans)
