"""The parts of an expression, each of which knows its shape and how to compute its value.

A tree of these is all that is ever run. Shapes are known when the tree is made, so what does not
fit is refused before a run starts; a value may still be None, for "not yet".

A part is read in two moves: `reader` settles once for a scope whatever does not change from one
look to the next, and the function it gives does the rest, as often as one likes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final, final

import numpy as np

from nntui.engine.options import Array
from nntui.session.expressions.values import Lasting, Read, Scope, Shape, Value, plain, size

_FLOAT64: Final = np.dtype(np.float64)


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
    def reader(self, scope: Scope) -> Read:
        """The function that tells what it is in a scope; None for not yet."""


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

    def reader(self, scope: Scope) -> Read:
        number = self.number
        return lambda: number


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

    def reader(self, scope: Scope) -> Read:
        return partial(self.read, scope)


@final
@dataclass(frozen=True)
class Tensor(Node):
    """A tensor by name."""

    name: str
    shape: Shape

    @property
    def calm(self) -> bool:
        return not self.shape

    def reader(self, scope: Scope) -> Read:
        tensor, name = scope.tensor, self.name
        if isinstance(tensor, Lasting):
            return self._of(tensor(name))

        def single() -> Value:
            array = tensor(name)
            return None if array is None else array.item()

        def many() -> Value:
            array = tensor(name)
            if array is None or array.dtype is _FLOAT64:
                return array
            return np.asarray(array, np.float64)

        return many if self.shape else single

    def lasting(self, scope: Scope) -> Array | None:
        """The tensor, where it stays where it is, is known, and is as expressions compute with."""
        array = scope.tensor(self.name) if isinstance(scope.tensor, Lasting) else None
        fits = array is not None and array.size and array.dtype is _FLOAT64
        return array if fits else None

    def _of(self, array: Array | None) -> Read:
        """Reads a tensor that stays where it is."""
        if array is None:
            return lambda: None
        if not self.shape:
            return array.item
        if array.dtype is not _FLOAT64:
            return lambda: np.asarray(array, np.float64)
        return lambda: array


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

    def reader(self, scope: Scope) -> Read:
        def read() -> Value:
            if scope.finite:
                return False
            arrays = map(scope.tensor, self.names)
            return any(array is not None and self.test(array).any() for array in arrays)

        return read


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

    def reader(self, scope: Scope) -> Read:
        child, index = self.child.reader(scope), self.index

        def read() -> Value:
            value = child()
            if not isinstance(value, np.ndarray):
                return None
            try:
                return plain(value[index])
            except IndexError:  # a smaller last batch has no such sample
                return None

        return read


@final
@dataclass(frozen=True)
class Shown(Node):
    """The attention weights of a layer in the sample that is shown, (head, query, key).

    Attributes:
        child: those of the whole batch.
    """

    child: Tensor
    shape: Shape

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.child,)

    def reader(self, scope: Scope) -> Read:
        child = self.child.reader(scope)

        def read() -> Value:
            value = child()
            if not isinstance(value, np.ndarray):
                return None
            # A smaller last batch shows its last sample instead.
            return plain(value[min(scope.sample, len(value) - 1)])

        return read


@final
@dataclass(frozen=True)
class Transpose(Node):
    """A tensor with its axes in reverse."""

    child: Node
    shape: Shape

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.child,)

    def reader(self, scope: Scope) -> Read:
        child = self.child.reader(scope)

        def read() -> Value:
            value = child()
            return value.T if isinstance(value, np.ndarray) else value

        return read
