"""`embedding`: a row of numbers for each token, learned. a = W[x], x token ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, final

from nntui.engine.builder import Builder
from nntui.engine.initializers import Initializer, Normal
from nntui.engine.layers.layer import ParameterSpec, Shape, Trainable, Units
from nntui.engine.options import Bounds, Values
from nntui.errors import ShapeError

MOST_TOKENS: Final = 1_000_000


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class Embedding(Trainable):
    """PyTorch's `nn.Embedding`: token ids (time,) to (time, units).

    Attributes:
        units: numbers for each token.
        vocabulary: how many tokens there are; ids go from 0 to one less. None, which only a file
            may say, for what the data holds.
        weight: initial values, (vocabulary, units); drawn by `init` where not given.
        init: how weights are drawn; by default N(0, 1), as PyTorch does.
    """

    type: ClassVar[str] = "embedding"
    units: Units
    vocabulary: Annotated[int, Bounds(ge=1, le=MOST_TOKENS)] | None = None
    weight: Values | None = None
    init: Initializer | None = None

    def shape(self, incoming: Shape) -> Shape:
        if len(incoming) != 1:
            raise ShapeError(
                "an embedding takes token ids, one for each time step, but gets "
                f"{'×'.join(map(str, incoming))}"
            )
        return (*incoming, self.units)

    def parameters(self, incoming: Shape) -> Sequence[ParameterSpec]:
        return (ParameterSpec("weight", self._size(), penalised=True, axes="vocabulary × units"),)

    def given(self) -> dict[str, Values]:
        return {} if self.weight is None else {"weight": self.weight}

    def build(self, builder: Builder, x: str) -> str:
        initial = self.weight
        if initial is None:
            init = self.init or Normal()
            initial = init.draw(builder.random, f"{self.name}.weight", self._size())
        block, frozen = builder.block(*self._size()), self.frozen("weight")
        weight = builder.parameter("weight", "w", block, initial, frozen=frozen, penalised=True)
        a = builder.batch(f"{self.name}.a", (*builder.features(x), self.units), "a")
        return builder.op("embedding", (x, weight), a)

    def _size(self) -> tuple[int, int]:
        if self.vocabulary is None:
            raise ShapeError("the size of the vocabulary is not known", "vocabulary")
        return self.vocabulary, self.units
