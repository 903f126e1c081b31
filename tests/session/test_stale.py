"""What a change by hand leaves behind, and that the marks come and go with it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import TEXTS, scenario
from pictures import picture

from nntui.session.position import Depth
from nntui.session.session import Session


def stale(session: Session) -> dict[str, list[tuple[int, ...]]]:
    """The cells that are stale, by tensor."""
    found: dict[str, set[tuple[int, ...]]] = {}
    for name, marks in session.frame.stale.items():
        for mark in marks:
            places = (tuple(map(int, at)) for at in np.argwhere(mark.numbers))
            found.setdefault(name, set()).update(places)
    return {name: sorted(places) for name, places in found.items()}


def test_a_weight_changed_after_the_forward_pass_leaves_what_it_fed_behind() -> None:
    session = Session(scenario("exam"))
    session.cursor.go(1, 7)
    session.edit("hidden.weight", (0, 1), 0.7)

    assert stale(session) == {
        "hidden.z": [(0, 0)],
        "hidden.a": [(0, 0)],
        "output.z": [(0, 0)],
        "output.a": [(0, 0)],
        "loss": [()],
    }
    frame = session.frame
    assert frame.is_stale("hidden.z", 0)
    assert not frame.is_stale("hidden.z", 1)
    assert not frame.is_stale("hidden.weight", 0, 1)
    assert [e.tensor for e in frame.overtaken("output.a", 0)] == ["hidden.weight"]
    assert [e.tensor for e in frame.stale_loss] == ["hidden.weight"]


def test_a_changed_number_is_not_stale_itself() -> None:
    session = Session(scenario("exam"))
    session.cursor.go(1, 6)
    session.edit("hidden.z", (1,), 0.0)

    assert list(stale(session)) == ["hidden.a", "output.z", "output.a"]
    session.edit("hidden.a", (1,), 0.5)
    assert list(stale(session)) == ["output.z", "output.a"]


def test_what_is_computed_later_is_not_stale() -> None:
    session = Session(scenario("exam"))
    session.cursor.go(1, 7)
    session.edit("output.weight", (0, 0), 0.1)
    before = stale(session)
    session.cursor.forward(Depth.STEP)

    assert before == {"output.z": [(0, 0)], "output.a": [(0, 0)], "loss": [()]}
    assert stale(session) == before


def test_the_loss_is_stale_until_the_next_one() -> None:
    session = Session(scenario("exam"))
    session.cursor.go(1, 7)
    session.edit("hidden.bias", (0,), -1.0)
    marked = []
    for op in range(8):
        session.cursor.go(2, op)
        assert not session.frame.stale
        marked.append(bool(session.frame.stale_loss))

    assert marked == [True] * 7 + [False]


def test_of_a_batch_only_the_changed_sample_is_behind() -> None:
    session = Session(scenario("scores"))
    session.reader.sample = 1
    session.cursor.go(1, 3)
    session.edit("x", (0,), 9.0)

    assert set(stale(session)) == {"output.z", "output.a"}
    assert stale(session)["output.z"] == [(1, 0), (1, 1)]
    session.reader.sample = 0
    assert not session.frame.is_stale("output.z", 0)


def test_a_normalised_batch_is_behind_as_a_whole() -> None:
    session = Session(scenario("classes"))
    ops = {info.output: info.number for info in session.network.ops if info.phase == "forward"}
    session.cursor.go(1, ops["norm.a"])
    session.edit("hidden.a", (0,), 3.0)

    assert {unit for _, unit in stale(session)["norm.a"]} == {0}
    assert len(stale(session)["norm.a"]) == session.frame.samples


def test_a_rate_changed_between_two_updates_leaves_the_first_behind() -> None:
    session = Session(scenario("exam"))
    session.cursor.go(1, 18)
    session.edit("lr", (), 0.1)
    assert set(stale(session)) == {"hidden.weight", "hidden.bias"}


def test_what_is_changed_at_the_end_of_a_step_is_for_the_next() -> None:
    session = Session(scenario("classes"))
    session.cursor.forward(Depth.STEP)
    session.edit("lr", (), 0.1)
    session.edit("hidden.weight.m", (0, 0), 0.1)
    session.edit("hidden.weight", (0, 0), 0.1)
    assert stale(session) == {}


def test_moments_and_gradients_leave_the_update_behind() -> None:
    session = Session(scenario("classes"))
    made = {info.output: info.number for info in session.network.ops}
    session.cursor.go(2, made["hidden.weight"])
    session.edit("hidden.weight.v", (1, 1), 4.0)
    assert set(stale(session)) >= {"hidden.weight.v_hat", "hidden.weight"}
    assert stale(session)["hidden.weight"] == [(1, 1)]


def test_a_number_that_was_changed_back_leaves_nothing_behind() -> None:
    session = Session(scenario("exam"))
    session.cursor.go(1, 7)
    session.edit("hidden.weight", (0, 1), 0.7)
    session.edit("hidden.weight", (0, 1), 0.3)
    assert stale(session) == {}


def test_the_explanation_names_the_change() -> None:
    session = Session(scenario("exam"))
    session.cursor.go(1, 3)
    edit = session.edit("hidden.weight", (0, 1), 0.7)
    explanation = session.frame.explanation
    assert explanation is not None
    assert explanation.stale == (edit,)
    session.reader.focus = ("hidden", 1)
    explanation = session.frame.explanation
    assert explanation is not None
    assert explanation.stale == ()


def test_inside_the_op_before_a_change_nothing_is_changed() -> None:
    plain, session = Session(scenario("exam")), Session(scenario("exam"))
    session.cursor.go(1, 3)
    session.edit("hidden.weight", (0, 0), 9.0)
    session.edit("hidden.z", (0,), 9.0)
    for one in (plain, session):
        one.cursor.go(1, 2)
        one.cursor.depth = Depth.TERM
        one.cursor.forward()
    for _ in range(4):
        assert picture(session) == picture(plain)
        session.cursor.forward()
        plain.cursor.forward()
    session.cursor.go(1, 3)
    assert session.frame.value("hidden.z", 0) == 9.0


@pytest.mark.parametrize("name", TEXTS)
@settings(max_examples=8)
@given(
    place=st.tuples(st.integers(1, 4), st.integers(1, 60)),
    changes=st.lists(st.tuples(st.integers(0, 99), st.floats(-2, 2)), min_size=1, max_size=3),
    steps=st.integers(1, 5),
)
def test_marks_come_and_go_with_the_changes(
    name: str, place: tuple[int, int], changes: list[tuple[int, float]], steps: int
) -> None:
    plain, session = Session(scenario(name)), Session(scenario(name))
    plain.cursor.go(*place)
    session.cursor.go(*place)
    clean = picture(plain)
    assert not session.frame.stale
    for which, value in changes:
        known = [t for t in session.frame.arrays if t not in session.frame.known]
        tensor = known[which % len(known)]
        shape = session.reader.look(tensor).shape
        batched = tensor in session.frame.batched
        session.edit(tensor, tuple(which % n for n in shape[batched:]), value)
    changed = picture(session)

    seen = []
    for _ in range(steps):
        session.cursor.forward(Depth.OP)
        seen.append(picture(session))
    for shown in reversed(seen):
        assert picture(session) == shown
        session.cursor.back(Depth.OP)
    assert picture(session) == changed
    for shown in seen:
        session.cursor.forward(Depth.OP)
        assert picture(session) == shown
    session.cursor.go(*place)
    for one in (session, plain):
        one.cursor.back(Depth.OP)
    plain.cursor.depth = session.cursor.depth
    assert picture(session) == picture(plain)
    session.cursor.go(*place)
    for _ in changes:
        assert session.undo() is not None
    session.cursor.go(*place)
    plain.cursor.go(*place)
    plain.cursor.depth = session.cursor.depth
    assert picture(session) == clean
