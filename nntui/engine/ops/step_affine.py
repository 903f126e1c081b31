"""The affine map of a recurrent layer at one time step, and its gradients through time.

z⟨t⟩ = Wₓ x⟨t⟩ + bₓ + Wₕ h⟨t−1⟩ + bₕ: PyTorch's two weights and two biases. The same weights are
used at every time step, so for δ⟨t⟩ = ∂L/∂z⟨t⟩: ∂L/∂Wₓ = Σ_t δ⟨t⟩ x⟨t⟩ᵀ, ∂L/∂Wₕ = Σ_t δ⟨t⟩ h⟨t−1⟩ᵀ,
∂L/∂bₓ = ∂L/∂bₕ = Σ_t δ⟨t⟩, each over the samples of the batch too; and ∂L/∂h⟨t−1⟩ = Wₕᵀ δ⟨t⟩.
Source: Werbos, "Backpropagation through time: what it does and how to do it" (1990).

In memory the parameters are one matrix [Wₓ | bₓ | Wₕ | bₕ] and each time step has a column
[x; 1; h; 1], so that the map is one product, and so are all of a step's contributions to the
gradients of the parameters, and what goes back to x and h.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from nntui.engine.ops.contribution import Contribution
from nntui.engine.ops.kind import (
    Bench,
    Call,
    Index,
    Kind,
    Look,
    Terms,
    alone,
    cell,
    product,
)
from nntui.engine.ops.places import at, settle
from nntui.engine.ops.positions import over_batch, positions, width
from nntui.engine.ops.unroll import append_norms
from nntui.engine.program import Op
from nntui.engine.tensor import BATCH, View

if TYPE_CHECKING:
    from nntui.engine.autodiff import Tape


@dataclass(frozen=True)
class Operand:
    """A summand of the map: weight · tensor, plus bias.

    Attributes:
        tensor: what is multiplied.
        bias: empty for none.
        start, stop: its rows of the column, and the weight's columns of the matrix.
    """

    tensor: str
    weight: str
    bias: str
    start: int
    stop: int

    @property
    def parameters(self) -> tuple[str, ...]:
        """Weight and bias."""
        return (self.weight, self.bias) if self.bias else (self.weight,)


@dataclass(frozen=True)
class Column:
    """What a time step multiplies, and the step's places in memory.

    Attributes:
        t: the time step, from 1.
        time: how many there are.
        of: the tensor that holds the columns of all steps, (time + 1, rows, batch).
        whole: the tensor that holds the outputs of all steps, (time, units, batch).
        rows: of the column, those that are multiplied.
        states: the hidden states of all steps, where they are multiplied; else empty.
    """

    t: int
    time: int
    of: str
    whole: str
    rows: tuple[int, int]
    operands: tuple[Operand, ...]
    states: str

    @property
    def place(self) -> View:
        """The column."""
        return View(self.of, (self.t - 1, slice(*self.rows)))

    @property
    def parameters(self) -> tuple[str, ...]:
        """All weights and biases, in the order of the matrix."""
        return tuple(name for operand in self.operands for name in operand.parameters)


def _column(op: Op) -> Column:
    column = op.attributes["column"]
    assert isinstance(column, Column)
    return column


def _forward(bench: Bench, op: Op) -> Sequence[Call]:
    column = _column(op)
    block = bench.block(*column.parameters)
    assert block is not None
    return [(block.dot, at(bench, column.place), bench[op.output])]


def _forward_terms(look: Look, op: Op, index: Index) -> Terms:
    sample, unit = index
    terms = []
    for operand in _column(op).operands:
        terms += [
            product(
                cell(look, operand.weight, (unit, k), "weight"),
                cell(look, operand.tensor, (sample, k), "input"),
            )
            for k in range(width(look, operand.tensor))
        ]
        if operand.bias:
            terms.append(alone(cell(look, operand.bias, (unit,), "bias")))
    return Terms(tuple(terms), float(look.now(op.output)[index]))


def _gradient(tape: Tape, op: Op) -> None:
    column = _column(op)
    if column.t == 1 and column.states:
        append_norms(tape, op.layer, column.states)
    _back(tape, op)
    _contribute(tape, op)


def _back(tape: Tape, op: Op) -> None:
    """Gradients of x and h: one product gives the whole column's.

    It lands where the gradient of the column lives, unless others contribute to it too.
    """
    column, builder, upstream = _column(op), tape.builder, tape.upstream(op)
    needed = [o for o in column.operands if tape.needs(o.tensor)]
    first, last = column.rows
    place = View(f"{column.of}.grad", column.place.region)
    if any(tape.is_sum(o.tensor) for o in needed):
        apart = f"{column.whole} back"
        if apart not in builder.tensors:
            builder.tensor(apart, (column.time, last - first, BATCH), "∂L/∂x")
        place = View(apart, (column.t - 1,))
    for operand in needed:
        rows = slice(operand.start - first, operand.stop - first)
        tape.send(
            op,
            operand.tensor,
            "step_input_grad",
            (upstream, operand.weight),
            Contribution(storage=View(place.of, (*place.region[:1], rows))),
            place=place,
            rows=rows,
            block=column.parameters,
            leads=operand is needed[0],
            to_symbol=builder.tensors[operand.tensor].symbol,
            weight_symbol=builder.tensors[operand.weight].symbol.upper(),
            of_symbol=builder.tensors[op.output].symbol,
        )


def _contribute(tape: Tape, op: Op) -> None:
    """What the time step contributes to the parameters' gradients: one product for all of them."""
    column, builder, upstream = _column(op), tape.builder, tape.upstream(op)
    first, last = column.rows
    kept = f"{column.whole} contributions"
    if kept not in builder.tensors:
        units = builder.width(op.output)
        builder.tensor(kept, (column.time, units, last - first), "∂L/∂W")
    leader = column.parameters[0]
    for operand in column.operands:
        begin, end = operand.start - first, operand.stop - first
        regions: dict[str, int | slice] = {operand.weight: slice(begin, end), operand.bias: end}
        for name in operand.parameters:
            place = View(kept, (column.t - 1, slice(None), regions[name]))
            is_weight = name == operand.weight
            symbol = builder.tensors[name].symbol
            written = symbol.upper() if is_weight else symbol
            contribution = Contribution(
                label=f"t{column.t}",
                mark=f"⟨{column.t}⟩",
                storage=place,
                total="sum_steps",
                attributes={
                    "kept": kept,
                    "block": column.parameters,
                    "leads": name == leader,
                    "symbol": written,
                },
            )
            tape.send(
                op,
                name,
                "step_weight_grad" if is_weight else "step_bias_grad",
                (upstream, operand.tensor) if is_weight else (upstream,),
                contribution,
                place=place,
                column=column.place,
                leads=name == leader,
                symbol=f"{written}⟨{column.t}⟩",
                operand=builder.tensors[operand.tensor].symbol,
                upstream=builder.tensors[op.output].symbol,
            )


