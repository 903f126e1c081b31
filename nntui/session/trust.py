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

from nntui.engine.program import Parameter
from nntui.engine.trainer import Trainer, quiet
from nntui.session.edit import Edit
from nntui.session.now import Now
from nntui.session.shadow import Shadow, shadows_of

_ELEMENTS: Final = 16
"""How many elements are compared."""
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
    """Checks the gradients of the step under way, and remembers the answer.

    Args:
        reached: whether the cursor has come to where a tensor is computed.
    """

    def __init__(self, now: Now, reached: Callable[[str], bool]) -> None:
        self._now = now
        self._reached = reached
        self._shadows = shadows_of(now)
        self._key: object = None
        self._found = _NOTHING

    def check(self, edits: Sequence[Edit]) -> str:
        """What to say of the gradients of the last backward pass; nothing where none is complete.

        Of a model that learns without gradients, that there are none.

        Args:
            edits: what has been changed by hand in this step, up to the cursor. After an edit in
                the middle of it the gradients on the screen are not those of any loss.
        """
        now = self._now
        if not self._shadows:
            return "no ∇"
        known = [s for s in self._shadows if s.is_last and self._reached(s.last.output)]
        if not known:
            return ""
        shadow = known[-1]
        if shadow.broken_by(edits):
            return "∇ edited"
        key = now.step, now.start.tobytes(), self._values(), len(known)
        if key != self._key:
            with quiet():
                self._found = self._check(shadow)
            self._key = key
        return self._found.text

    def _values(self) -> bytes:
        return self._now.trainer.gradients.tobytes()

    def _check(self, shadow: Shadow) -> Trust:
        now = self._now
        gradients = {p.name: now.now(f"{p.name}.grad") for p in shadow.parameters}
        largest = max((float(np.abs(g).max()) for g in gradients.values()), default=0.0)
        if not math.isfinite(largest) or not gradients:
            return _NOTHING
        loss = shadow.loss()
        scale = largest or 1.0
        off, checked, kinks = 0.0, 0, 0
        tolerance = tolerance_of(now.trainer)
        for parameter, index in self._elements(shadow.parameters):
            found = difference(*shadow.along(loss, parameter, index), scale)
            if found.kink:
                kinks += 1
            elif found.rounding <= tolerance * scale:
                given = float(gradients[parameter.name][index])
                off = max(off, abs(given - found.slope) / scale)
                checked += 1
        return Trust(off if checked else math.nan, checked, kinks, off <= tolerance)

    def _elements(self, parameters: Sequence[Parameter]) -> list[tuple[Parameter, tuple[int, ...]]]:
        """Some of each parameter; others in the next step."""
        each = max(1, _ELEMENTS // max(1, len(parameters)))
        chosen: list[tuple[Parameter, tuple[int, ...]]] = []
        first = self._now.step - 1
        for parameter in parameters:
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


def tolerance_of(trainer: Trainer) -> float:
    """How far a gradient may be off, beside the largest one, and still be right."""
    return _TOLERANCE.get(trainer.state.dtype.itemsize, 1e-3)


@dataclass(frozen=True)
class Difference:
    """A derivative by differences.

    Attributes:
        distances: two, the second half the first.
        here: the value in the middle.
        above, below: the values at the distances, on either side.
        coarse, fine: the central differences with either distance.
        slope: what they come to where the distance goes to 0.
        rounding: how far the slope may be off, since numbers have only so many digits.
        kink: whether the two sides do not come together; then the slope means nothing.
    """

    distances: tuple[float, float]
    here: float
    above: tuple[float, float]
    below: tuple[float, float]
    coarse: float
    fine: float
    slope: float
    rounding: float
    kink: bool


def difference(f: Callable[[float], float], distance: float, scale: float) -> Difference:
    """f′(0), from f at two distances on either side.

    Args:
        scale: the size of a slope that matters.
    """
    here, half = f(0.0), distance / 2
    above, below = (f(distance), f(half)), (f(-distance), f(-half))
    coarse, fine = (above[0] - below[0]) / (2 * distance), (above[1] - below[1]) / distance
    sizes = [abs(value) for value in (here, *above, *below)]
    finite = all(map(math.isfinite, sizes))
    rounding = 8 * _EPSILON * max(sizes) / distance if finite else math.inf
    # The gap between the slopes of the sides is h · f″ where f is smooth: it halves with h.
    gap = (above[0] - 2 * here + below[0]) / distance
    gap_half = (above[1] - 2 * here + below[1]) / half
    return Difference(
        distances=(distance, half),
        here=here,
        above=above,
        below=below,
        coarse=coarse,
        fine=fine,
        slope=(4 * fine - coarse) / 3 if finite else math.nan,
        rounding=rounding,
        kink=finite and abs(gap - 2 * gap_half) > _BENT * scale + 4 * rounding,
    )
