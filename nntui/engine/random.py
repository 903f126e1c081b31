"""Random numbers as a pure function of (seed, stream, step).

There is no hidden state: the numbers of step 900 are the same whether the 899 steps before it ran
or not, which is what lets a run be resumed or rewound in the middle. The bits come from Philox, a
counter-based generator whose output NumPy keeps stable; everything above the raw 64-bit words is
computed here, so that no library version changes a run.

Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011).
"""

from __future__ import annotations

import zlib
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_TO_UNIT: Final = 2.0**-53

_AHEAD: Final = 8192
"""Numbers drawn at once for several steps to come; to draw them has a price of its own."""


class Keyed:
    """Draws of one seed; each (stream, step) pair is a sequence of its own.

    Args:
        seed: any integer; only its low 64 bits count.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._bits = np.random.Philox(key=0)
        self._state = self._bits.state

    def raw(self, stream: str, step: int, count: int) -> npt.NDArray[np.uint64]:
        """`count` 64-bit words of (seed, stream, step), always the same ones."""
        state = self._state
        state["state"]["key"][:] = self.seed & 0xFFFF_FFFF_FFFF_FFFF, 0
        state["state"]["counter"][:] = 0, step, zlib.crc32(stream.encode()), 0
        state["buffer_pos"] = 4
        state["has_uint32"] = 0
        self._bits.state = state
        return self._bits.random_raw(count)

    def uniform(self, stream: str, step: int, count: int) -> Floats:
        """`count` numbers in [0, 1), 53 bits each."""
        words = self.raw(stream, step, count) >> np.uint64(11)
        return words.astype(np.float64) * _TO_UNIT

    def normal(self, stream: str, step: int, count: int) -> Floats:
        """`count` numbers of N(0, 1), by Box and Muller (1958)."""
        pairs = (count + 1) // 2
        u = self.uniform(stream, step, 2 * pairs)
        radius = np.sqrt(-2.0 * np.log1p(-u[:pairs]))
        angle = 2.0 * np.pi * u[pairs:]
        return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])[:count]

    def permutation(self, stream: str, step: int, count: int) -> npt.NDArray[np.intp]:
        """The numbers 0 … count − 1 in random order."""
        return np.argsort(self.raw(stream, step, count), kind="stable")

    def integers(self, stream: str, step: int, count: int, below: int) -> npt.NDArray[np.int64]:
        """`count` integers in [0, below)."""
        return (self.uniform(stream, step, count) * below).astype(np.int64)


class Ahead:
    """The normal draws of one stream step by step, those of several steps drawn together.

    The numbers of a step are a pure function of (seed, stream, step, count), all the same.

    Args:
        count: numbers for each step.
    """

    def __init__(self, random: Keyed, stream: str, count: int) -> None:
        self._random = random
        self._stream = stream
        self._count = count
        self._steps = max(1, _AHEAD // max(1, count))
        self._block = -1
        self._drawn: Floats = np.zeros((0, count))

    def normal(self, step: int) -> Floats:
        """The numbers of a step, (count,), of N(0, 1)."""
        block, place = divmod(step, self._steps)
        if block != self._block:
            whole = self._random.normal(self._stream, block, self._steps * self._count)
            self._drawn, self._block = whole.reshape(self._steps, self._count), block
        drawn: Floats = self._drawn[place]
        return drawn
