"""Two branches side by side: where they part, and how far apart they have come.

The first op at which they differ is found by running both again from the last state they share, op
by op, and comparing bits. What a branch has not been run to yet is run here, beside it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from nntui.session.branch import Branch
from nntui.session.differences import (
    FirstDifference,
    NumberDifference,
    count,
    first_difference,
    furthest,
)
from nntui.session.edit import Edit, Moment
from nntui.session.frame import Curve
from nntui.session.replay import Replay
from nntui.session.symbols import Symbols

T = TypeVar("T")


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
    symbols: Symbols,
) -> Generator[float, None, Comparison]:
    """Find out what has to be computed, reporting how far it has come, from 0 to 1.

    Args:
        replays: of the two branches.
        last: the training step up to which to look for a difference.
    """
    one, other = replays
    yield from _together(replays, comparison.step, 0.0, 0.4)
    by_size, by_ratio = (furthest(one, other, symbols, relative=r) for r in (False, True))
    differing, numbers = count(one, other)
    first = None
    if comparison.parted is not None:
        yield from _together(replays, comparison.parted - 1, 0.4, 0.8)
        edits = [edit for side in comparison.sides for edit in side.edits]
        search = first_difference(one, other, edits, last, symbols)
        first = yield from _part(search, 0.8, 1.0)
    return replace(
        comparison,
        first=first,
        searched=last,
        differing=differing,
        numbers=numbers,
        by_size=by_size,
        by_ratio=by_ratio,
        complete=True,
    )


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


def _together(
    replays: tuple[Replay, Replay], done: int, start: float, end: float
) -> Iterator[float]:
    """Bring both to where so many steps are done, from one share of the whole work to another."""
    middle = (start + end) / 2
    yield from _part(replays[0].go(done), start, middle)
    yield from _part(replays[1].go(done), middle, end)


def _part(work: Generator[float, None, T], start: float, end: float) -> Generator[float, None, T]:
    """A part of the work, from one share of the whole to another."""
    while True:
        try:
            share = next(work)
        except StopIteration as over:
            result: T = over.value
            return result
        yield start + (end - start) * share
