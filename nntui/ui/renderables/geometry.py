"""Where the neurons go: which columns are in view, how tall each neuron is, and at which row.

Columns fold when they are too tall for the pane: boxes with a line per number, boxes with a number
and its gradient on a line, boxes with only the newest number and its gradient, one line per
neuron, a heat tile. Layers of images are columns of maps, drawn as large as all columns fit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from math import ceil, isqrt

from nntui.ui.renderables.maps import Layout, MapShape, arrangements
from nntui.ui.renderables.neuron import BOX, CELL, PAIRED_BOX
from nntui.ui.renderables.tile import Scale

GAP = 9
"""The least room between two columns, for the edges."""

NARROW_GAP = 3
"""The least room before a column of maps, which has no edges."""

COMFORT = 10
"""The room between columns from which on boxes may grow wider for their names."""

LONGEST_NAME = 12
"""Cells of a name on a single line."""

MANY = 64
"""From so many neurons on, columns are drawn as lines or tiles."""

FEW = 4
"""Neurons of a column that are boxes even then."""


class Fold(Enum):
    """How the neurons of a column are drawn."""

    FULL = "full"
    PAIRED = "paired"
    SHORT = "short"
    CELL = "cell"
    HEAT = "heat"
    MAPS = "maps"


@dataclass(frozen=True)
class Shape:
    """What a column asks for.

    Attributes:
        units: how many neurons.
        full, paired, short: the height of each kind of box.
        name: cells of the longest name.
        beside: cells of what stands to the right of a neuron on a single line.
        maps: its maps, where it is a layer of images.
        hidden: it has no room of its own.
    """

    units: int
    full: int
    paired: int
    short: int
    name: int = 4
    beside: int = 0
    maps: MapShape | None = None
    hidden: bool = False

    def size(self, fold: Fold) -> int:
        """Rows of a neuron."""
        sizes = {Fold.FULL: self.full, Fold.PAIRED: self.paired, Fold.SHORT: self.short}
        return sizes.get(fold, 1)


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
    rich = [_part(shapes[c], width, height, many, bare) for c in seen]
    cast = _cast(rich, width, height)
    at = max((k for k, c in enumerate(seen) if c <= focus), default=0)
    start, stop = _window(cast, width, at)
    if stop - start < len(cast):
        page = [r if r.ways else c for r, c in zip(rich, cast, strict=True)][start:stop]
        cast[start:stop] = _shrunk(page, width, height)
    shown = range(start, stop)
    widths, least = _stretched(cast[start:stop], width)
    free = width - sum(widths) - sum(least)
    extra = min(free // (len(shown) - 1), 21) if len(shown) > 1 else 0
    x = (width - sum(widths) - sum(least) - extra * (len(shown) - 1)) // 2
    placements = []
    for k, wide, gap in zip(shown, widths, [*least, 0], strict=True):
        unit = (units or {}).get(seen[k], 0)
        placements.append(_place(seen[k], cast[k], x, wide, height, unit))
        x += wide + gap + extra
    return Plan(tuple(placements), start, len(seen) - stop)


@dataclass(frozen=True)
class _Part:
    """A column on its way to a place: how it is drawn, and how wide that makes it.

    Attributes:
        ways: how its maps may be arranged; the first is the one in use.
    """

    shape: Shape
    fold: Fold
    width: int
    ways: tuple[Layout, ...] = ()

    @property
    def gap(self) -> int:
        """The least room before it."""
        return NARROW_GAP if self.ways else GAP

    def arranged(self, ways: tuple[Layout, ...]) -> _Part:
        """The same with its maps arranged otherwise."""
        return replace(self, ways=ways, width=ways[0].size[1])

    def smallest(self) -> _Part:
        """The same as small as it can be with everything in view."""
        return self.arranged(self.ways[-_LAST_WAYS:]) if self.ways else self

    @property
    def richness(self) -> tuple[int, int, int]:
        """Which part should shrink first: numbers become colours, then maps become smaller.

        A single map, such as the input, stays large longer: windows slide over it. That some maps
        are out of view comes last.
        """
        more = len(self.ways) > _LAST_WAYS
        several = self.shape.maps is not None and self.shape.maps.maps > 1
        numbers = bool(self.ways) and self.ways[0].scale is Scale.NUMBERS
        return 3 if numbers else more + (more and several), len(self.ways), self.width


_LAST_WAYS = 2
"""Ways left of a column of maps when the next one leaves some out."""


def _cast(rich: Sequence[_Part], width: int, height: int) -> list[_Part]:
    """How each column is drawn, so that all fit if that is possible, else as small as can be."""
    shrunk = _shrunk(rich, width, height)
    if _fits(shrunk, width):
        return _widened(shrunk, width)
    return _shorter([part.smallest() for part in rich], width, height)


def _shrunk(parts: Sequence[_Part], width: int, height: int) -> list[_Part]:
    """The parts made smaller one by one until all fit, or none can be made smaller."""
    out = list(parts)
    while not _fits(shorter := _shorter(out, width, height), width):
        wide = max(out, key=lambda part: (len(part.ways) > 1, part.richness))
        if len(wide.ways) < _LAST_WAYS:
            break
        out[out.index(wide)] = wide.arranged(wide.ways[1:])
    return shorter


def _widened(parts: Sequence[_Part], width: int) -> list[_Part]:
    """The parts with more maps in view, where there is room left and some are not."""
    out = list(parts)
    for k, part in enumerate(out):
        if part.ways and part.ways[0].part:
            out[k] = part.arranged((part.ways[0].widened(width - _needed(out)),))
    return out


def _part(shape: Shape, width: int, height: int, many: bool, bare: bool) -> _Part:
    if shape.maps is not None:
        ways = tuple(arrangements(shape.maps, width, height, bare=bare))
        return _Part(shape, Fold.MAPS, ways[0].size[1], ways)
    fold = _fold(shape, height, many)
    return _Part(shape, fold, _width(shape, fold, height))


def _shorter(parts: Sequence[_Part], width: int, height: int) -> list[_Part]:
    """The parts with boxes as narrow, and names as short, as it takes for all to fit."""
    out = list(parts)
    for longest in range(LONGEST_NAME, 4, -1):
        if _fits(out, width):
            break
        for k, part in enumerate(out):
            if not part.ways:
                fold = _narrower(part.shape, part.fold, height)
                out[k] = _Part(part.shape, fold, _width(part.shape, fold, height, longest))
    return out


def _fits(parts: Sequence[_Part], width: int) -> bool:
    return _needed(parts) <= width


def _needed(parts: Sequence[_Part]) -> int:
    return sum(part.width for part in parts) + sum(part.gap for part in parts[1:])


def _stretched(parts: Sequence[_Part], width: int) -> tuple[list[int], list[int]]:
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


def _fold(shape: Shape, height: int, many: bool) -> Fold:
    boxes = (Fold.FULL, Fold.PAIRED, Fold.SHORT) if not many or shape.units <= FEW else ()
    for fold in boxes:
        if shape.units * shape.size(fold) <= height:
            return fold
    return Fold.CELL if shape.units <= height else Fold.HEAT


def _narrower(shape: Shape, fold: Fold, height: int) -> Fold:
    """A narrower way to draw a wide box."""
    if fold is not Fold.PAIRED:
        return fold
    return Fold.SHORT if shape.units * shape.short <= height else Fold.CELL


def _tile(units: int, height: int) -> tuple[int, int]:
    """How many neurons across a tile has, and how wide each is."""
    across = max(1, ceil(units / (2 * height)))
    square = isqrt(max(units - 1, 0)) + 1
    across = max(across, min(square, 32))
    return across, 2 if across <= 16 else 1


def _width(shape: Shape, fold: Fold, height: int, longest: int = LONGEST_NAME) -> int:
    if fold is Fold.HEAT:
        across, cell = _tile(shape.units, height)
        return max(across * cell, 8)
    if fold is Fold.CELL:
        return CELL + min(max(shape.name, 3), longest) + shape.beside
    return PAIRED_BOX if fold is Fold.PAIRED else BOX


def _window(parts: Sequence[_Part], width: int, focus: int) -> tuple[int, int]:
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


def _place(column: int, part: _Part, x: int, width: int, height: int, unit: int) -> Placement:
    shape, fold = part.shape, part.fold
    if part.ways:
        maps = part.ways[0].at(unit)
        rows = maps.size[0]
        y = max(0, (height - rows) // 2)
        return Placement(column, fold, x, y, width, rows, (), rows, maps=maps)
    if fold is Fold.HEAT:
        across, cell = _tile(shape.units, height)
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
