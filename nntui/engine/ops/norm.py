"""Normalisation: mean, variance, x̂ = (x − μ) / √(σ² + ε), a = γ x̂ + β.

Layer norm takes μ and σ² over a sample's features (Ba, Kiros and Hinton, 2016), batch norm over the
batch, feature by feature (Ioffe and Szegedy, 2015). Through x̂ the gradient is
∂L/∂x = (g − mean g − x̂ · mean(g x̂)) / √(σ² + ε), with g = ∂L/∂x̂ and the means over the same axis:
the terms with means are what comes back through μ and σ².

In the engine's layout (features, columns) the axis is 0 for layer norm and 1 for batch norm. A
sequence has a column for each time step of each sample, an image for each pixel; its channels are
the features.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from nntui.engine.ops.kind import (
    Bench,
    Call,
    Index,
    Kind,
    Look,
    Operand,
    Term,
    Terms,
    alone,
    attribute,
    cell,
    cell_before,
    constant,
    product,
    single,
    square,
)
from nntui.engine.ops.positions import (
    feature_of,
    over_batch,
    positions,
    width,
    with_feature,
    without_feature,
)
from nntui.engine.options import Array
from nntui.engine.program import Op
from nntui.engine.tensor import columns

if TYPE_CHECKING:
    from nntui.engine.autodiff import Tape


def _along(op: Op, statistic: Array) -> Array:
    """A mean or variance, shaped to meet the (features, columns) it is of."""
    return statistic if op.attributes["axis"] == 0 else statistic[:, np.newaxis]


def _line(look: Look, op: Op, tensor: str, statistic: Index) -> tuple[Index, ...]:
    """The public indices of the cells that the statistic at an index is taken over."""
    if op.attributes["axis"] == 0:
        return tuple(with_feature(statistic, k) for k in range(width(look, tensor)))
    (feature,) = statistic
    return tuple(with_feature(position, feature) for position in positions(look, tensor))


def _over(look: Look, op: Op, x: str) -> str:
    if op.attributes["axis"] == 1:
        return over_batch(positions(look, x), "mean")
    return f"over the {width(look, x)} features of the sample"


def _sum(bench: Bench, matrix: Array, axis: int, out: Array) -> Call:
    """Out = Σ matrix along an axis: as a product with ones, which is the fastest."""
    ones = bench.scratch(matrix.shape[axis]) + 1.0
    return (ones.dot, matrix, out) if axis == 0 else (matrix.dot, ones, out)


def _mean(bench: Bench, op: Op) -> Sequence[Call]:
    x, out = columns(bench[op.inputs[0]]), bench[op.output].reshape(-1)
    axis = op.attributes["axis"]
    count = bench.constant(x.shape[axis])
    return [_sum(bench, x, axis, out), (np.divide, out, count, out)]


def _mean_terms(look: Look, op: Op, index: Index) -> Terms:
    (x,) = op.inputs
    line = _line(look, op, x, index)
    terms = tuple(alone(cell(look, x, i)) for i in line)
    result = float(look.now(op.output)[index])
    return Terms(terms, result, f"({{}}) / {len(line)}", _over(look, op, x))


def _centred(bench: Bench, op: Op) -> tuple[Array, Call]:
    """The centred x − μ and its call, which variance and normalisation have in common."""
    x, mean = op.inputs[:2]

    def make() -> tuple[Array, Call]:
        matrix = columns(bench[x])
        out = bench.scratch(*matrix.shape)
        return out, (np.subtract, matrix, _along(op, bench[mean].reshape(-1)), out)

    return bench.shared(f"{x} − {mean}", make)


def _variance(bench: Bench, op: Op) -> Sequence[Call]:
    centred, centre = _centred(bench, op)
    out, axis = bench[op.output].reshape(-1), op.attributes["axis"]
    squares = bench.scratch(*centred.shape)
    return [
        centre,
        (np.multiply, centred, centred, squares),
        _sum(bench, squares, axis, out),
        (np.divide, out, bench.constant(centred.shape[axis]), out),
    ]


def _variance_terms(look: Look, op: Op, index: Index) -> Terms:
    x, mean = op.inputs
    mu = cell(look, mean, index)
    terms = []
    for i in _line(look, op, x, index):
        own = cell(look, x, i)
        terms.append(Term((own, mu), "({0} − {1})²", square(own.value - mu.value)))
    result = float(look.now(op.output)[index])
    return Terms(tuple(terms), result, f"({{}}) / {len(terms)}", _over(look, op, x))


def _statistic_index(op: Op, index: Index) -> Index:
    """Where the statistic that a normalised cell uses lives."""
    return without_feature(index) if op.attributes["axis"] == 0 else (feature_of(index),)


def _deviation(bench: Bench, op: Op) -> tuple[Array, list[Call]]:
    """√(σ² + ε), and the calls that compute it: the way there and the way back share it."""
    variance = op.inputs[2]

    def make() -> tuple[Array, list[Call]]:
        given = bench[variance].reshape(-1)
        out = bench.scratch(*given.shape)
        eps = bench.constant(attribute(op, "eps"))
        return out, [(np.add, given, eps, out), (np.sqrt, out, out)]

    return bench.shared(f"√{variance}", make)


def _normalize(bench: Bench, op: Op) -> Sequence[Call]:
    centred, centre = _centred(bench, op)
    deviation, deviate = _deviation(bench, op)
    return [
        centre,
        *deviate,
        (np.divide, centred, _along(op, deviation), columns(bench[op.output])),
    ]


def _normalize_terms(look: Look, op: Op, index: Index) -> Terms:
    x, mean, variance = op.inputs
    at = _statistic_index(op, index)
    operands = (
        cell(look, x, index),
        cell(look, mean, at),
        cell(look, variance, at),
        constant(attribute(op, "eps"), "ε"),
    )
    result = float(look.now(op.output)[index])
    return single(Term(operands, "({0} − {1}) / √({2} + {3})", result), result)


def _normalize_gradient(tape: Tape, op: Op) -> None:
    x, _, variance = op.inputs
    inputs = (tape.upstream(op), op.output, variance)
    tape.send(op, x, "normalize_grad", inputs, **op.attributes)


def _normalize_backward(bench: Bench, op: Op) -> Sequence[Call]:
    upstream, x_hat = (columns(bench[name]) for name in op.inputs[:2])
    out, axis = columns(bench[op.output]), op.attributes["axis"]
    deviation, deviate = _deviation(bench, op)
    means = bench.scratch(2, *deviation.shape)
    mean, slope = means
    part = bench.scratch(*x_hat.shape)
    return [
        *deviate,
        (np.multiply, upstream, x_hat, part),
        _sum(bench, upstream, axis, mean),
        _sum(bench, part, axis, slope),
        (np.divide, means, bench.constant(x_hat.shape[axis]), means),
        (np.multiply, x_hat, _along(op, slope), part),
        (np.subtract, upstream, _along(op, mean), out),
        (np.subtract, out, part, out),
        (np.divide, out, _along(op, deviation), out),
    ]


def _normalize_backward_terms(look: Look, op: Op, index: Index) -> Terms:
    upstream, x_hat, variance = op.inputs
    line = _line(look, op, upstream, _statistic_index(op, index))
    gradients = [float(look.now(upstream)[i]) for i in line]
    products = [g * float(look.now(x_hat)[i]) for g, i in zip(gradients, line, strict=True)]
    count = len(line)
    operands = (
        cell(look, upstream, index, "upstream gradient"),
        Operand(sum(gradients) / count, symbol="mean(g)"),
        cell(look, x_hat, index),
        Operand(sum(products) / count, symbol="mean(g·x̂)"),
        cell(look, variance, _statistic_index(op, index)),
        constant(attribute(op, "eps"), "ε"),
    )
    result = float(look.now(op.output)[index])
    term = Term(operands, "({0} − {1} − {2} × {3}) / √({4} + {5})", result)
    return single(term, result, note="g is ∂L/∂x̂; the means are the ways through μ and σ²")


def _correction(op: Op, count: int) -> float:
    """What makes the variance of a batch an unbiased estimate: n / (n − 1)."""
    return count / (count - 1) if op.attributes["unbiased"] and count > 1 else 1.0


def _running(bench: Bench, op: Op) -> Sequence[Call]:
    (statistic,) = op.inputs
    out = bench[op.output]
    momentum = attribute(op, "momentum")
    share = momentum * _correction(op, columns(bench[op.attributes["over"]]).shape[1])
    part = bench.scratch(*out.shape)
    return [
        (np.multiply, bench[statistic], bench.constant(share), part),
        (np.multiply, out, bench.constant(1.0 - momentum), out),
        (np.add, out, part, out),
    ]


def _running_terms(look: Look, op: Op, index: Index) -> Terms:
    (statistic,) = op.inputs
    momentum = attribute(op, "momentum")
    kept = product(constant(1 - momentum, "(1 − m)"), cell_before(look, op.output, index))
    result = float(look.now(op.output)[index])
    correction = _correction(op, len(positions(look, op.attributes["over"])))
    new = [constant(momentum, "m"), cell(look, statistic, index)]
    if correction == 1.0:
        return Terms((kept, product(*new)), result)
    new.insert(1, constant(correction, "n/(n − 1)"))
    note = "a variance counts n/(n − 1) times here, as PyTorch's does"
    return Terms((kept, product(*new)), result, note=note)


def _scale(bench: Bench, op: Op) -> Sequence[Call]:
    x_hat, weight, bias = op.inputs
    out = columns(bench[op.output])
    return [
        (np.multiply, columns(bench[x_hat]), bench[weight][:, np.newaxis], out),
        (np.add, out, bench[bias][:, np.newaxis], out),
    ]


def _scale_terms(look: Look, op: Op, index: Index) -> Terms:
    x_hat, weight, bias = op.inputs
    terms = (
        product(
            cell(look, weight, (feature_of(index),), "weight"),
            cell(look, x_hat, index, "input"),
        ),
        alone(cell(look, bias, (feature_of(index),), "bias")),
    )
    return Terms(terms, float(look.now(op.output)[index]))


def _scale_gradient(tape: Tape, op: Op) -> None:
    x_hat, weight, bias = op.inputs
    upstream = tape.upstream(op)
    tape.send(op, weight, "scale_weight_grad", (upstream, x_hat))
    tape.send(op, bias, "scale_bias_grad", (upstream,))
    if tape.needs(x_hat):
        tape.send(op, x_hat, "scale_input_grad", (upstream, weight))


def _scale_weight(bench: Bench, op: Op) -> Sequence[Call]:
    upstream, x_hat = (columns(bench[name]) for name in op.inputs)
    part = bench.scratch(*x_hat.shape)
    return [
        (np.multiply, upstream, x_hat, part),
        _sum(bench, part, 1, bench[op.output]),
    ]


def _scale_bias(bench: Bench, op: Op) -> Sequence[Call]:
    return [_sum(bench, columns(bench[op.inputs[0]]), 1, bench[op.output])]


def _scale_parameter_terms(look: Look, op: Op, index: Index) -> Terms:
    upstream, *x_hat = op.inputs
    (feature,) = index
    over = positions(look, upstream)
    terms = []
    for at in (with_feature(position, feature) for position in over):
        back = cell(look, upstream, at, "upstream gradient")
        local = [cell(look, name, at, "local derivative") for name in x_hat]
        terms.append(product(back, *local))
    return Terms(tuple(terms), float(look.now(op.output)[index]), note=over_batch(over))


def _scale_input(bench: Bench, op: Op) -> Sequence[Call]:
    upstream, out = columns(bench[op.inputs[0]]), columns(bench[op.output])
    return [(np.multiply, upstream, bench[op.inputs[1]][:, np.newaxis], out)]


def _scale_input_terms(look: Look, op: Op, index: Index) -> Terms:
    upstream, weight = op.inputs
    term = product(
        cell(look, upstream, index, "upstream gradient"),
        cell(look, weight, (feature_of(index),), "local derivative"),
    )
    return single(term, float(look.now(op.output)[index]))


KINDS: Final = (
    Kind(
        name="mean",
        title="mean",
        sentence="The average that will be taken away.",
        formula="μ = (Σ x) / n",
        calls=_mean,
        terms=_mean_terms,
    ),
    Kind(
        name="variance",
        title="variance",
        sentence="How far the numbers lie from their mean, squared, on average.",
        formula="σ² = Σ (x − μ)² / n",
        calls=_variance,
        terms=_variance_terms,
    ),
    Kind(
        name="normalize",
        title="normalised",
        sentence="Shift and scale to mean 0 and variance 1.",
        formula="x̂ = (x − μ) / √(σ² + ε)",
        calls=_normalize,
        terms=_normalize_terms,
        gradient=_normalize_gradient,
    ),
    Kind(
        name="normalize_grad",
        title="gradient through the normalisation",
        sentence="What came back, less what changes in the mean and the variance take away.",
        formula="∂L/∂x = (g − mean(g) − x̂ · mean(g x̂)) / √(σ² + ε),  g = ∂L/∂x̂",
        calls=_normalize_backward,
        terms=_normalize_backward_terms,
    ),
    Kind(
        name="running",
        title="running average",
        sentence="Move the long-run average a little towards this batch; it stands in for the "
        "batch when the network is used.",
        formula="r ← (1 − {momentum:g}) r + {momentum:g} · statistic",
        calls=_running,
        terms=_running_terms,
    ),
    Kind(
        name="scale_shift",
        title="scaled and shifted",
        sentence="Let the layer learn its own scale γ and shift β.",
        formula="a = γ x̂ + β",
        calls=_scale,
        terms=_scale_terms,
        gradient=_scale_gradient,
    ),
    Kind(
        name="scale_weight_grad",
        title="gradient of the scale",
        sentence="How the loss changes with each scale: what came back, times what it scaled.",
        formula="∂L/∂γ = Σ ∂L/∂a · x̂",
        calls=_scale_weight,
        terms=_scale_parameter_terms,
    ),
    Kind(
        name="scale_bias_grad",
        title="gradient of the shift",
        sentence="How the loss changes with each shift: what came back, since a shift counts in "
        "full.",
        formula="∂L/∂β = Σ ∂L/∂a",
        calls=_scale_bias,
        terms=_scale_parameter_terms,
    ),
    Kind(
        name="scale_input_grad",
        title="gradient of the normalised",
        sentence="What came back, times the scale it went through.",
        formula="∂L/∂x̂ = ∂L/∂a · γ",
        calls=_scale_input,
        terms=_scale_input_terms,
    ),
)
