"""Activation functions and their derivatives.

One `_Function` a row: f, f′ and how both are written. From it come two kinds of op: `name`
(a = f(z)) and `name_grad` (∂L/∂z = ∂L/∂a · f′(z)). Definitions are PyTorch's; the sources are given
with each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from nntui.engine.ops import kernels
from nntui.engine.ops.desk import Desk, run
from nntui.engine.ops.kernels import Kernel, Options
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
from nntui.engine.program import Op

if TYPE_CHECKING:
    from nntui.engine.autodiff import Tape


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


_FUNCTIONS: Final = (
    _Function(
        name="sigmoid",
        sentence="Squash each number into 0 … 1, steepest around 0.",
        formula="a = σ(z)",
        prime="σ′(z) = a (1 − a)",
        forward=kernels.sigmoid,
        slope=kernels.sigmoid_slope,
        template="σ({0})",
        expanded="1 / (1 + e^(−{0}))",
        slope_template="{1} × (1 − {1})",
    ),
    _Function(
        name="tanh",
        sentence="Squash each number into −1 … 1, steepest around 0.",
        formula="a = tanh(z)",
        prime="tanh′(z) = 1 − a²",
        forward=kernels.tanh,
        slope=kernels.tanh_slope,
        template="tanh({0})",
        slope_template="1 − {1}²",
    ),
    _Function(
        name="relu",  # Nair and Hinton (2010)
        sentence="Keep what is positive; everything else becomes 0.",
        formula="a = max(0, z)",
        prime="relu′(z) = 1 where z > 0, else 0",
        forward=kernels.relu,
        slope=kernels.relu_slope,
        template="max(0, {0})",
        slope_template="1 where {0} > 0, else 0",
    ),
    _Function(
        name="leaky_relu",  # Maas, Hannun and Ng (2013)
        sentence="Keep what is positive; shrink what is negative by the factor α.",
        formula="a = z where z > 0, else {alpha:g} z",
        prime="f′(z) = 1 where z > 0, else α",
        forward=kernels.leaky,
        slope=kernels.leaky_slope,
        template="max(α × {0}, {0})",
        slope_template="1 where {0} > 0, else α",
    ),
    _Function(
        name="elu",  # Clevert, Unterthiner and Hochreiter (2016)
        sentence="Keep what is positive; bend what is negative towards −α.",
        formula="a = z where z > 0, else {alpha:g} (e^z − 1)",
        prime="f′(z) = 1 where z > 0, else α e^z",
        forward=kernels.elu,
        slope=kernels.elu_slope,
        template="elu({0})",
        expanded="max(0, {0}) + α × (e^(min(0, {0})) − 1)",
        slope_template="1 where {0} > 0, else α × e^({0})",
    ),
    _Function(
        name="gelu",  # Hendrycks and Gimpel (2016), with the exact Φ
        sentence="Weigh each number with the share of a normal distribution below it.",
        formula="a = z Φ(z)",
        prime="gelu′(z) = Φ(z) + z φ(z)",
        forward=kernels.gelu,
        slope=kernels.gelu_slope,
        template="{0} × Φ({0})",
        slope_template="Φ({0}) + {0} × φ({0})",
    ),
    _Function(
        name="silu",  # Elfwing, Uchibe and Doya (2018)
        sentence="Weigh each number with its own sigmoid.",
        formula="a = z σ(z)",
        prime="silu′(z) = σ(z) (1 + z (1 − σ(z)))",
        forward=kernels.silu,
        slope=kernels.silu_slope,
        template="{0} × σ({0})",
        slope_template="σ({0}) × (1 + {0} × (1 − σ({0})))",
    ),
    _Function(
        name="softplus",  # Dugas et al. (2001)
        sentence="A smooth form of relu: always positive, its slope is the sigmoid.",
        formula="a = ln(1 + e^z)",
        prime="softplus′(z) = σ(z)",
        forward=kernels.soft_relu,
        slope=kernels.soft_relu_slope,
        template="ln(1 + e^({0}))",
        slope_template="σ({0})",
    ),
)


def _with_alpha(template: str, op: Op) -> str:
    """A template with the op's own α in place of the letter."""
    alpha = op.attributes.get("alpha")
    if alpha is None:
        return template
    # A leak steeper than 1 lies below z where z is negative, and above it where it is positive.
    template = template.replace("max(α", "min(α") if alpha > 1.0 else template
    return template.replace("α", f"{alpha:g}")


def _kinds(f: _Function) -> tuple[Kind, Kind]:
    """The two rows of an activation function."""

    def forward(bench: Bench, op: Op) -> Sequence[Call]:
        a = bench[op.output]
        return f.forward(bench, op.attributes, bench[op.inputs[0]], a, a)

    def forward_terms(look: Look, op: Op, index: Index) -> Terms:
        z = cell(look, op.inputs[0], index)
        a = float(look.now(op.output)[index])
        written, expanded = _with_alpha(f.template, op), _with_alpha(f.expanded, op)
        return single(Term((z,), written, a, expanded), a)

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
            origin=Term((z, a), _with_alpha(f.slope_template, op), slope),
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
