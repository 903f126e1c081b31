"""The optimizer's ops: from a gradient to a new parameter.

All of them work element by element with exactly rounded operations, so that one parameter at a time
and the whole flat vector at once give the same bits. `t` is the number of the training step, from 1.
Formulas are those of `torch.optim`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import numpy as np

from nntui.engine.ops.kind import (
    STEP,
    Bench,
    Call,
    Index,
    Kind,
    Look,
    Operand,
    Term,
    Terms,
    attribute,
    cell,
    cell_before,
    constant,
    product,
    single,
)
from nntui.engine.options import Array
from nntui.engine.program import Op

_FLUSH_EVERY: Final = 512

Coefficient = Callable[[int, Op], float]
"""A number that depends on the step and the op's options."""


def beta_correction(step: int, op: Op) -> float:
    """1 / (1 − βᵗ)."""
    return 1.0 / (1.0 - attribute(op, "beta") ** step)


def _set(target: Array, coefficient: Coefficient, op: Op, step: int) -> None:
    target[()] = coefficient(step, op)


def _coefficient(bench: Bench, op: Op, coefficient: Coefficient) -> tuple[Array, Call]:
    """A scalar that follows the step, and the call that sets it."""
    target = bench.scratch()
    return target, (partial(_set, target, coefficient, op), STEP)


def _flush(array: Array, step: int) -> None:
    """Set denormal moments to 0 now and then: they never decay away, and are slow to compute with."""
    if step % _FLUSH_EVERY == 0:
        array[np.abs(array) < np.finfo(array.dtype).tiny * 1e18] = 0.0


def _result(look: Look, op: Op, index: Index) -> float:
    return float(look.now(op.output)[index])


# --- the gradient before it is used ---------------------------------------------------------------


def _rate(bench: Bench, op: Op) -> Sequence[Call]:
    return [(partial(_set, bench[op.output].reshape(()), _scheduled, op), STEP)]


def _scheduled(step: int, op: Op) -> float:
    rate: Callable[[int], float] = op.attributes["rate"]
    return rate(step)


def _rate_terms(look: Look, op: Op, index: Index) -> Terms:
    result = _result(look, op, index)
    return single(Term((), f"{op.attributes['text']}", result), result)


def _norm(bench: Bench, op: Op) -> Sequence[Call]:
    out = bench[op.output]
    part = bench.scratch(1)
    calls: list[Call] = [(out.fill, 0.0)]
    for name in op.inputs:
        gradient = bench[name]
        work = bench.scratch(*gradient.shape)
        calls += [
            (np.multiply, gradient, gradient, work),
            (np.add.reduce, work.reshape(-1), 0, None, part.reshape(())),
            (np.add, out, part, out),
        ]
    return [*calls, (np.sqrt, out, out)]


def _norm_terms(look: Look, op: Op, index: Index) -> Terms:
    terms = tuple(
        Term((own,), "({0})²", own.value**2)
        for name in op.inputs
        for own in (cell(look, name, i) for i in np.ndindex(*look.now(name).shape))
    )
    return Terms(terms, _result(look, op, index), "√({})")


def _clip_scale(bench: Bench, op: Op) -> Sequence[Call]:
    norm, out = bench[op.inputs[0]], bench[op.output]
    return [
        (np.add, norm, bench.constant(1e-6), out),
        (np.divide, bench.constant(attribute(op, "limit")), out, out),
        (np.minimum, out, bench.constant(1.0), out),
    ]


def _clip_scale_terms(look: Look, op: Op, index: Index) -> Terms:
    operands = (constant(attribute(op, "limit"), "c"), cell(look, op.inputs[0], ()))
    result = _result(look, op, index)
    return single(Term(operands, "min(1, {0} / ({1} + 1e-6))", result), result)


def _clipped(bench: Bench, op: Op) -> Sequence[Call]:
    gradient, scale = op.inputs
    return [(np.multiply, bench[gradient], bench[scale].reshape(()), bench[op.output])]


def _clipped_terms(look: Look, op: Op, index: Index) -> Terms:
    gradient, scale = op.inputs
    term = product(cell(look, gradient, index), cell(look, scale, ()))
    return single(term, _result(look, op, index))


def _decayed_gradient(bench: Bench, op: Op) -> Sequence[Call]:
    gradient, theta = op.inputs
    out = bench[op.output]
    return [
        (np.multiply, bench[theta], bench.constant(attribute(op, "decay")), out),
        (np.add, out, bench[gradient], out),
    ]


