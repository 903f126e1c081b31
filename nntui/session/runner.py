"""Running by itself: until a breakpoint, a number gone wrong, or the end; and back in time."""

from __future__ import annotations

import math
import time
from typing import Final, final

from nntui.session.breakpoints import Breakpoint, Breakpoints, Scene
from nntui.session.lookout import Lookout, can_judge
from nntui.session.search import Search
from nntui.session.timeline import Timeline
from nntui.session.watches import Watches

_SLICE_STEPS: Final = 512
"""The most training steps between two looks at the clock."""
_REST: Final = 0.001
"""Seconds before the time to stop in which it is not worthwhile to begin with more steps."""


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
        self._pace = 0.0
        self._judged: tuple[tuple[Breakpoint, ...], Lookout | None] = ((), None)
        self._left: object = None
        self._search = Search(timeline, breakpoints, scene)
        self.stopped_by: Breakpoint | None = None

    def to(self, last: int) -> bool:
        """Run to the end of training step `last`, past breakpoints; False at a fault."""
        timeline = self._timeline
        fine = timeline.complete_step()
        while fine and timeline.done < last:
            fine = timeline.straight(min(self._unwatched, last - timeline.done))
            self._watches.look()
        return fine

    def over(self, step: int, op: int) -> bool:
        """Go on to an op of a training step; False where something stopped it on the way."""
        timeline = self._timeline
        now = timeline.now
        self._set_out()
        if step > now.step + 1 and not self._run(step - 1, float("inf")):
            return False
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
        self._set_out()
        fine = self._run(last, deadline)
        self._left = self._here
        return fine

    def back(self, deadline: float) -> bool:
        """Run back to where a breakpoint's condition was last true, or until a time.

        Returns:
            False where it was found, or at the beginning of the run; True to be called again.
        """
        self._attend()
        more = self._search.back(self._lookout(), deadline)
        self.stopped_by = self._search.found
        return more

    def _set_out(self) -> None:
        self.stopped_by = None
        self._attend()
        # Where a run just goes on, what was known of the conditions still holds.
        if self._here != self._left:
            self._breakpoints.arm(self._scene)

    @property
    def _here(self) -> object:
        """All that the truth of the conditions depends on."""
        branch, now = self._timeline.branch, self._timeline.now
        edits, enabled = tuple(branch.edits), self._breakpoints.enabled
        shown = any(b.condition.uses_sample for b in enabled)
        sample = self._scene.sample if shown else None
        return branch.name, edits, now.step, now.done, enabled, sample

    def _attend(self) -> None:
        self._timeline.attend(self._breakpoints.interest | self._watches.interest)

    def _run(self, last: int, deadline: float) -> bool:
        """Run to the end of a step or until a time; False where something else ended it."""
        timeline, lookout = self._timeline, self._lookout()
        watched, first = bool(self._breakpoints.enabled), timeline.done
        if not (self._step_through() if watched else timeline.complete_step()):
            return False
        if lookout is not None:
            lookout.start(timeline.now, self._scene.sample)
        while timeline.done < last:
            start, before = time.perf_counter(), timeline.done
            # However late it is, a step is done: none would mean that there is no going on.
            if start >= deadline - _REST and before > first:
                break
            if watched and lookout is None:
                fine = self._next_step()
            else:
                most = min(self._unwatched, last - before)
                fine = self._straight(min(self._fitting(deadline - start), most), lookout)
            if not fine:
                return False
            self._watches.look()
            self._pace = (time.perf_counter() - start) / (timeline.done - before)
        return True

    @property
    def _unwatched(self) -> int:
        """The most steps to do until the clock and the watches are looked at again."""
        ahead = self._watches.ahead(self._timeline.done)
        return _SLICE_STEPS if ahead is None else min(ahead, _SLICE_STEPS)

    def _fitting(self, seconds: float) -> int:
        """How many steps to do in so many seconds; no more than twice as many as the last time."""
        if seconds <= 0.0:
            return 1
        fit = seconds / self._pace if self._pace else math.inf
        if fit >= self._slice:
            self._slice = min(2 * self._slice, _SLICE_STEPS)
        return max(1, int(min(fit, self._slice)))

    def _straight(self, count: int, lookout: Lookout | None) -> bool:
        """Run so many steps straight through, but op by op where a condition comes true."""
        timeline = self._timeline
        if lookout is None:
            return timeline.straight(count)
        goal = timeline.done + count
        if not timeline.straight(count, lookout.look):
            # A breakpoint may come before the number that went wrong.
            step = timeline.now.step
            timeline.reach(step - 1, len(self._scene.ops))
            self._breakpoints.arm(self._scene)
            return self._next_step()
        if timeline.done < goal:
            if not self._next_step():
                return False
            lookout.start(timeline.now, self._scene.sample)
        return True

    def _next_step(self) -> bool:
        """Do the next step op by op."""
        self._timeline.reach(self._timeline.done + 1, 0)
        return self._step_through()

    def _step_through(self) -> bool:
        """Do the step under way op by op, looking after each; False where something stops it."""
        timeline = self._timeline
        known = timeline.now.fault is not None
        while not timeline.now.complete:
            timeline.advance(timeline.now.done + 1)
            if timeline.now.fault is not None and not known:
                return False
            self.stopped_by = self._breakpoints.hit(self._scene)
            if self.stopped_by is not None:
                return False
        return True

    def _lookout(self) -> Lookout | None:
        """Who looks at whole steps; None where no one has to, or the ends of steps do not do."""
        enabled = self._breakpoints.enabled
        if enabled != self._judged[0]:
            scene, conditions = self._scene, {b.number: b.condition for b in enabled}
            lookout = None
            if enabled and all(can_judge(c, scene.makers) for c in conditions.values()):
                lookout = Lookout(
                    self._timeline.trainer,
                    scene.ops,
                    scene.makers,
                    conditions,
                    self._breakpoints.held,
                )
            self._judged = enabled, lookout
        return self._judged[1]
