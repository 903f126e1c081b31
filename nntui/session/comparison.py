"""Two branches side by side: where they part, and how far apart they have come.

The first op at which they differ is found by running both again from the last state they share, op
by op, and comparing bits. What a branch has not been run to yet is run here, beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from nntui.engine.ops.kind import Index
from nntui.engine.options import Array
from nntui.engine.program import Op, Parameter
from nntui.session.branch import Branch, Edit, Moment
from nntui.session.frame import Cell, Curve
from nntui.session.replay import Replay
from nntui.session.symbols import Symbols

_MOST: Final = 100
"""Numbers that are listed in either order."""

Measure = Callable[[Array, Array], Array]
"""How much two arrays differ, cell by cell."""


@dataclass(frozen=True)
class Side:
    """One of the two branches.

    Attributes:
        steps: how many training steps of it have been completed.
        loss: at the step compared; None where there is none.
        last: the loss of its last step.
        test: its last test loss up to the step compared, and its last of all, each with the step.
        curve: its losses.
        edits: what was changed on it, and not on the other.
    """

    name: str
    steps: int
    loss: float | None
    last: float | None
    test: tuple[int, float] | None
    last_test: tuple[int, float] | None
    curve: Curve
    edits: tuple[Edit, ...]


@dataclass(frozen=True)
class FirstDifference:
    """The first op whose output is not the same on both.

    Attributes:
        op: its number.
        name: the cell with the largest difference, in words.
        cell: that cell, the sample left out.
        sample: of the batch, from 0; None where the output has no batch axis.
        values: of the cell, on either side.
        differing, cells: how many cells differ, of how many.
        edited: whether it was changed by hand right after the op.
    """

    step: int
    op: int
    name: str
    cell: Cell
    sample: int | None
    values: tuple[float, float]
    differing: int
    cells: int
    edited: bool


@dataclass(frozen=True)
class NumberDifference:
    """A number of a parameter that is not the same on both."""

    cell: Cell
    symbol: str
    values: tuple[float, float]

    @property
    def change(self) -> float:
        """By how much the second is more than the first."""
        return self.values[1] - self.values[0]

    @property
    def relative(self) -> float:
        """The difference as a part of the larger of the two; infinite where one is not finite."""
        return float(_relative(*(np.array([v]) for v in self.values))[0])


@dataclass(frozen=True)
class Comparison:
    """Two branches at one training step.

    Attributes:
        parent: the last branch they have in common.
        fork: where the first of them left it.
        step: how many whole training steps have been done where they are compared.
        parted: the first step that a change made by hand can make differ; None where none does.
        first: None where no difference was found, or is known yet.
        searched: the last step that has been searched for it.
        differing, numbers: how many numbers of the parameters differ, of how many.
        by_size, by_ratio: those that differ most, by |Δ| and as a part of the larger value.
        complete: whether all of this is known.
    """

    sides: tuple[Side, Side]
    parent: str
    fork: Moment
    step: int
    parted: int | None
    first: FirstDifference | None = None
    searched: int = 0
    differing: int = 0
    numbers: int = 0
    by_size: tuple[NumberDifference, ...] = ()
    by_ratio: tuple[NumberDifference, ...] = ()
    complete: bool = False


def compare(left: Branch, right: Branch, step: int | None, ops: int) -> Comparison:
    """What is known at once: where they parted, and their losses.

    Args:
        step: to compare them at; where one has not come that far, or none is given, the last both
            have.
        ops: how many a training step has.
    """
    common = min(steps_of(left, ops), steps_of(right, ops))
    step = common if step is None else min(step, common)
    own = [tuple(e for e in a.edits if e not in b.edits) for a, b in _both_ways(left, right)]
    # What is changed after the last op of a step concerns the next one.
    changed = [e.step + (e.op == ops) for edits in own for e in edits]
    parent, fork = _fork(left, right)
    return Comparison(
        sides=(_side(left, step, own[0], ops), _side(right, step, own[1], ops)),
        parent=parent.name,
        fork=fork,
        step=step,
        parted=min(changed, default=None),
    )


def complete(
    comparison: Comparison,
    replays: tuple[Replay, Replay],
    last: int,
    ops: Sequence[Op],
    parameters: Sequence[Parameter],
    symbols: Symbols,
) -> Generator[float, None, Comparison]:
    """Find out what has to be computed, reporting how far it has come, from 0 to 1.

    Args:
        replays: of the two branches.
        last: the training step up to which to look for a difference.
    """
    yield from _together(replays, comparison.step, 0.0, 0.4)
    theta = [replay.now.trainer.state.vectors["theta"] for replay in replays]
    pairs = [(p, p.view(theta[0]), p.view(theta[1])) for p in parameters]
    by_size, by_ratio = (_most(pairs, symbols, measure) for measure in (_size, _relative))
    comparison = replace(
        comparison,
        by_size=by_size,
        by_ratio=by_ratio,
        differing=sum(int(_differing(a, b).sum()) for _, a, b in pairs),
        numbers=sum(a.size for _, a, _ in pairs),
    )
    first = None
    if comparison.parted is not None:
        yield from _together(replays, comparison.parted - 1, 0.4, 0.8)
        first = yield from _search(replays, comparison, last, ops, symbols)
    return replace(comparison, first=first, searched=last, complete=True)


def steps_of(branch: Branch, ops: int) -> int:
    """How many training steps of a branch have been completed."""
    step, op = branch.frontier
    return step if op == ops else step - 1


def _side(branch: Branch, step: int, edits: tuple[Edit, ...], ops: int) -> Side:
    steps, losses, tests = steps_of(branch, ops), branch.losses, branch.tests
    return Side(
        name=branch.name,
        steps=steps,
        loss=losses.at(step),
        last=losses.at(steps),
        test=_last(tests.curve(step)),
        last_test=_last(tests.curve(steps)),
        curve=losses.curve(steps),
        edits=edits,
    )


def _last(curve: Curve) -> tuple[int, float] | None:
    return (int(curve.x[-1]), curve.y[-1]) if curve.x else None


def _both_ways(left: Branch, right: Branch) -> Iterator[tuple[Branch, Branch]]:
    yield left, right
    yield right, left


def _fork(left: Branch, right: Branch) -> tuple[Branch, Moment]:
    """The last branch that both come from, and where the first of them left it."""
    of_left, of_right = list(left.lineage()), list(right.lineage())
    parent = next(branch for branch in of_left if branch in of_right)
    lines = [line for line in (of_left, of_right) if line[0] is not parent]
    return parent, min(line[line.index(parent) - 1].fork for line in lines)


# --- the first op ---------------------------------------------------------------------------------


def _together(
    replays: tuple[Replay, Replay], done: int, start: float, end: float
) -> Iterator[float]:
    """Bring both to where so many steps are done; the two share the way from `start` to `end`."""
    for k, replay in enumerate(replays):
        for share in replay.go(done):
            yield start + (end - start) * (k + share) / 2


def _search(
    replays: tuple[Replay, Replay],
    comparison: Comparison,
    last: int,
    ops: Sequence[Op],
    symbols: Symbols,
) -> Generator[float, None, FirstDifference | None]:
    """Go on op by op until one's output differs."""
    one, other = replays
    first = one.done
    edits = [e for side in comparison.sides for e in side.edits]
    changed = {e.step for e in edits}
    while one.done < last:
        same = _same(one, other)
        if same and one.done >= max(changed):
            # With the same state and no change to come they never differ.
            return None
        if same and one.done + 1 not in changed:
            for replay in replays:
                replay.step()
        else:
            for replay in replays:
                replay.begin()
            for op in ops:
                for replay in replays:
                    replay.advance(op.number)
                values = [replay.now.now(op.output) for replay in replays]
                if values[0].tobytes() != values[1].tobytes():
                    return _described(one.now.step, op, values, edits, symbols, one)
        yield 0.8 + 0.2 * (one.done - first) / (last - first)
    return None


