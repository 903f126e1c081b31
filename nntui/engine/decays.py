"""How the learning rate and the radius of a self-organizing map become smaller over a run.

A decay goes from a first value η₀ to a last one η₁; t counts the training steps done, T is how many
a run has, and after those the last value stays. `inverse` and `asymptotic` are MiniSom's
(`JustGlowing/minisom: minisom.py`): its asymptotic decay ends at a third of where it starts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, final


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
    curve: Callable[[float, float, float], float]
    has_end: bool = True

    def formula(self, symbol: str) -> str:
        """The formula with symbols: "η = η₀ / (1 + 2 × t / T)"."""
        values = (f"{symbol}₀", f"{symbol}₁", "t", "T")
        return f"{symbol} = {self.written.format(*values)}"

    def course(self, first: float, last: float, length: int) -> Callable[[int], float]:
        """The value of each training step, from 1, of a run of `length` steps."""
        curve = self.curve

        def at(step: int) -> float:
            return curve(first, last, (step - 1) / length if step <= length else 1.0)

        return at


def _constant(first: float, last: float, share: float) -> float:
    return first


def _linear(first: float, last: float, share: float) -> float:
    return first + (last - first) * share


def _exponential(first: float, last: float, share: float) -> float:
    return float(first * (last / first) ** share)


def _inverse(first: float, last: float, share: float) -> float:
    return first / (1.0 + (first / last - 1.0) * share)


def _asymptotic(first: float, last: float, share: float) -> float:
    return first / (1.0 + 2.0 * share)


DECAYS: Final[Mapping[str, Decay]] = {
    "asymptotic": Decay("{0} / (1 + 2 × {2} / {3})", _asymptotic, has_end=False),
    "linear": Decay("{0} + ({1} − {0}) × {2} / {3}", _linear),
    "exponential": Decay("{0} × ({1} / {0})^({2} / {3})", _exponential),
    "inverse": Decay("{0} / (1 + ({0} / {1} − 1) × {2} / {3})", _inverse),
    "constant": Decay("{0}", _constant, has_end=False),
}
"""Every decay by name."""
