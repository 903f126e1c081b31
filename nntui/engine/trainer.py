"""`Trainer`: a model, its data and its state, able to run any training step.

It knows nothing of history: it runs the step it is told, from the state it is in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import final
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from nntui.engine.batches import Batches, engine_layout
from nntui.engine.machine import Memory, State
from nntui.engine.model import Dataset, Measure, Model, Samples
from nntui.engine.ops.kind import Call
from nntui.engine.options import Array
from nntui.engine.program import Op, Program
from nntui.engine.random import Keyed


@dataclass(frozen=True)
class Score:
    """How well a model does on some data.

    Attributes:
        measures: what else there is to say, by name.
    """

    loss: float
    measures: Mapping[str, Measure]

    @property
    def accuracy(self) -> float | None:
        """The share of right answers; None where the task has no classes."""
        return self.measures["accuracy"].value if "accuracy" in self.measures else None


@contextmanager
def quiet() -> Iterator[None]:
    """Let infinities and NaN come to be without a warning: they are states to show."""
    with np.errstate(all="ignore"):
        yield


@final
class Trainer:
    """A run's machine.

    Args:
        dtype: overrides the model's ("complex128" for the complex-step gradient check).

    Attributes:
        program: the training step.
        state: parameters, moments, statistics; restoring a copy of its vector restores the run.
    """

    @quiet()
    def __init__(self, model: Model, dataset: Dataset, dtype: npt.DTypeLike | None = None) -> None:
        self.model = model
        self.dataset = dataset
        self.program: Program = model.training_program(dataset)
        self.state = State(self.program, dtype or model.dtype)
        self.gradients: Array = np.zeros(self.program.size, self.state.dtype)
        random = Keyed(model.seed)
        size = model.rows_per_step(dataset)
        self.batches = Batches(
            len(dataset.train), size, shuffle=dataset.shuffle, random=Keyed(model.seed)
        )
        self._random = random
        self._train = engine_layout(dataset, dataset.train, self.state.dtype)
        self._memories = {
            n: Memory(self.state, self.gradients, n, self._loader, random)
            for n in sorted(self.batches.sizes())
        }
        self._evaluations: WeakKeyDictionary[Samples, Memory] = WeakKeyDictionary()

    @property
    def steps_per_epoch(self) -> int:
        """Training steps in an epoch."""
        return self.batches.per_epoch

    def memory(self, step: int) -> Memory:
        """The memory that training step `step` uses."""
        return self._memories[self.batches.size_at(step)]

    def execute(self, op: Op, step: int) -> None:
        """Run one op of training step `step`."""
        with quiet():
            self.memory(step).execute(op, step)

    def run_ops(self, step: int, first: int, last: int) -> None:
        """Run the ops of training step `step` from number `first` to number `last`, one by one."""
        memory = self.memory(step)
        with quiet():
            for op in self.program.ops[first - 1 : last]:
                memory.execute(op, step)

    def runner(self) -> Callable[[int], float]:
        """The function that runs a training step straight through and returns its loss.

        Call it inside `quiet()`; get a new one after any op has been executed by itself. Before the
        tensors of `Program.deferred` are looked at, `settle` computes them.
        """
        for memory in self._memories.values():
            memory.refresh()
        full = self._memories[self.batches.size].run
        if len(self._memories) == 1:
            return full
        last, per_epoch = self.memory(self.batches.per_epoch).run, self.batches.per_epoch

        def run(step: int) -> float:
            return full(step) if step % per_epoch else last(step)

        return run

    def settle(self, step: int) -> None:
        """Compute what the straight run of training step `step`, the last one, has left out."""
        with quiet():
            self.memory(step).settle(step)

    @property
    def is_finite(self) -> bool:
        """Whether every parameter, moment and running statistic is finite."""
        return bool(np.isfinite(self.state.vector).all())

    def evaluate(self, samples: Samples) -> Score:
        """Loss and measures on some data, with dropout off and running statistics in use."""
        memory = self._evaluation(samples)
        memory.refresh()
        with quiet():
            memory.run(1)
        loss = float(memory.public("loss")) + 0.0  # −ln 1 is −0; a loss of nothing is 0
        return Score(loss, self.model.measures(memory, self.dataset))

    def predict(self, samples: Samples) -> Array:
        """The network's outputs for some data, (rows, outputs); no targets are needed."""
        if samples.y is None and self.dataset.train.y is not None:
            like = self.dataset.train.y
            samples = Samples(samples.x, np.zeros((len(samples), *like.shape[1:]), like.dtype))
        memory = self._evaluation(samples)
        memory.refresh()
        with quiet():
            memory.run(1)
        return memory.public(memory.program.output).copy()

    def _loader(self, name: str, out: Array) -> Call:
        return self.batches.loader(self._train[name], out)

    @quiet()
    def _evaluation(self, samples: Samples) -> Memory:
        """A memory of the evaluation program that loads all of `samples` at once."""
        if samples not in self._evaluations:
            program = self.model.evaluation_program(self.dataset)
            whole = Batches(len(samples), len(samples), shuffle=False, random=self._random)
            arrays = engine_layout(self.dataset, samples, self.state.dtype)

            def load(name: str, out: Array) -> Call:
                return whole.loader(arrays[name], out)

            state = _shared(self.state, program)
            self._evaluations[samples] = Memory(
                state, self.gradients, len(samples), load, self._random
            )
        return self._evaluations[samples]


def _shared(state: State, program: Program) -> State:
    """A state for another program with the same parameters, over the same memory."""
    places = [[(p.name, p.block) for p in each.parameters] for each in (state.program, program)]
    assert places[0] == places[1], "both programs lay out their parameters alike"
    other = State(program, state.dtype)
    other.vector = state.vector
    other.vectors = {"theta": state.vectors["theta"]}
    other.statistics = state.statistics
    return other
