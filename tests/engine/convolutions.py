"""Convolutions and pools of every shape: strides, paddings, overlaps, windows that leave a rest."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from nntui.engine.activations import Activation
from nntui.engine.layers import Layer
from nntui.engine.layers.conv2d import Conv2d
from nntui.engine.layers.image import Extent
from nntui.engine.layers.pool2d import AvgPool2d, MaxPool2d


def convolution(name: str, filters: int, kernel_size: Extent, **options: Any) -> Conv2d:
    """A convolution whose biases are not 0."""
    options = {"activation": Activation("tanh"), "bias": np.linspace(-0.3, 0.4, filters), **options}
    return Conv2d(name=name, filters=filters, kernel_size=kernel_size, **options)


CONVOLUTIONS: Final[dict[str, tuple[Layer, ...]]] = {
    "conv2d": (convolution("c", 2, 3),),
    "conv2d stacked": (convolution("c", 3, 2), convolution("d", 2, (3, 2))),
    "conv2d no bias": (convolution("c", 3, 2, bias=False), convolution("d", 2, 2, bias=False)),
    "conv2d stride": (convolution("c", 3, 1), convolution("d", 2, (2, 3), stride=(2, 1))),
    "conv2d gaps": (convolution("c", 3, 1), convolution("d", 2, 1, stride=(3, 2))),
    "conv2d padding": (convolution("c", 3, 1), convolution("d", 2, 3, stride=2, padding=(1, 2))),
    "conv2d in the padding": (convolution("c", 2, (1, 2), stride=2, padding=(2, 3)),),
    "conv2d same": (convolution("c", 3, 1), convolution("d", 2, (2, 4), padding="same")),
    "max_pool2d": (convolution("c", 2, 2), MaxPool2d(name="p", kernel_size=2)),
    "max_pool2d edge": (convolution("c", 2, 1), MaxPool2d(name="p", kernel_size=(2, 4))),
    "max_pool2d overlap": (convolution("c", 2, 2), MaxPool2d(name="p", kernel_size=3, stride=1)),
    "max_pool2d gaps": (convolution("c", 2, 1), MaxPool2d(name="p", kernel_size=1, stride=2)),
    "max_pool2d column": (
        convolution("c", 2, 1),
        MaxPool2d(name="p", kernel_size=(3, 1), stride=(2, 3)),
    ),
    "avg_pool2d": (convolution("c", 2, 2), AvgPool2d(name="p", kernel_size=2)),
    "avg_pool2d edge": (convolution("c", 2, 1), AvgPool2d(name="p", kernel_size=(2, 4))),
    "avg_pool2d overlap": (
        convolution("c", 2, 2),
        AvgPool2d(name="p", kernel_size=(3, 2), stride=1),
    ),
    "pools": (
        MaxPool2d(name="p", kernel_size=2, stride=1),
        convolution("c", 2, 2),
        AvgPool2d(name="q", kernel_size=2, stride=1),
    ),
}
"""What there is between an image of 2×5×6 and a dense layer."""
