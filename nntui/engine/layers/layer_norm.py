"""`layer_norm`: the features at each position to mean 0 and variance 1, then scaled and shifted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, final

from nntui.engine.builder import Builder
from nntui.engine.initializers import Initializer
from nntui.engine.layers.affine import scale_and_shift
from nntui.engine.layers.layer import ParameterSpec, Shape, Trainable
from nntui.engine.options import Bounds, Values
from nntui.errors import ShapeError


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class LayerNorm(Trainable):
    """Ba, Kiros and Hinton (2016).

    Attributes:
        eps: ε of √(σ² + ε).
        weight: initial scale γ, (features,); drawn by `init` where not given.
        bias: initial shift β, (features,); zeros where not given.
        init: how the scale is drawn; ones where not given.
    """

    type: ClassVar[str] = "layer_norm"
    eps: Annotated[float, Bounds(gt=0)] = 1e-5
    weight: Values | None = None
    bias: Values | None = None
    init: Initializer | None = None

    def shape(self, incoming: Shape) -> Shape:
        if len(incoming) not in (1, 2):
            raise ShapeError(
                "a layer_norm takes a row of features, or one for each time step, but gets "
                f"{'×'.join(map(str, incoming))} — use batch_norm, or put a flatten layer before it"
            )
        return incoming

    def parameters(self, incoming: Shape) -> Sequence[ParameterSpec]:
        return (
            ParameterSpec("weight", incoming[-1:], penalised=True),
            ParameterSpec("bias", incoming[-1:], penalised=False),
        )

    def given(self) -> dict[str, Values]:
        given = {"weight": self.weight, "bias": self.bias}
        return {name: values for name, values in given.items() if values is not None}

    def build(self, builder: Builder, x: str) -> str:
        return self.normalize(builder, x, f"{self.name}.a")

    def normalize(self, builder: Builder, x: str, a: str) -> str:
        """Append the layer's ops, from tensor `x` to a new tensor `a`; returns `a`."""
        mean = builder.single(f"{self.name}.mean", builder.positions(x), "μ")
        builder.op("mean", (x,), mean, axis=0)
        variance = builder.single(f"{self.name}.var", builder.positions(x), "σ²")
        builder.op("variance", (x, mean), variance, axis=0)
        x_hat = builder.like(f"{self.name}.normalized", x, "x̂")
        builder.op("normalize", (x, mean, variance), x_hat, axis=0, eps=self.eps)
        return scale_and_shift(self, builder, x_hat, a, self.init)
