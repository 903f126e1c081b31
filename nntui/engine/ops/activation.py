"""Activation functions and their derivatives.

One `_Function` a row: f, f′ and how both are written. From it come two kinds of op: `name`
(a = f(z)) and `name_grad` (∂L/∂z = ∂L/∂a · f′(z)). Definitions are PyTorch's; the sources are given
with each.

Kernels go back and forth between two arrays rather than work in place: NumPy takes a slow path for
one-element arrays that are both input and output.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy._core.umath import clip  # the ufunc behind np.clip, without its Python wrapper

from nntui.engine.ops.desk import Desk, run
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
from nntui.engine.options import Array
from nntui.engine.program import Op

if TYPE_CHECKING:
    from nntui.engine.autodiff import Tape

Options = Mapping[str, Any]
Kernel = Callable[[Bench, Options, Array, Array, Array], Sequence[Call]]
"""(bench, options, z, a, out): the calls that fill `out`."""


@dataclass(frozen=True)
class _Function:
    """An activation function of one variable.

    Attributes:
        sentence: what it does to a number.
        formula, prime: f(z) and f′(z) as in a textbook.
        forward, slope: fill out with f(z), and with f′(z); `slope` may read a.
        template: f with `{0}` for z.
        expanded: the same written out, where `template` hides something.
        slope_template: f′ with `{0}` for z and `{1}` for a.
    """

    name: str
    sentence: str
    formula: str
    prime: str
    forward: Kernel
    slope: Kernel
    template: str
    slope_template: str
    expanded: str = ""


def logistic(bench: Bench, z: Array, out: Array) -> list[Call]:
    """σ(z) = 1 / (1 + e^−z)."""
    other = bench.scratch(*z.shape)
    return [
        (np.negative, z, other),
        (np.exp, other, out),
        (np.add, out, bench.constant(1.0), other),
        (np.reciprocal, other, out),
    ]


def _sigmoid(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
    return logistic(bench, z, out)


def _sigmoid_slope(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
    rest = bench.scratch(*a.shape)
    return [(np.subtract, bench.constant(1.0), a, rest), (np.multiply, a, rest, out)]


def _tanh(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
    return [(np.tanh, z, out)]


def _tanh_slope(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
    square = bench.scratch(*a.shape)
    return [(np.multiply, a, a, square), (np.subtract, bench.constant(1.0), square, out)]


def _positive(bench: Bench, z: Array, out: Array) -> Call:
    """max(z, 0): NaN stays NaN, −∞ becomes 0."""
    return (clip, z, bench.constant(0.0), bench.constant(math.inf), out)


def _relu(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
    return [_positive(bench, z, out)]


def _step(bench: Bench, z: Array, out: Array, below: float, above: float = 1.0) -> list[Call]:
    """`below` where z ≤ 0, `above` where z > 0."""
    mask = bench.scratch(*z.shape, dtype=np.bool_)
    greater: Call = (np.greater, z, bench.constant(0.0), mask)
    if (below, above) == (0.0, 1.0):
        return [greater, (operator.setitem, out, Ellipsis, mask)]
    return [
        greater,
        (operator.setitem, out, Ellipsis, bench.constant(below)),
        (np.copyto, out, bench.constant(above), "same_kind", mask),
    ]


def _relu_slope(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
    return _step(bench, z, out, 0.0)


def _leaky_slope(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
    return _step(bench, z, out, at["alpha"])


def _leaky(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
    return [*_leaky_slope(bench, at, z, a, out), (np.multiply, z, out, out)]


def _elu_negative(bench: Bench, at: Options, z: Array, out: Array) -> list[Call]:
    """α (e^min(z, 0) − 1)."""
    return [
        (clip, z, bench.constant(-math.inf), bench.constant(0.0), out),
        (np.expm1, out, out),
        (np.multiply, out, bench.constant(at["alpha"]), out),
    ]


def _elu(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
    positive = bench.scratch(*z.shape)
    return [
        *_elu_negative(bench, at, z, out),
        _positive(bench, z, positive),
        (np.add, out, positive, out),
    ]


def _elu_slope(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
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


def _gelu(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
    return [*_normal_cdf(bench, z, out), (np.multiply, z, out, out)]


def _gelu_slope(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
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


def _silu(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
    return [*logistic(bench, z, out), (np.multiply, z, out, out)]


def _silu_slope(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
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


def _softplus(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
    return softplus(bench, z, out)


def _softplus_slope(bench: Bench, at: Options, z: Array, a: Array, out: Array) -> Sequence[Call]:
    return logistic(bench, z, out)


_FUNCTIONS: Final = (
    _Function(
        name="sigmoid",
        sentence="Squash each number into 0 … 1, steepest around 0.",
        formula="a = σ(z)",
        prime="σ′(z) = a (1 − a)",
        forward=_sigmoid,
        slope=_sigmoid_slope,
        template="σ({0})",
        expanded="1 / (1 + e^(−{0}))",
        slope_template="{1} × (1 − {1})",
    ),
    _Function(
        name="tanh",
        sentence="Squash each number into −1 … 1, steepest around 0.",
        formula="a = tanh(z)",
        prime="tanh′(z) = 1 − a²",
        forward=_tanh,
        slope=_tanh_slope,
        template="tanh({0})",
        slope_template="1 − {1}²",
    ),
    _Function(
        name="relu",  # Nair and Hinton (2010)
        sentence="Keep what is positive; everything else becomes 0.",
        formula="a = max(0, z)",
        prime="relu′(z) = 1 where z > 0, else 0",
        forward=_relu,
        slope=_relu_slope,
        template="max(0, {0})",
        slope_template="[{0} > 0]",
    ),
    _Function(
        name="leaky_relu",  # Maas, Hannun and Ng (2013)
        sentence="Keep what is positive; shrink what is negative by the factor α.",
        formula="a = z where z > 0, else {alpha:g} z",
        prime="f′(z) = 1 where z > 0, else α",
        forward=_leaky,
        slope=_leaky_slope,
        template="max(α × {0}, {0})",
        slope_template="1 where {0} > 0, else α",
    ),
    _Function(
        name="elu",  # Clevert, Unterthiner and Hochreiter (2016)
        sentence="Keep what is positive; bend what is negative towards −α.",
        formula="a = z where z > 0, else {alpha:g} (e^z − 1)",
        prime="f′(z) = 1 where z > 0, else α e^z",
        forward=_elu,
        slope=_elu_slope,
        template="elu({0})",
        expanded="max(0, {0}) + min(0, α × (e^({0}) − 1))",
        slope_template="1 where {0} > 0, else α × e^({0})",
    ),
    _Function(
        name="gelu",  # Hendrycks and Gimpel (2016), with the exact Φ
        sentence="Weigh each number with the share of a normal distribution below it.",
        formula="a = z Φ(z)",
        prime="gelu′(z) = Φ(z) + z φ(z)",
        forward=_gelu,
        slope=_gelu_slope,
        template="{0} × Φ({0})",
        slope_template="Φ({0}) + {0} × φ({0})",
    ),
    _Function(
        name="silu",  # Elfwing, Uchibe and Doya (2018)
        sentence="Weigh each number with its own sigmoid.",
        formula="a = z σ(z)",
        prime="silu′(z) = σ(z) (1 + z (1 − σ(z)))",
        forward=_silu,
        slope=_silu_slope,
        template="{0} × σ({0})",
        slope_template="σ({0}) × (1 + {0} × (1 − σ({0})))",
    ),
    _Function(
        name="softplus",  # Dugas et al. (2001)
        sentence="A smooth form of relu: always positive, its slope is the sigmoid.",
        formula="a = ln(1 + e^z)",
        prime="softplus′(z) = σ(z)",
        forward=_softplus,
        slope=_softplus_slope,
        template="ln(1 + e^({0}))",
        slope_template="σ({0})",
    ),
)


def _kinds(f: _Function) -> tuple[Kind, Kind]:
    """The two rows of an activation function."""

    def text(template: str, op: Op) -> str:
        alpha = op.attributes.get("alpha")
        return template if alpha is None else template.replace("α", f"{alpha:g}")

    def forward(bench: Bench, op: Op) -> Sequence[Call]:
        a = bench[op.output]
        return f.forward(bench, op.attributes, bench[op.inputs[0]], a, a)

    def forward_terms(look: Look, op: Op, index: Index) -> Terms:
        z = cell(look, op.inputs[0], index)
        a = float(look.now(op.output)[index])
        return single(Term((z,), text(f.template, op), a, text(f.expanded, op)), a)

    def gradient(tape: Tape, op: Op) -> None:
        attributes = {k: v for k, v in op.attributes.items() if k == "alpha"}
        inputs = (tape.upstream(op), op.inputs[0], op.output)
        tape.send(op, op.inputs[0], f"{f.name}_grad", inputs, **attributes)

    def backward(bench: Bench, op: Op) -> Sequence[Call]:
        upstream, z, a = op.inputs
        out = bench[op.output]
        slope = bench.scratch(*out.shape)
        return [
            *f.slope(bench, op.attributes, bench[z], bench[a], slope),
            (np.multiply, bench[upstream], slope, out),
        ]

    def backward_terms(look: Look, op: Op, index: Index) -> Terms:
        upstream, z, a = (cell(look, name, index) for name in op.inputs)
        slope = _slope(f, op.attributes, z.value, a.value)
        local = Operand(
            slope,
            symbol="f′(z)",
            role="local derivative",
            origin=Term((z, a), text(f.slope_template, op), slope),
        )
        given = Operand(upstream.value, upstream.tensor, index, role="upstream gradient")
        return single(product(given, local), float(look.now(op.output)[index]))

    return (
        Kind(
            name=f.name,
            title="activation",
            sentence=f.sentence,
            formula=f.formula,
            calls=forward,
            terms=forward_terms,
            gradient=gradient,
        ),
        Kind(
            name=f"{f.name}_grad",
            title="gradient through the activation",
            sentence="What came back at the output, times the slope of the activation there.",
            formula=f"∂L/∂z = ∂L/∂a · f′(z),  {f.prime}",
            calls=backward,
            terms=backward_terms,
        ),
    )


def _slope(f: _Function, options: Options, z: float, a: float) -> float:
    """f′ at one point, by the function's own kernel."""
    out = np.empty(1)
    with np.errstate(all="ignore"):
        run(f.slope(Desk(), options, np.array([z]), np.array([a]), out))
    return float(out[0])


KINDS: Final = tuple(kind for function in _FUNCTIONS for kind in _kinds(function))


def curve(
    name: str, alpha: float | None, z: Sequence[float]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """(f(z), f′(z)) of an activation function at some points, for drawing it.

    Raises:
        KeyError: no function of one variable has this name.
    """
    function = next((f for f in _FUNCTIONS if f.name == name), None)
    if function is None:
        raise KeyError(name)
    x, a, slope = np.array(z, float), np.empty(len(z)), np.empty(len(z))
    with np.errstate(all="ignore"):
        run(function.forward(Desk(), {"alpha": alpha}, x, a, a))
        run(function.slope(Desk(), {"alpha": alpha}, x, a, slope))
    return tuple(a.tolist()), tuple(slope.tolist())
