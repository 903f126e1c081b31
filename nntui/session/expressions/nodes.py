"""The parts of an expression, each of which knows its shape and how to compute its value.

A tree of these is all that is ever run. Shapes are known when the tree is made, so what does not
fit is refused before a run starts; a value may still be None, for "not yet".
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import final

import numpy as np

from nntui.engine.options import Array
from nntui.session.expressions.values import (
    Scope,
    Shape,
    Value,
    plain,
    size,
)


class Node(ABC):
    """A part of an expression.

    Attributes:
        shape: of its value, () for a single number.
    """

    shape: Shape

    @property
    def children(self) -> tuple[Node, ...]:
        """The parts it is made of."""
        return ()

    @property
    def cost(self) -> int:
        """Roughly how many numbers it computes, its children left out."""
        return size(self.shape)

    @property
    def calm(self) -> bool:
        """Whether it never makes NumPy warn: it works on Python's numbers."""
        return False

    @abstractmethod
    def value(self, scope: Scope) -> Value:
        """What it is at a position; None for not yet."""


def walk(node: Node) -> Iterator[Node]:
    """A node and everything below it."""
    yield node
    for child in node.children:
        yield from walk(child)


@final
@dataclass(frozen=True)
class Number(Node):
    """A constant."""

    number: float
    shape: Shape = ()

    @property
    def calm(self) -> bool:
        return True

    def value(self, scope: Scope) -> Value:
        return self.number


@final
@dataclass(frozen=True)
class Fact(Node):
    """A number about the position: step, epoch, op, lr."""

    name: str
    read: Callable[[Scope], float]
    shape: Shape = ()

    @property
    def calm(self) -> bool:
        return True

    def value(self, scope: Scope) -> Value:
        return self.read(scope)


@final
@dataclass(frozen=True)
class Tensor(Node):
    """A tensor by name."""

    name: str
    shape: Shape

    @property
    def calm(self) -> bool:
        return not self.shape

    def value(self, scope: Scope) -> Value:
        array = scope.tensor(self.name)
        if array is None:
            return None
        return np.asarray(array, np.float64) if array.ndim else float(array)


@final
@dataclass(frozen=True)
class AnyTensor(Node):
    """Whether any number of any tensor computed so far passes a test."""

    test: Callable[[Array], Array]
    names: tuple[str, ...]
    total: int
    shape: Shape = ()

    @property
    def cost(self) -> int:
        return self.total

    def value(self, scope: Scope) -> Value:
        for name in self.names:
            array = scope.tensor(name)
            if array is not None and self.test(array).any():
                return True
        return False


@final
@dataclass(frozen=True)
class Part(Node):
    """Some elements of a tensor: an index with constants."""

    child: Node
    index: tuple[int | slice, ...]
    shape: Shape

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.child,)

    def value(self, scope: Scope) -> Value:
        value = self.child.value(scope)
        if not isinstance(value, np.ndarray):
            return None
        try:
            return plain(value[self.index])
        except IndexError:  # a smaller last batch has no such sample
            return None


@final
@dataclass(frozen=True)
class Transpose(Node):
    """A tensor with its axes in reverse."""

    child: Node
    shape: Shape

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.child,)

    def value(self, scope: Scope) -> Value:
        value = self.child.value(scope)
        return value.T if isinstance(value, np.ndarray) else value
