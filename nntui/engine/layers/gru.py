"""`gru`: a state that fades from old to new. h⟨t⟩ = (1 − z) ⊙ n + z ⊙ h⟨t−1⟩."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

from nntui.engine.layers.recurrent import Recurrent
from nntui.engine.layers.unrolled import Unrolled
from nntui.engine.ops.places import stepwise
from nntui.errors import ShapeError


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class Gru(Recurrent):
    """PyTorch's `nn.GRU`: the reset gate is applied after the product with Wₕ (Cho et al., 2014).

    Its update gate z keeps: 1 leaves the state as it was.

    Attributes:
        update_bias: what the update gate's part of `bias_ih` starts with (added to values given
            for it); `bias_hh` starts with zeros. Both count, so this is the gate's whole bias.
    """

    type: ClassVar[str] = "gru"
    gates: ClassVar[tuple[str, ...]] = ("r", "z", "n")
    update_bias: float = 0.0

    def unroll(self, steps: Unrolled) -> None:
        now, before = self.operands(steps, apart=True)
        rows = len(self.gates) * self.units
        z, u = steps.whole("z", rows, "s"), steps.whole("u", rows, "u")
        steps.gates(("reset", "update"), ("r", "z"))
        steps.passing("recalled", "m")
        steps.whole("candidate", self.units, "n")
        steps.declare_previous()
        for t in range(1, steps.time + 1):
            steps.affine(z, t, (now,))
            steps.affine(u, t, (before,))
            self._step(steps, t, z, u)

    def _step(self, steps: Unrolled, t: int, z: str, u: str) -> None:
        """From the two pre-activations to the new state."""

        def at(name: str) -> str:
            return f"{self.name}.{name}.t{t}"

        of_x, of_h = (steps.pieces(base, t, self.gates, s) for base, s in ((z, "s"), (u, "u")))
        wholes = [f"{self.name}.reset", f"{self.name}.update"]
        sentences = (
            "The reset gate: how much of the past the candidate may see, 0 … 1.",
            "The update gate: how much of the old state stays, 0 … 1.",
        )
        beside = [(whole, "sigmoid") for whole in wholes]
        for k, (whole, sentence) in enumerate(zip(wholes, sentences, strict=True)):
            row = steps.row((z, u), t, len(wholes), k, len(wholes) * self.units)
            inputs, out = (of_x[k], of_h[k]), f"{whole}.t{t}"
            steps.squash(inputs, out, t, "sigmoid", whole, sentence, row, beside)
        sentence = "What the candidate sees of the past: as much as the reset gate lets through."
        steps.gated(at("reset"), of_h[2], at("recalled"), sentence)
        inputs, whole = (of_x[2], at("recalled")), f"{self.name}.candidate"
        sentence = "The candidate: what the state would be if nothing were kept, −1 … 1."
        steps.squash(inputs, at("candidate"), t, "tanh", whole, sentence)
        self._fade(steps, t)

    def _fade(self, steps: Unrolled, t: int) -> None:
        symbols = {"h": stepwise("h", t), "z": stepwise("z", t), "n": stepwise("n", t)}
        formula = "{h} = (1 − {z}) ⊙ {n} + {z} ⊙ ".format_map(symbols) + stepwise("h", t - 1)
        names = {"h": "previous", "z": "update", "n": "candidate"}
        wholes = {symbol: f"{self.name}.{name}" for symbol, name in names.items()}
        inputs = (f"{wholes['z']}.t{t}", f"{wholes['n']}.t{t}", steps.hidden(t - 1))
        options = {"formula": formula, "wholes": wholes, "t": t}
        steps.builder.op("cross_fade", inputs, steps.hidden(t), **options)

    def start_bias(self) -> dict[str, float]:
        return {"z": self.update_bias}

    def _refuse_biases(self) -> None:
        super()._refuse_biases()
        if self.update_bias:
            raise ShapeError("there is no bias to start with: bias is false", "update_bias")
