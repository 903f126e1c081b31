"""The `[[notes]]` of a file: lesson text, and the op it is shown at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from nntui.scenario.kinds import Line, Prose, describe
from nntui.scenario.layers import RESERVED
from nntui.scenario.model import Note
from nntui.scenario.options import read
from nntui.scenario.report import Place
from nntui.scenario.text import quote

PHASES: Final = ("data", "forward", "loss", "backward", "update")

_MOST: Final = 1000


@dataclass(frozen=True, kw_only=True)
class _Note:
    at: Annotated[str, Line(limit=200, empty=False)]
    text: Annotated[str, Prose()]


def read_notes(value: object, place: Place, layers: Sequence[str]) -> tuple[Note, ...]:
    """The notes that are in order; problems of the others are reported.

    Args:
        layers: the names of the layers, and of what else tensors can belong to.
    """
    if not isinstance(value, list):
        place.refuse(f"expected an array of tables [[notes]], got {describe(value)}")
        return ()
    if len(value) > _MOST:
        place.at(_MOST).refuse(f"there are {len(value)} notes; at most {_MOST} are read")
        return ()
    notes = []
    for i, table in enumerate(value):
        if not isinstance(table, dict):
            place.at(i).refuse(f"expected a table, got {describe(table)}")
            continue
        note = read(_Note, table, place.at(i))
        if note is not None and _check_position(note.at, place.at(i, "at"), layers):
            notes.append(Note(" ".join(note.at.split()), note.text))
    return tuple(notes)


def _check_position(at: str, place: Place, layers: Sequence[str]) -> bool:
    """Whether `at` names a phase and a tensor of a layer that exists."""
    phase, _, tensor = " ".join(at.split()).partition(" ")
    if not tensor or " " in tensor:
        place.refuse(f'expected a phase and a tensor like "forward hidden.z", got {quote(at)}')
    elif phase not in PHASES:
        place.unknown("phase", phase, PHASES)
    elif layers and not any(_is_of(tensor, owner) for owner in (*layers, *RESERVED)):
        depth = max(name.count(".") for name in layers)
        owner = ".".join(tensor.split(".")[: depth + 1])
        place.unknown("layer", owner, [*layers, *sorted(RESERVED)])
    else:
        return True
    return False


def _is_of(tensor: str, owner: str) -> bool:
    return tensor == owner or tensor.startswith(f"{owner}.")
