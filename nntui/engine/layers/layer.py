"""What every layer type is: options, shapes, parameters, and the ops it is made of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, ClassVar

from nntui.engine.options import Bounds, Values

if TYPE_CHECKING:
    from nntui.engine.builder import Builder

Shape = tuple[int, ...]
"""Sizes of one sample's tensor, batch left out."""

Units = Annotated[int, Bounds(ge=1, le=1_000_000)]


@dataclass(frozen=True)
class ParameterSpec:
    """A parameter before it exists: enough to check sizes without allocating.

    Attributes:
        name: `weight`, `bias`, … without the layer's name.
        shape: as PyTorch lays it out.
        penalised: whether l1 and l2 apply (weights, not biases).
        axes: what its axes are, for messages ("units × inputs"); or empty.
    """

    name: str
    shape: Shape
    penalised: bool
    axes: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer(ABC):
    """One `[[layers]]` entry.

    Attributes:
        name: unique in its network.
    """

    type: ClassVar[str]
    mixes_samples: ClassVar[bool] = False
    """Whether what it makes of a sample of a batch depends on the others."""
    name: str = ""

    @abstractmethod
    def shape(self, incoming: Shape) -> Shape:
        """The shape of a sample after this layer, given the shape before it.

        Raises:
            ShapeError: the layer cannot take `incoming`.
        """

    def parameters(self, incoming: Shape) -> Sequence[ParameterSpec]:
        """The parameters this layer has for inputs of shape `incoming`."""
        return ()

    def given(self) -> dict[str, Values]:
        """Initial values out of the scenario, by parameter name."""
        return {}

    def work(self, incoming: Shape) -> int:
        """Numbers per sample that its ops need beside its output."""
        return 0

    @abstractmethod
    def build(self, builder: Builder, x: str) -> str:
        """Append this layer's forward ops, reading tensor `x`; returns the output's name."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Trainable(Layer, ABC):
    """A layer that has parameters.

    Attributes:
        freeze: True, or the names of the parameters that are not updated.
    """

    freeze: bool | tuple[str, ...] = field(default=False)

    def frozen(self, parameter: str) -> bool:
        """Whether `parameter` of this layer is left as it is by the optimizer."""
        return self.freeze if isinstance(self.freeze, bool) else parameter in self.freeze
