"""The arithmetic of activation functions: what fills an array with f(z), and with f′(z).

Kernels go back and forth between two arrays rather than work in place: NumPy takes a slow path for
one-element arrays that are both input and output.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy._core import umath

from nntui.engine.ops.kind import Bench, Call
from nntui.engine.options import Array

clip: Final = umath.clip  # type: ignore[attr-defined]
"""clip(x, low, high, out): the ufunc behind `np.clip`, without its Python wrapper."""

Options = Mapping[str, Any]
Kernel = Callable[[Bench, Options, Array, Array, Array], Sequence[Call]]
"""(bench, options, z, a, out): the calls that fill `out`."""


def logistic(bench: Bench, z: Array, out: Array) -> list[Call]:
    """σ(z) = 1 / (1 + e^−z)."""
    other = bench.scratch(*z.shape)
    return [
        (np.negative, z, other),
        (np.exp, other, out),
        (np.add, out, bench.constant(1.0), other),
        (np.reciprocal, other, out),
    ]


def sigmoid(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
    """σ(z)."""
    return logistic(bench, z, out)


def sigmoid_slope(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
    """A (1 − a)."""
    rest = bench.scratch(*a.shape)
    return [(np.subtract, bench.constant(1.0), a, rest), (np.multiply, a, rest, out)]


def tanh(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
    """Tanh z."""
    return [(np.tanh, z, out)]


def tanh_slope(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
    """1 − a²."""
    square = bench.scratch(*a.shape)
    return [(np.multiply, a, a, square), (np.subtract, bench.constant(1.0), square, out)]


def _positive(bench: Bench, z: Array, out: Array) -> Call:
    """max(z, 0): NaN stays NaN, −∞ becomes 0."""
    return (clip, z, bench.constant(0.0), bench.constant(math.inf), out)


def relu(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
    """max(0, z)."""
    return [_positive(bench, z, out)]


def _step(bench: Bench, z: Array, out: Array, below: float, above: float = 1.0) -> list[Call]:
    """`below` where z ≤ 0, `above` where z > 0."""
    mask = bench.scratch(*z.shape, dtype=np.bool_)
    greater: Call = (np.greater, z, bench.constant(0.0), mask)
    is_above: Call = (operator.setitem, out, Ellipsis, mask)
    if (below, above) == (0.0, 1.0):
        return [greater, is_above]
    if 0.0 < below <= above == 1.0:
        # The larger of [z > 0] and α; choosing by the mask takes three times as long.
        return [greater, is_above, (np.fmax, out, bench.constant(below), out)]
    return [
        greater,
        (operator.setitem, out, Ellipsis, bench.constant(below)),
        (np.copyto, out, bench.constant(above), "same_kind", mask),
    ]


def relu_slope(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
    """[z > 0]."""
    return _step(bench, z, out, 0.0)


def leaky_slope(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
    """1 where z > 0, else α."""
    return _step(bench, z, out, at["alpha"])


def leaky(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
    """Z where z > 0, else α z."""
    alpha = at["alpha"]
    if 0.0 <= alpha <= 1.0 and not bench.is_complex:
        return [(np.multiply, z, bench.constant(alpha), out), (np.fmax, out, z, out)]
    return [*leaky_slope(bench, at, z, a, out), (np.multiply, z, out, out)]


def _elu_negative(bench: Bench, at: Options, z: Array, out: Array) -> list[Call]:
    """α (e^min(z, 0) − 1)."""
    return [
        (clip, z, bench.constant(-math.inf), bench.constant(0.0), out),
        (np.expm1, out, out),
        (np.multiply, out, bench.constant(at["alpha"]), out),
    ]


def elu(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
    """Z where z > 0, else α (e^z − 1)."""
    positive = bench.scratch(*z.shape)
    return [
        *_elu_negative(bench, at, z, out),
        _positive(bench, z, positive),
        (np.add, out, positive, out),
    ]


def elu_slope(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
    """1 where z > 0, else α e^z."""
    mask = bench.scratch(*z.shape, dtype=np.bool_)
    return [
        *_elu_negative(bench, at, z, out),
        (np.add, out, bench.constant(at["alpha"]), out),
        (np.greater, z, bench.constant(0.0), mask),
        (np.copyto, out, bench.constant(1.0), "same_kind", mask),
    ]


def erf(z: Array, out: Array) -> None:
    """The error function of every element; of a complex one to first order around its real part."""
    real = z.real
    values = np.fromiter(map(math.erf, real.ravel().tolist()), np.float64, real.size)
    result = values.reshape(real.shape)
    if np.iscomplexobj(z):
        result = result + 1j * z.imag * (2.0 / math.sqrt(math.pi)) * np.exp(-real * real)
    out[...] = result


def _normal_cdf(bench: Bench, z: Array, out: Array) -> list[Call]:
    """Φ(z) = ½ (1 + erf(z / √2))."""
    half = bench.constant(0.5)
    return [
        (np.multiply, z, bench.constant(math.sqrt(0.5)), out),
        (erf, out, out),
        (np.multiply, out, half, out),
        (np.add, out, half, out),
    ]


def gelu(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
    """Z Φ(z)."""
    return [*_normal_cdf(bench, z, out), (np.multiply, z, out, out)]


def gelu_slope(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
    """Φ(z) + z φ(z)."""
    density = bench.scratch(*z.shape)
    return [
        *_normal_cdf(bench, z, out),
        (np.multiply, z, z, density),
        (np.multiply, density, bench.constant(-0.5), density),
        (np.exp, density, density),
        (np.multiply, density, bench.constant(1.0 / math.sqrt(2.0 * math.pi)), density),
        (np.multiply, density, z, density),
        (np.add, out, density, out),
    ]


def silu(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
    """Z σ(z)."""
    return [*logistic(bench, z, out), (np.multiply, z, out, out)]


def silu_slope(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
    """σ(z) (1 + z (1 − σ(z)))."""
    one, rest = bench.constant(1.0), bench.scratch(*z.shape)
    return [
        *logistic(bench, z, out),
        (np.subtract, one, out, rest),
        (np.multiply, rest, z, rest),
        (np.add, rest, one, rest),
        (np.multiply, out, rest, out),
    ]


def softplus(bench: Bench, z: Array, out: Array) -> list[Call]:
    """ln(1 + e^z), without overflow."""
    if bench.is_complex:
        return [(np.exp, z, out), (np.log1p, out, out)]
    return [(np.logaddexp, z, bench.constant(0.0), out)]


def soft_relu(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
    """ln(1 + e^z)."""
    return softplus(bench, z, out)


def soft_relu_slope(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
    """σ(z)."""
    return logistic(bench, z, out)
