"""The loss for classes: cross-entropy, of scores or of probabilities.

Definitions and reductions are those of `torch.nn`. B is the number of targets in the batch: one for
each sample, or for each time step of each. A class index of −1 says that there is no target there
(PyTorch's `ignore_index`): its one-hot row is empty, and B does not count it.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from itertools import product
from typing import Final

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
    cell,
    constant,
    single,
)
from nntui.engine.ops.loss import averaged, derivative_terms, loss_kinds, mean_calls, scaled, target
from nntui.engine.ops.positions import (
    at_feature,
    positions,
    width,
    with_feature,
    without_feature,
)
from nntui.engine.options import Array
from nntui.engine.program import Op
from nntui.engine.tensor import columns

_MASKED: Final = "there is no target here"

_SMALL: Final = 1e-300
"""Below this, a probability has lost digits that its logarithm still has."""


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
    cells = [cell(look, z, with_feature(index, k)) for k in range(width(look, z))]
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
    operands = (cell(look, z, index), cell(look, total, without_feature(index)))
    result = float(look.now(op.output)[index])
    return single(Term(operands, "e^({0} − {1})", result), result)


def _target_count(bench: Bench, op: Op) -> Sequence[Call]:
    given = target(bench, op).reshape(-1)
    return [(np.add.reduce, given, 0, None, bench[op.output].reshape(()))]


def _target_count_terms(look: Look, op: Op, index: Index) -> Terms:
    terms = []
    for at in np.ndindex(*look.now("y").shape):
        own = cell(look, "y", at)
        terms.append(Term((own,), "[{0} ≥ 0]", float(own.value >= 0)))
    return Terms(tuple(terms), float(look.now(op.output)))


def _targets(look: Look, op: Op) -> int:
    """How many targets the mean is over."""
    count = op.attributes["count"]
    return int(look.now(count)) if count else len(positions(look, op.attributes["target"]))


def _mean(bench: Bench, op: Op, each: Array, sign: float = 1.0) -> list[Call]:
    """The loss: sign · Σ each, over the number of targets."""
    count, out = op.attributes["count"], bench[op.output]
    if not count:
        return mean_calls(bench, each, out, columns(each).shape[1], sign)
    total = bench.scratch(1)
    return [
        (np.add.reduce, each.reshape(-1), 0, None, total.reshape(())),
        (np.multiply, total, bench.constant(sign), total),
        (np.divide, total, bench[count], out),
    ]


def _mean_slope(bench: Bench, op: Op, each: Array, sign: float = 1.0) -> list[Call]:
    """The gradient: sign · each over the number of targets, times ∂L/∂loss."""
    count, out = op.attributes["count"], bench[op.output]
    if not count:
        return scaled(bench, op, each, out, sign / columns(each).shape[1])
    return [
        (np.divide, each, bench[count], each),
        *scaled(bench, op, each, out, sign),
    ]


def _cross_entropy_logits(bench: Bench, op: Op) -> Sequence[Call]:
    z, total = bench[op.inputs[0]], bench[op.inputs[2]]
    y = target(bench, op)
    each = bench.scratch(*z.shape)
    return [
        (np.subtract, total, z, each),
        (np.multiply, each, y, each),
        *_mean(bench, op, each),
    ]


def _surprise_terms(look: Look, op: Op, index: Index, *, logits: bool) -> Terms:
    """−ln p of the right class; where the targets are probabilities, of each class by its share."""
    p = op.inputs[1 if logits else 0]
    shares = op.attributes["target"]
    terms = []
    for position, k in product(positions(look, p), range(width(look, p))):
        at = with_feature(position, k)
        share = cell(look, shares, at)
        if share.value == 0.0:
            continue
        own = cell(look, p, at)
        operands: tuple[Operand, ...] = (own,)
        with np.errstate(all="ignore"):
            written, value = "ln({0})", -float(np.log(own.value))
        if logits:
            # ln p as the engine has it: z − l, which is finite where p is 0.
            z, total = cell(look, op.inputs[0], at), cell(look, op.inputs[2], position)
            value = total.value - z.value
            if own.value < _SMALL:
                operands, written = (z, total), "({0} − {1})"
        terms.append(_weighed(share, operands, written, value))
    return averaged(look, op, tuple(terms), _targets(look, op))


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
    p, y, out = bench[op.inputs[2]], target(bench, op), bench[op.output]
    residual = bench.scratch(*p.shape)
    calls: list[Call] = [(np.subtract, p, y, residual)]
    if op.attributes["soft"] or op.attributes["count"]:
        # Given probabilities may add up to a little more or less than 1; where there is no target,
        # they add up to 0.
        weight = bench.scratch(*p.shape[1:])
        calls = [
            (np.add.reduce, y, 0, None, weight),
            (np.multiply, p, weight, out),
            (np.subtract, out, y, residual),
        ]
    return [*calls, *_mean_slope(bench, op, residual)]


def _cross_entropy_logits_backward_terms(look: Look, op: Op, index: Index) -> Terms:
    p = cell(look, op.inputs[2], index)
    y = cell(look, op.attributes["target"], index)
    count = _targets(look, op)
    if _is_masked(look, op, index):
        return derivative_terms(look, op, index, count, "0", (), _MASKED)
    if not op.attributes["soft"]:
        return derivative_terms(look, op, index, count, f"{{0}} − {y.value:g}", (p,))
    whole = _whole(look, op, index)
    if whole == 1.0:
        return derivative_terms(look, op, index, count, "{0} − {1}", (p, y))
    operands = (p, y, constant(whole, "Σy"))
    return derivative_terms(look, op, index, count, "{0} × {2} − {1}", operands)


def _whole(look: Look, op: Op, index: Index) -> float:
    """What the target's shares at the position of a cell add up to."""
    shares = op.attributes["target"]
    cells = (cell(look, shares, at_feature(index, k)) for k in range(width(look, shares)))
    return sum(share.value for share in cells)


