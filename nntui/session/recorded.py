"""`Recorded`: what reads nothing but the loss, at any training step: the losses are all kept."""

from __future__ import annotations

from typing import Final, final

import numpy as np

from nntui.engine.options import Array
from nntui.session.expressions import Expression
from nntui.session.timeline import Timeline

_LOSS: Final = "loss"


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
    phase = layer = ""
    lr = float("nan")
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