def _input_calls(bench: Bench, op: Op) -> Sequence[Call]:
    out = at(bench, op.attributes["place"])
    calls: list[Call] = []
    if op.attributes["leads"]:
        block = bench.block(*op.attributes["block"])
        assert block is not None
        calls.append((block.T.dot, bench[op.inputs[0]], out))
    return calls + settle(out[op.attributes["rows"]], bench[op.output])


def _input_terms(look: Look, op: Op, index: Index) -> Terms:
    delta, weight = op.inputs
    sample, k = index
    terms = tuple(
        product(
            cell(look, delta, (sample, j), "upstream gradient"),
            cell(look, weight, (j, k), "local derivative"),
        )
        for j in range(width(look, delta))
    )
    return Terms(terms, float(look.now(op.output)[index]))


def _contribution_calls(bench: Bench, op: Op) -> Sequence[Call]:
    place, column = op.attributes["place"], op.attributes["column"]
    calls: list[Call] = []
    if op.attributes["leads"]:
        whole = bench[place.of][place.region[0]]
        calls.append((bench[op.inputs[0]].dot, at(bench, column).T, whole))
    return calls + settle(at(bench, place), bench[op.output])


def _weight_terms(look: Look, op: Op, index: Index) -> Terms:
    delta, x = op.inputs
    unit, k = index
    samples = positions(look, delta)
    terms = tuple(
        product(
            cell(look, delta, (*sample, unit), "upstream gradient"),
            cell(look, x, (*sample, k), "local derivative"),
        )
        for sample in samples
    )
    return Terms(terms, float(look.now(op.output)[index]), note=over_batch(samples))


