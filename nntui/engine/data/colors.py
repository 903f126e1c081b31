"""`colors`: named colours, as shares of red, green and blue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, final

import numpy as np

from nntui.engine.data.source import Noise, Source, Table
from nntui.engine.options import Bounds
from nntui.engine.random import Keyed

_COLORS: Final[Mapping[str, int]] = {
    "black": 0x000000,
    "blue": 0x0000FF,
    "navy": 0x000080,
    "sky": 0x40A0FF,
    "green": 0x00FF00,
    "forest": 0x006400,
    "cyan": 0x00FFFF,
    "red": 0xFF0000,
    "maroon": 0x800000,
    "magenta": 0xFF00FF,
    "violet": 0x8040C0,
    "yellow": 0xFFFF00,
    "orange": 0xFF8000,
    "grey": 0x808080,
    "white": 0xFFFFFF,
}


@final
@dataclass(frozen=True, kw_only=True)
class Colors(Source):
    """Fifteen colours, each a class of its own.

    Attributes:
        samples: how many rows; the sixteenth is the first colour again, and so on.
        noise: standard deviation of what is added to each share.
    """

    type: ClassVar[str] = "colors"
    samples: Annotated[int, Bounds(ge=1, le=100_000)] = len(_COLORS)
    noise: Noise = 0.0

    def generate(self, random: Keyed) -> Table:
        names = tuple(_COLORS)[: self.samples]
        turn = np.arange(self.samples) % len(_COLORS)
        codes = np.array(list(_COLORS.values()))[turn]
        shares = np.stack([codes >> 16, codes >> 8 & 0xFF, codes & 0xFF], axis=1) / 255.0
        noise = random.normal("data.noise", 0, shares.size).reshape(shares.shape)
        return Table(
            x=shares + self.noise * noise,
            y=turn.astype(np.int64),
            inputs=("red", "green", "blue"),
            outputs=("colour",),
            classes=names,
        )
