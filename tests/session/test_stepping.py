"""Stepping forward: where each depth stops, into and finish, jumps, samples, the end of the run."""

from __future__ import annotations

import time

import pytest
from networks import TEXTS, scenario
from pictures import picture, state

from nntui.session.position import Depth, Position
from nntui.session.session import Session

FOREVER = float("inf")


def at(session: Session, op: int) -> Position:
    """The position at which an op of the step under way is complete."""
    return Position(session.cursor.position.step, op, session.network.ops[op - 1].elements)


def test_a_session_begins_before_the_first_op() -> None:
    frame = Session(scenario("exam")).frame

    assert frame.position == Position(1)
    assert (frame.op, frame.explanation, frame.loss, frame.sample_row) == (None,) * 4
    assert (frame.epoch, frame.step_of_epoch, frame.finished, frame.fault) == (1, 1, False, "")


def test_terms_then_elements_then_ops() -> None:
    session = Session(scenario("exam"))
    session.cursor.jump(2)
    seen = []
    for _ in range(7):
        session.cursor.forward(Depth.TERM)
        seen.append(session.cursor.position)

    # hidden.z: two neurons of two weights and a bias each; then hidden.a, one term an element.
    assert seen == [
        Position(1, 3, 0, 1),
        Position(1, 3, 0, 2),
        Position(1, 3, 1),
        Position(1, 3, 1, 1),
        Position(1, 3, 1, 2),
        Position(1, 3, 2),
        Position(1, 4, 1),
    ]


@pytest.mark.parametrize(
    ("depth", "stops"),
    [
        (Depth.OP, [(1, op) for op in range(1, 21)]),
        (Depth.LAYER, [(1, op) for op in (2, 4, 6, 7, 9, 13, 16, 18, 20)]),
        (Depth.PHASE, [(1, op) for op in (2, 6, 7, 16, 20)] + [(2, 2)]),
        (Depth.STEP, [(1, 20), (2, 20)]),
        (Depth.EPOCH, [(1, 20), (2, 20)]),
    ],
)
def test_where_each_depth_stops(depth: Depth, stops: list[tuple[int, int]]) -> None:
    session = Session(scenario("exam"))
    seen = []
    for _ in stops:
        session.cursor.forward(depth)
        seen.append((session.cursor.position.step, session.cursor.position.op))

    assert seen == stops


@pytest.mark.parametrize("depth", [Depth.OP, Depth.LAYER, Depth.PHASE, Depth.STEP])
@pytest.mark.parametrize("fine", [Depth.TERM, Depth.ELEMENT])
def test_from_inside_an_op_a_step_completes_what_encloses_it(depth: Depth, fine: Depth) -> None:
    session, other = Session(scenario("exam")), Session(scenario("exam"))
    session.cursor.jump(2)
    other.cursor.jump(2)
    session.cursor.forward(fine)

    session.cursor.forward(depth)
    other.cursor.forward(depth)

    assert session.cursor.position == other.cursor.position
    assert picture(session) == picture(other)


def test_an_epoch_ends_with_its_smaller_last_batch() -> None:
    session = Session(scenario("curve"))

    session.cursor.forward(Depth.EPOCH)

    assert session.network.steps_per_epoch == 3
    assert session.cursor.position == at(session, len(session.network.ops))
    assert (session.frame.epoch, session.frame.step_of_epoch, session.frame.samples) == (1, 3, 1)


def test_into_goes_one_depth_finer_and_on() -> None:
    session = Session(scenario("exam"))
    session.cursor.jump(2)

    session.cursor.into()
    assert (session.cursor.depth, session.cursor.position) == (Depth.ELEMENT, Position(1, 3, 1))
    session.cursor.into()
    assert (session.cursor.depth, session.cursor.position) == (Depth.TERM, Position(1, 3, 1, 1))
    session.cursor.into()
    assert (session.cursor.depth, session.cursor.position) == (Depth.TERM, Position(1, 3, 1, 2))


def test_finish_goes_one_depth_coarser_to_the_end_of_what_encloses_the_cursor() -> None:
    session = Session(scenario("exam"))
    session.cursor.jump(2)
    session.cursor.depth = Depth.TERM
    session.cursor.forward()

    session.cursor.finish()
    assert (session.cursor.depth, session.cursor.position) == (Depth.ELEMENT, Position(1, 3, 1))
    session.cursor.finish()
    assert (session.cursor.depth, session.cursor.position) == (Depth.OP, at(session, 3))
    session.cursor.finish()
    assert (session.cursor.depth, session.cursor.position) == (Depth.LAYER, at(session, 4))
    session.cursor.finish()
    assert (session.cursor.depth, session.cursor.position) == (Depth.PHASE, at(session, 6))
    session.cursor.finish()
    assert (session.cursor.depth, session.cursor.position) == (Depth.STEP, at(session, 20))
    session.cursor.finish()
    assert (session.cursor.depth, session.cursor.position) == (Depth.EPOCH, at(session, 20))


def test_a_jump_stays_inside_the_step() -> None:
    session = Session(scenario("exam"))
    session.cursor.forward(Depth.STEP)
    session.cursor.forward(Depth.OP)

    session.cursor.jump(99)
    assert session.cursor.position == Position(2, 20, 1)
    session.cursor.jump(-5)
    assert session.cursor.position == Position(2)