def _bias_terms(look: Look, op: Op, index: Index) -> Terms:
    (delta,) = op.inputs
    (unit,) = index
    samples = positions(look, delta)
    terms = tuple(alone(cell(look, delta, (*s, unit), "upstream gradient")) for s in samples)
    return Terms(terms, float(look.now(op.output)[index]), note=over_batch(samples))


def _sum_calls(bench: Bench, op: Op) -> Sequence[Call]:
    """One product with a row of ones adds up the contributions to all parameters of a matrix."""
    kept, out = bench[op.attributes["kept"]], bench[op.output]
    calls: list[Call] = []
    if op.attributes["leads"]:
        block = bench.block(*(f"{name}.grad" for name in op.attributes["block"]))
        assert block is not None
        ones = bench.scratch(len(kept))
        ones[...] = 1.0
        calls.append((ones.dot, kept.reshape(len(kept), -1), block.reshape(-1)))
    others = (bench[name] for name in op.inputs)
    return calls + [
        (np.add, out, other, out) for other in others if not np.may_share_memory(other, kept)
    ]


def _sum_terms(look: Look, op: Op, index: Index) -> Terms:
    terms = tuple(alone(cell(look, part, index, "upstream gradient")) for part in op.inputs)
    note = f"the sum over the {len(terms)} contributions"
    return Terms(terms, float(look.now(op.output)[index]), note=note)


KINDS: Final = (
    Kind(
        name="step_affine",
        title="pre-activation at a time step",
        sentence="Each unit adds up what it sees now and what it remembers of the time step "
        "before, each number times its weight, and adds its biases. The weights are the same at "
        "every time step.",
        formula="{formula}",
        calls=_forward,
        terms=_forward_terms,
        gradient=_gradient,
    ),
    Kind(
        name="step_input_grad",
        title="gradient back through a time step",
        sentence="How the loss changes with each number the time step saw: what came back at every "
        "unit it fed, times the weight it went through.",
        formula="∂L/∂{to_symbol} = ∂L/∂{of_symbol} · {weight_symbol}",
        calls=_input_calls,
        terms=_input_terms,
    ),
    Kind(
        name="step_weight_grad",
        title="a time step's share of the gradient",
        sentence="What this time step contributes to the gradient of the weights: the gradient at "
        "each unit, times the number the weight carried.",
        formula="∂L/∂{symbol} = (∂L/∂{upstream})ᵀ {operand}",
        calls=_contribution_calls,
        terms=_weight_terms,
    ),
    Kind(
        name="step_bias_grad",
        title="a time step's share of the gradient",
        sentence="What this time step contributes to the gradient of the biases: the gradient at "
        "each unit, since a bias counts in full.",
        formula="∂L/∂{symbol} = Σ ∂L/∂{upstream}",
        calls=_contribution_calls,
        terms=_bias_terms,
    ),
    Kind(
        name="sum_steps",
        title="gradient over all time steps",
        sentence="The same weights are used at every time step, so what each step contributes to "
        "their gradient adds up.",
        formula="∂L/∂{symbol} = Σ ∂L/∂{symbol}⟨t⟩",
        calls=_sum_calls,
        terms=_sum_terms,
    ),
)
