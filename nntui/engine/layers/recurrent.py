"""What `rnn`, `lstm` and `gru` have in common: two weights, two biases, and a state.

They take sequences (time, features) and hand on the hidden states of all time steps, or the last.
Parameters are PyTorch's, with the gates of a layer below each other in its order.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nntui.engine.builder import Builder
from nntui.engine.initializers import Initializer, Orthogonal, XavierUniform
from nntui.engine.layers.layer import ParameterSpec, Shape, Trainable, Units
from nntui.engine.layers.sequence import expect_sequence
from nntui.engine.layers.unrolled import Unrolled
from nntui.engine.ops.step_affine import Operand
from nntui.engine.options import Values
from nntui.errors import ShapeError


@dataclass(frozen=True, kw_only=True, eq=False)
class Recurrent(Trainable, ABC):
    """A layer that goes through a sequence, a state in hand.

    Attributes:
        units: hidden units.
        return_sequences: whether to hand on the states of all time steps, not just the last.
        bias: whether there are biases: two, as in PyTorch, `bias_ih` and `bias_hh`.
        weight_ih: initial values, (gates · units, features); drawn by `init` where not given.
        weight_hh: initial values, (gates · units, units); drawn by `recurrent_init` if not given.
        bias_ih, bias_hh: initial values, (gates · units,); zeros where not given.
        init: how `weight_ih` is drawn, gate by gate; Xavier's by default.
        recurrent_init: how `weight_hh` is drawn, gate by gate; orthogonal by default.
    """

    gates: ClassVar[tuple[str, ...]]
    """What the rows of the weights belong to, `units` rows each."""

    units: Units
    return_sequences: bool = False
    bias: bool = True
    weight_ih: Values | None = None
    weight_hh: Values | None = None
    bias_ih: Values | None = None
    bias_hh: Values | None = None
    init: Initializer | None = None
    recurrent_init: Initializer | None = None

    def shape(self, incoming: Shape) -> Shape:
        expect_sequence(self.type, incoming)
        if not self.bias:
            self._refuse_biases()
        return (incoming[0], self.units) if self.return_sequences else (self.units,)

    def parameters(self, incoming: Shape) -> Sequence[ParameterSpec]:
        rows = len(self.gates) * self.units
        weights = (
            ParameterSpec("weight_ih", (rows, incoming[-1]), penalised=True),
            ParameterSpec("weight_hh", (rows, self.units), penalised=True),
        )
        if not self.bias:
            return weights
        names = ("bias_ih", "bias_hh")
        return (*weights, *(ParameterSpec(name, (rows,), penalised=False) for name in names))

    def given(self) -> dict[str, Values]:
        values = {
            "weight_ih": self.weight_ih, "weight_hh": self.weight_hh,
            "bias_ih": self.bias_ih, "bias_hh": self.bias_hh,
        }  # fmt: skip
        return {name: given for name, given in values.items() if given is not None}

    def build(self, builder: Builder, x: str) -> str:
        steps = Unrolled(builder, self.name, x, self.units, bias=self.bias)
        self.unroll(steps)
        return steps.finish(sequences=self.return_sequences)

    @abstractmethod
    def unroll(self, steps: Unrolled) -> None:
        """Append the ops of all time steps."""

    def start_bias(self) -> Mapping[str, float]:
        """What `bias_ih` starts with beside the given values, by gate."""
        return {}

    def operands(self, steps: Unrolled, *, apart: bool = False) -> tuple[Operand, Operand]:
        """Declare the parameters: Wₓ x + bₓ and Wₕ h + bₕ as summands of the affine map.

        Args:
            apart: whether the two are maps of their own, with a matrix each.
        """
        widths = (steps.inputs, steps.state)
        columns = [stop - start + self.bias for start, stop in widths]
        rows = len(self.gates) * self.units
        builder = steps.builder
        shared = None if apart else builder.block(rows, sum(columns))
        found, begin = [], 0
        for tensor, which, mark, (start, stop), width in zip(
            ("x", "h"), ("ih", "hh"), ("ₓ", "ₕ"), widths, columns, strict=True
        ):
            block = shared or builder.block(rows, width)
            first = 0 if apart else begin
            weight = builder.parameter(
                f"weight_{which}",
                f"w{mark}",
                block,
                self._weight(builder, which, stop - start),
                region=(slice(None), slice(first, first + stop - start)),
                frozen=self.frozen(f"weight_{which}"),
                penalised=True,
            )
            bias = ""
            if self.bias:
                region = (slice(None), first + stop - start)
                frozen = self.frozen(f"bias_{which}")
                bias = builder.parameter(
                    f"bias_{which}", f"b{mark}", block, self._bias(which),
                    region=region, frozen=frozen,
                )  # fmt: skip
            found.append(Operand(tensor, weight, bias, start, stop))
            begin += width
        return found[0], found[1]

    def _weight(self, builder: Builder, which: str, inputs: int) -> Values:
        given = self.weight_ih if which == "ih" else self.weight_hh
        if given is not None:
            return given
        init = (
            (self.init or XavierUniform())
            if which == "ih"
            else (self.recurrent_init or Orthogonal())
        )
        streams = (f"{self.name}.weight_{which}.{gate}" for gate in self.gates)
        shape = (self.units, inputs)
        return np.concatenate([init.draw(builder.random, stream, shape) for stream in streams])

    def _bias(self, which: str) -> Values:
        given = self.bias_ih if which == "ih" else self.bias_hh
        values = np.zeros(len(self.gates) * self.units) if given is None else given.copy()
        if which == "ih":
            for gate, value in self.start_bias().items():
                k = self.gates.index(gate)
                values[k * self.units : (k + 1) * self.units] += value
        return values

    def _refuse_biases(self) -> None:
        """Raise for values of biases there are not."""
        for name, values in (("bias_ih", self.bias_ih), ("bias_hh", self.bias_hh)):
            if values is not None:
                raise ShapeError("there is no bias to give values to: bias is false", name)
