"""The `[[notes]]` of a file: lesson text, and the op it is shown at.

They are read early, with everything else that may be wrong with a file. Which ops there are is
known last, once the network and its data are in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from nntui.engine.program import Program
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


def check_ops(notes: Sequence[Note], place: Place, program: Program) -> bool:
    """Whether each note is shown somewhere; those where nothing is computed are reported.

    Args:
        place: that of the list of notes, none of which has been left out.
    """
    lost = [(note.at, place.at(i, "at")) for i, note in enumerate(notes) if not note.ops(program)]
    places = [f"{op.phase} {op.output}" for op in program.ops]
    for at, where in lost:
        if meant := _meant(at, places):
            where.refuse(f"unknown op {quote(at)}", meant)
        else:
            phase = at.partition(" ")[0]
            where.unknown("op", at, [p for p in places if p.startswith(phase)])
    return not lost


def _meant(at: str, places: Sequence[str]) -> str:
    """The place whose name goes on where `at` ends, or that of its tensor in another phase."""
    tensor = at.partition(" ")[2]
    begun = [place for place in places if place.startswith(f"{at}.")]
    elsewhere = [place for place in places if place.endswith(f" {tensor}")]
    return next(iter(begun + elsewhere), "")


def _check_position(at: str, place: Place, layers: Sequence[str]) -> bool:
    """Whether `at` names a phase and a tensor of a layer that exists.

    An update may concern no layer: that of the learning rate.
    """
    phase, _, tensor = " ".join(at.split()).partition(" ")
    if not tensor or " " in tensor:
        place.refuse(f'expected a phase and a tensor like "forward hidden.z", got {quote(at)}')
    elif phase not in PHASES:
        place.unknown("phase", phase, PHASES)
    elif phase == "update" or not layers or any(_is_of(tensor, o) for o in (*layers, *RESERVED)):
        return True
    else:
        depth = max(name.count(".") for name in layers)
        owner = ".".join(tensor.split(".")[: depth + 1])
        place.unknown("layer", owner, [*layers, *sorted(RESERVED)])
    return False


def _is_of(tensor: str, owner: str) -> bool:
    return tensor == owner or tensor.startswith(f"{owner}.")
