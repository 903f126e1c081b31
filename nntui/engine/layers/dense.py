"""`dense`: every unit sees every input, at each time step. z = x Wᵀ + b, a = f(z)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from nntui.engine.activations import LINEAR, RELU_FAMILY, Activation
from nntui.engine.builder import Builder
from nntui.engine.initializers import HeUniform, Initializer, XavierUniform
from nntui.engine.layers.activate import activate
from nntui.engine.layers.layer import ParameterSpec, Shape, Trainable, Units
from nntui.engine.options import Values
from nntui.errors import ShapeError


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class Dense(Trainable):
    """A fully connected layer: (features,) to (units,), (time, features) to (time, units).

    Attributes:
        units: neurons.
        activation: f of a = f(z).
        bias: True, False for none, or the initial values, (units,).
        weight: initial values, (units, features); drawn by `init` where not given.
        init: how weights are drawn; by default He's for the relu family, Xavier's else.
    """

    type: ClassVar[str] = "dense"
    units: Units
    activation: Activation = LINEAR
    bias: bool | Values = True
    weight: Values | None = None
    init: Initializer | None = None

    def shape(self, incoming: Shape) -> Shape:
        if len(incoming) not in (1, 2):
            raise ShapeError(
                "a dense layer takes a row of features, or one for each time step, but gets "
                f"{'×'.join(map(str, incoming))} — put a flatten layer before it"
            )
        return (*incoming[:-1], self.units)

    def parameters(self, incoming: Shape) -> Sequence[ParameterSpec]:
        weight = ParameterSpec(
            "weight", (self.units, incoming[-1]), penalised=True, axes="units × inputs"
        )
        bias = ParameterSpec("bias", (self.units,), penalised=False)
        return (weight,) if self.bias is False else (weight, bias)

    def given(self) -> dict[str, Values]:
        given = {"weight": self.weight, "bias": None if isinstance(self.bias, bool) else self.bias}
        return {name: values for name, values in given.items() if values is not None}

    def build(self, builder: Builder, x: str) -> str:
        z = self.affine(builder, x, f"{self.name}.z", "z")
        return activate(builder, self.activation, z, f"{self.name}.a")

    def affine(self, builder: Builder, x: str, z: str, symbol: str) -> str:
        """Append the affine map alone, from tensor `x` to a new tensor `z`; returns `z`."""
        features = builder.width(x)
        with_bias = self.bias is not False
        block = builder.block(self.units, features + with_bias)
        weight = builder.parameter(
            "weight",
            "w",
            block,
            self._initial_weight(builder, features),
            region=(slice(None), slice(0, features)),
            frozen=self.frozen("weight"),
            penalised=True,
        )
        inputs = [x, weight]
        if with_bias:
            given = np.zeros(self.units) if isinstance(self.bias, bool) else self.bias
            frozen = self.frozen("bias")
            region = (slice(None), features)
            inputs.append(
                builder.parameter("bias", "b", block, given, region=region, frozen=frozen)
            )
            builder.pad(x)
        builder.batch(z, (*builder.positions(x), self.units), symbol)
        return builder.op("affine", inputs, z, symbol=symbol, bias=" + b" if with_bias else "")

    def _initial_weight(self, builder: Builder, features: int) -> Values:
        if self.weight is not None:
            return self.weight
        family = HeUniform() if self.activation.type in RELU_FAMILY else XavierUniform()
        init = self.init or family
        return init.draw(builder.random, f"{self.name}.weight", (self.units, features))