@pytest.mark.parametrize("name", TEXTS)
def test_a_jump_back_does_the_step_again_exactly(name: str) -> None:
    session = Session(scenario(name))
    session.cursor.forward(Depth.STEP)
    session.cursor.forward(Depth.STEP)
    after, bits = picture(session), state(session)

    session.cursor.jump(3)
    session.cursor.forward(Depth.STEP)

    assert picture(session) == after
    assert state(session) == bits


def test_the_shown_sample_stays_inside_the_batch() -> None:
    session = Session(scenario("curve"))
    session.reader.sample = 99
    session.cursor.forward(Depth.STEP)
    assert (session.reader.sample, session.frame.sample, session.frame.samples) == (2, 2, 3)

    session.cursor.forward(Depth.EPOCH)
    assert (session.reader.sample, session.frame.samples) == (0, 1)

    session.cursor.forward(Depth.STEP)
    assert session.reader.sample == 2
    session.reader.sample = -3
    assert session.reader.sample == 0


def test_the_shown_sample_is_a_row_of_the_data() -> None:
    session = Session(scenario("curve"))
    rows = scenario("curve").data.train
    seen = set()
    for _ in range(3):
        session.cursor.forward(Depth.STEP)
        for sample in range(session.frame.samples):
            session.reader.sample = sample
            frame = session.frame
            assert frame.sample_row is not None
            expected = float(rows.x[frame.sample_row].astype("float32")[0])
            assert frame.value("x", 0) == expected
            seen.add(frame.sample_row)

    assert seen == set(range(7))


def test_the_run_is_over_after_the_last_epoch_and_can_be_stepped_on() -> None:
    session = Session(scenario("exam"))
    session.player.run(FOREVER)
    assert session.at_end
    assert session.cursor.position == Position(6, 20, 1)
    assert session.player.run(FOREVER) == 0

    session.cursor.forward(Depth.OP)
    assert session.cursor.position == Position(7, 1, 2)
    assert session.at_end
    session.cursor.forward(Depth.EPOCH)
    assert session.cursor.position == Position(7, 20, 1)


def test_the_run_is_not_over_inside_its_last_op() -> None:
    session = Session(scenario("curve"))
    session.player.run(FOREVER)
    last = len(session.network.ops)
    while session.network.ops[last - 1].elements == 1:
        last -= 1
    session.cursor.jump(last - 1)
    session.cursor.forward(Depth.ELEMENT)

    assert not session.at_end
    assert not session.frame.finished


def test_a_run_of_no_time_completes_the_step_under_way_or_does_one() -> None:
    session = Session(scenario("exam"))
    assert session.player.run(time.perf_counter() - 1) == 1
    assert session.cursor.position == at(session, 20)

    session = Session(scenario("exam"))
    session.cursor.jump(5)
    assert session.player.run(time.perf_counter() - 1) == 1
    assert session.cursor.position == at(session, 20)


def test_a_run_says_how_many_steps_it_did() -> None:
    session = Session(scenario("exam"))
    session.cursor.forward(Depth.STEP)
    session.cursor.jump(4)

    assert session.player.run(FOREVER) == 6


def test_restarting_begins_with_the_same_weights() -> None:
    session = Session(scenario("classes"))
    fresh = picture(session)
    session.player.run(FOREVER)

    session.restart()

    assert picture(session) == fresh
    session.cursor.forward(Depth.EPOCH)
    other = Session(scenario("classes"))
    other.cursor.forward(Depth.EPOCH)
    assert picture(session) == picture(other)


def test_another_seed_means_other_weights_and_stays() -> None:
    session = Session(scenario("classes"))
    before = state(session)

    session.restart(11)
    other = state(session)
    session.cursor.forward(Depth.EPOCH)
    session.restart()

    assert other != before
    assert state(session) == other
    assert session.frame.seed == 11


# --- numbers that are not finite ------------------------------------------------------------------


def diverged() -> Session:
    session = Session(scenario("diverging"))
    while session.player.run(FOREVER):
        pass
    return session


def test_a_run_stops_at_the_op_that_made_the_first_number_not_finite() -> None:
    session = diverged()

    position, fault = session.cursor.position, session.frame.fault
    assert f"(op {position.op}, {session.network.ops[position.op - 1].kind}) from " in fault
    stepped = Session(scenario("diverging"))
    while not stepped.frame.fault:
        stepped.cursor.forward(Depth.OP)
    assert stepped.cursor.position == position
    assert stepped.frame.fault == fault


def test_the_fault_is_not_known_before_its_element() -> None:
    session = diverged()
    op = session.cursor.position.op
    session.cursor.jump(op - 1)
    assert session.frame.fault == ""

    faults = []
    for _ in range(session.network.ops[op - 1].elements):
        session.cursor.forward(Depth.ELEMENT)
        faults.append(session.frame.fault)
        for cell in session.frame.writes:
            value = session.frame.value(cell.tensor, *cell.index)
            assert value is not None
    assert faults[-1] != ""
    assert session.cursor.position.op == op


def test_a_run_goes_on_after_a_fault_only_when_asked_again() -> None:
    session = diverged()
    stopped = session.cursor.position

    session.player.run(FOREVER)

    assert session.cursor.position.step >= stopped.step
    assert session.cursor.position != stopped
    assert session.frame.fault


def test_frames_of_a_diverging_run_can_be_drawn_everywhere() -> None:
    session = diverged()
    for _ in range(60):
        session.cursor.forward(Depth.OP)
        frame = session.frame
        assert frame.explanation is not None
        for name in frame.arrays:
            frame.row(name)
            assert frame.largest(name) < float("inf")
