"""`attention`: every position takes from all others what its query asks for.

For each head: softmax(q kᵀ / √d) v, with queries, keys and values made of the same sequence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Final, final

from nntui.engine.builder import Builder
from nntui.engine.initializers import Initializer
from nntui.engine.layers.dense import Dense
from nntui.engine.layers.layer import ParameterSpec, Shape, Trainable
from nntui.engine.layers.part import Part, freeze_of, prefixed, specs_of
from nntui.engine.layers.sequence import expect_sequence
from nntui.engine.options import Bounds, Values
from nntui.errors import ShapeError

Heads = Annotated[int, Bounds(ge=1, le=1_000)]

_PARTS: Final = ("query", "key", "value", "out")


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class Attention(Trainable):
    """PyTorch's `nn.MultiheadAttention` of a sequence with itself: (time, features) to the same.

    Attributes:
        heads: how many share the features; each has features / heads of them.
        causal: whether no position may look at a later one.
        query, key, value, out: initial values of the four projections, (features, features) and
            (features,); weights are drawn by `init` where not given, biases start with zeros.
        init: how weights are drawn; Xavier's by default.
    """

    type: ClassVar[str] = "attention"
    heads: Heads = 1
    causal: bool = False
    query: Part = field(default_factory=Part)
    key: Part = field(default_factory=Part)
    value: Part = field(default_factory=Part)
    out: Part = field(default_factory=Part)
    init: Initializer | None = None

    def shape(self, incoming: Shape) -> Shape:
        expect_sequence("attention", incoming)
        if incoming[1] % self.heads:
            raise ShapeError(
                f"{self.heads} heads cannot share {incoming[1]} features evenly — use a number of "
                f"heads that divides {incoming[1]}",
                "heads",
            )
        return incoming

    def parameters(self, incoming: Shape) -> Sequence[ParameterSpec]:
        features = incoming[-1]
        return tuple(
            spec
            for part in _PARTS
            for spec in specs_of(part, self._projection(part, features).parameters(incoming))
        )

    def given(self) -> dict[str, Values]:
        values: dict[str, Values] = {}
        for part in _PARTS:
            values |= prefixed(part, getattr(self, part).given())
        return values

    def work(self, incoming: Shape) -> int:
        time, features = incoming
        return 8 * time * features + (3 + self.causal) * self.heads * time * time

    def build(self, builder: Builder, x: str) -> str:
        query, key, value = (
            self._split(builder, self._project(builder, part, x, f"{self.name}.{part}.z", symbol))
            for part, symbol in (("query", "q"), ("key", "k"), ("value", "v"))
        )
        weights = self._weights(builder, query, key)
        found = builder.like(f"{self.name}.found", value, "c")
        builder.op("mix", (weights, value), found, causal=self.causal)
        joined = builder.like(f"{self.name}.joined", x, "c")
        builder.op("join_heads", (found,), joined)
        return self._project(builder, "out", joined, f"{self.name}.a", "a")

    def _weights(self, builder: Builder, query: str, key: str) -> str:
        """Append scores and softmax; returns the attention weights, (batch, heads, query, key)."""
        batch, heads, time, width = builder.tensors[query].shape
        size, axes = (time, batch, heads, time), (1, 2, 3, 0)
        scores = builder.tensor(f"{self.name}.scores", size, "s", axes=axes)
        builder.op("attention_scores", (query, key), scores)
        scaled = builder.like(f"{self.name}.scaled", scores, "s")
        last = builder.op("scale_scores", (scores,), scaled, width=width)
        if self.causal:
            masked = builder.tensor(f"{self.name}.masked", size, "s", axes=axes, masked=True)
            last = builder.op("mask", (scaled,), masked)
        weights = builder.like(f"{self.name}.weights", scores, "α")
        return builder.op("attend", (last,), weights)

    def _project(self, builder: Builder, part: str, x: str, z: str, symbol: str) -> str:
        """Append the affine map of a part."""
        with builder.within(part):
            return self._projection(part, builder.width(x)).affine(builder, x, z, symbol)

    def _projection(self, part: str, features: int) -> Dense:
        given: Part = getattr(self, part)
        return Dense(
            name=f"{self.name}.{part}",
            units=features,
            weight=given.weight,
            bias=True if given.bias is None else given.bias,
            init=self.init,
            freeze=freeze_of(part, self.freeze),
        )

    def _split(self, builder: Builder, z: str) -> str:
        """Append the split of a projection among the heads; returns (batch, heads, time, width)."""
        spec = builder.tensors[z]
        features, time, batch = spec.shape
        width = features // self.heads
        heads = builder.tensor(
            f"{z.removesuffix('.z')}.heads", (batch, self.heads, time, width), spec.symbol
        )
        return builder.op("split_heads", (z,), heads, features=features, width=width)
