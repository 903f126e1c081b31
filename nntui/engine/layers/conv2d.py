"""`conv2d`: small filters slide over an image; each looks for its own pattern everywhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, final

import numpy as np

from nntui.engine.activations import LINEAR, RELU_FAMILY, Activation
from nntui.engine.builder import Builder
from nntui.engine.initializers import HeUniform, Initializer, XavierUniform
from nntui.engine.layers.activate import activate
from nntui.engine.layers.image import Extent, image_shape, pair, places
from nntui.engine.layers.layer import ParameterSpec, Shape, Trainable, Units
from nntui.engine.options import Bounds, Choice, Values
from nntui.engine.window import Window
from nntui.errors import ShapeError

Margin = Annotated[int, Bounds(ge=0, le=1000)]


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class Conv2d(Trainable):
    """LeCun et al. (1989): (channels, height, width) to (filters, rows, columns).

    Attributes:
        filters: how many; each gives one channel of the output.
        kernel_size: height and width of a filter.
        stride: how far it moves at a time.
        padding: zeros on each side; "same" for as many as keep the size, which takes stride 1.
        activation: f of a = f(z).
        bias: True, False for none, or the initial values, (filters,).
        weight: initial values, (filters, channels, height, width); drawn by `init` where not given.
        init: how weights are drawn; by default He's for the relu family, Xavier's else.
    """

    type: ClassVar[str] = "conv2d"
    filters: Units
    kernel_size: Extent
    stride: Extent = 1
    padding: Margin | tuple[Margin, Margin] | Annotated[str, Choice("padding", ("same",))] = 0
    activation: Activation = LINEAR
    bias: bool | Values = True
    weight: Values | None = None
    init: Initializer | None = None

    @property
    def window(self) -> Window:
        """What slides over the image."""
        kernel, stride = pair(self.kernel_size), pair(self.stride)
        if isinstance(self.padding, str):
            # Where the zeros of one direction are odd in number, PyTorch puts one more at the end.
            above, left = ((k - 1) // 2 for k in kernel)
            below, right = (k // 2 for k in kernel)
            return Window(kernel, stride, (above, left), (below, right))
        return Window(kernel, stride, pair(self.padding), pair(self.padding))

    def shape(self, incoming: Shape) -> Shape:
        _, size = image_shape(self.type, incoming)
        window = self.window
        if self.padding == "same" and window.stride != (1, 1):
            raise ShapeError(
                'padding = "same" keeps the size of the image, which needs stride = 1', "padding"
            )
        return (self.filters, *places(window, size, "use a smaller kernel_size or more padding"))

    def work(self, incoming: Shape) -> int:
        channels, size = image_shape(self.type, incoming)
        patches = self.window.count * math.prod(self.window.places(size))
        return channels * (patches + math.prod(self.window.bordered(size)))

    def parameters(self, incoming: Shape) -> Sequence[ParameterSpec]:
        weight = ParameterSpec(
            "weight",
            (self.filters, incoming[0], *pair(self.kernel_size)),
            penalised=True,
            axes="filters × channels × height × width",
        )
        bias = ParameterSpec("bias", (self.filters,), penalised=False)
        return (weight,) if self.bias is False else (weight, bias)

    def given(self) -> dict[str, Values]:
        given = {"weight": self.weight, "bias": None if isinstance(self.bias, bool) else self.bias}
        return {name: values for name, values in given.items() if values is not None}

    def build(self, builder: Builder, x: str) -> str:
        window = self.window
        channels, height, width = builder.features(x)
        shape = (self.filters, channels, *window.kernel)
        cells = channels * window.count
        with_bias = self.bias is not False
        block = builder.block(self.filters, cells + with_bias)
        weight = builder.parameter(
            "weight",
            "w",
            block,
            self._initial_weight(builder, shape),
            region=(slice(None), slice(0, cells)),
            shape=shape,
            frozen=self.frozen("weight"),
            penalised=True,
        )
        inputs = [x, weight]
        if with_bias:
            given = np.zeros(self.filters) if isinstance(self.bias, bool) else self.bias
            frozen = self.frozen("bias")
            region = (slice(None), cells)
            inputs.append(
                builder.parameter("bias", "b", block, given, region=region, frozen=frozen)
            )
        z = builder.batch(f"{self.name}.z", (self.filters, *window.places((height, width))), "z")
        builder.op("conv2d", inputs, z, window=window, bias=" + b" if with_bias else "")
        return activate(builder, self.activation, z, f"{self.name}.a")

    def _initial_weight(self, builder: Builder, shape: Shape) -> Values:
        if self.weight is not None:
            return self.weight
        family = HeUniform() if self.activation.type in RELU_FAMILY else XavierUniform()
        init = self.init or family
        return init.draw(builder.random, f"{self.name}.weight", shape)
