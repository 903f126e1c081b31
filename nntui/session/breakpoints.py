"""Breakpoints: where a run stops by itself, forward or backward in time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import final

from nntui.engine.options import Array
from nntui.engine.trainer import Trainer
from nntui.errors import UsageError
from nntui.session.expressions import Expression, parse
from nntui.session.frame import OpInfo
from nntui.session.now import Now


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
    """What a condition can see of a step: the tensors its ops have computed so far."""

    def __init__(self, now: Now, ops: Sequence[OpInfo], steps_per_epoch: int) -> None:
        self._now = now
        self._ops = ops
        self._steps_per_epoch = steps_per_epoch
        self._made_by = now.trainer.program.completions()
        self._state = frozenset(now.trainer.state.names())

    @property
    def step(self) -> int:
        """The training step, from 1."""
        return self._now.step

    @property
    def epoch(self) -> int:
        """The epoch, from 1."""
        return (self._now.step - 1) // self._steps_per_epoch + 1

    @property
    def op(self) -> int:
        """The number of the last op that has run; 0 before the first."""
        return self._now.done

    @property
    def phase(self) -> str:
        """Its phase."""
        return self._ops[self._now.done - 1].phase if self._now.done else ""

    @property
    def layer(self) -> str:
        """Its layer."""
        return self._ops[self._now.done - 1].layer if self._now.done else ""

    @property
    def lr(self) -> float:
        """The learning rate."""
        return float(self._now.now("lr"))

    def tensor(self, name: str) -> Array | None:
        """A tensor as it stands; None where this step has not computed it yet."""
        made = self._made_by.get(name)
        if name in self._state or (made is not None and made <= self._now.done):
            return self._now.now(name)
        return None

    def previous(self, name: str) -> Array | None:
        """The tensor at the same op of the training step before; None where there was none."""
        made = self._made_by.get(name)
        reached = made is not None and made <= self._now.done
        if name in self._state:
            return self._now.before(name) if reached else self._now.earlier(name)
        return self._now.past(name) if reached else None


@final
class Breakpoints:
    """All breakpoints of a session, and whether they have just come true."""

    def __init__(self, trainer: Trainer, ops: Sequence[OpInfo]) -> None:
        self._ops = ops
        batch = trainer.batches.size
        tensors = trainer.program.tensors
        shown = {*trainer.program.completions(), *trainer.state.names()}
        self._shapes = {name: tensors[name].public_shape(batch) for name in sorted(shown)}
        self._all: list[Breakpoint] = []
        self._held: dict[int, bool] = {}

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
        condition = self.parse(self._location(text.strip()))
        number = number or 1 + max((b.number for b in self._all), default=0)
        breakpoint_ = Breakpoint(number, text.strip(), condition)
        self._all.append(breakpoint_)
        return breakpoint_

    def parse(self, text: str) -> Expression:
        """A condition or a watch of this network.

        Raises:
            ExpressionError: it is none; the error points at the character.
        """
        return parse(text, self._shapes, reduced=True)

    def remove(self, number: int) -> None:
        """Delete a breakpoint.

        Raises:
            UsageError: there is none of that number.
        """
        self._all.remove(self._find(number))

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
    def need_every_op(self) -> bool:
        """Whether looking at the end of a training step is not enough to find where one stops."""
        return any(self._fleeting(b.condition) for b in self.enabled)

    @property
    def interest(self) -> frozenset[str]:
        """The tensors whose values of the step before are looked at."""
        looking = [b.condition.names for b in self.enabled if b.condition.uses_previous]
        return frozenset().union(*looking)

    def arm(self, scene: Scene) -> None:
        """Take note of what is true already: it stops the run only when it comes true again."""
        self._held = {b.number: b.condition.holds(scene) for b in self.enabled}

    def hit(self, scene: Scene) -> Breakpoint | None:
        """The first breakpoint whose condition has come true since it was last looked at.

        A condition that reads something not computed yet is neither true nor false.
        """
        found = None
        for b in self.enabled:
            value = b.condition.scalar(scene)
            if value is None:
                continue
            holds = b.condition.holds(scene)
            if holds and not self._held.get(b.number, False) and found is None:
                found = b
            self._held[b.number] = holds
        return found

    def true_now(self, scene: Scene) -> Breakpoint | None:
        """The first breakpoint whose condition is true."""
        return next((b for b in self.enabled if b.condition.holds(scene)), None)

    def _fleeting(self, condition: Expression) -> bool:
        """Whether it may be true in the middle of a step and false at its end."""
        if condition.facts & {"op", "phase", "layer"} or condition.uses_previous:
            return True
        updated = {info.output for info in self._ops if info.phase in ("forward", "update")}
        state = {n for n in condition.names if "." in n and n in updated and self._is_kept(n)}
        return bool(state) and bool(condition.names - state)

    def _is_kept(self, name: str) -> bool:
        """Whether a tensor has a value before its op of a step has run."""
        return any(info.output == name and info.phase == "update" for info in self._ops)

    def _location(self, text: str) -> str:
        """A condition for a place in the step, where the text names one."""
        numbers = [info.number for info in self._ops if info.output == text]
        if numbers:
            return " or ".join(f"op == {n}" for n in numbers)
        if text in {info.phase for info in self._ops}:
            return f'phase == "{text}"'
        if text in {info.layer for info in self._ops if info.layer}:
            return f'layer == "{text}"'
        return text

    def _find(self, number: int) -> Breakpoint:
        for b in self._all:
            if b.number == number:
                return b
        raise UsageError(f"there is no breakpoint {number}")
