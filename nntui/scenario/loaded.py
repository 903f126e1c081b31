"""Data as it was read, before the loss says what its targets must look like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np
import numpy.typing as npt

from nntui.engine.data.source import Modes
from nntui.engine.options import Bounds
from nntui.scenario.kinds import Line
from nntui.scenario.report import Place

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

ColumnName = Annotated[str, Line(limit=60, empty=False)]
FilePath = Annotated[str, Line(limit=1000, empty=False)]

MAX_BYTES: Final = 64 << 20
MAX_CELLS: Final = 5_000_000
"""Size of the largest data file, and the most numbers read out of one."""


@dataclass(frozen=True)
class Row:
    """Where a row of data or a number of it stands, to say something about it.

    Attributes:
        prefix: the row, where the file's own line does not say it ("people.csv line 3: ").
    """

    place: Place
    prefix: str = ""

    def refuse(self, message: str) -> None:
        """Report that what stands there is wrong."""
        self.place.refuse(self.prefix + message)


@dataclass(frozen=True, kw_only=True, eq=False)
class Loaded:
    """Rows of numbers.

    Attributes:
        x: (rows, features…).
        y: (rows, outputs…) float64, or (rows, …) int64 class indices; None where there is none.
        inputs: a name for each feature; empty where the source has none.
        tokens: a name for each token id; empty where the source says of no number that it is one.
        outputs: a name for each column of y, or one for class indices; empty as above.
        classes: a name for each class index.
        modes: where the rows of x crowd; None where that is not known.
        row: where a row's targets stand.
        cell: where an input stands, by its row and its index in the sample.
    """

    x: Floats
    y: Floats | Labels | None
    inputs: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    modes: Modes | None = None
    row: Callable[[int], Row]
    cell: Callable[[int, tuple[int, ...]], Row]

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """The common options of sources that read rows instead of making them.

    Attributes:
        samples: so many of the rows, chosen at random and kept in order; None for all.
        noise: standard deviation of what is added to each input.
    """

    samples: Annotated[int, Bounds(ge=1)] | None = None
    noise: Annotated[float, Bounds(ge=0)] = 0.0
