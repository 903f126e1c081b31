"""A map of points in a plane as a net: its knots are the units, where their weights place them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

from nntui.session.chart import Chart
from nntui.ui.renderables.braille import Braille
from nntui.ui.spans import Line, Span

Point = tuple[float, float]

KNOTS: Final = {"sample": "×", "second": "○", "best": "●", "chosen": "◆"}
"""What stands out, the last of them above the others."""

_MARGIN: Final = 0.04
"""How much of the plane is left free around the points."""


@dataclass(frozen=True)
class Plane:
    """The part of a plane that holds some points, on a canvas.

    Attributes:
        low, high: its corners.
        columns, rows: cells of the canvas.
    """

    low: Point
    high: Point
    columns: int
    rows: int

    def dot(self, point: Point) -> tuple[int, int] | None:
        """The dot nearest to a point; None where the point is outside, or no number."""
        if not all(map(isfinite, point)):
            return None
        x, y = (
            (value - low) / ((high - low) or 1.0)
            for value, low, high in zip(point, self.low, self.high, strict=True)
        )
        across, down = self.columns * 2 - 1, self.rows * 4 - 1
        dot = round(x * across), round((1.0 - y) * down)
        return dot if 0 <= dot[0] <= across and 0 <= dot[1] <= down else None

    def cell(self, point: Point) -> tuple[int, int] | None:
        """The cell, (column, row), of a point."""
        dot = self.dot(point)
        return (dot[0] // 2, dot[1] // 4) if dot else None


def plane_of(points: Sequence[Point], columns: int, rows: int) -> Plane:
    """The plane that some points lie in, with room around them."""
    sides = [(min(values), max(values)) for values in zip(*points, strict=True)]
    rims = [_MARGIN * (high - low) for low, high in sides]
    low = tuple(side[0] - rim for side, rim in zip(sides, rims, strict=True))
    high = tuple(side[1] + rim for side, rim in zip(sides, rims, strict=True))
    return Plane((low[0], low[1]), (high[0], high[1]), columns, rows)


def net_lines(
    chart: Chart,
    plane: Plane,
    knots: Sequence[Point],
    points: Sequence[Point],
    marks: Sequence[tuple[str, Point]],
) -> list[Line]:
    """The net over the points.

    Args:
        knots: the weights of each unit.
        marks: what stands out, and where, by the names of `KNOTS`.
    """
    canvas = Braille(plane.columns, plane.rows)
    for point in points:
        if dot := plane.dot(point):
            canvas.dot(*dot, "dim")
    for unit, near in enumerate(chart.neighbours):
        for other in near:
            ends = plane.dot(knots[unit]), plane.dot(knots[other])
            if unit < other and _is_drawn(chart, unit, other) and ends[0] and ends[1]:
                canvas.line(ends[0], ends[1], "accent", 1)
    lines = canvas.lines()
    for name, point in sorted(marks, key=lambda mark: tuple(KNOTS).index(mark[0])):
        if cell := plane.cell(point):
            style = "positive bold" if name == "sample" else "strong bold"
            lines[cell[1]] = _put(lines[cell[1]], cell[0], (KNOTS[name], style))
    return lines


def _is_drawn(chart: Chart, unit: int, other: int) -> bool:
    """Whether there is a thread between neighbours: on a square grid none along diagonals."""
    if chart.is_hexagonal:
        return True
    here, there = chart.place(unit), chart.place(other)
    return here[0] == there[0] or here[1] == there[1]


def _put(line: Line, at: int, mark: Span) -> Line:
    """A line with another character at a cell; every character of it is one cell wide."""
    out: list[Span] = []
    start = 0
    for text, style in line:
        k = at - start
        if 0 <= k < len(text):
            out += [(text[:k], style), mark, (text[k + 1 :], style)]
        else:
            out.append((text, style))
        start += len(text)
    if at >= start:
        out += [(" " * (at - start), "text"), mark]
    return tuple(span for span in out if span[0])
