"""`Recorded`: what reads nothing but the loss, at any training step: the losses are all kept."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final, final

import numpy as np

from nntui.engine.options import Array
from nntui.engine.trainer import quiet
from nntui.session.expressions import Expression
from nntui.session.timeline import Timeline

_LOSS: Final = "loss"
_STRETCH: Final = 1024
"""Steps whose range is kept together."""


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

    Nothing is kept but the range of each full stretch of steps; the rest is computed when asked.
    """

    def __init__(self, timeline: Timeline, expression: Expression) -> None:
        self._timeline = timeline
        self._is_loss = expression.text.strip() == _LOSS
        self._scope = Recorded(timeline)
        self._read = expression.reader(self._scope)
        self._ranges: list[tuple[float, float]] = []

    def values(self, first: int, last: int) -> Sequence[float]:
        """Those of some steps, where they are known."""
        first = max(1, first)
        if self._is_loss:
            # There is nothing to compute.
            return self._timeline.losses.values[first - 1 : max(0, last)]
        return list(self._computed(first, last))

    def _computed(self, first: int, last: int) -> Iterator[float]:
        with quiet():
            for step in range(first, last + 1):
                self._scope.step = step
                value = self._read()
                if value is not None:
                    yield float(value)

    def span(self, steps: int) -> tuple[float | None, float | None]:
        """The smallest and the largest finite value of the first steps; None where there is none.

        All of these steps have been run.
        """
        full = steps // _STRETCH
        while len(self._ranges) < full:
            done = len(self._ranges) * _STRETCH
            self._ranges.append(_range(self.values(done + 1, done + _STRETCH)))
        ranges = [*self._ranges[:full], _range(self.values(full * _STRETCH + 1, steps))]
        low, high = min(r[0] for r in ranges), max(r[1] for r in ranges)
        return (low, high) if low <= high else (None, None)

    def forget(self, step: int) -> None:
        """The values from a step on will be others."""
        del self._ranges[(step - 1) // _STRETCH :]


def _range(values: Sequence[float]) -> tuple[float, float]:
    """The smallest and the largest finite one."""
    numbers = np.asarray(values, np.float64)
    finite = numbers[np.isfinite(numbers)]
    return float(finite.min(initial=math.inf)), float(finite.max(initial=-math.inf))
