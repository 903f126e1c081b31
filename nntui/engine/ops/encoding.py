"""Telling positions apart: a row of numbers for each time step, added to what stands there.

The rows are learned, or waves: p⟨t⟩ₖ = sin(t ω) for even k and cos(t ω) for odd k, with
ω = 10000^(−2⌊k/2⌋ / F) and t from 0. Source: Vaswani et al. (2017), section 3.5.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from nntui.engine.ops.kind import (
    Bench,
    Call,
    Index,
    Kind,
    Look,
    Term,
    Terms,
    alone,
    cell,
    constant,
    single,
)
from nntui.engine.program import Op
from nntui.engine.tensor import columns

if TYPE_CHECKING:
    from nntui.engine.autodiff import Tape

_LONGEST: Final = 10_000.0
"""The longest wave has this many time steps, times 2π."""


def _frequency(k: int, features: int) -> float:
    return float(_LONGEST ** (-(k - k % 2) / features))


def _waves(bench: Bench, op: Op) -> Sequence[Call]:
    out = bench[op.output]
    time, features = out.shape
    table = np.empty(out.shape)
    for t, k in np.ndindex(time, features):
        angle = t * _frequency(k, features)
        table[t, k] = math.cos(angle) if k % 2 else math.sin(angle)
    return [(operator.setitem, out, Ellipsis, table.astype(out.dtype))]


def _waves_terms(look: Look, op: Op, index: Index) -> Terms:
    t, k = index
    features = look.now(op.output).shape[1]
    operands = (constant(t, "t"), constant(_frequency(k, features), "ω"))
    result = float(look.now(op.output)[index])
    return single(Term(operands, f"{'cos' if k % 2 else 'sin'}({{0}} × {{1}})", result), result)


def _forward(bench: Bench, op: Op) -> Sequence[Call]:
    x, table = op.inputs
    return [(np.add, bench[x], bench[table].T[:, :, np.newaxis], bench[op.output])]


def _forward_terms(look: Look, op: Op, index: Index) -> Terms:
    x, table = op.inputs
    terms = (alone(cell(look, x, index, "input")), alone(cell(look, table, index[1:], "position")))
    return Terms(terms, float(look.now(op.output)[index]))


def _gradient(tape: Tape, op: Op) -> None:
    x, table = op.inputs
    if tape.needs(table):
        tape.send(op, table, "positions_grad", (tape.upstream(op),))
    if tape.needs(x):
        tape.relay(op, x, "positions_input_grad")


def _backward(bench: Bench, op: Op) -> Sequence[Call]:
    upstream, out = columns(bench[op.inputs[0]]), bench[op.output]
    rows = upstream.reshape(out.size, -1)
    total = bench.scratch(*out.T.shape)
    return [
        (rows.dot, bench.scratch(rows.shape[1]) + 1.0, total.reshape(-1)),
        (operator.setitem, out, Ellipsis, total.T),
    ]


def _backward_terms(look: Look, op: Op, index: Index) -> Terms:
    (upstream,) = op.inputs
    samples = len(look.now(upstream))
    terms = tuple(
        alone(cell(look, upstream, (n, *index), "upstream gradient")) for n in range(samples)
    )
    note = f"the sum over the {samples} samples of the batch" if samples > 1 else ""
    return Terms(terms, float(look.now(op.output)[index]), note=note)


def _nothing(bench: Bench, op: Op) -> Sequence[Call]:
    return []


def _relayed_terms(look: Look, op: Op, index: Index) -> Terms:
    given = cell(look, op.inputs[0], index, "upstream gradient")
    return single(alone(given), float(look.now(op.output)[index]))


KINDS: Final = (
    Kind(
        name="waves",
        title="positions",
        sentence="A pattern for each time step, made of waves from short to very long.",
        formula="p⟨t⟩ₖ = sin(t ω) for even k, cos(t ω) for odd k",
        calls=_waves,
        terms=_waves_terms,
    ),
    Kind(
        name="add_positions",
        title="positions added",
        sentence="Add to each time step the numbers that stand for its position: attention alone "
        "could not tell the order.",
        formula="a⟨t⟩ = x⟨t⟩ + p⟨t⟩",
        calls=_forward,
        terms=_forward_terms,
        gradient=_gradient,
    ),
    Kind(
        name="positions_grad",
        title="gradient of the positions",
        sentence="Add up what came back at a position over all samples: they share its numbers.",
        formula="∂L/∂p⟨t⟩ = Σ ∂L/∂a⟨t⟩",
        calls=_backward,
        terms=_backward_terms,
    ),
    Kind(
        name="positions_input_grad",
        title="gradient, passed on",
        sentence="A sum passes its gradient on unchanged.",
        formula="∂L/∂x = ∂L/∂a",
        calls=_nothing,
        terms=_relayed_terms,
    ),
)
