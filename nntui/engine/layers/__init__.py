"""The layer types, by the name a scenario gives them."""

from typing import Final

from nntui.engine.layers.batch_norm import BatchNorm
from nntui.engine.layers.dense import Dense
from nntui.engine.layers.dropout import Dropout
from nntui.engine.layers.embedding import Embedding
from nntui.engine.layers.flatten import Flatten
from nntui.engine.layers.layer import Layer, ParameterSpec, Shape
from nntui.engine.layers.layer_norm import LayerNorm

__all__ = ["LAYERS", "Layer", "ParameterSpec", "Shape"]

LAYERS: Final[dict[str, type[Layer]]] = {
    c.type: c for c in (Dense, Embedding, Flatten, Dropout, LayerNorm, BatchNorm)
}
