"""`max_pool2d`, `avg_pool2d`: an image made smaller, channel by channel."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, final

from nntui.engine.builder import Builder
from nntui.engine.layers.image import Extent, image_shape, pair, places
from nntui.engine.layers.layer import Layer, Shape
from nntui.engine.window import Window


@dataclass(frozen=True, kw_only=True, eq=False)
class Pool2d(Layer, ABC):
    """(channels, height, width) to (channels, rows, columns): a number for each window.

    Rows and columns that no window reaches, at the lower and the right edge, count for nothing.

    Attributes:
        kernel_size: height and width of the window.
        stride: how far it moves at a time; by its own size where not given.
    """

    kernel_size: Extent
    stride: Extent | None = None

    @property
    def window(self) -> Window:
        """What slides over the image."""
        return Window(pair(self.kernel_size), pair(self.stride or self.kernel_size))

    def shape(self, incoming: Shape) -> Shape:
        channels, size = image_shape(self.type, incoming)
        return (channels, *places(self.window, size, "use a smaller kernel_size"))

    def build(self, builder: Builder, x: str) -> str:
        channels, height, width = builder.features(x)
        a = builder.batch(f"{self.name}.a", (channels, *self.window.places((height, width))), "a")
        return self.pool(builder, x, a)

    @abstractmethod
    def pool(self, builder: Builder, x: str, a: str) -> str:
        """Append the ops from tensor `x` to tensor `a`; returns `a`."""


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class MaxPool2d(Pool2d):
    """The largest number of each window; where it lay is remembered for the backward pass."""

    type: ClassVar[str] = "max_pool2d"

    def work(self, incoming: Shape) -> int:
        # The largest numbers so far and where they lie, and who gets the gradient.
        channels, height, width = incoming
        return 3 * channels * height * width

    def pool(self, builder: Builder, x: str, a: str) -> str:
        winner = builder.like(f"{self.name}.winner", a, "k")
        builder.op("max_pool2d", (x,), a, window=self.window, winner=winner)
        builder.op("winner", (x, a), winner, window=self.window)
        return a


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class AvgPool2d(Pool2d):
    """The mean of each window."""

    type: ClassVar[str] = "avg_pool2d"

    def pool(self, builder: Builder, x: str, a: str) -> str:
        return builder.op("avg_pool2d", (x,), a, window=self.window, count=self.window.count)