def _decayed_gradient_terms(look: Look, op: Op, index: Index) -> Terms:
    gradient, theta = op.inputs
    terms = (
        Term((g := cell(look, gradient, index),), "{0}", g.value),
        product(constant(attribute(op, "decay"), "λ"), cell_before(look, theta, index, "weight")),
    )
    return Terms(terms, _result(look, op, index))


# --- moments --------------------------------------------------------------------------------------


def _average(power: int) -> tuple[Callable[..., Sequence[Call]], Callable[..., Terms]]:
    """s ← β s + (1 − β) gᵖ."""

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
            (partial(_flush, out), STEP),
        ]

    def terms(look: Look, op: Op, index: Index) -> Terms:
        beta, symbol = attribute(op, "beta"), str(op.attributes.get("symbol", "β"))
        gradient = cell(look, op.inputs[0], index)
        share = constant(1 - beta, f"(1 − {symbol})")
        written = "{0} × ({1})²" if power == 2 else "{0} × {1}"
        new = Term((share, gradient), written, (1 - beta) * gradient.value**power)
        kept = product(constant(beta, symbol), cell_before(look, op.output, index))
        return Terms((kept, new), _result(look, op, index))

    return calls, terms


def _velocity(bench: Bench, op: Op) -> Sequence[Call]:
    gradient, out = bench[op.inputs[0]], bench[op.output]
    return [
        (np.multiply, out, bench.constant(attribute(op, "momentum")), out),
        (np.add, out, gradient, out),
        (partial(_flush, out), STEP),
    ]


def _velocity_terms(look: Look, op: Op, index: Index) -> Terms:
    gradient = cell(look, op.inputs[0], index)
    kept = product(
        constant(attribute(op, "momentum"), "μ"), cell_before(look, op.output, index)
    )
    return Terms((kept, Term((gradient,), "{0}", gradient.value)), _result(look, op, index))


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
    return Terms((Term((gradient,), "{0}", gradient.value), ahead), _result(look, op, index))


def _square_sum(bench: Bench, op: Op) -> Sequence[Call]:
    gradient, out = bench[op.inputs[0]], bench[op.output]
    part = bench.scratch(*out.shape)
    return [(np.multiply, gradient, gradient, part), (np.add, out, part, out)]


def _square_sum_terms(look: Look, op: Op, index: Index) -> Terms:
    gradient, old = cell(look, op.inputs[0], index), cell_before(look, op.output, index)
    terms = (Term((old,), "{0}", old.value), Term((gradient,), "({0})²", gradient.value**2))
    return Terms(terms, _result(look, op, index))


def _corrected(bench: Bench, op: Op) -> Sequence[Call]:
    moment, out = bench[op.inputs[0]], bench[op.output]
    factor, setting = _coefficient(bench, op, beta_correction)
    return [setting, (np.multiply, moment, factor, out)]


def _corrected_terms(look: Look, op: Op, index: Index) -> Terms:
    result = _result(look, op, index)
    power = constant(attribute(op, "beta") ** look.step, f"{op.attributes['symbol']}^t")
    return single(Term((cell(look, op.inputs[0], index), power), "{0} / (1 − {1})", result), result)


def _largest(bench: Bench, op: Op) -> Sequence[Call]:
    out = bench[op.output]
    return [(np.maximum, out, bench[op.inputs[0]], out)]


def _largest_terms(look: Look, op: Op, index: Index) -> Terms:
    operands = (cell_before(look, op.output, index), cell(look, op.inputs[0], index))
    result = _result(look, op, index)
    return single(Term(operands, "max({0}, {1})", result), result)


def _infinity(bench: Bench, op: Op) -> Sequence[Call]:
    gradient, out = bench[op.inputs[0]], bench[op.output]
    size = bench.scratch(*out.shape)
    return [
        (np.multiply, out, bench.constant(attribute(op, "beta")), out),
        (np.absolute, gradient, size),
        (np.add, size, bench.constant(attribute(op, "eps")), size),
        (np.maximum, out, size, out),
    ]


def _infinity_terms(look: Look, op: Op, index: Index) -> Terms:
    operands = (
        constant(attribute(op, "beta"), "β₂"),
        cell_before(look, op.output, index),
        cell(look, op.inputs[0], index),
        constant(attribute(op, "eps"), "ε"),
    )
    result = _result(look, op, index)
    return single(Term(operands, "max({0} × {1}, |{2}| + {3})", result), result)


# --- directions -----------------------------------------------------------------------------------


def _ratio(bench: Bench, op: Op) -> Sequence[Call]:
    """g / (√s + ε), or with `centre` μ: g / (√(s − μ²) + ε)."""
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
    result = _result(look, op, index)
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
    result = _result(look, op, index)
    return single(Term(operands, "√({2} + {3}) / √({1} + {3}) × {0}", result), result)


