"""Taking changes back, one by one, without losing what was run; and starting again."""

from __future__ import annotations

from networks import scenario
from pictures import picture, state

from nntui.session.position import Depth
from nntui.session.session import Session


def test_a_change_in_the_past_is_undone_on_the_branch_it_came_from() -> None:
    session = Session(scenario("exam"))
    session.cursor.go(5)
    old = state(session)
    session.cursor.go(2, 5)
    session.edit("hidden.weight", (0, 0), -2.0)
    undone = session.undo()

    assert undone is not None
    assert (undone.left, undone.here, undone.kept) == ("main-2", "main", "")
    assert session.branches == ("main",)
    assert (session.cursor.position.step, session.cursor.position.op) == (2, 5)
    session.cursor.go(session.timeline.farthest)
    assert state(session) == old


def test_a_branch_that_was_run_stays_when_its_change_is_undone() -> None:
    session = Session(scenario("exam"))
    session.cursor.go(5)
    session.cursor.go(2, 5)
    session.edit("lr", (), 0.01)
    session.cursor.go(4)
    lower = state(session)
    undone = session.undo()

    assert undone is not None
    assert undone.kept == "main-2"
    assert (session.branch, session.cursor.position.step) == ("main", 4)
    assert session.frame.rates["lr"] == 0.5
    session.undo(again=True)
    assert (session.branch, session.cursor.position.step) == ("main-2", 4)
    assert state(session) == lower


def test_what_was_run_with_a_change_stays_on_its_branch() -> None:
    session = Session(scenario("exam"))
    session.cursor.go(2)
    session.edit("lr", (), 0.01)
    session.cursor.go(5)
    changed = state(session), session.losses.curve(9)
    plain = Session(scenario("exam"))
    plain.cursor.go(5)
    undone = session.undo()

    assert undone is not None
    assert (undone.here, undone.kept) == ("main-2", "main")
    assert state(session) == state(plain)
    assert picture(session) == picture(plain)
    session.switch("main")
    session.cursor.go(5)
    assert (state(session), session.losses.curve(9)) == changed


def test_undo_walks_back_through_everything_and_redo_forward_again() -> None:
    session = Session(scenario("classes"))
    seen = []
    for step, tensor, index in [
        (2, "lr", ()),
        (3, "hidden.weight", (0, 0)),
        (3, "hidden.bias", (1,)),
        (6, "output.weight", (2, 1)),
    ]:
        session.cursor.go(step)
        seen.append((session.timeline.branch.edits[:], step))
        session.edit(tensor, index, 0.25)
    session.cursor.go(4, 7)
    session.edit("hidden.bias", (0,), 9.0)
    session.cursor.go(8)
    all_of_it = session.timeline.branch.edits[:], state(session)

    while session.undo() is not None:
        pass
    assert session.timeline.branch.edits == []
    plain = Session(scenario("classes"))
    plain.cursor.go(session.cursor.position.step, session.cursor.position.op)
    assert state(session) == state(plain)
    while session.undo(again=True) is not None:
        pass
    session.cursor.go(8)
    assert (session.timeline.branch.edits, state(session)) == all_of_it


def test_a_new_change_forgets_what_could_be_made_again() -> None:
    session = Session(scenario("exam"))
    session.cursor.go(1, 4)
    session.edit("hidden.a", (0,), 0.0)
    session.undo()
    session.edit("hidden.a", (1,), 0.0)
    assert session.undo(again=True) is None


def test_undo_and_redo_inside_a_step_make_no_branches() -> None:
    session = Session(scenario("exam"))
    session.cursor.go(1, 4)
    edit = session.edit("hidden.a", (0,), 0.0)
    session.cursor.forward(Depth.OP)
    for _ in range(3):
        session.undo()
        session.undo(again=True)
    assert session.branches == ("main",)
    assert session.timeline.branch.edits == [edit]
    assert session.cursor.position.op == 5


def test_a_named_branch_is_never_dropped() -> None:
    session = Session(scenario("exam"))
    session.cursor.go(3)
    session.edit("lr", (), 0.1)
    session.fork("careful")
    session.undo()
    assert session.branches == ("main", "careful")
    assert session.branch == "careful"
    assert session.frame.rates["lr"] == 0.5
    session.switch("main")
    assert session.frame.rates["lr"] == 0.1


def test_starting_again_keeps_what_was_run() -> None:
    session = Session(scenario("exam"))
    session.cursor.go(4)
    end = state(session)
    session.restart()

    assert picture(session) == picture(Session(scenario("exam")))
    session.cursor.go(session.timeline.farthest)
    assert state(session) == end


def test_starting_again_leaves_changes_behind_on_their_branch() -> None:
    session = Session(scenario("exam"))
    session.edit("hidden.weight", (0, 0), 5.0)
    session.cursor.go(4)
    session.restart()
    assert session.timeline.branch.edits == []
    plain = Session(scenario("exam"))
    for one in (session, plain):
        one.cursor.go(2)
    assert state(session) == state(plain)
    assert session.branches == ("main", "main-2")

    session.switch("main")
    session.cursor.go(session.timeline.farthest)
    session.restart()
    assert session.branch == "main-2"
    assert session.branches == ("main", "main-2")


def test_the_run_of_another_seed_waits_where_it_was_left() -> None:
    session = Session(scenario("classes"))
    session.cursor.go(4, 9)
    session.edit("lr", (), 0.2)
    session.cursor.go(7, 3)
    here = session.cursor.position, state(session), session.branches
    before = picture(session)
    session.restart(11)
    session.cursor.go(2)
    other = state(session)
    session.restart(3)

    assert (session.cursor.position, state(session), session.branches) == here
    assert picture(session) == before
    session.restart(11)
    assert state(session) == other


def test_a_rate_under_a_schedule_holds_from_where_it_was_changed() -> None:
    session = Session(scenario("curve"))
    rates = []
    for step in range(1, 13):
        session.cursor.go(step)
        rates.append(session.frame.rates["lr"])
    session.cursor.go(4)
    session.edit("lr", (), 0.03, "low")
    for step in range(5, 13):
        session.cursor.go(step)
        assert session.frame.rates["lr"] == 0.029999999329447746
    explained = [info.number for info in session.network.ops if info.output == "lr"]
    session.cursor.go(9, explained[0])
    explanation = session.frame.explanation
    assert explanation is not None
    assert "by hand" in explanation.note
    session.cursor.go(3)
    assert session.frame.rates["lr"] == rates[2]
    session.switch("main")
    session.cursor.go(12)
    assert session.frame.rates["lr"] == rates[11]


def test_a_rate_can_be_changed_before_the_schedule_sets_it() -> None:
    session = Session(scenario("curve"))
    session.cursor.go(4, 3)
    session.edit("lr", (), 0.5)
    session.cursor.forward(Depth.STEP)
    assert session.frame.rates["lr"] == 0.5
    assert session.reader.look("lr") == 0.5


def test_a_branch_begun_inside_an_op_does_not_show_the_change_at_its_end() -> None:
    session = Session(scenario("exam"))
    session.cursor.go(2, 3)
    before = session.frame.row("output.bias")
    session.edit("output.bias", (0,), 5.0)
    session.cursor.back(Depth.ELEMENT)
    here, seen = session.cursor.position, picture(session)
    session.fork("other")

    assert session.cursor.position == here
    assert session.frame.row("output.bias") == before
    assert picture(session) == seen
    session.cursor.go(1, 0)
    session.cursor.move(here)
    assert picture(session) == seen
    session.cursor.go(2, 3)
    assert session.frame.row("output.bias") == (5.0,)
