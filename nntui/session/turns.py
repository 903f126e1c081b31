"""`Turn`: the part of a training step that belongs to one of several players.

Players that learn against each other take turns within a training step, each with data, passes and
an update of its own; a network that learns by itself takes none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol


class Numbered(Protocol):
    """What a turn is made of: an op, or what is known of it."""

    @property
    def number(self) -> int:
        """Its place in the training step, from 1."""

    @property
    def phase(self) -> str:
        """The phase it belongs to."""

    @property
    def player(self) -> str:
        """Whose turn it belongs to; empty where no one takes turns."""


@dataclass(frozen=True)
class Turn:
    """A player's turn.

    Attributes:
        number: which of this player's turns in the training step, from 1.
        of: how many turns the player has in it.
        first, last: its ops, by number; what closes the step is part of the last turn.
    """

    player: str
    number: int
    of: int
    first: int
    last: int


def turns_of(ops: Sequence[Numbered]) -> tuple[Turn, ...]:
    """The turns of a training step; empty where no one takes turns.

    A turn begins where data come in after an update.
    """
    if not ops or not ops[0].player:
        return ()
    starts = [ops[0].number]
    for before, op in pairwise(ops):
        if op.phase == "data" and before.phase == "update":
            starts.append(op.number)
    players = [ops[start - 1].player for start in starts]
    ends = [*(start - 1 for start in starts[1:]), len(ops)]
    seen: Counter[str] = Counter()
    turns = []
    for player, first, last in zip(players, starts, ends, strict=True):
        seen[player] += 1
        turns.append(Turn(player, seen[player], players.count(player), first, last))
    return tuple(turns)


def turn_at(turns: Sequence[Turn], op: int) -> Turn | None:
    """The turn that op number `op` belongs to; the first one before any op, None without turns."""
    return next((turn for turn in turns if op <= turn.last), None)
