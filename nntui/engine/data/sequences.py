"""Tasks that take a memory: `recall`, `flip_flop`, `parity`, `adding`, `sine_wave`.

Each row is a sequence, (time, features). The target belongs to the whole sequence, or there is one
for each time step.
"""

from __future__ import annotations

import math
from abc import ABC
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, final

import numpy as np

from nntui.engine.data.source import Floats, Noise, SampleCount, Source, Table
from nntui.engine.options import Bounds
from nntui.engine.random import Keyed

MOST_NUMBERS: Final = 5_000_000
"""Numbers in the sequences of a source, all together."""

Length = Annotated[int, Bounds(ge=2, le=10_000)]


@dataclass(frozen=True, kw_only=True)
class Sequences(Source, ABC):
    """Sequences of one length.

    Attributes:
        samples: sequences.
        length: time steps of each.
    """

    samples: SampleCount = 512
    length: Length = 20

    def problem(self) -> tuple[str, str] | None:
        if self.samples * self.length <= MOST_NUMBERS:
            return None
        return "length", (
            f"{self.samples} sequences of {self.length} steps are too many; at most "
            f"{MOST_NUMBERS} steps fit, all together"
        )

    def _uniform(self, random: Keyed, stream: str) -> Floats:
        """Draws from [0, 1), (samples, length)."""
        draw = random.uniform(stream, 0, self.samples * self.length)
        return draw.reshape(self.samples, self.length)

    def _normal(self, random: Keyed) -> Floats:
        """Draws from N(0, 1), (samples, length)."""
        draw = random.normal("data.noise", 0, self.samples * self.length)
        return draw.reshape(self.samples, self.length)


@final
@dataclass(frozen=True, kw_only=True)
class Recall(Sequences):
    """Which sign did the first number have? All others are noise, in the same channel.

    Hochreiter (1991) showed with such tasks how gradients vanish over time.

    Attributes:
        noise: standard deviation of the numbers after the first, which is −1 or 1.
    """

    type: ClassVar[str] = "recall"
    noise: Noise = 0.5

    def generate(self, random: Keyed) -> Table:
        up = np.arange(self.samples) % 2
        x = self.noise * self._normal(random)
        x[:, 0] = 2 * up - 1
        return Table(
            x=x[:, :, np.newaxis],
            y=up.astype(np.float64)[:, np.newaxis],
            inputs=("signal",),
            outputs=("began with +1",),
        )


@final
@dataclass(frozen=True, kw_only=True)
class FlipFlop(Sequences):
    """A memory of one bit: which way did the last pulse go? Asked at each time step.

    The first step is always a pulse, so that there is an answer from the start.

    Attributes:
        pulse: the probability that a later step is a pulse, −1 or 1, and not 0.
        noise: standard deviation of what is added to each input.
    """

    type: ClassVar[str] = "flip_flop"
    length: Length = 12
    pulse: Annotated[float, Bounds(ge=0, le=1)] = 0.3
    noise: Noise = 0.0

    def generate(self, random: Keyed) -> Table:
        is_pulse = self._uniform(random, "data.pulse") < self.pulse
        is_pulse[:, 0] = True
        up = self._uniform(random, "data.way") < 0.5
        last = np.maximum.accumulate(np.where(is_pulse, np.arange(self.length), 0), axis=1)
        x = np.where(is_pulse, np.where(up, 1.0, -1.0), 0.0) + self.noise * self._normal(random)
        return Table(
            x=x[:, :, np.newaxis],
            y=np.take_along_axis(up, last, axis=1).astype(np.float64)[:, :, np.newaxis],
            inputs=("pulse",),
            outputs=("last pulse was +1",),
        )


@final
@dataclass(frozen=True, kw_only=True)
class Parity(Sequences):
    """Is the number of ones odd?

    Attributes:
        noise: standard deviation of what is added to each bit.
        each_step: ask at each time step about the bits so far, and not only at the end.
    """

    type: ClassVar[str] = "parity"
    length: Length = 8
    noise: Noise = 0.0
    each_step: bool = False

    def generate(self, random: Keyed) -> Table:
        bits = self._uniform(random, "data.bits") < 0.5
        odd = (np.cumsum(bits, axis=1) % 2).astype(np.float64)
        return Table(
            x=(bits + self.noise * self._normal(random))[:, :, np.newaxis],
            y=odd[:, :, np.newaxis] if self.each_step else odd[:, -1:],
            inputs=("bit",),
            outputs=("odd",),
        )


@final
@dataclass(frozen=True, kw_only=True)
class Adding(Sequences):
    """The sum of two marked numbers out of many (Hochreiter and Schmidhuber, 1997).

    Numbers are between 0 and 1. One is marked in the first half of the sequence, one in the second.

    Attributes:
        noise: standard deviation of what is added to the sum.
    """

    type: ClassVar[str] = "adding"
    noise: Noise = 0.0

    def generate(self, random: Keyed) -> Table:
        numbers, half = self._uniform(random, "data.numbers"), self.length // 2
        rows, marks = np.arange(self.samples), np.zeros_like(numbers)
        marks[rows, random.integers("data.first", 0, self.samples, half)] = 1.0
        second = random.integers("data.second", 0, self.samples, self.length - half)
        marks[rows, half + second] = 1.0
        noise = self.noise * random.normal("data.noise", 0, self.samples)
        return Table(
            x=np.stack([numbers, marks], axis=2),
            y=((numbers * marks).sum(axis=1) + noise)[:, np.newaxis],
            inputs=("number", "mark"),
            outputs=("sum",),
        )


@final
@dataclass(frozen=True, kw_only=True)
class SineWave(Sequences):
    """What comes next? A sine wave that begins anywhere in its period.

    Attributes:
        period: time steps of a whole wave.
        noise: standard deviation of what is added to each number, the next one included.
        each_step: ask for the next number at each time step, and not only at the end.
    """

    type: ClassVar[str] = "sine_wave"
    period: Annotated[float, Bounds(ge=2, le=100_000)] = 16.0
    noise: Noise = 0.0
    each_step: bool = False

    def generate(self, random: Keyed) -> Table:
        start = random.uniform("data.phase", 0, self.samples)[:, np.newaxis]
        steps = np.arange(self.length + 1)
        noise = random.normal("data.noise", 0, self.samples * len(steps))
        wave = np.sin(2 * math.pi * (start + steps / self.period))
        wave += self.noise * noise.reshape(wave.shape)
        return Table(
            x=wave[:, :-1, np.newaxis],
            y=wave[:, 1:, np.newaxis] if self.each_step else wave[:, -1:],
            inputs=("sin",),
            outputs=("next",),
        )
