"""The losses of a run, and what a plot needs of them."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np

_POINTS: Final = 200


@dataclass(frozen=True)
class Curve:
    """A loss over time, up to the cursor: `x` in training steps done, `y` in units of the loss.

    Already thinned to a few hundred points, extremes kept. `y` may hold NaN and infinities.
    """

    x: tuple[float, ...] = ()
    y: tuple[float, ...] = ()


@final
class Losses:
    """The losses of a run, one every few training steps; steps count from 1.

    Args:
        every: losses of steps `every`, 2 · `every`, … are kept.
    """

    def __init__(self, every: int = 1) -> None:
        self.every = every
        self._values = array("d")
        self._thinned: tuple[int, Curve] | None = None

    @property
    def values(self) -> Sequence[float]:
        """All losses, in the order of their steps."""
        return self._values

    @values.setter
    def values(self, values: Sequence[float]) -> None:
        self._values = array("d", values)
        self._thinned = None

    def __len__(self) -> int:
        return len(self._values)

    def record(self, step: int, loss: float) -> None:
        """Keep the loss of a step; steps come in order, or again after going back."""
        place = step // self.every - 1
        if place < len(self._values):
            self._values[place] = loss
            self._thinned = None
        else:
            self._values.append(loss)

    def extend(self, first: int, losses: Sequence[float]) -> None:
        """Keep the losses of the steps from `first` on, where one is kept for every step."""
        self._values[first - 1 : first - 1 + len(losses)] = array("d", losses)
        self._thinned = None

    def due(self, first: int, last: int) -> range:
        """Those of some steps of which a loss is kept."""
        return range(-(-first // self.every) * self.every, last + 1, self.every)

    def copy(self, other: Losses, steps: int) -> None:
        """Take over the losses of the first `steps` steps."""
        self._values = other._values[: max(0, steps // self.every)]
        self._thinned = None

    def cut(self, steps: int) -> None:
        """Forget the losses after the first `steps` steps."""
        del self._values[max(0, steps // self.every) :]
        self._thinned = None

    def at(self, step: int) -> float | None:
        """The loss of a step, or None where there is none."""
        place, rest = divmod(step, self.every)
        return self._values[place - 1] if not rest and 1 <= place <= len(self._values) else None

    def curve(self, steps: int) -> Curve:
        """The losses of the first `steps` steps, thinned so that no peak is lost."""
        count = min(steps // self.every, len(self._values))
        if self._thinned is None or self._thinned[0] != count:
            y = np.array(self._values[:count])
            keep = thin(y)
            x = (keep + 1.0) * self.every
            self._thinned = count, Curve(tuple(x.tolist()), tuple(y[keep].tolist()))
        return self._thinned[1]


def thinned(steps: Sequence[int], values: Sequence[float]) -> Curve:
    """The curve of some values, thinned so that no peak is lost."""
    y = np.array(values, np.float64)
    keep = thin(y)
    return Curve(tuple(float(steps[int(k)]) for k in keep), tuple(y[keep].tolist()))


def thin(
    y: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Which points to draw: all of a few, of many the smallest and largest of each stretch.

    Of those that are not finite the first is kept.
    """
    count = len(y)
    if count <= 2 * _POINTS:
        return np.arange(count)
    length = -(-count // _POINTS)
    finite = np.isfinite(y)
    rows = np.zeros((-(-count // length), length))
    starts = np.arange(len(rows)) * length
    places = [np.array([0, count - 1])]
    for worst, choose in ((np.inf, np.argmin), (-np.inf, np.argmax)):
        flat = rows.reshape(-1)
        flat[:count] = np.where(finite, y, worst)
        flat[count:] = worst
        places.append(starts + choose(rows, 1))
    if not finite.all():
        places.append(np.array([finite.argmin()]))
    return np.unique(np.concatenate(places))
