"""The affine map of a dense layer and its three gradients.

z = x Wᵀ + b, so for upstream gradient δ = ∂L/∂z:
∂L/∂W = δᵀ x, ∂L/∂b = Σ_batch δ, ∂L/∂x = δ W.
Source: Goodfellow, Bengio and Courville, "Deep learning" (2016), section 6.5.

In memory weight and bias are one matrix [W | b] and inputs carry a row of ones, which makes the
whole map one product, and both parameter gradients another. Where inputs are sequences, x is every
time step of every sample: the map is the same at each, and gradients are summed over all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from nntui.engine.ops.kind import (
    Bench,
    Call,
    Index,
    Kind,
    Look,
    Terms,
    alone,
    cell,
    product,
)
from nntui.engine.ops.positions import over_batch, positions, width
from nntui.engine.program import Op
from nntui.engine.tensor import columns

if TYPE_CHECKING:
    from nntui.engine.autodiff import Tape


def _forward(bench: Bench, op: Op) -> Sequence[Call]:
    x, weight, *bias = op.inputs
    z = columns(bench[op.output])
    if not bias:
        return [(bench[weight].dot, columns(bench[x]), z)]
    block = bench.block(weight, *bias)
    assert block is not None
    return [(block.dot, bench.padded(x), z)]


def _forward_terms(look: Look, op: Op, index: Index) -> Terms:
    x, weight, *bias = op.inputs
    *position, unit = index
    terms = [
        product(
            cell(look, weight, (unit, k), "weight"),
            cell(look, x, (*position, k), "input"),
        )
        for k in range(width(look, x))
    ]
    terms += [alone(cell(look, b, (unit,), "bias")) for b in bias]
    return Terms(tuple(terms), float(look.now(op.output)[index]))


def _gradient(tape: Tape, op: Op) -> None:
    x, weight, *bias = op.inputs
    delta = tape.upstream(op)
    with_bias = f"{bias[0]}.grad" if bias else ""
    symbol = op.attributes["symbol"]
    part = tape.send(op, weight, "affine_weight_grad", (delta, x), bias=with_bias, symbol=symbol)
    for b in bias:
        # One product gives both gradients of [W | b], unless the weight's is summed first.
        given = part == f"{weight}.grad"
        tape.send(op, b, "affine_bias_grad", (delta,), given=given, symbol=symbol)
    if tape.needs(x):
        inputs = (delta, weight)
        part = tape.send(op, x, "affine_input_grad", inputs, bias="".join(bias), symbol=symbol)
        if bias:
            tape.builder.pad(part)


def _weight_calls(bench: Bench, op: Op) -> Sequence[Call]:
    delta, x = op.inputs
    bias = op.attributes["bias"]
    block = bench.block(op.output, bias) if bias else None
    if block is not None:
        return [(columns(bench[delta]).dot, bench.padded(x).T, block)]
    return [(columns(bench[delta]).dot, columns(bench[x]).T, bench[op.output])]


def _weight_terms(look: Look, op: Op, index: Index) -> Terms:
    delta, x = op.inputs
    unit, k = index
    at = positions(look, x)
    terms = tuple(
        product(
            cell(look, delta, (*position, unit), "upstream gradient"),
            cell(look, x, (*position, k), "local derivative"),
        )
        for position in at
    )
    return Terms(terms, float(look.now(op.output)[index]), note=over_batch(at))


def _bias_calls(bench: Bench, op: Op) -> Sequence[Call]:
    (delta,) = op.inputs
    if op.attributes["given"]:
        return []
    return [(np.add.reduce, columns(bench[delta]), 1, None, bench[op.output])]


def _bias_terms(look: Look, op: Op, index: Index) -> Terms:
    (delta,) = op.inputs
    (unit,) = index
    at = positions(look, delta)
    terms = tuple(alone(cell(look, delta, (*p, unit), "upstream gradient")) for p in at)
    return Terms(terms, float(look.now(op.output)[index]), note=over_batch(at))


def _input_calls(bench: Bench, op: Op) -> Sequence[Call]:
    delta, weight = op.inputs
    bias = op.attributes["bias"]
    block = bench.block(weight, bias) if bias else None
    if block is not None:
        # The whole of [W | b] is contiguous, its weights are not: one row too many costs less
        # than a copy. That row lands where the inputs keep their ones.
        return [(block.T.dot, columns(bench[delta]), bench.padded(op.output))]
    return [(bench[weight].T.dot, columns(bench[delta]), columns(bench[op.output]))]


def _input_terms(look: Look, op: Op, index: Index) -> Terms:
    delta, weight = op.inputs
    *position, k = index
    terms = tuple(
        product(
            cell(look, delta, (*position, j), "upstream gradient"),
            cell(look, weight, (j, k), "local derivative"),
        )
        for j in range(look.now(weight).shape[0])
    )
    return Terms(terms, float(look.now(op.output)[index]))


KINDS: Final = (
    Kind(
        name="affine",
        title="pre-activation",
        sentence="Each neuron adds up its inputs, each times its weight, and adds its bias.",
        formula="{symbol} = x Wᵀ{bias}",
        calls=_forward,
        terms=_forward_terms,
        gradient=_gradient,
    ),
    Kind(
        name="affine_weight_grad",
        title="gradient of the weights",
        sentence="How the loss changes with each weight: the gradient at its neuron, times the "
        "input the weight carried.",
        formula="∂L/∂W = (∂L/∂{symbol})ᵀ x",
        calls=_weight_calls,
        terms=_weight_terms,
    ),
    Kind(
        name="affine_bias_grad",
        title="gradient of the biases",
        sentence="How the loss changes with each bias: the gradient at its neuron, "
        "since a bias counts in full.",
        formula="∂L/∂b = Σ ∂L/∂{symbol}",
        calls=_bias_calls,
        terms=_bias_terms,
    ),
    Kind(
        name="affine_input_grad",
        title="gradient of the inputs",
        sentence="How the loss changes with each input: what came back at every neuron it fed, "
        "times the weight it went through.",
        formula="∂L/∂x = ∂L/∂{symbol} · W",
        calls=_input_calls,
        terms=_input_terms,
    ),
)
