"""`batch_norm`: each feature over the batch to mean 0 and variance 1, then scaled and shifted.

The batch is every position of every sample: the features of a sequence over all time steps
(PyTorch's `BatchNorm1d`), the channels of an image over all pixels (`BatchNorm2d`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, final

from nntui.engine.builder import Builder
from nntui.engine.initializers import Initializer
from nntui.engine.layers.affine import scale_and_shift
from nntui.engine.layers.layer import ParameterSpec, Shape, Trainable
from nntui.engine.options import Bounds, Values
from nntui.engine.tensor import Statistic, feature_axis


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class BatchNorm(Trainable):
    """Ioffe and Szegedy (2015).

    Attributes:
        eps: ε of √(σ² + ε).
        momentum: how far the running mean and variance move with each batch.
        weight: initial scale γ, (features,); drawn by `init` where not given.
        bias: initial shift β, (features,); zeros where not given.
        init: how the scale is drawn; ones where not given.
    """

    type: ClassVar[str] = "batch_norm"
    mixes_samples: ClassVar[bool] = True
    eps: Annotated[float, Bounds(gt=0)] = 1e-5
    momentum: Annotated[float, Bounds(ge=0, le=1)] = 0.1
    weight: Values | None = None
    bias: Values | None = None
    init: Initializer | None = None

    def shape(self, incoming: Shape) -> Shape:
        return incoming

    def parameters(self, incoming: Shape) -> Sequence[ParameterSpec]:
        features = (incoming[feature_axis(incoming)],)
        return (
            ParameterSpec("weight", features, penalised=True),
            ParameterSpec("bias", features, penalised=False),
        )

    def given(self) -> dict[str, Values]:
        given = {"weight": self.weight, "bias": self.bias}
        return {name: values for name, values in given.items() if values is not None}

    def build(self, builder: Builder, x: str) -> str:
        features = (builder.width(x),)
        running = [
            builder.tensor(f"{builder.layer}.running_mean", features, "μ_run", Statistic(0.0)),
            builder.tensor(f"{builder.layer}.running_var", features, "σ²_run", Statistic(1.0)),
        ]
        statistics = self._batch_statistics(builder, x, running) if builder.training else running
        x_hat = builder.like(f"{self.name}.normalized", x, "x̂")
        builder.op("normalize", (x, *statistics), x_hat, axis=1, eps=self.eps)
        return scale_and_shift(self, builder, x_hat, f"{self.name}.a", self.init)

    def _batch_statistics(self, builder: Builder, x: str, running: list[str]) -> list[str]:
        """Mean and variance of the batch; the running ones are moved towards them."""
        features = (builder.width(x),)
        mean = builder.tensor(f"{self.name}.mean", features, "μ")
        builder.op("mean", (x,), mean, axis=1)
        variance = builder.tensor(f"{self.name}.var", features, "σ²")
        builder.op("variance", (x, mean), variance, axis=1)
        for statistic, target in zip((mean, variance), running, strict=True):
            options = {"momentum": self.momentum, "unbiased": statistic == variance, "over": x}
            builder.op("running", (statistic,), target, **options)
        return [mean, variance]
