"""`flatten`: a sequence or an image to one row of numbers, in PyTorch's order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, final

from nntui.engine.builder import Builder
from nntui.engine.layers.layer import Layer, Shape
from nntui.engine.tensor import View


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class Flatten(Layer):
    """Any shape to (numbers,)."""

    type: ClassVar[str] = "flatten"

    def shape(self, incoming: Shape) -> Shape:
        return (math.prod(incoming),)

    def build(self, builder: Builder, x: str) -> str:
        sample = builder.features(x)
        copied = len(sample) == 2
        storage = None if copied else View(x)
        a = builder.batch(f"{self.name}.a", (math.prod(sample),), "a", storage)
        return builder.op("flatten", (x,), a, copied=copied)
