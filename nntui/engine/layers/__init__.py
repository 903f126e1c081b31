"""The layer types, by the name a scenario gives them."""

from typing import Final

from nntui.engine.layers.attention import Attention
from nntui.engine.layers.batch_norm import BatchNorm
from nntui.engine.layers.conv2d import Conv2d
from nntui.engine.layers.dense import Dense
from nntui.engine.layers.dropout import Dropout
from nntui.engine.layers.embedding import Embedding
from nntui.engine.layers.flatten import Flatten
from nntui.engine.layers.gru import Gru
from nntui.engine.layers.layer import Layer, ParameterSpec, Shape
from nntui.engine.layers.layer_norm import LayerNorm
from nntui.engine.layers.lstm import Lstm
from nntui.engine.layers.pool2d import AvgPool2d, MaxPool2d
from nntui.engine.layers.positional_encoding import PositionalEncoding
from nntui.engine.layers.rnn import Rnn
from nntui.engine.layers.transformer_block import TransformerBlock

__all__ = ["LAYERS", "Layer", "ParameterSpec", "Shape"]

LAYERS: Final[dict[str, type[Layer]]] = {
    c.type: c
    for c in (
        Dense, Conv2d, MaxPool2d, AvgPool2d, Rnn, Lstm, Gru, Embedding, PositionalEncoding,
        Attention, TransformerBlock, Flatten, Dropout, LayerNorm, BatchNorm,
    )
}  # fmt: skip
