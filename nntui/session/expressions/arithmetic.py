"""The parts of an expression that compute numbers."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, final

import numpy as np

from nntui.engine.options import Array
from nntui.session.expressions.nodes import Node, Tensor
from nntui.session.expressions.values import (
    BOOL,
    Known,
    Read,
    Scope,
    Shape,
    Value,
    broadcast,
    numbers,
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

    def reader(self, scope: Scope) -> Read:
        left, right = self.left.reader(scope), self.right.reader(scope)
        compute, arrays = self.operation.numbers, self.operation.arrays
        if not (self.left.shape or self.right.shape):
            return _computed(left, compute, right)

        def read() -> Value:
            a = left()
            b = None if a is None else right()
            if a is None or b is None:
                return None
            if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
                return broadcast(arrays, numbers(a), numbers(b))
            return float(compute(float(a), float(b)))

        return read


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

    def reader(self, scope: Scope) -> Read:
        child = self.child.reader(scope)

        def read() -> Value:
            value = child()
            return None if value is None else -numbers(value)

        return read


@final
@dataclass(frozen=True)
class Apply(Node):
    """A function of one value: element by element, or over all elements."""

    function: Callable[[Any], Known | np.generic]
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

    def reader(self, scope: Scope) -> Read:
        if self.child.shape:
            return self._chained(scope)
        child, function = self.child.reader(scope), self.function

        def read() -> Value:
            value = child()
            if value is None:
                return None
            return math.fabs(value) if self.absolute else float(function(np.asarray(float(value))))

        return read

    def _chained(self, scope: Scope) -> Read:
        """Functions of an array one after the other, as in abs(a).max()."""
        functions: list[Callable[[Any], Any]] = [self.function]
        node = self.child
        while isinstance(node, Apply) and node.child.shape:
            functions.insert(0, node.function)
            node = node.child
        single = not self.shape
        lasting = node.lasting(scope) if isinstance(node, Tensor) else None
        if lasting is not None and single and len(functions) == 2 and functions[0] is np.abs:
            return _of_magnitudes(lasting, functions[1])
        child = node.reader(scope)

        def read() -> Value:
            array: Any = child()
            if array is None or not array.size:
                return None
            if not array.flags.forc:
                array = array.copy("K")  # functions of a stretch of memory are much faster
            for function in functions:
                if array.dtype is BOOL:
                    array = array.astype(np.float64)
                array = function(array)
            return float(array) if single else array

        return read


def _computed(left: Read, compute: Callable[[float, float], float], right: Read) -> Read:
    """An operation on two single numbers."""

    def read() -> Value:
        a = left()
        b = None if a is None else right()
        return None if a is None or b is None else float(compute(float(a), float(b)))

    return read


def _of_magnitudes(array: Array, function: Callable[[Any], Any]) -> Read:
    """A function over all elements of |array|, of an array that stays where it is in memory."""
    magnitude, room = np.abs, np.empty_like(array)

    def read() -> Value:
        return float(function(magnitude(array, room)))

    return read
