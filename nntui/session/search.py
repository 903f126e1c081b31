"""`Search`: back in time to where a breakpoint's condition was last true."""

from __future__ import annotations

import time
from typing import Final, final

from nntui.engine.trainer import quiet
from nntui.session.breakpoints import Breakpoint, Breakpoints, Scene
from nntui.session.expressions.values import true
from nntui.session.lookout import Lookout
from nntui.session.recorded import Recorded, reads_losses
from nntui.session.timeline import Timeline

_QUICK: Final = 0.004
"""Seconds that going through a stretch may take before the next one is shorter."""
_LONGEST: Final = 1024
"""Training steps in a stretch."""
_LOSSES: Final = 4096
"""Recorded losses looked at between two looks at the clock."""


@final
class Search:
    """Goes back stretch by stretch, the newest first, each run forward once and looked at.

    Attributes:
        found: the breakpoint whose condition is true where the search has ended.
    """

    def __init__(self, timeline: Timeline, breakpoints: Breakpoints, scene: Scene) -> None:
        self._timeline = timeline
        self._breakpoints = breakpoints
        self._scene = scene
        self._recorded = Recorded(timeline)
        self._stretch = 1
        self.found: Breakpoint | None = None

    def back(self, lookout: Lookout | None, deadline: float) -> bool:
        """Go back to where a condition was last true, or until a time.

        Args:
            lookout: who looks at whole steps; None: they are done op by op.

        Returns:
            False where it was found, or at the beginning of the run; True to be called again.
        """
        timeline = self._timeline
        step, op = timeline.now.step, timeline.now.done
        self.found = None
        if op > 1 and self._within(step, op - 1):
            return False
        while step > 1:
            step, found = self._before(step, lookout)
            if found:
                return False
            if time.perf_counter() >= deadline and step > 1:
                timeline.reach(step, 0)
                return True
        timeline.reach(1, 0)
        return False

    def _before(self, step: int, lookout: Lookout | None) -> tuple[int, bool]:
        """Look at some of the steps before one: the first of them, and whether it was there."""
        ops = len(self._scene.ops)
        edited = max((e.step for e in self._timeline.branch.edits if e.step < step), default=1)
        if lookout is None or edited == step - 1:
            return step - 1, self._within(step - 1, ops)
        if all(reads_losses(b.condition) for b in self._breakpoints.enabled):
            first = max(edited + 1, step - _LOSSES)
            last = self._last_loss(first, step - 1)
            return first, bool(last) and self._within(last, ops)
        first = max(edited + 1, step - self._stretch)
        start = time.perf_counter()
        found = self._through(first, step - 1, lookout)
        quick = time.perf_counter() - start < _QUICK
        self._stretch = min(2 * self._stretch, _LONGEST) if quick else max(1, self._stretch // 2)
        return first, found

    def _through(self, first: int, last: int, lookout: Lookout) -> bool:
        """Run a stretch, and go to the last op in it at which a condition is true."""
        timeline, ops = self._timeline, len(self._scene.ops)
        timeline.reach(first - 1, ops)
        lookout.start(timeline.now, self._scene.sample)
        found = 0, 0

        def look(step: int) -> bool:
            nonlocal found
            op = lookout.last_true(step)
            found = (step, op) if op else found
            return False

        if not timeline.straight(last - first + 1, look):
            # Beyond a number that is not finite.
            return any(self._within(step, ops) for step in range(last, first - 1, -1))
        if found[0]:
            timeline.reach(*found)
            self.found = self._breakpoints.true_now(self._scene)
        return bool(found[0])

    def _last_loss(self, first: int, last: int) -> int:
        """The last of some steps whose recorded loss makes a condition true; 0 if none does."""
        readers = [b.condition.reader(self._recorded) for b in self._breakpoints.enabled]
        with quiet():
            for step in range(last, first - 1, -1):
                self._recorded.step = step
                for read in readers:
                    value = read()
                    if value is not None and true(value):
                        return step
        return 0

    def _within(self, step: int, op: int) -> bool:
        """Go to the last op of a step, up to `op`, at which a condition is true; False if none."""
        timeline, found = self._timeline, 0
        timeline.reach(step, 1)
        while True:
            hit = self._breakpoints.true_now(self._scene)
            if hit is not None:
                found, self.found = timeline.now.done, hit
            if timeline.now.done == op:
                break
            timeline.advance(timeline.now.done + 1)
        if found:
            timeline.reach(step, found)
        return found > 0
