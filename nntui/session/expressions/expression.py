"""`Expression`: a condition or a watch, checked and ready to be evaluated."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import cast, final

import numpy as np

from nntui.engine.trainer import quiet
from nntui.session.expressions.errors import ExpressionError
from nntui.session.expressions.nodes import Node, Part, Shown, Tensor, walk
from nntui.session.expressions.tree import build
from nntui.session.expressions.values import Known, Scope, Shape, Value, single, size, true


@final
@dataclass(frozen=True)
class Expression:
    """A checked expression.

    Attributes:
        text: as it was written.
        names: the tensors it reads.
        facts: what else its value depends on: step, epoch, op, phase, layer, player, lr.
        uses_previous: whether it looks at the training step before.
        uses_sample: whether it looks at the sample that is shown.
        named: those of them that it names; any_nan reads all without.
        shape: of its value; () for a single number.
    """

    text: str
    names: frozenset[str]
    facts: frozenset[str]
    uses_previous: bool
    uses_sample: bool
    named: frozenset[str]
    shape: Shape
    _root: Node = field(repr=False, compare=False)
    _calm: bool = field(repr=False, compare=False)

    @property
    def cells(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """The single cells that it names: a tensor and an index; the sample shown is left out."""
        found = []
        for node in walk(self._root):
            if isinstance(node, Part) and isinstance(node.child, Tensor | Shown):
                index = tuple(i for i in node.index if not isinstance(i, slice))
                tensor = node.child.child if isinstance(node.child, Shown) else node.child
                if len(index) == len(node.child.shape):
                    found.append((tensor.name, index))
        return tuple(found)

    def evaluate(self, scope: Scope) -> Value:
        """Its value at a position; None where a tensor it needs has not been computed yet.

        An array is the caller's own.
        """
        read = self._root.reader(scope)
        if self._calm:
            return read()
        with quiet():
            value = read()
        return np.array(value) if isinstance(value, np.ndarray) else value

    def reader(self, scope: Scope) -> Callable[[], float | None]:
        """What `scalar` gives in this scope, for looking often.

        Call it inside `quiet()`, as long as the scope is there; the expression has one value.
        """
        read = self._root.reader(scope)

        def scalar() -> float | None:
            value = read()
            return None if value is None else single(value)

        return scalar if self.shape else cast(Callable[[], float | None], read)

    def holds(self, scope: Scope) -> bool:
        """Whether it is true at a position: known, and not 0, false or NaN.

        Raises:
            ExpressionError: it has many values.
        """
        value = self.evaluate(scope)
        return value is not None and true(self._one(value))

    def scalar(self, scope: Scope) -> float | None:
        """Its value as a number, 1 for true and 0 for false; None where it is not known yet.

        Raises:
            ExpressionError: it has many values.
        """
        value = self.evaluate(scope)
        return None if value is None else float(single(self._one(value)))

    def _one(self, value: Known) -> Known:
        if isinstance(value, np.ndarray) and value.size != 1:
            raise _many(self.text, value.shape)
        return value


def parse(
    text: str,
    tensors: Mapping[str, tuple[int, ...]],
    masked: Collection[str] = (),
    *,
    reduced: bool = False,
) -> Expression:
    """Check an expression against the language and the tensors there are.

    Args:
        tensors: every tensor's name and public shape, at the full batch size.
        masked: those in which a −∞ is meant.
        reduced: refuse what gives many values: no condition and no watch can use it.

    Raises:
        ExpressionError: it is no expression; the error points at the character.
    """
    tree = build(text, tensors, masked)
    if reduced and size(tree.root.shape) != 1:
        raise _many(text, tree.root.shape)
    return Expression(
        text,
        names=tree.names,
        facts=tree.facts,
        uses_previous=tree.uses_previous,
        uses_sample=tree.uses_sample,
        named=tree.named,
        shape=tree.root.shape,
        _root=tree.root,
        _calm=tree.calm,
    )


def _many(text: str, shape: Shape) -> ExpressionError:
    start = len(text) - len(text.lstrip())
    by = " × ".join(map(str, shape))
    return ExpressionError(
        text, start, f"this has {by} values; reduce it to one with max(), mean(), any(), …"
    )
