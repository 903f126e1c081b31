"""What an option may be, said once, beside the option itself.

Layers, optimizers, schedules, initialisers and data sources are frozen dataclasses. A field's
annotation is its type; `Annotated[..., Bounds(...)]` and `Annotated[..., Choice(...)]` add what a
type cannot say. The scenario reader checks files against exactly these declarations, so an option
is declared in one place.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
"""Numbers of any dtype the engine computes in: float64, float32, and complex128 for the
complex-step gradient check."""

Values = npt.NDArray[np.float64]
"""Numbers given in a scenario file: a rectangular, finite, nested list."""


@dataclass(frozen=True)
class Bounds:
    """Limits of a number; a limit that is None does not bind."""

    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None


@dataclass(frozen=True)
class Passage:
    """Text of any characters, on any number of lines, of at most so many characters."""

    most: int


@dataclass(frozen=True)
class Choice:
    """A name out of a list; `what` is the word for it in messages ("activation")."""

    what: str
    names: Collection[str]
