"""Numbers to predict: `plane` (two inputs) and `sine` (one)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from nntui.engine.data.source import Noise, SampleCount, Scale, Source, Table
from nntui.engine.random import Keyed


@final
@dataclass(frozen=True, kw_only=True)
class Plane(Source):
    """A tilted plane over a square: y = (x1 + x2) / (2 · scale), from −1 to 1.

    The slope is the TensorFlow Playground's (`regressPlane` of `src/dataset.ts`).

    Attributes:
        samples: rows.
        noise: standard deviation of what is added to the output.
        scale: half the side of the square.
    """

    type: ClassVar[str] = "plane"
    samples: SampleCount = 200
    noise: Noise = 0.0
    scale: Scale = 5.0

    def generate(self, random: Keyed) -> Table:
        unit = 2 * random.uniform("data.place", 0, 2 * self.samples).reshape(self.samples, 2) - 1
        noise = random.normal("data.noise", 0, self.samples)
        return Table(
            x=self.scale * unit,
            y=(unit.mean(axis=1) + self.noise * noise)[:, np.newaxis],
            inputs=("x1", "x2"),
            outputs=("height",),
        )


@final
@dataclass(frozen=True, kw_only=True)
class Sine(Source):
    """One period: y = sin x, at evenly spaced x from −π to π, in random order.

    Attributes:
        samples: rows.
        noise: standard deviation of what is added to the output.
    """

    type: ClassVar[str] = "sine"
    samples: SampleCount = 200
    noise: Noise = 0.0

    def generate(self, random: Keyed) -> Table:
        order = random.permutation("data.order", 0, self.samples)
        x = np.linspace(-math.pi, math.pi, self.samples)[order]
        noise = random.normal("data.noise", 0, self.samples)
        return Table(
            x=x[:, np.newaxis],
            y=(np.sin(x) + self.noise * noise)[:, np.newaxis],
            inputs=("x",),
            outputs=("sin x",),
        )
