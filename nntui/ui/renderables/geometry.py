"""Where the neurons go: which columns are in view, and at which row each neuron is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from nntui.ui.renderables.casting import (
    COMFORT,
    GAP,
    MANY,
    Fold,
    Part,
    Shape,
    cast,
    part_of,
    shrunk,
    tile_size,
)
from nntui.ui.renderables.maps import Layout


@dataclass(frozen=True)
class Placement:
    """Where a column is.

    Attributes:
        top: the first row of each neuron, from the top of the pane; for a tile, of the tile.
        size: rows of a neuron.
        across: neurons a row of the tile; 1 elsewhere.
        cell: characters a neuron takes in a tile.
        maps: how its maps are arranged, where it has maps.
    """

    column: int
    fold: Fold
    x: int
    y: int
    width: int
    height: int
    top: tuple[int, ...]
    size: int
    across: int = 1
    cell: int = 2
    maps: Layout | None = None

    def middle(self, unit: int) -> int:
        """The row at which the edges of a neuron arrive."""
        if self.maps is not None:
            return self.y + self.maps.line(unit)
        if self.fold is Fold.HEAT:
            return self.y + min(unit // self.across // 2, self.height - 1)
        return self.top[unit] + (self.size - 1) // 2

    def unit_at(self, x: int, y: int) -> int | None:
        """The neuron at a point measured from the column's corner."""
        if self.maps is not None:
            return self.maps.unit_at(x, y)
        if self.fold is Fold.HEAT:
            return (y * 2) * self.across + min(x // self.cell, self.across - 1)
        for unit, top in enumerate(self.top):
            if top <= y + self.y < top + self.size:
                return unit
        return None


@dataclass(frozen=True)
class Plan:
    """All columns in view, left to right; `before` and `after` are how many are not."""

    columns: tuple[Placement, ...]
    before: int = 0
    after: int = 0

    def of(self, column: int) -> Placement | None:
        """The placement of a column, None where it is out of view."""
        return next((p for p in self.columns if p.column == column), None)


def plan(
    shapes: Sequence[Shape],
    width: int,
    height: int,
    focus: int,
    *,
    units: Mapping[int, int] | None = None,
    bare: bool = False,
) -> Plan:
    """Places the columns in `width` × `height` cells so that column `focus` is in view.

    The view depends on `focus` alone: it is the same whether one comes from the left or the right.

    Args:
        units: the neuron to have in view in a column of maps that do not all fit.
        bare: whether colours and half-blocks do not come through.
    """
    seen = [c for c, shape in enumerate(shapes) if not shape.hidden]
    many = sum(shapes[c].units for c in seen if not shapes[c].maps) > MANY
    rich = [part_of(shapes[c], width, height, many, bare) for c in seen]
    parts = cast(rich, width, height)
    at = max((k for k, c in enumerate(seen) if c <= focus), default=0)
    start, stop = _window(parts, width, at)
    if stop - start < len(parts):
        page = [r if r.ways else c for r, c in zip(rich, parts, strict=True)][start:stop]
        parts[start:stop] = shrunk(page, width, height)
    shown = range(start, stop)
    widths, least = _stretched(parts[start:stop], width)
    free = width - sum(widths) - sum(least)
    extra = min(free // (len(shown) - 1), 21) if len(shown) > 1 else 0
    x = (width - sum(widths) - sum(least) - extra * (len(shown) - 1)) // 2
    placements = []
    for k, wide, gap in zip(shown, widths, [*least, 0], strict=True):
        unit = (units or {}).get(seen[k], 0)
        placements.append(_place(seen[k], parts[k], x, wide, height, unit))
        x += wide + gap + extra
    return Plan(tuple(placements), start, len(seen) - stop)


def _stretched(parts: Sequence[Part], width: int) -> tuple[list[int], list[int]]:
    """(widths, least gaps between) of the columns in view: boxes may grow for their names."""
    widths = [part.width for part in parts]
    least = [part.gap for part in parts[1:]]
    spare = width - sum(widths) - sum(least) - (COMFORT - GAP) * len(least)
    for k, part in enumerate(parts):
        extra = min(max(0, part.shape.name + 5 - widths[k]), spare, 10)
        if part.fold is Fold.FULL and extra > 0:
            widths[k] += extra
            spare -= extra
    return widths, least


def _window(parts: Sequence[Part], width: int, focus: int) -> tuple[int, int]:
    """The columns in view: all where they fit, else the page with `focus` and its neighbours."""

    def last(start: int) -> int:
        room, stop = width, start
        while stop < len(parts):
            room -= parts[stop].width + (parts[stop].gap if stop > start else 0)
            if room < 0:
                break
            stop += 1
        return max(stop, start + 1)

    start, stop = 0, last(0)
    while stop < len(parts):
        margin = 1 if stop - start > 2 else 0
        if focus + margin < stop:
            return start, stop
        start = max(start + 1, stop - 1 - margin)
        stop = last(start)
    while start > 0 and last(start - 1) == len(parts):
        start -= 1
    return start, stop


def _place(column: int, part: Part, x: int, width: int, height: int, unit: int) -> Placement:
    shape, fold = part.shape, part.fold
    if part.ways:
        maps = part.ways[0].at(unit)
        rows = maps.size[0]
        y = max(0, (height - rows) // 2)
        return Placement(column, fold, x, y, width, rows, (), rows, maps=maps)
    if fold is Fold.HEAT:
        across, cell = tile_size(shape.units, height)
        rows = min(height, ceil(ceil(shape.units / across) / 2))
        y = (height - rows) // 2
        return Placement(column, fold, x, y, across * cell, rows, (y,), rows, across, cell)
    size = shape.size(fold)
    between = (height - shape.units * size) // (shape.units + 1)
    between = min(between, 4 if size > 1 else 1)
    used = shape.units * size + between * (shape.units - 1)
    y = (height - used) // 2
    tops = tuple(y + unit * (size + between) for unit in range(shape.units))
    return Placement(column, fold, x, y, width, used, tops, size)
