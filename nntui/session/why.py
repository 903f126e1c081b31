"""Why did this weight move? Its last change, taken apart down to the loss.

Three questions, answered from the op table's `terms` alone: what the optimizer made of the gradient
(the ops of the update phase that the new value hangs on), what each sample of the batch had to say
(the summands of the gradient), and how one sample's share came about: the chain rule from the loss
to the weight, hop by hop, along the path that contributes the most wherever several meet.

Of a model that learns without gradients there is one question: which numbers of the step its rule
made the change of, and what those were made of.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from nntui.engine.ops.kind import Index
from nntui.engine.program import Op
from nntui.engine.trainer import quiet
from nntui.errors import UsageError
from nntui.session.backward import Backward, Hop, Share, TimeShare
from nntui.session.explain import Writer
from nntui.session.now import Now
from nntui.session.position import Position
from nntui.session.sight import Sight
from nntui.session.turns import turns_of

WEIGHT: Final = "weight"

_MOST_ORIGINS: Final = 24
"""Cells that are listed where a rule has no gradient: those nearest to the new value."""


@dataclass(frozen=True)
class Part:
    """A summand of the change: `−η · m̂ / (√v̂ + ε)`, or what weight decay took away."""

    title: str
    value: float


@dataclass(frozen=True)
class Update:
    """An op between the gradient and the new value.

    Attributes:
        title: what it computes, in words.
        formula: as in a textbook.
        numbers: the same with the numbers of this weight: a line for each cell that counts.
    """

    title: str
    formula: str
    numbers: tuple[str, ...]


@dataclass(frozen=True)
class Why:
    """The last change of one number of a parameter.

    Attributes:
        symbol: of the weight.
        frozen: the optimizer leaves it alone.
        moved: whether this step has updated it; else `change` and `updates` are empty.
        before, after: its values before the update and now.
        formula: of the update.
        parts: their sum is the change.
        gradient: None where the backward pass has not reached it.
        shares: their sum is the gradient.
        times: the same by time step, where the weight is used at several.
        has_gradient: whether the model learns by gradients at all; where it does not, `updates` are
            all ops that the new value hangs on.
        sample: whose chain it is, from 0.
        chain: from the loss to the weight; empty where the gradient is not known, or the sample
            adds nothing to it.
    """

    parameter: str
    index: Index
    symbol: str
    step: int
    frozen: bool
    moved: bool
    before: float
    after: float
    formula: str
    parts: tuple[Part, ...]
    updates: tuple[Update, ...]
    gradient: float | None
    shares: tuple[Share, ...]
    sample: int
    chain: tuple[Hop, ...]
    times: tuple[TimeShare, ...] = ()
    has_gradient: bool = True

    @property
    def change(self) -> float:
        """By how much this step's update moved it."""
        return self.after - self.before

    @property
    def change_off(self) -> float:
        """How far the sum of the parts is from the change."""
        return abs(math.fsum(p.value for p in self.parts) - self.change) if self.moved else 0.0

    @property
    def gradient_off(self) -> float:
        """How far the sum of the shares is from the gradient."""
        if self.gradient is None:
            return 0.0
        return abs(math.fsum(s.value for s in self.shares) - self.gradient)


def why(
    now: Now,
    sight: Sight,
    writer: Writer,
    position: Position,
    parameter: str,
    index: Sequence[int],
    sample: int = 0,
) -> Why:
    """Take a weight's last change apart.

    Args:
        position: of the cursor; what lies after it is not told.
        sample: of the batch, whose chain to follow.

    Raises:
        UsageError: there is no such parameter, or it has no such cell.
    """
    program = now.trainer.program
    found = next((p for p in program.parameters if p.name == parameter), None)
    if found is None:
        raise UsageError(f"there is no parameter '{parameter}'")
    at = tuple(index)
    if len(at) != len(found.shape) or not all(
        0 <= i < n for i, n in zip(at, found.shape, strict=True)
    ):
        raise UsageError(f"{parameter} has no cell {list(at)}: its shape is {found.shape}")
    begin, gradients = _begin(now, parameter), f"{parameter}.grad"
    last = _latest(now, parameter, begin)
    moved = last is not None and sight.has(parameter, at, position)
    computed = _latest(now, gradients, begin) is not None and sight.has(gradients, at, position)
    before = float((now.before(parameter) if last else now.now(parameter))[at])
    gradient = float(now.now(gradients)[at]) if computed else None
    with quiet():
        back = Backward(now, sight, writer)
        shares = back.shares(parameter, at) if computed else ()
        # Where fakes are judged beside the real samples, only some parameters hear of both.
        batch = now.memory.batch
        if all(share.sample is None or share.sample < batch for share in shares):
            sample %= batch
        return Why(
            parameter=parameter,
            index=at,
            symbol=writer.symbols.symbol(parameter, at),
            step=now.step,
            frozen=found.frozen,
            moved=moved,
            before=before,
            after=float(now.now(parameter)[at]) if moved else before,
            formula=last.formula if last and moved else "",
            parts=_parts(now, last, at, before) if last and moved else (),
            updates=tuple(_updates(now, writer, last, at)) if last and moved else (),
            gradient=gradient,
            shares=shares,
            sample=sample,
            chain=back.chain(parameter, at, sample) if computed else (),
            times=back.times(parameter, at) if computed else (),
            has_gradient=bool(program.objectives),
        )


