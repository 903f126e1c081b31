"""`Edit`: a number changed by hand, at a moment of the run."""

from __future__ import annotations

from dataclasses import dataclass

Moment = tuple[int, int]
"""(training step, how many of its ops have run): between which two ops something happens."""


@dataclass(frozen=True)
class Edit:
    """A number changed by hand.

    Attributes:
        step, op: it was changed after op number `op` of this training step, before the next one.
        index: of the cell, in the tensor's public shape.
        value: what it became.
    """

    step: int
    op: int
    tensor: str
    index: tuple[int, ...]
    value: float

    @property
    def moment(self) -> Moment:
        """When it was made."""
        return self.step, self.op
