"""Two branches compared: the first op at which they differ is where it is by construction."""

from __future__ import annotations

import math

import numpy as np
import pytest
from answers import answer
from networks import scenario
from pictures import picture, state

from nntui.errors import UsageError
from nntui.session.comparison import Comparison
from nntui.session.frame import Cell
from nntui.session.position import Depth
from nntui.session.session import Session


def number_of(session: Session, output: str, phase: str) -> int:
    """The number of an op."""
    return next(i.number for i in session.network.ops if (i.output, i.phase) == (output, phase))


def forked(name: str, step: int, op: int, tensor: str, index: tuple[int, ...], value: float,
           *, before: int = 8, after: int = 8) -> Session:  # fmt: skip
    """A run of `before` steps, then a change in it, from which another branch runs `after`."""
    session = Session(scenario(name))
    session.cursor.go(before)
    session.cursor.go(step, op)
    session.edit(tensor, index, value)
    session.cursor.go(after)
    return session


def compared(session: Session, left: str = "main", right: str = "main-2") -> Comparison:
    return answer(session.study.complete(session.study.compare(left, right)))


def test_a_changed_weight_is_first_seen_where_it_is_read() -> None:
    session = forked("exam", 3, 0, "output.weight", (0, 1), 2.0)
    found = compared(session)
    first = found.first

    assert first is not None
    assert (first.step, first.op) == (3, number_of(session, "output.z", "forward"))
    assert first.cell == Cell("output.z", (0,))
    assert (first.sample, first.differing, first.cells) == (0, 1, 1)
    for branch, value in zip(("main", "main-2"), first.values, strict=True):
        session.switch(branch)
        session.cursor.go(first.step, first.op)
        assert session.frame.value("output.z", 0) == value


def test_a_number_changed_after_its_op_is_that_op() -> None:
    there = Session(scenario("exam"))
    op = number_of(there, "hidden.z", "forward")
    first = compared(forked("exam", 2, op, "hidden.z", (1,), 1.5)).first

    assert first is not None
    assert (first.step, first.op, first.edited) == (2, op, True)
    assert first.cell == Cell("hidden.z", (1,))
    assert first.values[1] == 1.5


def test_another_learning_rate_is_first_seen_in_an_update() -> None:
    session = forked("exam", 4, 0, "lr", (), 0.1)
    found = compared(session)
    updates = [i.number for i in session.network.ops if i.phase == "update"]

    assert found.first is not None
    assert (found.first.step, found.first.op) == (4, updates[0])
    assert not found.first.edited


def test_a_change_after_the_last_op_of_a_step_concerns_the_next() -> None:
    session = Session(scenario("exam"))
    ops = len(session.network.ops)
    found = compared(forked("exam", 4, ops, "hidden.bias", (0,), -1.0))

    assert found.parted == 5
    assert found.first is not None
    assert (found.first.step, found.first.op) == (5, number_of(session, "hidden.z", "forward"))


def test_the_first_difference_is_found_where_only_one_branch_has_been() -> None:
    session = forked(
        "exam", 8, len(Session(scenario("exam")).network.ops), "lr", (), 0.1, before=12
    )
    assert session.branch == "main-2"
    found = compared(session)

    assert found.sides[1].steps == 8
    assert found.first is not None
    assert found.first.step == 9
    assert session.timeline.branches["main-2"].frontier[0] == 8


@pytest.mark.parametrize("name", ["classes", "curve", "scores"])
def test_it_is_found_in_every_network(name: str) -> None:
    """Dropout, shuffling, moments, single precision: found again by stepping through both."""
    weight = "norm.weight" if name != "scores" else "output.weight"
    index = (0,) if name != "scores" else (1, 0)
    session = forked(name, 3, 2, weight, index, 0.25)
    first = compared(session).first

    assert first is not None
    seen = []
    for op in range(1, len(session.network.ops) + 1):
        values = []
        for branch in session.branches:
            session.switch(branch)
            session.cursor.go(3, op)
            values.append(session.reader.look(session.network.ops[op - 1].output).tobytes())
        seen.append(values[0] == values[1])
    assert (first.step, first.op) == (3, 1 + seen.index(False))


def test_a_fork_without_a_change_never_differs() -> None:
    session = Session(scenario("exam"))
    session.cursor.go(3)
    session.fork("same")
    session.cursor.go(6)
    session.switch("main")
    session.cursor.go(6)
    found = compared(session, "main", "same")

    assert (found.first, found.parted, found.differing) == (None, None, 0)
    assert found.by_size == ()
    assert found.complete


