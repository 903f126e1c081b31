"""`Window`: the rectangle that slides over an image, in convolutions and in pooling.

Everything about places and cells is said here once: how often the window fits, which cells of the
image lie under it at a place, and which places reach a given cell. Sizes and places are (height,
width) and (row, column), counted from 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

import numpy as np

from nntui.engine.options import Array

Pair = tuple[int, int]


@final
@dataclass(frozen=True)
class Window:
    """A window and the border of zeros that it may slide out into.

    Attributes:
        kernel: its size.
        stride: how far it moves from one place to the next.
        before: zeros above and to the left of the image.
        after: zeros below and to the right of it.
    """

    kernel: Pair
    stride: Pair
    before: Pair = (0, 0)
    after: Pair = (0, 0)

    @property
    def count(self) -> int:
        """How many cells the window has."""
        return math.prod(self.kernel)

    @property
    def is_tile(self) -> bool:
        """Whether the places lie side by side, without a border: no cell is under two of them."""
        return self.stride == self.kernel and self.before == self.after == (0, 0)

    @property
    def has_border(self) -> bool:
        """Whether there are zeros around the image."""
        return any((*self.before, *self.after))

    def bordered(self, size: Pair) -> Pair:
        """The size of an image with the border."""
        height, width = (s + b + a for s, b, a in zip(size, self.before, self.after, strict=True))
        return height, width

    def places(self, size: Pair) -> Pair:
        """How many (rows, columns) of places an image of a size has; 0 where it does not fit."""
        fits = zip(self.bordered(size), self.kernel, self.stride, strict=True)
        rows, columns = (max(0, (s - k) // step + 1) for s, k, step in fits)
        return rows, columns

    def offsets(self) -> Iterator[Pair]:
        """The cells of the window in reading order."""
        yield from np.ndindex(*self.kernel)

    def cell(self, place: Pair, offset: Pair, size: Pair) -> Pair | None:
        """The cell of the image under a cell of the window at a place; None in the border."""
        row, column = (
            p * step - b + o
            for p, step, b, o in zip(place, self.stride, self.before, offset, strict=True)
        )
        return (row, column) if 0 <= row < size[0] and 0 <= column < size[1] else None

    def under(self, place: Pair, size: Pair) -> Iterator[tuple[Pair, Pair | None]]:
        """(cell of the window, cell of the image) at a place, in reading order."""
        for offset in self.offsets():
            yield offset, self.cell(place, offset, size)

    def reaching(self, cell: Pair, places: Pair) -> Iterator[tuple[Pair, Pair]]:
        """(place, cell of the window) for each place that reaches a cell of the image."""
        ranges = [
            [(r, at) for r in range(count) if 0 <= (at := c + b - r * step) < k]
            for c, b, step, k, count in zip(
                cell, self.before, self.stride, self.kernel, places, strict=True
            )
        ]
        for row, p in ranges[0]:
            for column, q in ranges[1]:
                yield (row, column), (p, q)

    def inner(self, bordered: Array) -> Array:
        """The image without its border: a view.

        Args:
            bordered: (channels, height, width, batch), border included.
        """
        (top, left), (bottom, right) = self.before, self.after
        height, width = bordered.shape[1:3]
        return bordered[:, top : height - bottom, left : width - right]

    def strip(self, bordered: Array, offset: Pair, places: Pair) -> Array:
        """What lies under one cell of the window at all places: a view.

        Args:
            bordered: (channels, height, width, batch), border included.

        Returns:
            (channels, rows, columns, batch).
        """
        rows, columns = (
            slice(o, o + step * (count - 1) + 1, step)
            for o, step, count in zip(offset, self.stride, places, strict=True)
        )
        return bordered[:, rows, columns]
