"""What a generator is to imitate: points in the plane without anything to predict.

Ring and segment are those of the usual demonstrations of adversarial training: Metz et al.,
"Unrolled generative adversarial networks" (2017), and GAN Lab (Kahng et al., 2018).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, final

import numpy as np

from nntui.engine.data.source import Floats, Modes, Noise, SampleCount, Scale, Source, Table
from nntui.engine.options import Bounds
from nntui.engine.random import Keyed

_REACH: Final = 3.0
"""Standard deviations from its centre within which a sample belongs to a mode."""

_LEAST: Final = 0.01
"""The least standard deviation that counts: fakes can be near a point, but never on it."""

_Coordinate = Annotated[float, Bounds(ge=-1_000_000, le=1_000_000)]


@final
@dataclass(frozen=True, kw_only=True)
class Gaussian(Source):
    """One round cloud.

    Attributes:
        centre: of the cloud.
        noise: its standard deviation in each direction.
    """

    type: ClassVar[str] = "gaussian"
    samples: SampleCount = 1000
    centre: tuple[_Coordinate, _Coordinate] = (0.4, 0.4)
    noise: Noise = 0.15

    def generate(self, random: Keyed) -> Table:
        x = np.array(self.centre) + _cloud(random, self.samples, self.noise)
        return Table(
            x=x, inputs=("x1", "x2"), modes=Modes(np.array([self.centre]), _reach(self.noise))
        )


@final
@dataclass(frozen=True, kw_only=True)
class Ring(Source):
    """Small round clouds, evenly spread around the origin, that take turns.

    Attributes:
        modes: clouds.
        radius: of the ring that their centres lie on.
        noise: standard deviation of a cloud in each direction.
    """

    type: ClassVar[str] = "ring"
    samples: SampleCount = 1000
    modes: Annotated[int, Bounds(ge=1, le=100)] = 8
    radius: Scale = 0.7
    noise: Noise = 0.04

    def generate(self, random: Keyed) -> Table:
        angle = 2 * math.pi * np.arange(self.modes) / self.modes
        centres = self.radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        label = np.arange(self.samples) % self.modes
        return Table(
            x=centres[label] + _cloud(random, self.samples, self.noise),
            y=label,
            inputs=("x1", "x2"),
            outputs=("mode",),
            classes=tuple(f"mode {k + 1}" for k in range(self.modes)),
            modes=Modes(centres, _reach(self.noise)),
        )


@final
@dataclass(frozen=True, kw_only=True)
class Line(Source):
    """Points all along a segment.

    Attributes:
        start, end: of the segment.
        noise: standard deviation of what is added in each direction.
    """

    type: ClassVar[str] = "line"
    samples: SampleCount = 1000
    start: tuple[_Coordinate, _Coordinate] = (-0.6, -0.4)
    end: tuple[_Coordinate, _Coordinate] = (0.6, 0.4)
    noise: Noise = 0.03

    def generate(self, random: Keyed) -> Table:
        start, end = np.array(self.start), np.array(self.end)
        along = random.uniform("data.place", 0, self.samples)[:, np.newaxis]
        x = start + along * (end - start) + _cloud(random, self.samples, self.noise)
        return Table(x=x, inputs=("x1", "x2"))


def _cloud(random: Keyed, count: int, spread: float) -> Floats:
    """Points about the origin: (count, 2)."""
    return spread * random.normal("data.cloud", 0, 2 * count).reshape(count, 2)


def _reach(noise: float) -> float:
    """How far from its centre a sample belongs to a mode with this noise."""
    return _REACH * max(noise, _LEAST)
