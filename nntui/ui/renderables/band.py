"""`Band`: a line or more of a film strip, what it shows, and how high it may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal[
    "axis",
    "tokens",
    "rows",
    "across",
    "gaze",
    "truth",
    "lane",
    "length",
    "guess",
    "target",
    "head",
    "goal",
]

EXTRA: Final = 80
"""Bands of this rank or more come only where the others are as high as they can be."""


@dataclass(frozen=True)
class Band:
    """A line or more of the strip.

    Attributes:
        column: the layer it belongs to.
        tensor: what it shows.
        label: what that is called: "h", "∂h".
        names: of the units, a line each where there is room.
        rank: bands of a higher rank are left out first.
        phase: the only one it is for, where there is no room for the bands of both.
        lines: how high it is.
        units: how many units it shows; 1 for those that show no units.
        room: cells of a time step.
        beside: cells between its label and the first time step.
        opened: of units that lie across a time step, whether they may get a line each.
    """

    kind: Kind
    column: int = 0
    tensor: str = ""
    label: str = ""
    names: tuple[str, ...] = ()
    rank: int = 0
    phase: Literal["", "forward", "backward"] = ""
    lines: int = 1
    units: int = 1
    room: int = 0
    beside: int = 0
    opened: bool = False

    @property
    def is_named(self) -> bool:
        """Whether its layer's name stands before it."""
        return self.column > 0 and self.kind in ("rows", "across", "gaze", "head", "guess")

    @property
    def gradient(self) -> bool:
        """Whether it shows what comes back."""
        return self.phase == "backward"

    def sizes(self, *, bare: bool) -> list[int]:
        """The heights it may have, from the least."""
        if self.kind == "length":
            return [1, 2]
        if self.kind == "across":
            least = -(-self.units // self.a_line(bare=bare))
            return [
                *range(1, least + 1),
                *([self.units] if self.opened and self.units > least else []),
            ]
        if self.kind == "gaze":
            return [1]
        half = self.units if bare else -(-self.units // 2)
        least = min(2, half)
        return [*range(least, half + 1), *([self.units] if self.units > half else [])]

    def is_whole(self, *, bare: bool) -> bool:
        """Whether all of its units are in view."""
        if self.kind == "gaze":
            return True
        if self.kind == "across":
            return self.lines * self.a_line(bare=bare) >= self.units
        return self.lines >= (self.units if bare else -(-self.units // 2))

    def a_line(self, *, bare: bool) -> int:
        """How many units that lie across a time step fit on a line."""
        return max(self.room // 2 if bare else 2 * self.room, 1)
