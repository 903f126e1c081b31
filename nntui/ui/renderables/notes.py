"""The notes of a scenario: the lesson it teaches, op by op."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from nntui.session.lesson import Lesson
from nntui.ui.renderables.ops import NOTE
from nntui.ui.spans import BLANK, Line, cut, pad, restyle, wrap_words

HERE = "▸"
"""Stands before the notes at the op of the cursor."""


BAR = f"{NOTE} "
"""Stands before each line of a note."""


def note_lines(lessons: Sequence[Lesson], cells: int) -> list[Line]:
    """What notes say, with a bar beside them."""
    words = [line for each in lessons for line in wrap_words(each.text, cells - cell_len(BAR))]
    return [((BAR, "accent"), *line) for line in words]


def notes_foot(lessons: Sequence[Lesson], *, whole: bool) -> Line:
    """Which of the notes these are, in a few words, and how to read them; nothing where none is.

    Args:
        whole: whether all they say is on the screen.
    """
    if not lessons:
        return ()
    numbers = ", ".join(str(lesson.number) for lesson in lessons)
    name = f"note{'s' * (len(lessons) > 1)} {numbers} of {lessons[0].of}   "
    return ((name, "dim"), ("o all", "dim") if whole else ("o reads on", "accent"))


def nearest_note(lessons: Sequence[Lesson], op: int) -> int:
    """The place in the list of the note at op number `op`, or of the last one before it."""
    here = [k for k, lesson in enumerate(lessons) if op in lesson.ops]
    past = [k for k, lesson in enumerate(lessons) if lesson.ops and lesson.ops[0] <= op]
    return (here or past[-1:] or [0])[0]


def note_blocks(
    lessons: Sequence[Lesson], cells: int, *, op: int, chosen: int
) -> list[tuple[Line, ...]]:
    """The lines of each note: where it stands, and what it says.

    Args:
        op: the number of the op at the cursor.
        chosen: the place in the list of the one that is chosen.
    """
    digits = len(str(len(lessons)))
    return [
        _block(each, cells, digits, op in each.ops, k == chosen) for k, each in enumerate(lessons)
    ]


def _block(lesson: Lesson, cells: int, digits: int, here: bool, chosen: bool) -> tuple[Line, ...]:
    mark = f"{HERE} " if here else "  "
    number = f"{lesson.number:>{digits}}  "
    margin = len(mark + number)
    room = max(cells - margin, 1)
    place = (cut(lesson.at, room), "strong bold")
    head: Line = pad(((mark, "accent bold"), (number, "dim"), place), cells)
    words: list[Line] = [((" " * margin, "text"), *line) for line in wrap_words(lesson.text, room)]
    return (restyle(head, "cursor") if chosen else head, *words, BLANK)
