"""The largest number of each window, and where it was.

The gradient of a maximum goes to the number that was the largest, and to it alone: ∂a/∂x is 1 for
the winner and 0 for the others, and of equal numbers the first in reading order wins. A number
that won several windows gets the sum.
Source: Goodfellow, Bengio and Courville, "Deep learning" (2016), section 9.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nntui.engine.ops.conv import window_of
from nntui.engine.ops.kind import (
    Bench,
    Call,
    Index,
    Kind,
    Look,
    Operand,
    Term,
    Terms,
    cell,
    product,
    single,
)
from nntui.engine.ops.pool import UNREAD, by_tile, copy, meeting, tiles_of, under, windows_over
from nntui.engine.options import Array
from nntui.engine.program import Op
from nntui.engine.window import Window

if TYPE_CHECKING:
    from nntui.engine.autodiff import Tape


@dataclass(frozen=True, eq=False)
class _Contest:
    """Comparing the numbers of every window, first along its rows, then down its column of rows.

    Along the rows, every number of the image is compared with those to its right: more than the
    windows need, but in one run through memory, which is quicker than picking them out. Where a
    number is larger than all before it, a mask says so; the winners come from the masks. NaN is
    larger than nothing, but makes its maximum NaN.

    Attributes:
        calls: find the largest numbers.
        along: (offset, mask over the image) for each column of the window but the first.
        down: (offset, mask over the places) for each row of the window but the first.
    """

    calls: Sequence[Call]
    along: Sequence[tuple[int, Array]]
    down: Sequence[tuple[int, Array]]


def _maximum(a: Array, b: Array, out: Array) -> Call:
    """Fill out with max(a, b); NumPy takes the output of this one by name only."""
    return (partial(np.maximum, out=out), a, b)


def _contest(bench: Bench, x: str, a: str, window: Window) -> _Contest:
    """The contest of the windows of `x` for `a`: the same for every op that asks."""

    def compare() -> _Contest:
        image, out = bench[x], bench[a]
        places = window.places((image.shape[1], image.shape[2]))
        assert image.flags.c_contiguous
        flat, batch = image.reshape(-1), image.shape[-1]
        calls: list[Call] = []
        along, best = [], flat
        largest = bench.scratch(*image.shape)
        for q in range(1, window.kernel[1]):
            mask = bench.scratch(*image.shape, dtype=np.bool_)
            count = flat.size - q * batch
            here, right = best[:count], flat[q * batch :]
            calls.append((np.greater, right, here, mask.reshape(-1)[:count]))
            calls.append(_maximum(here, right, largest.reshape(-1)[:count]))
            best = largest.reshape(-1)
            along.append((q, mask))
        rows = [
            window.strip(best.reshape(image.shape), (p, 0), places) for p in range(window.kernel[0])
        ]
        down, top = [], rows[0]
        for p, row in enumerate(rows[1:], 1):
            mask = bench.scratch(*out.shape, dtype=np.bool_)
            calls.append((np.greater, row, top, mask))
            calls.append(_maximum(top, row, out))
            top = out
            down.append((p, mask))
        if not down:
            calls.append(copy(rows[0], out))
        return _Contest(tuple(calls), along, down)

    return bench.shared(f"contest in {x} for {a} under {window}", compare)


def _max(bench: Bench, op: Op) -> Sequence[Call]:
    return _contest(bench, op.inputs[0], op.output, window_of(op)).calls


def _number(window: Window) -> Any:
    """A small dtype that can count the cells of a window."""
    return np.int8 if window.count <= np.iinfo(np.int8).max else np.int32


def _column(bench: Bench, contest: _Contest, image: Array, number: Any) -> tuple[list[Call], Array]:
    """Where in a row of a window its largest number is: for the row that begins at each cell."""
    if len(contest.along) == 1 and number is np.int8:
        return [], contest.along[0][1].view(np.int8)
    column, later = (bench.scratch(*image.shape, dtype=number) for _ in range(2))
    calls = []
    for q, mask in contest.along:
        # Numbers grow along the row: the last that beat all before it is the largest.
        calls.append((np.multiply, mask, np.array(q, number), later))
        calls.append(_maximum(column, later, column) if q > 1 else copy(later, column))
    return calls, column


def _winner(bench: Bench, op: Op) -> Sequence[Call]:
    x, a = op.inputs
    window, image, out = window_of(op), bench[x], bench[op.output]
    number, contest = _number(window), _contest(bench, x, a, window)
    places = window.places((image.shape[1], image.shape[2]))
    calls, column = _column(bench, contest, image, number)
    best, rival = (bench.scratch(*out.shape, dtype=number) for _ in range(2))
    top = window.strip(column, (0, 0), places)
    for p, mask in contest.down:
        start = np.array(p * window.kernel[1], number)
        calls.append((np.add, window.strip(column, (p, 0), places), start, rival))
        calls.append((np.multiply, rival, mask.view(np.int8), rival))
        calls.append(_maximum(top, rival, best))
        top = best
    return [*calls, copy(top, out)]


def _first_largest(candidates: Sequence[Operand]) -> int:
    return int(np.argmax([each.value for each in candidates]))


def _comparison(function: str, candidates: Sequence[Operand], value: float) -> Term:
    """`max({0}, {1}, {2}, {3})`, the winner marked."""
    winner = _first_largest(candidates)
    operands = [replace(o, role="winner") if k == winner else o for k, o in enumerate(candidates)]
    names = ", ".join(f"{{{k}}}" for k in range(len(operands)))
    return Term(tuple(operands), f"{function}({names})", value)


def _where(window: Window, number: int) -> str:
    """The cell of a window with a number, counted from 0, in words."""
    row, column = divmod(number, window.kernel[1])
    return f"row {row + 1}, column {column + 1} of the window"


def _max_terms(look: Look, op: Op, index: Index) -> Terms:
    candidates = under(look, op, index)
    value = float(look.now(op.output)[index])
    note = f"the largest is in {_where(window_of(op), _first_largest(candidates))}"
    return single(_comparison("max", candidates, value), value, note)


def _winner_terms(look: Look, op: Op, index: Index) -> Terms:
    candidates = under(look, op, index)
    value = float(look.now(op.output)[index])
    note = f"cell {value:g}, counted from 0, is {_where(window_of(op), int(value))}"
    return single(_comparison("argmax", candidates, value), value, note)


def _max_gradient(tape: Tape, op: Op) -> None:
    winner = op.attributes["winner"]
    inputs = (tape.upstream(op), winner)
    tape.send(op, op.inputs[0], "max_pool2d_grad", inputs, window=window_of(op))


def _max_backward(bench: Bench, op: Op) -> Sequence[Call]:
    upstream, winner = (bench[name] for name in op.inputs)
    window, out = window_of(op), bench[op.output]
    if window.is_tile:
        return _route_in_tiles(bench, window, upstream, winner, out)
    number = bench.scratch(*winner.shape, dtype=_number(window))
    calls = [copy(winner, number), copy(bench.constant(0.0), out)]
    wins = bench.scratch(*winner.shape, dtype=np.bool_)
    part = bench.scratch(*winner.shape)
    for k, offset in enumerate(window.offsets()):
        strip = window.strip(out, offset, (winner.shape[1], winner.shape[2]))
        calls += [
            (np.equal, number, np.array(k, number.dtype), wins),
            (np.multiply, upstream, wins, part),
            (np.add, strip, part, strip),
        ]
    return calls


def _route_in_tiles(
    bench: Bench, window: Window, upstream: Array, winner: Array, out: Array
) -> list[Call]:
    """Every cell gets its window's gradient times 1 or 0, all cells at once."""
    tiles, calls = tiles_of(bench, window, out)
    number = bench.scratch(*winner.shape, dtype=_number(window))
    numbers, own = (bench.scratch(*tiles.shape, dtype=number.dtype) for _ in range(2))
    own[...] = np.arange(window.count).reshape(window.kernel[0], 1, window.kernel[1], 1)
    wins, factor = bench.scratch(*tiles.shape, dtype=np.bool_), bench.scratch(*tiles.shape)
    return [
        *calls,
        copy(winner, number),
        copy(by_tile(number), numbers),
        (np.equal, numbers, own, wins),
        copy(wins, factor),
        copy(by_tile(upstream), tiles),
        (np.multiply, tiles, factor, tiles),
    ]


