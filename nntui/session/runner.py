"""Running by itself: until a breakpoint, a number gone wrong, or the end."""

from __future__ import annotations

import time
from typing import Final, final

from nntui.session.breakpoints import Breakpoint, Breakpoints, Scene
from nntui.session.timeline import Timeline
from nntui.session.watches import Watches

_SLICE: Final = 0.002
"""Seconds to run between two looks at the clock."""
_SLICE_STEPS: Final = 64
"""The most training steps in a slice."""
_OBSERVED: Final = 16
"""Steps between two looks at the watches, where breakpoints are looked at every step."""


@final
class Runner:
    """Moves a timeline on until there is a reason to stop.

    Attributes:
        stopped_by: the breakpoint that ended the last run; None where something else did.
    """

    def __init__(
        self, timeline: Timeline, breakpoints: Breakpoints, scene: Scene, watches: Watches
    ) -> None:
        self._timeline = timeline
        self._breakpoints = breakpoints
        self._scene = scene
        self._watches = watches
        self._slice = 1
        self.stopped_by: Breakpoint | None = None

    def to(self, last: int) -> bool:
        """Run to the end of training step `last`, past breakpoints; False at a fault."""
        timeline = self._timeline
        fine = timeline.complete_step()
        while fine and timeline.done < last:
            fine = timeline.straight(min(_SLICE_STEPS, last - timeline.done))
            self._watches.look()
        return fine

    def over(self, step: int, op: int) -> bool:
        """Go on to an op of a training step; False where a breakpoint stopped it on the way."""
        self.stopped_by = None
        timeline = self._timeline
        now = timeline.now
        now.interest = self._breakpoints.interest
        self._breakpoints.arm(self._scene)
        while (now.step, now.done) < (step, op):
            if now.complete:
                timeline.reach(now.step + 1, 0)
            timeline.advance(now.done + 1)
            self.stopped_by = self._breakpoints.hit(self._scene)
            if self.stopped_by is not None:
                return False
        return True

    def run(self, last: int, deadline: float) -> bool:
        """Run up to training step `last` or until a time.

        Returns:
            False where a breakpoint or a number that is not finite ended it. The timeline is then
            at the op that did.
        """
        self.stopped_by = None
        self._timeline.now.interest = self._breakpoints.interest | self._watches.interest
        if self._breakpoints.enabled:
            return self._watchful(last, deadline)
        timeline = self._timeline
        fine = timeline.complete_step()
        while fine and timeline.done < last and (start := time.perf_counter()) < deadline:
            fine = timeline.straight(min(self._slice, last - timeline.done))
            self._watches.look()
            slow = time.perf_counter() - start > _SLICE
            self._slice = max(1, self._slice // 2) if slow else min(2 * self._slice, _SLICE_STEPS)
        return fine

    def back(self, deadline: float) -> bool:
        """Run back to where a breakpoint's condition was last true, or until a time.

        Returns:
            False where it was found, or at the beginning of the run; True to be called again.
        """
        self.stopped_by = None
        timeline = self._timeline
        step, op = timeline.now.step, timeline.now.done
        while True:
            if op > 1 and self._last_true(step, op - 1):
                return False
            if step == 1:
                timeline.reach(1, 0)
                return False
            step, op = step - 1, len(timeline.trainer.program.ops) + 1
            if time.perf_counter() >= deadline:
                timeline.reach(step, op - 1)
                return not self._true_here()

    def _last_true(self, step: int, op: int) -> bool:
        """Go to the last op of a step, up to `op`, at which a condition is true; False if none."""
        timeline, found = self._timeline, 0
        timeline.reach(step, 1)
        while True:
            hit = self._breakpoints.true_now(self._scene)
            if hit is not None:
                found, self.stopped_by = timeline.now.done, hit
            if timeline.now.done == op:
                break
            timeline.advance(timeline.now.done + 1)
        if found:
            timeline.reach(step, found)
        return found > 0

    def _true_here(self) -> bool:
        self.stopped_by = self._breakpoints.true_now(self._scene)
        return self.stopped_by is not None

    def _watchful(self, last: int, deadline: float) -> bool:
        """Run with an eye on the breakpoints."""
        timeline, every_op = self._timeline, self._breakpoints.need_every_op
        self._breakpoints.arm(self._scene)
        while True:
            now = timeline.now
            if now.complete:
                if timeline.done >= last or time.perf_counter() >= deadline:
                    return True
            elif every_op or now.done:
                if not self._step_through():
                    return False
                continue
            if every_op:
                timeline.reach(timeline.done + 1, 0)
            elif not (timeline.straight(1) and self._at_end_of_step()):
                return False
            elif not timeline.done % _OBSERVED:
                self._watches.look()

    def _step_through(self) -> bool:
        """Do the step under way op by op, looking after each."""
        timeline = self._timeline
        known = timeline.now.fault is not None
        while not timeline.now.complete:
            timeline.advance(timeline.now.done + 1)
            if timeline.now.fault is not None and not known:
                return False
            hit = self._breakpoints.hit(self._scene)
            if hit is not None:
                self.stopped_by = hit
                return False
        return True

    def _at_end_of_step(self) -> bool:
        """Look at a step that has just been run; where a condition came true, go to the op."""
        hit = self._breakpoints.hit(self._scene)
        if hit is None:
            return True
        timeline, step = self._timeline, self._timeline.now.step
        timeline.reach(step, 1)
        while not hit.condition.holds(self._scene) and not timeline.now.complete:
            timeline.advance(timeline.now.done + 1)
        self.stopped_by = hit
        return False
