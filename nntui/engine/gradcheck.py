"""Are the gradients right? Two independent ways to ask.

Central differences move one parameter a little to both sides and look at the loss. Ridders'
extrapolation picks the distance: large ones suffer from curvature, small ones from rounding.
The complex step moves it along the imaginary axis, where nothing cancels, and is right to the last
digits; it needs every op to work on complex numbers.

Where the loss has a kink at the very point (a relu of exactly 0, as of a blank part of an image
under a bias of 0), there is no derivative to compare with. Complex numbers are ordered by their
imaginary parts there, so that steps to the two sides tell the slopes on the two sides.

Sources: Ridders, "Accurate computation of F'(x) and F'(x)F''(x)" (1982); Squire and Trapp, "Using
complex variables to estimate derivatives of real functions" (1998).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from nntui.engine.machine import Memory, straight
from nntui.engine.model import Dataset, Model
from nntui.engine.options import Array
from nntui.engine.program import Objective, Parameter
from nntui.engine.trainer import Trainer, quiet

_FIRST_DISTANCE: Final = 1e-2
_SHRINK: Final = 2.0
_ROUNDS: Final = 17
_COMPLEX_DISTANCE: Final = 1e-30
_TOLERANCE: Final = 1e-6
_EPSILON: Final = float(np.finfo(np.float64).eps)
_ZERO: Final = 1e-12
"""Gradients this small beside the network's largest are 0 but for rounding."""
_FINE: Final = (1e-5, 1e-9)
"""Rounding is what the network's largest gradients make it. This share of them is the smallest size
that differences, and complex steps, are seen beside: they leave seven digits of it."""


NO_GRADIENT: Final = (
    "there is no gradient here: the weights are moved by a rule of their own, not down a loss"
)
"""What is said where gradients of a model that learns without any are asked for."""


@dataclass(frozen=True)
class Check:
    """One parameter tensor's gradient against the two others.

    Attributes:
        central: the largest difference to central differences, over the largest gradient of the
            tensor, which counts as no less than 1e-5 of that of the network; over that of
            the network where the tensor's are 0 but for rounding, as those of a bias before
            `batch_norm` are.
        complex_step: the same for the complex step, which is finer: no less than 1e-9.
        largest: the largest magnitude in the gradient.
        checked: how many of its elements were compared.
        kinks: how many were left out, since the loss has no derivative there.
    """

    parameter: str
    central: float
    complex_step: float
    largest: float
    checked: int
    kinks: int


Report = Callable[[float], None]
"""Is told how far something has come, from 0 to 1."""


def check_gradients(
    model: Model,
    dataset: Dataset,
    *,
    step: int = 1,
    limit: int = 2000,
    report: Report = lambda _: None,
) -> tuple[Check, ...]:
    """Compare every parameter's gradient in training step `step`, from the initial parameters.

    Computed in float64 whatever the model's dtype; dropout masks are those of the step. Of a tensor
    with more than `limit` elements, that many are checked, evenly spread.
    """
    trainer, shadow = (Trainer(model, dataset, dtype) for dtype in ("float64", "complex128"))
    objectives = trainer.program.objectives
    names = [name for objective in objectives for name in objective.parameters]
    total, done = sum(len(_cells(trainer.program.parameter(n), limit)) for n in names), 0

    def count() -> None:
        nonlocal done
        done += 1
        report(done / total)

    checks: list[Check] = []
    for objective in objectives:
        checks += _check(trainer, shadow, objective, step, limit, count)
    return tuple(checks)


