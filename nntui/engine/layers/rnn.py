"""`rnn`: a hidden state that sees the inputs and itself, a step before. h⟨t⟩ = f(z⟨t⟩)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, final

from nntui.engine.activations import Activation
from nntui.engine.layers.layer import Shape
from nntui.engine.layers.recurrent import Recurrent
from nntui.engine.layers.unrolled import Unrolled
from nntui.errors import ShapeError

_ACTIVATIONS: Final = ("tanh", "relu")


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class Rnn(Recurrent):
    """PyTorch's `nn.RNN`: h⟨t⟩ = f(Wₓ x⟨t⟩ + bₓ + Wₕ h⟨t−1⟩ + bₕ) (Elman, 1990).

    Attributes:
        activation: f, tanh or relu.
    """

    type: ClassVar[str] = "rnn"
    gates: ClassVar[tuple[str, ...]] = ("h",)
    activation: Activation = Activation("tanh")  # noqa: RUF009 - frozen

    def shape(self, incoming: Shape) -> Shape:
        if self.activation.type not in _ACTIVATIONS:
            raise ShapeError(
                f"an rnn takes {' or '.join(_ACTIVATIONS)}, not {self.activation.type}",
                "activation",
            )
        return super().shape(incoming)

    def unroll(self, steps: Unrolled) -> None:
        operands = self.operands(steps)
        z = steps.whole("z", self.units, "z")
        sentence = "The new hidden state: what the unit has added up, squashed."
        for t in range(1, steps.time + 1):
            added = steps.affine(z, t, operands)
            whole = f"{self.name}.h"
            steps.squash((added,), steps.hidden(t), t, self.activation.type, whole, sentence)
