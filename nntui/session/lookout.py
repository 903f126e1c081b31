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
from nntui.session.breakpoints import rates
from nntui.session.expressions import Expression
from nntui.session.frame import OpInfo
from nntui.session.now import Now, views
from nntui.session.sight import Made

_PLACE: Final = ("phase", "layer")
"""Facts that are the same for some ops on end."""

Look = tuple[int, Callable[[], float | None]]
"""The number of an op, and what a condition is from there on."""


@dataclass
class _Clock:
    """What is different in every step.

    Attributes:
        rate: the learning rate of a step.
        finite: whether every number of the step is finite, as far as anyone asks.
    """

    steps_per_epoch: int
    rate: Callable[[int], float]
    step: int = 1
    finite: bool = True


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
        self.op, self.phase, self.layer = op.number, op.phase, op.layer
        self.tensor: Callable[[str], Array | None] = arrays.get
        self.previous: Callable[[str], Array | None] = before.get

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


@dataclass(frozen=True)
class _Gaze:
    """A condition, bound to the memory that a step runs in.

    Attributes:
        number: of the condition.
        looks: where its value can change, in order of the ops; the first is after op 1.
        fresh: the same without what was known at the end of the step before.
        wary: `looks` where some number of the step may not be finite.
    """

    number: int
    looks: Sequence[Look]
    fresh: Sequence[Look]
    wary: Sequence[Look]


@dataclass(frozen=True)
class _Place:
    """A step's place in its epoch, which decides the sizes of its batch and of that before.

    Attributes:
        past: copies of tensors as this step left them, for the next one.
        memory: of all its tensors.
    """

    gazes: Sequence[_Gaze]
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
        self._state = frozenset(trainer.state.names())
        self._clock = _Clock(trainer.steps_per_epoch, rates(trainer))
        self._wary = any(c.reads_all for c in conditions.values())
        self._looks_back = any(c.uses_previous for c in conditions.values())
        self._base = trainer.state.vector.copy()
        self._earlier = self._base.copy()
        self._bases = views(trainer.state, self._base), views(trainer.state, self._earlier)
        first, last = trainer.memory(1), trainer.memory(trainer.steps_per_epoch)
        past = {memory.batch: self._buffers(memory) for memory in (first, last)}
        self._first = self._place(first, past, last.batch)
        self._inner = self._place(first, past, first.batch)
        self._last = self._place(last, past, first.batch)

    def start(self, now: Now) -> None:
        """Begin with the step after this one, which is complete."""
        self._base[...] = now.start
        self._turn(self._at(now.step))

    def look(self, step: int) -> bool:
        """Whether a condition has come true in a step that has just been run.

        Where one has, nothing is noted of the step: it is to be done again, op by op.
        """
        held, place = self._held, self._begin(step)
        changes: list[tuple[int, bool]] = []
        for gaze in place.gazes:
            holds = was = held.get(gaze.number, False)
            for _, read in gaze.fresh if self._clock.finite else gaze.wary:
                value = read()
                if value is not None:
                    true = value == value and value != 0
                    if true and not holds:
                        return True
                    holds = true
            if holds is not was:
                changes.append((gaze.number, holds))
        held.update(changes)
        self._turn(place)
        return False

    def last_true(self, step: int) -> int:
        """The last op of a step that has just been run at which a condition is true; 0 if none."""
        place, found, end = self._begin(step), 0, len(self._ops)
        for gaze in place.gazes:
            looks = gaze.looks if self._clock.finite else gaze.wary
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
        if self._wary:
            self._clock.finite = place.memory.is_finite and bool(np.isfinite(self._base).all())
        return place

    def _turn(self, place: _Place) -> None:
        """What is now is the past of the next step."""
        if self._looks_back:
            self._earlier[...] = self._base
            for live, kept in place.past:
                kept[...] = live
        self._base[...] = self._trainer.state.vector

    def _buffers(self, memory: Memory) -> Mapping[str, Array]:
        """Room for what conditions ask of the step before."""
        looking = (c.names for c in self._conditions.values() if c.uses_previous)
        names = frozenset[str]().union(*looking) - self._state
        return {name: np.empty_like(memory.public(name)) for name in names}

    def _place(
        self, memory: Memory, past: Mapping[int, Mapping[str, Array]], before: int
    ) -> _Place:
        gazes = [
            self._gaze(number, condition, memory, past[before])
            for number, condition in self._conditions.items()
        ]
        kept = [(memory.public(name), array) for name, array in past[memory.batch].items()]
        return _Place(gazes, kept, memory)

    def _gaze(
        self, number: int, condition: Expression, memory: Memory, past: Mapping[str, Array]
    ) -> _Gaze:
        names = condition.names
        every = self._changes(condition, names)
        calm = self._changes(condition, () if condition.reads_all else names)
        if not condition.reads_all and self._settles(condition):
            calm = [len(self._ops)]

        def looks(ops: Iterable[int]) -> list[Look]:
            return [(op, condition.reader(self._scope(op, names, memory, past))) for op in ops]

        found = looks(calm)
        same = names <= self._state and not condition.facts and found[0][0] == 1
        return _Gaze(number, found, found[1:] if same else found, looks(every))

    def _settles(self, condition: Expression) -> bool:
        """Whether it becomes known once in a step, and stays as it is."""
        facts = condition.facts - {"step", "epoch", "lr"}
        return not condition.names & self._state and not facts

    def _changes(self, condition: Expression, names: Iterable[str]) -> list[int]:
        """The ops after which its value can be another."""
        ops, facts = self._ops, condition.facts
        made = {self._makers[name].last for name in names if name in self._makers}
        if condition.reads_all or "op" in facts:
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


def can_judge(condition: Expression, makers: Mapping[str, Made]) -> bool:
    """Whether the end of a step tells all about a condition."""
    return not any(makers[name].again for name in condition.names if name in makers)
