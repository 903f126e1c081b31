"""A sequence taken apart into time steps, and put together again.

x⟨1⟩ … x⟨T⟩ are the inputs of the time steps, h⟨t⟩ the hidden state after step t; h⟨0⟩ = 0. Nothing
is computed here: numbers move from where a layer keeps sequences to where its steps work on them.
What comes back to each step's state on the way from the loss has a length, and how it shrinks (or
grows) from step to step is the vanishing (or exploding) gradient.

Sources: Werbos, "Backpropagation through time: what it does and how to do it" (1990); Hochreiter,
"Untersuchungen zu dynamischen neuronalen Netzen" (1991).
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from nntui.engine.ops.contribution import Contribution
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
    are_many,
    cell,
    constant,
    single,
    square,
)
from nntui.engine.ops.places import at, settle
from nntui.engine.program import Op
from nntui.engine.tensor import View

if TYPE_CHECKING:
    from nntui.engine.autodiff import Tape


def _set(bench: Bench, op: Op) -> Sequence[Call]:
    """Copy (features, time, batch) to (time, features, batch), or back."""
    return [(operator.setitem, bench[op.output], Ellipsis, bench[op.inputs[0]].swapaxes(0, 1))]


def _same_terms(look: Look, op: Op, index: Index) -> Terms:
    own = cell(look, op.inputs[0], index)
    return single(alone(own), float(look.now(op.output)[index]))


def _passed_terms(look: Look, op: Op, index: Index) -> Terms:
    given = cell(look, op.inputs[0], index, "upstream gradient")
    return single(alone(given), float(look.now(op.output)[index]))


def _unroll_gradient(tape: Tape, op: Op) -> None:
    tape.send(op, op.inputs[0], "unroll_grad", (tape.upstream(op),))


def _empty(bench: Bench, op: Op) -> Sequence[Call]:
    return [(operator.setitem, bench[op.output], Ellipsis, bench.constant(0.0))]


def _empty_terms(look: Look, op: Op, index: Index) -> Terms:
    return single(alone(constant(0.0, "0")), float(look.now(op.output)[index]))


def _nothing(bench: Bench, op: Op) -> Sequence[Call]:
    return []


def _last_gradient(tape: Tape, op: Op) -> None:
    tape.send(op, op.inputs[0], "last_grad", (tape.upstream(op),), t=op.attributes["t"])


def _last_backward(bench: Bench, op: Op) -> Sequence[Call]:
    return settle(bench[op.inputs[0]], bench[op.output])


def _stack(bench: Bench, op: Op) -> Sequence[Call]:
    states = bench[op.attributes["states"]]
    return [(operator.setitem, bench[op.output], Ellipsis, states.swapaxes(0, 1))]


def _stack_terms(look: Look, op: Op, index: Index) -> Terms:
    sample, t, unit = index
    own = cell(look, op.inputs[t], (sample, unit))
    return single(alone(own), float(look.now(op.output)[index]))


def _stack_gradient(tape: Tape, op: Op) -> None:
    """One copy for all time steps puts each one's gradient together."""
    builder, upstream = tape.builder, tape.upstream(op)
    width, time, batch = builder.tensors[op.output].shape
    above = builder.tensor(f"{op.layer} above", (time, width, batch), "∂L/∂h")
    needed = [t for t in range(time) if tape.needs(op.inputs[t])]
    for t in reversed(needed):
        place = View(above, (t,))
        tape.send(
            op,
            op.inputs[t],
            "stack_grad",
            (upstream,),
            Contribution(storage=place),
            place=place,
            leads=t == needed[-1],
            t=t + 1,
        )


def _stack_backward(bench: Bench, op: Op) -> Sequence[Call]:
    place = op.attributes["place"]
    above, upstream = bench[place.of], bench[op.inputs[0]]
    calls: list[Call] = []
    if op.attributes["leads"]:
        calls.append((operator.setitem, above, Ellipsis, upstream.swapaxes(0, 1)))
    return calls + settle(at(bench, place), bench[op.output])


def _stack_backward_terms(look: Look, op: Op, index: Index) -> Terms:
    sample, unit = index
    where = (sample, op.attributes["t"] - 1, unit)
    given = cell(look, op.inputs[0], where, "upstream gradient")
    return single(alone(given), float(look.now(op.output)[index]))


