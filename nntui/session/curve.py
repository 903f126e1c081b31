"""An activation function as a curve, with the point a neuron is at and the tangent there."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nntui.engine.ops.activation import curve


@dataclass(frozen=True)
class ActivationCurve:
    """Points of a = f(z).

    Attributes:
        x, y: the curve, from left to right.
        point: where the neuron is: (z, a); None where it has not been computed or is off the
            curve.
        slope: f′(z) there.
    """

    x: tuple[float, ...]
    y: tuple[float, ...]
    point: tuple[float, float] | None = None
    slope: float | None = None


def activation_curve(
    name: str, alpha: float | None, at: float | None, width: int
) -> ActivationCurve | None:
    """The curve of an activation function around 0, at `width` points.

    It reaches as far as the point does. None for softmax, which is not a function of one number.
    """
    finite = at is not None and math.isfinite(at)
    reach = max(4.0, 1.25 * abs(at)) if at is not None and finite else 4.0
    points = max(2, width)
    x = tuple(reach * (2.0 * k / (points - 1) - 1.0) for k in range(points))
    if name == "softmax":
        return None
    y, _ = _values(name, alpha, x)
    if at is None or not finite:
        return ActivationCurve(x, y)
    (a,), (slope,) = _values(name, alpha, (at,))
    return ActivationCurve(x, y, (at, a), slope)


def _values(
    name: str, alpha: float | None, z: tuple[float, ...]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """(f(z), f′(z)) at some points."""
    return (z, (1.0,) * len(z)) if name == "linear" else curve(name, alpha, z)
