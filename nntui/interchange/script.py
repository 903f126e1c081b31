"""Which ops of a run a trace prints, where it ends, and what it watches on the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import final

from nntui.errors import RunError
from nntui.session.frame import OpInfo
from nntui.session.position import Depth
from nntui.session.session import Session


@final
class Script:
    """A run for a trace.

    Args:
        steps: training steps at the most.
        until: a condition that ends the run at the op where it is first true; or empty.
        breaks: ops and conditions as for breakpoints; where there are any, only the ops at which
            one of them comes true are printed.
        watches: expressions whose values go with every op printed.

    Raises:
        ExpressionError: one of the texts is no expression of this network.
    """

    def __init__(
        self,
        session: Session,
        steps: int,
        *,
        until: str = "",
        breaks: Sequence[str] = (),
        watches: Sequence[str] = (),
    ) -> None:
        self.session = session
        self._steps = steps
        self._text = until
        points = session.breakpoints
        self._until = points.parse(until) if until else None
        self._watches = [(text, points.parse(text)) for text in watches]
        self._breaks = [points.add(text) for text in breaks]
        looking = [e for _, e in self._watches] + ([self._until] if self._until else [])
        names = [e.names for e in looking if e.uses_previous]
        session.timeline.now.last.interest = points.interest.union(*names)

    def __iter__(self) -> Iterator[OpInfo]:
        """Step through the run op by op; the ops to print, the session standing on each.

        Raises:
            RunError: the condition that was to end the run never came true.
        """
        session = self.session
        for _ in range(self._steps):
            for info in session.network.ops:
                session.cursor.forward(Depth.OP)
                hit = session.breakpoints.hit(session.scene)
                if hit is not None or not self._breaks:
                    yield info
                if self._until is not None and self._until.holds(session.scene):
                    return
        if self._until is not None:
            raise RunError(f"'{self._text}' was not true within {self._steps} training steps")

    def watched(self) -> dict[str, float | None]:
        """The values of the watches where the session stands; None where not known yet."""
        return {text: e.scalar(self.session.scene) for text, e in self._watches}
