"""Calls: the functions of the table, the same as methods, and those about the step before."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nntui.scenario.text import nearest, quote
from nntui.session.expressions import arithmetic, history, nodes
from nntui.session.expressions.functions import FUNCTIONS, METHODS, SPECIAL
from nntui.session.expressions.naming import no_attribute
from nntui.session.expressions.nodes import Node

if TYPE_CHECKING:
    from nntui.session.expressions.builder import Builder


def call(builder: Builder, tree: ast.Call) -> Node:
    """The node of a call."""
    match tree.func:
        case ast.Name():
            return _function(builder, tree, tree.func)
        case ast.Attribute():
            return _method(builder, tree, tree.func)
    raise builder.error(tree.func, "only the functions of the help can be called")


def _function(builder: Builder, tree: ast.Call, name: ast.Name) -> Node:
    called = builder.written(name)
    if called == "dead":
        return _dead(builder, *_arguments(builder, tree, called, 1))
    if called == "clip":
        return _clip(builder, tree)
    if called in ("prev", "sign_flips", "changed"):
        return _history(builder, called, *_arguments(builder, tree, called, 1))
    if called in ("min", "max") and len(tree.args) > 1:
        return _extreme(builder, tree.args, called)
    if called in FUNCTIONS:
        return FUNCTIONS[called].of(builder.node(*_arguments(builder, tree, called, 1)))
    if called in builder.names.tensors:
        raise builder.error(builder.stop(name), f"{called} is a tensor and cannot be called")
    near = nearest(called, [*FUNCTIONS, *SPECIAL])
    raise builder.error(name, f"there is no function {quote(called)}", near)


def _method(builder: Builder, tree: ast.Call, function: ast.Attribute) -> Node:
    name, parts = builder.last(function), builder.parts(function)
    if parts is not None and ".".join(parts) in builder.names.tensors:
        raise builder.error(
            builder.stop(function), f"{'.'.join(parts)} is a tensor and cannot be called"
        )
    if name == "T":
        raise builder.error(builder.stop(function), "write .T without brackets")
    if name not in METHODS:
        raise no_attribute(builder, function)
    child = builder.node(function.value)
    if tree.args:
        raise builder.error(tree.args[0], f".{name}() takes nothing between its brackets")
    return METHODS[name].of(child)


def _arguments(builder: Builder, tree: ast.Call, name: str, count: int) -> list[ast.expr]:
    """The arguments of a call that takes so many."""
    wanted = f"{name}() takes {count} value{'s' if count > 1 else ''}"
    if len(tree.args) > count:
        raise builder.error(tree.args[count], wanted)
    if len(tree.args) < count:
        raise builder.error(builder.stop(tree) - 1, wanted)
    return tree.args


def _extreme(builder: Builder, trees: list[ast.expr], name: str) -> Node:
    """`min(a, b)`: the smaller of values, element by element."""
    operation = arithmetic.SMALLER if name == "min" else arithmetic.LARGER
    node = builder.node(trees[0])
    for tree in trees[1:]:
        other = builder.node(tree)
        shape = builder.together(builder.start(tree), node.shape, other.shape)
        node = arithmetic.Binary(operation, node, other, shape)
    return node


def _clip(builder: Builder, tree: ast.Call) -> Node:
    """`clip(a, low, high)`."""
    value, low, high = _arguments(builder, tree, "clip", 3)
    node = _extreme(builder, [value, low], "max")
    limit = builder.node(high)
    shape = builder.together(builder.start(high), node.shape, limit.shape)
    return arithmetic.Binary(arithmetic.SMALLER, node, limit, shape)


def _dead(builder: Builder, tree: ast.expr) -> Node:
    """`dead(hidden)`: how many units of a layer are 0 for every sample."""
    parts = builder.parts(tree)
    if parts is None:
        raise builder.error(tree, "dead() takes the name of a layer")
    layer = ".".join(parts)
    activation = f"{layer}.a"
    shape = builder.names.tensors.get(activation)
    if shape is None or len(shape) < 2:
        what = (
            f"{layer} is a tensor"
            if layer in builder.names.tensors
            else (f"there is no layer {quote(layer)} with activations")
        )
        near = layer.rpartition(".")[0] if layer in builder.names.tensors else ""
        near = near if f"{near}.a" in builder.names.tensors else ""
        raise builder.error(tree, what, near or builder.names.nearest_layer(layer, ".a"))
    return arithmetic.Apply(history.dead_units, builder.tensor(activation), ())


def _history(builder: Builder, name: str, tree: ast.expr) -> Node:
    """What looks at the training step before, once: two steps before is not kept."""
    if builder.before:
        raise builder.error(
            tree, f"{name}() cannot stand inside of prev(): one step before is kept"
        )
    builder.before = builder.uses_previous = True
    child = builder.node(tree)
    builder.before = False
    if not any(isinstance(n, nodes.Tensor | nodes.AnyTensor) for n in nodes.walk(child)):
        raise builder.error(tree, f"{name}() needs a tensor: this never changes")
    if name == "prev":
        return history.Previous(child, child.shape)
    return history.Change(history.sign_flips if name == "sign_flips" else history.changed, child)
