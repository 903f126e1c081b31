"""`Recorded`: what reads nothing but the loss, at any training step: the losses are all kept."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, final

import numpy as np

from nntui.engine.options import Array
from nntui.engine.trainer import quiet
from nntui.session.expressions import Expression
from nntui.session.timeline import Timeline

Extremes = tuple[tuple[int, float], ...]
"""The smallest and the largest of some values, each after its step; empty where there is none."""

_LOSS: Final = "loss"
_STRETCH: Final = 1024
"""Steps whose extremes are kept together."""


def reads_losses(expression: Expression) -> bool:
    """Whether the losses of the steps are all that an expression needs."""
    facts = expression.facts - {"step", "epoch"}
    return expression.names == {_LOSS} == expression.named and not facts


@final
class Recorded:
    """A scope: the end of a training step of the branch the timeline is on.

    Attributes:
        step: the training step, from 1; to be set.
    """

    op = 0
    phase = layer = player = ""
    lr = float("nan")
    sample = 0
    finite = False

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._cells = np.zeros(()), np.zeros(())
        self.step = 1

    @property
    def epoch(self) -> int:
        """The epoch, from 1."""
        return (self.step - 1) // self._timeline.trainer.steps_per_epoch + 1

    def tensor(self, name: str) -> Array | None:
        """The loss."""
        return self._loss(self.step, self._cells[0])

    def previous(self, name: str) -> Array | None:
        """The loss of the step before."""
        return self._loss(self.step - 1, self._cells[1])

    def _loss(self, step: int, cell: Array) -> Array | None:
        loss = self._timeline.losses.at(step)
        if loss is None:
            return None
        cell[()] = loss
        return cell


@final
class Line:
    """The values of an expression of the losses at all steps of the timeline's branch.

    Nothing is kept but the extremes of each full stretch of steps; the rest is computed when asked.
    """

    def __init__(self, timeline: Timeline, expression: Expression) -> None:
        self._timeline = timeline
        self._is_loss = expression.text.strip() == _LOSS
        self._scope = Recorded(timeline)
        self._read = expression.reader(self._scope)
        self._extremes: list[Extremes] = []

    def values(self, steps: Iterable[int]) -> Iterator[tuple[int, float]]:
        """Those of some steps, each with its step, where they are known."""
        with quiet():
            for step in steps:
                self._scope.step = step
                value = self._read()
                if value is not None:
                    yield step, float(value)

    def extremes(self, steps: int) -> Extremes:
        """Where in the first steps the smallest finite value is, and the largest.

        All of these steps have been run.
        """
        full = steps // _STRETCH
        while len(self._extremes) < full:
            done = len(self._extremes) * _STRETCH
            self._extremes.append(self._of_stretch(done + 1, done + _STRETCH))
        parts = [*self._extremes[:full], self._of_stretch(full * _STRETCH + 1, steps)]
        found = [point for part in parts for point in part]
        return extremes(found)

    def forget(self, step: int) -> None:
        """The values from a step on will be others."""
        del self._extremes[(step - 1) // _STRETCH :]

    def _of_stretch(self, first: int, last: int) -> Extremes:
        if not self._is_loss:
            return extremes(list(self.values(range(first, last + 1))))
        # There is nothing to compute.
        values = np.asarray(self._timeline.losses.values[first - 1 : max(0, last)], np.float64)
        places = np.flatnonzero(np.isfinite(values))
        if not len(places):
            return ()
        ends = places[values[places].argmin()], places[values[places].argmax()]
        return tuple((first + int(place), float(values[place])) for place in ends)


def extremes(points: Sequence[tuple[int, float]]) -> Extremes:
    """The first of the smallest finite ones of some points, and the first of the largest."""
    finite = [point for point in points if math.isfinite(point[1])]
    if not finite:
        return ()
    return min(finite, key=lambda point: point[1]), max(finite, key=lambda point: point[1])
