"""The directions that optimizers go in where that is not simply the gradient.

Every op works element by element; see `update`. `t` counts the updates, from 1.
Formulas are those of `torch.optim`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from nntui.engine.ops.coefficients import (
    coefficient_calls,
    result_of,
    update_kind,
    updates,
)
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
    cell_before,
    constant,
    product,
    single,
)
from nntui.engine.program import Op


def _ratio(bench: Bench, op: Op) -> Sequence[Call]:
    """G / (√s + ε), or with `centre` μ: g / (√(s − μ²) + ε)."""
    gradient, square, *centre = (bench[name] for name in op.inputs)
    out = bench[op.output]
    calls: list[Call] = [(np.sqrt, square, out)]
    if centre:
        calls = [
            (np.multiply, centre[0], centre[0], out),
            (np.subtract, square, out, out),
            (np.sqrt, out, out),
        ]
    return [
        *calls,
        (np.add, out, bench.constant(attribute(op, "eps")), out),
        (np.divide, gradient, out, out),
    ]


def _ratio_terms(look: Look, op: Op, index: Index) -> Terms:
    operands = tuple(cell(look, name, index) for name in op.inputs)
    eps = constant(attribute(op, "eps"), "ε")
    written = "{0} / (√{1} + {2})" if len(operands) == 2 else "{0} / (√({1} − ({2})²) + {3})"
    result = result_of(look, op, index)
    return single(Term((*operands, eps), written, result), result)


def _delta(bench: Bench, op: Op) -> Sequence[Call]:
    gradient, square, past = (bench[name] for name in op.inputs)
    out = bench[op.output]
    deviation = bench.scratch(*out.shape)
    eps = bench.constant(attribute(op, "eps"))
    return [
        (np.add, square, eps, deviation),
        (np.sqrt, deviation, deviation),
        (np.add, past, eps, out),
        (np.sqrt, out, out),
        (np.divide, out, deviation, out),
        (np.multiply, out, gradient, out),
    ]


def _delta_terms(look: Look, op: Op, index: Index) -> Terms:
    gradient, square, past = op.inputs
    operands = (
        cell(look, gradient, index),
        cell(look, square, index),
        cell_before(look, past, index),
        constant(attribute(op, "eps"), "ε"),
    )
    result = result_of(look, op, index)
    return single(Term(operands, "√({2} + {3}) / √({1} + {3}) × {0}", result), result)


def _nadam_mu(t: int, op: Op) -> float:
    """μₜ = β₁ (1 − ½ · 0.96^(t ψ))."""
    return float(attribute(op, "beta") * (1.0 - 0.5 * 0.96 ** (t * attribute(op, "psi"))))


def _nadam_product(t: int, op: Op) -> float:
    """Π μᵢ up to t; the products found so far are kept with the op."""
    known: list[float] = op.attributes["products"]
    while len(known) <= t:
        known.append(known[-1] * _nadam_mu(len(known), op))
    return known[t]


def _nadam_gradient(t: int, op: Op) -> float:
    return (1.0 - _nadam_mu(t, op)) / (1.0 - _nadam_product(t, op))


def _nadam_moment(t: int, op: Op) -> float:
    return _nadam_mu(t + 1, op) / (1.0 - _nadam_product(t + 1, op))


def _look_ahead(bench: Bench, op: Op) -> Sequence[Call]:
    gradient, m = (bench[name] for name in op.inputs)
    out = bench[op.output]
    part = bench.scratch(*out.shape)
    share, set_share = coefficient_calls(bench, op, _nadam_gradient)
    rest, set_rest = coefficient_calls(bench, op, _nadam_moment)
    return [
        set_share,
        set_rest,
        (np.multiply, gradient, share, out),
        (np.multiply, m, rest, part),
        (np.add, out, part, out),
    ]


def _look_ahead_terms(look: Look, op: Op, index: Index) -> Terms:
    t = updates(look.step, op)
    gradient, m = (cell(look, name, index) for name in op.inputs)
    terms = (
        product(constant(_nadam_gradient(t, op), "(1 − μₜ)/(1 − Πμ)"), gradient),
        product(constant(_nadam_moment(t, op), "μₜ₊₁/(1 − Πμ)"), m),
    )
    return Terms(terms, result_of(look, op, index))


KINDS: Final[tuple[Kind, ...]] = (
    update_kind(
        "ratio",
        "direction",
        "The gradient in units of its usual size.",
        "d = {formula}",
        _ratio,
        _ratio_terms,
    ),
    update_kind(
        "delta",
        "direction",
        "The gradient in units of past changes over past gradients.",
        "Δ = √(s_Δ + ε) / √(s + ε) · g",
        _delta,
        _delta_terms,
    ),
    update_kind(
        "look_ahead",
        "direction",
        "Nesterov's look ahead for Adam: the gradient and the moment, each corrected.",
        "d = (1 − μₜ)/(1 − Πμ) g + μₜ₊₁/(1 − Πμ) m",
        _look_ahead,
        _look_ahead_terms,
    ),
)
