"""`Cursor`: where one stands in a run, and every way to move on or back."""

from __future__ import annotations

from typing import final

from nntui.session.boundaries import Boundaries
from nntui.session.position import Depth, Position
from nntui.session.runner import Runner
from nntui.session.timeline import Timeline
from nntui.session.watches import Watches

_START = Position(1)


@final
class Cursor:
    """Stands on what was done last.

    Going forward leads to the next boundary of a depth: the end of a term, element, op, layer's
    part of a phase, phase, training step or epoch; going back to the one before.

    Attributes:
        position: where it stands.
        depth: how far `forward` and `back` go, where they are told nothing else.
        boundaries: where it may stand.
    """

    def __init__(
        self, timeline: Timeline, boundaries: Boundaries, runner: Runner, watches: Watches
    ) -> None:
        self.position = _START
        self.depth = Depth.OP
        self.boundaries = boundaries
        self._timeline = timeline
        self._runner = runner
        self._watches = watches

    def forward(self, depth: Depth | None = None) -> None:
        """Go to the next boundary of a depth."""
        depth = self.depth if depth is None else depth
        target = self.boundaries.after(self.position, depth)
        if depth < Depth.EPOCH:
            self.move(target)
            return
        self.reach()
        self._runner.to(target.step)
        self.settle()

    def back(self, depth: Depth | None = None) -> None:
        """Go to the last boundary of a depth before this position."""
        depth = self.depth if depth is None else depth
        self.move(self.boundaries.before(self.position, depth))

    def deepen(self, by: int) -> None:
        """Make the depth coarser by so many notches, or finer."""
        depths = self.boundaries.depths
        at = sum(depth <= self.depth for depth in depths) - 1
        self.depth = depths[min(max(at + by, 0), len(depths) - 1)]

    def into(self) -> None:
        """Go one depth finer, then forward."""
        self.deepen(-1)
        self.forward()

    def finish(self) -> None:
        """Go one depth coarser, and forward to the end of what encloses the position there."""
        self.deepen(1)
        if not self.boundaries.at(self.position, self.depth):
            self.forward()

    def back_into(self) -> None:
        """Go one depth finer, then back."""
        self.deepen(-1)
        self.back()

    def back_out(self) -> None:
        """Go one depth coarser, and back to the beginning of what encloses the position there."""
        self.deepen(1)
        self.back()

    def go(self, step: int, op: int | None = None) -> None:
        """Go to where an op of a training step has been done; the last one, where none is given."""
        ops = self.boundaries.ops
        op = ops if op is None else max(0, min(op, ops))
        self.move(self.boundaries.complete(max(1, step), op))

    def jump(self, op: int) -> None:
        """Go to where op number `op` of this training step has just been done."""
        self.go(self.position.step, op)

    def move(self, position: Position) -> None:
        """Go to a position."""
        inside = self.boundaries.partial(position)
        self._timeline.reach(position.step, position.op, inside=inside)
        self.position = position
        self._watches.look()

    def reach(self) -> None:
        """Bring the timeline to where the cursor stands: for whoever works on it from here."""
        self._timeline.reach(self.position.step, self.position.op)

    def settle(self) -> None:
        """Stand on what the timeline has done last."""
        now = self._timeline.now
        started = now.done or now.step > 1
        self.position = self.boundaries.complete(now.step, now.done) if started else _START
        self._watches.look()
