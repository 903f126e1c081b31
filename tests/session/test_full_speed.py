"""Runs at full speed stop where stepping op by op would; and back, where stepping back would."""

from __future__ import annotations

import math
import re
import time
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import TEXTS, scenario

from nntui.engine.models.som import Som
from nntui.engine.tensor import View
from nntui.errors import UsageError
from nntui.scenario import Scenario, load, parse
from nntui.session.breakpoints import Scene
from nntui.session.lookout import can_judge
from nntui.session.position import Depth, Position
from nntui.session.session import Session

FOREVER = math.inf

SINGLES = [
    "loss", "prev(loss)", "step", "epoch", "op", "lr", "x.max()", "output.z.mean()",
    "abs(output.weight).max()", "prev(output.weight[0, 0])", "output.weight[0, 0]",
    "abs(output.weight.grad).max()", "prev(abs(output.weight.grad).max())",
    "sign_flips(output.weight.grad)", "sign_flips(output.weight)", "output.z[-1, 0]",
    "prev(output.z.mean())", "output.z[1, 0]", "hidden.bias[0]", "hidden.weight.sum()",
]  # fmt: skip
TRUTHS = [
    "any_nan", "any_inf", "changed(output.weight)", 'phase == "update"', 'layer == "hidden"',
    'phase == "forward"',
]  # fmt: skip
NUMBERS = ["0", "0.05", "0.3", "1", "2", "3", "5", "prev(loss)", "1.1 * prev(loss)"]


def compared(of: str, sign: str, to: str) -> str:
    return f"{of} {sign} {to}"


def conditions(singles: list[str], truths: list[str]) -> st.SearchStrategy[str]:
    """Conditions made of single numbers and of what is true or false."""
    return st.recursive(
        st.one_of(
            st.builds(
                compared,
                st.sampled_from(singles),
                st.sampled_from(["<", ">", "<=", "=="]),
                st.sampled_from([*NUMBERS, *singles]),
            ),
            st.sampled_from(truths),
        ),
        lambda inner: st.one_of(
            st.builds("({} and {})".format, inner, inner),
            st.builds("({} or {})".format, inner, inner),
            st.builds("(not {})".format, inner),
        ),
        max_leaves=3,
    )


CONDITIONS = conditions(SINGLES, TRUTHS)
PLAYED = conditions(
    [
        "loss", "prev(loss)", "discriminator.loss", "generator.loss", "prev(generator.loss)", "op",
        "modes", "js", "prev(js)", "generator.lr", "discriminator.lr", "generator.latent[0, 0]",
        "discriminator.fake.mean()", "generator.output.weight[0, 0]", "x.max()",
        "abs(discriminator.output.weight.grad).max()", "discriminator.output.frozen.z.mean()",
        "prev(discriminator.output.bias[0])",
    ],
    [
        "any_nan", "changed(generator.output.weight)", 'player == "generator"',
        'phase == "update"', 'layer == "generator.hidden"',
    ],
)  # fmt: skip
MAPPED = conditions(
    [
        "loss", "prev(loss)", "som.weight[0, 0]", "prev(som.weight[2, 1])", "som.distance.min()",
        "som.neighbourhood[1, 2]", "bmu[0]", "som.second[1]", "som.radius", "lr", "op",
        "som.grid_distance.sum()", "prev(som.bmu[1])", "x.max()",
    ],
    ["any_nan", "bmu == (1, 2)", "changed(som.weight)", 'phase == "loss"', 'layer == "som"'],
)  # fmt: skip
EDITED = {
    "adversaries": "generator.output.weight",
    "rivals": "discriminator.output.weight",
    "plane": "som.weight",
}
"""The parameter that is changed by hand, where it is not `output.weight`."""


@cache
def short(name: str) -> Scenario:
    """A run of a few epochs."""
    plan = scenario(name)
    if isinstance(plan.model, Som):
        return replace(plan, model=replace(plan.model, passes=4))
    training = replace(plan.model.training, epochs=4)
    return replace(plan, model=replace(plan.model, training=training))


