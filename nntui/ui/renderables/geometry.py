"""Where the neurons go: which columns are in view, how tall each neuron is, and at which row.

Columns fold when they are too tall for the pane: boxes with a line per number, boxes with a number
and its gradient on a line, boxes with only the newest number and its gradient, one line per
neuron, a heat tile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from math import ceil, isqrt

from nntui.ui.renderables.neuron import BOX, CELL, PAIRED_BOX

GAP = 9
"""The least room between two columns."""

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


@dataclass(frozen=True)
class Shape:
    """What a column asks for.

    Attributes:
        units: how many neurons.
        full, paired, short: the height of each kind of box.
        name: cells of the longest name.
        beside: cells of what stands to the right of a neuron on a single line.
    """

    units: int
    full: int
    paired: int
    short: int
    name: int = 4
    beside: int = 0

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

    def middle(self, unit: int) -> int:
        """The row at which the edges of a neuron arrive."""
        if self.fold is Fold.HEAT:
            return self.y + min(unit // self.across // 2, self.height - 1)
        return self.top[unit] + (self.size - 1) // 2

    def unit_at(self, x: int, y: int) -> int | None:
        """The neuron at a point measured from the column's corner."""
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


def plan(shapes: Sequence[Shape], width: int, height: int, focus: int) -> Plan:
    """Places the columns in `width` × `height` cells so that column `focus` is in view.

    The view depends on `focus` alone: it is the same whether one comes from the left or the right.
    """
    many = sum(shape.units for shape in shapes) > MANY
    folds = [_fold(shape, height, many) for shape in shapes]
    widths = [_width(shape, fold, height) for shape, fold in zip(shapes, folds, strict=True)]
    for longest in range(LONGEST_NAME, 4, -1):
        if sum(widths) + GAP * (len(widths) - 1) <= width:
            break
        folds = [_narrower(s, f, height) for s, f in zip(shapes, folds, strict=True)]
        widths = [
            _width(shape, fold, height, longest) for shape, fold in zip(shapes, folds, strict=True)
        ]
    start, stop = _window(widths, width, focus)
    shown = range(start, stop)
    spare = width - sum(widths[c] for c in shown) - COMFORT * (len(shown) - 1)
    for c in shown:
        extra = min(max(0, shapes[c].name + 5 - widths[c]), spare, 10)
        if folds[c] is Fold.FULL and extra > 0:
            widths[c] += extra
            spare -= extra
    free = width - sum(widths[c] for c in shown)
    gap = free // (len(shown) - 1) if len(shown) > 1 else 0
    gap = min(gap, max(30, GAP))
    x = (width - sum(widths[c] for c in shown) - gap * (len(shown) - 1)) // 2
    placements = []
    for c in shown:
        placements.append(_place(c, shapes[c], folds[c], x, widths[c], height))
        x += widths[c] + gap
    return Plan(tuple(placements), start, len(shapes) - stop)


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


def _window(widths: Sequence[int], width: int, focus: int) -> tuple[int, int]:
    """The columns in view: all where they fit, else the page with `focus` and its neighbours."""

    def last(start: int) -> int:
        room, stop = width, start
        while stop < len(widths):
            room -= widths[stop] + (GAP if stop > start else 0)
            if room < 0:
                break
            stop += 1
        return max(stop, start + 1)

    start, stop = 0, last(0)
    while stop < len(widths):
        margin = 1 if stop - start > 2 else 0
        if focus + margin < stop:
            return start, stop
        start = max(start + 1, stop - 1 - margin)
        stop = last(start)
    while start > 0 and last(start - 1) == len(widths):
        start -= 1
    return start, stop


def _place(column: int, shape: Shape, fold: Fold, x: int, width: int, height: int) -> Placement:
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
