"""`positional_encoding`: a row of numbers for each time step, added to it. a⟨t⟩ = x⟨t⟩ + p⟨t⟩."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, final

from nntui.engine.builder import Builder
from nntui.engine.initializers import Initializer, Normal
from nntui.engine.layers.layer import ParameterSpec, Shape, Trainable
from nntui.engine.layers.sequence import expect_sequence
from nntui.engine.options import Choice, Values
from nntui.errors import ShapeError


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class PositionalEncoding(Trainable):
    """Vaswani et al. (2017), section 3.5.

    Attributes:
        kind: "sinusoidal" for fixed waves, "learned" for numbers that are trained.
        weight: initial values of learned positions, (time, features); drawn by `init` if not given.
        init: how learned positions are drawn; by default N(0, 1), as embeddings are.
    """

    type: ClassVar[str] = "positional_encoding"
    kind: Annotated[str, Choice("kind", ("sinusoidal", "learned"))] = "sinusoidal"
    weight: Values | None = None
    init: Initializer | None = None

    def shape(self, incoming: Shape) -> Shape:
        expect_sequence("a positional_encoding", incoming)
        if self.kind != "learned":
            self._refuse_learning()
        return incoming

    def parameters(self, incoming: Shape) -> Sequence[ParameterSpec]:
        if self.kind != "learned":
            return ()
        return (ParameterSpec("weight", incoming, penalised=True, axes="time × features"),)

    def given(self) -> dict[str, Values]:
        return {} if self.weight is None else {"weight": self.weight}

    def build(self, builder: Builder, x: str) -> str:
        shape = builder.features(x)
        if self.kind == "learned":
            table = self._learned(builder, shape)
        else:
            table = builder.tensor(f"{self.name}.positions", shape, "p")
            builder.op("waves", (), table)
        a = builder.like(f"{self.name}.a", x, "a")
        return builder.op("add_positions", (x, table), a)

    def _learned(self, builder: Builder, shape: Shape) -> str:
        initial = self.weight
        if initial is None:
            init = self.init or Normal()
            initial = init.draw(builder.random, f"{self.name}.weight", shape)
        block, frozen = builder.block(*shape), self.frozen("weight")
        return builder.parameter("weight", "p", block, initial, frozen=frozen, penalised=True)

    def _refuse_learning(self) -> None:
        """Raise for options of learned positions where there are none."""
        for name, value in (("weight", self.weight), ("init", self.init)):
            if value is not None:
                raise ShapeError('sinusoidal positions are fixed — set kind = "learned"', name)