def usable(name: str, texts: list[str]) -> list[str]:
    """Those that can be asked of a network: some have no `hidden`, or fewer samples."""
    session, fine = Session(short(name)), []
    for text in texts:
        try:
            session.breakpoints.add(text)
        except UsageError:
            continue
        fine.append(text)
    return fine


def prepared(name: str, texts: list[str], edits: list[tuple[int, int]]) -> Session:
    """A session with breakpoints, at the start of a run in which some numbers were changed."""
    session = Session(short(name))
    for step, op in sorted(edits):
        session.cursor.go(step, op)
        session.edit(EDITED.get(name, "output.weight"), (0, 0), 0.25 * step)
    session.cursor.go(1, 0)
    for text in texts:
        session.breakpoints.add(text)
    return session


def truths(session: Session) -> dict[int, float | None]:
    scene: Scene = session.scene
    return {b.number: b.condition.scalar(scene) for b in session.breakpoints}


def stops_by_op(session: Session, most: int) -> list[tuple[Position, int]]:
    """Every stop of a run, found by looking after each op."""
    session.timeline.attend(session.breakpoints.interest)
    held = {number: bool(v) and v == v for number, v in truths(session).items()}
    stops, faulty = [], 0
    last = session.network.epochs * session.network.steps_per_epoch
    while len(stops) < most and not (session.cursor.position.step == last and session.at_end):
        session.cursor.forward(Depth.OP)
        hits = []
        for number, value in truths(session).items():
            if value is not None:
                holds = bool(value) and value == value
                if holds and not held[number]:
                    hits.append(number)
                held[number] = holds
        fault = session.timeline.now.fault
        if fault is not None and faulty != session.cursor.position.step:
            faulty = session.cursor.position.step
            stops.append((session.cursor.position, 0))
        elif hits:
            stops.append((session.cursor.position, hits[0]))
    return stops


def stops_at_full_speed(session: Session, most: int, slices: list[int]) -> list:
    """The same, by runs at full speed, each cut short after some steps."""
    stops, calls, faulty = [], 0, 0
    while len(stops) < most:
        session.player._runner._slice = slices[calls % len(slices)] if slices else 64
        calls += 1
        before = session.cursor.position
        done = session.player.run(FOREVER)
        if session.player.stopped_by is not None:
            stops.append((session.cursor.position, session.player.stopped_by.number))
        elif session.timeline.now.fault is not None and session.cursor.position.step != faulty:
            faulty = session.cursor.position.step
            stops.append((session.cursor.position, 0))
        elif session.at_end:
            break
        elif not done and session.cursor.position == before and calls > 10 * most:
            raise AssertionError("the run does not go on")
    return stops


EDITS = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 12)), max_size=2)
SLICES = st.lists(st.integers(1, 7), max_size=3)


@pytest.mark.parametrize("name", ["exam", "classes", "curve", "scores"])
@settings(max_examples=25)
@given(texts=st.lists(CONDITIONS, min_size=1, max_size=3), edits=EDITS, slices=SLICES)
def test_full_speed_stops_where_single_ops_do(
    name: str, texts: list[str], edits: list[tuple[int, int]], slices: list[int]
) -> None:
    check_full_speed(name, texts, edits, slices)


@pytest.mark.parametrize("name", ["adversaries", "rivals"])
@settings(max_examples=15)
@given(texts=st.lists(PLAYED, min_size=1, max_size=3), edits=EDITS, slices=SLICES)
def test_full_speed_stops_where_single_ops_do_with_two_players(
    name: str, texts: list[str], edits: list[tuple[int, int]], slices: list[int]
) -> None:
    check_full_speed(name, texts, edits, slices)


@settings(max_examples=25)
@given(
    texts=st.lists(MAPPED, min_size=1, max_size=3),
    edits=st.lists(st.tuples(st.integers(1, 6), st.integers(0, 11)), max_size=2),
    slices=SLICES,
)
def test_full_speed_stops_where_single_ops_do_on_a_map(
    texts: list[str], edits: list[tuple[int, int]], slices: list[int]
) -> None:
    check_full_speed("plane", texts, edits, slices)


