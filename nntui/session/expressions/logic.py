"""The parts of an expression that are true or false.

What is not known yet stays unknown, unless the rest decides: `step == 1 or loss < 0.1` is true at
step 1 whether or not there is a loss.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from nntui.engine.options import Array
from nntui.session.expressions.nodes import Node, Number
from nntui.session.expressions.values import (
    Known,
    Read,
    Scope,
    Shape,
    Value,
    broadcast,
    plain,
    single,
    size,
    true,
    truths,
)

Comparison = Callable[[Known, Known], Known]

LESS: Final[Comparison] = operator.lt
AT_MOST: Final[Comparison] = operator.le
MORE: Final[Comparison] = operator.gt
AT_LEAST: Final[Comparison] = operator.ge
EQUAL: Final[Comparison] = operator.eq
UNEQUAL: Final[Comparison] = operator.ne


@final
@dataclass(frozen=True)
class Compare(Node):
    """`a < b`, and chains as `0 < a < 1`: true where every link is; each part computed once."""

    first: Node
    links: tuple[tuple[Comparison, Node], ...]
    shape: Shape

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.first, *(node for _, node in self.links))

    @property
    def calm(self) -> bool:
        return not self.shape

    def reader(self, scope: Scope) -> Read:
        first = self.first.reader(scope)
        links = [(compare, node.reader(scope)) for compare, node in self.links]
        single = not self.shape
        if single and len(links) == 1:
            bound = self.links[0][1]
            if isinstance(bound, Number):
                return _beside(first, links[0][0], bound.number)
            return _compared(first, *links[0])

        def read() -> Value:
            left = first()
            result: Value = True
            for compare, operand in links:
                right = operand()
                link: Value = None
                if left is not None and right is not None:
                    link = broadcast(compare, left, right)
                result = _both(result, link)
                if single and _false(result):
                    return False
                left = right
            return result

        return read


def _compared(first: Read, compare: Comparison, second: Read) -> Read:
    """A comparison of two single numbers."""

    def read() -> Value:
        left, right = first(), second()
        return None if left is None or right is None else compare(left, right)

    return read


def _beside(first: Read, compare: Comparison, bound: float) -> Read:
    """A comparison of a single number with a constant."""

    def read() -> Value:
        left = first()
        return None if left is None else compare(left, bound)

    return read


def _false(value: Value) -> bool:
    """Whether a single value is known to be false."""
    return value is not None and not isinstance(value, np.ndarray) and not value


def _both(left: Value, right: Value) -> Value:
    """Whether both are true; None where that is not known."""
    if left is None or right is None:
        return False if _false(left) or _false(right) else None
    both = broadcast(np.logical_and, left, right)
    return None if both is None else plain(both)


@final
@dataclass(frozen=True)
class Every(Node):
    """`a and b and c`."""

    parts: tuple[Node, ...]
    shape: Shape = ()

    @property
    def children(self) -> tuple[Node, ...]:
        return self.parts

    @property
    def calm(self) -> bool:
        return True

    def reader(self, scope: Scope) -> Read:
        return _decided(self.parts, scope, decisive=False)


@final
@dataclass(frozen=True)
class Some(Node):
    """`a or b or c`."""

    parts: tuple[Node, ...]
    shape: Shape = ()

    @property
    def children(self) -> tuple[Node, ...]:
        return self.parts

    @property
    def calm(self) -> bool:
        return True

    def reader(self, scope: Scope) -> Read:
        return _decided(self.parts, scope, decisive=True)


def _decided(parts: tuple[Node, ...], scope: Scope, *, decisive: bool) -> Read:
    """The first part that decides; without one, the other truth, or None if any is unknown."""
    readers = [part.reader(scope) for part in parts]

    def read() -> Value:
        unknown = False
        for part in readers:
            value = part()
            if value is None:
                unknown = True
            elif true(value) is decisive:
                return decisive
        return None if unknown else not decisive

    return read


@final
@dataclass(frozen=True)
class Not(Node):
    """`not a`."""

    child: Node
    shape: Shape = ()

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.child,)

    @property
    def calm(self) -> bool:
        return True

    def reader(self, scope: Scope) -> Read:
        child = self.child.reader(scope)

        def read() -> Value:
            value = child()
            return None if value is None else not true(value)

        return read


@final
@dataclass(frozen=True)
class Choice(Node):
    """`a if condition else b`; only the one that is chosen is computed."""

    condition: Node
    yes: Node
    no: Node
    shape: Shape

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.condition, self.yes, self.no)

    @property
    def calm(self) -> bool:
        return not self.shape

    def reader(self, scope: Scope) -> Read:
        condition = self.condition.reader(scope)
        yes, no = self.yes.reader(scope), self.no.reader(scope)

        def read() -> Value:
            value = condition()
            return None if value is None else (yes if true(value) else no)()

        return read


@final
@dataclass(frozen=True)
class Truth(Node):
    """any() or all(): over which elements are true, so that truths need not become numbers."""

    function: Callable[[Array], Known | np.generic]
    child: Node
    shape: Shape = ()

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.child,)

    @property
    def cost(self) -> int:
        return size(self.child.shape)

    def reader(self, scope: Scope) -> Read:
        child, function = self.child.reader(scope), self.function

        def read() -> Value:
            value = child()
            if not isinstance(value, np.ndarray):
                return None if value is None else true(value)
            return bool(function(truths(value))) if value.size else None

        return read


@final
@dataclass(frozen=True)
class SameTuple(Node):
    """`bmu == (3, 4)`: whether all elements are equal."""

    child: Node
    parts: tuple[Node, ...]
    equal: bool
    shape: Shape = ()

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.child, *self.parts)

    def reader(self, scope: Scope) -> Read:
        child, parts = self.child.reader(scope), [part.reader(scope) for part in self.parts]

        def read() -> Value:
            value, wanted = child(), [part() for part in parts]
            known = [single(part) for part in wanted if part is not None]
            if value is None or len(known) < len(parts):
                return None
            return (np.ravel(value).tolist() == known) is self.equal

        return read


@final
@dataclass(frozen=True)
class SameText(Node):
    """`phase == "backward"`.

    Attributes:
        read: gives the phase or the layer.
    """

    read: Callable[[Scope], str]
    text: str
    equal: bool
    shape: Shape = ()

    @property
    def calm(self) -> bool:
        return True

    def reader(self, scope: Scope) -> Read:
        return lambda: (self.read(scope) == self.text) is self.equal
