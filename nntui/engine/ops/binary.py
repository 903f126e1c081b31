"""Losses for yes and no: binary cross-entropy, of a probability or of a score, and hinge.

Definitions, reductions and guards against log 0 are those of `torch.nn`. N is the number of outputs
in the batch.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Final

import numpy as np

from nntui.engine.ops.kernels import clip, logistic, softplus
from nntui.engine.ops.kind import (
    Bench,
    Call,
    Index,
    Look,
    Term,
    Terms,
    cell,
)
from nntui.engine.ops.loss import averaged, derivative_terms, loss_kinds, mean_calls, scaled, target
from nntui.engine.program import Op

LOG_FLOOR: Final = -100.0
"""PyTorch's `binary_cross_entropy` takes no logarithm to be below this."""

SLOPE_FLOOR: Final = 1e-12
"""PyTorch's `binary_cross_entropy` takes a (1 − a) to be at least this in its gradient."""


def _bce(bench: Bench, op: Op) -> Sequence[Call]:
    a, both, out = bench[op.inputs[0]], bench[f"{op.inputs[1]}.both"], bench[op.output]
    logs = bench.scratch(*both.shape)
    negative, total = bench.scratch(*a.shape), bench.scratch(1)
    kept = bench.scratch(*both.shape)
    outputs = len(a)
    return [
        (np.log, a, logs[:outputs]),
        (np.negative, a, negative),
        (np.log1p, negative, logs[outputs:]),
        (clip, logs, bench.constant(LOG_FLOOR), bench.constant(math.inf), kept),
        (both.reshape(-1).dot, kept.reshape(-1), total.reshape(())),
        (np.multiply, total, bench.constant(-1.0 / a.size), out),
    ]


def _bce_term(look: Look, op: Op, at: Index) -> Term:
    a, y = cell(look, op.inputs[0], at), cell(look, op.inputs[1], at)
    with np.errstate(all="ignore"):
        yes, yes_written = floored(float(np.log(a.value)), "ln({0})")
        no, no_written = floored(float(np.log1p(-a.value)), "ln(1 − {0})")
    if y.value == 1.0:
        return Term((a,), f"−{yes_written}", -yes)
    if y.value == 0.0:
        return Term((a,), f"−{no_written}", -no)
    value = -(y.value * yes + (1 - y.value) * no)
    return Term((a, y), f"−({{1}} × {yes_written} + (1 − {{1}}) × {no_written})", value)


def floored(logarithm: float, written: str) -> tuple[float, str]:
    """A logarithm as the loss takes it, and how that is written."""
    if logarithm < LOG_FLOOR:
        return LOG_FLOOR, f"max({written}, −{-LOG_FLOOR:g})"
    return logarithm, written


def _bce_terms(look: Look, op: Op, index: Index) -> Terms:
    shape = look.now(op.inputs[0]).shape
    terms = tuple(_bce_term(look, op, i) for i in np.ndindex(*shape))
    return averaged(look, op, terms, math.prod(shape))


def _bce_backward(bench: Bench, op: Op) -> Sequence[Call]:
    a, y, out = bench[op.inputs[1]], target(bench, op), bench[op.output]
    rest, slope, floored, residual, ratio = (bench.scratch(*a.shape) for _ in range(5))
    return [
        (np.subtract, bench.constant(1.0), a, rest),
        (np.multiply, rest, a, slope),
        (clip, slope, bench.constant(SLOPE_FLOOR), bench.constant(math.inf), floored),
        (np.subtract, a, y, residual),
        (np.divide, residual, floored, ratio),
        *scaled(bench, op, ratio, out, 1.0 / a.size),
    ]


def _bce_backward_terms(look: Look, op: Op, index: Index) -> Terms:
    a, y = cell(look, op.inputs[1], index), cell(look, op.inputs[2], index)
    count = look.now(op.inputs[1]).size
    near = a.value * (1.0 - a.value) < SLOPE_FLOOR
    divisor = f"{SLOPE_FLOOR:g}" if near else "({0} × (1 − {0}))"
    written = f"({{0}} − {{1}}) / {divisor}"
    return derivative_terms(look, op, index, count, written, (a, y))


def _bce_logits(bench: Bench, op: Op) -> Sequence[Call]:
    # −ln σ(z) = softplus(−z) and −ln(1 − σ(z)) = softplus(z): exact at both ends.
    z, y, out = bench[op.inputs[0]], target(bench, op), bench[op.output]
    yes, no, against = (bench.scratch(*z.shape) for _ in range(3))
    return [
        (np.negative, z, yes),
        *softplus(bench, yes, yes),
        (np.multiply, yes, y, yes),
        *softplus(bench, z, no),
        (np.subtract, bench.constant(1.0), y, against),
        (np.multiply, no, against, no),
        (np.add, yes, no, yes),
        *mean_calls(bench, yes, out, z.size),
    ]


