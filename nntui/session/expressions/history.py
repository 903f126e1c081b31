"""The parts of an expression that look at the training step before."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from nntui.engine.options import Array
from nntui.session.expressions.nodes import Node
from nntui.session.expressions.values import Known, Read, Scope, Shape, Value, numbers, size


@final
class Before:
    """A scope one training step earlier; of the facts about the position, it has none."""

    step = epoch = op = 0
    phase = layer = player = ""
    lr = math.nan
    finite = False

    def __init__(
        self, tensor: Callable[[str], Array | None], sample: Callable[[], int] = lambda: 0
    ) -> None:
        self.tensor = tensor
        self._sample = sample

    @property
    def sample(self) -> int:
        """The sample that is shown now."""
        return self._sample()

    def previous(self, name: str) -> Array | None:
        """Two steps before, nothing is kept."""
        return None


NOWHERE: Final = Before(lambda name: None)
"""A scope in which nothing has been computed: constants have their value even here."""


def _before(scope: Scope) -> Before:
    """The same scope, one training step earlier."""
    return Before(scope.previous, lambda: scope.sample)


@final
@dataclass(frozen=True)
class Previous(Node):
    """`prev(a)`: its value at the same op, one training step before."""

    child: Node
    shape: Shape

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.child,)

    @property
    def calm(self) -> bool:
        return not self.shape

    def reader(self, scope: Scope) -> Read:
        return self.child.reader(_before(scope))


@final
@dataclass(frozen=True)
class Change(Node):
    """Something about a value now and one training step before."""

    function: Callable[[Array, Array], float | None]
    child: Node
    shape: Shape = ()

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.child,)

    @property
    def cost(self) -> int:
        return 3 * size(self.child.shape)

    def reader(self, scope: Scope) -> Read:
        now, before = self.child.reader(scope), self.child.reader(_before(scope))

        def read() -> Value:
            after = now()
            earlier = None if after is None else before()
            if after is None or earlier is None:
                return None
            return self.function(_array(after), _array(earlier))

        return read


def sign_flips(now: Array, before: Array) -> float | None:
    """How many elements went from above 0 to below or back; None for batches of two sizes."""
    if now.shape != before.shape:
        return None
    return float(np.count_nonzero(np.sign(now) * np.sign(before) < 0))


def changed(now: Array, before: Array) -> float:
    """Whether any element differs; a NaN that stays NaN does not."""
    return not np.array_equal(now, before, equal_nan=True)


def dead_units(activation: Array) -> float:
    """How many units are 0 in every sample, and at every time step or place.

    Units are the last axis; of images, (batch, channels, height, width), the channels.
    """
    axis = 1 if activation.ndim == 4 else -1
    units = np.moveaxis(activation, axis, -1).reshape(-1, activation.shape[axis])
    return float(np.count_nonzero((units == 0).all(axis=0)))


def _array(value: Known) -> Array:
    return np.asarray(numbers(value))
