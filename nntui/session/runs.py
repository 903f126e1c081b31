"""`Run`: everything that hangs on one seed. A session keeps those it has left."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import final

from nntui.engine.trainer import Trainer
from nntui.scenario.model import Scenario
from nntui.session.changes import Changes
from nntui.session.history import DEFAULT_BUDGET
from nntui.session.position import Position
from nntui.session.timeline import Timeline

_START = Position(1)


@final
@dataclass(eq=False)
class Run:
    """A run: its machine, its past, what was changed in it, and where one is in it.

    Args:
        budget: bytes of memory for going back.

    Attributes:
        position: where the cursor was when the run was left.
    """

    trainer: Trainer
    budget: int = DEFAULT_BUDGET
    position: Position = _START
    timeline: Timeline = field(init=False)
    changes: Changes = field(init=False)

    @classmethod
    def of(cls, scenario: Scenario, seed: int, budget: int = DEFAULT_BUDGET) -> Run:
        """The run of a scenario with the weights of a seed, at its beginning."""
        model = replace(scenario.model, seed=seed)
        return cls(Trainer(model, scenario.data), budget)

    def __post_init__(self) -> None:
        self.timeline = Timeline(self.trainer, self.budget)
        self.changes = Changes(self.timeline)