def check_full_speed(
    name: str, texts: list[str], edits: list[tuple[int, int]], slices: list[int]
) -> None:
    """A run at full speed stops where one by single ops does, in the same state."""
    texts = usable(name, texts)
    expected = stops_by_op(prepared(name, texts, edits), 4)
    fast = prepared(name, texts, edits)
    assert stops_at_full_speed(fast, 4, slices) == expected, texts

    plain = prepared(name, [], edits)
    plain.cursor.go(fast.cursor.position.step, fast.cursor.position.op)
    assert plain.trainer.state.vector.tobytes() == fast.trainer.state.vector.tobytes()


def test_a_run_that_is_late_goes_on_all_the_same() -> None:
    session = Session(short("exam"))
    session.breakpoints.add("loss < 0")
    assert session.player.run(-FOREVER) > 0


@pytest.mark.parametrize("text", ["any_nan or loss < 1", "not any_nan and loss < 1"])
def test_what_else_a_condition_reads_counts_beside_any_nan(text: str) -> None:
    expected = stops_by_op(prepared("classes", [text], []), 4)
    assert expected
    assert stops_at_full_speed(prepared("classes", [text], []), 4, []) == expected


def places_back(session: Session, end: tuple[int, int]) -> list[Position]:
    """Every op before a place at which a condition is true, from the last on, by single ops."""
    session.timeline.attend(session.breakpoints.interest)
    found = []
    while (session.cursor.position.step, session.cursor.position.op) < end:
        held = [bool(v) and v == v for v in truths(session).values()]
        if session.cursor.position.op and any(held):
            found.append(session.cursor.position)
        session.cursor.forward(Depth.OP)
    return found[::-1]


@pytest.mark.parametrize("name", ["classes", "curve"])
@settings(max_examples=20)
@given(
    texts=st.lists(CONDITIONS, min_size=1, max_size=2),
    edits=st.lists(st.tuples(st.integers(1, 6), st.integers(0, 12)), max_size=2),
    at=st.tuples(st.integers(1, 9), st.integers(1, 30)),
    hurry=st.booleans(),
)
def test_a_run_back_ends_where_it_was_last_true(
    name: str,
    texts: list[str],
    edits: list[tuple[int, int]],
    at: tuple[int, int],
    hurry: bool,
) -> None:
    texts = usable(name, texts)
    expected = places_back(prepared(name, texts, edits), at)
    fast = prepared(name, texts, edits)
    fast.cursor.go(*at)
    for place in [*expected[:3], *([Position(1)] if len(expected) < 3 else [])]:
        while fast.player.run_back(-FOREVER if hurry else FOREVER):
            pass
        assert fast.cursor.position == place, texts
        assert (fast.player.stopped_by is not None) == (place in expected)


def test_a_tensor_under_two_names_can_be_judged_at_the_ends_of_steps() -> None:
    session = Session(short("curve"))
    made = session.scene.makers
    assert session.trainer.program.tensors["output.a"].storage == View("output.z")
    assert can_judge(session.breakpoints.parse("output.z.max() > 1 or any_nan"), made)
    twice = {**made, "output.z": replace(made["output.z"], again=True)}
    assert not can_judge(session.breakpoints.parse("output.z.max() > 1"), twice)


def test_what_is_made_twice_in_a_step_is_looked_at_op_by_op() -> None:
    text = "abs(output.weight.grad).max() < prev(abs(output.weight.grad).max())"
    expected = stops_by_op(prepared("classes", [text], []), 3)
    session = prepared("classes", [text], [])
    makers = session.scene.makers
    name = "output.weight.grad"
    session.scene.makers = {**makers, name: replace(makers[name], again=True)}
    assert stops_at_full_speed(session, 3, []) == expected
    assert session.player._runner._lookout() is None
    end = session.cursor.position
    while session.player.run_back(FOREVER):
        pass
    session.scene.makers = makers
    other = prepared("classes", [text], [])
    other.cursor.go(end.step, end.op)
    while other.player.run_back(FOREVER):
        pass
    assert session.cursor.position == other.cursor.position < end


