"""`rnn`: a hidden state that sees the inputs and itself, a step before. h⟨t⟩ = f(z⟨t⟩)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, final

from nntui.engine.layers.recurrent import Recurrent
from nntui.engine.layers.unrolled import Unrolled
from nntui.engine.options import Choice

_ACTIVATIONS: Final = ("tanh", "relu")


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class Rnn(Recurrent):
    """PyTorch's `nn.RNN`: h⟨t⟩ = f(Wₓ x⟨t⟩ + bₓ + Wₕ h⟨t−1⟩ + bₕ) (Elman, 1990).

    Attributes:
        activation: f.
    """

    type: ClassVar[str] = "rnn"
    gates: ClassVar[tuple[str, ...]] = ("h",)
    activation: Annotated[str, Choice("activation of an rnn", _ACTIVATIONS)] = "tanh"

    def unroll(self, steps: Unrolled) -> None:
        operands = self.operands(steps)
        z = steps.whole("z", self.units, "z")
        sentence = "The new hidden state: what the unit has added up, squashed."
        for t in range(1, steps.time + 1):
            added = steps.affine(z, t, operands)
            whole = f"{self.name}.h"
            steps.squash((added,), steps.hidden(t), t, self.activation, whole, sentence)
