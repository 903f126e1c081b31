"""softmax and the identity: the activations that are not one function of one number."""

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
    Operand,
    Term,
    Terms,
    alone,
    cell,
    product,
    single,
)
from nntui.engine.ops.positions import at_feature, feature_of, width
from nntui.engine.options import Array
from nntui.engine.program import Op

if TYPE_CHECKING:
    from nntui.engine.autodiff import Tape


_SUBSCRIPTS: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def softmax_calls(bench: Bench, z: Array, out: Array) -> list[Call]:
    """Out = e^(z − max z) / Σ e^(z − max z) over the first axis."""
    largest = bench.scratch(*z.shape[1:])
    total = bench.scratch(*z.shape[1:])
    return [
        (np.maximum.reduce, z, 0, None, largest),
        (np.subtract, z, largest, out),
        (np.exp, out, out),
        (np.add.reduce, out, 0, None, total),
        (np.divide, out, total, out),
    ]


def share(look: Look, z: str, index: Index, value: float) -> Term:
    """One softmax output as a fraction of exponentials."""
    cells = tuple(cell(look, z, at_feature(index, j)) for j in range(width(look, z)))
    sum_ = " + ".join(f"e^({{{j}}})" for j in range(len(cells)))
    return Term(cells, f"e^({{{feature_of(index)}}}) / ({sum_})", value)


def _softmax(bench: Bench, op: Op) -> Sequence[Call]:
    return softmax_calls(bench, bench[op.inputs[0]], bench[op.output])


def _softmax_terms(look: Look, op: Op, index: Index) -> Terms:
    a = float(look.now(op.output)[index])
    return single(share(look, op.inputs[0], index, a), a)


def _softmax_gradient(tape: Tape, op: Op) -> None:
    tape.send(op, op.inputs[0], "softmax_grad", (tape.upstream(op), op.output))


def _softmax_backward(bench: Bench, op: Op) -> Sequence[Call]:
    upstream, a = (bench[name] for name in op.inputs)
    return softmax_grad_calls(bench, upstream, a, bench[op.output])


def softmax_grad_calls(bench: Bench, upstream: Array, a: Array, out: Array) -> list[Call]:
    """Out = a · (upstream − Σ upstream · a), the sum over the first axis."""
    mean = bench.scratch(*a.shape[1:])
    return [
        (np.multiply, upstream, a, out),
        (np.add.reduce, out, 0, None, mean),
        (np.subtract, upstream, mean, out),
        (np.multiply, out, a, out),
    ]


def _softmax_backward_terms(look: Look, op: Op, index: Index) -> Terms:
    upstream, a = op.inputs
    k = feature_of(index)
    own = cell(look, a, index)
    terms = []
    for j in range(width(look, a)):
        other = cell(look, a, at_feature(index, j))
        value = own.value * ((j == k) - other.value)
        written = "{0} × (1 − {0})" if j == k else "−{0} × {1}"
        local = Operand(
            value,
            symbol=f"∂a{subscript(j)}/∂z{subscript(k)}",
            role="local derivative",
            origin=Term((own, other), written, value),
        )
        given = cell(look, upstream, at_feature(index, j), "upstream gradient")
        terms.append(product(given, local))
    return Terms(
        tuple(terms),
        float(look.now(op.output)[index]),
        note="every output of a softmax depends on every input: a row of its Jacobian",
    )


def subscript(k: int) -> str:
    """An index as formulas write it: from 1, below the line."""
    return str(k + 1).translate(_SUBSCRIPTS)


def _nothing(bench: Bench, op: Op) -> Sequence[Call]:
    return []


def _same_terms(look: Look, op: Op, index: Index) -> Terms:
    given = cell(look, op.inputs[0], index)
    return single(alone(given), float(look.now(op.output)[index]))


def _same_gradient(tape: Tape, op: Op) -> None:
    tape.relay(op, op.inputs[0], "linear_grad")


def _relayed_terms(look: Look, op: Op, index: Index) -> Terms:
    given = cell(look, op.inputs[0], index, "upstream gradient")
    return single(alone(given), float(look.now(op.output)[index]))


KINDS: Final = (
    Kind(
        name="softmax",
        title="activation",
        sentence="Turn the numbers of a sample into probabilities that add up to 1: "
        "each one's exponential as a share of all.",
        formula="aₖ = e^zₖ / Σⱼ e^zⱼ",
        calls=_softmax,
        terms=_softmax_terms,
        gradient=_softmax_gradient,
    ),
    Kind(
        name="softmax_grad",
        title="gradient through the softmax",
        sentence="What came back at each output, times how that output changes with this input.",
        formula="∂L/∂zₖ = Σⱼ ∂L/∂aⱼ · ∂aⱼ/∂zₖ,  ∂aⱼ/∂zₖ = aₖ ([j = k] − aⱼ)",
        calls=_softmax_backward,
        terms=_softmax_backward_terms,
    ),
    Kind(
        name="linear",
        title="activation",
        sentence="No activation function: the number stays as it is.",
        formula="a = z",
        calls=_nothing,
        terms=_same_terms,
        gradient=_same_gradient,
    ),
    Kind(
        name="linear_grad",
        title="gradient, passed on",
        sentence="There is no activation function here, so the gradient passes through unchanged.",
        formula="∂L/∂z = ∂L/∂a",
        calls=_nothing,
        terms=_relayed_terms,
    ),
)
