"""The current training step: which of its ops have run, and every number in it."""

from __future__ import annotations

from typing import final

import numpy as np

from nntui.engine.machine import Memory, State
from nntui.engine.ops.kind import Index, Terms
from nntui.engine.options import Array
from nntui.engine.program import Op
from nntui.engine.tensor import Slot, Statistic
from nntui.engine.trainer import Trainer, quiet


@final
class Now:
    """One training step under way; it is the `Look` of the op table.

    Attributes:
        done: how many of the step's ops have run.
        fault: the first op that made a number that is not finite, in words; or empty.
    """

    def __init__(self, trainer: Trainer) -> None:
        self.trainer = trainer
        self.done = 0
        self.fault = ""
        self._step = 1
        self._base = trainer.state.vector.copy()
        self._previous: Array | None = None
        self._before = _views(trainer.state, self._base)

    @property
    def step(self) -> int:
        """The training step, from 1."""
        return self._step

    @property
    def memory(self) -> Memory:
        """The memory the step runs in."""
        return self.trainer.memory(self._step)

    @property
    def complete(self) -> bool:
        """Whether all ops of the step have run."""
        return self.done == len(self.trainer.program.ops)

    def now(self, tensor: str) -> Array:
        """The tensor as it stands."""
        return self.memory.public(tensor)

    def before(self, tensor: str) -> Array:
        """A parameter, moment or running statistic as it was when the step began."""
        return self._before[tensor]

    def last_change(self, tensor: str) -> Array | None:
        """By how much the last update moved a parameter: this step's, or the one before."""
        op = self.trainer.program.find(tensor, "update")
        if op is not None and op.number <= self.done:
            return self.now(tensor) - self.before(tensor)
        if self._previous is None:
            return None
        return self.before(tensor) - _views(self.trainer.state, self._previous)[tensor]

    def begin(self, step: int) -> None:
        """Start a step from the state as it is."""
        adjacent = step == self._step + 1 and self.complete
        self._previous = self._base.copy() if adjacent else None
        self._base[...] = self.trainer.state.vector
        self._step, self.done, self.fault = step, 0, ""

    def rewind(self) -> None:
        """Go back to the beginning of the step."""
        self.trainer.state.vector[...] = self._base
        self.done, self.fault = 0, ""

    def advance(self, op: int) -> None:
        """Run the ops up to number `op`, one by one."""
        ops = self.trainer.program.ops
        with quiet():
            while self.done < op:
                self._execute(ops[self.done])
                self.done += 1

    def finish(self) -> None:
        """The step has been run straight through: all its ops are done."""
        self.done = len(self.trainer.program.ops)

    def terms(self, op: Op, index: Index) -> Terms:
        """How a cell of an op that has run came about."""
        with quiet():
            return op.kind.terms(self, op, index)

    def _execute(self, op: Op) -> None:
        memory = self.memory
        memory.execute(op, self._step)
        if self.fault:
            return
        output = memory.public(op.output)
        bad = ~np.isfinite(output)
        if bad.any():
            where = [int(i) for i in np.argwhere(bad)[0]]
            at = f"[{', '.join(str(i) for i in where)}]" if where else ""
            value = float(output[tuple(where)])
            self.fault = f"{op.output}{at} became {value:g} in {op.kind.name} (op {op.number})"


def _views(state: State, vector: Array) -> dict[str, Array]:
    """The tensors of the state, as views of a copy of its vector."""
    size = state.program.size
    vectors = {name: vector[k * size : (k + 1) * size] for k, name in enumerate(state.vectors)}
    parameters = {p.name: p for p in state.program.parameters}
    views: dict[str, Array] = {}
    start = size * len(vectors)
    for name, tensor in state.program.tensors.items():
        storage = tensor.storage
        if isinstance(storage, Slot) and storage.vector in vectors:
            if storage.parameter in parameters:
                views[name] = parameters[storage.parameter].view(vectors[storage.vector])
        elif isinstance(storage, Statistic):
            count = state.statistics[name].size
            views[name] = vector[start : start + count].reshape(tensor.shape)
            start += count
    return views
