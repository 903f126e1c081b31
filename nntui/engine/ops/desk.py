"""A bench without a program: computing a function of a few loose float64 arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, final

import numpy as np

from nntui.engine.ops.kind import Call, T
from nntui.engine.options import Array


def run(calls: Sequence[Call]) -> None:
    """Make the calls, in order; none of them may depend on the training step."""
    for function, *arguments in calls:
        function(*arguments)


@final
class Desk:
    """Scratch memory and constants, and no tensors."""

    batch = 1
    is_complex = False

    def __getitem__(self, tensor: str) -> Array:
        raise KeyError(tensor)

    def padded(self, tensor: str) -> Array:
        """There are no tensors here."""
        raise KeyError(tensor)

    def block(self, *tensors: str) -> Array | None:
        """There are no parameters here."""
        return None

    def scratch(self, *shape: int, dtype: Any = None) -> Array:
        """New memory, zeroed, float64 where no dtype is given."""
        return np.zeros(shape, dtype or np.float64)

    def shared(self, key: str, make: Callable[[], T]) -> T:
        """There are no other ops here."""
        return make()

    def constant(self, value: float) -> Array:
        """A 0-d array."""
        return np.array(value)

    def loader(self, stream: str) -> Call:
        """There is no data here."""
        raise KeyError(stream)

    def uniform(self, stream: str, out: Array) -> Call:
        """There are no random numbers here."""
        raise KeyError(stream)

    def normal(self, stream: str, out: Array) -> Call:
        """There are no random numbers here."""
        raise KeyError(stream)
