"""The speed of a training step, measured without a clock.

A small network's step takes as long as its NumPy calls, a third of a microsecond each, whatever
they compute. So the number of calls is the speed, and it may fall but not rise; memory allocated on
the way would cost as much again.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import pytest

from nntui.engine.optimizers import Adam, Optimizer, Sgd
from nntui.engine.trainer import quiet
from tests.engine.networks import (
    CONV,
    GAN,
    GRU,
    LARGE,
    LSTM,
    MIDDLE,
    NETWORKS,
    RNN,
    SMALL,
    SMALLEST,
    SMALLEST_BCE,
    TRANSFORMER,
)


@pytest.mark.parametrize(
    ("name", "most"),
    [
        (SMALLEST, 25),
        (SMALLEST_BCE, 33),
        (SMALL, 26),
        (MIDDLE, 32),
        (LARGE, 25),
        (CONV, 40),
        (RNN, 96),
        (LSTM, 375),
        (GRU, 421),
        (TRANSFORMER, 160),
        (GAN, 98),
    ],
)
def test_a_step_makes_no_more_calls_than_ever(name: str, most: int) -> None:
    memory = NETWORKS[name].trainer().memory(1)

    assert len(memory._straight_calls()) <= most


@pytest.mark.parametrize(
    ("optimizer", "most"), [(Sgd(momentum=0.9), 3), (Sgd(weight_decay=0.1), 2), (Adam(), 16)]
)
def test_an_optimizer_adds_the_same_calls_to_every_network(optimizer: Optimizer, most: int) -> None:
    """It works on whole vectors, however many layers they are of."""
    for network in NETWORKS.values():
        plain, other = network.trainer(), network.trainer(optimizer)
        added = len(other.memory(1)._straight_calls()) - len(plain.memory(1)._straight_calls())

        assert added <= most * len(plain.program.objectives)


@pytest.mark.parametrize(
    ("name", "most"),
    [
        (SMALLEST, 500),
        (SMALL, 500),
        (LARGE, 10_000),
        (CONV, 50_000),
        (LSTM, 100_000),
        (GRU, 100_000),
        (TRANSFORMER, 100_000),
    ],
)
def test_steps_allocate_no_arrays(name: str, most: int) -> None:
    """The bounds, in bytes, are below the size of the network's activations."""
    with quiet():
        run = NETWORKS[name].trainer().runner()
        for step in range(1, 10):
            run(step)
        tracemalloc.start()
        try:
            # Other threads of the test process allocate now and then, but not in every attempt.
            attempts = [allocated(run, first) for first in range(10, 310, 100)]
        finally:
            tracemalloc.stop()

    assert min(peak for peak, _ in attempts) < most
    assert min(kept for _, kept in attempts) < 100


def allocated(run: Callable[[int], float], first: int) -> tuple[int, int]:
    """(most at a time, left at the end): bytes that a hundred training steps allocate."""
    run(first)
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    for step in range(first + 1, first + 100):
        run(step)
    after, peak = tracemalloc.get_traced_memory()
    return peak - before, after - before
