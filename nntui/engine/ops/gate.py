"""Squashing at a time step: the gates of an LSTM or GRU, candidates, and an RNN's hidden state.

a = f(z), or f(z + z′) where two pre-activations meet, so ∂L/∂z = ∂L/∂a · f′(z). The slopes f′ at
all time steps are computed from the a's before the way back through time begins: σ′ = a (1 − a),
tanh′ = 1 − a², relu′ = 1 where a > 0.
Sources: Hochreiter and Schmidhuber, "Long short-term memory" (1997); Gers, Schmidhuber and Cummins,
"Learning to forget: continual prediction with LSTM" (2000).

The gates of a time step lie side by side in memory. The first one's calls squash all of them, and
the last one's calls take the gradients of all of them back.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from nntui.engine.ops import kernels
from nntui.engine.ops.kernels import Kernel
from nntui.engine.ops.kind import (
    Bench,
    Call,
    Index,
    Kind,
    Look,
    Term,
    Terms,
    alone,
    cell,
    product,
    single,
)
from nntui.engine.ops.places import at
from nntui.engine.ops.whole import append_whole, step_index
from nntui.engine.options import Array
from nntui.engine.program import Op
from nntui.engine.tensor import View

if TYPE_CHECKING:
    from nntui.engine.autodiff import Tape


@dataclass(frozen=True)
class Squash:
    """A squashing function and its slope, which is a function of a = f(z).

    Attributes:
        text: f as a term writes it, `{z}` standing for what is inside; `expanded` written out.
        slope_text: f′ as a term writes it, `{0}` standing for a; `slope_formula` as a formula does.
    """

    forward: Kernel
    slope: Kernel
    text: str
    expanded: str
    slope_text: str
    slope_formula: str


SQUASHES: Final = {
    "sigmoid": Squash(
        kernels.sigmoid, kernels.sigmoid_slope, "σ({z})", "1 / (1 + e^(−({z})))",
        "{0} × (1 − {0})", "{0} (1 − {0})",
    ),
    "tanh": Squash(kernels.tanh, kernels.tanh_slope, "tanh({z})", "", "1 − ({0})²", "1 − {0}²"),
    "relu": Squash(
        kernels.relu, kernels.relu_slope, "max(0, {z})", "",
        "1 where {0} > 0, else 0", "1 where {0} > 0, else 0",
    ),
}  # fmt: skip
"""What a gate can do with its pre-activation."""


@dataclass(frozen=True)
class Row:
    """A gate's place in a row of gates that lie side by side.

    Attributes:
        z: the pre-activations of the whole row, one or two that are added.
        a: its outputs.
        leads: whether this gate comes first, closes: or last.
    """

    z: tuple[View, ...]
    a: View
    leads: bool
    closes: bool


@dataclass(frozen=True)
class Gate:
    """What a squashing op is.

    Attributes:
        t: the time step, from 1.
        function: a key of `SQUASHES`.
        whole: the tensor that holds this gate of all time steps.
        row: None for one that stands alone.
        beside: (whole, function) of all gates of the row, this one included.
    """

    t: int
    function: str
    whole: str
    row: Row | None
    beside: tuple[tuple[str, str], ...]


def squash_formula(function: str, a: str, inputs: Sequence[str]) -> str:
    """`i⟨3⟩ = σ(z_i⟨3⟩)`."""
    return f"{a} = {SQUASHES[function].text.format(z=' + '.join(inputs))}"


def _gate(op: Op) -> Gate:
    gate = op.attributes["gate"]
    assert isinstance(gate, Gate)
    return gate


def _of_grad(place: View) -> View:
    """The gradient of what is at a place."""
    return View(f"{place.of}.grad", place.region)


def _forward(bench: Bench, op: Op) -> Sequence[Call]:
    gate = _gate(op)
    inputs, out = [bench[name] for name in op.inputs], bench[op.output]
    if gate.row is not None and gate.function == "sigmoid":
        if not gate.row.leads:
            return []
        inputs, out = [at(bench, place) for place in gate.row.z], at(bench, gate.row.a)
    calls: list[Call] = []
    z: Array = inputs[0]
    if len(inputs) == 2:
        z = bench.scratch(*out.shape)
        calls.append((np.add, *inputs, z))
    return [*calls, *SQUASHES[gate.function].forward(bench, {}, z, out, out)]


def _forward_terms(look: Look, op: Op, index: Index) -> Terms:
    squash = SQUASHES[_gate(op).function]
    operands = tuple(cell(look, name, index) for name in op.inputs)
    z = " + ".join(f"{{{k}}}" for k in range(len(operands)))
    a = float(look.now(op.output)[index])
    return single(Term(operands, squash.text.format(z=z), a, squash.expanded.format(z=z)), a)


def _gradient(tape: Tape, op: Op) -> None:
    gate, tensors = _gate(op), tape.builder.tensors
    for whole, function in gate.beside:
        if f"{whole}.slope" not in tensors:
            _append_slopes(tape, whole, function, gate.row)
    first, *others = op.inputs
    symbols = {"symbol": tensors[op.output].symbol, "to_symbol": tensors[first].symbol}
    slope = f"{gate.whole}.slope.t{gate.t}"
    part = tape.send(op, first, "gate_grad", (tape.upstream(op), slope), row=gate.row, **symbols)
    for other in others:
        symbols = {"symbol": tensors[first].symbol, "to_symbol": tensors[other].symbol}
        if gate.row is None:
            tape.relay(op, other, "same_grad", part, **symbols)
        else:
            tape.send(op, other, "gate_copy_grad", (part,), row=gate.row, **symbols)


def _append_slopes(tape: Tape, whole: str, function: str, row: Row | None) -> None:
    """Append the op that computes f′ at all time steps, side by side as the gates are."""
    builder, place = tape.builder, None
    if row is not None:
        base = f"{row.a.of}.slope"
        if base not in builder.tensors:
            builder.like(base, row.a.of, "f′")
        storage = builder.tensors[whole].storage
        assert isinstance(storage, View)
        place = View(base, storage.region)
    symbol = f"{builder.tensors[whole].symbol}′"
    a = builder.tensors[whole].symbol
    formula = f"{symbol} = {SQUASHES[function].slope_formula.format(a)}"
    options = {"function": function, "formula": formula}
    append_whole(builder, "slope", (whole,), f"{whole}.slope", symbol, place, **options)


def _backward(bench: Bench, op: Op) -> Sequence[Call]:
    row = op.attributes["row"]
    if row is None:
        upstream, slope = (bench[name] for name in op.inputs)
        return [(np.multiply, upstream, slope, bench[op.output])]
    if not row.closes:
        return []
    slope = at(bench, View(f"{row.a.of}.slope", row.a.region))
    return [(np.multiply, at(bench, _of_grad(row.a)), slope, at(bench, _of_grad(row.z[0])))]


def _backward_terms(look: Look, op: Op, index: Index) -> Terms:
    upstream, slope = op.inputs
    term = product(
        cell(look, upstream, index, "upstream gradient"),
        cell(look, slope, index, "local derivative"),
    )
    return single(term, float(look.now(op.output)[index]))


def _copy(bench: Bench, op: Op) -> Sequence[Call]:
    row = op.attributes["row"]
    if not row.closes:
        return []
    source, out = (at(bench, _of_grad(place)) for place in row.z)
    return [(operator.setitem, out, Ellipsis, source)]


def _copy_terms(look: Look, op: Op, index: Index) -> Terms:
    given = cell(look, op.inputs[0], index, "upstream gradient")
    return single(alone(given), float(look.now(op.output)[index]))


def _slopes(bench: Bench, op: Op) -> Sequence[Call]:
    a = bench[op.inputs[0]]
    return SQUASHES[op.attributes["function"]].slope(bench, {}, a, a, bench[op.output])


def _slopes_terms(look: Look, op: Op, index: Index) -> Terms:
    a = cell(look, *step_index(op, 0, index))
    slope = float(look.now(op.output)[index])
    return single(Term((a,), SQUASHES[op.attributes["function"]].slope_text, slope), slope)


KINDS: Final = (
    Kind(
        name="gate",
        title="activation at a time step",
        sentence="{sentence}",
        formula="{formula}",
        calls=_forward,
        terms=_forward_terms,
        gradient=_gradient,
    ),
    Kind(
        name="slope",
        title="slopes of all time steps",
        sentence="How steep the squashing function is where each number came to lie: what comes "
        "back on the way through time will be multiplied with it.",
        formula="{formula}",
        calls=_slopes,
        terms=_slopes_terms,
    ),
    Kind(
        name="gate_grad",
        title="gradient through the squashing",
        sentence="What came back, times the slope of the squashing function there.",
        formula="∂L/∂{to_symbol} = ∂L/∂{symbol} · {symbol}′",
        calls=_backward,
        terms=_backward_terms,
    ),
    Kind(
        name="gate_copy_grad",
        title="gradient, passed on",
        sentence="Two numbers were added before they were squashed: both get the same gradient.",
        formula="∂L/∂{to_symbol} = ∂L/∂{symbol}",
        calls=_copy,
        terms=_copy_terms,
    ),
)
