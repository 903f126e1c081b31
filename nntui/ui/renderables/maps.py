"""How the maps of an image layer are arranged in a column: how large, side by side or stacked.

A column has a map for each channel, with its filter's kernel beside it where there is room. What
does not fit is left out, page by page: maps first, then parts of maps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from nntui.session.grid import Place
from nntui.ui.renderables.tile import Scale

BETWEEN: Final = 2
"""Cells between two maps side by side."""

LEAST: Final = 6
"""Cells of the narrowest column: its title needs some room."""


@dataclass(frozen=True)
class MapShape:
    """What a column of maps asks for.

    Attributes:
        maps: how many.
        rows, columns: of each.
        kernel: (rows, columns) of the kernel beside each map; (0, 0) for none.
    """

    maps: int
    rows: int
    columns: int
    kernel: tuple[int, int] = (0, 0)

    @property
    def is_labelled(self) -> bool:
        """Whether a line above each map says which one it is."""
        return self.maps > 1 or any(self.kernel)


@dataclass(frozen=True)
class Layout:
    """Where the maps of a column are.

    Attributes:
        across, down: how many maps there is room for, side by side and stacked.
        kernels: whether kernels stand beside the maps.
        rows, columns: how much of a map there is room for.
        first: the first map in view.
        top, left: the first cell in view of each map.
    """

    shape: MapShape
    scale: Scale
    across: int
    down: int
    kernels: bool
    rows: int
    columns: int
    first: int = 0
    top: int = 0
    left: int = 0

    @property
    def block(self) -> tuple[int, int]:
        """(lines, cells) of a map with its label and its kernel."""
        high, wide = self.scale.size(self.rows, self.columns)
        if self.kernels:
            high = max(high, self.scale.size(*self.shape.kernel)[0])
        return high + self.shape.is_labelled, wide + self.before_map

    @property
    def before_map(self) -> int:
        """Cells of the kernel beside a map, and of the room between them."""
        return self.scale.size(*self.shape.kernel)[1] + 1 if self.kernels else 0

    @property
    def size(self) -> tuple[int, int]:
        """(lines, cells) of all of it."""
        high, wide = self.block
        across = min(self.across, self.shape.maps)
        down = min(self.down, -(-self.shape.maps // self.across))
        return down * high, max(across * wide + (across - 1) * BETWEEN, LEAST)

    @property
    def page(self) -> int:
        """How many maps there is room for."""
        return self.across * self.down

    def widened(self, spare: int) -> Layout:
        """The same with more maps side by side, where not all are in view."""
        room = spare // (self.block[1] + BETWEEN)
        return replace(self, across=min(self.across + room, -(-self.shape.maps // self.down)))

    def shown(self) -> Iterator[tuple[int, int, int]]:
        """(map, line, cell) of the upper left corner of each map in view, its label included."""
        high, wide = self.block
        for k in range(min(self.page, self.shape.maps - self.first)):
            down, across = divmod(k, self.across)
            yield self.first + k, down * high, across * (wide + BETWEEN)

    def at(self, unit: int) -> Layout:
        """The page on which a neuron is in view."""
        number, rest = divmod(unit, self.shape.rows * self.shape.columns)
        row, column = divmod(rest, self.shape.columns)
        return replace(
            self,
            first=number // self.page * self.page,
            top=page_of(row, self.rows, self.shape.rows),
            left=page_of(column, self.columns, self.shape.columns),
        )

    def line(self, unit: int) -> int:
        """The line a neuron is on, or would be on nearest its map."""
        number, rest = divmod(unit, self.shape.rows * self.shape.columns)
        row = min(max(rest // self.shape.columns - self.top, 0), self.rows - 1)
        down = min(max(number - self.first, 0), self.page - 1) // self.across
        within = row // 2 if self.scale is Scale.HALF else row
        return down * self.block[0] + self.shape.is_labelled + within

    def unit_at(self, x: int, y: int) -> int | None:
        """The neuron at a point of the column."""
        for number, line, cell in self.shown():
            within = self.scale.place(
                x - cell - self.before_map,
                y - line - self.shape.is_labelled,
                self.rows,
                self.columns,
            )
            if within is not None:
                return self.unit(number, (within[0] + self.top, within[1] + self.left))
        return None

    def neighbour(self, unit: int, across: int, down: int) -> int | None:
        """The neuron beside one, on the map beside where it is at the edge; None for no more."""
        rows, columns = self.shape.rows, self.shape.columns
        number, rest = divmod(unit, rows * columns)
        row, column = divmod(rest, columns)
        row, column = row + down, column + across
        if across and not 0 <= column < columns:
            place = number % self.across + across
            if not 0 <= place < self.across or not 0 <= number + across < self.shape.maps:
                return None
            return self.unit(number + across, (row, 0 if across > 0 else columns - 1))
        if not 0 <= row < rows:
            step = self.across if down > 0 else -self.across
            if abs(down) > 1 or not 0 <= number + step < self.shape.maps:
                return self.unit(number, (min(max(row, 0), rows - 1), column))
            return self.unit(number + step, (0 if down > 0 else rows - 1, column))
        return self.unit(number, (row, column))

    @property
    def part(self) -> str:
        """Which maps are in view, where not all of them are."""
        if self.page >= self.shape.maps:
            return ""
        last = min(self.first + self.page, self.shape.maps)
        return f"  {self.first + 1}–{last}/{self.shape.maps}"

    def unit(self, number: int, place: Place) -> int:
        """The neuron at a place of a map."""
        return (number * self.shape.rows + place[0]) * self.shape.columns + place[1]


def page_of(at: int, room: int, size: int) -> int:
    """Where the page begins that something is on; the last page is full."""
    return max(0, min(at // room * room, size - room))


def arrangements(shape: MapShape, width: int, height: int, *, bare: bool) -> list[Layout]:
    """Ways to arrange a column's maps in a height, from the one that shows the most.

    Args:
        bare: whether colours and half-blocks do not come through.
    """
    wide, half = (Scale.DIGITS,) * 2 if bare else (Scale.WIDE, Scale.HALF)
    has = any(shape.kernel)
    wanted = [(Scale.NUMBERS, has), (wide, has), (half, has), (half, False)]
    ways = []
    for scale, kernels in dict.fromkeys(wanted):
        way = Layout(shape, scale, 1, 1, kernels, shape.rows, shape.columns)
        down = height // way.block[0]
        if down:
            across = -(-shape.maps // down)
            way = replace(way, across=across, down=-(-shape.maps // across))
            if way.size[1] <= width:
                ways.append(way)
    return [*ways, _one_page(shape, width, height, half)]


def _one_page(shape: MapShape, width: int, height: int, scale: Scale) -> Layout:
    """As many maps as can be stacked; of maps that are too large, a part."""
    label = int(shape.is_labelled)
    lines = max(1, height - label) * (2 if scale is Scale.HALF else 1)
    cells = max(1, width // scale.size(1, 1)[1])
    rows, columns = min(shape.rows, lines), min(shape.columns, cells)
    way = Layout(shape, scale, 1, 1, False, rows, columns)
    return replace(way, down=max(1, height // way.block[0]))
