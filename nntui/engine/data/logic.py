"""`and`, `or`, `xor`: the truth tables, exact or as noisy points around the four corners."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Final, final

import numpy as np
import numpy.typing as npt

from nntui.engine.data.source import Noise, SampleCount, Source, Table
from nntui.engine.random import Keyed

_CORNERS: Final = ((0, 0), (0, 1), (1, 0), (1, 1))


@dataclass(frozen=True, kw_only=True)
class Logic(Source, ABC):
    """A function of two bits, a and b.

    Attributes:
        samples: rows; they go round the corners 00, 01, 10, 11 in this order.
        noise: standard deviation of what is added to each input; the output stays the corner's.
    """

    samples: SampleCount = 4
    noise: Noise = 0.0

    @abstractmethod
    def truth(self, a: npt.NDArray[np.bool_], b: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """The output, (rows,), of the bits `a` and `b`, each (rows,)."""

    def generate(self, random: Keyed) -> Table:
        corners = np.resize(np.array(_CORNERS, dtype=np.bool_), (self.samples, 2))
        noise = random.normal("data.noise", 0, 2 * self.samples).reshape(self.samples, 2)
        return Table(
            x=corners + self.noise * noise,
            y=self.truth(corners[:, 0], corners[:, 1]).astype(np.float64)[:, np.newaxis],
            inputs=("a", "b"),
            outputs=(f"a {self.type} b",),
        )


@final
@dataclass(frozen=True, kw_only=True)
class And(Logic):
    """1 where both inputs are 1: a straight line separates it."""

    type: ClassVar[str] = "and"

    def truth(self, a: npt.NDArray[np.bool_], b: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        return a & b


@final
@dataclass(frozen=True, kw_only=True)
class Or(Logic):
    """1 where at least one input is 1: a straight line separates it."""

    type: ClassVar[str] = "or"

    def truth(self, a: npt.NDArray[np.bool_], b: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        return a | b


@final
@dataclass(frozen=True, kw_only=True)
class Xor(Logic):
    """1 where the inputs differ: no straight line separates it (Minsky and Papert, 1969)."""

    type: ClassVar[str] = "xor"

    def truth(self, a: npt.NDArray[np.bool_], b: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        return a ^ b
