"""Losses: one number for how wrong a batch is, the mean over its samples (and outputs).

Definitions and reductions are those of `torch.nn`, as are the guards against log 0. N is the number
of outputs in the batch, at all its positions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nntui.engine.ops.kernels import clip
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
    attribute,
    cell,
    constant,
    product,
    single,
    square,
)
from nntui.engine.ops.positions import over_batch, positions
from nntui.engine.options import Array
from nntui.engine.program import Op

if TYPE_CHECKING:
    from nntui.engine.autodiff import Tape


def mean_calls(bench: Bench, each: Array, out: Array, count: int, sign: float = 1.0) -> list[Call]:
    """Out = sign · Σ each / count."""
    total = bench.scratch(1)
    return [
        (np.add.reduce, each.reshape(-1), 0, None, total.reshape(())),
        (np.multiply, total, bench.constant(sign / count), out),
    ]


def scaled(bench: Bench, op: Op, each: Array, out: Array, factor: float) -> list[Call]:
    """Out = each · factor · ∂L/∂loss: the mean, and what comes after it."""
    upstream = bench[op.inputs[0]].reshape(())
    return [
        (np.multiply, each, bench.constant(factor), out),
        (np.multiply, out, upstream, out),
    ]


def target(bench: Bench, op: Op) -> Array:
    """The targets in the shape of the outputs: one-hot where they are classes."""
    return bench[op.attributes["target"]]


def _magnitude(bench: Bench, x: Array, out: Array) -> list[Call]:
    """|x|; of a complex x, the branch its real part is on."""
    if not bench.is_complex:
        return [(np.absolute, x, out)]
    return [*sign_calls(bench, x, out), (np.multiply, x, out, out)]


def sign_calls(bench: Bench, x: Array, out: Array) -> list[Call]:
    """−1, 0 or 1 after the sign of (the real part of) x."""
    return [(np.sign, x.real, out)] if not bench.is_complex else [(_sign, x, out)]


def _sign(x: Array, out: Array) -> None:
    out[...] = np.sign(x.real)


def _mean_terms(look: Look, op: Op, each: Callable[[Index], Term], count: int) -> Terms:
    """The mean of one term per cell of the op's first input, over `count`."""
    shape = look.now(op.inputs[0]).shape
    terms = tuple(each(tuple(map(int, i))) for i in np.ndindex(*shape))
    return averaged(look, op, terms, count)


def averaged(look: Look, op: Op, terms: tuple[Term, ...], count: int) -> Terms:
    """The mean over the batch: the sum of the terms over `count`."""
    note = over_batch(positions(look, op.inputs[0]), "mean")
    result = float(look.now(op.output))
    return Terms(terms, result, f"({{}}) / {count}" if count > 1 else "", note)


def derivative_terms(
    look: Look,
    op: Op,
    index: Index,
    count: int,
    template: str,
    operands: tuple[Operand, ...],
    note: str = "",
) -> Terms:
    """∂L/∂loss × the loss's derivative at one cell, `template` over the count."""
    upstream = cell(look, op.inputs[0], (), "upstream gradient")
    result = float(look.now(op.output)[index])
    slope = result / upstream.value if upstream.value else result
    written = template
    if count > 1 and template != "0":
        loose = any(sign in template for sign in (" + ", " − ", " / ", " where "))
        written = f"({template}) / {count}" if loose else f"{template} / {count}"
    local = Operand(
        slope,
        symbol="∂L/∂" + ("z" if "z" in op.inputs[1] else "a"),
        role="local derivative",
        origin=Term(operands, written, slope),
    )
    return single(product(upstream, local), result, note)


def _size(array: Array) -> int:
    return int(array.size)


# --- residual losses ------------------------------------------------------------------------------


def _residual(bench: Bench, op: Op) -> Sequence[Call]:
    a, y = op.inputs
    return [(np.subtract, bench[a], bench[y], bench[op.output])]


