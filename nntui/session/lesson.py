"""`Lesson`: a note of the scenario on its way to the screen, placed at the ops of the step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nntui.engine.program import Program
    from nntui.scenario.model import Note


@dataclass(frozen=True)
class Lesson:
    """A note of the scenario, and where it is shown.

    Attributes:
        number: its place among the notes, from 1, in the order of the ops.
        of: how many notes there are.
        at: the phase and the tensor it stands at: `forward hidden.z`.
        ops: the numbers of the ops it is shown at.
    """

    number: int
    of: int
    at: str
    ops: tuple[int, ...]
    text: str


def placed(notes: Sequence[Note], program: Program) -> tuple[Lesson, ...]:
    """The notes in the order in which the cursor comes to them."""
    ordered = sorted((note.ops(program), k) for k, note in enumerate(notes))
    return tuple(
        Lesson(number, len(notes), notes[k].at, ops, notes[k].text)
        for number, (ops, k) in enumerate(ordered, 1)
    )


def lessons_at(lessons: Sequence[Lesson], op: int) -> tuple[Lesson, ...]:
    """Those that are shown at op number `op`."""
    return tuple(lesson for lesson in lessons if op in lesson.ops)
