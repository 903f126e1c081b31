"""Where a stepping key stops: the boundaries of terms, elements, ops, layers, phases, turns, steps.

Stepping forward goes to the next boundary of a depth, stepping back to the one before. Both are
geometry of the list of ops; nothing is computed here but how many terms an element has, which the
values of the step decide.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, final

from nntui.session.frame import OpInfo
from nntui.session.position import Depth, Position
from nntui.session.turns import turns_of

TermCount = Callable[[int, int, int], int]
"""How many terms an element has: (training step, op, element) to count."""


@final
class Boundaries:
    """The boundaries of a run.

    Args:
        ops: the ops of every training step.
        steps_per_epoch: training steps in an epoch.
        terms: how many terms an element has.

    Attributes:
        depths: those at which one can step, finest first.
    """

    def __init__(self, ops: Sequence[OpInfo], steps_per_epoch: int, terms: TermCount) -> None:
        self._ops = ops
        self._steps_per_epoch = steps_per_epoch
        self._terms = terms
        self._starts = frozenset(turn.first for turn in turns_of(ops))
        self.depths: Final = tuple(d for d in Depth if d is not Depth.TURN or self._starts)

    @property
    def ops(self) -> int:
        """How many ops a training step has."""
        return len(self._ops)

    def after(self, here: Position, depth: Depth) -> Position:
        """The next boundary of a depth."""
        step, op = self.pending(here)
        if depth is Depth.EPOCH:
            return self.end_of_step(-(-step // self._steps_per_epoch) * self._steps_per_epoch)
        if depth >= Depth.OP:
            return self.complete(step, self._last_of_group(op, depth))
        under_way = (step, op) == (here.step, here.op)
        element = here.element if under_way else 0
        if depth is Depth.ELEMENT:
            return Position(step, op, element + 1)
        term = (here.term if under_way else 0) + 1
        if term >= self._terms(step, op, element):
            return Position(step, op, element + 1)
        return Position(step, op, element, term)

    def before(self, here: Position, depth: Depth) -> Position:
        """The last boundary of a depth before the cursor; or the beginning of the run."""
        if here <= Position(1):
            return Position(1)
        if depth <= Depth.ELEMENT:
            return self._cell_before(here, depth)
        if depth is Depth.EPOCH:
            done = here.step - 1
            last = done // self._steps_per_epoch * self._steps_per_epoch
            return self.end_of_step(last) if last else Position(1)
        # The group that the cursor is in, or has just completed, begins where the one before ends.
        first = self._first_of_group(here.op, depth) if here.op else 1
        return self.complete(here.step, first - 1) if first > 1 else self._end_before(here.step)

    def at(self, here: Position, depth: Depth) -> bool:
        """Whether the cursor stands on a boundary of a depth."""
        if depth is Depth.TERM or here.op == 0:
            return True
        if depth is Depth.ELEMENT:
            return here.term == 0
        if self.partial(here):
            return False
        if depth is Depth.EPOCH:
            return self.whole(here) and here.step % self._steps_per_epoch == 0
        return self._last_of_group(here.op, depth) == here.op

    def pending(self, here: Position) -> tuple[int, int]:
        """(step, op) of the op that is under way, or comes next."""
        if here.op and self.partial(here):
            return here.step, here.op
        if here.op < len(self._ops):
            return here.step, here.op + 1
        return here.step + 1, 1

    def partial(self, here: Position) -> bool:
        """Whether the cursor stands inside an op."""
        return here.op > 0 and here.element < self._ops[here.op - 1].elements

    def whole(self, here: Position) -> bool:
        """Whether the cursor stands at the end of a step."""
        return here.op == len(self._ops) and not self.partial(here)

    def complete(self, step: int, op: int) -> Position:
        """Where op number `op` has just been done; 0 for the beginning of the step."""
        return Position(step, op, self._ops[op - 1].elements if op else 0)

    def end_of_step(self, step: int) -> Position:
        """Where a training step has just been done."""
        return self.complete(step, len(self._ops))

    def _end_before(self, step: int) -> Position:
        return self.end_of_step(step - 1) if step > 1 else Position(1)

    def _cell_before(self, here: Position, depth: Depth) -> Position:
        step, op, element, term = here.step, here.op, here.element, here.term
        if term and (depth is Depth.ELEMENT or term == 1):
            return self._start_of(step, op, element)
        if term:
            return Position(step, op, element, term - 1)
        if not element:
            # The beginning of a step is the end of the one before.
            return self._cell_before(self._end_before(step), depth) if step > 1 else Position(1)
        if depth is Depth.TERM and (terms := self._terms(step, op, element - 1)) > 1:
            return Position(step, op, element - 1, terms - 1)
        return self._start_of(step, op, element - 1)

    def _start_of(self, step: int, op: int, element: int) -> Position:
        """Where an element begins: the end of the element before, or of the op before."""
        if element:
            return Position(step, op, element)
        return self.complete(step, op - 1) if op > 1 else self._end_before(step)

    def _last_of_group(self, op: int, depth: Depth) -> int:
        """The last op that belongs together with `op` at a depth."""
        if depth >= Depth.STEP:
            return len(self._ops)
        last = op
        while last < len(self._ops) and self._together(op, last + 1, depth):
            last += 1
        return last

    def _first_of_group(self, op: int, depth: Depth) -> int:
        """The first op that belongs together with `op` at a depth."""
        if depth >= Depth.STEP:
            return 1
        first = op
        while first > 1 and self._together(op, first - 1, depth):
            first -= 1
        return first

    def _together(self, one: int, other: int, depth: Depth) -> bool:
        a, b = self._ops[one - 1], self._ops[other - 1]
        if depth is Depth.OP:
            return one == other
        if depth is Depth.TURN:
            first, last = sorted((one, other))
            return not any(first < start <= last for start in self._starts)
        if (a.player, a.phase) != (b.player, b.phase):
            return False
        return depth is Depth.PHASE or a.layer == b.layer
