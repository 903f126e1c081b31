"""The optimizer's ops: from a gradient to a new parameter.

All of them work element by element with exactly rounded operations, so that one parameter at a
time and the whole flat vector at once give the same bits. `t` counts the updates, from 1.
Formulas are those of `torch.optim`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final

import numpy as np

from nntui.engine.ops.coefficients import (
    Coefficient,
    coefficient_calls,
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
    Operand,
    Term,
    Terms,
    alone,
    are_many,
    attribute,
    cell,
    cell_before,
    constant,
    product,
    single,
    square,
)
from nntui.engine.program import Op

# --- the gradient before it is used ---------------------------------------------------------------


Scheduled = tuple[str, str, Callable[[int], float]]
"""A setting, the tensor that says whether it is held, and its schedule."""


def scheduled(bench: Bench, op: Op) -> Sequence[Call]:
    """Set a setting to what its schedule says, unless it is held at what a hand has set."""
    return scheduled_all(bench, [(op.output, op.inputs[0], op.attributes["rate"])])


def scheduled_all(bench: Bench, settings: Iterable[Scheduled]) -> Sequence[Call]:
    """The same for several settings, in one call."""
    followed = [
        (bench[name].reshape(()), bench[held].reshape(()), rate) for name, held, rate in settings
    ]

    def follow(step: int) -> None:
        for setting, held, rate in followed:
            if not held:
                setting[()] = rate(step)

    return [(follow, STEP)]


def scheduled_terms(look: Look, op: Op, index: Index) -> Terms:
    """How a scheduled setting came about, with numbers where the op knows a term for a step."""
    result = result_of(look, op, index)
    if look.now(op.inputs[0]):
        note = "changed by hand: the schedule sets it no more"
        return single(Term((), "as set by hand", result), result, note)
    if "term" in op.attributes:
        term: Callable[[int], Term] = op.attributes["term"]
        return single(term(look.step), result)
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
    if are_many(look, op.inputs):
        sums = [(name, float(np.square(look.now(name)).sum())) for name in op.inputs]
        whole = tuple(alone(constant(value, f"‖{name}‖²")) for name, value in sums)
        return Terms(whole, result_of(look, op, index), "√({})", "by parameter")
    terms = tuple(
        Term((own,), "({0})²", square(own.value))
        for name in op.inputs
        for own in (cell(look, name, i) for i in np.ndindex(*look.now(name).shape))
    )
    return Terms(terms, result_of(look, op, index), "√({})")


def _clip_scale(bench: Bench, op: Op) -> Sequence[Call]:
    norm, out = bench[op.inputs[0]], bench[op.output]
    return [
        (np.add, norm, bench.constant(1e-6), out),
        (np.divide, bench.constant(attribute(op, "limit")), out, out),
        (partial(np.minimum, out=out), out, bench.constant(1.0)),
    ]


def _clip_scale_terms(look: Look, op: Op, index: Index) -> Terms:
    operands = (constant(attribute(op, "limit"), "c"), cell(look, op.inputs[0], ()))
    result = result_of(look, op, index)
    return single(Term(operands, "min(1, {0} / ({1} + 1e-6))", result), result)


def _clipped(bench: Bench, op: Op) -> Sequence[Call]:
    gradient, scale = op.inputs
    return [(np.multiply, bench[gradient], bench[scale].reshape(()), bench[op.output])]


def _clipped_terms(look: Look, op: Op, index: Index) -> Terms:
    gradient, scale = op.inputs
    term = product(cell(look, gradient, index), cell(look, scale, ()))
    return single(term, result_of(look, op, index))


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
    return Terms(terms, result_of(look, op, index))


# --- the step itself ------------------------------------------------------------------------------


def adagrad_decay(t: int, op: Op) -> float:
    """1 / (1 + (t − 1) lr_decay)."""
    return 1.0 / (1.0 + (t - 1) * attribute(op, "lr_decay"))


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
    result = result_of(look, op, index)
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
        factor, setting = coefficient_calls(bench, op, op.attributes["factor"])
        calls += [setting, (np.multiply, source, factor, work)]
        source = work
    return [*calls, (np.multiply, source, eta, work), (np.subtract, bench[base], work, out)]


def _descend_terms(look: Look, op: Op, index: Index) -> Terms:
    base, direction, rate, *divisor = op.inputs
    before = cell_before if base == op.output else cell
    theta = before(look, base, index, "weight")
    result = result_of(look, op, index)
    operands: list[Operand] = [cell(look, rate, ()), cell(look, direction, index)]
    written = "−{0} × {1}"
    if "factor" in op.attributes:
        factor: Coefficient = op.attributes["factor"]
        changed = factor(updates(look.step, op), op)
        operands.append(constant(changed, op.attributes["factor_symbol"]))
        written += f" × {{{len(operands) - 1}}}"
    if divisor:
        operands.append(cell(look, divisor[0], index))
        k = len(operands) - 1
        if "eps" in op.attributes:
            operands.append(constant(attribute(op, "eps"), "ε"))
            written += f" / (√{{{k}}} + {{{k + 1}}})"
        else:
            written += f" / {{{k}}}"
    change = Term(tuple(operands), written, -_moved(op, [o.value for o in operands]))
    return Terms((Term((theta,), "{0}", theta.value), change), result)


def _moved(op: Op, numbers: Sequence[float]) -> float:
    """η · direction · factor / divisor, from the numbers of the term that says so."""
    rate, direction, *rest = map(np.float64, numbers)
    factor = rest.pop(0) if "factor" in op.attributes else np.float64(1.0)
    with np.errstate(all="ignore"):
        if len(rest) == 2:
            direction = direction / (np.sqrt(rest[0]) + rest[1])
        elif rest:
            direction = direction / rest[0]
        return float(direction * factor * rate)


def _stay(bench: Bench, op: Op) -> Sequence[Call]:
    return []


def _stay_terms(look: Look, op: Op, index: Index) -> Terms:
    own = cell(look, op.output, index, "weight")
    return single(Term((own,), "{0}", own.value), own.value)


KINDS: Final[tuple[Kind, ...]] = (
    update_kind(
        "rate",
        "learning rate",
        "The schedule sets the learning rate of this step.",
        "{formula}",
        scheduled,
        scheduled_terms,
    ),
    update_kind(
        "grad_norm",
        "size of the whole gradient",
        "The length of the gradient over all parameters together.",
        "‖g‖ = √(Σ g²)",
        _norm,
        _norm_terms,
    ),
    update_kind(
        "clip_scale",
        "clipping factor",
        "What the gradient is multiplied with so that it is no longer than {limit:g}.",
        "s = min(1, {limit:g} / (‖g‖ + 1e-6))",
        _clip_scale,
        _clip_scale_terms,
    ),
    update_kind(
        "clip",
        "clipped gradient",
        "Shorten the gradient; its direction stays.",
        "g ← s · g",
        _clipped,
        _clipped_terms,
    ),
    update_kind(
        "decay",
        "gradient with weight decay",
        "Weight decay pulls the parameter towards 0.",
        "g ← g + {decay:g} {theta}",
        _decayed_gradient,
        _decayed_gradient_terms,
    ),
    update_kind(
        "shrink",
        "decayed parameter",
        "AdamW takes weight decay apart from the gradient.",
        "{out} = {theta} (1 − η · {decay:g})",
        _shrunk,
        _shrunk_terms,
    ),
    update_kind(
        "descend",
        "new value",
        "Move the parameter against the gradient.",
        "{formula}",
        _descend,
        _descend_terms,
    ),
    update_kind(
        "frozen",
        "unchanged",
        "This parameter is frozen: the optimizer leaves it alone.",
        "θ ← θ",
        _stay,
        _stay_terms,
    ),
)
