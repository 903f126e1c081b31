"""The current training step: which of its ops have run, and every number in it."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import final

import numpy as np

from nntui.engine.machine import Memory
from nntui.engine.ops.kind import Index, Terms
from nntui.engine.options import Array
from nntui.engine.program import Op
from nntui.engine.tensor import Setting
from nntui.engine.trail import Trail
from nntui.engine.trainer import Trainer, quiet
from nntui.session.edit import Edit
from nntui.session.laststep import LastStep
from nntui.session.stateviews import views


@dataclass(frozen=True)
class Fault:
    """The first number of a step that is not finite.

    Attributes:
        op: the op that made it.
        index: where it is in the op's output, in the public shape.
        element: the number of its element, from 0, the sample left out.
    """

    op: Op
    index: Index
    element: int
    value: float


@final
class Now:
    """One training step under way; it is the `Look` of the op table.

    Attributes:
        done: how many of the step's ops have run.
        last: the step before.
    """

    def __init__(self, trainer: Trainer) -> None:
        self.trainer = trainer
        self.last = LastStep(trainer)
        self._edits: tuple[Edit, ...] = ()
        self._edited = 0
        self._trails: dict[int, Trail] = {}
        self._kept_from = 0
        self.done = 0
        self._step = 1
        self._fault: Fault | None = None
        self._checked = 0
        self._base = trainer.state.vector.copy()
        self._old = self._base.copy()
        self._before = views(trainer.state, self._old)
        made = Counter(op.output for op in trainer.program.ops)
        self._again = frozenset(name for name, times in made.items() if times > 1)
        self._renewed = self._again & self._before.keys()
        self._between: defaultdict[str, list[Array]] = defaultdict(list)

    @property
    def step(self) -> int:
        """The training step, from 1."""
        return self._step

    @property
    def start(self) -> Array:
        """The state when the step began; not to be written to."""
        return self._base

    @property
    def given(self) -> Array:
        """The same, with what has been changed by hand since; not to be written to."""
        return self._old

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The changes to make in this step, those after the ops that have run among them."""
        return self._edits

    @property
    def memory(self) -> Memory:
        """The memory the step runs in."""
        return self.trainer.memory(self._step)

    @property
    def complete(self) -> bool:
        """Whether all ops of the step have run."""
        return self.done == len(self.trainer.program.ops)

    @property
    def fault(self) -> Fault | None:
        """The first number, in the order of the ops, that is not finite, as its op has made it."""
        self._look_for_fault()
        return self._fault

    def now(self, tensor: str) -> Array:
        """The tensor as it stands."""
        return self.memory.public(tensor)

    def before(self, tensor: str) -> Array:
        """A parameter, moment or running statistic before this step's op computes it anew.

        That is as it was when the step began, but for what has been changed by hand since; where
        several ops compute it, before the last of them that has run.
        """
        between = self._between.get(tensor)
        return between[-1] if between else self._before[tensor]

    def begin(self, step: int, edits: Sequence[Edit] = ()) -> None:
        """Start a step from the state as it is; `edits` are the changes to make in it.

        The step under way becomes the last one, where it is complete and the one before.
        """
        if step == self._step + 1 and self.complete:
            self.last.note(self._base, self._edits, self.last.take(self._step))
        else:
            self.last.forget()
        self._start(step, edits)

    def resume(self, step: int, edits: Sequence[Edit] = ()) -> None:
        """Start a step from the state as it is, wherever that has come from."""
        self.last.forget()
        self._start(step, edits)

    def revise(self, edits: Sequence[Edit]) -> None:
        """There are other changes to make in this step: one more, or some taken back.

        More of them at the cursor are made at once; else the step begins again.
        """
        same = self._edits == tuple(edits[: len(self._edits)])
        more = edits[len(self._edits) :]
        self._edits = tuple(edits)
        if same and all(e.op >= self.done for e in more):
            self._apply_edits()
        else:
            self.rewind()

    def rewind(self) -> None:
        """Go back to the beginning of the step."""
        self.trainer.state.vector[...] = self._base
        self._restart(self._step)

    def retreat(self, op: int) -> None:
        """Undo the ops after number `op`; or begin the step again, where that cannot be."""
        changed = any(edit.op > op for edit in self._edits[: self._edited])
        if changed or op < self._kept_from:
            self.rewind()
            return
        ops, trail = self.trainer.program.ops, self._trail
        while self.done > op:
            self.done -= 1
            trail.undo(ops[self.done])
            if between := self._between.get(ops[self.done].output):
                between.pop()
        self._checked = min(self._checked, op)
        if self._fault is not None and self._fault.op.number > op:
            self._fault = None

    def advance(self, op: int, *, inside: bool = False) -> None:
        """Run the ops up to number `op`, one by one, and make the changes that belong there.

        Args:
            inside: whether the cursor stands inside the last of them, before the changes after it.
        """
        ops, trail = self.trainer.program.ops, self._trail
        with quiet():
            while self.done < op:
                self._apply_edits()
                trail.keep(ops[self.done])
                self._execute(ops[self.done])
                self.done += 1
            if not inside and self.done == op:
                self._apply_edits()

    def run_through(self) -> float:
        """Run the whole step, in which nothing is changed, straight through; returns its loss."""
        with quiet():
            loss = self.trainer.runner()(self._step)
        self.finish(self._step, (self._base,))
        return loss

    def finish(
        self,
        step: int,
        bases: Sequence[Array],
        past: Mapping[str, Array] = MappingProxyType({}),
        *,
        finite: bool = False,
    ) -> None:
        """Steps have been run straight through: all ops of the last one, `step`, are done.

        Args:
            bases: the states in which `step` and, where that was run too, the step before it began;
                the last comes last.
            past: the tensors of interest as that one left them.
            finite: whether all numbers that the last one made are known to be finite.
        """
        if len(bases) > 1:
            self.last.note(bases[-2], (), past)
        self.trainer.settle(step)
        self._base[...] = bases[-1]
        self._edits = ()
        self._restart(step)
        if self._renewed:
            # What ops have made anew of each other's numbers is known from running them one by one.
            self.rewind()
            self.advance(len(self.trainer.program.ops))
        else:
            self.done = self._kept_from = len(self.trainer.program.ops)
        if finite:
            self._checked = self.done

    def terms(self, op: Op, index: Index) -> Terms:
        """How a cell of an op that has run came about."""
        with quiet():
            return op.kind.terms(self, op, index)

    def _start(self, step: int, edits: Sequence[Edit]) -> None:
        self._base[...] = self.trainer.state.vector
        self._edits = tuple(edits)
        self._restart(step)

    def _restart(self, step: int) -> None:
        self._step, self.done, self._checked, self._fault = step, 0, 0, None
        self._between.clear()
        self._kept_from = 0
        self._old[...] = self._base
        self._edited = 0
        self._apply_edits()

    @property
    def _trail(self) -> Trail:
        """What the ops of this step have overwritten, after number `_kept_from`."""
        memory = self.memory
        if memory.batch not in self._trails:
            self._trails[memory.batch] = Trail(memory)
        return self._trails[memory.batch]

    def _execute(self, op: Op) -> None:
        """Run an op; one that was computed together with ops before it as if by itself.

        That matters only where a number it reads has been changed since.
        """
        if op.output in self._again and self._is_made(op.output):
            # What it has been is looked at before it is made anew.
            self._look_for_fault()
        if op.output in self._renewed and self._is_made(op.output):
            self._between[op.output].append(self.now(op.output).copy())
        self.memory.execute(op, self._step)
        if not self._edited or self.memory.calls[op.number - 1]:
            return
        first = op.number - 1
        while first and not self.memory.calls[first - 1]:
            first -= 1
        read = [self.now(name) for name in op.inputs]
        since = [e for e in self._edits[: self._edited] if e.op >= first]
        if not any(np.shares_memory(self.now(e.tensor), array) for e in since for array in read):
            return
        output = self.now(op.output)
        for index in np.ndindex(*output.shape):
            output[index] = math.fsum(t.value for t in op.kind.terms(self, op, index).terms)

    def _apply_edits(self) -> None:
        """Make the changes that belong after the op that has just run."""
        while self._edited < len(self._edits) and self._edits[self._edited].op == self.done:
            # What the ops have made so far is looked at before it is overwritten.
            self._look_for_fault()
            edit = self._edits[self._edited]
            self._edited += 1
            self.now(edit.tensor)[edit.index] = edit.value
            storage = self.trainer.program.tensors[edit.tensor].storage
            if isinstance(storage, Setting) and storage.hold:
                self.now(storage.hold)[...] = 1.0
            if edit.tensor in self._before and not self._is_made(edit.tensor):
                self._before[edit.tensor][edit.index] = edit.value

    def _is_made(self, tensor: str) -> bool:
        """Whether this step has computed the tensor."""
        ops = self.trainer.program.ops[: self.done]
        return any(op.output == tensor for op in ops)

    def _look_for_fault(self) -> None:
        ops = self.trainer.program.ops
        while self._fault is None and self._checked < self.done:
            self._fault = self._check(ops[self._checked])
            self._checked += 1

    def _check(self, op: Op) -> Fault | None:
        output, tensor = self.now(op.output), self.trainer.program.tensors[op.output]
        ill = tensor.ill(output)
        if ill is None:
            return None
        if not tensor.batched:
            element = int(ill.argmax())
            at = _unravel(element, ill.shape)
        else:
            # The first element of any sample: elements come one after the other, samples together.
            by_element = ill.reshape(len(ill), -1).T
            element, sample = divmod(int(by_element.argmax()), len(ill))
            at = (sample, *_unravel(element, ill.shape[1:]))
        return Fault(op, at, element, float(output[at]))


def _unravel(element: int, shape: tuple[int, ...]) -> Index:
    return tuple(int(i) for i in np.unravel_index(element, shape))
