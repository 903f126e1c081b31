"""Initial weights: how a layer starts where a scenario gives no values.

A weight of shape (units out, units in, …) has fan_in inputs per unit and fan_out outputs per
input; the formulas are those of PyTorch's `torch.nn.init`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, final

import numpy as np

from nntui.engine.options import Bounds, Values
from nntui.engine.random import Keyed

_Positive = Annotated[float, Bounds(gt=0)]


@dataclass(frozen=True, kw_only=True)
class Initializer(ABC):
    """A distribution of initial weights."""

    type: ClassVar[str]

    @abstractmethod
    def draw(self, random: Keyed, stream: str, shape: tuple[int, ...]) -> Values:
        """Weights of `shape`, the draw named `stream` of the seed in `random`."""


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """(fan_in, fan_out) of a weight of shape (out, in, kernel…)."""
    field = math.prod(shape[2:])
    return (shape[1] if len(shape) > 1 else shape[0]) * field, shape[0] * field


def _uniform(random: Keyed, stream: str, shape: tuple[int, ...], bound: float) -> Values:
    draw = random.uniform(stream, 0, math.prod(shape))
    return ((2.0 * draw - 1.0) * bound).reshape(shape)


def _normal(random: Keyed, stream: str, shape: tuple[int, ...], std: float) -> Values:
    return (random.normal(stream, 0, math.prod(shape)) * std).reshape(shape)


@final
@dataclass(frozen=True, kw_only=True)
class Zeros(Initializer):
    """All 0: every unit of a layer stays the same as its neighbours."""

    type: ClassVar[str] = "zeros"

    def draw(self, random: Keyed, stream: str, shape: tuple[int, ...]) -> Values:
        return np.zeros(shape)


@final
@dataclass(frozen=True, kw_only=True)
class Constant(Initializer):
    """All `value`."""

    type: ClassVar[str] = "constant"
    value: float

    def draw(self, random: Keyed, stream: str, shape: tuple[int, ...]) -> Values:
        return np.full(shape, self.value)


@final
@dataclass(frozen=True, kw_only=True)
class Normal(Initializer):
    """N(0, std²)."""

    type: ClassVar[str] = "normal"
    std: _Positive = 1.0

    def draw(self, random: Keyed, stream: str, shape: tuple[int, ...]) -> Values:
        return _normal(random, stream, shape, self.std)


@final
@dataclass(frozen=True, kw_only=True)
class Uniform(Initializer):
    """U(−bound, bound)."""

    type: ClassVar[str] = "uniform"
    bound: _Positive = 1.0

    def draw(self, random: Keyed, stream: str, shape: tuple[int, ...]) -> Values:
        return _uniform(random, stream, shape, self.bound)


@final
@dataclass(frozen=True, kw_only=True)
class XavierUniform(Initializer):
    """U(−b, b), b = gain · √(6 / (fan_in + fan_out)) (Glorot and Bengio, 2010)."""

    type: ClassVar[str] = "xavier_uniform"
    gain: _Positive = 1.0

    def draw(self, random: Keyed, stream: str, shape: tuple[int, ...]) -> Values:
        return _uniform(random, stream, shape, self.gain * math.sqrt(6.0 / sum(fans(shape))))


@final
@dataclass(frozen=True, kw_only=True)
class XavierNormal(Initializer):
    """N(0, s²), s = gain · √(2 / (fan_in + fan_out)) (Glorot and Bengio, 2010)."""

    type: ClassVar[str] = "xavier_normal"
    gain: _Positive = 1.0

    def draw(self, random: Keyed, stream: str, shape: tuple[int, ...]) -> Values:
        return _normal(random, stream, shape, self.gain * math.sqrt(2.0 / sum(fans(shape))))


@final
@dataclass(frozen=True, kw_only=True)
class HeUniform(Initializer):
    """U(−b, b), b = gain · √(6 / fan_in) (He et al., 2015)."""

    type: ClassVar[str] = "he_uniform"
    gain: _Positive = 1.0

    def draw(self, random: Keyed, stream: str, shape: tuple[int, ...]) -> Values:
        return _uniform(random, stream, shape, self.gain * math.sqrt(6.0 / fans(shape)[0]))


@final
@dataclass(frozen=True, kw_only=True)
class HeNormal(Initializer):
    """N(0, s²), s = gain · √(2 / fan_in) (He et al., 2015)."""

    type: ClassVar[str] = "he_normal"
    gain: _Positive = 1.0

    def draw(self, random: Keyed, stream: str, shape: tuple[int, ...]) -> Values:
        return _normal(random, stream, shape, self.gain * math.sqrt(2.0 / fans(shape)[0]))


@final
@dataclass(frozen=True, kw_only=True)
class Orthogonal(Initializer):
    """Rows (or columns, whichever are fewer) orthonormal, times gain (Saxe et al., 2014)."""

    type: ClassVar[str] = "orthogonal"
    gain: _Positive = 1.0

    def draw(self, random: Keyed, stream: str, shape: tuple[int, ...]) -> Values:
        rows, columns = shape[0], math.prod(shape[1:])
        draw = _normal(random, stream, (max(rows, columns), min(rows, columns)), 1.0)
        q, r = np.linalg.qr(draw)
        q = q * np.sign(np.diagonal(r))
        return self.gain * np.ascontiguousarray(q if rows >= columns else q.T).reshape(shape)


INITIALIZERS: Final[dict[str, type[Initializer]]] = {
    c.type: c
    for c in (
        Zeros, Constant, Normal, Uniform, XavierUniform, XavierNormal, HeUniform, HeNormal,
        Orthogonal,
    )
}  # fmt: skip
