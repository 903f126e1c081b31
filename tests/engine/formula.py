"""Computes what a formula on the screen says, from the text alone."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, Final

import numpy as np

_SIGNS: Final = {
    "×": "*",
    "−": "-",
    "½": "0.5",
    "²": "**2",
    "√": "sqrt",
    "e^": "exp",
    "^": "**",
    "≥": ">=",
    "∞": "inf",
}
_PATTERNS: Final = (
    (r", … \d+ more …", ""),
    (r"(x\d+) at (\(x\d+, x\d+\))", r"(\1, *\2)"),
    (r"(row|column) of argmin\((.+)\)", r"of_argmin('\1', \2)"),
    (r"sqrt(x\d+)", r"sqrt(\1)"),
    (r"\|([^|]+)\|", r"abs(\1)"),
    (r"\[([^\]]+)\]", r"(1.0 if \1 else 0.0)"),
    (r" = ", r" == "),
    (r"(.+) where (.+), else (.+)", r"(\1) if (\2) else (\3)"),
)


def _logistic(z: float) -> Any:
    return 1 / (1 + np.exp(-z))


def _normal_share(z: float) -> float:
    return 0.5 * (1.0 + math.erf(z / math.sqrt(2.0)))


def _normal_density(z: float) -> Any:
    return np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)


def _largest(*values: float) -> Any:
    return reduce(np.maximum, values)


def _first_largest(*values: float) -> Any:
    return np.argmax(values)


def _of_argmin(which: str, *found: tuple[float, float, float]) -> Any:
    """The row or column of the first of the smallest numbers, each given with its place."""
    return found[np.argmin([value for value, _, _ in found])][1 + (which == "column")]


_FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "sqrt": np.sqrt, "exp": np.exp, "ln": np.log, "tanh": np.tanh, "abs": np.abs, "sign": np.sign,
    "sin": np.sin, "cos": np.cos, "inf": np.inf,
    "max": _largest, "argmax": _first_largest, "min": np.minimum,
    "of_argmin": _of_argmin, "σ": _logistic, "Φ": _normal_share, "φ": _normal_density,
}  # fmt: skip


def compute(template: str, operands: Sequence[float], **functions: Callable[..., Any]) -> float:
    """The value of a template with numbers for `{0}`, `{1}`, …

    >>> compute("√({0} × {1}) − ½", [2.0, 8.0])
    3.5
    """
    names = {f"x{k}": np.float64(value) for k, value in enumerate(operands)}
    text = template.format(*names)
    for sign, python in _SIGNS.items():
        text = text.replace(sign, python)
    for pattern, python in _PATTERNS:
        text = re.sub(pattern, python, text)
    scope = {"__builtins__": {}, **_FUNCTIONS, **functions, **names}
    with np.errstate(all="ignore"):
        return float(eval(text, scope))
