"""The convolution of a layer of filters and its three gradients.

z[f, r, c] = Σ w[f, k, p, q] · x[k, r + p, c + q] + b[f], the sum over the channels k of the image
and the cells (p, q) of the window whose place is (r, c); with a stride s and a border of b zeros,
r + p becomes r·s + p − b. (Signal processing calls this a cross-correlation; as in PyTorch, no
filter is turned round.) For upstream gradient δ = ∂L/∂z, sums over all the places where a number
was read give ∂L/∂w, ∂L/∂b and ∂L/∂x.
Source: Goodfellow, Bengio and Courville, "Deep learning" (2016), sections 9.1 and 9.5.

In memory weights and bias are one matrix [W | b] with a row for each filter, and the patches of the
image carry a row of ones: one product for the whole batch, and one for both parameter gradients.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from nntui.engine.ops.kind import (
    MANY,
    Bench,
    Call,
    Index,
    Kind,
    Look,
    Operand,
    Term,
    Terms,
    alone,
    cell,
    constant,
    product,
)
from nntui.engine.ops.patches import patches, spread
from nntui.engine.options import Array
from nntui.engine.program import Op
from nntui.engine.window import Pair, Window

if TYPE_CHECKING:
    from nntui.engine.autodiff import Tape


def window_of(op: Op) -> Window:
    """What slides over the image in this op."""
    window = op.attributes["window"]
    assert isinstance(window, Window)
    return window


def _by_filter(array: Array) -> Array:
    """(filters, …) as a matrix with a row for each filter: a view."""
    assert array.flags.c_contiguous
    return array.reshape(len(array), -1)


def _forward(bench: Bench, op: Op) -> Sequence[Call]:
    x, weight, *bias = op.inputs
    found = patches(bench, x, window_of(op))
    filters = bench.block(weight, *bias)
    assert filters is not None
    matrix = found.matrix[: filters.shape[1]]
    return [*found.calls, (filters.dot, matrix, _by_filter(bench[op.output]))]


def _forward_terms(look: Look, op: Op, index: Index) -> Terms:
    x, weight, *bias = op.inputs
    window = window_of(op)
    sample, f, *place = index
    _, channels, height, width = look.now(x).shape
    pixels = _cells(look, x, "input")
    under = list(window.under((place[0], place[1]), (height, width)))
    terms = [
        term
        for channel in range(channels)
        for at, pixel in under
        for term in _product(
            cell(look, weight, (f, channel, *at), "weight"), pixels, (sample, channel), pixel
        )
    ]
    terms += [alone(cell(look, b, (f,), "bias")) for b in bias]
    outside = sum(pixel is None for _, pixel in under)
    note = f"{outside} of the {window.count} cells of the window lie outside the image and count 0"
    return _sum(look, op, index, terms, note if outside else "")


_Cells = Callable[..., Operand]
"""The cells of a tensor by their index."""


def _cells(look: Look, tensor: str, role: str) -> _Cells:
    """A tensor's cells as operands; hundreds of them look the tensor up once."""
    array = look.now(tensor)
    return lambda *index: Operand(float(array[index]), tensor, index, role=role)


def _product(
    factor: Operand, pixels: _Cells, image: tuple[int, int], pixel: Pair | None
) -> Iterator[Term]:
    """A factor times a pixel; in the border nothing, unless 0 times the factor is not 0.

    Args:
        image: the sample and the channel of the pixel.
    """
    if pixel is not None:
        yield product(factor, pixels(*image, *pixel))
    elif not math.isfinite(factor.value):
        yield product(factor, _NOTHING)


def _gradient(tape: Tape, op: Op) -> None:
    x, weight, *bias = op.inputs
    delta = tape.upstream(op)
    window = window_of(op)
    options = {"window": window, "bias": f"{bias[0]}.grad" if bias else ""}
    part = tape.send(op, weight, "conv2d_weight_grad", (delta, x), **options)
    for b in bias:
        # One product gives both gradients of [W | b], unless the weight's is summed first.
        tape.send(op, b, "conv2d_bias_grad", (delta,), given=part == f"{weight}.grad")
    if tape.needs(x):
        options = {"window": window, "bias": "".join(bias)}
        tape.send(op, x, "conv2d_input_grad", (delta, weight), **options)


def _weight_calls(bench: Bench, op: Op) -> Sequence[Call]:
    delta, x = op.inputs
    bias = op.attributes["bias"]
    found = patches(bench, x, window_of(op))
    out = bench.block(op.output, bias) if bias else bench.block(op.output)
    if out is None:
        out = _by_filter(bench[op.output])
    matrix = found.matrix[: out.shape[1]]
    return [*found.calls, (_by_filter(bench[delta]).dot, matrix.T, out)]


