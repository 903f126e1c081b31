"""A layer too tall for a line per neuron: a tile of half-blocks, two neurons a character."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from nntui.ui.palette import HEAT_LEVELS
from nntui.ui.spans import Line, Span

_HALF = "▀"


def heat_style(value: float | None, scale: float) -> str:
    """The colour of a number on a scale of magnitudes: `positive-2`, or `none` near zero."""
    if value is None or scale <= 0:
        return "none" if value is None or isfinite(value) else "fault"
    if not isfinite(value):
        return "fault"
    level = min(int(abs(value) / scale * (HEAT_LEVELS + 0.5)), HEAT_LEVELS)
    return "none" if level == 0 else f"{'positive' if value > 0 else 'negative'}-{level - 1}"


def heat_lines(
    values: Sequence[float | None],
    columns: int,
    scale: float,
    *,
    cell: int = 2,
    selected: int | None = None,
) -> list[Line]:
    """`values` row by row on `columns`, two rows a line, each value `cell` characters wide.

    The selected one is underlined by a full block in the text's colour.
    """
    rows = -(-len(values) // columns)
    lines: list[Line] = []
    for top in range(0, rows, 2):
        spans: list[Span] = []
        for column in range(columns):
            upper, lower = top * columns + column, (top + 1) * columns + column
            spans.append(_pair(values, upper, lower, scale, cell, selected))
        lines.append(_merged(spans))
    return lines


def _pair(
    values: Sequence[float | None],
    upper: int,
    lower: int,
    scale: float,
    cell: int,
    selected: int | None,
) -> Span:
    if upper >= len(values):
        return (" " * cell, "text")
    top = "strong" if upper == selected else f"heat-{heat_style(values[upper], scale)}"
    if lower >= len(values):
        return (_HALF * cell, top)
    if lower == selected:
        return ("▄" * cell, f"strong under-{heat_style(values[upper], scale)}")
    return (_HALF * cell, f"{top} under-{heat_style(values[lower], scale)}")


def _merged(spans: Sequence[Span]) -> Line:
    out: list[Span] = []
    for text, style in spans:
        if out and out[-1][1] == style:
            out[-1] = (out[-1][0] + text, style)
        else:
            out.append((text, style))
    return tuple(out)
