"""How much of a pull reaches a unit, by its distance on the grid: the shapes a neighbourhood has.

`gaussian` and `mexican_hat` are MiniSom's (`JustGlowing/minisom: minisom.py`); `bubble` is a disc
and `triangle` a cone, where MiniSom has a square and a product of two triangles.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from nntui.engine.ops.kernels import clip
from nntui.engine.ops.kind import Bench, Call
from nntui.engine.options import Array

Squares = list[Array]
"""The squares of the grid distances, the one entry; it is another array in every step."""

Kernel = Callable[[Bench, Array, Array, Array, Squares | None], Sequence[Call]]
"""(bench, grid distances, radius, out, squares if known): the calls that fill `out`."""


@final
@dataclass(frozen=True)
class Neighbourhood:
    """A shape.

    Attributes:
        written: the formula, `{0}` for the distance on the grid and `{1}` for the radius.
        takes_squares: whether the squares of the distances are enough, where they are known.
    """

    written: str
    kernel: Kernel
    takes_squares: bool = False

    @property
    def formula(self) -> str:
        """The formula with symbols."""
        return self.written.format("g", "σ")


_STEEPEST: Final = -1e30
"""The factor for a radius of next to nothing: 1 for the best unit, 0 for all others."""
_LEAST: Final = -0.5 / _STEEPEST
"""The square of the radius from which on it is that."""


def _exponent(
    bench: Bench, distance: Array, radius: Array, out: Array, squares: Squares | None
) -> list[Call]:
    """−g² / (2 σ²)."""
    factor, read, multiply = bench.scratch(), radius.item, np.multiply
    least, steepest = _LEAST, _STEEPEST
    made = squares or [bench.scratch(*distance.shape)]

    def fill() -> None:
        sigma = read()
        square = sigma * sigma
        factor[()] = steepest if square < least else -0.5 / square
        multiply(made[0], factor, out)

    return [(fill,)] if squares else [(np.square, distance, made[0]), (fill,)]


def _gaussian(
    bench: Bench, distance: Array, radius: Array, out: Array, squares: Squares | None
) -> Sequence[Call]:
    return [*_exponent(bench, distance, radius, out, squares), (np.exp, out, out)]


def _mexican_hat(
    bench: Bench, distance: Array, radius: Array, out: Array, squares: Squares | None
) -> Sequence[Call]:
    exponent = bench.scratch(*out.shape)
    return [
        *_exponent(bench, distance, radius, exponent, squares),
        (np.exp, exponent, out),
        (np.multiply, exponent, bench.constant(2.0), exponent),
        (np.add, exponent, bench.constant(1.0), exponent),
        (np.multiply, out, exponent, out),
    ]


def _bubble(
    bench: Bench, distance: Array, radius: Array, out: Array, squares: Squares | None
) -> Sequence[Call]:
    inside = bench.scratch(*out.shape, dtype=np.bool_)
    return [
        (np.less_equal, distance, radius, inside),
        (operator.setitem, out, Ellipsis, inside),
    ]


def _triangle(
    bench: Bench, distance: Array, radius: Array, out: Array, squares: Squares | None
) -> Sequence[Call]:
    share = bench.scratch(*out.shape)
    one = bench.constant(1.0)
    return [
        (np.divide, distance, radius, share),
        (np.subtract, one, share, share),
        (clip, share, bench.constant(0.0), one, out),
    ]


NEIGHBOURHOODS: Final[Mapping[str, Neighbourhood]] = {
    "gaussian": Neighbourhood("exp(−{0}² / (2 × {1}²))", _gaussian, takes_squares=True),
    "bubble": Neighbourhood("[{1} ≥ {0}]", _bubble),
    "mexican_hat": Neighbourhood(
        "exp(−{0}² / (2 × {1}²)) × (1 − {0}² / {1}²)", _mexican_hat, takes_squares=True
    ),
    "triangle": Neighbourhood("max(0, 1 − {0} / {1})", _triangle),
}
"""Every shape by name."""
