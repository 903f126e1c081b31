"""`LastStep`: what is kept of the training step before the one under way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import final

from nntui.engine.options import Array
from nntui.engine.trainer import Trainer
from nntui.session.edit import Edit
from nntui.session.stateviews import views


@final
class LastStep:
    """The step before, as far as it is known.

    Attributes:
        interest: tensors that are kept as a step leaves them, for the one after it.
        edits: the changes that were made in it.
    """

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self.interest: frozenset[str] = frozenset()
        self.edits: tuple[Edit, ...] = ()
        self._state = trainer.state.vector.copy()
        self._views = views(trainer.state, self._state)
        self._known = False
        self._left: Mapping[str, Array] = {}

    @property
    def state(self) -> Array | None:
        """The state when it began; None where that is not known."""
        return self._state if self._known else None

    def began_with(self, tensor: str) -> Array | None:
        """A parameter, moment or running statistic when it began; None in the first step."""
        return self._views[tensor] if self._known else None

    def left(self, tensor: str) -> Array | None:
        """A tensor of interest as it left it; None where that is not known."""
        return self._left.get(tensor)

    def take(self, step: int) -> dict[str, Array]:
        """The tensors of interest as a step, the last that has been run, left them."""
        memory = self._trainer.memory(step)
        return {name: memory.public(name).copy() for name in self.interest}

    def note(self, state: Array, edits: Sequence[Edit], left: Mapping[str, Array]) -> None:
        """It has been run.

        Args:
            state: in which it began.
            left: the tensors of interest as it left them.
        """
        self._state[...] = state
        self.edits = tuple(edits)
        self._left = dict(left)
        self._known = True

    def forget(self) -> None:
        """It is not known any more."""
        self._known = False
        self._left = {}
