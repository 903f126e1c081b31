"""`Shadow`: a loss of the step under way as a function of its parameters.

It is computed beside the run and in double precision, around the parameters with which the step
began: what differences, that say whether a gradient is right, are made of.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Final, final

from nntui.engine.gradcheck import StepLoss
from nntui.engine.ops.kind import Index
from nntui.engine.options import Array
from nntui.engine.program import Objective, Op, Parameter
from nntui.engine.trainer import Trainer
from nntui.session.edit import Edit
from nntui.session.now import Now
from nntui.session.stateviews import views

_DISTANCE: Final = 1e-4


def shadows_of(now: Now) -> tuple[Shadow, ...]:
    """A shadow of each objective; they share a machine, which is made when it is needed first."""
    trainer = now.trainer
    machine = cache(lambda: Trainer(trainer.model, trainer.dataset, "float64"))
    return tuple(Shadow(now, each, machine) for each in trainer.program.objectives)


@final
class Shadow:
    """An objective of the step under way, to be tried with other parameters.

    Args:
        machine: what computes it; several shadows may share one, for each begins anew.

    Attributes:
        passes: the ops that compute it from what it begins with.
        first: the number of the first op of its turn.
        last: the last op of its backward pass.
        parameters: those that have a gradient of it.
    """

    def __init__(self, now: Now, objective: Objective, machine: Callable[[], Trainer]) -> None:
        self._now = now
        self._machine = machine
        self._gradients = frozenset(f"{name}.grad" for name in objective.parameters)
        self._objective = objective
        program = now.trainer.program
        self.first = objective.first
        self.last: Op = program.ops[objective.last - 1]
        own = program.ops[objective.first - 1 : objective.end]
        self.passes: tuple[Op, ...] = tuple(op for op in own if op.phase != "data")
        gradients = [op for op in program.ops[: objective.last] if op.phase != "update"]
        self._read = frozenset(name for op in gradients for name in (*op.inputs, op.output))
        self.parameters: tuple[Parameter, ...] = tuple(map(program.parameter, objective.parameters))

    def completed(self, gradient: str) -> int:
        """The number of the op that completes the gradient of a parameter."""
        ops = self._now.trainer.program.ops[: self._objective.last]
        return max(op.number for op in ops if op.output == gradient)

    @property
    def is_last(self) -> bool:
        """Whether the last gradients that have been computed are those of this objective."""
        since = self._now.trainer.program.ops[self._objective.last : self._now.done]
        renewed = any(op.output in self._gradients for op in since)
        return self.last.number <= self._now.done and not renewed

    def broken_by(self, edits: Sequence[Edit]) -> Edit | None:
        """The first change of this step after which its gradients are those of no loss.

        That is one in the middle of the passes, to a number they read, or one to a gradient.
        """
        gradients = self._gradients
        return next(
            (
                e
                for e in edits
                if (0 < e.op < self.last.number and e.tensor in self._read)
                or (e.op >= self.last.number and e.tensor in gradients)
            ),
            None,
        )

    @property
    def trainer(self) -> Trainer:
        """The machine that computes it."""
        return self._machine()

    @property
    def step(self) -> int:
        """The training step under way."""
        return self._now.step

    def loss(self) -> StepLoss:
        """The loss of this step, around the parameters with which it began."""
        self.trainer.state.vector[...] = self._given()
        return StepLoss(self.trainer, self._now.step, self._objective)

    def _given(self) -> Array:
        """What the step began with, and what was changed by hand before its gradients."""
        now, last = self._now, self.last.number
        if not any(edit.op >= last for edit in now.edits):
            return now.given
        given, ops = now.start.copy(), now.trainer.program.ops
        cells = views(now.trainer.state, given)
        for edit in now.edits:
            made = any(op.output == edit.tensor for op in ops[: edit.op])
            if edit.op < last and edit.op <= now.done and edit.tensor in cells and not made:
                cells[edit.tensor][edit.index] = edit.value
        return given

    def values(self, parameter: Parameter) -> Array:
        """A parameter as it is tried; it may be written to."""
        return parameter.view(self.trainer.state.vectors["theta"])

    def along(
        self, loss: StepLoss, parameter: Parameter, index: Index
    ) -> tuple[Callable[[float], float], float]:
        """The loss as a function of how far one number is moved, and a distance to move it by."""
        values = self.values(parameter)
        return loss.moved(values, index), _DISTANCE * max(1.0, abs(float(values[index])))