@pytest.mark.parametrize(
    ("name", "tensor"), [("bars", "output.weight"), ("sine_wave", "output.weight")]
)
def test_maps_and_sequences_are_judged_at_the_ends_of_steps(name: str, tensor: str) -> None:
    plan = load(name)
    training = replace(plan.model.training, epochs=1)
    plan = replace(plan, model=replace(plan.model, training=training))
    slow, fast = Session(plan), Session(plan)
    for session in (slow, fast):
        session.breakpoints.add(f"abs({tensor}.grad).max() < prev(abs({tensor}.grad).max())")
        session.breakpoints.add("loss > prev(loss)")
    assert not any(made.again for made in fast.scene.makers.values())
    assert stops_at_full_speed(fast, 4, [3]) == stops_by_op(slow, 4) != []


@pytest.mark.parametrize("condition", ["lr > 0.4 and step > 5", "lr < 0.2 and step > 3"])
def test_a_learning_rate_set_by_hand_is_the_same_at_full_speed(condition: str) -> None:
    text = re.sub(r"^schedule = .*\n", "", TEXTS["exam"], flags=re.MULTILINE)
    text += 'schedule = { type = "exponential", gamma = 0.7 }\n'
    found = []
    for fast in (True, False):
        session = Session(parse(text, origin="held.toml"))
        session.breakpoints.add(condition)
        session.cursor.go(2, 3)
        session.edit("lr", (), 0.45)
        for _ in range(40):
            if fast:
                session.player.run(time.perf_counter() + 1)
            else:
                session.player.play(Depth.STEP)
            if session.player.stopped_by is not None or session.at_end:
                break
        found.append((session.player.stopped_by is not None, session.cursor.position))

    assert found[0][0] == found[1][0] == condition.startswith("lr >")
    assert not found[0][0] or found[0] == found[1]


@pytest.mark.parametrize(
    "condition",
    [
        "som.second[1] == 2",
        "som.grid_distance.max() < prev(som.grid_distance.max())",
        "som.second[0] != prev(som.second[0])",
    ],
)
def test_what_runs_leave_out_is_computed_where_a_condition_asks_for_it(condition: str) -> None:
    slow, fast = (prepared("plane", [condition], []) for _ in range(2))
    assert {op.output for op in fast.trainer.program.deferred} == {
        "som.second",
        "som.grid_distance",
    }

    assert stops_at_full_speed(fast, 4, [3]) == stops_by_op(slow, 4) != []


def test_what_runs_leave_out_is_there_when_they_stop() -> None:
    slow, fast = (prepared("plane", [], []) for _ in range(2))
    for session in (slow, fast):
        session.watches.add("prev(som.second[1])")
        session.watches.add("som.grid_distance.max()")
    fast.timeline.straight(5)
    for _ in range(5):
        slow.cursor.forward(Depth.STEP)

    values = [[watch.value for watch in session.frame.watches] for session in (fast, slow)]
    assert values[0] == values[1]
    assert None not in values[0]
    for name in ("som.second", "som.grid_distance"):
        assert fast.reader.look(name).tobytes() == slow.reader.look(name).tobytes()


@pytest.mark.parametrize(
    ("tensor", "index", "kept"),
    [("som.second", (0,), "som.second[0]"), ("som.bmu", (0,), "som.grid_distance[0, 1]")],
)
def test_a_step_done_by_hand_is_left_as_the_hand_has_left_it(
    tensor: str, index: tuple[int, ...], kept: str
) -> None:
    session = prepared("plane", [], [])
    session.watches.add(f"prev({kept})")
    session.watches.add(kept)
    session.cursor.go(1, len(session.network.ops))
    session.edit(tensor, index, 2.25)
    left = session.frame.watches[1].value
    session.cursor.forward(Depth.STEP)

    assert left is not None
    assert session.frame.watches[0].value == left