def _max_backward_terms(look: Look, op: Op, index: Index) -> Terms:
    upstream, winner = op.inputs
    terms = []
    for at, number in windows_over(look, op, index):
        won = cell(look, winner, at)
        local = 1.0 if won.value == number else 0.0
        origin = Term((won,), f"1 where {{0}} = {number}, else 0", local)
        factor = Operand(local, symbol="∂a/∂x", role="local derivative", origin=origin)
        terms.append(product(cell(look, upstream, at, "upstream gradient"), factor))
    result = float(look.now(op.output)[index])
    return Terms(tuple(terms) or (UNREAD,), result, note=meeting(len(terms)))


KINDS: Final = (
    Kind(
        name="max_pool2d",
        title="largest of each window",
        sentence="Compare the numbers of each window and keep the largest.",
        formula="a = max of each window",
        calls=_max,
        terms=_max_terms,
        gradient=_max_gradient,
    ),
    Kind(
        name="winner",
        title="where the largest was",
        sentence="Remember which number of each window was the largest: on the way back, it alone "
        "gets the gradient.",
        formula="k = argmax of each window",
        calls=_winner,
        terms=_winner_terms,
    ),
    Kind(
        name="max_pool2d_grad",
        title="gradient through the maximum",
        sentence="The winner of each window gets what came back; the others get 0, since a small "
        "change of theirs changes no maximum.",
        formula="∂L/∂x = ∂L/∂a where x won, else 0",
        calls=_max_backward,
        terms=_max_backward_terms,
    ),
)