def _bce_logits_terms(look: Look, op: Op, index: Index) -> Terms:
    shape = look.now(op.inputs[0]).shape
    terms = []
    for at in np.ndindex(*shape):
        z, y = cell(look, op.inputs[0], at), cell(look, op.inputs[1], at)
        yes, no = float(np.logaddexp(-z.value, 0)), float(np.logaddexp(z.value, 0))
        if y.value == 1.0:
            terms.append(Term((z,), "−ln(σ({0}))", yes))
        elif y.value == 0.0:
            terms.append(Term((z,), "−ln(1 − σ({0}))", no))
        else:
            value = y.value * yes + (1 - y.value) * no
            written = "−({1} × ln(σ({0})) + (1 − {1}) × ln(1 − σ({0})))"
            terms.append(Term((z, y), written, value))
    return averaged(look, op, tuple(terms), math.prod(shape))


def _bce_logits_backward(bench: Bench, op: Op) -> Sequence[Call]:
    z, y, out = bench[op.inputs[1]], target(bench, op), bench[op.output]
    p, residual = bench.scratch(*z.shape), bench.scratch(*z.shape)
    return [
        *logistic(bench, z, p),
        (np.subtract, p, y, residual),
        *scaled(bench, op, residual, out, 1.0 / z.size),
    ]


def _bce_logits_backward_terms(look: Look, op: Op, index: Index) -> Terms:
    z, y = cell(look, op.inputs[1], index), cell(look, op.inputs[2], index)
    count = look.now(op.inputs[1]).size
    return derivative_terms(look, op, index, count, "σ({0}) − {1}", (z, y))


def _hinge(bench: Bench, op: Op) -> Sequence[Call]:
    a, y, out = bench[op.inputs[0]], target(bench, op), bench[op.output]
    each = bench.scratch(*a.shape)
    return [
        (np.multiply, a, y, each),
        (np.subtract, bench.constant(1.0), each, each),
        (clip, each, bench.constant(0.0), bench.constant(math.inf), each),
        *mean_calls(bench, each, out, a.size),
    ]


def _hinge_terms(look: Look, op: Op, index: Index) -> Terms:
    shape = look.now(op.inputs[0]).shape
    terms = []
    for at in np.ndindex(*shape):
        a, y = cell(look, op.inputs[0], at), cell(look, op.inputs[1], at)
        margin = 1 - a.value * y.value
        value = 0.0 if margin < 0 else margin
        terms.append(Term((a, y), "max(0, 1 − {1} × {0})", value))
    return averaged(look, op, tuple(terms), math.prod(shape))


def _hinge_backward(bench: Bench, op: Op) -> Sequence[Call]:
    a, y, out = bench[op.inputs[1]], target(bench, op), bench[op.output]
    mask = bench.scratch(*a.shape, dtype=np.bool_)
    margin, inside, wanted = (bench.scratch(*a.shape) for _ in range(3))
    return [
        (np.multiply, a, y, margin),
        (np.less, margin, bench.constant(1.0), mask),
        (operator.setitem, inside, Ellipsis, mask),
        (np.multiply, inside, y, wanted),
        *scaled(bench, op, wanted, out, -1.0 / a.size),
    ]


def _hinge_backward_terms(look: Look, op: Op, index: Index) -> Terms:
    a, y = cell(look, op.inputs[1], index), cell(look, op.inputs[2], index)
    count = look.now(op.inputs[1]).size
    if a.value * y.value < 1:
        return derivative_terms(look, op, index, count, "−{1}", (a, y))
    note = "beyond the margin: nothing to improve"
    return derivative_terms(look, op, index, count, "0", (a, y), note)


KINDS: Final = (
    *loss_kinds(
        "bce",
        "Surprise at the right answer: small where the probability given to it is near 1.",
        "L = −mean(y ln a + (1 − y) ln(1 − a))",
        "∂L/∂a = (a − y) / (a (1 − a)) / N",
        _bce,
        _bce_terms,
        _bce_backward,
        _bce_backward_terms,
    ),
    *loss_kinds(
        "bce_logits",
        "Surprise at the right answer, where σ(z) is the probability.",
        "L = −mean(y ln σ(z) + (1 − y) ln(1 − σ(z)))",
        "∂L/∂z = (σ(z) − y) / N",
        _bce_logits,
        _bce_logits_terms,
        _bce_logits_backward,
        _bce_logits_backward_terms,
    ),
    *loss_kinds(
        "hinge",
        "What a score lacks to be on the right side of the margin; the label is −1 or 1.",
        "L = mean(max(0, 1 − y a))",
        "∂L/∂a = −y / N where y a < 1, else 0",
        _hinge,
        _hinge_terms,
        _hinge_backward,
        _hinge_backward_terms,
    ),
)
