"""`Builder`: makes our nodes out of Python's syntax tree, of which only what is listed is taken.

Nothing of Python's tree is ever compiled. Every name is read from the text itself, by its place.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from typing import Final, final

import numpy as np

from nntui.engine.trainer import quiet
from nntui.session.expressions import arithmetic, logic, nodes
from nntui.session.expressions.calls import call
from nntui.session.expressions.comparisons import compare
from nntui.session.expressions.errors import ExpressionError
from nntui.session.expressions.history import NOWHERE
from nntui.session.expressions.names import Names
from nntui.session.expressions.naming import attribute, name
from nntui.session.expressions.nodes import Node
from nntui.session.expressions.parts import part
from nntui.session.expressions.values import Shape, broadcast_shape, size
from nntui.session.expressions.words import Word

MOST_NODES: Final = 200
"""Parts an expression may have."""

DEEPEST: Final = 50
"""How deep they may nest."""

LARGEST_EXPONENT: Final = 1000

_BINARY: Final[Mapping[type[ast.operator], arithmetic.Operation]] = {
    ast.Add: arithmetic.ADD,
    ast.Sub: arithmetic.SUBTRACT,
    ast.Mult: arithmetic.MULTIPLY,
    ast.Div: arithmetic.DIVIDE,
    ast.FloorDiv: arithmetic.FLOOR,
    ast.Mod: arithmetic.REMAINDER,
    ast.Pow: arithmetic.POWER,
}


@final
class Builder:
    """Makes nodes, and keeps what they read.

    Attributes:
        read: tensors met so far.
        facts: facts about the position met so far.
        before: whether this is inside of what looks at the training step before.
    """

    def __init__(self, text: str, lead: int, names: Names, found: list[Word]) -> None:
        self.text = text
        self.names = names
        self.read: set[str] = set()
        self.facts: set[str] = set()
        self.before = False
        self.uses_previous = False
        self._lead = lead
        self._words = found
        self._count = 0
        self._depth = 0

    def start(self, tree: ast.expr) -> int:
        """The first character of a part of Python's tree."""
        return tree.col_offset + self._lead

    def stop(self, tree: ast.expr) -> int:
        """The character after its last."""
        assert tree.end_col_offset is not None
        return tree.end_col_offset + self._lead

    def error(self, at: int | ast.expr, message: str, nearest: str = "") -> ExpressionError:
        """An error that points at a character, or at the start of a part."""
        offset = at if isinstance(at, int) else self.start(at)
        return ExpressionError(self.text, offset, message, nearest)

    def operator(self, left: ast.expr, right: ast.expr) -> int:
        """Where the operator between two operands is."""
        between = range(self.stop(left), self.start(right))
        return next(w.start for w in self._words if w.start in between and w.text not in "()")

    def parts(self, tree: ast.expr) -> list[str] | None:
        """A dotted name, as it is in the text; None where it is not one."""
        parts: list[str] = []
        while isinstance(tree, ast.Attribute):
            parts.append(self.last(tree))
            tree = tree.value
        if not isinstance(tree, ast.Name):
            return None
        parts.append(self.written(tree))
        return parts[::-1]

    def last(self, tree: ast.Attribute) -> str:
        """What is behind the last dot, as it is in the text."""
        stop = self.stop(tree)
        return self.text[stop - len(tree.attr) : stop]

    def written(self, tree: ast.expr) -> str:
        """A part as it is in the text."""
        return self.text[self.start(tree) : self.stop(tree)]

    def node(self, tree: ast.expr) -> Node:
        """The node for a part of Python's tree."""
        self._count += 1
        self._depth += 1
        if self._count > MOST_NODES:
            raise self.error(tree, f"an expression has at most {MOST_NODES} parts")
        if self._depth > DEEPEST:
            raise self.error(tree, f"this is nested more than {DEEPEST} deep")
        node = self._fold(tree, self._node(tree))
        self._depth -= 1
        return node

    def single(self, tree: ast.expr) -> Node:
        """The node for a part that must be one value, not many."""
        node = self.node(tree)
        if size(node.shape) != 1:
            by = " × ".join(map(str, node.shape))
            raise self.error(
                tree, f"one value is needed here, this has {by}; write any(…) or all(…)"
            )
        return node

    def tensor(self, name: str) -> Node:
        """The node of a tensor that there is."""
        self.read.add(name)
        return nodes.Tensor(name, self.names.tensors[name])

    def shown(self, name: str) -> Node:
        """The node of attention weights in the sample that is shown."""
        shape = self.names.tensors[name]
        self.read.add(name)
        return nodes.Shown(nodes.Tensor(name, shape), shape[1:])

    def together(self, at: int, left: Shape, right: Shape) -> Shape:
        """The shape of two values put together."""
        try:
            shape = broadcast_shape(left, right)
        except ValueError:
            message = f"the shapes {_spell(left)} and {_spell(right)} do not fit"
            raise self.error(at, message) from None
        if shape is None:
            raise self.error(at, f"{_spell(left)} and {_spell(right)} make too many numbers")
        return shape

    def _node(self, tree: ast.expr) -> Node:
        match tree:
            case ast.Constant(value=int() | float() as number):
                return nodes.Number(float(number))
            case ast.Name():
                return name(self, tree)
            case ast.Attribute():
                return attribute(self, tree)
            case ast.BinOp():
                return self._binary(tree)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return logic.Not(self.single(operand))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                child = self.node(operand)
                return arithmetic.Negative(child, child.shape)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.node(operand)
            case ast.BoolOp(op=kind, values=values):
                parts = tuple(self.single(value) for value in values)
                return logic.Every(parts) if isinstance(kind, ast.And) else logic.Some(parts)
            case ast.Compare():
                return compare(self, tree)
            case ast.IfExp():
                return self._choice(tree)
            case ast.Call():
                return call(self, tree)
            case ast.Subscript():
                return part(self, tree)
            case ast.Constant(value=str()):
                raise self.error(
                    tree, "a string can only be compared with phase or layer, by == or !="
                )
            case ast.Tuple():
                raise self.error(tree, "a tuple can only be compared with a tensor, by == or !=")
        raise self.error(tree, "this is not part of an expression")

    def _binary(self, tree: ast.BinOp) -> Node:
        operation = _BINARY.get(type(tree.op))
        at = self.operator(tree.left, tree.right)
        if operation is None:
            raise self.error(at, "this operator is not part of an expression")
        left, right = self.node(tree.left), self.node(tree.right)
        if operation is arithmetic.POWER and isinstance(right, nodes.Number):
            exponent = abs(right.number)
            if LARGEST_EXPONENT < exponent < math.inf:
                raise self.error(tree.right, f"an exponent is at most {LARGEST_EXPONENT}")
        return arithmetic.Binary(operation, left, right, self.together(at, left.shape, right.shape))

    def _choice(self, tree: ast.IfExp) -> Node:
        condition = self.single(tree.test)
        yes, no = self.node(tree.body), self.node(tree.orelse)
        if yes.shape != no.shape:
            shapes = f"{_spell(yes.shape)} and {_spell(no.shape)}"
            raise self.error(
                tree.orelse, f"both sides of 'if … else' need the same shape, not {shapes}"
            )
        return logic.Choice(condition, yes, no, yes.shape)

    def _fold(self, tree: ast.expr, node: Node) -> Node:
        """A part with nothing but constants below it is a constant."""
        constants = [child for child in node.children if isinstance(child, nodes.Number)]
        if not constants or len(constants) < len(node.children):
            return node
        with quiet():
            value = node.reader(NOWHERE)()
        assert value is not None
        assert not isinstance(value, np.ndarray)
        if not math.isfinite(value) and all(math.isfinite(c.number) for c in constants):
            raise self.error(tree, "this is no finite number")
        return nodes.Number(value)


def _spell(shape: Shape) -> str:
    """A shape as Python writes it; of a single number, in words."""
    return str(shape) if shape else "() of one number"
