"""The layer types, by the name a scenario gives them."""

from typing import Final

from nntui.engine.layers.batch_norm import BatchNorm
from nntui.engine.layers.conv2d import Conv2d
from nntui.engine.layers.dense import Dense
from nntui.engine.layers.dropout import Dropout
from nntui.engine.layers.embedding import Embedding
from nntui.engine.layers.flatten import Flatten
from nntui.engine.layers.layer import Layer, ParameterSpec, Shape
from nntui.engine.layers.layer_norm import LayerNorm
from nntui.engine.layers.pool2d import AvgPool2d, MaxPool2d

__all__ = ["LAYERS", "Layer", "ParameterSpec", "Shape"]

LAYERS: Final[dict[str, type[Layer]]] = {
    c.type: c
    for c in (
        Dense, Conv2d, MaxPool2d, AvgPool2d, Embedding, Flatten, Dropout, LayerNorm, BatchNorm,
    )
}  # fmt: skip