def _same(one: Replay, other: Replay) -> bool:
    """Whether what a step is computed from is the same on both."""
    states = [replay.now.trainer.state.vector.tobytes() for replay in (one, other)]
    return states[0] == states[1]


def _described(
    step: int,
    op: Op,
    values: Sequence[Array],
    edits: Sequence[Edit],
    symbols: Symbols,
    replay: Replay,
) -> FirstDifference:
    a, b = values
    differing = _differing(a, b)
    index = _index(int(np.where(differing, _size(a, b), -1.0).argmax()), a.shape)
    batched = replay.now.trainer.program.tensors[op.output].batched
    return FirstDifference(
        step=step,
        op=op.number,
        name=symbols.name(op, index),
        cell=Cell(op.output, index[1:] if batched else index),
        sample=index[0] if batched else None,
        values=(float(a[index]), float(b[index])),
        differing=int(differing.sum()),
        cells=a.size,
        edited=any((e.step, e.op, e.tensor) == (step, op.number, op.output) for e in edits),
    )


# --- numbers --------------------------------------------------------------------------------------


def _most(
    pairs: Sequence[tuple[Parameter, Array, Array]], symbols: Symbols, measure: Measure
) -> tuple[NumberDifference, ...]:
    """The numbers that differ the most by some measure, the largest first."""
    found: list[tuple[float, NumberDifference]] = []
    for parameter, a, b in pairs:
        measured = np.where(_differing(a, b), measure(a, b), -1.0).reshape(-1)
        for place in np.argsort(-measured, kind="stable")[:_MOST]:
            if measured[place] < 0.0:
                break
            index = _index(int(place), a.shape)
            cell, symbol = Cell(parameter.name, index), symbols.symbol(parameter.name, index)
            values = float(a[index]), float(b[index])
            found.append((float(measured[place]), NumberDifference(cell, symbol, values)))
    found.sort(key=lambda one: -one[0])
    return tuple(number for _, number in found[:_MOST])


def _differing(a: Array, b: Array) -> Array:
    """Which cells have other bits."""
    bits = [np.ascontiguousarray(x).reshape(-1).view(np.uint8) for x in (a, b)]
    unequal: Array = (bits[0] != bits[1]).reshape(a.size, -1).any(-1).reshape(a.shape)
    return unequal


def _size(a: Array, b: Array) -> Array:
    """|b − a|; infinite where a number is not finite on one side."""
    with np.errstate(all="ignore"):
        change = np.abs(b.astype(np.float64) - a)
    return np.where(np.isnan(change), np.inf, change)


def _relative(a: Array, b: Array) -> Array:
    """|b − a| as a part of the larger of |a| and |b|."""
    with np.errstate(all="ignore"):
        larger = np.maximum(np.abs(a), np.abs(b))
        part = _size(a, b) / np.where(larger > 0, larger, 1.0)
    return np.where(np.isnan(part), np.inf, part)


def _index(place: int, shape: tuple[int, ...]) -> Index:
    return tuple(int(i) for i in np.unravel_index(place, shape)) if shape else ()
