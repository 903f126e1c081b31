"""Where the cursor stands in time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Depth(IntEnum):
    """How far one press of a stepping key goes, finest first."""

    TERM = 0
    ELEMENT = 1
    OP = 2
    LAYER = 3
    PHASE = 4
    TURN = 5
    STEP = 6
    EPOCH = 7

    @property
    def label(self) -> str:
        """The word shown on screen."""
        return self.name.lower()


@dataclass(frozen=True, order=True)
class Position:
    """The last thing done.

    Positions of one run compare in time order.

    Attributes:
        step: the training step, from 1.
        op: how many ops of the step have begun; 0 before the first.
        element: how many elements of op `op` are done; all of them where the op is complete.
        term: how many terms of the next element are done; 0 between elements.
    """

    step: int
    op: int = 0
    element: int = 0
    term: int = 0
