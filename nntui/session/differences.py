"""How two runs of one program differ: the first op whose output is not the same on both, and the
numbers of the parameters that are the furthest apart.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from nntui.engine.ops.kind import Index
from nntui.engine.options import Array
from nntui.engine.program import Op
from nntui.session.edit import Edit
from nntui.session.frame import Cell
from nntui.session.replay import Replay
from nntui.session.symbols import Symbols

_MOST: Final = 100
"""Numbers that are listed in either order."""


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


# --- the first op ---------------------------------------------------------------------------------


def first_difference(
    one: Replay, other: Replay, edits: Sequence[Edit], last: int, symbols: Symbols
) -> Generator[float, None, FirstDifference | None]:
    """Run two on, op by op, until an output differs; reports how far it has come, from 0 to 1.

    Args:
        edits: the changes that are made in one of them only.
        last: the training step to stop after.
    """
    first, changed = one.done, {edit.step for edit in edits}
    while one.done < last:
        same = _same(one, other)
        if same and one.done >= max(changed, default=0):
            # With the same state and no change to come they never differ.
            return None
        if same and one.done + 1 not in changed:
            one.step()
            other.step()
        else:
            found = _in_step(one, other, edits, symbols)
            if found is not None:
                return found
        yield (one.done - first) / (last - first)
    return None


def _in_step(
    one: Replay, other: Replay, edits: Sequence[Edit], symbols: Symbols
) -> FirstDifference | None:
    """Run the next step op by op, up to an output that differs."""
    one.begin()
    other.begin()
    for op in one.now.trainer.program.ops:
        one.advance(op.number)
        other.advance(op.number)
        values = one.now.now(op.output), other.now.now(op.output)
        if values[0].tobytes() != values[1].tobytes():
            edited = any(
                (e.step, e.op, e.tensor) == (one.now.step, op.number, op.output) for e in edits
            )
            return _described(one, op, values, symbols, edited=edited)
    return None


def _same(one: Replay, other: Replay) -> bool:
    """Whether what a step is computed from is the same on both."""
    states = [replay.now.trainer.state.vector.tobytes() for replay in (one, other)]
    return states[0] == states[1]


def _described(
    replay: Replay, op: Op, values: tuple[Array, Array], symbols: Symbols, *, edited: bool
) -> FirstDifference:
    a, b = values
    differing = _differing(a, b)
    index = _index(int(np.where(differing, _size(a, b), -1.0).argmax()), a.shape)
    batched = replay.now.trainer.program.tensors[op.output].batched
    return FirstDifference(
        step=replay.now.step,
        op=op.number,
        name=symbols.name(op, index),
        cell=Cell(op.output, index[1:] if batched else index),
        sample=index[0] if batched else None,
        values=(float(a[index]), float(b[index])),
        differing=int(differing.sum()),
        cells=a.size,
        edited=edited,
    )


# --- numbers --------------------------------------------------------------------------------------


def furthest(
    one: Replay, other: Replay, symbols: Symbols, *, relative: bool
) -> tuple[NumberDifference, ...]:
    """The numbers of the parameters that differ the most, the largest difference first.

    Args:
        relative: as a part of the larger of the two; else by size.
    """
    measure = _relative if relative else _size
    found: list[tuple[float, NumberDifference]] = []
    for name, a, b in _pairs(one, other):
        measured = np.where(_differing(a, b), measure(a, b), -1.0).reshape(-1)
        for place in np.argsort(-measured, kind="stable")[:_MOST]:
            if measured[place] < 0.0:
                break
            index = _index(int(place), a.shape)
            values = float(a[index]), float(b[index])
            number = NumberDifference(Cell(name, index), symbols.symbol(name, index), values)
            found.append((float(measured[place]), number))
    found.sort(key=lambda each: -each[0])
    return tuple(number for _, number in found[:_MOST])


def count(one: Replay, other: Replay) -> tuple[int, int]:
    """How many numbers of the parameters differ, of how many."""
    pairs = list(_pairs(one, other))
    return sum(int(_differing(a, b).sum()) for _, a, b in pairs), sum(a.size for _, a, _ in pairs)


def _pairs(one: Replay, other: Replay) -> Iterator[tuple[str, Array, Array]]:
    """Every parameter as it is in either."""
    a, b = (replay.now.trainer.state.vectors["theta"] for replay in (one, other))
    for parameter in one.now.trainer.program.parameters:
        yield parameter.name, parameter.view(a), parameter.view(b)


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
