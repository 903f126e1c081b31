"""Losses for probabilities and classes: binary cross-entropy, cross-entropy, hinge.

Definitions, reductions and guards against log 0 are those of `torch.nn`. N is the number of outputs
in the batch, B the number of samples.
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
    Kind,
    Look,
    Operand,
    Term,
    Terms,
    cell,
    constant,
    single,
)
from nntui.engine.ops.loss import averaged, derivative_terms, loss_kinds, mean_calls, scaled
from nntui.engine.options import Array
from nntui.engine.program import Op

_LOG_FLOOR: Final = -100.0
"""PyTorch's `binary_cross_entropy` takes no logarithm to be below this."""

_SLOPE_FLOOR: Final = 1e-12
"""PyTorch's `binary_cross_entropy` takes a (1 − a) to be at least this in its gradient."""

_SMALL: Final = 1e-300
"""Below this, a probability has lost digits that its logarithm still has."""


def _target(bench: Bench, op: Op) -> Array:
    """The targets as (outputs, batch): one-hot where they are classes."""
    return bench[op.attributes["target"]]


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
        (clip, logs, bench.constant(_LOG_FLOOR), bench.constant(math.inf), kept),
        (both.reshape(-1).dot, kept.reshape(-1), total.reshape(())),
        (np.multiply, total, bench.constant(-1.0 / a.size), out),
    ]


def _bce_term(look: Look, op: Op, at: Index) -> Term:
    a, y = cell(look, op.inputs[0], at), cell(look, op.inputs[1], at)
    with np.errstate(all="ignore"):
        yes, yes_written = _floored(float(np.log(a.value)), "ln({0})")
        no, no_written = _floored(float(np.log1p(-a.value)), "ln(1 − {0})")
    if y.value == 1.0:
        return Term((a,), f"−{yes_written}", -yes)
    if y.value == 0.0:
        return Term((a,), f"−{no_written}", -no)
    value = -(y.value * yes + (1 - y.value) * no)
    return Term((a, y), f"−({{1}} × {yes_written} + (1 − {{1}}) × {no_written})", value)


def _floored(logarithm: float, written: str) -> tuple[float, str]:
    """A logarithm as the loss takes it, and how that is written."""
    if logarithm < _LOG_FLOOR:
        return _LOG_FLOOR, f"max({written}, −{-_LOG_FLOOR:g})"
    return logarithm, written


def _bce_terms(look: Look, op: Op, index: Index) -> Terms:
    shape = look.now(op.inputs[0]).shape
    terms = tuple(_bce_term(look, op, i) for i in np.ndindex(*shape))
    return averaged(terms, float(look.now(op.output)), math.prod(shape), shape[0])


def _bce_backward(bench: Bench, op: Op) -> Sequence[Call]:
    a, y, out = bench[op.inputs[1]], _target(bench, op), bench[op.output]
    rest, slope, floored, residual, ratio = (bench.scratch(*a.shape) for _ in range(5))
    return [
        (np.subtract, bench.constant(1.0), a, rest),
        (np.multiply, rest, a, slope),
        (clip, slope, bench.constant(_SLOPE_FLOOR), bench.constant(math.inf), floored),
        (np.subtract, a, y, residual),
        (np.divide, residual, floored, ratio),
        *scaled(bench, op, ratio, out, 1.0 / a.size),
    ]


def _bce_backward_terms(look: Look, op: Op, index: Index) -> Terms:
    a, y = cell(look, op.inputs[1], index), cell(look, op.inputs[2], index)
    count = look.now(op.inputs[1]).size
    near = a.value * (1.0 - a.value) < _SLOPE_FLOOR
    divisor = f"{_SLOPE_FLOOR:g}" if near else "({0} × (1 − {0}))"
    written = f"({{0}} − {{1}}) / {divisor}"
    return derivative_terms(look, op, index, count, written, (a, y))


def _bce_logits(bench: Bench, op: Op) -> Sequence[Call]:
    # −ln σ(z) = softplus(−z) and −ln(1 − σ(z)) = softplus(z): exact at both ends.
    z, y, out = bench[op.inputs[0]], _target(bench, op), bench[op.output]
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
    return averaged(tuple(terms), float(look.now(op.output)), math.prod(shape), shape[0])


def _bce_logits_backward(bench: Bench, op: Op) -> Sequence[Call]:
    z, y, out = bench[op.inputs[1]], _target(bench, op), bench[op.output]
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