# --- the optimizer --------------------------------------------------------------------------------


def _begin(now: Now, parameter: str) -> int:
    """The op that the turn begins with in which a parameter was learned last; 1 without turns."""
    ops = now.trainer.program.ops
    player = next((op.player for op in ops if op.output == parameter), "")
    turns = (turn.first for turn in turns_of(ops) if turn.player == player)
    return max((first for first in turns if first <= now.done), default=1)


def _latest(now: Now, tensor: str, begin: int) -> Op | None:
    """The last op to have computed a tensor since op number `begin`; None where none has."""
    ops = now.trainer.program.ops[begin - 1 : now.done]
    return next((op for op in reversed(ops) if op.output == tensor), None)


def _makers(now: Now, op: Op) -> list[Op]:
    """The ops of the update that an op's output hangs on, itself last.

    Those of an earlier update in the same step have computed other numbers.
    """
    ops = [o for o in now.trainer.program.ops if o.phase == "update" and o.number <= op.number]
    wanted: set[str] = {op.output}
    kept: dict[str, Op] = {}
    for candidate in reversed(ops):
        if candidate.output in wanted and candidate.output not in kept:
            wanted |= set(candidate.inputs)
            kept[candidate.output] = candidate
    return list(kept.values())[::-1]


def _updates(now: Now, writer: Writer, last: Op, at: Index) -> Iterator[Update]:
    if not now.trainer.program.objectives:
        yield from _origins(now, writer, last, at)
        return
    for op in _makers(now, last):
        index = at if now.trainer.program.tensors[op.output].public_shape(0) else ()
        yield _update(now, writer, op, [index])


def _update(now: Now, writer: Writer, op: Op, indices: Iterable[Index]) -> Update:
    lines = (writer.one_line(op, index, now.terms(op, index)) for index in indices)
    return Update(op.kind.title, op.formula, tuple(lines))


def _origins(now: Now, writer: Writer, last: Op, at: Index) -> Iterator[Update]:
    """The ops of this step that a cell hangs on, each at the cells that count; itself last."""
    wanted: dict[str, set[Index]] = {last.output: {at}}
    kept: list[tuple[Op, Index]] = []
    for op in reversed(now.trainer.program.ops[: last.number]):
        for index in sorted(wanted.get(op.output, ()), reverse=True):
            kept.append((op, index))
            for term in now.terms(op, index).terms:
                for operand in term.operands:
                    if operand.tensor != last.output:
                        wanted.setdefault(operand.tensor, set()).add(operand.index)
    listed = [pair for pair in kept if pair[0].phase != "data"]
    for _, pairs in groupby(reversed(listed[:_MOST_ORIGINS]), lambda pair: pair[0].number):
        ops, indices = zip(*pairs, strict=True)
        yield _update(now, writer, ops[0], indices)


def _parts(now: Now, last: Op, at: Index, before: float) -> tuple[Part, ...]:
    """What the new value is made of beside the old one."""
    terms = now.terms(last, at)
    parts: list[Part] = []
    for term in terms.terms:
        alone = term.operands[0] if len(term.operands) == 1 else None
        if alone is None or alone.role != WEIGHT:
            parts.append(Part(_step_in(last.formula), term.value))
        elif alone.tensor != last.output:
            made = now.trainer.program.find(alone.tensor, "update")
            title = made.kind.title if made else alone.tensor
            parts.insert(0, Part(title, alone.value - before))
    return tuple(parts)


def _step_in(formula: str) -> str:
    """`−η g` out of `θ ← θ − η g`."""
    right = formula.partition("←")[2].strip() or formula
    _, minus, step = right.partition(" − ")
    if minus:
        return f"−{step}"
    before, plus, step = right.partition(" + ")
    return step if plus else before