def _residual_terms(look: Look, op: Op, index: Index) -> Terms:
    a, y = (cell(look, name, index) for name in op.inputs)
    result = float(look.now(op.output)[index])
    return single(Term((a, y), "{0} − {1}", result), result)


def _residual_gradient(tape: Tape, op: Op) -> None:
    tape.relay(op, op.inputs[0], "residual_grad")


def _nothing(bench: Bench, op: Op) -> Sequence[Call]:
    return []


def _relayed_terms(look: Look, op: Op, index: Index) -> Terms:
    given = cell(look, op.inputs[0], index, "upstream gradient")
    return single(alone(given), float(look.now(op.output)[index]))


def _mse(bench: Bench, op: Op) -> Sequence[Call]:
    residual, out = bench[op.inputs[0]].reshape(-1), bench[op.output]
    total = bench.scratch(1)
    return [
        (residual.dot, residual, total.reshape(())),
        (np.multiply, total, bench.constant(1.0 / residual.size), out),
    ]


def _mse_terms(look: Look, op: Op, index: Index) -> Terms:
    def each(at: Index) -> Term:
        residual = cell(look, op.inputs[0], at)
        return Term((residual,), "({0})²", square(residual.value))

    return _mean_terms(look, op, each, _size(look.now(op.inputs[0])))


def _mse_backward(bench: Bench, op: Op) -> Sequence[Call]:
    residual, out = bench[op.inputs[1]], bench[op.output]
    return scaled(bench, op, residual, out, 2.0 / residual.size)


def _mse_backward_terms(look: Look, op: Op, index: Index) -> Terms:
    residual = cell(look, op.inputs[1], index)
    count = _size(look.now(op.inputs[1]))
    return derivative_terms(look, op, index, count, "2 × {0}", (residual,))


def _mae(bench: Bench, op: Op) -> Sequence[Call]:
    residual, out = bench[op.inputs[0]], bench[op.output]
    each = bench.scratch(*residual.shape)
    return [*_magnitude(bench, residual, each), *mean_calls(bench, each, out, residual.size)]


def _mae_terms(look: Look, op: Op, index: Index) -> Terms:
    def each(at: Index) -> Term:
        residual = cell(look, op.inputs[0], at)
        return Term((residual,), "|{0}|", abs(residual.value))

    return _mean_terms(look, op, each, _size(look.now(op.inputs[0])))


def _mae_backward(bench: Bench, op: Op) -> Sequence[Call]:
    residual, out = bench[op.inputs[1]], bench[op.output]
    sign = bench.scratch(*out.shape)
    return [
        *sign_calls(bench, residual, sign),
        *scaled(bench, op, sign, out, 1.0 / residual.size),
    ]


def _mae_backward_terms(look: Look, op: Op, index: Index) -> Terms:
    residual = cell(look, op.inputs[1], index)
    count = _size(look.now(op.inputs[1]))
    return derivative_terms(look, op, index, count, "sign({0})", (residual,))


def _huber(bench: Bench, op: Op) -> Sequence[Call]:
    # With c = min(|r|, δ), both branches are c (|r| − c/2).
    residual, out = bench[op.inputs[0]], bench[op.output]
    size, near = bench.scratch(*residual.shape), bench.scratch(*residual.shape)
    half = bench.scratch(*residual.shape)
    delta = bench.constant(attribute(op, "delta"))
    return [
        *_magnitude(bench, residual, size),
        (clip, size, bench.constant(-math.inf), delta, near),
        (np.multiply, near, bench.constant(0.5), half),
        (np.subtract, size, half, size),
        (np.multiply, size, near, size),
        *mean_calls(bench, size, out, residual.size),
    ]


