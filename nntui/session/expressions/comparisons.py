"""Comparisons: of numbers, in chains; of tensors with tuples; of phase and layer with strings."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from nntui.engine.models.gan import PLAYERS
from nntui.scenario.text import nearest, quote
from nntui.session.expressions import logic
from nntui.session.expressions.names import PHASES, TEXTS
from nntui.session.expressions.nodes import Node
from nntui.session.expressions.values import size

if TYPE_CHECKING:
    from nntui.session.expressions.builder import Builder

_COMPARISONS: Final[Mapping[type[ast.cmpop], logic.Comparison]] = {
    ast.Lt: logic.LESS,
    ast.LtE: logic.AT_MOST,
    ast.Gt: logic.MORE,
    ast.GtE: logic.AT_LEAST,
    ast.Eq: logic.EQUAL,
    ast.NotEq: logic.UNEQUAL,
}


def compare(builder: Builder, tree: ast.Compare) -> Node:
    """The node of a comparison."""
    operands = [tree.left, *tree.comparators]
    for operand in operands:
        if isinstance(operand, ast.Tuple) or _is_text(builder, operand):
            return _equal(builder, tree)
    first = builder.node(tree.left)
    links: list[tuple[logic.Comparison, Node]] = []
    shape = first.shape
    for before, operator, operand in zip(operands, tree.ops, operands[1:], strict=False):
        at = builder.operator(before, operand)
        comparison = _COMPARISONS.get(type(operator))
        if comparison is None:
            raise builder.error(at, "this comparison is not part of an expression")
        node = builder.node(operand)
        shape = builder.together(at, shape, node.shape)
        links.append((comparison, node))
    return logic.Compare(first, tuple(links), shape)


def _is_text(builder: Builder, tree: ast.expr) -> bool:
    return (isinstance(tree, ast.Constant) and isinstance(tree.value, str)) or (
        isinstance(tree, ast.Name) and builder.written(tree) in TEXTS
    )


def _equal(builder: Builder, tree: ast.Compare) -> Node:
    """`phase == "backward"`, `bmu == (3, 4)`: two sides, equal or not."""
    left, right = tree.left, tree.comparators[0]
    at = builder.operator(left, right)
    if len(tree.ops) > 1:
        raise builder.error(at, "a string or a tuple is compared with one thing at a time")
    if not isinstance(tree.ops[0], ast.Eq | ast.NotEq):
        raise builder.error(at, "a string or a tuple is compared by == or != only")
    equal = isinstance(tree.ops[0], ast.Eq)
    if _is_text(builder, left) or _is_text(builder, right):
        return _texts(builder, left, right, equal)
    if not isinstance(right, ast.Tuple):
        left, right = right, left
    assert isinstance(right, ast.Tuple)
    child = builder.node(left)
    if size(child.shape) != len(right.elts) or not child.shape:
        raise builder.error(
            right, f"{len(right.elts)} values are compared with {size(child.shape)}"
        )
    return logic.SameTuple(child, tuple(builder.single(one) for one in right.elts), equal)


def _texts(builder: Builder, left: ast.expr, right: ast.expr, equal: bool) -> Node:
    if isinstance(right, ast.Name) and not isinstance(left, ast.Name):
        left, right = right, left
    if not (_is_text(builder, left) and isinstance(left, ast.Name)):
        raise builder.error(left, "a string can only be compared with phase, layer or player")
    fact = builder.written(left)
    if builder.before:
        raise builder.error(left, f"{fact} is no tensor: the step before can be asked for tensors")
    if not (isinstance(right, ast.Constant) and isinstance(right.value, str)):
        raise builder.error(right, f'{fact} is compared with a string: {fact} == "…"')
    text, names = right.value, builder.names
    if fact == "phase" and text not in PHASES:
        near = nearest(text, PHASES)
        raise builder.error(
            right, f"there is no phase {quote(text)}; there are {', '.join(PHASES)}", near
        )
    if fact == "layer" and text and text not in names.layers | names.ends:
        raise builder.error(right, f"there is no layer {quote(text)}", names.nearest_layer(text))
    if fact == "player" and text and text not in PLAYERS:
        players = f"there is no player {quote(text)}; there are {', '.join(PLAYERS)}"
        raise builder.error(right, players, nearest(text, PLAYERS))
    builder.facts.add(fact)
    read = TEXTS[fact]
    return logic.SameText(read, text, equal)
