"""`Lookout`: judges conditions at the ends of training steps that run straight through.

What an op made stays as it is until the step ends, and the state before its update is what the step
began with. So the end of a step tells what was true after each of its ops, and nothing has to be
stepped through but the step in which a condition comes true. Only where an op writes over what
another has made in the same step is that not so.

Of each condition, only those ops are asked about after which its value can be another. Most become
known once in a step, and then stay: one look is enough for them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from nntui.engine.machine import Memory
from nntui.engine.options import Array
from nntui.engine.trainer import Trainer
from nntui.session.expressions import Expression
from nntui.session.expressions.values import Lasting
from nntui.session.frame import OpInfo
from nntui.session.now import Now
from nntui.session.rates import RATE, Rates
from nntui.session.sight import Made
from nntui.session.stateviews import views

_PLACE: Final = ("phase", "layer", "player")
"""Facts that are the same for some ops on end."""

Look = tuple[int, Callable[[], float | None]]
"""The number of an op, and what a condition is from there on."""


@dataclass
class _Clock:
    """What is different in every step.

    Attributes:
        rate: the learning rate of a step.
        finite: whether every number of the step is finite, as far as anyone asks.
        sample: the one that is shown.
    """

    steps_per_epoch: int
    rate: Callable[[int], float]
    step: int = 1
    finite: bool = True
    sample: int = 0


@final
class _After:
    """A scope: a step that is done, as one of its ops left it.

    Args:
        arrays: the tensors that had been computed.
        before: the same, one step before.
    """

    def __init__(
        self, clock: _Clock, op: OpInfo, arrays: Mapping[str, Array], before: Mapping[str, Array]
    ) -> None:
        self._clock = clock
        self.op, self.phase = op.number, op.phase
        self.layer, self.player = op.layer, op.player
        self.tensor = Lasting(arrays)
        self.previous = Lasting(before)

    @property
    def finite(self) -> bool:
        """Whether every number is known to be finite."""
        return self._clock.finite

    @property
    def step(self) -> int:
        """The training step, from 1."""
        return self._clock.step

    @property
    def epoch(self) -> int:
        """The epoch, from 1."""
        return (self._clock.step - 1) // self._clock.steps_per_epoch + 1

    @property
    def lr(self) -> float:
        """The learning rate."""
        return self._clock.rate(self._clock.step)

    @property
    def sample(self) -> int:
        """The sample that is shown."""
        return self._clock.sample


@dataclass(frozen=True)
class _Place:
    """A step's place in its epoch, which decides the sizes of its batch and of that before.

    Attributes:
        looks: by the number of a condition, where its value can change, in order of the ops; the
            first is after op 1.
        fresh: the same without what was known at the end of the step before.
        reads: all of `fresh`, one after the other.
        wary: `looks` where some number of the step may not be finite.
        past: copies of tensors as this step left them, for the next one.
        memory: of all its tensors.
    """

    looks: Sequence[tuple[int, Sequence[Look]]]
    fresh: Sequence[tuple[int, Sequence[Look]]]
    reads: Sequence[Callable[[], float | None]]
    wary: Sequence[tuple[int, Sequence[Look]]]
    past: Sequence[tuple[Array, Array]]
    memory: Memory


@final
class Lookout:
    """Looks at steps right after they have been run.

    Args:
        makers: which ops make the tensors.
        conditions: by number; for each of them `can_judge` is true.
        held: of each, whether it was true when last known; kept up to date.
    """

    def __init__(
        self,
        trainer: Trainer,
        ops: Sequence[OpInfo],
        makers: Mapping[str, Made],
        conditions: Mapping[int, Expression],
        held: dict[int, bool],
    ) -> None:
        self._trainer = trainer
        self._ops = ops
        self._makers = makers
        self._conditions = conditions
        self._held = held
        for number in conditions:
            held.setdefault(number, False)
        self._state = frozenset(trainer.state.names())
        self._clock = _Clock(trainer.steps_per_epoch, Rates(trainer).scheduled(RATE))
        self._wary = any(_reads_all(c) for c in conditions.values())
        deferred = {op.output for op in trainer.program.deferred}
        self._reads_deferred = any(c.names & deferred for c in conditions.values())
        self._looks_back = any(c.uses_previous for c in conditions.values())
        self._reads_state = any(c.names & self._state for c in conditions.values())
        self._anew = True  # the step before may have been edited: what it had is no guide
        self._base = trainer.state.vector.copy()
        self._earlier = self._base.copy()
        self._bases = views(trainer.state, self._base), views(trainer.state, self._earlier)
        first, last = trainer.memory(1), trainer.memory(trainer.steps_per_epoch)
        past = {memory.batch: self._buffers(memory) for memory in (first, last)}
        self._first = self._place(first, past, last.batch)
        self._inner = self._place(first, past, first.batch)
        self._last = self._place(last, past, first.batch)

    def start(self, now: Now, sample: int = 0) -> None:
        """Begin with the step after this one, which is complete.

        Args:
            sample: the one that is shown.
        """
        self._clock.sample = sample
        self._base[...] = now.start
        self._turn(self._at(now.step))
        self._anew = True

    def look(self, step: int) -> bool:
        """Whether a condition has come true in a step that has just been run.

        Where one has, nothing is noted of the step: it is to be done again, op by op.
        """
        place = self._begin(step)
        every, self._anew = self._anew, False
        if every or not self._clock.finite or True in self._held.values():
            return self._look_at_all(place, every=every)
        # As long as nothing is true, there is nothing to note.
        for read in place.reads:
            value = read()
            if value and value == value:
                return True
        self._turn(place)
        return False

    def _look_at_all(self, place: _Place, *, every: bool) -> bool:
        """The same, noting what ends."""
        held = self._held
        changes: dict[int, bool] | None = None
        for number, looks in self._looks(place, every=every):
            holds = was = held[number]
            for _, read in looks:
                value = read()
                if not value:
                    holds = holds and value is None
                elif value == value:
                    if not holds:
                        return True
                else:
                    holds = False
            if holds is not was:
                changes = {**(changes or {}), number: holds}
        if changes:
            held.update(changes)
        self._turn(place)
        return False

    def last_true(self, step: int) -> int:
        """The last op of a step that has just been run at which a condition is true; 0 if none."""
        place, found, end = self._begin(step), 0, len(self._ops)
        for _, looks in self._looks(place, every=True):
            stops = [*(op - 1 for op, _ in looks[1:]), end]
            for (_, read), stop in zip(looks, stops, strict=True):
                value = read()
                if value is not None and value == value and value != 0:
                    found = max(found, stop)
        self._turn(place)
        return found

    def _at(self, step: int) -> _Place:
        within = step % self._clock.steps_per_epoch
        return self._inner if within > 1 else self._last if within == 0 else self._first

    def _begin(self, step: int) -> _Place:
        place = self._at(step)
        self._clock.step = step
        if self._reads_deferred:
            place.memory.settle(step)
        if self._wary:
            self._clock.finite = place.memory.is_finite and bool(np.isfinite(self._base).all())
        return place

    def _looks(self, place: _Place, *, every: bool) -> Sequence[tuple[int, Sequence[Look]]]:
        """Where to look: everywhere, or not where nothing can have changed since the last step."""
        if not self._clock.finite:
            return place.wary
        return place.looks if every else place.fresh

    def _turn(self, place: _Place) -> None:
        """What is now is the past of the next step."""
        for live, kept in place.past:
            kept[...] = live
        if self._reads_state:
            if self._looks_back:
                self._earlier[...] = self._base
            self._base[...] = self._trainer.state.vector

    def _buffers(self, memory: Memory) -> Mapping[str, Array]:
        """Room for what conditions ask of the step before."""
        looking = (c.names for c in self._conditions.values() if c.uses_previous)
        names = frozenset[str]().union(*looking) - self._state
        return {name: np.empty_like(memory.public(name)) for name in names}

    def _place(
        self, memory: Memory, past: Mapping[int, Mapping[str, Array]], before: int
    ) -> _Place:
        looks, fresh, wary = [], [], []
        for number, condition in self._conditions.items():
            names = condition.names
            every = [info.number for info in self._ops] if _reads_all(condition) else []
            calm = [len(self._ops)] if self._settles(condition) else self._changes(condition)
            found, feared = (
                [(op, condition.reader(self._scope(op, names, memory, past[before]))) for op in ops]
                for ops in (calm, every)
            )
            same = names <= self._state and not condition.facts
            looks.append((number, found))
            fresh.append((number, found[1:] if same else found))
            wary.append((number, feared))
        kept = [(memory.public(name), array) for name, array in past[memory.batch].items()]
        reads = tuple(read for _, found in fresh for _, read in found)
        return _Place(looks, fresh, reads, wary, kept, memory)

    def _settles(self, condition: Expression) -> bool:
        """Whether it becomes known once in a step, and stays as it is."""
        facts = condition.facts - {"step", "epoch", "lr"}
        return not condition.named & self._state and not facts

    def _changes(self, condition: Expression) -> list[int]:
        """The ops after which its value can be another, while all numbers are finite."""
        ops, facts = self._ops, condition.facts
        made = {self._makers[name].last for name in condition.named if name in self._makers}
        if "op" in facts:
            made.update(range(1, len(ops) + 1))
        for fact in facts.intersection(_PLACE):
            pairs = itertools.pairwise(ops)
            made |= {b.number for a, b in pairs if getattr(a, fact) != getattr(b, fact)}
        return sorted({1} | made)

    def _scope(
        self, op: int, names: Iterable[str], memory: Memory, past: Mapping[str, Array]
    ) -> _After:
        """What was there once an op had run."""
        arrays: dict[str, Array] = {}
        before: dict[str, Array] = {}
        base, earlier = self._bases
        for name in names:
            made = self._makers.get(name)
            done = made is not None and made.last <= op
            if name in self._state:
                arrays[name] = base[name] if made is not None and not done else memory.public(name)
                before[name] = (base if done else earlier)[name]
            elif done:
                arrays[name] = memory.public(name)
                if name in past:
                    before[name] = past[name]
        return _After(self._clock, self._ops[op - 1], arrays, before)


def _reads_all(condition: Expression) -> bool:
    """Whether it asks of all tensors whether they are finite."""
    return condition.names != condition.named


def can_judge(condition: Expression, makers: Mapping[str, Made]) -> bool:
    """Whether the end of a step tells all about a condition."""
    return not any(makers[name].again for name in condition.names if name in makers)
