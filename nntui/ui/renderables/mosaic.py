"""The units of a map as a mosaic of colours, on a square grid or with every second row moved.

The best unit of the sample stands in a box, the second best in a dotted one; where two units share
a line, dots in the upper or the lower half of it mark them, on their own colour. Where neither
colours nor half-blocks come through, a text stands in each unit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final

from nntui.ui.format import STALE
from nntui.ui.renderables.neuron import MARKS
from nntui.ui.renderables.tile import merged
from nntui.ui.spans import Line, Span, fit

Place = tuple[int, int]


class Grain(Enum):
    """How large a unit is: (cells, half lines)."""

    BOX = (4, 4)
    WIDE = (2, 2)
    FLAT = (2, 1)
    DOT = (1, 1)

    def __init__(self, cells: int, halves: int) -> None:
        self.cells = cells
        self.halves = halves

    @property
    def is_half(self) -> bool:
        """Whether two rows share a line."""
        return self.halves < 2

    def size(self, rows: int, cols: int, *, moved: bool) -> tuple[int, int]:
        """(lines, cells) of a mosaic."""
        return self.lines(rows), cols * self.cells + self.shift * moved

    def lines(self, rows: int) -> int:
        """Lines of so many rows."""
        return -(-rows * self.halves // 2)

    def rows(self, lines: int) -> int:
        """Rows that fit on so many lines."""
        return lines * 2 // self.halves

    @property
    def shift(self) -> int:
        """Cells by which the rows that are not moved to the left stand to the right."""
        return 0 if self.is_half else self.cells // 2


@dataclass(frozen=True)
class Mosaic:
    """What a map shows.

    Attributes:
        styles: of each unit, a name of the palette's heat (`positive-2`, `none`), or a colour
            (`#ff8000`); row by row.
        texts: of each unit, two characters at most.
        marks: what stands out, by unit: "best", "second", "chosen", "written", "edited", "stale".
        left: the rows that are moved to the left by half a unit; None on a square grid.
    """

    rows: int
    cols: int
    styles: Sequence[str]
    texts: Sequence[str]
    marks: Mapping[int, Sequence[str]] = field(default_factory=dict)
    left: frozenset[int] | None = None

    def part(self, top: int, left: int, rows: int, cols: int) -> Mosaic:
        """A rectangle of it."""
        if (rows, cols) == (self.rows, self.cols):
            return self
        units = [
            r * self.cols + c for r in range(top, top + rows) for c in range(left, left + cols)
        ]
        return replace(
            self,
            rows=rows,
            cols=cols,
            styles=[self.styles[unit] for unit in units],
            texts=[self.texts[unit] for unit in units],
            marks={k: self.marks[unit] for k, unit in enumerate(units) if unit in self.marks},
            left=None if self.left is None else frozenset(r - top for r in self.left),
        )


_SHORT: Final = {
    "best": "[]",
    "second": "::",
    "chosen": "<>",
    "written": f"{MARKS['written']} ",
    "edited": f"{MARKS['edited']} ",
    "stale": f"{STALE} ",
}
"""Marks in a unit of two cells."""

_LONG: Final = {
    "best": ("┌┐", "└┘"),
    "second": ("┌┐", "└┘"),
    "chosen": ("◤◥", "◣◢"),
    "written": (f"{MARKS['written']} ", "  "),
    "edited": (f"{MARKS['edited']} ", "  "),
    "stale": (f"{STALE} ", "  "),
}
"""Marks in a unit of four cells: the corners of both lines."""

_EDGE: Final = {"best": "──", "second": "··", "chosen": "  "}

_DOTS: Final = {"best": (0x1B, 0xE4), "second": (0x03, 0x44), "chosen": (0x09, 0xC0)}
"""Marks in a unit of half a line: the dots of a braille character, in the upper and lower half."""

_BRAILLE: Final = 0x2800


def mosaic_lines(mosaic: Mosaic, grain: Grain) -> list[Line]:
    """A mosaic, each unit of a size."""
    if grain.is_half:
        return [_half(mosaic, top, grain.cells) for top in range(0, mosaic.rows, 2)]
    lines = []
    for row in range(mosaic.rows):
        units = range(row * mosaic.cols, (row + 1) * mosaic.cols)
        before: Line = ()
        if mosaic.left is not None and row not in mosaic.left:
            before = ((" " * grain.shift, "text"),)
        for level in range(grain.halves // 2):
            spans = [_unit(mosaic, unit, grain, level) for unit in units]
            lines.append((*before, *merged(spans)))
    return lines


def unit_at(mosaic: Mosaic, grain: Grain, x: int, y: int) -> int | None:
    """Which unit a point of a mosaic is in."""
    row = y * 2 // grain.halves
    if mosaic.left is not None and row not in mosaic.left:
        x -= grain.shift
    column = x // grain.cells
    inside = 0 <= row < mosaic.rows and 0 <= column < mosaic.cols
    return row * mosaic.cols + column if inside else None


def _unit(mosaic: Mosaic, unit: int, grain: Grain, level: int) -> Span:
    marks = mosaic.marks.get(unit, ())
    text = fit(mosaic.texts[unit], 2)
    shown = _long(marks, text, level)
    if grain is Grain.WIDE:
        shown = _short(marks) if marks else text
    bold = " bold" if marks else ""
    return (shown, f"tile-{mosaic.styles[unit]}{bold}")


def _short(marks: Sequence[str]) -> str:
    """Two characters: of two marks, the left half of the one and the glyph of the other."""
    first, last = _SHORT[marks[0]], _SHORT[marks[-1]]
    return first if len(marks) < 2 else first[0] + _glyph(last)


def _glyph(mark: str) -> str:
    """What of a mark stands on the right: its right half, or the left one where that is blank."""
    return mark[1].strip() or mark[0]


def _long(marks: Sequence[str], text: str, level: int) -> str:
    """Four characters; a second mark stands in the corner at the upper right."""
    if not marks:
        return f" {text} " if level == 0 else "    "
    left, right = _LONG[marks[0]][level][0], _LONG[marks[0]][level][1]
    if level == 0 and len(marks) > 1:
        right = _glyph(_LONG[marks[-1]][level])
    inner = text if level == 0 and text.strip() else _EDGE.get(marks[0], "  ")
    return left + inner + right


def sign(mark: str, grain: Grain) -> str:
    """What a mark looks like, for a legend."""
    return chr(_BRAILLE + _DOTS[mark][0]) if grain.is_half else _SHORT[mark]


def _half(mosaic: Mosaic, top: int, cells: int) -> Line:
    spans: list[Span] = []
    for column in range(mosaic.cols):
        units = [row * mosaic.cols + column for row in (top, top + 1) if row < mosaic.rows]
        mark = _half_mark(mosaic, units)
        if cells > len(mark):
            text, style = _pair([mosaic.styles[unit] for unit in units])
            spans.append((text * (cells - len(mark)), style))
        spans += mark
    return merged(spans)


def _pair(styles: Sequence[str]) -> Span:
    """The colour of a unit, and below it that of the one in the next row, where there is one."""
    upper, *lower = styles
    if not lower:
        return "▀", f"heat-{upper}"
    return ("█", f"heat-{upper}") if lower == [upper] else ("▀", f"heat-{upper} under-{lower[0]}")


def _half_mark(mosaic: Mosaic, units: Sequence[int]) -> Line:
    """The marks of two units that share a line, on the colour of the first that has one."""
    marked = [(half, unit) for half, unit in enumerate(units) if mosaic.marks.get(unit)]
    if not marked:
        return ()
    dots = 0
    for half, unit in marked:
        for mark in mosaic.marks[unit]:
            dots |= _DOTS[mark][half] if mark in _DOTS else 0
    _, first = marked[0]
    text = chr(_BRAILLE + dots) if dots else _SHORT[mosaic.marks[first][0]][0]
    return ((text, f"tile-{mosaic.styles[first]} bold"),)
