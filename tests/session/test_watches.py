"""Watches: the value now, and what it was at the steps seen; the same after going back."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest
from networks import TEXTS, scenario

from nntui.errors import UsageError
from nntui.scenario import parse
from nntui.session.position import Depth
from nntui.session.session import Session

FOREVER = math.inf


def watching(name: str, *texts: str) -> Session:
    session = Session(scenario(name))
    for text in texts:
        session.watches.add(text)
    return session


def test_a_value_is_kept_for_every_step_stepped_over() -> None:
    session = watching("exam", "loss", "hidden.weight[0, 0]")
    for _ in range(4):
        session.cursor.forward(Depth.STEP)
    loss, weight = session.frame.watches

    assert (loss.number, loss.text) == (1, "loss")
    assert loss.history == tuple(session.losses.at(k) for k in (1, 2, 3, 4))
    assert (loss.low, loss.high) == (min(loss.history), max(loss.history))
    assert loss.value == loss.history[-1]
    assert weight.value == session.reader.look("hidden.weight")[0, 0]


def test_what_has_not_been_computed_has_no_value() -> None:
    session = watching("exam", "loss")
    (early,) = session.frame.watches
    number = next(i.number for i in session.network.ops if i.output == "loss")
    session.cursor.go(1, number)
    (late,) = session.frame.watches

    assert (early.value, early.low, early.high, early.history) == (None, None, None, ())
    assert late.value == session.frame.loss
    assert late.history == ()


def test_inside_an_op_its_numbers_are_not_known_yet() -> None:
    session = watching("exam", "hidden.z.max()", "x.max()")
    number = next(i.number for i in session.network.ops if i.output == "hidden.z")
    session.cursor.go(1, number - 1)
    session.cursor.forward(Depth.ELEMENT)
    z, x = session.frame.watches

    assert z.value is None
    assert x.value == 7.0


def test_going_back_shows_what_it_was_then() -> None:
    session = watching("classes", "loss", "abs(hidden.weight).max()")
    shown = []
    for _ in range(6):
        session.cursor.forward(Depth.STEP)
        shown.append(session.frame.watches)
    for expected in reversed(shown[:-1]):
        session.cursor.back(Depth.STEP)
        assert session.frame.watches == expected
    for expected in shown[1:]:
        session.cursor.forward(Depth.STEP)
        assert session.frame.watches == expected


def test_the_future_is_never_shown() -> None:
    session = watching("exam", "loss")
    session.player.run(FOREVER)
    session.cursor.go(3, 2)
    (row,) = session.frame.watches

    assert len(row.history) <= 2


def test_a_run_keeps_some_and_the_last() -> None:
    session = watching("classes", "loss", "output.bias[0]")
    session.player.run(FOREVER)
    loss, bias = session.frame.watches
    last = session.cursor.position.step

    assert loss.history[-1] == session.losses.at(last)
    assert bias.history[-1] == session.reader.look("output.bias")[0]
    kept = {session.losses.at(k) for k in range(1, last + 1)}
    assert 1 < len(loss.history) <= last
    assert set(loss.history) <= kept


def test_a_watch_costs_a_run_no_bits() -> None:
    plain, watched = Session(scenario("classes")), watching("classes", "loss > prev(loss)")
    plain.player.run(FOREVER)
    watched.player.run(FOREVER)

    assert plain.trainer.state.vector.tobytes() == watched.trainer.state.vector.tobytes()


def test_the_step_before_is_that_or_nothing() -> None:
    session = watching("classes", "loss - prev(loss)")
    session.cursor.forward(Depth.STEP)
    session.cursor.forward(Depth.STEP)
    (row,) = session.frame.watches
    first, second = session.losses.at(1), session.losses.at(2)
    assert first is not None
    assert second is not None
    assert row.history == (second - first,)

    session.player.run(FOREVER)
    (row,) = session.frame.watches
    losses = [session.losses.at(k) or 0.0 for k in range(1, session.cursor.position.step + 1)]
    differences = {after - before for before, after in itertools.pairwise(losses)}
    assert row.value is None or row.value in differences
    assert set(row.history) <= differences


def test_branches_have_values_of_their_own() -> None:
    session = watching("exam", "loss")
    for _ in range(5):
        session.cursor.forward(Depth.STEP)
    before = session.frame.watches
    session.cursor.go(2)
    session.edit("hidden.weight", (0, 0), 3.0)
    assert session.branch != "main"
    for _ in range(3):
        session.cursor.forward(Depth.STEP)
    (branched,) = session.frame.watches
    session.switch("main")
    (main,) = session.frame.watches

    assert branched.history[:2] == before[0].history[:2]
    assert branched.history[2:] != before[0].history[2:]
    assert main.history == before[0].history


def test_undo_forgets_what_came_of_the_edit() -> None:
    session = watching("exam", "loss")
    session.cursor.forward(Depth.STEP)
    session.edit("hidden.weight", (0, 0), 3.0)
    session.cursor.forward(Depth.STEP)
    session.cursor.forward(Depth.STEP)
    session.undo()
    plain = watching("exam", "loss")
    for _ in range(session.cursor.position.step):
        plain.cursor.forward(Depth.STEP)

    assert set(session.frame.watches[0].history) <= set(plain.frame.watches[0].history)


def test_those_of_the_scenario_are_there_and_stay_after_a_restart() -> None:
    session = Session(replace(scenario("exam"), watches=("loss", "lr")))
    session.watches.add("step")
    session.cursor.forward(Depth.STEP)
    session.watches.remove(2)
    session.restart()
    assert [row.text for row in session.frame.watches] == ["loss", "step"]
    assert [row.history for row in session.frame.watches] == [(), ()]
    session.restart(8)
    assert [row.text for row in session.frame.watches] == ["loss", "step"]


def test_what_cannot_be_watched_is_refused() -> None:
    session = watching("exam", "loss")
    for text in ("", "loss +", "__import__('os')", "hidden.weight", "loss", " loss "):
        with pytest.raises(UsageError):
            session.watches.add(text)
    with pytest.raises(UsageError):
        session.watches.remove(7)
    session.watches.remove(1)
    assert session.frame.watches == ()


def test_numbers_that_are_not_finite_are_kept_but_are_no_range() -> None:
    session = watching("diverging", "output.bias[0]")
    for _ in range(12):
        session.cursor.forward(Depth.STEP)
    (row,) = session.frame.watches

    assert not all(map(math.isfinite, row.history))
    assert row.high is not None
    assert math.isfinite(row.high)


def test_only_so_many_values_are_kept() -> None:
    session = watching("exam", "step")
    for _ in range(3):
        session.cursor.forward(Depth.STEP)
    values = session.watches._seen["main", 1]
    values |= {k: float(k) for k in range(10, 1034)}
    session.watches.look()
    assert len(values) <= 1024
    assert max(values) == 1033


def test_what_reads_losses_is_known_at_every_step_of_a_run() -> None:
    session = watching("classes", "loss", "loss - prev(loss)", "2 * loss if step > 1 else 0")
    session.player.run(FOREVER)
    last = session.cursor.position.step
    losses = [session.losses.at(k) or 0.0 for k in range(1, last + 1)]
    steps = [after - before for before, after in itertools.pairwise(losses)]
    loss, change, doubled = session.frame.watches

    assert loss.history == tuple(losses[-120:])
    assert (loss.low, loss.high) == (min(losses), max(losses))
    assert change.history == tuple(steps[-120:])
    assert (change.low, change.high) == (min(steps), max(steps))
    assert doubled.low == 0.0


def long_run(*texts: str) -> Session:
    """360 steps of a run."""
    text = TEXTS["classes"].replace("epochs = 12", "epochs = 120")
    session = Session(parse(text, origin="classes.toml"))
    for each in texts:
        session.watches.add(each)
    return session


def test_a_picture_of_a_long_run_is_of_all_of_it_and_has_its_extremes() -> None:
    session = long_run("loss", "abs(output.weight).max()")
    session.player.run(FOREVER)
    last = session.cursor.position.step

    for row in session.frame.watches:
        gaps = [after - before for before, after in itertools.pairwise(row.steps)]
        assert row.steps[-1] == last
        assert row.steps[0] <= max(gaps) <= 1 + 2 * last // 100
        assert {row.low, row.high} <= set(row.history)
        assert len(row.history) <= 122


def test_runs_at_full_speed_see_the_same_steps_on_any_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = []
    for late in (0.0, 1.0):
        session = long_run("output.bias[0]")
        ticks = itertools.count(step=late)
        monkeypatch.setattr("time.perf_counter", ticks.__next__)
        session.player.run(FOREVER)
        session.edit("output.bias", (0,), 1.0, "again")
        session.cursor.go(1)
        session.player.run(FOREVER)
        seen.append(session.frame.watches[0].steps)

    assert seen[0] == seen[1]
    assert len(seen[0]) > 100


def test_the_range_of_a_long_run_is_that_of_its_steps() -> None:
    plan = scenario("exam")
    training = replace(plan.model.training, epochs=3000)
    session = Session(replace(plan, model=replace(plan.model, training=training)))
    session.watches.add("loss")
    session.player.run(FOREVER)
    for step in (3000, 2049, 2048, 1500, 3):
        session.cursor.go(step)
        (row,) = session.frame.watches
        losses = [session.losses.at(k) for k in range(1, step + 1)]
        assert (row.low, row.high) == (min(losses), max(losses))


def test_prev_is_known_after_a_run_and_as_soon_as_it_is_asked_for() -> None:
    session = watching("classes", "abs(output.weight.grad - prev(output.weight.grad)).max()")
    other = Session(scenario("classes"))
    session.breakpoints.add("step == 13 and loss > 0")
    session.player.run(FOREVER)
    place = session.cursor.position
    other.cursor.go(place.step, place.op)
    other.watches.add("prev(loss)")
    other.watches.add("abs(output.weight.grad - prev(output.weight.grad)).max()")
    loss, _ = other.frame.watches

    assert loss.value == other.losses.at(place.step - 1)
    session.cursor.forward(Depth.STEP)
    other.cursor.forward(Depth.STEP)
    assert session.frame.watches[0].value == other.frame.watches[1].value is not None