def _huber_terms(look: Look, op: Op, index: Index) -> Terms:
    delta = attribute(op, "delta")

    def each(at: Index) -> Term:
        residual = cell(look, op.inputs[0], at)
        size = abs(residual.value)
        if size <= delta:
            return Term((residual,), "½ × ({0})²", square(residual.value) / 2)
        operands = (residual, constant(delta, "δ"))
        return Term(operands, "{1} × (|{0}| − {1} / 2)", delta * (size - delta / 2))

    return _mean_terms(look, op, each, _size(look.now(op.inputs[0])))


def _huber_backward(bench: Bench, op: Op) -> Sequence[Call]:
    residual, out = bench[op.inputs[1]], bench[op.output]
    delta = attribute(op, "delta")
    near = bench.scratch(*out.shape)
    return [
        (clip, residual, bench.constant(-delta), bench.constant(delta), near),
        *scaled(bench, op, near, out, 1.0 / residual.size),
    ]


def _huber_backward_terms(look: Look, op: Op, index: Index) -> Terms:
    residual = cell(look, op.inputs[1], index)
    delta = attribute(op, "delta")
    inside = abs(residual.value) <= delta
    written = "{0}" if inside else "sign({0}) × {1}"
    count = _size(look.now(op.inputs[1]))
    operands = (residual, constant(delta, "δ"))
    return derivative_terms(look, op, index, count, written, operands)


def _send(kind: str) -> Callable[[Tape, Op], None]:
    """A gradient rule: one op of `kind`, reading the upstream gradient and all the inputs."""

    def gradient(tape: Tape, op: Op) -> None:
        tape.send(op, op.inputs[0], kind, (tape.upstream(op), *op.inputs), **_own(op))

    return gradient


def _own(op: Op) -> dict[str, Any]:
    return {k: v for k, v in op.attributes.items() if k in ("delta", "target", "soft", "count")}


def loss_kinds(
    name: str,
    sentence: str,
    formula: str,
    back: str,
    calls: Callable[[Bench, Op], Sequence[Call]],
    terms: Callable[[Look, Op, Index], Terms],
    back_calls: Callable[[Bench, Op], Sequence[Call]],
    back_terms: Callable[[Look, Op, Index], Terms],
) -> tuple[Kind, Kind]:
    """The rows of a loss and of its gradient."""
    return (
        Kind(
            name=name,
            title="loss",
            sentence=sentence,
            formula=formula,
            calls=calls,
            terms=terms,
            gradient=_send(f"{name}_grad"),
        ),
        Kind(
            name=f"{name}_grad",
            title="gradient of the loss",
            sentence="How the loss changes with each prediction.",
            formula=back,
            calls=back_calls,
            terms=back_terms,
        ),
    )


KINDS: Final = (
    Kind(
        name="residual",
        title="residual",
        sentence="How far each prediction lies from its target.",
        formula="r = a − y",
        calls=_residual,
        terms=_residual_terms,
        gradient=_residual_gradient,
    ),
    Kind(
        name="residual_grad",
        title="gradient, passed on",
        sentence="A residual changes with its prediction one to one.",
        formula="∂L/∂a = ∂L/∂r",
        calls=_nothing,
        terms=_relayed_terms,
    ),
    *loss_kinds(
        "mse",
        "The mean of the squared residuals: large ones count most.",
        "L = mean(r²)",
        "∂L/∂r = 2 r / N",
        _mse,
        _mse_terms,
        _mse_backward,
        _mse_backward_terms,
    ),
    *loss_kinds(
        "mae",
        "The mean of the residuals' sizes.",
        "L = mean(|r|)",
        "∂L/∂r = sign(r) / N",
        _mae,
        _mae_terms,
        _mae_backward,
        _mae_backward_terms,
    ),
    *loss_kinds(
        "huber",
        "A square for small residuals, a line for large ones.",
        "L = mean(½ r² where |r| ≤ δ, else δ (|r| − δ/2)),  δ = {delta:g}",
        "∂L/∂r = r / N where |r| ≤ δ, else δ sign(r) / N,  δ = {delta:g}",
        _huber,
        _huber_terms,
        _huber_backward,
        _huber_backward_terms,
    ),
)
