"""The optimizer's memory: running averages, sums and velocities of the gradient.

Every op works element by element; see `update`. `t` counts the updates, from 1.
Formulas are those of `torch.optim`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import numpy as np

from nntui.engine.ops.coefficients import (
    beta_correction,
    coefficient_calls,
    flush,
    result_of,
    update_kind,
    updates,
)
from nntui.engine.ops.kind import (
    STEP,
    Bench,
    Call,
    Index,
    Kind,
    Look,
    Term,
    Terms,
    attribute,
    cell,
    cell_before,
    constant,
    product,
    single,
    square,
)
from nntui.engine.program import Op


def _average(power: int) -> tuple[Callable[..., Sequence[Call]], Callable[..., Terms]]:
    """S ← β s + (1 − β) gᵖ."""

    def calls(bench: Bench, op: Op) -> Sequence[Call]:
        gradient, out = bench[op.inputs[0]], bench[op.output]
        part = bench.scratch(*out.shape)
        beta = attribute(op, "beta")
        share = bench.constant(1.0 - beta)
        square: list[Call] = [(np.multiply, part, gradient, part)] if power == 2 else []
        return [
            (np.multiply, out, bench.constant(beta), out),
            (np.multiply, gradient, share, part),
            *square,
            (np.add, out, part, out),
            (partial(flush, out), STEP),
        ]

    def terms(look: Look, op: Op, index: Index) -> Terms:
        beta, symbol = attribute(op, "beta"), str(op.attributes.get("symbol", "β"))
        gradient = cell(look, op.inputs[0], index)
        share = constant(1 - beta, f"(1 − {symbol})")
        written = "{0} × ({1})²" if power == 2 else "{0} × {1}"
        powered = square(gradient.value) if power == 2 else gradient.value
        new = Term((share, gradient), written, (1 - beta) * powered)
        kept = product(constant(beta, symbol), cell_before(look, op.output, index))
        return Terms((kept, new), result_of(look, op, index))

    return calls, terms


def _velocity(bench: Bench, op: Op) -> Sequence[Call]:
    gradient, out = bench[op.inputs[0]], bench[op.output]
    return [
        (np.multiply, out, bench.constant(attribute(op, "momentum")), out),
        (np.add, out, gradient, out),
        (partial(flush, out), STEP),
    ]


def _velocity_terms(look: Look, op: Op, index: Index) -> Terms:
    gradient = cell(look, op.inputs[0], index)
    kept = product(constant(attribute(op, "momentum"), "μ"), cell_before(look, op.output, index))
    return Terms((kept, Term((gradient,), "{0}", gradient.value)), result_of(look, op, index))


def _nesterov(bench: Bench, op: Op) -> Sequence[Call]:
    gradient, velocity = (bench[name] for name in op.inputs)
    out = bench[op.output]
    return [
        (np.multiply, velocity, bench.constant(attribute(op, "momentum")), out),
        (np.add, out, gradient, out),
    ]


def _nesterov_terms(look: Look, op: Op, index: Index) -> Terms:
    gradient, velocity = (cell(look, name, index) for name in op.inputs)
    ahead = product(constant(attribute(op, "momentum"), "μ"), velocity)
    return Terms((Term((gradient,), "{0}", gradient.value), ahead), result_of(look, op, index))


def _square_sum(bench: Bench, op: Op) -> Sequence[Call]:
    gradient, out = bench[op.inputs[0]], bench[op.output]
    part = bench.scratch(*out.shape)
    return [(np.multiply, gradient, gradient, part), (np.add, out, part, out)]


def _square_sum_terms(look: Look, op: Op, index: Index) -> Terms:
    gradient, old = cell(look, op.inputs[0], index), cell_before(look, op.output, index)
    terms = (Term((old,), "{0}", old.value), Term((gradient,), "({0})²", square(gradient.value)))
    return Terms(terms, result_of(look, op, index))


def _corrected(bench: Bench, op: Op) -> Sequence[Call]:
    moment, out = bench[op.inputs[0]], bench[op.output]
    factor, setting = coefficient_calls(bench, op, beta_correction)
    return [setting, (np.multiply, moment, factor, out)]


def _corrected_terms(look: Look, op: Op, index: Index) -> Terms:
    result = result_of(look, op, index)
    past = attribute(op, "beta") ** updates(look.step, op)
    power = constant(past, f"{op.attributes['symbol']}^t")
    return single(Term((cell(look, op.inputs[0], index), power), "{0} / (1 − {1})", result), result)


def _largest(bench: Bench, op: Op) -> Sequence[Call]:
    out = bench[op.output]
    return [(partial(np.maximum, out=out), out, bench[op.inputs[0]])]


def _largest_terms(look: Look, op: Op, index: Index) -> Terms:
    operands = (cell_before(look, op.output, index), cell(look, op.inputs[0], index))
    result = result_of(look, op, index)
    return single(Term(operands, "max({0}, {1})", result), result)


def _infinity(bench: Bench, op: Op) -> Sequence[Call]:
    gradient, out = bench[op.inputs[0]], bench[op.output]
    size = bench.scratch(*out.shape)
    return [
        (np.multiply, out, bench.constant(attribute(op, "beta")), out),
        (np.absolute, gradient, size),
        (np.add, size, bench.constant(attribute(op, "eps")), size),
        (partial(np.maximum, out=out), out, size),
    ]


def _infinity_terms(look: Look, op: Op, index: Index) -> Terms:
    operands = (
        constant(attribute(op, "beta"), "β₂"),
        cell_before(look, op.output, index),
        cell(look, op.inputs[0], index),
        constant(attribute(op, "eps"), "ε"),
    )
    result = result_of(look, op, index)
    return single(Term(operands, "max({0} × {1}, |{2}| + {3})", result), result)


_average_calls, _average_terms = _average(1)
_square_calls, _square_terms = _average(2)

KINDS: Final[tuple[Kind, ...]] = (
    update_kind(
        "velocity",
        "momentum",
        "A velocity: it keeps a part of itself and takes up the gradient.",
        "{out} ← {momentum:g} {out} + {source}",
        _velocity,
        _velocity_terms,
    ),
    update_kind(
        "nesterov",
        "look-ahead gradient",
        "Nesterov's look ahead: the gradient plus where the velocity is going.",
        "d = g + {momentum:g} v",
        _nesterov,
        _nesterov_terms,
    ),
    update_kind(
        "average",
        "first moment",
        "A running average: where the gradient points lately.",
        "{out} ← {beta:g} {out} + (1 − {beta:g}) {source}",
        _average_calls,
        _average_terms,
    ),
    update_kind(
        "square_average",
        "second moment",
        "A running average of the squares: how large these numbers are lately.",
        "{out} ← {beta:g} {out} + (1 − {beta:g}) {source}²",
        _square_calls,
        _square_terms,
    ),
    update_kind(
        "square_sum",
        "sum of squares",
        "All squared gradients so far, added up.",
        "s ← s + g²",
        _square_sum,
        _square_sum_terms,
    ),
    update_kind(
        "correct",
        "corrected moment",
        "The average started at 0 and is too small at first; this makes up for it.",
        "{out} = {source} / (1 − {beta:g}ᵗ)",
        _corrected,
        _corrected_terms,
    ),
    update_kind(
        "largest",
        "largest second moment",
        "AMSGrad never lets the second moment shrink.",
        "v_max ← max(v_max, v)",
        _largest,
        _largest_terms,
    ),
    update_kind(
        "infinity",
        "largest gradient lately",
        "The size of the largest recent gradient.",
        "u ← max({beta:g} u, |g| + ε)",
        _infinity,
        _infinity_terms,
    ),
)
