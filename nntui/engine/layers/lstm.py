"""`lstm`: a cell behind gates. c⟨t⟩ = f ⊙ c⟨t−1⟩ + i ⊙ g, h⟨t⟩ = o ⊙ tanh c⟨t⟩."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, final

from nntui.engine.layers.recurrent import Recurrent
from nntui.engine.layers.unrolled import Unrolled
from nntui.engine.ops.places import stepwise
from nntui.engine.tensor import BATCH, View
from nntui.errors import ShapeError

_SENTENCES: Final = {
    "i": "The input gate: how much of the candidate is written into the cell, 0 … 1.",
    "f": "The forget gate: how much of the cell is kept, 0 … 1.",
    "g": "The candidate: what could be written into the cell, −1 … 1.",
    "o": "The output gate: how much of the cell is shown as the hidden state, 0 … 1.",
}
_FUNCTIONS: Final = {"i": "sigmoid", "f": "sigmoid", "g": "tanh", "o": "sigmoid"}


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class Lstm(Recurrent):
    """PyTorch's `nn.LSTM` (Hochreiter and Schmidhuber, 1997; forget gate: Gers et al., 2000).

    Attributes:
        forget_bias: what the forget gate's part of `bias_ih` starts with (added to values given
            for it); `bias_hh` starts with zeros. Both count, so this is the gate's whole bias.
    """

    type: ClassVar[str] = "lstm"
    gates: ClassVar[tuple[str, ...]] = ("i", "f", "g", "o")
    forget_bias: float = 0.0

    def unroll(self, steps: Unrolled) -> None:
        operands = self.operands(steps)
        z = steps.whole("z", len(self.gates) * self.units, "z")
        gates = steps.gates(self.gates, self.gates)
        self._declare_cell(steps)
        for t in range(1, steps.time + 1):
            steps.affine(z, t, operands)
            parts = steps.pieces(z, t, self.gates, "z")
            beside = [(f"{self.name}.{g}", _FUNCTIONS[g]) for g in self.gates]
            for k, (gate, whole, part) in enumerate(zip(self.gates, gates, parts, strict=True)):
                row = steps.row((z,), t, len(gates), k, len(gates) * self.units)
                function, sentence = _FUNCTIONS[gate], _SENTENCES[gate]
                steps.squash((part,), f"{whole}.t{t}", t, function, whole, sentence, row, beside)
            self._step(steps, t)

    def _declare_cell(self, steps: Unrolled) -> None:
        """The cell's states, before the first step and after each; and what makes them up."""
        builder, cells = steps.builder, f"{self.name} cells"
        builder.tensor(cells, (steps.time + 1, self.units, BATCH), "c")
        builder.batch(f"{self.name}.c.t0", (self.units,), stepwise("c", 0), View(cells, (0,)))
        steps.whole("c", self.units, "c", View(cells, (slice(1, steps.time + 1),)))
        steps.passing("kept", "kept")
        steps.passing("new", "new")
        steps.whole("tanh_c", self.units, "tanh c")
        builder.op("initial_state", (), f"{self.name}.c.t0", symbol="c")

    def _step(self, steps: Unrolled, t: int) -> None:
        """From the gates to the cell and the hidden state."""

        def at(name: str, k: int = t) -> str:
            return f"{self.name}.{name}.t{k}"

        sentence = "What the cell keeps of its memory: the forget gate, times what was there."
        steps.gated(at("f"), at("c", t - 1), at("kept"), sentence)
        sentence = "What is written into the cell: the input gate, times the candidate."
        steps.gated(at("i"), at("g"), at("new"), sentence)
        formula = f"{stepwise('c', t)} = {stepwise('kept', t)} + {stepwise('new', t)}"
        steps.builder.op("remember", (at("kept"), at("new")), at("c"), formula=formula)
        sentence = "The cell, squashed before it is shown."
        steps.squash((at("c"),), at("tanh_c"), t, "tanh", f"{self.name}.tanh_c", sentence)
        sentence = "The hidden state: what the output gate shows of the cell."
        steps.gated(at("o"), at("tanh_c"), steps.hidden(t), sentence)

    def start_bias(self) -> dict[str, float]:
        return {"f": self.forget_bias}

    def _refuse_biases(self) -> None:
        super()._refuse_biases()
        if self.forget_bias:
            raise ShapeError("there is no bias to start with: bias is false", "forget_bias")
