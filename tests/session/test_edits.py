"""Edits, branches and forks: what follows from a change, and that the past stays as it was."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import scenario
from pictures import picture, state

from nntui.errors import UsageError
from nntui.session.position import Depth
from nntui.session.session import Session


def test_an_activation_changed_in_the_middle_of_a_pass_changes_what_follows() -> None:
    session = Session(scenario("exam"))
    for _ in range(4):
        session.cursor.forward(Depth.OP)
    session.edit("hidden.a", (0,), 0.5)
    session.cursor.forward(Depth.OP)

    a2 = 1 / (1 + math.exp(-3.2))
    assert session.frame.value("output.z", 0) == pytest.approx(
        0.6 * 0.5 + 0.8 * a2 + 0.2, rel=1e-15
    )

    session.cursor.forward(Depth.PHASE)
    session.cursor.forward(Depth.PHASE)
    session.cursor.forward(Depth.PHASE)
    # The backward pass uses the edited value: ∂L/∂w₁ = ∂L/∂z · a₁, and σ′ = a (1 − a) at 0.5.
    upstream = session.frame.value("output.z.grad", 0)
    assert upstream is not None
    assert session.frame.value("output.weight.grad", 0, 0) == pytest.approx(upstream * 0.5)
    assert session.frame.value("hidden.z.grad", 0) == pytest.approx(upstream * 0.6 * 0.25)


def test_an_edit_changes_nothing_before_it() -> None:
    session = Session(scenario("classes"))
    before = []
    for _ in range(40):
        session.cursor.forward(Depth.OP)
        before.append((session.cursor.position, picture(session), state(session)))
    session.edit("hidden.weight", (0, 0), 3.0)
    session.cursor.forward(Depth.EPOCH)

    for position, shown, bits in before[:-1]:
        session.cursor.go(position.step, position.op)
        assert picture(session) == shown
        assert state(session) == bits


def test_an_edit_in_the_past_keeps_the_old_future_as_a_branch() -> None:
    session = Session(scenario("exam"))
    for _ in range(3):
        session.cursor.forward(Depth.STEP)
    old = state(session), session.losses.curve(9)
    session.cursor.go(2, 5)
    session.edit("hidden.weight", (0, 0), -2.0)

    assert session.branches == ("main", "main-2")
    assert session.branch == "main-2"
    session.cursor.forward(Depth.STEP)
    session.cursor.forward(Depth.STEP)
    assert state(session) != old[0]

    session.switch("main")
    session.cursor.go(session.timeline.farthest)
    assert (state(session), session.losses.curve(9)) == old


def test_undo_brings_back_the_bits_of_then() -> None:
    session = Session(scenario("curve"))
    session.cursor.go(3, 4)
    plain = Session(scenario("curve"))
    plain.cursor.go(6, 9)

    session.edit("hidden.z", (1,), 9.0)
    session.edit("hidden.bias", (0,), 1.0)
    session.cursor.forward(Depth.EPOCH)
    session.cursor.go(6, 9)
    assert state(session) != state(plain)
    assert session.undo() is not None
    assert session.undo() is not None
    assert session.undo() is None

    assert session.cursor.position == plain.cursor.position
    assert state(session) == state(plain)
    assert picture(session) == picture(plain)


def test_a_changed_learning_rate_stays() -> None:
    session = Session(scenario("exam"))
    session.cursor.go(1)
    session.edit("lr", (), 2.0)
    session.cursor.forward(Depth.STEP)
    change = session.reader.parameter_rows("output.bias", 1)[0]

    assert session.frame.rates["lr"] == 2.0
    assert change.gradient is not None
    assert change.change == pytest.approx(-2.0 * change.gradient)
    session.cursor.go(1, 3)
    assert session.frame.rates["lr"] == 0.5


def test_a_fork_shares_the_past_and_not_the_future() -> None:
    session = Session(scenario("scores"))
    session.cursor.go(3)
    assert session.fork("what if") == "what if"
    session.edit("output.weight", (0, 0), 5.0)
    session.cursor.go(6)
    forked = session.losses.curve(99)
    session.switch("main")
    session.cursor.go(6)

    assert session.losses.curve(99) != forked
    assert session.losses.curve(3) == type(forked)(forked.x[:3], forked.y[:3])
    with pytest.raises(UsageError, match="already"):
        session.fork("what if")
    with pytest.raises(UsageError, match="no branch"):
        session.switch("nowhere")


def test_an_edit_taken_back_on_the_parent_stays_on_the_branch() -> None:
    session = Session(scenario("classes"))
    session.cursor.go(3)
    session.edit("hidden.weight", (0, 0), 3.0)
    session.cursor.go(40)
    session.fork("kept")
    session.cursor.go(36)
    before = state(session), picture(session)
    session.switch("main")
    session.undo()
    session.cursor.go(60)
    session.switch("kept")
    session.cursor.go(36)

    assert (state(session), picture(session)) == before


@pytest.mark.parametrize(
    ("tensor", "index", "message"),
    [
        ("hidden.q", (0,), "no tensor"),
        ("output.a", (0,), "not been computed"),
        ("hidden.z", (2,), "no cell"),
        ("hidden.z", (), "no cell"),
        ("hidden.weight", (0, -1), "no cell"),
    ],
)
def test_what_cannot_be_changed_is_said(tensor: str, index: tuple[int, ...], message: str) -> None:
    session = Session(scenario("exam"))
    session.cursor.go(1, 4)

    with pytest.raises(UsageError, match=message):
        session.edit(tensor, index, 1.0)


STEPS = st.integers(1, 8)
OPS = st.integers(0, 60)
WALKS = st.lists(
    st.one_of(
        st.tuples(st.just("go"), STEPS, OPS),
        st.tuples(st.just("edit"), st.integers(0, 50), st.floats(-2, 2)),
        st.tuples(st.just("back"), st.sampled_from(Depth), st.just(0)),
        st.tuples(st.just("forward"), st.sampled_from(Depth), st.just(0)),
        st.tuples(st.sampled_from(["undo", "fork"]), st.just(0), st.just(0)),
        st.tuples(st.just("switch"), st.integers(0, 5), st.just(0)),
    ),
    min_size=4,
    max_size=14,
)


@pytest.mark.parametrize("name", ["exam", "classes", "curve"])
@settings(max_examples=60, deadline=None)
@given(moves=WALKS)
def test_a_walk_with_edits_ends_where_its_edits_lead(name: str, moves: list) -> None:
    """A fresh session that makes the branch's edits at their moments shows the same."""
    walker = Session(scenario(name), 4000)
    for move, first, second in moves:
        if move == "go":
            walker.cursor.go(first, second)
        elif move == "edit":
            names = list(walker.network.parameters)
            names += [c.a for c in walker.network.columns if walker.frame.row(c.a)]
            tensor = names[first % len(names)]
            shape = walker.reader.look(tensor).shape
            batched = tensor not in walker.network.parameters
            walker.edit(tensor, tuple(n - 1 for n in shape[batched:]), second)
        elif move == "switch":
            walker.switch(walker.branches[first % len(walker.branches)])
        elif move in ("back", "forward"):
            if move == "back" or walker.cursor.position.step < 12:
                getattr(walker.cursor, move)(first)
        else:
            getattr(walker, move)()

    reference = Session(scenario(name))
    for edit in walker.timeline.branch.edits:
        reference.cursor.go(edit.step, edit.op)
        reference.timeline.edit(edit.tensor, edit.index, edit.value)
    assert reference.branches == ("main",)
    walker.cursor.go(walker.cursor.position.step, walker.cursor.position.op)
    reference.cursor.go(walker.cursor.position.step, walker.cursor.position.op)
    reference.cursor.depth, reference.reader.sample = walker.cursor.depth, walker.reader.sample

    assert state(reference) == state(walker)
    assert picture(reference) == picture(walker)
