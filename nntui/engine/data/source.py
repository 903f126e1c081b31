"""What every data source is: options, and a table of numbers made from them.

A source is a frozen dataclass of its options. The same options and the same seed give the same
table, on every machine, whatever was drawn before.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

import numpy as np
import numpy.typing as npt

from nntui.engine.options import Bounds
from nntui.engine.random import Keyed

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

MOST_SAMPLES: Final = 100_000

SampleCount = Annotated[int, Bounds(ge=1, le=MOST_SAMPLES)]
Noise = Annotated[float, Bounds(ge=0, le=1000)]
Scale = Annotated[float, Bounds(gt=0, le=1_000_000)]


@dataclass(frozen=True, eq=False)
class Modes:
    """Where samples crowd, as far as that is known of the data.

    Attributes:
        centres: (modes, features).
        reach: how far from its centre a sample still belongs to a mode.
    """

    centres: Floats
    reach: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """Rows of numbers, and what their columns are called.

    Attributes:
        x: (rows, inputs), sequences (rows, time, inputs), token ids (rows, time), or images
            (rows, channels, height, width).
        y: (rows, outputs) float64, or (rows,) int64 class indices; with an axis of time after the
            rows, where there is a target for each time step. A class of −1 is no target. None where
            there is nothing to predict.
        inputs: a name for each input; empty where x holds token ids or pixels.
        tokens: a name for each token id; empty where x holds numbers.
        outputs: a name for each output; one name where y holds class indices.
        classes: a name for each class index; empty where y holds numbers.
        modes: where the rows of x crowd; None where that is not known.
    """

    x: Floats
    y: Floats | Labels | None = None
    inputs: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    modes: Modes | None = None

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True, kw_only=True)
class Source(ABC):
    """What `[data] source = "..."` names."""

    type: ClassVar[str]

    def problem(self) -> tuple[str, str] | None:
        """(option, what is wrong with it) where options do not go together; None where they do."""
        return None

    @abstractmethod
    def generate(self, random: Keyed) -> Table:
        """The table of these options and the seed of `random`.

        The classes are mixed, so that a batch of consecutive rows has some of each.
        """
