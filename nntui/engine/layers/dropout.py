"""`dropout`: in training, values are dropped with probability p; the rest grow by 1/(1 − p)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, final

from nntui.engine.builder import Builder
from nntui.engine.layers.layer import Layer, Shape
from nntui.engine.options import Bounds


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class Dropout(Layer):
    """Srivastava et al. (2014), inverted as in PyTorch: nothing changes outside training.

    Attributes:
        p: the probability that a value is dropped.
    """

    type: ClassVar[str] = "dropout"
    p: Annotated[float, Bounds(ge=0, lt=1)] = 0.5

    def shape(self, incoming: Shape) -> Shape:
        return incoming

    def build(self, builder: Builder, x: str) -> str:
        a = f"{self.name}.a"
        if not builder.training:
            builder.alias(a, x, "a")
            return builder.op("linear", (x,), a)
        mask = builder.like(f"{self.name}.mask", x, "mask")
        builder.op("dropout_mask", (), mask, p=self.p)
        builder.like(a, x, "a")
        return builder.op("dropout", (x, mask), a)
