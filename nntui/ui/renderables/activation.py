"""The points of an activation function's curve, as the screen takes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol


class Curve(Protocol):
    """An activation function around a point; `nntui.session.curve` makes them."""

    @property
    def x(self) -> Sequence[float]:
        """Where it was evaluated."""

    @property
    def y(self) -> Sequence[float]:
        """Its values there."""

    @property
    def point(self) -> tuple[float, float] | None:
        """The neuron's (z, a), None before they are known."""

    @property
    def slope(self) -> float | None:
        """The derivative at the point."""


CurveMaker = Callable[[str, "float | None", "float | None", int], "Curve | None"]
"""Makes a curve from an activation's name, its alpha, z, and how many points.

None for an activation that is not a function of one number.
"""
