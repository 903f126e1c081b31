"""Checkpoints within a memory budget: how a run can go back to any training step.

A checkpoint is a copy of the state after some number of steps. Those of the whole run are a fixed
stride apart; when there is no more room every other one is dropped and the stride doubles. The
stretch the cursor is in is kept more densely, and filled in as it is replayed. Everything between
checkpoints is recomputed: the program, the data and the random numbers of a step are functions of
its number, so the same state gives the same bits.
"""

from __future__ import annotations

from typing import Final, final

import numpy as np

from nntui.engine.options import Array

DEFAULT_BUDGET: Final = 64 << 20
"""Bytes of checkpoints, where nothing else is asked for."""

_DENSE_SHARE: Final = 4
_SMALL: Final = 10_000
_FIRST_STRIDES: Final = (16, 64)


@final
class History:
    """The checkpoints of one branch.

    Args:
        state: the state after `origin` steps.
        origin: how many training steps had been done when the branch began.
        budget: bytes for all checkpoints; there is always room for a few.
    """

    def __init__(self, state: Array, origin: int, budget: int = DEFAULT_BUDGET) -> None:
        self.origin = origin
        size = max(1, state.nbytes)
        self.stride = _FIRST_STRIDES[size > _SMALL]
        dense = max(2, budget // _DENSE_SHARE // size)
        self._coarse = _Rows(max(4, budget // size - dense), state)
        self._dense = _Rows(dense, state)
        self._segment = -1
        self._coarse.put(0, state)

    @property
    def kept(self) -> int:
        """How many checkpoints of the whole run there are."""
        return self._coarse.count

    @property
    def nbytes(self) -> int:
        """Memory in use, in bytes."""
        return self._coarse.nbytes + self._dense.nbytes

    @property
    def due(self) -> int:
        """After how many training steps the next checkpoint of the whole run belongs."""
        return self.origin + self._coarse.count * self.stride

    def keep(self, done: int, state: Array) -> None:
        """Take a checkpoint after `done` steps, if one is due there."""
        if done != self.due:
            return
        if self._coarse.full:
            self._coarse.thin()
            self.stride *= 2
            self._segment = -1
            if done != self.due:
                return
        self._coarse.put(self._coarse.count, state)

    def nearest(self, done: int) -> tuple[int, Array]:
        """The last checkpoint at or before `done` steps: after how many, and the state.

        The array is the checkpoint itself, not to be written to.
        """
        place = min((done - self.origin) // self.stride, self._coarse.count - 1)
        start = self.origin + place * self.stride
        found, state = start, self._coarse.at(place)
        if place == self._segment:
            row = min((done - start) // self.fine, self._dense.count) - 1
            if row >= 0:
                found, state = start + (row + 1) * self.fine, self._dense.at(row)
        return found, state

    @property
    def fine(self) -> int:
        """How many steps the dense checkpoints of a segment are apart."""
        return -(-self.stride // self._dense.capacity)

    def fill(self, done: int, state: Array) -> None:
        """Take a dense checkpoint, if `done` carries on those of the segment it is in."""
        place = min((done - 1 - self.origin) // self.stride, self._coarse.count - 1)
        start = self.origin + place * self.stride
        if place != self._segment:
            self._segment = place
            self._dense.clear()
        row = self._dense.count
        if done == start + (row + 1) * self.fine and not self._dense.full:
            self._dense.put(row, state)

    def forget_after(self, done: int) -> None:
        """Drop every checkpoint of more than `done` steps."""
        places = (done - self.origin) // self.stride + 1
        self._coarse.count = min(self._coarse.count, places)
        self._segment = -1


@final
class _Rows:
    """Copies of a vector in one piece of memory, which the system hands out as it is filled."""

    def __init__(self, capacity: int, like: Array) -> None:
        self.capacity = capacity
        self.count = 0
        self._rows: Array = np.empty((capacity, like.size), like.dtype)

    @property
    def full(self) -> bool:
        return self.count == self.capacity

    @property
    def nbytes(self) -> int:
        return self.count * self._rows.strides[0]

    def at(self, row: int) -> Array:
        row_of: Array = self._rows[row]
        return row_of

    def put(self, row: int, state: Array) -> None:
        self._rows[row] = state
        self.count = row + 1

    def clear(self) -> None:
        self.count = 0

    def thin(self) -> None:
        """Keep every other row, the first among them."""
        kept = -(-self.count // 2)
        # Row by row: source and target overlap.
        for row in range(1, kept):
            self._rows[row] = self._rows[2 * row]
        self.count = kept
