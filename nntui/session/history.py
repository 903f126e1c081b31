"""Checkpoints within a memory budget: how a run can go back to any training step.

A checkpoint is a copy of the state after some number of steps. Those of a whole branch are a stride
apart. When there is no more room the stride doubles, but every other checkpoint is not dropped
before its room is needed: one after the other, the oldest first, so that the memory stays in use.
The stretch the cursor is in is kept more densely, and filled in as it is replayed. Everything
between checkpoints is recomputed: the program, the data and the random numbers of a step are
functions of its number, so the same state gives the same bits.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Final, final
from weakref import WeakSet

from nntui.engine.options import Array

DEFAULT_BUDGET: Final = 64 << 20
"""Bytes of checkpoints, where nothing else is asked for."""

FEW: Final = 8
"""Checkpoints that there is always room for."""

FIRST_STRIDE: Final = 32
"""Steps between the first checkpoints, where nothing else is asked for."""

_DENSE: Final = 128
"""Checkpoints around the cursor, if they do not take more than their share."""
_DENSE_SHARE: Final = 4
_AT_ONCE: Final = 32
"""Of so many checkpoints one is dropped at once, for dropping one alone costs as much."""
_OVERHEAD: Final = 160
"""Bytes that a checkpoint takes besides its numbers."""


def cost(state: Array) -> int:
    """The memory that a checkpoint of this state takes, in bytes."""
    return state.nbytes + _OVERHEAD


@final
class Budget:
    """The memory for checkpoints that all branches of a run share.

    Args:
        limit: bytes; there is always room for a few checkpoints.
        state: what they are checkpoints of.

    Attributes:
        least: bytes that a few checkpoints take.
        stretch: the dense checkpoints around the cursor.
    """

    def __init__(self, limit: int, state: Array) -> None:
        self.least = FEW * cost(state)
        self.limit = max(limit, self.least)
        self.stretch = Stretch(min(_DENSE, self.limit // _DENSE_SHARE // cost(state)))
        self._coarse = self.limit - self.stretch.capacity * cost(state)
        self._histories: WeakSet[History] = WeakSet()
        self._used = 0

    @property
    def nbytes(self) -> int:
        """Memory in use, in bytes."""
        return sum(history.nbytes for history in self._histories) + self.stretch.nbytes

    def join(self, history: History) -> None:
        """Let a history have a share."""
        self._histories.add(history)

    def take(self, size: int) -> bool:
        """Take so many bytes; False where they are not free, but for others that get thinned."""
        self._used += size
        if self._used > self._coarse:
            # Histories may be gone, or have forgotten something.
            self._used = size + sum(history.nbytes for history in self._histories)
        if self._used > self._coarse:
            self._used -= size
            return False
        return True

    def thin(self) -> bool:
        """Thin the history that has the most checkpoints; False where there is nothing to spare."""
        largest = max((h for h in self._histories if h.can_thin), key=len, default=None)
        if largest is not None:
            largest.thin()
        return largest is not None


@final
class History:
    """The checkpoints of one branch.

    Args:
        state: the state after `origin` steps.
        origin: how many training steps had been done when the branch began.
        budget: the memory it shares with other branches.
        stride: steps between two checkpoints, while there is room.

    Attributes:
        stride: the most steps that two checkpoints are apart.
    """

    def __init__(
        self, state: Array, origin: int, budget: Budget, stride: int = FIRST_STRIDE
    ) -> None:
        self.origin = origin
        self.stride = stride
        # The newest ones are that far apart: half a stride, as long as older ones are thinned.
        self._apart = stride
        self._thinned = origin
        self._budget = budget
        self._cost = cost(state)
        self._done: list[int] = []
        self._states: list[Array] = []
        budget.join(self)
        self.put(origin, state)

    def __iter__(self) -> Iterator[tuple[int, Array]]:
        """The checkpoints of the whole branch, in order: after how many steps, and the state."""
        return zip(self._done, self._states, strict=True)

    def __len__(self) -> int:
        return len(self._done)

    @property
    def nbytes(self) -> int:
        """Memory in use, in bytes, without that of dense checkpoints."""
        return len(self._done) * self._cost

    @property
    def due(self) -> int:
        """After how many training steps the next checkpoint of the branch belongs."""
        last = self._done[-1] if self._done else self.origin
        return last + self._apart - (last - self.origin) % self._apart

    def places(self, first: int, last: int) -> range:
        """After which of these training steps to `keep` a checkpoint."""
        return range(max(self.due, first), last + 1, self._apart)

    def keep(self, done: int, state: Array) -> None:
        """Take a checkpoint after `done` steps, if one is due by then."""
        if done < self.due:
            return
        while not self._budget.take(self._cost):
            if not self._budget.thin():
                break
            if done < self.due:
                return
        self._insert(done, state)

    def put(self, done: int, state: Array) -> None:
        """Take a checkpoint after `done` steps, whether it is due or not."""
        while not self._budget.take(self._cost) and self._budget.thin():
            pass
        self._insert(done, state)

    def _insert(self, done: int, state: Array) -> None:
        if not self._done or done > self._done[-1]:
            self._done.append(done)
            self._states.append(state.copy())
            return
        at = bisect_left(self._done, done)
        if self._done[at] == done:
            self._states[at] = state.copy()
        else:
            self._done.insert(at, done)
            self._states.insert(at, state.copy())

    def nearest(self, done: int) -> tuple[int, Array] | None:
        """The last checkpoint at or before `done` steps: after how many, and the state.

        None where there is none. The array is the checkpoint itself, not to be written to.
        """
        at = bisect_right(self._done, done) - 1
        found = (self._done[at], self._states[at]) if at >= 0 else None
        dense = self._budget.stretch.nearest(self, done)
        if found is None or (dense is not None and dense[0] > found[0]):
            return dense
        return found

    def revisit(self, found: int) -> None:
        """A replay begins at the checkpoint after `found` steps."""
        at = bisect_right(self._done, found)
        end = self._done[at] if at < len(self._done) else found + self.stride
        self._budget.stretch.enter(self, found, end)

    def fill(self, done: int, state: Array) -> None:
        """Take a checkpoint of a replay after `done` steps, if one is missing there."""
        self._budget.stretch.fill(done, state)
        if done > self.origin and not (done - self.origin) % self.stride:
            at = bisect_left(self._done, done)
            missing = at < len(self._done) and self._done[at] != done
            if missing and self._budget.take(self._cost):
                self._insert(done, state)

    def forget_after(self, done: int) -> None:
        """Drop every checkpoint of more than `done` steps."""
        kept = bisect_right(self._done, done)
        del self._done[kept:], self._states[kept:]
        self._budget.stretch.forget_after(self, done)

    @property
    def can_thin(self) -> bool:
        """Whether there is a checkpoint that can be spared; that of the run's beginning cannot."""
        return len(self._done) > (self.origin == 0)

    def thin(self) -> None:
        """Drop some of every other checkpoint, the oldest first; but the very first goes last."""
        before = len(self._done)
        if before == 1:
            del self._done[:], self._states[:]
        while 1 < len(self._done) == before:
            if self._apart == self.stride:
                self.stride *= 2
                self._thinned = self.origin
            self._drop(-(-before // _AT_ONCE))

    def _drop(self, count: int) -> None:
        """Drop the next so many that are not a whole stride from the beginning."""
        first = end = bisect_left(self._done, self._thinned)
        kept: list[int] = []
        while end < len(self._done) and end - first - len(kept) < count:
            if not (self._done[end] - self.origin) % self.stride:
                kept.append(end)
            end += 1
        self._thinned = self._done[end - 1] + 1
        if end == len(self._done):
            self._apart = self.stride
        self._done[first:end] = [self._done[k] for k in kept]
        self._states[first:end] = [self._states[k] for k in kept]


@final
class Stretch:
    """Dense checkpoints of one stretch of one branch: that which was replayed last.

    Args:
        capacity: how many there may be.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._owner: History | None = None
        self._start = self._end = 0
        self._apart = 1
        self._count = 0
        self._states: list[Array] = []

    @property
    def nbytes(self) -> int:
        """Memory in use, in bytes."""
        return sum(map(cost, self._states))

    def enter(self, owner: History, found: int, end: int) -> None:
        """Begin with the stretch from `found` steps on, or carry on where that lies in this one."""
        if self._owner is owner and self._start <= found < self._end:
            return
        self._owner, self._start, self._end = owner, found, end
        self._apart = -(-(end - found) // self.capacity)
        self._count = 0

    def forget_after(self, owner: History, done: int) -> None:
        """Drop every checkpoint of this history of more than `done` steps."""
        if self._owner is owner:
            self._count = max(0, min(self._count, (done - self._start) // self._apart))

    def fill(self, done: int, state: Array) -> None:
        """Take the next checkpoint, if it is after `done` steps."""
        if done != self._start + (self._count + 1) * self._apart or done >= self._end:
            return
        if self._count < len(self._states):
            # Memory that has been in use is several times as fast as new memory.
            self._states[self._count][...] = state
        else:
            self._states.append(state.copy())
        self._count += 1

    def nearest(self, owner: History, done: int) -> tuple[int, Array] | None:
        """The last checkpoint at or before `done` steps, as `History.nearest`."""
        if self._owner is not owner:
            return None
        row = min((done - self._start) // self._apart, self._count) - 1
        return (self._start + (row + 1) * self._apart, self._states[row]) if row >= 0 else None
