"""The laws of going back: a position is the same from whichever side one comes to it."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from networks import TEXTS, scenario
from pictures import picture, state, stepped_to

from nntui.session import runner as module
from nntui.session.position import Depth, Position
from nntui.session.session import Session

FAR = 12
"""Training steps that a walk may reach."""

SMALL = 4000
"""Bytes of history: so few that checkpoints have to be dropped."""

MOVES = st.one_of(
    st.tuples(st.just("forward"), st.sampled_from(Depth)),
    st.tuples(st.just("back"), st.sampled_from(Depth)),
    st.tuples(st.sampled_from(["back_into", "back_out", "into", "finish"]), st.none()),
    st.tuples(st.sampled_from(["to_start", "to_end"]), st.none()),
    st.tuples(st.just("go"), st.tuples(st.integers(1, FAR), st.integers(0, 60))),
    st.tuples(st.just("run"), st.integers(1, 3)),
    st.tuples(st.just("sample"), st.integers(0, 5)),
)


def do(session: Session, move: tuple[str, Any], patch: pytest.MonkeyPatch) -> None:
    """Make one move of a walk."""
    name, value = move
    if name in ("forward", "back"):
        getattr(session.cursor, name)(value)
    elif name == "go":
        session.cursor.go(*value)
    elif name == "run":
        # Time stands still until the clock has been looked at often enough.
        patch.setattr(module, "time", SimpleNamespace(perf_counter=itertools.count().__next__))
        session.player.run(3 * value)
    elif name == "sample":
        session.reader.sample = value
    elif name == "to_start":
        session.cursor.go(1, 0)
    elif name == "to_end":
        session.cursor.go(session.timeline.farthest or 1)
    else:
        getattr(session.cursor, name)()


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("budget", [SMALL, 1 << 20])
@settings(max_examples=30)
@given(moves=st.lists(MOVES, min_size=4, max_size=16))
def test_a_walk_in_both_directions_ends_where_single_steps_lead(
    name: str, budget: int, moves: list[tuple[str, Any]]
) -> None:
    walker = Session(scenario(name), budget)
    with pytest.MonkeyPatch.context() as patch:
        for move in moves:
            if walker.cursor.position.step > FAR and move[0] in (
                "forward",
                "run",
                "into",
                "finish",
            ):
                continue
            do(walker, move, patch)
            note(f"{move} to {walker.cursor.position}")

    reference = stepped_to(walker.scenario, walker.cursor.position, walker.seed)
    reference.cursor.depth, reference.reader.sample = walker.cursor.depth, walker.reader.sample

    assert reference.cursor.position == walker.cursor.position
    assert state(reference) == state(walker)
    assert picture(reference) == picture(walker)


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("depth", Depth)
def test_back_undoes_forward_at_every_depth(name: str, depth: Depth) -> None:
    session = Session(scenario(name))
    session.cursor.depth = depth
    seen = [(session.cursor.position, picture(session), state(session))]
    while len(seen) < 40 and session.cursor.position.step <= FAR:
        session.cursor.forward()
        if depth is Depth.EPOCH and session.frame.fault:
            # Running on stops where a number goes wrong, be there a boundary or not.
            session.cursor.go(seen[-1][0].step, seen[-1][0].op)
            break
        seen.append((session.cursor.position, picture(session), state(session)))

    for position, shown, bits in reversed(seen[:-1]):
        session.cursor.back()
        assert session.cursor.position == position
        assert state(session) == bits
        # What lies ahead has been run: only the end of the run may look different.
        assert picture(session) == shown


def test_back_at_the_beginning_stays_there() -> None:
    session = Session(scenario("exam"))
    for depth in Depth:
        session.cursor.back(depth)
        assert session.cursor.position == Position(1)


def test_going_back_loses_nothing() -> None:
    session = Session(scenario("classes"))
    for _ in range(3):
        session.cursor.forward(Depth.EPOCH)
    end, bits, losses = session.cursor.position, state(session), session.losses.curve(99)

    session.cursor.go(1, 0)
    session.cursor.go(session.timeline.farthest)

    assert session.cursor.position == end
    assert state(session) == bits
    assert session.losses.curve(99) == losses


def test_the_curve_never_shows_the_future() -> None:
    session = Session(scenario("classes"))
    for _ in range(3):
        session.cursor.forward(Depth.EPOCH)
    session.cursor.go(4, 3)

    assert max(session.frame.train.x) == 3
    assert session.frame.loss == session.losses.at(3)


def test_an_edit_at_the_end_of_a_step_is_in_the_checkpoint_of_that_step() -> None:
    session = Session(scenario("exam"))
    step = session.timeline.branch.history.due
    session.cursor.go(step)
    session.edit("output.weight", (0, 0), 2.0)
    for _ in range(3):
        session.cursor.forward(Depth.STEP)
    bits = state(session)

    session.cursor.go(1)
    session.cursor.go(step + 3)

    assert state(session) == bits


def test_a_branch_comes_back_by_the_checkpoints_of_the_one_it_left() -> None:
    session = Session(scenario("exam"))
    session.cursor.go(90)
    session.cursor.go(80)
    session.fork()
    session.edit("output.weight", (0, 0), 2.0)
    session.cursor.go(99)
    session.cursor.go(70)

    found, _ = session.timeline.branch.nearest(68)
    assert found >= 64
    assert state(session) == state(
        stepped_to(session.scenario, session.cursor.position, session.seed)
    )


def test_a_branch_takes_its_own_losses_where_another_has_been_before() -> None:
    session = Session(scenario("classes"))
    session.cursor.go(40)
    session.cursor.go(30)
    session.cursor.go(3)
    session.fork()
    session.cursor.go(40)

    losses = [session.losses.at(step) for step in range(1, 41)]
    assert losses == [session.timeline.branches["main"].losses.at(step) for step in range(1, 41)]
