"""The laws of undoing: one op back is what beginning the step again would lead to."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from networks import TEXTS, scenario
from pictures import picture, state

from nntui.scenario import Scenario, parse
from nntui.session import timeline as module
from nntui.session.now import Fault
from nntui.session.position import Depth
from nntui.session.session import Session

FAR = 6
"""Training steps that a walk may reach."""

OPTIMIZERS = (
    '{ type = "sgd", lr = 0.1 }',
    '{ type = "sgd", lr = 0.1, momentum = 0.9, nesterov = true, weight_decay = 0.1 }',
    '{ type = "adagrad", lr = 0.1, lr_decay = 0.1 }',
    '{ type = "rmsprop", lr = 0.01, centered = true, momentum = 0.5 }',
    '{ type = "adadelta" }',
    '{ type = "adam", lr = 0.05, amsgrad = true }',
    '{ type = "adamw", lr = 0.05 }',
    '{ type = "adamax", lr = 0.05 }',
    '{ type = "nadam", lr = 0.05 }',
)
OPTIONS = (
    "",
    "clip_norm = 0.3",
    "l1 = 0.01\nl2 = 0.02",
    'schedule = { type = "exponential", gamma = 0.8 }',
    'clip_norm = 0.3\nl2 = 0.02\nschedule = { type = "exponential", gamma = 0.8 }',
)


def program(name: str, optimizer: str, options: str) -> Scenario:
    """One of the runs, learning in another way; a map has but its own."""
    if "[som]" in TEXTS[name]:
        return scenario(name)
    text = re.sub(r"^(clip_norm|l1|l2|schedule) = .*\n", "", TEXTS[name], flags=re.MULTILINE)
    text = re.sub(r"^optimizer = .*$", f"optimizer = {optimizer}", text, flags=re.MULTILINE)
    return parse(f"{text}{options}\n", origin=f"{name}.toml")


def told(fault: Fault | None) -> object:
    """A fault in plain values, in which NaN equals NaN."""
    return fault and (fault.op.number, fault.index, fault.element, repr(fault.value))


class Pair:
    """A session, and a machine of its own on which a step is always begun again."""

    def __init__(self, plan: Scenario) -> None:
        self.session = Session(plan)
        self._other = Session(plan).timeline.now

    def check(self) -> None:
        """Whatever is known at the cursor is what it would be without having gone back."""
        session, now, other = self.session, self.session.timeline.now, self._other
        other.trainer.state.vector[...] = now.start
        other.resume(now.step, now.edits)
        inside = session.cursor.boundaries.partial(session.cursor.position)
        other.advance(now.done, inside=inside)

        assert state(session) == other.trainer.state.vector.tobytes()
        frame = session.frame
        for name in frame.arrays:
            mine, its = now.now(name), other.now(name)
            if name in frame.known:
                mine, its = mine[..., frame.known[name]], its[..., frame.known[name]]
            assert mine.tobytes() == its.tobytes(), name
        for name in frame.arrays.keys() & set(session.trainer.state.names()):
            assert now.before(name).tobytes() == other.before(name).tobytes(), name
        assert told(now.fault) == told(other.fault)


def do(session: Session, move: str, number: int, value: float) -> None:
    """Make one move of a walk."""
    ops = len(session.network.ops)
    if move == "go":
        session.cursor.go(1 + number % FAR, number % (ops + 1))
    elif move == "run":
        session.timeline.complete_step()
        session.timeline.straight(1 + number % 3)
        session.cursor.settle()
    elif move in ("forward", "back"):
        getattr(session.cursor, move)(Depth.ELEMENT if value else Depth.OP)
    elif move == "edit":
        frame = session.frame
        names = [n for n in frame.arrays if n not in frame.known and n not in ("x", "y")]
        tensor = names[number % len(names)]
        shape = frame.arrays[tensor].shape[tensor in frame.batched :]
        session.edit(tensor, tuple(n - 1 for n in shape), value)


MOVES = st.tuples(
    st.sampled_from(["go", "run", "forward", "back", "back", "edit", "edit"]),
    st.integers(0, 400),
    st.sampled_from([-1.5, 0.0, 0.25, float("inf")]),
)


@pytest.mark.parametrize("name", TEXTS)
@settings(max_examples=15)
@given(
    optimizer=st.sampled_from(OPTIMIZERS),
    options=st.sampled_from(OPTIONS),
    moves=st.lists(MOVES, min_size=3, max_size=9),
)
def test_one_op_back_is_the_step_begun_again(
    name: str, optimizer: str, options: str, moves: list[tuple[str, int, float]]
) -> None:
    pair = Pair(program(name, optimizer, options))
    session = pair.session
    for move, number, value in moves:
        for _ in range(number % 25 if move == "back" else 1):
            do(session, move, number, value)
            note(f"{move} {number} {value} to {session.cursor.position}")
            pair.check()


def test_a_journey_left_on_its_way_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_REPORT_EVERY", 2)
    session = Session(scenario("curve"))
    session.cursor.go(300)
    session.cursor.jump(9)
    here, seen, bits = session.cursor.position, picture(session), state(session)

    journey = session.timeline.seek(200, 3)
    next(journey)
    journey.close()
    session.cursor.go(here.step, here.op)

    assert state(session) == bits
    assert picture(session) == seen
