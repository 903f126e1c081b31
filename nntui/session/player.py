"""`Player`: runs on by itself, forward or back, to where a breakpoint stops it."""

from __future__ import annotations

from typing import final

from nntui.session.breakpoints import Breakpoint, Breakpoints
from nntui.session.cursor import Cursor
from nntui.session.position import Depth, Position
from nntui.session.runner import Runner
from nntui.session.timeline import Timeline


@final
class Player:
    """Moves the cursor many stops at a time.

    Args:
        last: the last training step of the run.

    Attributes:
        stopped_by: the breakpoint that ended the last run; None where something else did.
    """

    def __init__(
        self,
        cursor: Cursor,
        timeline: Timeline,
        runner: Runner,
        breakpoints: Breakpoints,
        last: int,
    ) -> None:
        self._cursor = cursor
        self._timeline = timeline
        self._runner = runner
        self._breakpoints = breakpoints
        self._last = last
        self._stopped: Position | None = None
        self.stopped_by: Breakpoint | None = None

    def play(self, depth: Depth | None = None) -> None:
        """Go forward as the cursor does, or to the op before it at which a breakpoint stops."""
        cursor = self._cursor
        depth = cursor.depth if depth is None else depth
        self.stopped_by = None
        if not self._breakpoints.enabled:
            cursor.forward(depth)
            return
        target = cursor.boundaries.after(cursor.position, depth)
        cursor.reach()
        if self._runner.over(target.step, target.op):
            cursor.move(target)
        else:
            cursor.settle()
        self.stopped_by = self._runner.stopped_by

    def run(self, deadline: float) -> int:
        """Run whole training steps until a time, the end of the run, or a number gone wrong.

        A loss, parameter or moment that is not finite stops it, and the cursor then stands on the
        op that made it.

        Args:
            deadline: a value of `time.perf_counter()`.

        Returns:
            How many steps were done; 0 also right after it has stopped.
        """
        cursor = self._cursor
        stopped, self._stopped = self._stopped, None
        if stopped is not None and stopped == cursor.position:
            return 0
        cursor.reach()
        first = self._timeline.done
        fine = self._runner.run(self._last, deadline)
        cursor.settle()
        done = self._timeline.done - first
        self.stopped_by = self._runner.stopped_by
        if not fine and done and self.stopped_by is None:
            self._stopped = cursor.position
        return done

    def run_back(self, deadline: float) -> bool:
        """Run back until a breakpoint's condition was true, or until a time.

        Returns:
            Whether there is more to run: call it again.
        """
        self._cursor.reach()
        more = self._runner.back(deadline)
        self._cursor.settle()
        self.stopped_by = self._runner.stopped_by
        return more

    def forget(self) -> None:
        """Know nothing of the last run."""
        self._stopped = self.stopped_by = None
