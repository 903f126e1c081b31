"""`Rates`: the learning rates of a run, by name: one, or one for each player."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, final

from nntui.engine.trainer import Trainer

RATE: Final = "lr"


@final
class Rates:
    """What the learning rates are, also before the ops that set them have run."""

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        kept = trainer.state.names()
        self.names = tuple(name for name in kept if name.rpartition(".")[2] == RATE)
        ops = trainer.program.ops
        self._scheduled = {op.output: op for op in ops if op.kind.name == "rate"}

    def at(self, step: int) -> Mapping[str, float]:
        """Those of the training step under way."""
        return {name: self.scheduled(name)(step) for name in self.names}

    def scheduled(self, name: str) -> Callable[[int], float]:
        """One of them as a function of the step: the schedule's, or as a hand has set it."""
        if name not in self.names:
            return lambda step: float("nan")
        memory = self._trainer.memory(1)
        value, op = memory.public(name), self._scheduled.get(name)
        if op is None:
            return lambda step: float(value)
        held, rate = memory.public(op.inputs[0]), op.attributes["rate"]
        return lambda step: float(value if held else value.dtype.type(rate(step)))
