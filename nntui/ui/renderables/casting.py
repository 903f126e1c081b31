"""How each column is drawn, so that all fit: as boxes, as lines, as a tile, or as maps.

Columns fold when they are too tall for the pane: boxes with a line per number, boxes with a number
and its gradient on a line, boxes with only the newest number and its gradient, one line per
neuron, a heat tile. Layers of images are columns of maps, drawn as large as all columns fit.
"""

from __future__ import annotations

from collections.abc import Sequence
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
class Part:
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

    def arranged(self, ways: tuple[Layout, ...]) -> Part:
        """The same with its maps arranged otherwise."""
        return replace(self, ways=ways, width=ways[0].size[1])

    def smallest(self) -> Part:
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


def cast(rich: Sequence[Part], width: int, height: int) -> list[Part]:
    """How each column is drawn, so that all fit if that is possible, else as small as can be."""
    smaller = shrunk(rich, width, height)
    if _fits(smaller, width):
        return _widened(smaller, width)
    return _shorter([part.smallest() for part in rich], width, height)


def shrunk(parts: Sequence[Part], width: int, height: int) -> list[Part]:
    """The parts made smaller one by one until all fit, or none can be made smaller."""
    out = list(parts)
    while not _fits(shorter := _shorter(out, width, height), width):
        wide = max(out, key=lambda part: (len(part.ways) > 1, part.richness))
        if len(wide.ways) < _LAST_WAYS:
            break
        out[out.index(wide)] = wide.arranged(wide.ways[1:])
    return shorter


def _widened(parts: Sequence[Part], width: int) -> list[Part]:
    """The parts with more maps in view, where there is room left and some are not."""
    out = list(parts)
    for k, part in enumerate(out):
        if part.ways and part.ways[0].part:
            out[k] = part.arranged((part.ways[0].widened(width - _needed(out)),))
    return out


def part_of(shape: Shape, width: int, height: int, many: bool, bare: bool) -> Part:
    """A column drawn as large as the pane allows.

    Args:
        many: whether the network has so many neurons that only few of them are boxes.
        bare: whether colours and half-blocks do not come through.
    """
    if shape.maps is not None:
        ways = tuple(arrangements(shape.maps, width, height, bare=bare))
        return Part(shape, Fold.MAPS, ways[0].size[1], ways)
    fold = _fold(shape, height, many)
    return Part(shape, fold, _width(shape, fold, height))


def _shorter(parts: Sequence[Part], width: int, height: int) -> list[Part]:
    """The parts with boxes as narrow, and names as short, as it takes for all to fit."""
    out = list(parts)
    for longest in range(LONGEST_NAME, 4, -1):
        if _fits(out, width):
            break
        for k, part in enumerate(out):
            if not part.ways:
                fold = _narrower(part.shape, part.fold, height)
                out[k] = Part(part.shape, fold, _width(part.shape, fold, height, longest))
    return out


def _fits(parts: Sequence[Part], width: int) -> bool:
    return _needed(parts) <= width


def _needed(parts: Sequence[Part]) -> int:
    return sum(part.width for part in parts) + sum(part.gap for part in parts[1:])


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


def tile_size(units: int, height: int) -> tuple[int, int]:
    """How many neurons across a tile has, and how wide each is."""
    across = max(1, ceil(units / (2 * height)))
    square = isqrt(max(units - 1, 0)) + 1
    across = max(across, min(square, 32))
    return across, 2 if across <= 16 else 1


def _width(shape: Shape, fold: Fold, height: int, longest: int = LONGEST_NAME) -> int:
    if fold is Fold.HEAT:
        across, cell = tile_size(shape.units, height)
        return max(across * cell, 8)
    if fold is Fold.CELL:
        return CELL + min(max(shape.name, 3), longest) + shape.beside
    return PAIRED_BOX if fold is Fold.PAIRED else BOX
