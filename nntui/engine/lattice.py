"""`Lattice`: the grid that the units of a self-organizing map lie on, and distances along it.

A unit has a number, counted row by row from 0, and a place, (row, column). A unit's distance from
another is that of their points in the plane, in units of the distance of neighbours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final, final

import numpy as np
import numpy.typing as npt

from nntui.engine.options import Values

TOPOLOGIES: Final = ("rectangular", "hexagonal")

_REACH: Final = {"rectangular": 1.42, "hexagonal": 1.01}
"""How far apart neighbours may be: eight lie around a unit of a rectangular grid, and six around
one of a hexagonal grid."""

_ROW_HEIGHT: Final = math.sqrt(3.0) / 2.0


@final
@dataclass(frozen=True)
class Lattice:
    """Rows and columns of units.

    On a hexagonal grid rows lie √3/2 apart; the last row, and every second one above it, is moved
    to the left by half a unit, which is the layout of MiniSom
    (`JustGlowing/minisom: minisom.py`, its y being our row).

    Attributes:
        topology: one of `TOPOLOGIES`.
    """

    rows: int
    cols: int
    topology: str = "rectangular"

    @property
    def units(self) -> int:
        """How many units there are."""
        return self.rows * self.cols

    @property
    def is_hexagonal(self) -> bool:
        """Whether every second row is moved."""
        return self.topology == "hexagonal"

    def unit(self, row: float, column: float) -> int:
        """The number of the unit at a place; the nearest one's where the grid has no such place."""
        return self._whole(row, self.rows) * self.cols + self._whole(column, self.cols)

    def place(self, unit: int) -> tuple[int, int]:
        """The (row, column) of a unit."""
        return divmod(unit, self.cols)

    def point(self, row: int, column: int) -> tuple[float, float]:
        """Where a place lies in the plane: (down, right)."""
        if not self.is_hexagonal:
            return float(row), float(column)
        return row * _ROW_HEIGHT, column - 0.5 * self._is_moved(row)

    @cached_property
    def places(self) -> Values:
        """The place of every unit: (units, 2)."""
        return np.stack(np.divmod(np.arange(self.units), self.cols), axis=1).astype(np.float64)

    @cached_property
    def points(self) -> Values:
        """The point of every unit: (units, 2)."""
        return np.array([self.point(*self.place(unit)) for unit in range(self.units)])

    def distances(self, unit: int) -> Values:
        """Of every place from a unit: (rows, cols), a view."""
        row, column = self.place(unit)
        table = self._tables[self._is_moved(row)]
        down, right = self.rows - 1 - row, self.cols - 1 - column
        found: Values = table[down : down + self.rows, right : right + self.cols]
        return found

    def are_adjacent(
        self, one: npt.NDArray[np.intp], other: npt.NDArray[np.intp]
    ) -> npt.NDArray[np.bool_]:
        """Whether units, by number, are neighbours, or the same: (pairs,)."""
        down, right = (self.points[one] - self.points[other]).T
        near: npt.NDArray[np.bool_] = np.hypot(down, right) <= _REACH[self.topology]
        return near

    def neighbours(self, unit: int) -> tuple[int, ...]:
        """The units next to one, by number."""
        near = self.distances(unit) <= _REACH[self.topology]
        return tuple(int(k) for k in np.flatnonzero(near) if k != unit)

    def _is_moved(self, row: int) -> int:
        """1 where a row is moved to the left, else 0."""
        return int(self.is_hexagonal and (self.rows - 1 - row) % 2 == 0)

    @cached_property
    def _tables(self) -> Values:
        """Distances by whether the row of the one unit is moved, and by rows and columns between.

        (2, 2 rows − 1, 2 cols − 1), with 0 rows and columns in the middle.
        """
        down = np.arange(1 - self.rows, self.rows, dtype=np.float64)[:, np.newaxis]
        right = np.arange(1 - self.cols, self.cols, dtype=np.float64)
        if not self.is_hexagonal:
            return np.broadcast_to(np.hypot(down, right), (2, down.size, right.size))
        moved = 0.5 * (down % 2)
        height = down * _ROW_HEIGHT
        return np.stack([np.hypot(height, right - moved), np.hypot(height, right + moved)])

    @staticmethod
    def _whole(index: float, count: int) -> int:
        return int(min(max(0.0, index), count - 1))
