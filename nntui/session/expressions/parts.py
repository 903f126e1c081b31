"""Indices: `hidden.a[0, 2]`, `x[:, 1]`, `x[-1]`, of constants only."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from nntui.session.expressions.nodes import Node, Part, Shown

if TYPE_CHECKING:
    from nntui.session.expressions.builder import Builder

_LARGEST: Final = 1_000_000_000


def part(builder: Builder, tree: ast.Subscript) -> Node:
    """The node of an indexed value."""
    child = builder.node(tree.value)
    trees = tree.slice.elts if isinstance(tree.slice, ast.Tuple) else [tree.slice]
    if len(trees) > len(child.shape):
        message = f"{_axes(child)}: there is nothing to pick by this index"
        raise builder.error(trees[len(child.shape)], message)
    index: list[int | slice] = []
    shape: list[int] = []
    for one, length in zip(trees, child.shape, strict=False):
        if isinstance(one, ast.Slice):
            chosen = _slice(builder, one)
            count = len(range(length)[chosen])
            if not count:
                raise builder.error(one, f"this picks nothing out of {length}")
            index.append(chosen)
            shape.append(count)
        else:
            number = _whole(builder, one)
            if not -length <= number < length:
                raise builder.error(one, f"this index goes from 0 to {length - 1}")
            index.append(number)
    return Part(child, tuple(index), (*shape, *child.shape[len(trees) :]))


def _axes(node: Node) -> str:
    """How many indices a value takes."""
    if isinstance(node, Shown):
        return "attention weights of the shown sample are (head, query, key)"
    axes = len(node.shape)
    return f"this has {axes} ax{'e' if axes > 1 else 'i'}s" if axes else "this is one number"


def _slice(builder: Builder, tree: ast.Slice) -> slice:
    start, stop, step = (
        None if end is None else _whole(builder, end) for end in (tree.lower, tree.upper, tree.step)
    )
    if step == 0:
        assert tree.step is not None
        raise builder.error(tree.step, "a step of 0 goes nowhere")
    return slice(start, stop, step)


def _whole(builder: Builder, tree: ast.expr) -> int:
    """A whole number written out, with a sign or without."""
    match tree:
        case ast.Constant(value=int() as number):
            sign = 1
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as number)):
            sign = -1
        case _:
            raise builder.error(tree, "an index is a whole number, as 0 or -1")
    if number > _LARGEST:
        raise builder.error(tree, "this index is too large")
    return sign * number
