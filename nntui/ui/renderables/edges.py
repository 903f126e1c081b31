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
"""Rows by which a label on a line has to be away from other lit lines."""


APART = 1
"""Rows that have to be free between two labels on lines."""


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


Spot = tuple[int, int, Wire]
"""Where a label begins, and whose it is: its row, its column and a wire."""


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
    patches: dict[int, list[tuple[int, Span]]] = {}
    heads: set[tuple[int, int]] = set()
    for wire in lit:
        at = (wire.start, 0) if backward else (wire.end, columns - 1)
        if at not in heads:
            head = "◀" if backward else "▶"
            patches.setdefault(at[0], []).append((at[1], (head, f"{wire.style} bold")))
        heads.add(at)
    for row, column, wire in _labels(wires, columns, rows, backward):
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


def _labels(wires: Sequence[Wire], columns: int, rows: int, backward: bool) -> Sequence[Spot]:
    """Where the labels are: each on its own line; where those have no room for all, in a column.

    Where there is no room for a column either, those are left out that would seem another's.
    """
    labelled = [
        wire for wire in wires if wire.lit and wire.label and len(wire.label) + 3 <= columns
    ]
    along: list[Spot] = []
    for wire in labelled:
        if place := _place(wire, wires, along, columns, backward):
            along.append((*place, wire))
    if len(along) == len(labelled):
        return along
    starts, ends = ([wire.start for wire in labelled], [wire.end for wire in labelled])
    if len(set(starts)) >= len(set(ends)):
        chosen = _abreast(starts, ends, rows)
        columns_at = [1 if backward else 0] * len(labelled)
    else:
        chosen = _abreast(ends, starts, rows)
        last = columns - (0 if backward else 1)
        columns_at = [last - len(wire.label) - 2 for wire in labelled]
    return list(zip(chosen, columns_at, labelled, strict=True)) if chosen else along


def _abreast(near: Sequence[int], far: Sequence[int], rows: int) -> Sequence[int]:
    """A row for the label of each line at one side of the gap, where those of a row lie together.

    They are in the order in which the lines part. There are none where they would be nearer to
    the lines of another row.

    Args:
        near, far: of each line, its row at this side and at the other one.
    """
    found = [0] * len(near)
    places = sorted(set(near))
    for k, here in enumerate(places):
        group = sorted((j for j, row in enumerate(near) if row == here), key=lambda j: far[j])
        low = (places[k - 1] + here) // 2 + 1 if k else 0
        high = (here + places[k + 1] - 1) // 2 if k + 1 < len(places) else rows - 1
        upwards = sum(far[j] < here for j in group)
        first = max(low, min(here - upwards, high + 1 - len(group)))
        if first + len(group) - 1 > high:
            return ()
        for row, j in enumerate(group, first):
            found[j] = row
    return found


def _place(
    wire: Wire, wires: Sequence[Wire], taken: Sequence[Spot], columns: int, backward: bool
) -> tuple[int, int] | None:
    """Where a label lies on its line and is farthest from the others: (row, column), or None.

    Of equally good places the one nearest to where the line comes from.
    """
    size = len(wire.label) + 2
    rest = [other for other in wires if (other.start, other.end) != (wire.start, wire.end)]
    best, place = CLEAR, None
    for tenth in (3, 2, 4, 5, 6, 7, 8):
        share = (10 - tenth if backward else tenth) / 10
        column = min(round(share * (columns - 1) - size / 2), columns - size - 1)
        column = max(1 if backward else 0, column)
        at = (column + size / 2) / columns
        height = _height(wire, at)
        row = round(height)
        if _seems_of_another(row, wire, rest, at):
            continue
        others = [abs(_height(other, at) - height) for other in rest if other.lit]
        others += [
            abs(y - row) - APART
            for y, start, other in taken
            if column < start + len(other.label) + 2 and start < column + size
        ]
        clearance = min(others, default=99.0)
        if clearance > best + 0.01:
            best, place = clearance, (row, column)
    return place


def _seems_of_another(row: int, wire: Wire, rest: Sequence[Wire], at: float) -> bool:
    """Whether a label is in the row where only another line begins or ends, or is nearer to that.

    Args:
        at: where on its way it is, from 0 to 1: how near counts at the side it is at.
    """
    if row != wire.start and any(row == other.start for other in rest):
        return True
    if row != wire.end and any(row == other.end for other in rest):
        return True
    if at < 0.5:
        return any(abs(row - other.start) < abs(row - wire.start) for other in rest)
    return any(abs(row - other.end) < abs(row - wire.end) for other in rest)


def _height(wire: Wire, at: float) -> float:
    """The row of a line at a share of its way, from 0 to 1."""
    return wire.start + at * (wire.end - wire.start)


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
