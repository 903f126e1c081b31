"""Checkpoints: bounded memory, the right state, and none lost that replay needs."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nntui.session.history import DEFAULT_BUDGET, FEW, Budget, History, cost


def state(done: int, size: int = 3) -> np.ndarray:
    """A state that says how many steps it is after."""
    return np.full(size, float(done))


def begin(origin: int = 0, budget: int = DEFAULT_BUDGET, size: int = 3) -> tuple[History, Budget]:
    """A history with a budget of its own."""
    shared = Budget(budget, state(origin, size))
    return History(state(origin, size), origin, shared), shared


def replay(history: History, wanted: int, size: int = 3) -> None:
    """Do what going back does: run again from the nearest checkpoint."""
    found, _ = history.nearest(wanted)
    history.revisit(found)
    for done in range(found + 1, wanted + 1):
        history.fill(done, state(done, size))


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
    history, _ = begin(origin, budget)
    run(history, origin, origin + steps)
    wanted = data.draw(st.integers(origin, origin + steps))

    found, vector = history.nearest(wanted)

    assert origin <= found <= wanted
    assert vector[0] == found
    assert wanted - found < history.stride or found + history.stride > origin + steps


@settings(deadline=None, derandomize=True)
@given(steps=st.integers(1, 3000), budget=st.integers(2000, 20_000), data=st.data())
def test_a_replayed_segment_is_filled_and_found_again(steps, budget, data):
    history, shared = begin(budget=budget)
    run(history, 0, steps)
    wanted = data.draw(st.integers(1, steps))

    found, _ = history.nearest(wanted)
    replay(history, wanted)
    again, vector = history.nearest(wanted)

    assert vector[0] == again
    assert wanted - again < -(-history.stride // shared.stretch.capacity) or again == found


def test_memory_stays_within_the_budget():
    budget, size = 100_000, 100
    history, shared = begin(budget=budget, size=size)
    run(history, 0, 20_000, size)
    replay(history, 3000, size)

    assert shared.nbytes <= budget
    assert len(history) * cost(state(0, size)) > 0.7 * budget


@settings(deadline=None, derandomize=True)
@given(steps=st.integers(1000, 30_000))
def test_no_room_is_left_unused(steps):
    """However long the run: room for 75 checkpoints of the whole history, and 25 dense ones."""
    size = 100
    history, _ = begin(budget=100 * cost(state(0, size)), size=size)
    first = history.stride
    run(history, 0, steps, size)

    assert history.stride == first or 72 <= len(history) <= 75
    assert len(history) >= min(72, steps // first)


def test_the_oldest_are_thinned_first():
    history, _ = begin(budget=100 * cost(state(0)))
    first = history.stride
    run(history, 0, 100 * first)
    places = np.diff([done for done, _ in history])

    assert (np.sort(places)[::-1] == places).all()
    assert set(places) == {first, history.stride}


def test_the_budget_holds_for_all_branches_together():
    budget = 200_000
    main, shared = begin(budget=budget)
    run(main, 0, 40_000)
    alone = len(main)
    branches = [History(state(k), k, shared) for k in range(100, 3100, 100)]
    for branch in branches:
        run(branch, branch.origin, branch.origin + 5000)
    replay(main, 39_990)

    assert shared.nbytes <= budget
    assert min(len(history) for history in [main, *branches]) >= 4
    assert len(main) < alone
    assert shared.nbytes > budget / 4


def test_memory_of_a_branch_that_is_gone_goes_to_the_others():
    main, shared = begin(budget=200_000)
    other = History(state(7), 7, shared)
    run(other, 7, 100_000)
    full = len(other)
    del other
    run(main, 0, 100_000)

    assert len(main) >= full


def test_the_beginning_of_a_run_is_never_given_up():
    main, shared = begin(budget=0)
    branches = [History(state(k), k, shared) for k in range(1, 50)]
    for branch in branches:
        run(branch, branch.origin, branch.origin + 500)

    assert main.nearest(0)[0] == 0
    assert shared.nbytes <= (FEW + 1) * cost(state(0))


def test_the_stride_doubles_when_there_is_no_more_room():
    history, _ = begin(budget=10_000)
    first = history.stride
    run(history, 0, 100 * first)

    assert history.stride > first
    assert history.stride % first == 0


def test_what_was_forgotten_is_not_found():
    history, _ = begin()
    run(history, 0, 500)
    replay(history, 120)
    history.forget_after(100)

    assert history.nearest(500)[0] == 100
    run(history, 100, 500)
    assert history.nearest(500)[0] == 500 // history.stride * history.stride


@given(done=st.lists(st.integers(1, 3000), max_size=9), wanted=st.integers(0, 4000))
def test_checkpoints_may_be_anywhere(done, wanted):
    history, _ = begin()
    for place in done:
        history.put(place, state(place))
    last = max(done, default=0)
    run(history, last, 4000)

    found, vector = history.nearest(wanted)
    assert vector[0] == found
    assert found == max(place for place, _ in history if place <= wanted)
    assert wanted <= last or wanted - found < history.stride


def test_a_replay_closes_gaps():
    history, _ = begin()
    history.put(1000, state(1000))
    replay(history, 999)

    assert [done for done, _ in history] == [*range(0, 1000, history.stride), 1000]


def test_a_checkpoint_is_a_copy():
    vector = state(0)
    history = History(vector, 0, Budget(DEFAULT_BUDGET, vector))
    vector[:] = 7.0

    assert history.nearest(0)[1][0] == 0.0