def _weight_terms(look: Look, op: Op, index: Index) -> Terms:
    delta, x = op.inputs
    window = window_of(op)
    f, channel, p, q = index
    samples, _, rows, columns = look.now(delta).shape
    _, _, height, width = look.now(x).shape
    read = [
        (place, window.cell(place, (p, q), (height, width)))
        for place in itertools.product(range(rows), range(columns))
    ]
    over = _over(samples, sum(pixel is not None for _, pixel in read))
    if samples * len(read) > _MOST:
        image = np.asarray(look.now(x), np.float64)[:, channel]
        outside = np.zeros(samples)
        below = [outside if at is None else image[:, at[0], at[1]] for _, at in read]
        upstream = np.asarray(look.now(delta), np.float64)[:, f].reshape(samples, -1)
        return _by_sample(look, op, index, (upstream * np.stack(below, 1)).sum(1), over)
    given, pixels = _cells(look, delta, "upstream gradient"), _cells(look, x, "local derivative")
    terms = [
        term
        for s in range(samples)
        for place, pixel in read
        for term in _product(given(s, f, *place), pixels, (s, channel), pixel)
    ]
    return _sum(look, op, index, terms, over)


def _by_sample(look: Look, op: Op, index: Index, sums: Array, over: str) -> Terms:
    """A very long sum, with a term for each sample: what its places come to together."""
    terms = [alone(constant(float(s), f"Σ⁽{k}⁾")) for k, s in enumerate(sums, 1)]
    return _sum(look, op, index, terms, f"{over}; shown is what each sample adds")


def _bias_calls(bench: Bench, op: Op) -> Sequence[Call]:
    (delta,) = op.inputs
    if op.attributes["given"]:
        return []
    return [(np.add.reduce, _by_filter(bench[delta]), 1, None, bench[op.output])]


def _bias_terms(look: Look, op: Op, index: Index) -> Terms:
    (delta,) = op.inputs
    (f,) = index
    values = look.now(delta)
    samples, _, *places = values.shape
    count = places[0] * places[1]
    if samples * count > _MOST:
        sums = np.asarray(values[:, f], np.float64).sum((1, 2))
        return _by_sample(look, op, index, sums, _over(samples, count))
    given = _cells(look, delta, "upstream gradient")
    terms = [alone(given(s, f, *place)) for s in range(samples) for place in np.ndindex(*places)]
    return _sum(look, op, index, terms, _over(samples, count))


def _input_calls(bench: Bench, op: Op) -> Sequence[Call]:
    delta, weight = op.inputs
    bias, window = op.attributes["bias"], window_of(op)
    by_filter, image = _by_filter(bench[delta]), bench[op.output]
    filters = bench.block(weight, bias) if bias else bench.block(weight)
    assert filters is not None
    cells = len(image) * window.count
    # The whole of [W | b] is contiguous, its weights are not: one row too many costs less.
    parts = bench.scratch(filters.shape[1], by_filter.shape[1])
    calls: list[Call] = [(filters.T.dot, by_filter, parts)]
    return calls + spread(bench, parts[:cells], window, image)


def _input_terms(look: Look, op: Op, index: Index) -> Terms:
    delta, weight = op.inputs
    sample, channel, row, column = index
    _, filters, *places = look.now(delta).shape
    reached = list(window_of(op).reaching((row, column), (places[0], places[1])))
    terms = [
        product(
            cell(look, delta, (sample, f, *place), "upstream gradient"),
            cell(look, weight, (f, channel, *at), "local derivative"),
        )
        for f in range(filters)
        for place, at in reached
    ]
    note = f"{len(reached)} places of each filter reach this cell"
    return _sum(look, op, index, terms, note if len(reached) > 1 else "")


_MOST: Final = 20 * MANY
"""A sum of more products than this is shown by sample."""


def _sum(look: Look, op: Op, index: Index, terms: Sequence[Term], note: str) -> Terms:
    """A cell that is the sum of `terms`; 0 where there are none."""
    found = tuple(terms) or (alone(_NOTHING),)
    return Terms(found, float(look.now(op.output)[index]), note=note)


_NOTHING: Final = Operand(0.0, symbol="0")


def _over(samples: int, places: int) -> str:
    batch = f"the {samples} samples of the batch" if samples > 1 else ""
    filter_ = f"{places} places of the filter" if places > 1 else ""
    return " and ".join(filter(None, (f"the sum over {batch}" if batch else "", filter_)))


KINDS: Final = (
    Kind(
        name="conv2d",
        title="pre-activation",
        sentence="Lay each filter on every place of the image: its weights times the numbers below "
        "them, added up over all channels, and its bias.",
        formula="z = w ⋆ x{bias}",
        calls=_forward,
        terms=_forward_terms,
        gradient=_gradient,
    ),
    Kind(
        name="conv2d_weight_grad",
        title="gradient of the weights",
        sentence="A weight is used at every place, so its gradient is a sum over all of them: the "
        "gradient at the place, times the number the weight was laid on.",
        formula="∂L/∂w = ∂L/∂z ⋆ x",
        calls=_weight_calls,
        terms=_weight_terms,
    ),
    Kind(
        name="conv2d_bias_grad",
        title="gradient of the biases",
        sentence="A bias is added at every place, so its gradient is the sum of those of all "
        "places.",
        formula="∂L/∂b = Σ ∂L/∂z",
        calls=_bias_calls,
        terms=_bias_terms,
    ),
    Kind(
        name="conv2d_input_grad",
        title="gradient of the image",
        sentence="Each number of the image was read at several places by every filter: what came "
        "back at each of them, times the weight that lay on it.",
        formula="∂L/∂x = Σ ∂L/∂z · w",
        calls=_input_calls,
        terms=_input_terms,
    ),
)
