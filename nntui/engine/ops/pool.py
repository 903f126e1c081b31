"""Pooling, and the mean of each window.

A mean hands 1/n of its gradient to each of its n numbers; a number under several windows gets the
sum. The largest of each window is in `max_pool`.
Source: Goodfellow, Bengio and Courville, "Deep learning" (2016), section 9.3.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from nntui.engine.ops.conv import window_of
from nntui.engine.ops.kind import (
    Bench,
    Call,
    Index,
    Kind,
    Look,
    Operand,
    Terms,
    alone,
    cell,
    constant,
)
from nntui.engine.options import Array
from nntui.engine.program import Op
from nntui.engine.window import Window

if TYPE_CHECKING:
    from nntui.engine.autodiff import Tape


def copy(source: Array, out: Array) -> Call:
    """The call that copies, and converts where the dtypes differ."""
    return (operator.setitem, out, Ellipsis, source)


def tiles_of(bench: Bench, window: Window, out: Array) -> tuple[Array, list[Call]]:
    """What windows side by side cover, (channels, rows, height, columns, width, batch): a view.

    The calls set what no window covers to 0.
    """
    channels, height, width, batch = out.shape
    (rows, columns), (high, wide) = window.places((height, width)), window.kernel
    zero = bench.constant(0.0)
    calls = []
    if rows * high < height:
        calls.append(copy(zero, out[:, rows * high :]))
    if columns * wide < width:
        calls.append(copy(zero, out[:, :, columns * wide :]))
    covered = out[:, : rows * high, : columns * wide]
    return covered.reshape(channels, rows, high, columns, wide, batch), calls


def by_tile(array: Array) -> Array:
    """(channels, rows, columns, batch), shaped to meet tiles."""
    return array[:, :, np.newaxis, :, np.newaxis]


def under(look: Look, op: Op, index: Index) -> list[Operand]:
    """The numbers of the window that a cell of the output stands for, in reading order."""
    x = op.inputs[0]
    sample, channel, *place = index
    size = look.now(x).shape[2:]
    found = window_of(op).under((place[0], place[1]), (size[0], size[1]))
    return [cell(look, x, (sample, channel, *pixel)) for _, pixel in found if pixel is not None]


def windows_over(look: Look, op: Op, index: Index) -> list[tuple[Index, int]]:
    """(output cell, number of the cell in its window) for each window over a cell of the image."""
    places = look.now(op.inputs[0]).shape[2:]
    window = window_of(op)
    sample, channel, row, column = index
    return [
        ((sample, channel, *place), p * window.kernel[1] + q)
        for place, (p, q) in window.reaching((row, column), (places[0], places[1]))
    ]


def meeting(windows: int) -> str:
    """What to say of a cell that so many windows share."""
    if not windows:
        return "no window reaches this cell"
    return f"{windows} windows share this cell" if windows > 1 else ""


UNREAD: Final = alone(constant(0.0, "0"))
"""The gradient of a number that no window reads."""


def _mean(bench: Bench, op: Op) -> Sequence[Call]:
    image, out = bench[op.inputs[0]], bench[op.output]
    window = window_of(op)
    places = (out.shape[1], out.shape[2])
    first, *rest = (window.strip(image, offset, places) for offset in window.offsets())
    calls = [copy(first, out)]
    calls += [(np.add, out, strip, out) for strip in rest]
    return [*calls, (np.divide, out, bench.constant(window.count), out)]


def _mean_terms(look: Look, op: Op, index: Index) -> Terms:
    candidates = under(look, op, index)
    result = float(look.now(op.output)[index])
    return Terms(tuple(map(alone, candidates)), result, f"({{}}) / {len(candidates)}")


def _mean_gradient(tape: Tape, op: Op) -> None:
    tape.send(op, op.inputs[0], "avg_pool2d_grad", (tape.upstream(op),), **op.attributes)


def _mean_backward(bench: Bench, op: Op) -> Sequence[Call]:
    upstream, out = bench[op.inputs[0]], bench[op.output]
    window = window_of(op)
    part = bench.scratch(*upstream.shape)
    share: Call = (np.divide, upstream, bench.constant(window.count), part)
    if window.is_tile:
        tiles, calls = tiles_of(bench, window, out)
        return [*calls, share, copy(by_tile(part), tiles)]
    places = (upstream.shape[1], upstream.shape[2])
    strips = [window.strip(out, offset, places) for offset in window.offsets()]
    calls = [share, copy(bench.constant(0.0), out)]
    return calls + [(np.add, strip, part, strip) for strip in strips]


def _mean_backward_terms(look: Look, op: Op, index: Index) -> Terms:
    (upstream,) = op.inputs
    found = [at for at, _ in windows_over(look, op, index)]
    terms = tuple(alone(cell(look, upstream, at, "upstream gradient")) for at in found)
    result = float(look.now(op.output)[index])
    wrap = f"({{}}) / {window_of(op).count}"
    return Terms(terms or (UNREAD,), result, wrap, meeting(len(found)))


KINDS: Final = (
    Kind(
        name="avg_pool2d",
        title="mean of each window",
        sentence="Keep the mean of each window.",
        formula="a = mean of each window",
        calls=_mean,
        terms=_mean_terms,
        gradient=_mean_gradient,
    ),
    Kind(
        name="avg_pool2d_grad",
        title="gradient through the mean",
        sentence="A mean of {count} numbers hands 1/{count} of what came back to each of them.",
        formula="∂L/∂x = ∂L/∂a / {count}",
        calls=_mean_backward,
        terms=_mean_backward_terms,
    ),
)
