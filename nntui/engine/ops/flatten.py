"""Putting the numbers of a sample into one row, in PyTorch's order: the last axis runs fastest.

Nothing is computed. In memory an image is that row already, (channels, height, width) one after the
other; a sequence keeps each feature's time steps together, so its numbers are copied into order.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from nntui.engine.ops.kind import Bench, Call, Index, Kind, Look, Terms, alone, cell, single
from nntui.engine.program import Op

if TYPE_CHECKING:
    from nntui.engine.autodiff import Tape


def _forward(bench: Bench, op: Op) -> Sequence[Call]:
    x, out = bench[op.inputs[0]], bench[op.output]
    if np.may_share_memory(x, out):
        return []
    features, time, batch = x.shape
    return [(operator.setitem, out.reshape(time, features, batch), Ellipsis, x.swapaxes(0, 1))]


def _forward_terms(look: Look, op: Op, index: Index) -> Terms:
    sample, k = index
    at = np.unravel_index(k, look.now(op.inputs[0]).shape[1:])
    source = cell(look, op.inputs[0], (sample, *map(int, at)), "input")
    return single(alone(source), float(look.now(op.output)[index]))


def _gradient(tape: Tape, op: Op) -> None:
    (x,) = op.inputs
    if op.attributes["copied"]:
        tape.send(op, x, "flatten_grad", (tape.upstream(op),))
    else:
        tape.relay(op, x, "flatten_grad")


def _backward(bench: Bench, op: Op) -> Sequence[Call]:
    upstream, out = bench[op.inputs[0]], bench[op.output]
    if np.may_share_memory(upstream, out):
        return []
    features, time, batch = out.shape
    return [
        (operator.setitem, out, Ellipsis, upstream.reshape(time, features, batch).swapaxes(0, 1))
    ]


def _backward_terms(look: Look, op: Op, index: Index) -> Terms:
    sample, *at = index
    k = int(np.ravel_multi_index(at, look.now(op.output).shape[1:]))
    upstream = cell(look, op.inputs[0], (sample, k), "upstream gradient")
    return single(alone(upstream), float(look.now(op.output)[index]))


def _shaped_terms(look: Look, op: Op, index: Index) -> Terms:
    sample, *at = index
    k = int(np.ravel_multi_index(at, look.now(op.output).shape[1:]))
    return single(
        alone(cell(look, op.inputs[0], (sample, k), "input")), float(look.now(op.output)[index])
    )


def _shaped_gradient(tape: Tape, op: Op) -> None:
    tape.relay(op, op.inputs[0], "unflatten_grad")


def _shaped_backward_terms(look: Look, op: Op, index: Index) -> Terms:
    sample, k = index
    at = np.unravel_index(k, look.now(op.inputs[0]).shape[1:])
    upstream = cell(look, op.inputs[0], (sample, *map(int, at)), "upstream gradient")
    return single(alone(upstream), float(look.now(op.output)[index]))


def _nothing(bench: Bench, op: Op) -> Sequence[Call]:
    return []


KINDS: Final = (
    Kind(
        name="flatten",
        title="flattened",
        sentence="Put all numbers of a sample into one row; none of them changes.",
        formula="a = x, in one row",
        calls=_forward,
        terms=_forward_terms,
        gradient=_gradient,
    ),
    Kind(
        name="flatten_grad",
        title="gradient, back in shape",
        sentence="Each gradient goes back to where its number came from.",
        formula="∂L/∂x = ∂L/∂a, in the shape of x",
        calls=_backward,
        terms=_backward_terms,
    ),
    Kind(
        name="unflatten",
        title="in the shape of a sample",
        sentence="Read a row of numbers as an image; none of them changes.",
        formula="a as {shape}",
        calls=_nothing,
        terms=_shaped_terms,
        gradient=_shaped_gradient,
    ),
    Kind(
        name="unflatten_grad",
        title="gradient, in a row",
        sentence="Each gradient goes back to where its number came from.",
        formula="∂L/∂a, in one row",
        calls=_nothing,
        terms=_shaped_backward_terms,
    ),
)