def _log_total(bench: Bench, op: Op) -> Sequence[Call]:
    z, out = bench[op.inputs[0]], bench[op.output]
    shifted, largest = bench.scratch(*z.shape), bench.scratch(*z.shape[1:])
    return [
        (np.maximum.reduce, z, 0, None, largest),
        (np.subtract, z, largest, shifted),
        (np.exp, shifted, shifted),
        (np.add.reduce, shifted, 0, None, out),
        (np.log, out, out),
        (np.add, out, largest, out),
    ]


def _log_total_terms(look: Look, op: Op, index: Index) -> Terms:
    (z,) = op.inputs
    cells = [cell(look, z, (*index, k)) for k in range(look.now(z).shape[1])]
    terms = tuple(Term((c,), "e^({0})", _exp(c.value)) for c in cells)
    result = float(look.now(op.output)[index])
    lost = math.isfinite(result) and not 0.0 < sum(t.value for t in terms) < math.inf
    note = "out of range as written: the largest number was taken out first" if lost else ""
    return Terms(terms, result, "ln({})", note)


def _exp(value: float) -> float:
    with np.errstate(all="ignore"):
        return float(np.exp(value))


def _probability(bench: Bench, op: Op) -> Sequence[Call]:
    z, total = (bench[name] for name in op.inputs)
    out = bench[op.output]
    return [(np.subtract, z, total, out), (np.exp, out, out)]


def _probability_terms(look: Look, op: Op, index: Index) -> Terms:
    z, total = op.inputs
    operands = (cell(look, z, index), cell(look, total, index[:1]))
    result = float(look.now(op.output)[index])
    return single(Term(operands, "e^({0} − {1})", result), result)


def _cross_entropy_logits(bench: Bench, op: Op) -> Sequence[Call]:
    z, _p, total, _y = (bench[name] for name in op.inputs)
    y, out = _target(bench, op), bench[op.output]
    each = bench.scratch(*z.shape)
    return [
        (np.subtract, total, z, each),
        (np.multiply, each, y, each),
        *mean_calls(bench, each, out, z.shape[-1]),
    ]


def _surprise_terms(look: Look, op: Op, index: Index, *, logits: bool) -> Terms:
    """−ln p of the right class; where the targets are probabilities, of each class by its share."""
    p = op.inputs[1 if logits else 0]
    samples, classes = look.now(p).shape
    terms = []
    for s in range(samples):
        for k in range(classes):
            share = cell(look, op.attributes["target"], (s, k))
            if share.value == 0.0:
                continue
            own = cell(look, p, (s, k))
            operands: tuple[Operand, ...] = (own,)
            with np.errstate(all="ignore"):
                written, value = "ln({0})", -float(np.log(own.value))
            if logits:
                # ln p as the engine has it: z − l, which is finite where p is 0.
                z, total = cell(look, op.inputs[0], (s, k)), cell(look, op.inputs[2], (s,))
                value = total.value - z.value
                if own.value < _SMALL:
                    operands, written = (z, total), "({0} − {1})"
            terms.append(_weighed(share, operands, written, value))
    return averaged(tuple(terms), float(look.now(op.output)), samples, samples)


def _weighed(share: Operand, operands: tuple[Operand, ...], written: str, value: float) -> Term:
    """−share × what is written, which comes to −`value`; a share of 1 is left out."""
    if share.value == 1.0:
        return Term(operands, f"−{written}", value)
    return Term((*operands, share), f"−{{{len(operands)}}} × {written}", share.value * value)


def _cross_entropy_logits_terms(look: Look, op: Op, index: Index) -> Terms:
    return _surprise_terms(look, op, index, logits=True)


def _cross_entropy_terms(look: Look, op: Op, index: Index) -> Terms:
    return _surprise_terms(look, op, index, logits=False)


def _cross_entropy_logits_backward(bench: Bench, op: Op) -> Sequence[Call]:
    p, y, out = bench[op.inputs[2]], _target(bench, op), bench[op.output]
    residual = bench.scratch(*p.shape)
    calls: list[Call] = [(np.subtract, p, y, residual)]
    if op.attributes["soft"]:
        # Given probabilities may add up to a little more or less than 1.
        weight = bench.scratch(*p.shape[1:])
        calls = [
            (np.add.reduce, y, 0, None, weight),
            (np.multiply, p, weight, out),
            (np.subtract, out, y, residual),
        ]
    return [*calls, *scaled(bench, op, residual, out, 1.0 / p.shape[-1])]


