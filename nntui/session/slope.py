"""The gradient of one number of a parameter, checked: what the backward pass says of it, and what
the loss itself says when the number is moved a little to both sides.

Where the loss has a kink in between (a relu at 0, a tie of a maximum, |x|), differences say
nothing, and the number is left out. `kinks` finds which cells of which op have it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, final, get_args

import numpy as np

from nntui.engine.gradcheck import NO_GRADIENT, StepLoss
from nntui.engine.ops.kind import Index
from nntui.engine.options import Array
from nntui.engine.program import Parameter
from nntui.engine.trainer import quiet
from nntui.errors import UsageError
from nntui.session.edit import Edit
from nntui.session.kinks import Kink, find_kinks
from nntui.session.now import Now
from nntui.session.shadow import Shadow, shadows_of
from nntui.session.symbols import Symbols
from nntui.session.trust import Difference, difference, tolerance_of

Verdict = Literal["wrong", "rounding", "kink", "pending", "right"]
"""What came of a check: they do not agree; the numbers have too few digits to tell; the loss has a
kink there; the gradient has not been computed yet; or they agree."""

_VERDICTS: Final[tuple[Verdict, ...]] = get_args(Verdict)
"""The worst first."""

_MOST: Final = 1000
"""Numbers of a parameter that are checked."""


_ZERO: Final = 1e-12
"""Gradients this small beside the network's largest are 0 but for rounding."""
_SURE: Final = 8
"""How many times the rounding two numbers have to be apart to be different."""


@dataclass(frozen=True)
class Slope:
    """The derivative of the loss by one number of a parameter, found in two ways.

    Attributes:
        symbol: of the number.
        step: the training step whose loss it is.
        value: what the number was when the part of the step that computes its loss began.
        gradient: by backpropagation; None where this step has not computed it yet.
        found: by differences.
        scale: the largest gradient of the parameter, or what differences say where that is not
            known: what the two are compared beside.
        kinks: where a kink is; empty where there is none, or they have not been looked for.
    """

    parameter: str
    index: Index
    symbol: str
    step: int
    value: float
    gradient: float | None
    found: Difference
    scale: float
    verdict: Verdict
    kinks: tuple[Kink, ...] = ()

    @property
    def off(self) -> float:
        """How far the two are apart, beside the largest gradient of the parameter."""
        if self.gradient is None:
            return math.nan
        return abs(self.gradient - self.found.slope) / (self.scale or 1.0)


@dataclass(frozen=True)
class Survey:
    """The gradients of a parameter, checked.

    Attributes:
        size: how many numbers the parameter has.
        slopes: those that were checked, the worst first.
    """

    parameter: str
    size: int
    slopes: tuple[Slope, ...]

    def count(self, verdict: Verdict) -> int:
        """How many came out like this."""
        return sum(slope.verdict == verdict for slope in self.slopes)


