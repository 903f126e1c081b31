"""`Course`: what a value was at every training step so far.

A number of a tensor, or any expression that can be watched. It is found out by running the branch
over again from its beginning, step by step; only the losses are on record.
"""

from __future__ import annotations

from array import array
from collections.abc import Generator
from typing import final

import numpy as np

from nntui.engine.options import Array
from nntui.session.branch import Branch
from nntui.session.breakpoints import Scene
from nntui.session.expressions import Expression
from nntui.session.frame import Curve
from nntui.session.losses import thin
from nntui.session.replay import Replay


@final
class Course:
    """The values of an expression, one a training step, as far as they are known.

    Attributes:
        text: the expression.
        branch: the name of the branch.
        op: the number of the op after which a step's value is taken: the one that makes it.
        steps: how many training steps there are.
        sampled: whether it is of one sample's place in the batch, whatever row that holds.
    """

    def __init__(self, text: str, branch: str, *, op: int, steps: int, sampled: bool) -> None:
        self.text = text
        self.branch = branch
        self.op = op
        self.steps = steps
        self.sampled = sampled
        self._values = array("d")
        self._unknown: set[int] = set()
        self._thinned: tuple[int, Curve] = 0, Curve()

    def __len__(self) -> int:
        return len(self._values)

    def append(self, value: float | None) -> None:
        """The value at the next step; None where there is none."""
        self._values.append(np.nan if value is None else value)
        if value is None:
            self._unknown.add(len(self._values))

    def at(self, step: int) -> float | None:
        """The value at a step; None where it is not known."""
        if step in self._unknown or not 1 <= step <= len(self._values):
            return None
        return self._values[step - 1]

    @property
    def curve(self) -> Curve:
        """All values, thinned so that no peak is lost."""
        if self._thinned[0] != len(self):
            y = self._array()
            keep = thin(y)
            x = keep + 1.0
            self._thinned = len(self), Curve(tuple(x.tolist()), tuple(y[keep].tolist()))
        return self._thinned[1]

    @property
    def lowest(self) -> int | None:
        """The first step with the smallest finite value; None where there is none."""
        return self._extreme(1.0)

    @property
    def highest(self) -> int | None:
        """The first step with the largest finite value; None where there is none."""
        return self._extreme(-1.0)

    def crossing(self, value: float, step: int, by: int) -> int | None:
        """The next step after `step` (`by` 1), or the last before it (−1), that was at a value.

        That is where it is the value, or lies on the other side of it than the step before.
        """
        side = np.sign(self._array() - value)
        hit = side == 0
        hit[1:] |= side[1:] * side[:-1] < 0
        steps = np.flatnonzero(hit) + 1
        found = steps[steps > step] if by > 0 else steps[steps < step][::-1]
        return int(found[0]) if found.size else None

    def _extreme(self, sign: float) -> int | None:
        values = self._array() * sign
        values[~np.isfinite(values)] = np.inf
        if not np.isfinite(values).any():
            return None
        return int(values.argmin()) + 1

    def _array(self) -> Array:
        return np.array(self._values, np.float64)


def follow(
    course: Course,
    expression: Expression,
    branch: Branch,
    replay: Replay,
    scene: Scene,
    ops: int,
) -> Generator[float, None, None]:
    """Find out the values that are missing, reporting how far it has come, from 0 to 1.

    Args:
        replay: of the branch.
        scene: what an expression can see of the replay.
        ops: how many a step has.
    """
    if len(course) == course.steps:
        return
    previous = expression.uses_previous
    replay.now.last.interest = expression.names if previous else frozenset()
    yield from replay.go(len(course))
    while len(course) < course.steps:
        if previous or branch.edits_in(len(course) + 1):
            # A change later in the step is not part of the value.
            replay.begin()
            replay.advance(course.op)
            course.append(expression.scalar(scene))
            replay.advance(ops)
        else:
            replay.step()
            course.append(expression.scalar(scene))
        yield len(course) / course.steps
