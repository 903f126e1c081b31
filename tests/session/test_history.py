"""Checkpoints: bounded memory, the right state, and none lost that replay needs."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nntui.session.history import History


def state(done: int, size: int = 3) -> np.ndarray:
    """A state that says how many steps it is after."""
    return np.full(size, float(done))


def run(history: History, first: int, last: int, size: int = 3) -> None:
    """Do what a run does: take every checkpoint that is due."""
    for done in range(first + 1, last + 1):
        history.keep(done, state(done, size))


@settings(deadline=None, derandomize=True)
@given(
    origin=st.integers(0, 50),
    steps=st.integers(0, 5000),
    budget=st.integers(0, 20_000),
    data=st.data(),
)
def test_the_nearest_checkpoint_is_a_state_at_or_before(origin, steps, budget, data):
    history = History(state(origin), origin, budget)
    run(history, origin, origin + steps)
    wanted = data.draw(st.integers(origin, origin + steps))

    found, vector = history.nearest(wanted)

    assert origin <= found <= wanted
    assert vector[0] == found
    assert wanted - found < history.stride or found + history.stride > origin + steps


@settings(deadline=None, derandomize=True)
@given(steps=st.integers(1, 3000), budget=st.integers(2000, 20_000), data=st.data())
def test_a_replayed_segment_is_filled_and_found_again(steps, budget, data):
    history = History(state(0), 0, budget)
    run(history, 0, steps)
    wanted = data.draw(st.integers(1, steps))

    found, _ = history.nearest(wanted)
    for done in range(found + 1, wanted + 1):
        history.fill(done, state(done))
    again, vector = history.nearest(wanted)

    assert vector[0] == again
    assert wanted - again < history.fine or again == found


def test_memory_stays_within_the_budget():
    budget, size = 100_000, 100
    history = History(state(0, size), 0, budget)
    run(history, 0, 20_000, size)
    for done in range(1, 3000):
        history.fill(done, state(done, size))

    assert history.nbytes <= budget
    assert history.kept > 50


def test_the_stride_doubles_when_there_is_no_more_room():
    history = History(state(0), 0, 1000)
    first = history.stride
    run(history, 0, 100 * first)

    assert history.stride > first
    assert history.stride % first == 0


def test_what_was_forgotten_is_not_found():
    history = History(state(0), 0)
    run(history, 0, 500)
    history.forget_after(100)

    assert history.nearest(500)[0] <= 100
    run(history, 96, 500)
    assert history.nearest(500)[0] == 496


def test_a_checkpoint_is_a_copy():
    vector = state(0)
    history = History(vector, 0)
    vector[:] = 7.0

    assert history.nearest(0)[1][0] == 0.0
