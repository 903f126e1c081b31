"""An activation function as a small braille curve, with its point and the tangent there."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

from nntui.ui.renderables.braille import Braille
from nntui.ui.spans import Line

Projection = Callable[[float, float], tuple[int, int]]
"""From a point of the curve to a dot."""


def curve_lines(
    xs: Sequence[float],
    ys: Sequence[float],
    columns: int,
    rows: int,
    *,
    point: tuple[float, float] | None = None,
    slope: float | None = None,
) -> list[Line]:
    """The curve through (xs, ys) filling `columns` × `rows` cells, with its axes."""
    finite = [(x, y) for x, y in zip(xs, ys, strict=True) if math.isfinite(y)]
    if len(finite) < 2 or columns < 2 or rows < 1:
        return [()] * rows
    low, high = min(y for _, y in finite), max(y for _, y in finite)
    left, right = finite[0][0], finite[-1][0]
    if high - low < 1e-12:
        low, high = low - 1, high + 1
    grid = Braille(columns, rows)

    def at(x: float, y: float) -> tuple[int, int]:
        across = (x - left) / (right - left) * (columns * 2 - 1)
        down = (high - y) / (high - low) * (rows * 4 - 1)
        return round(across), round(down)

    _axes(grid, at, (left, right), (low, high))
    dots = [at(x, y) for x, y in finite]
    for start, end in pairwise(dots):
        grid.line(start, end, "text", 1)
    if point is not None and all(math.isfinite(v) for v in point):
        here = at(min(max(point[0], left), right), min(max(point[1], low), high))
        if slope is not None and math.isfinite(slope):
            _tangent(grid, at, point, slope, (left, right))
        _blob(grid, here)
    return grid.lines()


def _axes(
    grid: Braille, at: Projection, across: tuple[float, float], down: tuple[float, float]
) -> None:
    if across[0] < 0 < across[1]:
        x, _ = at(0, down[0])
        for y in range(0, grid.rows * 4, 2):
            grid.dot(x, y, "faint")
    if down[0] <= 0 <= down[1]:
        _, y = at(across[0], 0)
        for x in range(0, grid.columns * 2, 2):
            grid.dot(x, y, "faint")


def _tangent(
    grid: Braille,
    at: Projection,
    point: tuple[float, float],
    slope: float,
    across: tuple[float, float],
) -> None:
    reach = (across[1] - across[0]) / 5
    x, y = point
    grid.line(at(x - reach, y - slope * reach), at(x + reach, y + slope * reach), "accent", 2)


def _blob(grid: Braille, here: tuple[int, int]) -> None:
    x, y = here
    for dx in (0, 1):
        for dy in (-1, 0, 1):
            grid.dot(min(x + dx, grid.columns * 2 - 1), y + dy, "accent bold", 11)