@final
class Slopes:
    """Checks the gradients of the step under way, number by number.

    Args:
        symbols: how cells are called.
        edits: what has been changed by hand in the step under way, up to the cursor.
        reached: whether the cursor has come to where a tensor is computed.
    """

    def __init__(
        self,
        now: Now,
        symbols: Symbols,
        edits: Callable[[], Sequence[Edit]],
        reached: Callable[[str], bool],
    ) -> None:
        self._now = now
        self._symbols = symbols
        self._edits = edits
        self._reached = reached
        self._shadows = shadows_of(now)

    def of(self, name: str, index: Index) -> Slope:
        """Check one number, and say where the loss has a kink if that is in the way.

        Raises:
            UsageError: there is no such parameter or no such cell, it has no gradient, or a number
                changed by hand has made the gradients of this step those of no loss.
        """
        parameter, shadow = self._parameter(name)
        inside = len(index) == len(parameter.shape) and all(
            0 <= i < n for i, n in zip(index, parameter.shape, strict=True)
        )
        if not inside:
            raise UsageError(f"{name} has no cell {list(index)}: its shape is {parameter.shape}")
        with quiet():
            loss = shadow.loss()
            slope = self._check(shadow, loss, parameter, index)
            if slope.verdict != "kink":
                return slope
            return replace(slope, kinks=self._kinks(shadow, loss, parameter, slope))

    def all(self, name: str) -> Generator[float, None, Survey]:
        """Check a whole parameter, reporting how far that has come, from 0 to 1.

        Of one with very many numbers, some are checked, evenly spread. Kinks are not looked for.

        Raises:
            UsageError: as for `of`.
        """
        parameter, shadow = self._parameter(name)
        size = math.prod(parameter.shape)
        places = range(0, size, -(-size // _MOST))
        loss, slopes = shadow.loss(), []
        for k, place in enumerate(places, 1):
            index = np.unravel_index(place, parameter.shape) if parameter.shape else ()
            with quiet():
                slopes.append(self._check(shadow, loss, parameter, tuple(int(i) for i in index)))
            yield k / len(places)
        slopes.sort(key=lambda slope: (_VERDICTS.index(slope.verdict), -slope.off))
        return Survey(name, size, tuple(slopes))

    def _parameter(self, name: str) -> tuple[Parameter, Shadow]:
        """A parameter whose gradient can be checked now, and the loss it is a gradient of."""
        if not any(p.name == name for p in self._now.trainer.program.parameters):
            names = ", ".join(p.name for shadow in self._shadows for p in shadow.parameters)
            raise UsageError(f"there is no parameter '{name}' (there are {names})")
        if not self._shadows:
            raise UsageError(NO_GRADIENT)
        found = [(p, s) for s in self._shadows for p in s.parameters if p.name == name]
        if not found:
            raise UsageError(f"{name} has no gradient: nothing is sent back to it")
        # Of several that go downhill with it in a step, the one whose turn it is or was last.
        begun = [pair for pair in found if pair[1].first <= self._now.done]
        chosen = begun[-1] if begun else found[0]
        edit = chosen[1].broken_by(self._edits())
        if edit is not None:
            raise UsageError(
                f"{edit.tensor} was changed by hand after op {edit.op} of this step: its gradients "
                "are those of no loss; check another step, or take the change back with :undo"
            )
        return chosen

    def _check(self, shadow: Shadow, loss: StepLoss, parameter: Parameter, index: Index) -> Slope:
        f, distance = shadow.along(loss, parameter, index)
        gradient, scale = None, abs(f(distance) - f(-distance)) / (2 * distance)
        name = f"{parameter.name}.grad"
        if self._reached(name) and shadow.completed(name) <= self._now.done:
            gradients = self._now.now(name)
            gradient, scale = float(gradients[index]), self._scale(gradients)
        found = difference(f, distance, scale)
        return Slope(
            parameter=parameter.name,
            index=index,
            symbol=self._symbols.symbol(parameter.name, index),
            step=self._now.step,
            value=float(shadow.values(parameter)[index]),
            gradient=gradient,
            found=found,
            scale=scale,
            verdict=_verdict(found, gradient, tolerance_of(self._now.trainer) * scale),
        )

    def _scale(self, gradients: Array) -> float:
        """The largest gradient of a parameter; of the network, where these are 0 but for rounding.

        Those of a bias before `batch_norm` are.
        """
        largest = float(np.abs(gradients).max(initial=0.0))
        whole = float(np.abs(self._now.trainer.gradients).max(initial=0.0))
        return whole if largest <= _ZERO * whole else largest

    def _kinks(
        self, shadow: Shadow, loss: StepLoss, parameter: Parameter, slope: Slope
    ) -> tuple[Kink, ...]:
        """Where the loss has a kink as a number is moved."""
        memory = shadow.trainer.memory(shadow.step)
        values, index = shadow.values(parameter), slope.index

        outputs = [op.output for op in shadow.passes]

        def run(distance: float) -> dict[str, Array]:
            loss.moved(values, index)(distance)
            seen = {name: memory.public(name).copy() for name in outputs}
            seen[parameter.name] = values.copy()
            seen[parameter.name][index] += distance
            return seen

        program, distance = shadow.trainer.program, slope.found.distances[0]
        return find_kinks(program, shadow.passes, memory, shadow.step, run, distance, self._symbols)


def _verdict(found: Difference, gradient: float | None, tolerance: float) -> Verdict:
    if found.kink:
        return "kink"
    if not math.isfinite(found.slope) or (gradient is not None and not math.isfinite(gradient)):
        return "rounding"
    if gradient is None:
        return "pending"
    off = abs(gradient - found.slope)
    if off <= tolerance:
        return "right"
    return "rounding" if off <= _SURE * found.rounding else "wrong"