def _is_masked(look: Look, op: Op, index: Index) -> bool:
    """Whether there is no target at the position of a cell."""
    return bool(op.attributes["count"]) and _whole(look, op, index) == 0.0


def _safe(bench: Bench, a: Array, y: Array, out: Array) -> list[Call]:
    """a, but away from 0 where y is 0, so that 0 · ln a and 0 / a are 0 there."""
    mask = bench.scratch(*a.shape, dtype=np.bool_)
    return [
        (np.equal, y, bench.constant(0.0), mask),
        (operator.setitem, out, Ellipsis, mask),
        (np.add, out, a, out),
    ]


def _cross_entropy(bench: Bench, op: Op) -> Sequence[Call]:
    a, y = bench[op.inputs[0]], target(bench, op)
    each = bench.scratch(*a.shape)
    return [
        *_safe(bench, a, y, each),
        (np.log, each, each),
        (np.multiply, each, y, each),
        *_mean(bench, op, each, sign=-1.0),
    ]


def _cross_entropy_backward(bench: Bench, op: Op) -> Sequence[Call]:
    a, y = bench[op.inputs[1]], target(bench, op)
    safe, ratio = bench.scratch(*a.shape), bench.scratch(*a.shape)
    return [
        *_safe(bench, a, y, safe),
        (np.divide, y, safe, ratio),
        *_mean_slope(bench, op, ratio, sign=-1.0),
    ]


def _cross_entropy_backward_terms(look: Look, op: Op, index: Index) -> Terms:
    a = cell(look, op.inputs[1], index)
    y = cell(look, op.attributes["target"], index)
    count = _targets(look, op)
    if _is_masked(look, op, index):
        return derivative_terms(look, op, index, count, "0", (), _MASKED)
    if y.value == 0.0 and not math.isnan(a.value):
        note = "the loss looks at the probability of the right class only"
        return derivative_terms(look, op, index, count, "0", (), note)
    if y.value == 1.0:
        return derivative_terms(look, op, index, count, "−1 / {0}", (a,))
    return derivative_terms(look, op, index, count, "−{1} / {0}", (a, y))


KINDS: Final = (
    Kind(
        name="target_count",
        title="number of targets",
        sentence="Count the positions that have a target: the loss is the mean over them.",
        formula="B = Σ [y ≥ 0]",
        calls=_target_count,
        terms=_target_count_terms,
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
)