def test_a_change_that_changes_nothing_is_no_difference() -> None:
    session = Session(scenario("exam"))
    session.cursor.go(6)
    session.cursor.go(2)
    value = session.frame.value("hidden.weight", 0, 0)
    assert value is not None
    session.edit("hidden.weight", (0, 0), value)
    session.cursor.go(6)
    found = compared(session)

    assert (found.first, found.parted, found.differing) == (None, 3, 0)
    assert found.searched == 6


def test_the_numbers_that_differ_most_come_first() -> None:
    session = forked("classes", 3, 0, "output.weight", (2, 1), 4.0)
    found = compared(session)
    theta = {}
    for branch in session.branches:
        session.switch(branch)
        session.cursor.go(found.step)
        theta[branch] = {p: session.reader.look(p).copy() for p in session.network.parameters}
    changes = {
        Cell(p, index): abs(theta["main-2"][p][index] - a)
        for p, array in theta["main"].items()
        for index, a in np.ndenumerate(array)
    }

    assert found.numbers == len(changes)
    assert found.differing == sum(change > 0 for change in changes.values())
    sizes = [abs(one.change) for one in found.by_size]
    assert sizes == sorted(changes.values(), reverse=True)[: len(sizes)]
    assert all(abs(one.change) == changes[one.cell] for one in found.by_size)
    ratios = [one.relative for one in found.by_ratio]
    assert ratios == sorted(ratios, reverse=True)
    assert ratios[0] == max(one.relative for one in found.by_size)


def test_relative_differences() -> None:
    (one,) = [n for n in compared(forked("exam", 2, 0, "hidden.bias", (1,), 5.0)).by_size
              if n.cell == Cell("hidden.bias", (1,))]  # fmt: skip
    a, b = one.values

    assert one.relative == abs(b - a) / max(abs(a), abs(b))
    assert one.change == b - a


def test_sides_are_what_the_branches_are() -> None:
    session = forked("classes", 40, 0, "lr", (), 0.5, before=66, after=50)
    found = compared(session)
    main, other = found.sides
    branch = session.timeline.branches["main-2"]

    assert (found.parent, found.fork, found.step) == ("main", (40, 0), 50)
    assert (main.steps, other.steps) == (66, 50)
    assert main.loss == session.timeline.branches["main"].losses.at(50)
    assert other.last == branch.losses.at(50)
    assert main.edits == ()
    assert other.edits == tuple(branch.edits)
    tests = session.timeline.branches["main"].tests
    assert main.test == (42, tests.at(42))
    assert main.last_test == (63, tests.at(63))


def test_it_is_at_the_cursor_where_they_have_parted_and_else_at_the_last_step() -> None:
    session = forked("exam", 4, 0, "lr", (), 0.1, before=9, after=7)
    assert session.study.compare("main", "main-2").step == 7
    session.cursor.go(5)
    assert session.study.compare("main", "main-2").step == 5
    assert session.study.compare("main", "main-2", latest=True).step == 7
    session.cursor.go(2)
    assert session.study.compare("main", "main-2").step == 7


def test_cousins_part_where_the_first_left() -> None:
    session = forked("exam", 4, 0, "lr", (), 0.1)
    session.switch("main")
    session.cursor.go(2, 3)
    session.edit("hidden.weight", (0, 0), 1.0)
    session.cursor.go(8)
    found = compared(session, "main-2", "main-3")

    assert (found.parent, found.fork, found.parted) == ("main", (2, 3), 2)
    assert found.first is not None
    assert found.first.step == 2


def test_numbers_that_are_not_finite_differ_the_most() -> None:
    session = forked("exam", 4, 0, "output.bias", (0,), math.inf)
    found = compared(session)

    assert found.by_size[0].relative == math.inf
    assert found.first is not None


def test_the_session_is_as_it_was() -> None:
    session = forked("classes", 5, 4, "norm.weight", (0,), 0.5)
    session.cursor.go(6, 7)
    before = picture(session), state(session), session.branch, session.cursor.position
    compared(session)

    assert (picture(session), state(session), session.branch, session.cursor.position) == before
    session.cursor.forward(Depth.STEP)


def test_what_cannot_be_compared() -> None:
    session = Session(scenario("exam"))
    with pytest.raises(UsageError, match="both are main"):
        session.study.compare("main", "main")
    with pytest.raises(UsageError, match="no branch 'mian' \\(there are main\\)"):
        session.study.compare("main", "mian")