def _nadam_mu(step: int, op: Op) -> float:
    """μₜ = β₁ (1 − ½ · 0.96^(t ψ))."""
    return attribute(op, "beta") * (1.0 - 0.5 * 0.96 ** (step * attribute(op, "psi")))


def _nadam_product(step: int, op: Op) -> float:
    """Π μᵢ up to t; the products found so far are kept with the op."""
    known: list[float] = op.attributes["products"]
    while len(known) <= step:
        known.append(known[-1] * _nadam_mu(len(known), op))
    return known[step]


def _nadam_gradient(step: int, op: Op) -> float:
    return (1.0 - _nadam_mu(step, op)) / (1.0 - _nadam_product(step, op))


def _nadam_moment(step: int, op: Op) -> float:
    return _nadam_mu(step + 1, op) / (1.0 - _nadam_product(step + 1, op))


def _look_ahead(bench: Bench, op: Op) -> Sequence[Call]:
    gradient, m = (bench[name] for name in op.inputs)
    out = bench[op.output]
    part = bench.scratch(*out.shape)
    share, set_share = _coefficient(bench, op, _nadam_gradient)
    rest, set_rest = _coefficient(bench, op, _nadam_moment)
    return [
        set_share,
        set_rest,
        (np.multiply, gradient, share, out),
        (np.multiply, m, rest, part),
        (np.add, out, part, out),
    ]


def _look_ahead_terms(look: Look, op: Op, index: Index) -> Terms:
    gradient, m = (cell(look, name, index) for name in op.inputs)
    terms = (
        product(constant(_nadam_gradient(look.step, op), "(1 − μₜ)/(1 − Πμ)"), gradient),
        product(constant(_nadam_moment(look.step, op), "μₜ₊₁/(1 − Πμ)"), m),
    )
    return Terms(terms, _result(look, op, index))


# --- the step itself ------------------------------------------------------------------------------


def adagrad_decay(step: int, op: Op) -> float:
    """1 / (1 + (t − 1) lr_decay)."""
    return 1.0 / (1.0 + (step - 1) * attribute(op, "lr_decay"))


def _shrunk(bench: Bench, op: Op) -> Sequence[Call]:
    """θ (1 − η λ): AdamW's decay, apart from the gradient."""
    theta, rate = op.inputs
    factor = bench.scratch(1)
    out = bench[op.output]
    return [
        (np.multiply, bench[rate], bench.constant(-attribute(op, "decay")), factor),
        (np.add, factor, bench.constant(1.0), factor),
        (np.multiply, bench[theta], factor.reshape(()), out),
    ]


def _shrunk_terms(look: Look, op: Op, index: Index) -> Terms:
    operands = (
        cell_before(look, op.inputs[0], index, "weight"),
        cell(look, op.inputs[1], ()),
        constant(attribute(op, "decay"), "λ"),
    )
    result = _result(look, op, index)
    return single(Term(operands, "{0} × (1 − {1} × {2})", result), result)


def _descend(bench: Bench, op: Op) -> Sequence[Call]:
    """θ ← base − η · direction [/ (√s + ε)] [/ u], with η changed by the step where asked."""
    base, direction, rate, *divisor = op.inputs
    out, eta = bench[op.output], bench[rate].reshape(())
    work = bench.scratch(*out.shape)
    calls: list[Call] = []
    source = bench[direction]
    if divisor and "eps" in op.attributes:
        eps = bench.constant(attribute(op, "eps"))
        calls += [(np.sqrt, bench[divisor[0]], work), (np.add, work, eps, work)]
        calls += [(np.divide, source, work, work)]
        source = work
    elif divisor:
        calls += [(np.divide, source, bench[divisor[0]], work)]
        source = work
    if "factor" in op.attributes:
        factor, setting = _coefficient(bench, op, op.attributes["factor"])
        calls += [setting, (np.multiply, source, factor, work)]
        source = work
    return [*calls, (np.multiply, source, eta, work), (np.subtract, bench[base], work, out)]


