"""Breakpoints: where a run stops by itself, forward or backward in time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import final

from nntui.engine.ops.kind import Index
from nntui.engine.options import Array
from nntui.engine.trainer import Trainer
from nntui.errors import UsageError
from nntui.session.expressions import Expression, parse
from nntui.session.expressions.values import true
from nntui.session.frame import OpInfo
from nntui.session.now import Now
from nntui.session.rates import RATE, Rates
from nntui.session.sight import Made, is_internal, records


@dataclass(frozen=True)
class Breakpoint:
    """A condition that stops a run where it comes true.

    Attributes:
        number: to name it by, from 1.
        text: as it was asked for: an op's tensor ("hidden.z") or a condition.
    """

    number: int
    text: str
    condition: Expression
    enabled: bool = True


@final
class Scene:
    """What a condition can see of a step: the tensors its ops have computed so far.

    Attributes:
        finite: whether all numbers are known to be finite; no one has looked.
        sample: which sample of the batch is shown, from 0.
        ops: of every training step.
        makers: which of them make each tensor.
    """

    finite = False

    def __init__(self, now: Now, ops: Sequence[OpInfo], makers: Mapping[str, Made]) -> None:
        self._now = now
        self.ops = ops
        self.makers = makers
        self.sample = 0
        self._rate = Rates(now.trainer).scheduled(RATE)
        self._state = frozenset(now.trainer.state.names())
        self._records = records(now.trainer.program)

    @property
    def step(self) -> int:
        """The training step, from 1."""
        return self._now.step

    @property
    def epoch(self) -> int:
        """The epoch, from 1."""
        return (self._now.step - 1) // self._now.trainer.steps_per_epoch + 1

    @property
    def op(self) -> int:
        """The number of the last op that has run; 0 before the first."""
        return self._now.done

    @property
    def phase(self) -> str:
        """Its phase."""
        return self.ops[self._now.done - 1].phase if self._now.done else ""

    @property
    def layer(self) -> str:
        """Its layer."""
        return self.ops[self._now.done - 1].layer if self._now.done else ""

    @property
    def player(self) -> str:
        """Whose turn it belongs to."""
        return self.ops[self._now.done - 1].player if self._now.done else ""

    @property
    def lr(self) -> float:
        """The learning rate."""
        return float(self._now.now(RATE)) if self._is_made(RATE) else self._rate(self._now.step)

    def tensor(self, name: str) -> Array | None:
        """A tensor as it stands; None where this step has not computed it yet."""
        if self._is_made(name):
            return self._now.now(name)
        taken = name not in self._records or self._now.step > 1
        return self._now.now(name) if name in self._state and taken else None

    def previous(self, name: str) -> Array | None:
        """The tensor at the same op of the training step before; None where there was none."""
        made = self._is_made(name)
        if name in self._state:
            return self._now.before(name) if made else self._now.last.began_with(name)
        return self._now.last.left(name) if made else None

    def _is_made(self, name: str) -> bool:
        """Whether this step has computed all of a tensor."""
        made = self.makers.get(name)
        return made is not None and made.last <= self._now.done


@final
class Breakpoints:
    """All breakpoints of a session, and whether they have just come true.

    Attributes:
        held: by number, whether each was true when it was last known.
    """

    def __init__(self, trainer: Trainer, ops: Sequence[OpInfo], makers: Mapping[str, Made]) -> None:
        self._ops = ops
        batch = trainer.batches.size
        tensors = trainer.program.tensors
        shown = {n for n in {*makers, *trainer.state.names()} if not is_internal(n)}
        self._shapes = {name: tensors[name].public_shape(batch) for name in sorted(shown)}
        self._masked = frozenset(name for name in shown if tensors[name].masked)
        self._all: list[Breakpoint] = []
        self.held: dict[int, bool] = {}

    def __iter__(self) -> Iterator[Breakpoint]:
        return iter(self._all)

    @property
    def enabled(self) -> tuple[Breakpoint, ...]:
        """Those that stop a run."""
        return tuple(b for b in self._all if b.enabled)

    def add(self, text: str, number: int = 0) -> Breakpoint:
        """Stop at an op, named by its tensor, or where a condition comes true.

        Args:
            number: to name it by; the next free one, where none is given.

        Raises:
            ExpressionError: the text is neither.
        """
        condition = self.condition(text)
        number = number or 1 + max((b.number for b in self._all), default=0)
        breakpoint_ = Breakpoint(number, text.strip(), condition)
        self._all.append(breakpoint_)
        return breakpoint_

    def condition(self, text: str) -> Expression:
        """When to stop for a text that names an op by its tensor, or is a condition.

        Raises:
            ExpressionError: the text is neither.
        """
        return self.parse(self._location(text.strip()))

    def parse(self, text: str) -> Expression:
        """A condition or a watch of this network.

        Raises:
            ExpressionError: it is none; the error points at the character.
        """
        return parse(text, self._shapes, self._masked, reduced=True)

    def remove(self, number: int) -> None:
        """Delete a breakpoint.

        Raises:
            UsageError: there is none of that number.
        """
        self._all.remove(self._find(number))
        self.held.pop(number, None)

    def toggle(self, number: int) -> Breakpoint:
        """Enable a breakpoint, or disable it.

        Raises:
            UsageError: there is none of that number.
        """
        found = self._find(number)
        changed = replace(found, enabled=not found.enabled)
        self._all[self._all.index(found)] = changed
        return changed

    @property
    def interest(self) -> frozenset[str]:
        """The tensors whose values of the step before are looked at."""
        looking = [b.condition.names for b in self.enabled if b.condition.uses_previous]
        return frozenset().union(*looking)

    def cells(self, first: Breakpoint | None = None) -> tuple[tuple[str, Index], ...]:
        """The single cells that the conditions of those enabled name.

        Args:
            first: the breakpoint whose cells come first.
        """
        ordered = sorted(self.enabled, key=lambda b: first is None or b.number != first.number)
        return tuple(cell for b in ordered for cell in b.condition.cells)

    def arm(self, scene: Scene) -> None:
        """Take note of what is true already: it stops the run only when it comes true again."""
        self.held.update((b.number, b.condition.holds(scene)) for b in self.enabled)

    def hit(self, scene: Scene) -> Breakpoint | None:
        """The first breakpoint whose condition has come true since it was last looked at.

        A condition that reads something not computed yet is neither true nor false.
        """
        found = None
        for b in self.enabled:
            value = b.condition.scalar(scene)
            if value is None:
                continue
            holds = true(value)
            if holds and not self.held.get(b.number, False) and found is None:
                found = b
            self.held[b.number] = holds
        return found

    def true_now(self, scene: Scene) -> Breakpoint | None:
        """The first breakpoint whose condition is true."""
        return next((b for b in self.enabled if b.condition.holds(scene)), None)

    def _location(self, text: str) -> str:
        """A condition for a place in the step, where the text names one."""
        numbers = [info.number for info in self._ops if info.output == text]
        if numbers:
            return " or ".join(f"op == {n}" for n in numbers)
        if text in {info.phase for info in self._ops}:
            return f'phase == "{text}"'
        if text in {info.layer for info in self._ops if info.layer}:
            return f'layer == "{text}"'
        if text in {info.player for info in self._ops if info.player}:
            return f'player == "{text}"'
        return text

    def _find(self, number: int) -> Breakpoint:
        for b in self._all:
            if b.number == number:
                return b
        raise UsageError(f"there is no breakpoint {number}")
