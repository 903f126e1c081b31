"""The parts of an expression that compute numbers."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from nntui.engine.options import Array
from nntui.session.expressions.nodes import Node
from nntui.session.expressions.values import (
    Known,
    Scope,
    Shape,
    Value,
    broadcast,
    numbers,
    plain,
    size,
)


def _divide(left: float, right: float) -> float:
    """A quotient; by 0, what IEEE 754 says: an infinity, or NaN."""
    if right:
        return left / right
    if not left or math.isnan(left):
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1.0, right)


@dataclass(frozen=True)
class Operation:
    """An operator or a function of two numbers.

    Attributes:
        numbers: for two Python floats; nothing in it raises.
        arrays: for anything else.
        calm: whether `numbers` never makes NumPy warn.
    """

    numbers: Callable[[float, float], float]
    arrays: Callable[[Known, Known], Known]
    calm: bool = False


ADD: Final = Operation(operator.add, np.add, calm=True)
SUBTRACT: Final = Operation(operator.sub, np.subtract, calm=True)
MULTIPLY: Final = Operation(operator.mul, np.multiply, calm=True)
DIVIDE: Final = Operation(_divide, np.divide, calm=True)
FLOOR: Final = Operation(np.floor_divide, np.floor_divide)
REMAINDER: Final = Operation(np.remainder, np.remainder)
POWER: Final = Operation(np.power, np.power)
SMALLER: Final = Operation(np.minimum, np.minimum)
LARGER: Final = Operation(np.maximum, np.maximum)


@final
@dataclass(frozen=True)
class Binary(Node):
    """An operation on two values, element by element."""

    operation: Operation
    left: Node
    right: Node
    shape: Shape

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.left, self.right)

    @property
    def calm(self) -> bool:
        return self.operation.calm and not self.shape

    def value(self, scope: Scope) -> Value:
        left = self.left.value(scope)
        right = None if left is None else self.right.value(scope)
        if left is None or right is None:
            return None
        left, right = numbers(left), numbers(right)
        if isinstance(left, float) and isinstance(right, float):
            return float(self.operation.numbers(left, right))
        return broadcast(self.operation.arrays, left, right)


@final
@dataclass(frozen=True)
class Negative(Node):
    """A value with its sign turned."""

    child: Node
    shape: Shape

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.child,)

    @property
    def calm(self) -> bool:
        return not self.shape

    def value(self, scope: Scope) -> Value:
        value = self.child.value(scope)
        return None if value is None else -numbers(value)


@final
@dataclass(frozen=True)
class Apply(Node):
    """A function of one value: element by element, or over all elements."""

    function: Callable[[Array], Known | np.generic]
    child: Node
    shape: Shape
    absolute: bool = False
    """Whether it is abs(), which Python's numbers can do by themselves."""

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.child,)

    @property
    def cost(self) -> int:
        return size(self.child.shape)

    @property
    def calm(self) -> bool:
        return self.absolute and not self.child.shape

    def value(self, scope: Scope) -> Value:
        value = self.child.value(scope)
        if value is None:
            return None
        if self.absolute and not isinstance(value, np.ndarray):
            return math.fabs(value)
        array = np.asarray(numbers(value))
        return plain(self.function(array)) if array.size else None
