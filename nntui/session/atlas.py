"""`Atlas`: what a self-organizing map looks like at a position, and how good a map it is.

All of it comes from the weights as they stand there: how far neighbours are apart (the U-matrix),
which units stand for which samples (the hit map), and the two errors of the whole map.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, final

import numpy as np
import numpy.typing as npt

from nntui.engine.ops.match import distances
from nntui.session.chart import Chart
from nntui.session.frame import Frame

_MOST_CELLS: Final = 1 << 18
"""Distances that are computed for a picture; of more samples, some are taken, evenly spread."""

Floats = npt.NDArray[np.float64]


@final
@dataclass(frozen=True, eq=False)
class Atlas:
    """Of each unit a number, row by row of the map.

    Attributes:
        apart: how far it is from its neighbours on average: the U-matrix.
        hits: how many samples it is the best unit of.
        classes: the class that most of those have; None where it has none, or nothing has classes.
        nearest: the class of the sample that is nearest to it; None where nothing has classes.
        changes: how far the pull of this step moves it; None as long as that is not known.
        quantisation: the mean distance of a sample from its best unit.
        topographic: the share of samples whose two best units are no neighbours.
    """

    apart: tuple[float, ...]
    hits: tuple[int, ...]
    classes: tuple[int | None, ...]
    nearest: tuple[int | None, ...]
    changes: tuple[float | None, ...]
    quantisation: float
    topographic: float


@final
class Cartographer:
    """Draws atlases; of the same weights and the same changes the same one."""

    def __init__(self, chart: Chart) -> None:
        self._chart = chart
        step = max(1, len(chart.samples) * len(chart.points) // _MOST_CELLS)
        self._samples: Floats = np.array(chart.samples[::step])
        self._classes = np.array(chart.of_class[::step], np.intp)
        self._last: tuple[object, Atlas] | None = None

    def draw(self, frame: Frame) -> Atlas:
        """The atlas at a position."""
        weight = np.asarray(frame.arrays[self._chart.weight], np.float64)
        changes = self._changes(frame)
        key = weight.tobytes(), changes
        if self._last is None or self._last[0] != key:
            with np.errstate(all="ignore"):
                self._last = key, self._draw(weight, changes)
        return self._last[1]

    def _draw(self, weight: Floats, changes: tuple[float | None, ...]) -> Atlas:
        chart = self._chart
        far = distances(self._samples.T, weight)
        columns = np.arange(len(self._samples))
        best = far.argmin(axis=0)
        nearest, smallest = far.argmin(axis=1), far[best, columns]
        far[best, columns] = np.inf
        second = far.argmin(axis=0)
        lost = [int(b) not in chart.neighbours[s] for b, s in zip(best, second, strict=True)]
        known = len(self._classes) > 0
        return Atlas(
            apart=tuple(self._apart(weight, unit) for unit in range(len(weight))),
            hits=tuple(np.bincount(best, minlength=len(weight)).tolist()),
            classes=tuple(self._class_of(best, unit) for unit in range(len(weight))),
            nearest=tuple(self._classes[nearest].tolist() if known else [None] * len(weight)),
            changes=changes,
            quantisation=float(smallest.mean()),
            topographic=float(np.mean(lost)),
        )

    def _apart(self, weight: Floats, unit: int) -> float:
        others = list(self._chart.neighbours[unit])
        return float(np.sqrt(np.square(weight[others] - weight[unit]).sum(axis=1)).mean())

    def _class_of(self, best: npt.NDArray[np.intp], unit: int) -> int | None:
        if not len(self._classes):
            return None
        found = self._classes[best == unit]
        return int(np.bincount(found).argmax()) if len(found) else None

    def _changes(self, frame: Frame) -> tuple[float | None, ...]:
        """η · h · ‖d‖ of every unit, where all three are known."""
        near, far = (frame.row(self._chart.on_grid[k]) for k in ("h", "d"))
        if not near or not far:
            return (None,) * len(self._chart.points)
        return tuple(
            None if h is None or d is None else frame.rates[self._chart.rate] * h * d
            for h, d in zip(near, far, strict=True)
        )