def _cross_entropy_logits_backward_terms(look: Look, op: Op, index: Index) -> Terms:
    p = cell(look, op.inputs[2], index)
    y = cell(look, op.attributes["target"], index)
    count = look.now(op.inputs[2]).shape[0]
    if not op.attributes["soft"]:
        return derivative_terms(look, op, index, count, f"{{0}} − {y.value:g}", (p,))
    whole = float(look.now(op.attributes["target"])[index[0]].sum())
    if whole == 1.0:
        return derivative_terms(look, op, index, count, "{0} − {1}", (p, y))
    operands = (p, y, constant(whole, "Σy"))
    return derivative_terms(look, op, index, count, "{0} × {2} − {1}", operands)


def _safe(bench: Bench, a: Array, y: Array, out: Array) -> list[Call]:
    """a, but away from 0 where y is 0, so that 0 · ln a and 0 / a are 0 there."""
    mask = bench.scratch(*a.shape, dtype=np.bool_)
    return [
        (np.equal, y, bench.constant(0.0), mask),
        (operator.setitem, out, Ellipsis, mask),
        (np.add, out, a, out),
    ]


def _cross_entropy(bench: Bench, op: Op) -> Sequence[Call]:
    a, y, out = bench[op.inputs[0]], _target(bench, op), bench[op.output]
    each = bench.scratch(*a.shape)
    return [
        *_safe(bench, a, y, each),
        (np.log, each, each),
        (np.multiply, each, y, each),
        *mean_calls(bench, each, out, a.shape[-1], sign=-1.0),
    ]


def _cross_entropy_backward(bench: Bench, op: Op) -> Sequence[Call]:
    a, y, out = bench[op.inputs[1]], _target(bench, op), bench[op.output]
    safe, ratio = bench.scratch(*a.shape), bench.scratch(*a.shape)
    return [
        *_safe(bench, a, y, safe),
        (np.divide, y, safe, ratio),
        *scaled(bench, op, ratio, out, -1.0 / a.shape[-1]),
    ]


def _cross_entropy_backward_terms(look: Look, op: Op, index: Index) -> Terms:
    a = cell(look, op.inputs[1], index)
    y = cell(look, op.attributes["target"], index)
    count = look.now(op.inputs[1]).shape[0]
    if y.value == 0.0 and not math.isnan(a.value):
        note = "the loss looks at the probability of the right class only"
        return derivative_terms(look, op, index, count, "0", (), note)
    if y.value == 1.0:
        return derivative_terms(look, op, index, count, "−1 / {0}", (a,))
    return derivative_terms(look, op, index, count, "−{1} / {0}", (a, y))


def _hinge(bench: Bench, op: Op) -> Sequence[Call]:
    a, y, out = bench[op.inputs[0]], _target(bench, op), bench[op.output]
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
    return averaged(tuple(terms), float(look.now(op.output)), math.prod(shape), shape[0])


def _hinge_backward(bench: Bench, op: Op) -> Sequence[Call]:
    a, y, out = bench[op.inputs[1]], _target(bench, op), bench[op.output]
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
    Kind(
        name="log_total",
        title="normaliser",
        sentence="The logarithm of the sum of all exponentials: what makes probabilities add up "
        "to 1. The largest number is taken out first, so that nothing overflows.",
        formula="l = ln Σₖ e^zₖ",
        calls=_log_total,
        terms=_log_total_terms,
    ),
    Kind(
        name="probability",
        title="probabilities",
        sentence="The softmax of the scores: each one's exponential as a share of all.",
        formula="p = e^(z − l) = softmax(z)",
        calls=_probability,
        terms=_probability_terms,
    ),
    *loss_kinds(
        "cross_entropy_logits",
        "Surprise at the right class: minus the logarithm of the probability given to it.",
        "L = −mean(ln p_y),  ln p = z − l",
        "∂L/∂z = (p − y) / B,  y one-hot",
        _cross_entropy_logits,
        _cross_entropy_logits_terms,
        _cross_entropy_logits_backward,
        _cross_entropy_logits_backward_terms,
    ),
    *loss_kinds(
        "cross_entropy",
        "Surprise at the right class: minus the logarithm of the probability given to it.",
        "L = −mean(ln a_y)",
        "∂L/∂a = −y / a / B,  y one-hot",
        _cross_entropy,
        _cross_entropy_terms,
        _cross_entropy_backward,
        _cross_entropy_backward_terms,
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
