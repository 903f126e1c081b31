"""What expressions compute with: single numbers, arrays of float64, and "not yet".

A single number is a Python float or bool, a tensor a float64 or bool array. `None` is a value that
is not known: a tensor that has not been computed yet, an entry that a smaller last batch does not
have. It passes through every operation, and is never taken for 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol, TypeVar, final

import numpy as np

from nntui.engine.options import Array

Shape = tuple[int, ...]

Known = float | Array
"""A number, a truth, or an array of them. (To the type checker a bool is a float.)"""

Value = Known | None

Read = Callable[[], Value]
"""A part of an expression made ready for one scope: it gives the value there as it is now."""

BOOL: Final = np.dtype(np.bool_)

MOST_NUMBERS: Final = 20_000_000
"""Numbers that one evaluation may always compute; beyond, it depends on the size of the tensors."""


class Tensors(Protocol):
    """Where the tensors of one training step are."""

    def tensor(self, name: str) -> Array | None:
        """A tensor in its public shape; None where it has not been computed yet."""


@final
class Lasting:
    """The `tensor` of a scope in which none comes or goes, and each stays where it is in memory.

    So a reader need not look for them again.
    """

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self._arrays = arrays

    def __call__(self, name: str) -> Array | None:
        return self._arrays.get(name)


class Scope(Tensors, Protocol):
    """What an expression can see at a position."""

    def previous(self, name: str) -> Array | None:
        """A tensor at the same op, one training step before; None where there was none."""

    @property
    def finite(self) -> bool:
        """Whether every number of every tensor is known to be finite."""

    @property
    def step(self) -> int:
        """The training step, from 1."""

    @property
    def epoch(self) -> int:
        """The epoch, from 1."""

    @property
    def op(self) -> int:
        """The op of the step, from 1; 0 before the first."""

    @property
    def phase(self) -> str:
        """The phase of the op."""

    @property
    def layer(self) -> str:
        """The layer of the op; empty where it belongs to none."""

    @property
    def player(self) -> str:
        """Whose turn the op belongs to; empty where no one takes turns."""

    @property
    def lr(self) -> float:
        """The learning rate of this step."""

    @property
    def sample(self) -> int:
        """The sample of the batch that is shown, from 0."""


def single(value: Known) -> float:
    """The only number there is; NaN where there are more."""
    if isinstance(value, np.ndarray):
        return float(value.item()) if value.size == 1 else np.nan
    return value


def true(value: Known) -> bool:
    """Whether a single value counts as true: not 0 and not NaN."""
    number = single(value)
    return number != 0 and number == number


def numbers(value: Known) -> Known:
    """Truths as 0 and 1; numbers as they are."""
    if isinstance(value, np.ndarray):
        return value.astype(np.float64) if value.dtype is BOOL else value
    return float(value)


def truths(value: Array) -> Array:
    """Which numbers count as true: those that are not 0 and not NaN."""
    return value if value.dtype is BOOL else (value != 0) & (value == value)


def plain(value: Known | np.generic) -> Known:
    """NumPy's scalars as Python's."""
    if isinstance(value, np.ndarray):
        return value if value.ndim else plain(value[()])
    return bool(value) if isinstance(value, np.bool_ | bool) else float(value)


T = TypeVar("T")


def broadcast(function: Callable[[Known, Known], T], left: Known, right: Known) -> T | None:
    """A function of two values element by element.

    None where their shapes do not fit: a batch and a smaller one, of the step before.
    """
    arrays = isinstance(left, np.ndarray) and isinstance(right, np.ndarray)
    if arrays and np.shape(left) != np.shape(right):
        try:
            if broadcast_shape(np.shape(left), np.shape(right)) is None:
                return None
        except ValueError:
            return None
    return function(left, right)


def broadcast_shape(left: Shape, right: Shape) -> Shape | None:
    """The shape of two values put together; None where that grows too large.

    Raises:
        ValueError: the shapes do not fit.
    """
    shape = np.broadcast_shapes(left, right)
    most = max(MOST_NUMBERS, size(left), size(right))
    return shape if size(shape) <= most else None


def size(shape: Shape) -> int:
    """How many numbers a shape has."""
    count = 1
    for n in shape:
        count *= n
    return count
