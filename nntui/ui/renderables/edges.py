"""The edges between two columns of neurons: dim lines, the lit ones thick and labelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nntui.ui.renderables.braille import Braille
from nntui.ui.spans import Line, Span, crop, width

LIT = 10
"""The rank from which a line clears what is below it."""


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
) -> list[Line]:
    """The gap between two columns, `columns` × `rows` cells.

    Args:
        backward: whether the arrows of the lit edges point to the left.
    """
    if columns < 2:
        return [()] * rows
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
        place = _place(wire, columns, taken, backward) if wire.label else None
        if place:
            row, column = place
            taken.setdefault(row, []).append((column - 1, column + len(wire.label) + 1))
            text = f" {wire.label} "
            patches.setdefault(row, []).append((column - 1, (text, wire.label_style)))
    for row, spans in patches.items():
        if 0 <= row < rows:
            lines[row] = _overlay(lines[row], columns, sorted(spans))
    return lines


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
    wire: Wire, columns: int, taken: dict[int, list[tuple[int, int]]], backward: bool
) -> tuple[int, int] | None:
    """Where a label fits on its line without touching another: (row, column), or None.

    Labels are tried near the end where the lines are apart, which is where they come from.
    """
    size = len(wire.label)
    if size + 3 > columns:
        return None
    for share in (0.3, 0.2, 0.4, 0.5, 0.6, 0.1, 0.7, 0.8):
        share = 1 - share if backward else share
        middle = share * (columns - 1)
        column = min(max(1, round(middle - size / 2)), columns - size - 2)
        at = (column + size / 2) / columns
        row = round(wire.start + at * (wire.end - wire.start))
        if all(column + size <= a or column >= b for a, b in taken.get(row, ())):
            return row, column
    return None


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
