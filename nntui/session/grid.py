"""`Grid`: a small matrix of numbers, a piece of the figure that goes with a formula.

A figure is a row of grids with operators between them: kernel ⊙ patch = products. It is the same
calculation as the formula's, laid out as the numbers lie in their tensors.
"""

from __future__ import annotations

from dataclasses import dataclass

Place = tuple[int, int]
"""(row, column) in a grid, from 0."""


@dataclass(frozen=True)
class Grid:
    """A matrix.

    Attributes:
        title: what it is: "w", "x of channel 2".
        values: row by row; None where nothing has been computed yet, or where nothing belongs.
        current: the number that is being worked on, or that stands out: a winner.
        lit: the numbers that have been worked on.
        note: a word below it, such as the sum of its numbers; or empty.
        total: the number that the note is about, whose sign gives its colour.
        largest: the largest magnitude among its numbers, those still to be computed too: the
            measure of its colours, the same at every step.
        masked: what a mask has left out.
    """

    title: str
    values: tuple[tuple[float | None, ...], ...]
    current: Place | None = None
    lit: frozenset[Place] = frozenset()
    note: str = ""
    total: float | None = None
    largest: float = 0.0
    masked: frozenset[Place] = frozenset()

    @property
    def size(self) -> tuple[int, int]:
        """(rows, columns)."""
        return len(self.values), max((len(row) for row in self.values), default=0)

    def at(self, place: Place) -> float | None:
        """A number; None where there is none."""
        return self.values[place[0]][place[1]]


Figure = tuple[Grid | str, ...]
"""Grids, and the operators between them: "⊙", "=", "→"."""
