"""Points in the plane: `circles`, `gaussians`, `moons`, `spiral` of two classes, `square` of none.

The shapes of circles, gaussians and spiral are those of the TensorFlow Playground
(`tensorflow/playground: src/dataset.ts`), with its field of ±5; moons are those of scikit-learn's
`make_moons`, moved and scaled into the same field.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Annotated, ClassVar, final

import numpy as np

from nntui.engine.data.source import Floats, Noise, SampleCount, Scale, Source, Table
from nntui.engine.options import Bounds
from nntui.engine.random import Keyed


@dataclass(frozen=True, kw_only=True)
class TwoClasses(Source, ABC):
    """Points whose output is 0 in the even rows and 1 in the odd ones.

    Attributes:
        samples: rows, of both classes together.
        noise: standard deviation of what is added to each input, as a fraction of `scale`.
        scale: half the side of the field: inputs lie within ±scale where there is no noise.
    """

    question: ClassVar[str]
    samples: SampleCount = 200
    noise: Noise = 0.0
    scale: Scale = 5.0

    @abstractmethod
    def place(self, label: int, count: int, random: Keyed) -> Floats:
        """`count` points of class `label` in random order: (count, 2), in the field ±1."""

    def generate(self, random: Keyed) -> Table:
        label = np.arange(self.samples) % 2
        x = self.noise * random.normal("data.noise", 0, 2 * self.samples).reshape(self.samples, 2)
        for one in (0, 1):
            x[label == one] += self.place(one, int((label == one).sum()), random)
        return Table(
            x=self.scale * x,
            y=label.astype(np.float64)[:, np.newaxis],
            inputs=("x1", "x2"),
            outputs=(self.question,),
        )


def _polar(radius: Floats, angle: Floats) -> Floats:
    """Points at `radius` and `angle` (clockwise from up), each (count,): (count, 2)."""
    return np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)


@final
@dataclass(frozen=True, kw_only=True)
class Circles(TwoClasses):
    """Class 1 is a disc of half the field's radius, class 0 the ring from 0.7 of it outwards."""

    type: ClassVar[str] = "circles"
    question: ClassVar[str] = "inside"

    def place(self, label: int, count: int, random: Keyed) -> Floats:
        radius = random.uniform(f"data.{label}.radius", 0, count)
        angle = 2 * math.pi * random.uniform(f"data.{label}.angle", 0, count)
        return _polar(0.5 * radius if label else 0.7 + 0.3 * radius, angle)


@final
@dataclass(frozen=True, kw_only=True)
class Gaussians(TwoClasses):
    """Two round clouds: class 1 about (0.4, 0.4) of the field, class 0 about (−0.4, −0.4).

    Attributes:
        spread: standard deviation of a cloud, as a fraction of `scale` (0.14 · 5 ≈ √0.5).
    """

    type: ClassVar[str] = "gaussians"
    question: ClassVar[str] = "upper cloud"
    spread: Annotated[float, Bounds(ge=0, le=1000)] = 0.14

    def place(self, label: int, count: int, random: Keyed) -> Floats:
        cloud = random.normal(f"data.{label}.cloud", 0, 2 * count).reshape(count, 2)
        return (0.4 if label else -0.4) + self.spread * cloud


@final
@dataclass(frozen=True, kw_only=True)
class Moons(TwoClasses):
    """Two half circles, each reaching into the other: class 0 opens down, class 1 up."""

    type: ClassVar[str] = "moons"
    question: ClassVar[str] = "lower moon"

    def place(self, label: int, count: int, random: Keyed) -> Floats:
        angle = np.linspace(0, math.pi, count)[random.permutation(f"data.{label}.order", 0, count)]
        x, y = np.cos(angle), np.sin(angle)
        moon = np.stack([1 - x, 0.5 - y] if label else [x, y], axis=1)
        return (moon - (0.5, 0.25)) / 1.5


@final
@dataclass(frozen=True, kw_only=True)
class Spiral(TwoClasses):
    """Two arms that wind outwards from the centre, half a turn apart.

    Attributes:
        turns: how often an arm goes round.
    """

    type: ClassVar[str] = "spiral"
    question: ClassVar[str] = "first arm"
    turns: Annotated[float, Bounds(gt=0, le=100)] = 1.75

    def place(self, label: int, count: int, random: Keyed) -> Floats:
        order = random.permutation(f"data.{label}.order", 0, count)
        radius = (order + 1) / max(1, count)
        start = 0.0 if label else math.pi
        return _polar(radius, start + 2 * math.pi * self.turns * radius)


@final
@dataclass(frozen=True, kw_only=True)
class Square(Source):
    """Points anywhere between 0 and `scale` in both directions; there is nothing to predict.

    Attributes:
        noise: standard deviation of what is added to each input, as a fraction of `scale`.
        scale: the side of the square.
    """

    type: ClassVar[str] = "square"
    samples: SampleCount = 200
    noise: Noise = 0.0
    scale: Scale = 1.0

    def generate(self, random: Keyed) -> Table:
        count = 2 * self.samples
        x = random.uniform("data.points", 0, count)
        x = x + self.noise * random.normal("data.noise", 0, count)
        return Table(x=self.scale * x.reshape(self.samples, 2), inputs=("x1", "x2"))
