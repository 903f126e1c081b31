"""Notes are shown wherever the cursor is at their op."""

from __future__ import annotations

from collections import Counter

import pytest

from nntui.scenario import load
from nntui.session.frame import Frame
from nntui.session.lesson import lessons_at
from nntui.session.position import Depth
from nntui.session.session import Session

EVERY_DEPTH = [Depth.TERM, Depth.ELEMENT, Depth.OP, Depth.LAYER, Depth.PHASE, Depth.STEP]


def told(session: Session) -> tuple[str, ...]:
    """The notes in the picture."""
    explanation = session.frame.explanation
    return tuple(lesson.text for lesson in explanation.lessons) if explanation else ()


def wanted(session: Session, frame: Frame) -> tuple[str, ...]:
    """The notes of the file at the op of the cursor."""
    op = frame.op
    if op is None:
        return ()
    at = f"{op.phase} {op.output}"
    return tuple(note.text for note in session.scenario.notes if note.at == at)


@pytest.mark.parametrize("depth", EVERY_DEPTH)
def test_a_note_is_there_at_every_depth_and_from_both_sides(depth: Depth) -> None:
    session = Session(load("exam"))
    session.cursor.depth = depth
    seen = 0
    for move in (session.cursor.forward, session.cursor.back):
        for _ in range(60):
            move()
            assert told(session) == wanted(session, session.frame)
            seen += len(told(session))

    assert seen > (20 if depth <= Depth.OP else -1)


def test_a_note_is_there_after_a_jump_and_in_later_steps() -> None:
    session = Session(load("exam"))
    notes = session.network.lessons
    for step in (1, 7, 2):
        for lesson in notes:
            session.cursor.go(step, lesson.ops[0])
            assert told(session) == (lesson.text,)


def test_notes_are_counted_in_the_order_of_the_ops() -> None:
    network = Session(load("exam")).network

    assert [lesson.number for lesson in network.lessons] == list(range(1, len(network.lessons) + 1))
    assert {lesson.of for lesson in network.lessons} == {len(network.lessons)}
    first = [lesson.ops[0] for lesson in network.lessons]
    assert first == sorted(first)
    for lesson in network.lessons:
        info = network.ops[lesson.ops[0] - 1]
        assert lesson.at == f"{info.phase} {info.output}"


def test_every_op_finds_its_own() -> None:
    network = Session(load("hello")).network
    counts = Counter(
        n for op in network.ops for n in (e.number for e in lessons_at(network.lessons, op.number))
    )

    assert counts == {lesson.number: len(lesson.ops) for lesson in network.lessons}
