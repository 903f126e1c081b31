"""Attention layers whose biases are not 0, for the examples and for PyTorch."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from nntui.engine.activations import Activation
from nntui.engine.layers import Layer
from nntui.engine.layers.attention import Attention
from nntui.engine.layers.part import Part
from nntui.engine.layers.positional_encoding import PositionalEncoding
from nntui.engine.layers.transformer_block import Projections, TransformerBlock


def projections(features: int) -> dict[str, Part]:
    """The four parts of an attention, with biases that differ."""
    steps = ((-0.3, 0.4), (0.2, -0.1), (-0.2, 0.5), (0.3, -0.4))
    names = ("query", "key", "value", "out")
    ends = zip(names, steps, strict=True)
    return {name: Part(bias=np.linspace(*end, features)) for name, end in ends}


def attention(name: str, features: int, **options: Any) -> Attention:
    """An attention layer."""
    return Attention(name=name, **{**projections(features), **options})


def block(name: str, features: int, ff: int = 5, **options: Any) -> TransformerBlock:
    """A transformer block with norms that do something."""
    parts = {
        "attention": Projections(**projections(features)),
        "norm1": Part(
            weight=np.linspace(0.5, 1.5, features), bias=np.linspace(-0.2, 0.3, features)
        ),
        "norm2": Part(
            weight=np.linspace(1.4, 0.7, features), bias=np.linspace(0.3, -0.1, features)
        ),
        "ff1": Part(bias=np.linspace(0.4, -0.3, ff)),
        "ff2": Part(bias=np.linspace(-0.1, 0.2, features)),
    }
    activation = options.pop("activation", "gelu")
    return TransformerBlock(
        name=name, ff=ff, activation=Activation(activation), **{**parts, **options}
    )


TRANSFORMERS: Final[dict[str, tuple[Layer, ...]]] = {
    "attention": (attention("t", 4),),
    "attention heads": (attention("t", 4, heads=2),),
    "attention causal": (attention("t", 4, heads=2, causal=True),),
    "attention frozen": (attention("t", 4, heads=4, freeze=("key.weight", "out.bias")),),
    "block": (block("t", 4, heads=2),),
    "block post-norm": (block("t", 4, heads=2, norm_first=False),),
    "block causal": (block("t", 4, heads=2, causal=True, activation="gelu"),),
    "blocks": (block("t", 4), block("u", 4, 3, heads=4, causal=True, norm_first=False)),
    "block frozen": (block("t", 4, freeze=("attention.value.weight", "norm1.bias", "ff2.weight")),),
    "sinusoidal": (PositionalEncoding(name="p"), attention("t", 4, heads=2)),
    "learned": (PositionalEncoding(name="p", kind="learned"), block("t", 4, heads=2)),
}
"""Layers for sequences of four features."""
