"""Dropout: a random mask, and the product with it.

Source: Srivastava et al. (2014), in the inverted form of PyTorch: what is kept grows by 1/(1 − p).
"""

from __future__ import annotations

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
    attribute,
    cell,
    constant,
    product,
    single,
)
from nntui.engine.program import Op

if TYPE_CHECKING:
    from nntui.engine.autodiff import Tape


def _mask(bench: Bench, op: Op) -> Sequence[Call]:
    out = bench[op.output]
    draw = bench.scratch(*out.shape, dtype=np.float64)
    kept = bench.scratch(*out.shape, dtype=np.bool_)
    p = attribute(op, "p")
    return [
        bench.uniform(op.output, draw),
        (np.greater_equal, draw, np.array(p), kept),
        (operator.setitem, out, Ellipsis, kept),
        (np.multiply, out, bench.constant(1.0 / (1.0 - p)), out),
    ]


def _mask_terms(look: Look, op: Op, index: Index) -> Terms:
    value = float(look.now(op.output)[index])
    p = attribute(op, "p")
    if value == 0.0:
        return single(Term((), "0", 0.0), value, note=f"dropped, as happens with probability {p:g}")
    term = Term((constant(p, "p"),), "1 / (1 − {0})", value)
    return single(term, value, note=f"kept, as happens with probability {1 - p:g}")


def _drop(bench: Bench, op: Op) -> Sequence[Call]:
    x, mask = op.inputs
    return [(np.multiply, bench[x], bench[mask], bench[op.output])]


def _drop_terms(look: Look, op: Op, index: Index) -> Terms:
    x, mask = (cell(look, name, index) for name in op.inputs)
    return single(product(x, mask), float(look.now(op.output)[index]))


def _drop_gradient(tape: Tape, op: Op) -> None:
    x, mask = op.inputs
    tape.send(op, x, "dropout_grad", (tape.upstream(op), mask))


def _drop_backward_terms(look: Look, op: Op, index: Index) -> Terms:
    upstream = cell(look, op.inputs[0], index, "upstream gradient")
    mask = cell(look, op.inputs[1], index, "local derivative")
    return single(product(upstream, mask), float(look.now(op.output)[index]))


KINDS: Final = (
    Kind(
        name="dropout_mask",
        title="dropout mask",
        sentence="Draw for each number whether it is dropped in this step.",
        formula="mask = [u ≥ {p:g}] / (1 − {p:g}),  u uniform in 0 … 1",
        calls=_mask,
        terms=_mask_terms,
    ),
    Kind(
        name="dropout",
        title="dropout",
        sentence="Drop the numbers whose mask is 0; the others grow, so that the sum stays the "
        "same on average.",
        formula="a = x ⊙ mask",
        calls=_drop,
        terms=_drop_terms,
        gradient=_drop_gradient,
    ),
    Kind(
        name="dropout_grad",
        title="gradient through the dropout",
        sentence="What was dropped gets no gradient; what was kept gets it times its mask.",
        formula="∂L/∂x = ∂L/∂a ⊙ mask",
        calls=_drop,
        terms=_drop_backward_terms,
    ),
)
