"""l1 and l2: what large weights cost, and how that flows back to each weight."""

from __future__ import annotations

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
    are_many,
    attribute,
    cell,
    constant,
    product,
    single,
    square,
)
from nntui.engine.ops.loss import sign_calls
from nntui.engine.options import Array
from nntui.engine.program import Op

if TYPE_CHECKING:
    from nntui.engine.autodiff import Tape


def penalty_formula(l1: float, l2: float) -> str:
    """What the penalty is, without the part that is not asked for."""
    return " + ".join([f"{l1:g} Σ|w|"] * bool(l1) + [f"{l2:g}/2 Σ w²"] * bool(l2))


def _penalty(bench: Bench, op: Op) -> Sequence[Call]:
    l1, l2 = attribute(op, "l1"), attribute(op, "l2")
    out = bench[op.output]
    part = bench.scratch(1)
    calls: list[Call] = [(out.fill, 0.0)]
    for name in op.inputs:
        weight = bench[name]
        work = bench.scratch(*weight.shape)
        if l1:
            calls += sign_calls(bench, weight, work)
            calls += [(np.multiply, work, weight, work), *_add_sum(bench, work, part, l1, out)]
        if l2:
            calls += [
                (np.multiply, weight, weight, work),
                *_add_sum(bench, work, part, l2 / 2, out),
            ]
    return calls


def _add_sum(bench: Bench, each: Array, part: Array, factor: float, out: Array) -> list[Call]:
    """Out ← out + factor · Σ each."""
    return [
        (np.add.reduce, each.reshape(-1), 0, None, part.reshape(())),
        (np.multiply, part, bench.constant(factor), part),
        (np.add, out, part, out),
    ]


def _penalty_terms(look: Look, op: Op, index: Index) -> Terms:
    l1, l2 = attribute(op, "l1"), attribute(op, "l2")
    terms = []
    if are_many(look, op.inputs):
        for name in op.inputs:
            values = np.asarray(look.now(name), np.float64)
            if l1:
                size = constant(float(np.abs(values).sum()), f"Σ|{name}|")
                terms.append(product(constant(l1, "l1"), size))
            if l2:
                size = constant(float(np.square(values).sum()), f"‖{name}‖²")
                half = Term((constant(l2, "l2"), size), "{0} / 2 × {1}", l2 / 2 * size.value)
                terms.append(half)
        return Terms(tuple(terms), float(look.now(op.output)), note="by parameter")
    for name in op.inputs:
        for at in np.ndindex(*look.now(name).shape):
            w = cell(look, name, at, "weight")
            if l1:
                terms.append(Term((constant(l1, "l1"), w), "{0} × |{1}|", l1 * abs(w.value)))
            if l2:
                terms.append(
                    Term((constant(l2, "l2"), w), "{0}/2 × ({1})²", l2 / 2 * square(w.value))
                )
    return Terms(tuple(terms), float(look.now(op.output)))


def _penalty_gradient(tape: Tape, op: Op) -> None:
    l1, l2 = attribute(op, "l1"), attribute(op, "l2")
    parts = [f"{l1:g} sign(w)"] * bool(l1) + [f"{l2:g} w"] * bool(l2)
    options = {"l1": l1, "l2": l2, "formula": " + ".join(parts)}
    for name in op.inputs:
        tape.send(op, name, "penalty_grad", (tape.upstream(op), name), **options)


def _penalty_backward(bench: Bench, op: Op) -> Sequence[Call]:
    upstream, weight = (bench[name] for name in op.inputs)
    l1, l2 = attribute(op, "l1"), attribute(op, "l2")
    out = bench[op.output]
    work = bench.scratch(*weight.shape)
    calls: list[Call] = []
    if l1:
        calls += [*sign_calls(bench, weight, work), (np.multiply, work, bench.constant(l1), out)]
    if l2:
        part = work if l1 else out
        calls += [(np.multiply, weight, bench.constant(l2), part)]
    if l1 and l2:
        calls += [(np.add, out, work, out)]
    return [*calls, (np.multiply, out, upstream.reshape(()), out)]


def _penalty_backward_terms(look: Look, op: Op, index: Index) -> Terms:
    w = cell(look, op.inputs[1], index, "weight")
    l1, l2 = attribute(op, "l1"), attribute(op, "l2")
    terms = []
    if l1:
        sign = float(np.sign(w.value))
        terms.append(Term((constant(l1, "l1"), w), "{0} × sign({1})", l1 * sign))
    if l2:
        terms.append(product(constant(l2, "l2"), w))
    return Terms(tuple(terms), float(look.now(op.output)[index]))


def _total(bench: Bench, op: Op) -> Sequence[Call]:
    data, penalty = (bench[name] for name in op.inputs)
    return [(np.add, data, penalty, bench[op.output])]


def _total_terms(look: Look, op: Op, index: Index) -> Terms:
    terms = tuple(alone(cell(look, name, ())) for name in op.inputs)
    return Terms(terms, float(look.now(op.output)))


def _total_gradient(tape: Tape, op: Op) -> None:
    for name in op.inputs:
        tape.relay(op, name, "total_grad")


def _nothing(bench: Bench, op: Op) -> Sequence[Call]:
    return []


def _relayed_terms(look: Look, op: Op, index: Index) -> Terms:
    given = cell(look, op.inputs[0], (), "upstream gradient")
    return single(alone(given), float(look.now(op.output)))


KINDS: Final = (
    Kind(
        name="penalty",
        title="penalty on weights",
        sentence="What the size of the weights (not the biases) adds to the loss.",
        formula="penalty = {formula}",
        calls=_penalty,
        terms=_penalty_terms,
        gradient=_penalty_gradient,
    ),
    Kind(
        name="penalty_grad",
        title="gradient of the penalty",
        sentence="The penalty pulls every weight towards 0.",
        formula="∂penalty/∂w = {formula}",
        calls=_penalty_backward,
        terms=_penalty_backward_terms,
    ),
    Kind(
        name="total",
        title="loss",
        sentence="The loss on the data and the penalty on the weights, together.",
        formula="{symbol} = data loss + penalty",
        calls=_total,
        terms=_total_terms,
        gradient=_total_gradient,
    ),
    Kind(
        name="total_grad",
        title="gradient, passed on",
        sentence="A sum changes with each of its parts one to one.",
        formula="∂L/∂part = ∂L/∂L",
        calls=_nothing,
        terms=_relayed_terms,
    ),
)
