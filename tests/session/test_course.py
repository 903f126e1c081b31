"""What a value was at every step, found by running the branch over again."""

from __future__ import annotations

import math

import pytest
from networks import scenario
from pictures import picture, state

from nntui.session.course import Course
from nntui.session.expressions.errors import ExpressionError
from nntui.session.session import Session


def followed(session: Session, text: str) -> Course:
    course = session.study.course(text)
    reports = list(session.study.follow(course))
    assert reports == sorted(reports)
    assert len(course) == course.steps
    return course


def stepped(session: Session, text: str, steps: int, op: int) -> list[float | None]:
    """The same by going to each step."""
    expression = session.breakpoints.parse(text)
    session.cursor.go(1, 0)
    session.timeline.now.last.interest = expression.names
    values = []
    for step in range(1, steps + 1):
        session.cursor.go(step, op)
        values.append(expression.scalar(session.scene))
    return values


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("exam", "hidden.weight[0, 1]"),
        ("exam", "hidden.z[0, 1]"),
        ("classes", "abs(output.weight.grad).max()"),
        ("classes", "hidden.weight.m[1, 2]"),
        ("classes", "drop.mask[3, 0]"),
        ("curve", "hidden.a[2, 3]"),
        ("curve", "lr"),
        ("scores", "output.z[0, 0] - prev(output.z)[0, 1]"),
        ("scores", "changed(output.weight)"),
        ("classes", "step * 2 + op"),
    ],
)
def test_it_is_what_one_sees_at_each_step(name: str, text: str) -> None:
    session = Session(scenario(name))
    session.cursor.go(14)
    course = followed(session, text)

    expected = stepped(session, text, 14, course.op)
    assert [course.at(step) for step in range(1, 15)] == expected


def test_changes_made_by_hand_are_in_it() -> None:
    session = Session(scenario("exam"))
    session.cursor.go(3)
    session.edit("hidden.weight", (0, 0), 5.0)
    session.cursor.go(5, 4)
    session.edit("hidden.z", (0,), -1.0)
    session.cursor.go(8)
    for text in ("hidden.weight[0, 0]", "hidden.z[0, 0]", "hidden.a[0, 0]", "prev(loss) - loss"):
        course = followed(session, text)
        expected = stepped(session, text, 8, course.op)
        assert [course.at(step) for step in range(1, 9)] == expected
        session.cursor.go(8)


def test_losses_are_known_at_once() -> None:
    session = Session(scenario("curve"))
    session.cursor.go(9)
    course = session.study.course("loss")

    assert len(course) == course.steps == 9
    assert [course.at(k) for k in range(1, 10)] == [session.losses.at(k) for k in range(1, 10)]
    assert course.op == next(i.number for i in session.network.ops if i.output == "loss")
    assert list(session.study.follow(course)) == []


def test_what_a_smaller_batch_does_not_have_is_not_known() -> None:
    session = Session(scenario("scores"))
    session.cursor.go(6)
    course = followed(session, "output.z[1, 0]")

    assert [course.at(step) is None for step in range(1, 7)] == [False, True] * 3
    assert course.sampled
    assert not session.study.course("output.weight[0, 0]").sampled


def test_the_branch_it_is_of_and_where_to_go() -> None:
    session = Session(scenario("exam"))
    session.cursor.go(6)
    session.cursor.go(2)
    session.edit("lr", (), 0.1)
    session.cursor.go(5)
    course = followed(session, "output.bias[0]")

    assert (course.branch, course.steps) == ("main-2", 5)
    assert session.network.ops[course.op - 1].output == "output.bias"
    assert session.network.ops[course.op - 1].phase == "update"


def test_it_can_be_left_and_taken_up_again() -> None:
    session = Session(scenario("classes"))
    session.cursor.go(30)
    course = session.study.course("output.weight[0, 0]")
    for _, _ in zip(range(11), session.study.follow(course), strict=False):
        pass
    assert 0 < len(course) < 30
    rest = followed(session, "output.weight[0, 0]")
    list(session.study.follow(course))

    assert [course.at(k) for k in range(1, 31)] == [rest.at(k) for k in range(1, 31)]


def test_the_session_is_as_it_was() -> None:
    session = Session(scenario("classes"))
    session.cursor.go(9, 5)
    before = picture(session), state(session)
    followed(session, "hidden.a[0, 1]")

    assert (picture(session), state(session)) == before


def line(*values: float | None) -> Course:
    course = Course("y", "main", op=1, steps=len(values), sampled=False)
    for value in values:
        course.append(value)
    return course


def test_extremes_and_crossings() -> None:
    course = line(1.0, 3.0, -2.0, 0.0, 3.0, None, math.nan, 5.0)

    assert (course.lowest, course.highest) == (3, 8)
    assert course.crossing(0.5, 0, 1) == 3
    assert course.crossing(0.5, 3, 1) == 5
    assert course.crossing(0.5, 5, 1) is None
    assert course.crossing(0.5, 8, -1) == 5
    assert course.crossing(3.0, 2, 1) == 5
    assert course.crossing(3.0, 5, -1) == 2
    assert course.crossing(1.0, 0, 1) == 1
    assert course.crossing(99.0, 1, 1) is None
    assert (course.at(6), course.at(0), course.at(9)) == (None, None, None)
    assert math.isnan(course.at(7) or 0.0)


def test_nothing_finite_has_no_extremes() -> None:
    course = line(math.nan, math.inf, None)
    assert (course.lowest, course.highest) == (None, None)
    assert course.crossing(0.0, 0, 1) is None


def test_no_peak_is_lost_in_the_curve() -> None:
    course = line(*(1.0 if k == 7777 else 0.0 for k in range(20_000)))
    curve = course.curve

    assert len(curve.x) < 1000
    assert (7778.0, 1.0) in zip(curve.x, curve.y, strict=True)


@pytest.mark.parametrize("text", ["hidden.weight", "hidden.wieght[0, 0]", "1 +"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        Session(scenario("exam")).study.course(text)
