"""Breakpoints: a run stops at the op where a condition comes true, forward and backward."""

from __future__ import annotations

import math

import pytest
from networks import scenario

from nntui.errors import UsageError
from nntui.session.position import Depth, Position
from nntui.session.session import Session

FOREVER = math.inf


def run_back(session: Session) -> None:
    while session.player.run_back(FOREVER):
        pass


def test_a_run_stops_at_the_loss_that_is_low_enough() -> None:
    session = Session(scenario("classes"))
    session.breakpoints.add("loss < 0.8")
    session.player.run(FOREVER)

    assert session.player.stopped_by is not None
    assert session.frame.op is not None
    assert session.frame.op.output == "loss"
    assert session.frame.loss is not None
    assert session.frame.loss < 0.8
    step = session.cursor.position.step
    assert all(session.losses.at(k) >= 0.8 for k in range(1, step))


def test_going_on_stops_only_when_it_comes_true_again() -> None:
    session = Session(scenario("exam"))
    session.breakpoints.add("loss < 0.15")
    session.player.run(FOREVER)
    first = session.cursor.position
    session.player.run(FOREVER)

    assert session.cursor.position > first
    assert session.player.stopped_by is None
    assert session.at_end


@pytest.mark.parametrize(
    ("text", "output"),
    [
        ("hidden.a", "hidden.a"),
        ("backward", "loss.grad"),
        ("output", "output.z"),
        ('phase == "update" and step == 3', "hidden.weight"),
        ("hidden.z.grad", "hidden.z.grad"),
        ("changed(output.bias)", "output.bias"),
    ],
)
def test_places_stop_a_run(text: str, output: str) -> None:
    session = Session(scenario("exam"))
    session.breakpoints.add(text)
    session.player.run(FOREVER)

    assert session.frame.op is not None
    assert session.frame.op.output == output


def test_the_step_before_can_be_looked_at() -> None:
    session = Session(scenario("classes"))
    session.breakpoints.add("loss > prev(loss)")
    session.player.run(FOREVER)
    step = session.cursor.position.step

    losses = session.losses
    assert losses.at(step) > losses.at(step - 1)
    assert all(losses.at(k) <= losses.at(k - 1) for k in range(2, step))


def test_a_run_back_stops_where_it_was_last_true() -> None:
    session = Session(scenario("classes"))
    session.cursor.forward(Depth.EPOCH)
    session.cursor.forward(Depth.EPOCH)
    end = session.cursor.position
    worst = max(range(1, end.step + 1), key=lambda k: session.losses.at(k) or 0.0)
    session.breakpoints.add(f"loss >= {session.losses.at(worst)!r}")
    run_back(session)

    assert session.cursor.position.step == worst
    assert session.player.stopped_by is not None
    run_back(session)
    while session.cursor.position.step == worst and session.cursor.position.op > 0:
        run_back(session)
    assert session.cursor.position == Position(1)


def test_a_disabled_breakpoint_stops_nothing_and_a_deleted_one_is_gone() -> None:
    session = Session(scenario("exam"))
    one = session.breakpoints.add("loss < 1")
    two = session.breakpoints.add("hidden.z")
    session.breakpoints.toggle(one.number)
    session.breakpoints.remove(two.number)
    session.player.run(FOREVER)

    assert session.at_end
    assert [b.enabled for b in session.breakpoints] == [False]
    with pytest.raises(UsageError, match="no breakpoint 2"):
        session.breakpoints.remove(2)


def test_a_wrong_condition_points_at_the_character() -> None:
    session = Session(scenario("exam"))
    with pytest.raises(UsageError, match=r"hidden\.weight"):
        session.breakpoints.add("abs(hiden.weight).max() > 1")
    with pytest.raises(UsageError):
        session.breakpoints.add("hidden.weight > 1")


def test_a_number_that_is_not_finite_stops_before_a_breakpoint_does() -> None:
    session = Session(scenario("diverging"))
    session.breakpoints.add("step == 50 and op == 1")
    session.player.run(FOREVER)

    assert session.frame.fault
    assert session.player.stopped_by is None


def test_playing_stops_at_a_breakpoint_on_the_way() -> None:
    session = Session(scenario("exam"))
    session.breakpoints.add("hidden.a")
    session.player.play(Depth.PHASE)
    assert session.player.stopped_by is None
    session.player.play(Depth.STEP)
    assert session.player.stopped_by is not None
    assert session.frame.op is not None
    assert session.frame.op.output == "hidden.a"
    session.player.play(Depth.PHASE)
    assert session.player.stopped_by is None
    assert session.frame.op.phase == "forward"


def test_playing_without_breakpoints_is_stepping() -> None:
    played, stepped = Session(scenario("exam")), Session(scenario("exam"))
    for depth in Depth:
        played.player.play(depth)
        stepped.cursor.forward(depth)
        assert played.cursor.position == stepped.cursor.position


def test_breakpoints_outlive_a_new_beginning() -> None:
    session = Session(scenario("exam"))
    added = session.breakpoints.add("hidden.a")
    for seed in (None, 5):
        session.restart(seed)
        assert tuple(session.breakpoints) == (added,)
        session.player.run(FOREVER)
        assert session.player.stopped_by == added
