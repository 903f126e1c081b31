"""`Unrolled`: a recurrent layer's memory, laid out for its time steps.

Each time step t has a column [x⟨t⟩; 1; h⟨t−1⟩; 1] (without the first 1 where there are no biases),
so that the state one step computes lies where the next one reads it. What a step computes is a part
of a tensor of all steps: `L.z.t3` of `L.z`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

from nntui.engine.builder import Builder
from nntui.engine.ops.gate import Gate, Row, squash_formula
from nntui.engine.ops.places import stepwise
from nntui.engine.ops.step_affine import Column, Operand
from nntui.engine.ops.whole import declare_whole
from nntui.engine.tensor import BATCH, Constant, View


@final
class Unrolled:
    """A layer with its inputs taken apart into time steps, and its state before the first.

    Attributes:
        time: how many steps.
        features: inputs of each.
        inputs: rows of a column that x takes up, state: and h; (first, one past the last).
    """

    def __init__(self, builder: Builder, layer: str, x: str, units: int, *, bias: bool) -> None:
        self.builder = builder
        self.layer = layer
        self.units = units
        self.time, self.features = builder.features(x)
        self.inputs = (0, self.features)
        self.state = (self.features + bias, self.features + bias + units)
        self._columns = f"{layer} columns"
        height = self.state[1] + 1
        ones = Constant(1.0)
        builder.tensor(self._columns, (self.time + 1, height, BATCH), "column", ones)
        place = View(self._columns, (slice(0, self.time), slice(*self.inputs)))
        declare_whole(builder, f"{layer}.x", (self.time, self.features), "x", place)
        builder.op("unroll", (x,), f"{layer}.x")
        for t in range(self.time + 1):
            view = View(self._columns, (t, slice(*self.state)), ones=True)
            builder.batch(self.hidden(t), (units,), stepwise("h", t), view)
        self._declare_states(f"{layer}.h", 1)
        builder.op("initial_state", (), self.hidden(0), symbol="h")

    def hidden(self, t: int) -> str:
        """The hidden state after step t."""
        return f"{self.layer}.a.t{t}"

    def declare_previous(self) -> str:
        """Declare the tensor of the states before each step; returns its name."""
        return self._declare_states(f"{self.layer}.previous", 0)

    def whole(self, name: str, units: int, symbol: str, storage: View | None = None) -> str:
        """Declare a tensor of all steps, each with a name of its own; returns its name."""
        full = f"{self.layer}.{name}"
        return declare_whole(self.builder, full, (self.time, units), symbol, storage)

    def passing(self, name: str, symbol: str) -> None:
        """Declare what each step computes on the way, with memory of its own.

        Its gradient can be another name for the one that is passed on to it.
        """
        for t in range(1, self.time + 1):
            self.builder.batch(f"{self.layer}.{name}.t{t}", (self.units,), stepwise(symbol, t))

    def gates(self, names: Sequence[str], symbols: Sequence[str]) -> tuple[str, ...]:
        """Declare gates that lie side by side in memory; returns their names."""
        base = f"{self.layer} gates"
        count = len(names) * self.units
        self.builder.tensor(base, (self.time, count, BATCH), "gates")
        return tuple(
            self.whole(name, self.units, symbol, View(base, (slice(None), self._rows(k))))
            for k, (name, symbol) in enumerate(zip(names, symbols, strict=True))
        )

    def row(self, z: Sequence[str], t: int, gates: int, k: int, count: int) -> Row:
        """The place of gate `k` in a row of gates.

        Args:
            z: the pre-activations of all of them, one or two tensors.
            gates: how many gates are in the row.
            count: of the pre-activations' units, how many belong to the row.
        """
        places = tuple(View(f"{name}.t{t}", (slice(0, count),)) for name in z)
        out = View(f"{self.layer} gates", (t - 1,))
        return Row(places, out, leads=k == 0, closes=k == gates - 1)

    def pieces(self, z: str, t: int, names: Sequence[str], symbol: str) -> tuple[str, ...]:
        """Declare the parts of a step's pre-activation that belong to each gate."""
        found = []
        for k, name in enumerate(names):
            written = stepwise(f"{symbol}_{name}", t)
            view = View(f"{z}.t{t}", (self._rows(k),))
            found.append(self.builder.batch(f"{z}.t{t}.{name}", (self.units,), written, view))
        return tuple(found)

    def affine(self, z: str, t: int, operands: Sequence[Operand]) -> str:
        """Append the pre-activation of step t, a part of tensor `z`; returns its name."""
        named = [self._at(operand, t) for operand in operands]
        rows = (named[0].start, named[-1].stop + bool(named[-1].bias))
        states = f"{self.layer}.h" if operands[-1].tensor == "h" else ""
        column = Column(t, self.time, self._columns, z, rows, tuple(named), states)
        inputs = [name for o in named for name in (o.tensor, *o.parameters)]
        tensors = self.builder.tensors
        parts = []
        for o in named:
            parts.append(f"{tensors[o.weight].symbol.upper()} {tensors[o.tensor].symbol}")
            parts += [tensors[o.bias].symbol] if o.bias else []
        formula = f"{tensors[f'{z}.t{t}'].symbol} = {' + '.join(parts)}"
        return self.builder.op("step_affine", inputs, f"{z}.t{t}", column=column, formula=formula)

    def squash(
        self,
        inputs: Sequence[str],
        output: str,
        t: int,
        function: str,
        whole: str,
        sentence: str,
        row: Row | None = None,
        beside: Sequence[tuple[str, str]] = (),
    ) -> str:
        """Append a gate, or another squashing; returns its output."""
        gate = Gate(t, function, whole, row, tuple(beside) or ((whole, function),))
        tensors = self.builder.tensors
        symbols = [tensors[name].symbol for name in inputs]
        formula = squash_formula(function, tensors[output].symbol, symbols)
        return self.builder.op(
            "gate", inputs, output, gate=gate, formula=formula, sentence=sentence
        )

    def gated(self, gate: str, memory: str, output: str, sentence: str) -> str:
        """Append a product of a gate and what it lets through; returns its output."""
        a, b, c = (self.builder.tensors[name].symbol for name in (gate, memory, output))
        options = {"formula": f"{c} = {a} ⊙ {b}", "sentence": sentence}
        return self.builder.op("gated", (gate, memory), output, **options)

    def finish(self, *, sequences: bool) -> str:
        """Append what the layer hands on: all hidden states, or the last; returns its name."""
        a, builder = f"{self.layer}.a", self.builder
        if not sequences:
            last = self.hidden(self.time)
            builder.alias(a, last, "h")
            return builder.op("last_state", (last,), a, t=self.time)
        builder.batch(a, (self.time, self.units), "h")
        states = [self.hidden(t) for t in range(1, self.time + 1)]
        return builder.op("stack", states, a, states=f"{self.layer}.h", time=self.time)

    def _rows(self, k: int) -> slice:
        return slice(k * self.units, (k + 1) * self.units)

    def _declare_states(self, name: str, first: int) -> str:
        steps = tuple(self.hidden(first + k) for k in range(self.time))
        view = View(self._columns, (slice(first, first + self.time), slice(*self.state)))
        shape, axes = (self.time, self.units, BATCH), (2, 0, 1)
        return self.builder.tensor(name, shape, "h", view, axes=axes, steps=steps)

    def _at(self, operand: Operand, t: int) -> Operand:
        """The operand of step t."""
        tensor = self.hidden(t - 1) if operand.tensor == "h" else f"{self.layer}.x.t{t}"
        return Operand(tensor, operand.weight, operand.bias, operand.start, operand.stop)
