"""`transformer_block`: attention, then two dense layers at each position, around a residual stream.

Each half adds what it finds to what it was given; layer norms stand before each half, or after.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, final

from nntui.engine.activations import Activation
from nntui.engine.builder import Builder
from nntui.engine.initializers import Initializer
from nntui.engine.layers.attention import Attention, Heads
from nntui.engine.layers.dense import Dense
from nntui.engine.layers.layer import Layer, ParameterSpec, Shape, Trainable, Units
from nntui.engine.layers.layer_norm import LayerNorm
from nntui.engine.layers.part import Part, freeze_of, prefixed, specs_of
from nntui.engine.layers.sequence import expect_sequence
from nntui.engine.options import Values


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class Projections:
    """Initial values of an attention's four projections.

    Attributes:
        query, key, value, out: as for an `attention` layer.
    """

    query: Part = field(default_factory=Part)
    key: Part = field(default_factory=Part)
    value: Part = field(default_factory=Part)
    out: Part = field(default_factory=Part)


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class TransformerBlock(Trainable):
    """PyTorch's `nn.TransformerEncoderLayer` without dropout: (time, features) to the same.

    Attributes:
        ff: units of the dense layer between, at each position.
        heads, causal: as for an `attention` layer.
        norm_first: whether the norms come first in each half, or after the residual.
        activation: of the first dense layer.
        attention, norm1, norm2, ff1, ff2: initial values of the parts.
        init: how weights are drawn; by default as attention and dense layers do.
    """

    type: ClassVar[str] = "transformer_block"
    ff: Units
    heads: Heads = 1
    causal: bool = False
    norm_first: bool = True
    activation: Activation = Activation("relu")  # noqa: RUF009 - frozen
    attention: Projections = field(default_factory=Projections)
    norm1: Part = field(default_factory=Part)
    norm2: Part = field(default_factory=Part)
    ff1: Part = field(default_factory=Part)
    ff2: Part = field(default_factory=Part)
    init: Initializer | None = None

    def shape(self, incoming: Shape) -> Shape:
        expect_sequence("a transformer_block", incoming)
        return self._attention().shape(incoming)

    def parameters(self, incoming: Shape) -> Sequence[ParameterSpec]:
        time, features = incoming
        wide = (time, self.ff)
        parts: dict[str, tuple[Layer, Shape]] = {
            "attention": (self._attention(), incoming),
            "norm1": (self._norm("norm1"), incoming),
            "ff1": (self._ff1(), incoming),
            "ff2": (self._ff2(features), wide),
            "norm2": (self._norm("norm2"), incoming),
        }
        return tuple(
            spec
            for name, (layer, shape) in parts.items()
            for spec in specs_of(name, layer.parameters(shape))
        )

    def given(self) -> dict[str, Values]:
        values = prefixed("attention", self._attention().given())
        for part in ("norm1", "norm2", "ff1", "ff2"):
            values |= prefixed(part, getattr(self, part).given())
        return values

    def work(self, incoming: Shape) -> int:
        time, features = incoming
        return self._attention().work(incoming) + time * (8 * features + 2 * self.ff)

    def build(self, builder: Builder, x: str) -> str:
        half = f"{self.name}.half"
        a = f"{self.name}.a"
        if self.norm_first:
            normed = self._normalize(builder, "norm1", x, f"{self.name}.norm1.a")
            self._add(builder, x, self._attend(builder, normed), half)
            normed = self._normalize(builder, "norm2", half, f"{self.name}.norm2.a")
            return self._add(builder, half, self._feed_forward(builder, normed), a)
        total = self._add(builder, x, self._attend(builder, x), f"{self.name}.norm1.x")
        self._normalize(builder, "norm1", total, half)
        found = self._feed_forward(builder, half)
        total = self._add(builder, half, found, f"{self.name}.norm2.x")
        return self._normalize(builder, "norm2", total, a)

    def _attend(self, builder: Builder, x: str) -> str:
        with builder.within("attention"):
            return self._attention().build(builder, x)

    def _feed_forward(self, builder: Builder, x: str) -> str:
        with builder.within("ff1"):
            wide = self._ff1().build(builder, x)
        with builder.within("ff2"):
            second = self._ff2(builder.width(x))
            return second.affine(builder, wide, f"{second.name}.z", "z")

    def _normalize(self, builder: Builder, part: str, x: str, a: str) -> str:
        with builder.within(part):
            return self._norm(part).normalize(builder, x, a)

    def _add(self, builder: Builder, x: str, found: str, total: str) -> str:
        builder.like(total, x, "r")
        return builder.op("skip", (x, found), total)

    def _attention(self) -> Attention:
        given = self.attention
        return Attention(
            name=f"{self.name}.attention",
            heads=self.heads,
            causal=self.causal,
            query=given.query,
            key=given.key,
            value=given.value,
            out=given.out,
            init=self.init,
            freeze=freeze_of("attention", self.freeze),
        )

    def _norm(self, part: str) -> LayerNorm:
        given: Part = getattr(self, part)
        return LayerNorm(
            name=f"{self.name}.{part}",
            weight=given.weight,
            bias=given.bias,
            freeze=freeze_of(part, self.freeze),
        )

    def _ff1(self) -> Dense:
        return self._dense("ff1", self.ff, self.activation)

    def _ff2(self, features: int) -> Dense:
        return self._dense("ff2", features, Activation("linear"))

    def _dense(self, part: str, units: int, activation: Activation) -> Dense:
        given: Part = getattr(self, part)
        return Dense(
            name=f"{self.name}.{part}",
            units=units,
            activation=activation,
            weight=given.weight,
            bias=True if given.bias is None else given.bias,
            init=self.init,
            freeze=freeze_of(part, self.freeze),
        )
