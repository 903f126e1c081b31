"""What the cursor has reached: of every tensor, the numbers it holds at a position.

The ops of a step run whole; a cursor inside one has seen only its first elements. What has not been
computed at a position is absent, and state that is about to be replaced still shows its old values.
"""

from __future__ import annotations

from typing import final

from nntui.engine.options import Array
from nntui.session.frame import Network
from nntui.session.now import Fault, Now
from nntui.session.position import Position


@final
class Sight:
    """Looks at the step under way from a position in it.

    Attributes:
        names: the tensors that are of interest on screen.
    """

    def __init__(self, now: Now, network: Network) -> None:
        self._now = now
        self._made_by = {info.output: info for info in reversed(network.ops)}
        self._state = frozenset(now.trainer.state.names())
        self.names = tuple(n for n in now.trainer.program.tensors if not _internal(n))

    def is_state(self, tensor: str) -> bool:
        """Whether it is handed on from step to step: a parameter, a moment, a statistic."""
        return tensor in self._state

    def known(self, tensor: str, position: Position) -> int | None:
        """How many of its elements this step has computed; None for all of them."""
        made = self._made_by.get(tensor)
        if made is None or made.number < position.op:
            return None
        if made.number > position.op:
            return 0
        return None if position.element >= made.elements else position.element

    def reached(self, tensor: str, position: Position) -> bool:
        """Whether this step has computed all of it."""
        return tensor in self._made_by and self.known(tensor, position) is None

    def look(self, tensor: str, position: Position) -> Array | None:
        """Its numbers, in the public shape; None where it has none yet.

        Of a tensor that is no state, only the `known` elements count.
        """
        known = self.known(tensor, position)
        if known is None:
            return self._now.now(tensor)
        if tensor not in self._state:
            # An op under way has its tensor, even before the first element is done.
            return self._now.now(tensor) if self._under_way(tensor, position) else None
        before = self._now.before(tensor)
        if not known:
            return before
        mixed = before.copy()
        mixed.reshape(-1)[:known] = self._now.now(tensor).reshape(-1)[:known]
        return mixed

    def fault(self, position: Position) -> Fault | None:
        """The first number that is not finite, once the cursor has reached it."""
        fault = self._now.fault
        if fault is None or fault.op.number > position.op:
            return None
        if fault.op.number == position.op and fault.element >= position.element:
            return None
        return fault

    def _under_way(self, tensor: str, position: Position) -> bool:
        return self._made_by[tensor].number == position.op


def _internal(name: str) -> bool:
    """Whether a tensor is the engine's own, of no interest on screen."""
    return (
        name.startswith("theta[") or " alone" in name or name in ("y.rows", "y.both", "y.one_hot")
    )
