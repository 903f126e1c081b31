"""Learning-rate schedules: pure functions of how far training has come.

Formulas are those of PyTorch's `torch.optim.lr_scheduler`; `t` counts whole epochs done (or
training steps done, with `every = "step"`), from 0.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, final

from nntui.engine.options import Bounds, Choice

_Every = Annotated[str, Choice("unit", ("epoch", "step"))]


@dataclass(frozen=True, kw_only=True)
class Schedule(ABC):
    """A factor on the learning rate over time.

    Attributes:
        every: the unit in which t counts: "epoch" or "step".
    """

    type: ClassVar[str]
    formula: ClassVar[str]
    every: _Every = "epoch"

    @abstractmethod
    def rate(self, base: float, t: int, epochs: int) -> float:
        """The learning rate at t; `base` is the optimizer's, `epochs` the run's length."""


def _power(gamma: float, t: int) -> float:
    """γ^t, infinite where it is too large for a float."""
    try:
        return gamma**t
    except OverflowError:
        return math.inf


@final
@dataclass(frozen=True, kw_only=True)
class Step(Schedule):
    """η = η₀ · γ^⌊t / step_size⌋ (PyTorch: `StepLR`)."""

    type: ClassVar[str] = "step"
    formula: ClassVar[str] = "η = η₀ · γ^⌊t / step_size⌋"
    step_size: Annotated[int, Bounds(ge=1)]
    gamma: Annotated[float, Bounds(gt=0)] = 0.1

    def rate(self, base: float, t: int, epochs: int) -> float:
        return base * _power(self.gamma, t // self.step_size)


@final
@dataclass(frozen=True, kw_only=True)
class Exponential(Schedule):
    """η = η₀ · γ^t (PyTorch: `ExponentialLR`)."""

    type: ClassVar[str] = "exponential"
    formula: ClassVar[str] = "η = η₀ · γ^t"
    gamma: Annotated[float, Bounds(gt=0)]

    def rate(self, base: float, t: int, epochs: int) -> float:
        return base * _power(self.gamma, t)


@final
@dataclass(frozen=True, kw_only=True)
class Cosine(Schedule):
    """η = η_min + ½ (η₀ − η_min) (1 + cos(π t / t_max)) (PyTorch: `CosineAnnealingLR`).

    Attributes:
        t_max: half a period; the run's epochs where not given.
    """

    type: ClassVar[str] = "cosine"
    formula: ClassVar[str] = "η = η_min + ½ (η₀ − η_min) (1 + cos(π t / t_max))"
    t_max: Annotated[int, Bounds(ge=1)] | None = None
    eta_min: Annotated[float, Bounds(ge=0)] = 0.0

    def rate(self, base: float, t: int, epochs: int) -> float:
        period = self.t_max or max(1, epochs)
        return self.eta_min + (base - self.eta_min) * (1 + math.cos(math.pi * t / period)) / 2


SCHEDULES: Final[dict[str, type[Schedule]]] = {c.type: c for c in (Step, Exponential, Cosine)}
