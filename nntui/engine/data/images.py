"""Images with one channel: `bars` (made up) and `digits` (written by hand)."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from importlib.resources import files
from typing import Annotated, ClassVar, Final, final

import numpy as np

from nntui.engine.data.source import Noise, SampleCount, Source, Table
from nntui.engine.options import Bounds
from nntui.engine.random import Keyed

_SIDE: Final = 8
_SHORTEST: Final = 4
_DIRECTIONS: Final = {"vertical": (1, 0), "horizontal": (0, 1), "diagonal": (1, 1)}
"""Rows and columns from one pixel of a bar to the next."""


@final
@dataclass(frozen=True, kw_only=True)
class Bars(Source):
    """A bar of ones on zeros, 8×8 pixels: vertical, horizontal or diagonal?

    A bar is 4 to 8 pixels long and lies anywhere; diagonals fall to the right.

    Attributes:
        samples: images; the three kinds take turns.
        noise: standard deviation of what is added to each pixel.
    """

    type: ClassVar[str] = "bars"
    samples: SampleCount = 480
    noise: Noise = 0.1

    def generate(self, random: Keyed) -> Table:
        images = np.arange(self.samples)
        labels = images % len(_DIRECTIONS)
        length = _SHORTEST + random.integers("data.length", 0, self.samples, _SIDE - _SHORTEST + 1)
        step = np.array(list(_DIRECTIONS.values()))[labels]
        room = _SIDE - (length[:, np.newaxis] - 1) * step
        place = random.uniform("data.place", 0, 2 * self.samples).reshape(self.samples, 2)
        start = (place * room).astype(np.int64)
        x = np.zeros((self.samples, 1, _SIDE, _SIDE))
        for k in range(_SIDE):
            at = images[k < length]
            row, column = (start[at] + k * step[at]).T
            x[at, 0, row, column] = 1.0
        noise = random.normal("data.noise", 0, x.size).reshape(x.shape)
        return Table(
            x=x + self.noise * noise,
            y=labels,
            inputs=(),
            outputs=("direction",),
            classes=tuple(_DIRECTIONS),
        )


_DIGITS: Final = 1797
_INK: Final = np.frombuffer(b"0123456789abcdefg", np.uint8)
"""How dark a pixel is, from 0 to 16, in the file: the codes rise with it."""


@final
@dataclass(frozen=True, kw_only=True)
class Digits(Source):
    """1 797 digits written by 13 people, 8×8 pixels, in random order; 0 is paper, 1 is ink.

    Source and licence: `digits.LICENSE.txt`.

    Attributes:
        samples: how many of them to take.
        noise: standard deviation of what is added to each pixel.
    """

    type: ClassVar[str] = "digits"
    samples: Annotated[int, Bounds(ge=1, le=_DIGITS)] = _DIGITS
    noise: Noise = 0.0

    def generate(self, random: Keyed) -> Table:
        packed = files(__package__).joinpath("digits.txt.gz").read_bytes()
        lines = np.frombuffer(gzip.decompress(packed), np.uint8).reshape(_DIGITS, -1)
        chosen = lines[random.permutation("data.order", 0, _DIGITS)[: self.samples]]
        ink = np.searchsorted(_INK, chosen[:, 2 : 2 + _SIDE * _SIDE])
        x = ink.reshape(-1, 1, _SIDE, _SIDE) / (len(_INK) - 1)
        noise = random.normal("data.noise", 0, x.size).reshape(x.shape)
        return Table(
            x=x + self.noise * noise,
            y=chosen[:, 0].astype(np.int64) - ord("0"),
            inputs=(),
            outputs=("digit",),
            classes=tuple(map(str, range(10))),
        )
