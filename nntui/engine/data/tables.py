"""Tables with columns that mean something: `exam` (made up) and `iris` (measured)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files
from typing import Annotated, ClassVar, Final, final

import numpy as np

from nntui.engine.data.source import Noise, SampleCount, Source, Table
from nntui.engine.options import Bounds
from nntui.engine.random import Keyed

_WORTH: Final = np.array([5, 3, 2])
"""Hundredths of a point for a tenth of an hour studied, of smartness, of previous knowledge."""


@final
@dataclass(frozen=True, kw_only=True)
class Exam(Source):
    """Made-up students: did they pass?

    Hours studied, smartness and previous knowledge go from 0 to 10, in tenths. A student passes
    where 0.5 · hours + 0.3 · smart + 0.2 · knowledge, and some luck, is above 5. The fourth input
    is the number of the name's first letter (A = 1 … Z = 26), and tells nothing.

    Attributes:
        samples: students.
        noise: standard deviation of the luck.
    """

    type: ClassVar[str] = "exam"
    samples: SampleCount = 200
    noise: Noise = 0.2

    def generate(self, random: Keyed) -> Table:
        tenths = random.integers("data.merit", 0, 3 * self.samples, 101).reshape(-1, 3)
        points = (tenths * _WORTH).sum(axis=1) / 100
        letter = 1.0 + random.integers("data.name", 0, self.samples, 26)
        luck = self.noise * random.normal("data.noise", 0, self.samples)
        return Table(
            x=np.column_stack([tenths / 10, letter]),
            y=(points + luck > 5).astype(np.float64)[:, np.newaxis],
            inputs=("hours studied", "how smart", "previous knowledge", "name"),
            outputs=("pass",),
        )


@final
@dataclass(frozen=True, kw_only=True)
class Iris(Source):
    """Fisher's 150 irises, in random order: four lengths in cm, three species of 50 flowers each.

    Source and licence: `iris.LICENSE.txt`.

    Attributes:
        samples: how many of the 150 to take.
        noise: standard deviation, in cm, of what is added to each length.
    """

    type: ClassVar[str] = "iris"
    samples: Annotated[int, Bounds(ge=1, le=150)] = 150
    noise: Noise = 0.0

    def generate(self, random: Keyed) -> Table:
        text = files(__package__).joinpath("iris.csv").read_text(encoding="utf-8")
        (*inputs, output), *rows = csv.reader(text.splitlines())
        species = [row[-1] for row in rows]
        classes = tuple(dict.fromkeys(species))
        lengths = np.array([row[:-1] for row in rows], dtype=np.float64)
        labels = np.array([classes.index(name) for name in species], dtype=np.int64)
        chosen = random.permutation("data.order", 0, len(rows))[: self.samples]
        noise = random.normal("data.noise", 0, lengths[chosen].size)
        return Table(
            x=lengths[chosen] + self.noise * noise.reshape(-1, len(inputs)),
            y=labels[chosen],
            inputs=tuple(inputs),
            outputs=(output,),
            classes=classes,
        )