def append_norms(tape: Tape, layer: str, states: str) -> None:
    """Append the op that measures what came back to each of a layer's hidden states."""
    builder = tape.builder
    gradient = tape.gradient(states)
    steps = builder.tensors[gradient].steps
    symbol = f"‖{builder.tensors[gradient].symbol}‖"
    norms = builder.tensor(f"{gradient}.norm", (len(steps),), symbol)
    builder.layer = layer
    symbols = tuple(builder.tensors[step].symbol for step in steps)
    builder.op("step_norms", (gradient,), norms, steps=steps, symbols=symbols)


def _norms(bench: Bench, op: Op) -> Sequence[Call]:
    """The lengths of all steps' gradients: each with itself, summed by one product."""
    gradients, out = bench[op.inputs[0]], bench[op.output]
    rows = gradients.reshape(len(gradients), 1, -1)
    assert np.may_share_memory(rows, gradients)
    return [
        (np.matmul, rows, rows.swapaxes(1, 2), out.reshape(-1, 1, 1)),
        (np.sqrt, out, out),
    ]


def _norms_terms(look: Look, op: Op, index: Index) -> Terms:
    (t,) = index
    step = op.attributes["steps"][t]
    result = float(look.now(op.output)[index])
    note = "the length of what came back to this time step, over all samples and units"
    if are_many(look, (step,)):
        total = Operand(square(result), symbol=f"Σ ({op.attributes['symbols'][t]})²")
        return Terms((alone(total),), result, "√({})", note)
    cells = (cell(look, step, i) for i in np.ndindex(look.now(step).shape))
    terms = tuple(Term((c,), "({0})²", square(c.value)) for c in cells)
    return Terms(terms, result, "√({})", note)


KINDS: Final = (
    Kind(
        name="unroll",
        title="inputs, time step by time step",
        sentence="Take the sequence apart: each time step gets its own inputs.",
        formula="x⟨t⟩ = x at time t",
        calls=_set,
        terms=_same_terms,
        gradient=_unroll_gradient,
    ),
    Kind(
        name="unroll_grad",
        title="gradient of the sequence",
        sentence="Put what came back at each time step together to a sequence again.",
        formula="∂L/∂x at time t = ∂L/∂x⟨t⟩",
        calls=_set,
        terms=_passed_terms,
    ),
    Kind(
        name="initial_state",
        title="state before the first time step",
        sentence="Before the first time step there is nothing to remember.",
        formula="{symbol}⟨0⟩ = 0",
        calls=_empty,
        terms=_empty_terms,
    ),
    Kind(
        name="last_state",
        title="last hidden state",
        sentence="What the layer hands on is its state after the last time step.",
        formula="h = h⟨{t}⟩",
        calls=_nothing,
        terms=_same_terms,
        gradient=_last_gradient,
    ),
    Kind(
        name="last_grad",
        title="gradient of the last hidden state",
        sentence="Only the last time step hears from the loss directly; from here the gradient "
        "goes back through time.",
        formula="∂L/∂h⟨{t}⟩ = ∂L/∂h",
        calls=_last_backward,
        terms=_passed_terms,
    ),
    Kind(
        name="stack",
        title="all hidden states",
        sentence="Put the states after each time step together to a sequence.",
        formula="h = h⟨1⟩ … h⟨{time}⟩",
        calls=_stack,
        terms=_stack_terms,
        gradient=_stack_gradient,
    ),
    Kind(
        name="stack_grad",
        title="gradient from above",
        sentence="What came back to this time step's state from the layer above.",
        formula="∂L/∂h⟨{t}⟩ = ∂L/∂h at time {t}",
        calls=_stack_backward,
        terms=_stack_backward_terms,
    ),
    Kind(
        name="step_norms",
        title="size of the gradient, by time step",
        sentence="How much of the gradient arrives at each time step's state: where it shrinks on "
        "the way back, early inputs cannot be learned from.",
        formula="‖∂L/∂h⟨t⟩‖ = √(Σ (∂L/∂h⟨t⟩)²)",
        calls=_norms,
        terms=_norms_terms,
    ),
)
