"""The edges between two columns of neurons: dim lines, the lit ones thick and labelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from nntui.ui.renderables.braille import Braille
from nntui.ui.spans import Line, Span, crop, width

LIT = 10
"""The rank from which a line clears what is below it."""


CLEAR = 0.6
"""Rows by which a label has to be away from other lit lines, or it is left out."""


APART = 1
"""Rows that have to be free between two labels."""


@dataclass(frozen=True)
class Wire:
    """An edge from row `start` on the left of the gap to row `end` on its right.

    Attributes:
        style: of the line.
        lit: whether the current op reads or writes it: drawn over the others, with an arrow.
        thick: whether a lit edge is drawn with two rows of dots.
        label: the number on it, where it is lit.
        label_style: of the label.
    """

    start: int
    end: int
    style: str = "faint"
    lit: bool = False
    thick: bool = True
    label: str = ""
    label_style: str = "text"


def edge_lines(
    wires: Sequence[Wire], columns: int, rows: int, *, backward: bool = False
) -> Sequence[Line]:
    """The gap between two columns, `columns` × `rows` cells; the last ones drawn are kept.

    Args:
        backward: whether the arrows of the lit edges point to the left.
    """
    if columns < 2:
        return [()] * rows
    return _drawn(tuple(wires), columns, rows, backward)


@lru_cache(maxsize=64)
def _drawn(wires: tuple[Wire, ...], columns: int, rows: int, backward: bool) -> tuple[Line, ...]:
    grid = Braille(columns, rows)
    for wire in wires:
        _draw(grid, wire, backward)
    lines = grid.lines()
    lit = [wire for wire in wires if wire.lit]
    taken: dict[int, list[tuple[int, int]]] = {}
    patches: dict[int, list[tuple[int, Span]]] = {}
    for wire in lit:
        row, column = (wire.start, 0) if backward else (wire.end, columns - 1)
        head = "◀" if backward else "▶"
        if not any(column in range(*span) for span in taken.get(row, ())):
            taken.setdefault(row, []).append((column, column + 1))
            patches.setdefault(row, []).append((column, (head, f"{wire.style} bold")))
    for wire in lit:
        place = _place(wire, lit, columns, taken, backward) if wire.label else None
        if place:
            row, column = place
            size = len(wire.label) + 2
            taken.setdefault(row, []).append((column, column + size))
            patches.setdefault(row, []).append((column, (f" {wire.label} ", wire.label_style)))
    for row, spans in patches.items():
        if 0 <= row < rows:
            lines[row] = _overlay(lines[row], columns, sorted(spans))
    return tuple(lines)


def _draw(grid: Braille, wire: Wire, backward: bool) -> None:
    """One line, from the left edge's middle to the right edge's, leaving room for its arrow."""
    right = grid.columns * 2 - 1
    left, top, bottom = 0, wire.start * 4 + 1, wire.end * 4 + 1
    if not wire.lit:
        grid.line((left, top), (right, bottom), wire.style)
        return
    for shift in (0, 1) if wire.thick else (0,):
        grid.line((left, top + shift), (right, bottom + shift), wire.style, LIT)


def _place(
    wire: Wire,
    lit: Sequence[Wire],
    columns: int,
    taken: dict[int, list[tuple[int, int]]],
    backward: bool,
) -> tuple[int, int] | None:
    """Where a label lies on its line and is farthest from the others: (row, column), or None.

    Of equally good places the one nearest to where the line comes from.
    """
    size = len(wire.label) + 2
    best, place = CLEAR, None
    for tenth in (3, 2, 4, 5, 6, 7, 8):
        share = (10 - tenth if backward else tenth) / 10
        column = min(max(0, round(share * (columns - 1) - size / 2)), columns - size - 1)
        if column < 0:
            return None
        at = (column + size / 2) / columns
        height = wire.start + at * (wire.end - wire.start)
        row = round(height)
        if any(column < b and a < column + size for a, b in taken.get(row, ())):
            continue
        others = [
            abs(other.start + at * (other.end - other.start) - height)
            for other in lit
            if (other.start, other.end) != (wire.start, wire.end)
        ]
        others += [
            abs(y - row) - APART
            for y, spans in taken.items()
            for a, b in spans
            if b - a > 1 and column < b and a < column + size
        ]
        clearance = min(others, default=99.0)
        if clearance > best + 0.01:
            best, place = clearance, (row, column)
    return place


def _overlay(line: Line, columns: int, spans: Sequence[tuple[int, Span]]) -> Line:
    """A line with texts put over it at the given columns."""
    out: list[Span] = []
    at = 0
    for column, (text, style) in spans:
        out += _between(line, at, column)
        out.append((text, style))
        at = column + width(((text, style),))
    out += _between(line, at, columns)
    return tuple(out)


def _between(line: Line, start: int, end: int) -> Line:
    """The cells `start` to `end` of a line of single-cell characters."""
    out: list[Span] = []
    at = 0
    for text, style in line:
        a, b = max(start, at), min(end, at + len(text))
        if a < b:
            out.append((text[a - at : b - at], style))
        at += len(text)
    return crop(tuple(out), end - start)