def _cells(parameter: Parameter, limit: int) -> Sequence[tuple[int, ...]]:
    """The elements of a parameter that are checked: all, or at most `limit`, evenly spread."""
    cells = list(np.ndindex(*parameter.shape))
    return cells[:: max(1, -(-len(cells) // limit))]


def _check(
    trainer: Trainer,
    shadow: Trainer,
    objective: Objective,
    step: int,
    limit: int,
    count: Callable[[], None],
) -> Iterator[Check]:
    for each in (trainer, shadow):
        each.state.reset()
    real, imaginary = (StepLoss(each, step, objective) for each in (trainer, shadow))
    trainer.run_ops(step, objective.first, objective.last)
    found = []
    for name in objective.parameters:
        parameter = trainer.program.parameter(name)
        gradient = parameter.view(trainer.gradients).copy()
        cells = _cells(parameter, limit)
        theta = parameter.view(trainer.state.vectors["theta"])
        other = parameter.view(shadow.state.vectors["theta"])
        given = np.array([gradient[i] for i in cells])
        central, exact = np.empty((2, len(cells)))
        for k, i in enumerate(cells):
            central[k], exact[k] = ridders(real.moved(theta, i)), imaginary.slope(other, i)
            count()
        off = _apart(given, exact) | _apart(given, central)
        smooth = np.array(
            [not (k and imaginary.is_bent(other, i)) for k, i in zip(off, cells, strict=True)]
        )
        found.append((parameter.name, given, central, exact, smooth))
    whole = max((_largest(given) for _, given, *_ in found), default=0.0)
    for name, *numbers, smooth in found:
        largest, kinks = _largest(numbers[0]), int((~smooth).sum())
        given, central, exact = (each[smooth] for each in numbers)
        scale = max(_largest(given), _largest(exact))
        least = [1.0 if scale <= _ZERO * whole else fine for fine in _FINE]
        near, nearest = (
            _largest(given - other) / (max(scale, share * whole) or 1.0)
            for other, share in zip((central, exact), least, strict=True)
        )
        yield Check(name, near, nearest, largest, len(given), kinks)


def tolerable(checks: Sequence[Check]) -> bool:
    """Whether every gradient agrees with at least one of the two.

    Differences fail where the loss has a kink close by; the complex step does not.
    """
    return all(min(c.central, c.complex_step) <= _TOLERANCE for c in checks)


def ridders(f: Callable[[float], float]) -> float:
    """f′(0) by extrapolated central differences.

    Of all extrapolations, the one with the smallest estimated error is taken. An estimate is never
    smaller than what rounding f does to the difference: two that agree by chance prove nothing.
    """
    distance = _FIRST_DISTANCE
    rows: list[list[float]] = []
    best, best_error = float("nan"), float("inf")
    for k in range(_ROUNDS):
        above, below = f(distance), f(-distance)
        rounding = _EPSILON * max(abs(above), abs(below)) / distance
        if rounding > best_error:
            break  # and it grows: no smaller distance does better
        row = [(above - below) / (2.0 * distance)]
        for j in range(k):
            power = _SHRINK ** (2 * (j + 1))
            row.append((row[j] * power - rows[k - 1][j]) / (power - 1.0))
            change = max(abs(row[j + 1] - row[j]), abs(row[j + 1] - rows[k - 1][j]))
            error = max(change, rounding)
            if error <= best_error:
                best, best_error = row[j + 1], error
        rows.append(row)
        distance /= _SHRINK
    return best


class StepLoss:
    """An objective of one training step as a function of the parameters.

    The ops before those of the objective are run first, so that parameters, and all else, are as
    they are where its own begin.
    """

    def __init__(self, trainer: Trainer, step: int, objective: Objective) -> None:
        self._memory: Memory = trainer.memory(step)
        self._step = step
        self._memory.refresh()
        trainer.run_ops(step, 1, objective.first - 1)
        parts = trainer.program.ops[objective.first - 1 : objective.end]
        with quiet():
            for op in parts:
                if op.phase == "data":
                    self._memory.execute(op, step)
        calls = [
            call for op in parts if op.phase != "data" for call in self._memory.calls[op.number - 1]
        ]
        self._run = straight(calls, self._memory.arrays[objective.loss].item)

    def value(self) -> complex:
        """The loss as the parameters are."""
        with quiet():
            return self._run(self._step)

    def moved(self, theta: Array, index: tuple[int, ...]) -> Callable[[float], float]:
        """The loss as a function of how far one parameter is moved."""
        origin = theta[index]

        def f(distance: float) -> float:
            theta[index] = origin + distance
            try:
                return float(self.value().real)
            finally:
                theta[index] = origin

        return f

    def slope(self, theta: Array, index: tuple[int, ...], side: int = 1) -> float:
        """The derivative of the loss by one parameter, by a complex step.

        Args:
            side: 1 or −1: the slope above or below, where the two differ.
        """
        origin, distance = theta[index], side * _COMPLEX_DISTANCE
        theta[index] = origin + 1j * distance
        try:
            return float(self.value().imag / distance)
        finally:
            theta[index] = origin

    def is_bent(self, theta: Array, index: tuple[int, ...]) -> bool:
        """Whether the loss has a kink where it is: other slopes above than below."""
        above, below = (self.slope(theta, index, side) for side in (1, -1))
        return abs(above - below) > _TOLERANCE * max(abs(above), abs(below))


def _apart(given: Array, other: Array) -> Array:
    """Where two ways to a derivative do not agree."""
    apart: Array = np.abs(given - other) > _TOLERANCE * np.abs(other)
    return apart


def _largest(values: Array) -> float:
    """The largest magnitude; 0 if there are none."""
    return float(np.max(np.abs(values), initial=0.0))
