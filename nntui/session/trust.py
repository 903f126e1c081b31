"""Is the gradient on the screen right? A quick check of the step under way.

A few elements of every parameter's gradient are compared with central differences of the loss,
taken in double precision around the parameters as they were when the step began. Two distances and
their extrapolation make an error of rounding only. Another few elements are taken in every step.

Where the loss has a kink close by (a relu at 0), differences say nothing: the two sides then do not
come together as the distance shrinks, and the element is left out and counted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from nntui.engine.gradcheck import StepLoss
from nntui.engine.program import Op, Parameter
from nntui.engine.trainer import Trainer, quiet
from nntui.session.branch import Edit
from nntui.session.now import Now

_ELEMENTS: Final = 16
"""How many elements are compared."""
_DISTANCE: Final = 1e-4
_BENT: Final = 1e-6
"""Sides that come together worse than this, beside the gradient, are a kink."""
_TOLERANCE: Final = {8: 1e-6, 4: 1e-3}
"""What is right, by the bytes of a number; float32 gradients have rounding of their own."""
_EPSILON: Final = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Trust:
    """What came of a check.

    Attributes:
        off: the largest difference, over the largest gradient of the network; NaN where nothing
            could be compared.
        checked: how many elements were compared.
        kinks: how many were left out.
        good: whether they agree.
    """

    off: float
    checked: int
    kinks: int
    good: bool

    @property
    def text(self) -> str:
        """`∇ ✓ 3e-10 (2 kinks)`, or `∇ –` where nothing can be said."""
        noun = "kink" if self.kinks == 1 else "kinks"
        kinks = f" ({self.kinks} {noun})" if self.kinks else ""
        if not self.checked:
            return f"∇ –{kinks}"
        mark = "✓" if self.good else "✗"
        off = f"{self.off:.0e}" if self.off else "0"
        return f"∇ {mark} {off}{kinks}"


_NOTHING: Final = Trust(math.nan, 0, 0, good=True)


@final
class Checker:
    """Checks the gradients of the step under way, and remembers the answer."""

    def __init__(self, now: Now) -> None:
        self._now = now
        program = now.trainer.program
        backward = [op for op in program.ops if op.phase == "backward"]
        self.last: Op | None = backward[-1] if backward else None
        made = {op.output for op in backward}
        passes = [op for op in program.ops if op.phase != "update"]
        self._read = frozenset(name for op in passes for name in (*op.inputs, op.output))
        self._parameters = [p for p in program.parameters if f"{p.name}.grad" in made]
        self._shadow: Trainer | None = None
        self._key: object = None
        self._found = _NOTHING

    def check(self, edits: Sequence[Edit]) -> str:
        """What to say of the gradients, once the backward pass is complete.

        Args:
            edits: what has been changed by hand in this step. After an edit in the middle of it the
                gradients on the screen are not those of any loss.
        """
        now = self._now
        if any(e.op > 0 and e.tensor in self._read for e in edits):
            return "∇ edited"
        key = now.step, now.start.tobytes(), self._values()
        if key != self._key:
            with quiet():
                self._found = self._check()
            self._key = key
        return self._found.text

    def _values(self) -> bytes:
        return self._now.trainer.gradients.tobytes()

    def _check(self) -> Trust:
        now = self._now
        gradients = {p.name: now.now(f"{p.name}.grad") for p in self._parameters}
        largest = max((float(np.abs(g).max()) for g in gradients.values()), default=0.0)
        if not math.isfinite(largest) or not gradients:
            return _NOTHING
        loss = self._loss()
        scale = largest or 1.0
        off, checked, kinks = 0.0, 0, 0
        tolerance = _TOLERANCE.get(now.trainer.state.dtype.itemsize, 1e-3)
        theta = self._theta()
        for parameter, index in self._elements():
            values = parameter.view(theta)
            distance = _DISTANCE * max(1.0, abs(float(values[index])))
            found = difference(loss.moved(values, index), distance, scale)
            if found.kink:
                kinks += 1
            elif found.rounding <= tolerance * scale:
                given = float(gradients[parameter.name][index])
                off = max(off, abs(given - found.slope) / scale)
                checked += 1
        return Trust(off if checked else math.nan, checked, kinks, off <= tolerance)

    def _elements(self) -> list[tuple[Parameter, tuple[int, ...]]]:
        """Some of each parameter; others in the next step."""
        each = max(1, _ELEMENTS // max(1, len(self._parameters)))
        chosen: list[tuple[Parameter, tuple[int, ...]]] = []
        first = self._now.step - 1
        for parameter in self._parameters:
            size = math.prod(parameter.shape)
            count = min(each, size)
            apart = max(1, size // count)
            for k in range(count):
                at = (first + k * apart) % size
                where = np.unravel_index(at, parameter.shape) if parameter.shape else ()
                chosen.append((parameter, tuple(int(i) for i in where)))
        if len(chosen) <= _ELEMENTS:
            return chosen
        start = first * _ELEMENTS % len(chosen)
        return (chosen[start:] + chosen[:start])[:_ELEMENTS]

    def _theta(self) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        assert self._shadow is not None
        return self._shadow.state.vectors["theta"]

    def _loss(self) -> StepLoss:
        """The loss of this step, around the parameters with which it began."""
        now = self._now
        if self._shadow is None:
            trainer = now.trainer
            self._shadow = Trainer(trainer.model, trainer.dataset, "float64")
        theta = self._theta()
        for parameter in now.trainer.program.parameters:
            parameter.view(theta)[...] = now.before(parameter.name)
        return StepLoss(self._shadow, now.step)


@dataclass(frozen=True)
class Difference:
    """A derivative by differences.

    Attributes:
        rounding: how far the slope may be off, since numbers have only so many digits.
        kink: whether the two sides do not come together; then the slope means nothing.
    """

    slope: float
    rounding: float
    kink: bool


def difference(f: Callable[[float], float], distance: float, scale: float) -> Difference:
    """f′(0), from f at two distances on either side.

    Args:
        scale: the size of a slope that matters.
    """
    here, distances = f(0.0), (distance, distance / 2)
    above, below = ([f(sign * h) for h in distances] for sign in (1, -1))
    sizes = [abs(value) for value in (here, *above, *below)]
    rounding = 8 * _EPSILON * max(sizes) / distance
    if not all(map(math.isfinite, sizes)):
        return Difference(math.nan, math.inf, kink=False)
    # The gap between the slopes of the sides is h · f″ where f is smooth: it halves with h.
    gap, half = ((a - 2 * here + b) / h for a, b, h in zip(above, below, distances, strict=True))
    coarse, fine = ((a - b) / (2 * h) for a, b, h in zip(above, below, distances, strict=True))
    kink = abs(gap - 2 * half) > _BENT * scale + 4 * rounding
    return Difference((4 * fine - coarse) / 3, rounding, kink)
