"""The functions of the language: one function, one row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from nntui.engine.options import Array
from nntui.session.expressions.arithmetic import Apply
from nntui.session.expressions.logic import Truth
from nntui.session.expressions.nodes import Node
from nntui.session.expressions.values import Known


@dataclass(frozen=True)
class Function:
    """A function of one value.

    Attributes:
        what: "each" gives a number per element, "number" one number of all elements, "truth" one
            truth of all elements.
        method: whether it can be written behind a tensor, too: `loss.abs()`.
        help: what it gives, in a line.
        example: an expression with it, on the tensors of the scenario `exam`.
    """

    name: str
    what: Literal["each", "number", "truth"]
    function: Callable[[Array], Known | np.generic]
    help: str
    example: str
    method: bool = False

    def of(self, child: Node) -> Node:
        """The function applied."""
        if self.what == "truth":
            return Truth(self.function, child)
        shape = child.shape if self.what == "each" else ()
        return Apply(self.function, child, shape, absolute=self.function is np.abs)


# The ufuncs themselves: NumPy's functions of the same names take longer to find them than to run.


def _sum(values: Array) -> np.generic:
    total: np.generic = np.add.reduce(values, None)
    return total


def _mean(values: Array) -> float:
    return float(_sum(values)) / values.size


# Where the extreme is, is found several times as fast as the extreme; NaN is one in both.


def _least(values: Array) -> float:
    return float(values.item(values.argmin()))


def _most(values: Array) -> float:
    return float(values.item(values.argmax()))


def _any(values: Array) -> np.generic:
    any_of: np.generic = np.logical_or.reduce(values, None)
    return any_of


def _all(values: Array) -> np.generic:
    all_of: np.generic = np.logical_and.reduce(values, None)
    return all_of


def _norm(values: Array) -> np.generic:
    return np.linalg.norm(values.ravel())


_ROWS: Final = (
    Function("abs", "each", np.abs, "the magnitude", "abs(hidden.weight).max() > 10", True),
    Function("sqrt", "each", np.sqrt, "the square root", "sqrt(loss)"),
    Function("exp", "each", np.exp, "e to the power of each", "exp(-loss)"),
    Function("log", "each", np.log, "the natural logarithm", "log(loss) < -3"),
    Function("tanh", "each", np.tanh, "the hyperbolic tangent", "tanh(hidden.z).max()"),
    Function("sign", "each", np.sign, "-1, 0 or 1", "sign(output.weight).sum()"),
    Function("round", "each", np.rint, "the nearest whole number", "round(100 * loss)"),
    Function("isnan", "each", np.isnan, "whether it is NaN", "any(isnan(hidden.z))"),
    Function("isinf", "each", np.isinf, "whether it is infinite", "any(isinf(hidden.z))"),
    Function("isfinite", "each", np.isfinite, "neither NaN nor infinite", "isfinite(loss)"),
    Function("sum", "number", _sum, "the sum of all elements", "(hidden.a > 0.5).sum()", True),
    Function("mean", "number", _mean, "their mean", "hidden.a.mean() > 0.9", True),
    Function("std", "number", np.std, "their standard deviation, over n", "hidden.z.std()", True),
    Function("min", "number", _least, "the smallest element", "hidden.weight.min()", True),
    Function("max", "number", _most, "the largest element", "hidden.weight.max() > 5", True),
    Function("norm", "number", _norm, "√(sum of squares)", "hidden.weight.grad.norm() > 10", True),
    Function("argmin", "number", np.argmin, "where the smallest is, from 0", "argmin(x[0])", True),
    Function("argmax", "number", np.argmax, "where the largest is", "x[0].argmax() == 1", True),
    Function("any", "truth", _any, "whether any element is true", "any(hidden.a > 0.99)", True),
    Function("all", "truth", _all, "whether all are", "all(0.1 < hidden.a < 0.9)", True),
)

FUNCTIONS: Final[Mapping[str, Function]] = {row.name: row for row in _ROWS}
METHODS: Final[Mapping[str, Function]] = {row.name: row for row in _ROWS if row.method}

SPECIAL: Final = ("clip", "prev", "dead", "sign_flips", "changed")
"""Functions whose arguments are not just one value; the tree builder knows each."""