def _descend_terms(look: Look, op: Op, index: Index) -> Terms:
    base, direction, rate, *divisor = op.inputs
    before = cell_before if base == op.output else cell
    theta = before(look, base, index, "weight")
    result = _result(look, op, index)
    operands: list[Operand] = [cell(look, rate, ()), cell(look, direction, index)]
    written = "−{0} × {1}"
    if "factor" in op.attributes:
        factor: Coefficient = op.attributes["factor"]
        operands.append(constant(factor(look.step, op), op.attributes["factor_symbol"]))
        written += f" × {{{len(operands) - 1}}}"
    if divisor:
        operands.append(cell(look, divisor[0], index))
        k = len(operands) - 1
        if "eps" in op.attributes:
            operands.append(constant(attribute(op, "eps"), "ε"))
            written += f" / (√{{{k}}} + {{{k + 1}}})"
        else:
            written += f" / {{{k}}}"
    change = Term(tuple(operands), written, result - theta.value)
    return Terms((Term((theta,), "{0}", theta.value), change), result)


def _stay(bench: Bench, op: Op) -> Sequence[Call]:
    return []


def _stay_terms(look: Look, op: Op, index: Index) -> Terms:
    own = cell(look, op.output, index, "weight")
    return single(Term((own,), "{0}", own.value), own.value)


_average_calls, _average_terms = _average(1)
_square_calls, _square_terms = _average(2)


def _kind(name: str, title: str, sentence: str, formula: str, calls: Any, terms: Any) -> Kind:
    return Kind(
        name=name, title=title, sentence=sentence, formula=formula, calls=calls, terms=terms
    )


KINDS: Final = (
    _kind("rate", "learning rate", "The schedule sets the learning rate of this step.",
          "{formula}", _rate, _rate_terms),
    _kind("grad_norm", "size of the whole gradient",
          "The length of the gradient over all parameters together.",
          "‖g‖ = √(Σ g²)", _norm, _norm_terms),
    _kind("clip_scale", "clipping factor",
          "What the gradient is multiplied with so that it is no longer than {limit:g}.",
          "s = min(1, {limit:g} / (‖g‖ + 1e-6))", _clip_scale, _clip_scale_terms),
    _kind("clip", "clipped gradient", "Shorten the gradient; its direction stays.",
          "g ← s · g", _clipped, _clipped_terms),
    _kind("decay", "gradient with weight decay", "Weight decay pulls the parameter towards 0.",
          "g ← g + {decay:g} θ", _decayed_gradient, _decayed_gradient_terms),
    _kind("velocity", "momentum", "A velocity: it keeps a part of itself and takes up the gradient.",
          "v ← {momentum:g} v + g", _velocity, _velocity_terms),
    _kind("nesterov", "look-ahead gradient", "Nesterov's look ahead: the gradient plus where the "
          "velocity is going.", "d = g + {momentum:g} v", _nesterov, _nesterov_terms),
    _kind("average", "first moment", "A running average of the gradient: where it points lately.",
          "m ← {beta:g} m + (1 − {beta:g}) g", _average_calls, _average_terms),
    _kind("square_average", "second moment",
          "A running average of the squared gradient: how large it is lately.",
          "v ← {beta:g} v + (1 − {beta:g}) g²", _square_calls, _square_terms),
    _kind("square_sum", "sum of squares", "All squared gradients so far, added up.",
          "s ← s + g²", _square_sum, _square_sum_terms),
    _kind("correct", "corrected moment",
          "The average started at 0 and is too small at first; this makes up for it.",
          "{hat} = {of_symbol} / (1 − {beta:g}ᵗ)", _corrected, _corrected_terms),
    _kind("largest", "largest second moment", "AMSGrad never lets the second moment shrink.",
          "v_max ← max(v_max, v)", _largest, _largest_terms),
    _kind("infinity", "largest gradient lately", "The size of the largest recent gradient.",
          "u ← max({beta:g} u, |g| + ε)", _infinity, _infinity_terms),
    _kind("ratio", "direction", "The gradient in units of its usual size.",
          "d = g / (√v + ε)", _ratio, _ratio_terms),
    _kind("delta", "direction", "The gradient in units of past changes over past gradients.",
          "Δ = √(s_Δ + ε) / √(s_g + ε) · g", _delta, _delta_terms),
    _kind("look_ahead", "direction", "Nesterov's look ahead for Adam: the gradient and the moment, "
          "each corrected.", "d = (1 − μₜ)/(1 − Πμ) g + μₜ₊₁/(1 − Πμ) m",
          _look_ahead, _look_ahead_terms),
    _kind("shrink", "decayed parameter", "AdamW takes weight decay apart from the gradient.",
          "θ′ = θ (1 − η · {decay:g})", _shrunk, _shrunk_terms),
    _kind("descend", "new value", "Move the parameter against the gradient.",
          "{formula}", _descend, _descend_terms),
    _kind("frozen", "unchanged", "This parameter is frozen: the optimizer leaves it alone.",
          "θ ← θ", _stay, _stay_terms),
)  # fmt: skip
