"""One neuron up close: its numbers, its activation function, its incoming weights."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from nntui.session.column import Column
from nntui.session.frame import Cell, Frame, ParameterRow
from nntui.ui.format import STALE, signed
from nntui.ui.renderables.activation import Curve
from nntui.ui.renderables.curve import curve_lines
from nntui.ui.renderables.rows import all_rows
from nntui.ui.spans import BLANK, Line, Span, cut, fit, pad, sign_style

NUMBERS = 12
"""Cells of the list of numbers beside the curve."""

MOST = 7
"""Lines that the curve takes at most, and fewer where the weights need them."""

WEIGHTS = 42
"""Cells of the list of weights, where it stands beside them."""

BESIDE = 72
"""Cells from which on it does, which leaves it all lines."""


def inspector_lines(
    column: Column,
    unit: int,
    frame: Frame,
    curve: Curve | None,
    incoming: Sequence[ParameterRow],
    sources: Sequence[str],
    cells: int,
    rows: int,
    edited: frozenset[Cell] = frozenset(),
) -> list[Line]:
    """A neuron in `cells` × `rows`.

    Args:
        sources: the names of the neurons of the column that it reads, which its weights are for.
        edited: numbers that were changed in this step.
    """
    numbers = _numbers(column, unit, frame, curve)
    out: list[Line] = []
    aside = WEIGHTS if cells >= BESIDE and incoming else 0
    weights = _weights(column, incoming, sources, aside or cells, edited)
    height = max(len(numbers), min(rows if aside else rows - len(weights) - 1, MOST))
    width = cells - NUMBERS - 2 - (aside + 2 if aside else 0)
    if curve is not None and width >= 10:
        drawn = curve_lines(curve.x, curve.y, width, height, point=curve.point, slope=curve.slope)
        for k in range(height):
            right = numbers[k] if k < len(numbers) else BLANK
            out.append((*pad(drawn[k], width), ("  ", "text"), *right))
    else:
        out += numbers
    if aside:
        return _abreast(out, cells - aside, _shortened(weights, rows))[:rows]
    room = rows - len(out)
    if room > 1 and weights:
        out += [BLANK, *_shortened(weights, room - 1)]
    return out[:rows]


def _abreast(left: Sequence[Line], cells: int, right: Sequence[Line]) -> list[Line]:
    """Lines side by side, those on the left in so many cells."""
    pairs = zip_longest(left, right, fillvalue=BLANK)
    return [(*pad(one, cells), *other) for one, other in pairs]


def _numbers(column: Column, unit: int, frame: Frame, curve: Curve | None) -> list[Line]:
    lines: list[Line] = []
    for row in all_rows(column):
        index = column.index(unit)
        value = frame.value(row.tensor, *index)
        stale = frame.is_stale(row.tensor, *index)
        lines.append(_number(row.label or "x", value, row.gradient, stale=stale))
    if curve is not None:
        lines.append(_number("f′", curve.slope, False, "accent"))
    return lines


def _number(
    label: str, value: float | None, gradient: bool, style: str = "", *, stale: bool = False
) -> Line:
    label_style = style or ("backward" if gradient else "dim")
    before = (STALE, "error") if stale else (" ", "text")
    number_style = f"{sign_style(value)} italic" if stale else sign_style(value)
    return ((fit(label, 3), label_style), before, (signed(value), number_style))


def _weights(
    column: Column,
    incoming: Sequence[ParameterRow],
    sources: Sequence[str],
    cells: int,
    edited: frozenset[Cell],
) -> list[Line]:
    lines: list[Line] = []
    weighted = any(_is_weight(row.cell) for row in incoming)
    reads = column.weight or (column.parameters[0] if column.parameters else "")
    for row in incoming:
        source = "bias" if weighted and not _is_weight(row.cell) else ""
        if row.cell.tensor == reads and _is_weight(row.cell) and not column.table:
            source = next(iter(sources[row.cell.index[1] :]), "")
        spans: list[Span] = [
            (fit(row.symbol, 3), "text"),
            ("✎" if row.cell in edited else " ", "error bold"),
            (signed(row.value), sign_style(row.value)),
        ]
        if cells >= 30:
            spans += [("  ∂ ", "backward"), (signed(row.gradient), sign_style(row.gradient))]
            spans += [("  ", "text"), (cut(source, cells - 24), "dim")]
        lines.append(tuple(spans))
    return lines


def _is_weight(cell: Cell) -> bool:
    """Whether it is of a matrix of weights, (units, incoming): a norm has no such, nor a bias."""
    return len(cell.index) == 2


def _shortened(lines: Sequence[Line], rows: int) -> list[Line]:
    """The first lines and the last, with how many are missing between."""
    if len(lines) <= rows or rows < 2:
        return list(lines[:rows])
    gap: Line = ((f"… {len(lines) - rows + 1} more …", "dim italic"),)
    return [*lines[: rows - 2], gap, lines[-1]]
