"""The laws of time: what a position looks like does not depend on how one came there."""

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
from nntui.session.position import Depth
from nntui.session.session import Session

FAR = 14
"""Training steps that a walk may reach; enough for two epochs of each network."""

MOVES = st.one_of(
    st.tuples(st.just("forward"), st.sampled_from(Depth)),
    st.tuples(st.just("forward"), st.sampled_from([Depth.TERM, Depth.ELEMENT, Depth.OP])),
    st.tuples(st.sampled_from(["into", "finish"]), st.none()),
    st.tuples(st.just("jump"), st.integers(0, 60)),
    st.tuples(st.just("run"), st.integers(1, 3)),
    st.tuples(st.just("restart"), st.sampled_from([None, None, 11])),
    st.tuples(st.just("sample"), st.integers(-1, 6)),
    st.tuples(st.just("depth"), st.sampled_from(Depth)),
    st.tuples(st.just("focus"), st.sampled_from([("hidden", 1), ("output", 0), ("", 0)])),
    st.tuples(st.just("repeat"), st.integers(2, 12)),
)


def do(session: Session, move: tuple[str, Any], patch: pytest.MonkeyPatch) -> None:
    """Make one move of a walk."""
    name, value = move
    if name == "forward":
        session.cursor.forward(value)
    elif name == "repeat":
        for _ in range(value):
            session.cursor.forward()
    elif name == "run":
        # Time stands still until the clock has been looked at often enough.
        patch.setattr(module, "time", SimpleNamespace(perf_counter=itertools.count().__next__))
        session.player.run(3 * value)
    elif name in ("into", "finish"):
        getattr(session.cursor, name)()
    elif name == "jump":
        session.cursor.jump(value)
    elif name == "restart":
        session.restart(value)
    elif name == "depth":
        session.cursor.depth = value
    else:
        setattr(session.reader, name, value)


@pytest.mark.parametrize("name", TEXTS)
@settings(max_examples=50)
@given(
    moves=st.lists(MOVES, min_size=3, max_size=14),
    fine=st.lists(st.sampled_from([Depth.TERM, Depth.ELEMENT]), max_size=7),
)
def test_a_walk_ends_where_single_steps_lead(
    name: str, moves: list[tuple[str, Any]], fine: list[Depth]
) -> None:
    walker = Session(scenario(name))
    focus = ("", 0)
    with pytest.MonkeyPatch.context() as patch:
        for move in moves:
            do(walker, move, patch)
            note(f"{move} to {walker.cursor.position}")
            focus = move[1] if move[0] == "focus" else focus
            if walker.cursor.position.step > FAR:
                break
    for depth in fine:
        walker.cursor.forward(depth)

    reference = stepped_to(walker.scenario, walker.cursor.position, walker.seed)
    reference.cursor.depth, reference.reader.sample = walker.cursor.depth, walker.reader.sample
    reference.reader.focus = focus

    assert reference.cursor.position == walker.cursor.position
    assert state(reference) == state(walker)
    assert picture(reference) == picture(walker)
