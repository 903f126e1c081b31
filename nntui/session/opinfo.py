"""`OpInfo`: an op of the step's list, as the screen shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Phase = Literal["data", "forward", "loss", "backward", "update"]
PHASES: tuple[Phase, ...] = ("data", "forward", "loss", "backward", "update")


@dataclass(frozen=True)
class OpInfo:
    """One op of the step's list; the list is the same for every step.

    Attributes:
        number: from 1.
        shape: of the output, batch first.
        elements: stops at depth "element".
        player: whose turn it belongs to, where several take turns; else empty.
    """

    number: int
    phase: Phase
    layer: str
    kind: str
    inputs: tuple[str, ...]
    output: str
    formula: str
    shape: tuple[int, ...]
    elements: int
    player: str = ""

    @property
    def heading(self) -> str:
        """What it stands under in a list of ops: the phase, and whose it is."""
        return f"{self.player} · {self.phase}" if self.player else self.phase
