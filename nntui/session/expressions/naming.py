"""Names in an expression: what each stands for, and what is said where it stands for nothing."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import numpy as np

from nntui.scenario.text import enumerate_names, nearest, quote
from nntui.session.expressions import nodes
from nntui.session.expressions.errors import ExpressionError
from nntui.session.expressions.functions import FUNCTIONS, METHODS, SPECIAL
from nntui.session.expressions.names import ANY, CONSTANTS, FACTS, RESERVED, TEXTS
from nntui.session.expressions.nodes import Node
from nntui.session.expressions.values import size

if TYPE_CHECKING:
    from nntui.session.expressions.builder import Builder


def name(builder: Builder, tree: ast.Name) -> Node:
    """The node of a name without dots."""
    written, tensors = builder.written(tree), builder.names.tensors
    if written in CONSTANTS:
        return nodes.Number(CONSTANTS[written])
    if written in ANY:
        builder.read.update(tensors)
        test = np.isnan if written == "any_nan" else np.isinf
        asked = tuple(n for n in tensors if test is np.isnan or n not in builder.names.masked)
        return nodes.AnyTensor(test, asked, sum(map(size, tensors.values())))
    if written == "lr" and written not in tensors:
        raise _unknown(builder, tree, written)
    if written in FACTS or written in TEXTS:
        return _fact(builder, tree, written)
    if written in tensors:
        return builder.tensor(written)
    if weights := builder.names.weights_of(written):
        return builder.shown(weights)
    if whole := builder.names.alone(written):
        return builder.tensor(whole)
    raise _unknown(builder, tree, written)


def _fact(builder: Builder, tree: ast.Name, written: str) -> Node:
    """Something about the position; of the step before, only the learning rate is a tensor."""
    if builder.before and written == "lr" and written in builder.names.tensors:
        return builder.tensor(written)
    if builder.before:
        message = f"{written} is no tensor: the step before can be asked for tensors"
        raise builder.error(tree, message)
    if written in TEXTS:
        raise builder.error(tree, f'{written} can only be compared: write {written} == "…"')
    builder.facts.add(written)
    return nodes.Fact(written, FACTS[written])


def attribute(builder: Builder, tree: ast.Attribute) -> Node:
    """The node of a name with dots, or of a transposed value."""
    parts = builder.parts(tree)
    whole = ".".join(parts or ())
    if whole in builder.names.tensors:
        return builder.tensor(whole)
    if weights := builder.names.weights_of(whole):
        return builder.shown(weights)
    if builder.last(tree) == "T":
        child = builder.node(tree.value)
        return nodes.Transpose(child, child.shape[::-1])
    raise no_attribute(builder, tree)


def no_attribute(builder: Builder, tree: ast.Attribute) -> ExpressionError:
    """What is wrong with what is behind a dot."""
    last, parts = builder.last(tree), builder.parts(tree)
    at, candidates, whose = builder.stop(tree) - len(last), list(METHODS), "a value"
    if parts is None:
        builder.node(tree.value)  # what is wrong further left is said first
    else:
        known = _known(builder, parts)
        if not known:
            return _unknown(builder, tree, ".".join(parts))
        whose, last = ".".join(parts[:known]), parts[known]
        at -= len(".".join(parts[known:])) - len(parts[-1])
        candidates += [n.split(".")[known] for n in builder.names.of_layer(whose)]
    if last in METHODS:
        return builder.error(at, f"write .{last}() with brackets")
    return builder.error(at, f"{whose} has no {quote(last)}", nearest(last, candidates))


def _known(builder: Builder, parts: list[str]) -> int:
    """How many of the parts of a dotted name, from the left, are a tensor or another value."""
    for count in range(len(parts) - 1, 0, -1):
        written = ".".join(parts[:count])
        if written in builder.names.tensors or written in RESERVED:
            while count < len(parts) - 1 and parts[count] == "T":
                count += 1
            return count
    return 0


def _unknown(builder: Builder, tree: ast.expr, written: str) -> ExpressionError:
    """What is wrong with a name that stands for no value."""
    if written in FUNCTIONS or written in SPECIAL:
        return builder.error(tree, f"{written} is a function: write {written}(…)")
    if written in builder.names.layers:
        tensors = enumerate_names(builder.names.of_layer(written), 6)
        return builder.error(tree, f"{written} is a layer; its tensors are {tensors}")
    message = f"there is no tensor {quote(written)}"
    return builder.error(tree, message, builder.names.nearest(written))
