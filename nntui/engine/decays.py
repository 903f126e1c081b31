"""How the learning rate and the radius of a self-organizing map become smaller over a run.

A decay goes from a first value η₀ to a last one η₁; t counts the training steps done, T is how many
a run has, and after those the last value stays. `inverse` and `asymptotic` are MiniSom's
(`JustGlowing/minisom: minisom.py`): its asymptotic decay ends at a third of where it starts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, final

Course = Callable[[int], float]
"""The value of each training step, from 1."""


@final
@dataclass(frozen=True)
class Decay:
    """A way from a first value to a last one.

    Attributes:
        written: the formula, `{0}` and `{1}` for the first and the last value, `{2}` for t and
            `{3}` for T.
        has_end: whether the last value matters.
    """

    written: str
    course: Callable[[float, float, int], Course]
    has_end: bool = True

    def formula(self, symbol: str) -> str:
        """The formula with symbols: "η = η₀ / (1 + 2 × t / T)"."""
        values = (f"{symbol}₀", f"{symbol}₁", "t", "T")
        return f"{symbol} = {self.written.format(*values)}"


def _constant(first: float, last: float, length: int) -> Course:
    return lambda step: first


def _linear(first: float, last: float, length: int) -> Course:
    way, end = last - first, length + 1
    return lambda step: first + way * ((step - 1) / length if step < end else 1.0)


def _exponential(first: float, last: float, length: int) -> Course:
    ratio, end = last / first, length + 1
    return lambda step: float(first * ratio ** ((step - 1) / length if step < end else 1.0))


def _inverse(first: float, last: float, length: int) -> Course:
    slope, end = first / last - 1.0, length + 1
    return lambda step: first / (1.0 + slope * ((step - 1) / length if step < end else 1.0))


def _asymptotic(first: float, last: float, length: int) -> Course:
    end = length + 1
    return lambda step: first / (1.0 + 2.0 * ((step - 1) / length if step < end else 1.0))


DECAYS: Final[Mapping[str, Decay]] = {
    "asymptotic": Decay("{0} / (1 + 2 × {2} / {3})", _asymptotic, has_end=False),
    "linear": Decay("{0} + ({1} − {0}) × {2} / {3}", _linear),
    "exponential": Decay("{0} × ({1} / {0})^({2} / {3})", _exponential),
    "inverse": Decay("{0} / (1 + ({0} / {1} − 1) × {2} / {3})", _inverse),
    "constant": Decay("{0}", _constant, has_end=False),
}
"""Every decay by name."""
