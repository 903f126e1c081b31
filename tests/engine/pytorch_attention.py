"""PyTorch's attention and encoder layer, their parameters called like ours.

PyTorch keeps the three projections of the inputs in one matrix. Here they are parameters of their
own, put together for each pass.
"""

from __future__ import annotations

import torch
from torch.nn import functional

from nntui.engine.layers.attention import Attention
from nntui.engine.layers.positional_encoding import PositionalEncoding
from nntui.engine.layers.transformer_block import TransformerBlock

PROJECTIONS = ("query", "key", "value")


class SelfAttention(torch.nn.Module):
    """`torch.nn.MultiheadAttention` of a sequence with itself."""

    def __init__(self, features: int, heads: int, *, causal: bool) -> None:
        super().__init__()
        for part in (*PROJECTIONS, "out"):
            self.add_module(part, torch.nn.Linear(features, features))
        self.inner = (torch.nn.MultiheadAttention(features, heads, batch_first=True),)
        self.causal = causal

    def whole(self) -> dict[str, torch.Tensor]:
        """The parameters as PyTorch's module has them."""
        parts = [getattr(self, part) for part in PROJECTIONS]
        return {
            "in_proj_weight": torch.cat([part.weight for part in parts]),
            "in_proj_bias": torch.cat([part.bias for part in parts]),
            "out_proj.weight": self.out.weight,
            "out_proj.bias": self.out.bias,
        }

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        options = {"attn_mask": mask(x), "is_causal": True} if self.causal else {}
        inner = self.inner[0]
        call = torch.func.functional_call
        return call(inner, self.whole(), (x, x, x), {**options, "need_weights": False})[0]


def mask(x: torch.Tensor) -> torch.Tensor:
    """True where the key stands after the query."""
    return torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).triu(1)


class Block(torch.nn.Module):
    """`torch.nn.TransformerEncoderLayer` without dropout."""

    def __init__(self, layer: TransformerBlock, features: int) -> None:
        super().__init__()
        self.attention = SelfAttention(features, layer.heads, causal=layer.causal)
        self.norm1, self.norm2 = torch.nn.LayerNorm(features), torch.nn.LayerNorm(features)
        self.ff1 = torch.nn.Linear(features, layer.ff)
        self.ff2 = torch.nn.Linear(layer.ff, features)
        self.causal = layer.causal
        inner = torch.nn.TransformerEncoderLayer(
            features,
            layer.heads,
            layer.ff,
            dropout=0.0,
            activation=getattr(functional, layer.activation.type),
            batch_first=True,
            norm_first=layer.norm_first,
        )
        self.inner = (inner,)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        options = {"src_mask": mask(x), "is_causal": True} if self.causal else {}
        whole = {f"self_attn.{name}": value for name, value in self.attention.whole().items()}
        for ours, theirs in (
            ("norm1", "norm1"), ("norm2", "norm2"), ("ff1", "linear1"), ("ff2", "linear2"),
        ):  # fmt: skip
            part = getattr(self, ours)
            whole |= {f"{theirs}.weight": part.weight, f"{theirs}.bias": part.bias}
        return torch.func.functional_call(self.inner[0], whole, (x,), options)


class Positions(torch.nn.Module):
    """Learned positions, or waves."""

    def __init__(self, layer: PositionalEncoding, time: int, features: int) -> None:
        super().__init__()
        self.learned = layer.kind == "learned"
        if self.learned:
            self.weight = torch.nn.Parameter(torch.zeros(time, features))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + (self.weight if self.learned else waves(*x.shape[1:]))


def waves(time: int, features: int) -> torch.Tensor:
    """The sinusoidal table of Vaswani et al. (2017)."""
    table = torch.zeros(time, features)
    positions = torch.arange(time)[:, None]
    frequency = 10_000 ** (-torch.arange(0, features, 2) / features)
    table[:, 0::2] = torch.sin(positions * frequency)
    table[:, 1::2] = torch.cos(positions * frequency[: features // 2])
    return table


def module_of(
    layer: Attention | TransformerBlock | PositionalEncoding, time: int, features: int
) -> torch.nn.Module:
    """The layer in PyTorch."""
    if isinstance(layer, Attention):
        return SelfAttention(features, layer.heads, causal=layer.causal)
    if isinstance(layer, TransformerBlock):
        return Block(layer, features)
    return Positions(layer, time, features)
