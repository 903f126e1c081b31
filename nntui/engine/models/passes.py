"""Layers one after the other: what they are called, and a pass through them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nntui.engine.builder import Builder
from nntui.engine.layers import Layer


def named(layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """The layers, those without a name called after their type and their place."""
    return tuple(
        layer if layer.name else replace(layer, name=f"{layer.type}{k}")
        for k, layer in enumerate(layers, 1)
    )


def forward(builder: Builder, layers: Sequence[Layer], x: str, mark: str = "") -> str:
    """Append the forward ops from tensor `x` through all layers; returns the output's name.

    Args:
        mark: what tells the tensors of this pass from those of another through the same layers:
            ".frozen" makes `hidden.frozen.z` of `hidden.z`. Parameters are the same in both.
    """
    builder.phase = "forward"
    for layer in layers:
        builder.enter(layer.name)
        x = replace(layer, name=layer.name + mark).build(builder, x)
    builder.layer = ""
    return x
