"""`Shadow`: the loss of the step under way as a function of its parameters.

It is computed beside the run and in double precision, around the parameters with which the step
began: what differences, that say whether a gradient is right, are made of.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, final

from nntui.engine.gradcheck import StepLoss
from nntui.engine.ops.kind import Index
from nntui.engine.options import Array
from nntui.engine.program import Op, Parameter
from nntui.engine.trainer import Trainer
from nntui.session.edit import Edit
from nntui.session.now import Now

_DISTANCE: Final = 1e-4


@final
class Shadow:
    """The step under way, to be tried with other parameters.

    Attributes:
        last: the last op of the backward pass; None where there is none.
        parameters: those that have a gradient.
    """

    def __init__(self, now: Now) -> None:
        self._now = now
        program = now.trainer.program
        backward = [op for op in program.ops if op.phase == "backward"]
        self.last: Op | None = backward[-1] if backward else None
        made = {op.output for op in backward}
        passes = [op for op in program.ops if op.phase != "update"]
        self._read = frozenset(name for op in passes for name in (*op.inputs, op.output))
        self.parameters: tuple[Parameter, ...] = tuple(
            p for p in program.parameters if f"{p.name}.grad" in made
        )
        self._trainer: Trainer | None = None

    def broken_by(self, edits: Sequence[Edit]) -> Edit | None:
        """The first change of this step after which its gradients are those of no loss.

        That is one in the middle of the passes, to a number they read.
        """
        return next((e for e in edits if e.op > 0 and e.tensor in self._read), None)

    @property
    def trainer(self) -> Trainer:
        """The machine that computes it."""
        if self._trainer is None:
            trainer = self._now.trainer
            self._trainer = Trainer(trainer.model, trainer.dataset, "float64")
        return self._trainer

    @property
    def step(self) -> int:
        """The training step under way."""
        return self._now.step

    def loss(self) -> StepLoss:
        """The loss of this step, around the parameters with which it began."""
        theta = self.trainer.state.vectors["theta"]
        for parameter in self._now.trainer.program.parameters:
            parameter.view(theta)[...] = self._now.before(parameter.name)
        return StepLoss(self.trainer, self._now.step)

    def values(self, parameter: Parameter) -> Array:
        """A parameter as it is tried; it may be written to."""
        return parameter.view(self.trainer.state.vectors["theta"])

    def along(
        self, loss: StepLoss, parameter: Parameter, index: Index
    ) -> tuple[Callable[[float], float], float]:
        """The loss as a function of how far one number is moved, and a distance to move it by."""
        values = self.values(parameter)
        return loss.moved(values, index), _DISTANCE * max(1.0, abs(float(values[index])))
