"""Random numbers are a pure function of (seed, stream, step), and are spread as they should be."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nntui.engine.random import Ahead, Keyed

FIRST_WORDS = [2065258170858843691, 2324507199662259190, 8688020208551943270]
FIRST_PERMUTATION = [3, 5, 2, 1, 0, 4]


def raw(seed: int = 0, stream: str = "noise", step: int = 0, count: int = 8) -> list[int]:
    return Keyed(seed).raw(stream, step, count).tolist()


def test_numbers_are_those_of_numpys_philox() -> None:
    """Philox 4×64-10 with the seed as its key, and step and stream in its counter."""
    expected = np.random.Philox(key=0, counter=[0, 3, 0, 0]).random_raw(4)

    assert Keyed(0).raw("", 3, 4).tolist() == expected.tolist()  # crc32("") is 0


def test_numbers_stay_what_they_are() -> None:
    """A change here changes every run that anybody has written down."""
    assert raw(7, "data.noise", 2, 3) == FIRST_WORDS
    assert Keyed(7).permutation("split", 0, 6).tolist() == FIRST_PERMUTATION


def test_jumping_to_a_step_equals_going_through_the_steps() -> None:
    walked = Keyed(5)
    for step in range(20):
        walked.uniform("batches", step, 7)
        walked.normal("dropout", step, step)
    there = walked.normal("noise", 20, 33)

    assert there.tobytes() == Keyed(5).normal("noise", 20, 33).tobytes()
    assert walked.raw("noise", 3, 5).tolist() == raw(5, "noise", 3, 5)


@pytest.mark.parametrize("draw", ["raw", "uniform"])
def test_a_longer_draw_begins_with_the_shorter(draw: str) -> None:
    short, long = (getattr(Keyed(1), draw)("noise", 4, count) for count in (5, 50))

    assert long[:5].tolist() == short.tolist()


def test_seed_stream_and_step_each_make_another_sequence() -> None:
    draws = [
        raw(seed, stream, step)
        for seed in (0, 1, 2**63)
        for stream in ("noise", "order", "")
        for step in (0, 1, 2**40)
    ]
    words = [word for draw in draws for word in draw]

    assert len(set(words)) == len(words)


@pytest.mark.parametrize("first", [("a", 0), ("a", 1), ("b", 0)])
@pytest.mark.parametrize("second", [("a", 2), ("b", 1), ("c", 0)])
def test_streams_are_uncorrelated(first: tuple[str, int], second: tuple[str, int]) -> None:
    count = 40_000
    one, other = (Keyed(0).uniform(stream, step, count) for stream, step in (first, second))

    assert abs(np.corrcoef(one, other)[0, 1]) < 4 / math.sqrt(count)


def test_only_the_low_64_bits_of_a_seed_count() -> None:
    assert raw(-1) == raw(2**64 - 1)
    assert raw(2**64 + 3) == raw(3)


def test_uniform_is_flat_from_0_to_1() -> None:
    u = Keyed(0).uniform("noise", 0, 200_000)

    assert u.min() >= 0
    assert u.max() < 1
    assert u.mean() == pytest.approx(1 / 2, abs=0.003)
    assert u.var() == pytest.approx(1 / 12, rel=0.01)
    assert np.histogram(u, bins=20, range=(0, 1))[0] == pytest.approx(10_000, rel=0.05)


def test_normal_has_the_moments_of_the_normal_distribution() -> None:
    n = Keyed(0).normal("noise", 0, 200_001)

    assert len(n) == 200_001
    assert np.isfinite(n).all()
    assert n.mean() == pytest.approx(0, abs=0.01)
    assert n.std() == pytest.approx(1, rel=0.01)
    assert (n**3).mean() == pytest.approx(0, abs=0.03)
    assert (n**4).mean() == pytest.approx(3, rel=0.03)
    assert (np.abs(n) < 1).mean() == pytest.approx(math.erf(1 / math.sqrt(2)), abs=0.005)


@pytest.mark.parametrize("count", [0, 1, 2, 5, 1000])
def test_permutation_has_every_number_once(count: int) -> None:
    order = Keyed(0).permutation("order", 0, count)

    assert sorted(order.tolist()) == list(range(count))


def test_permutations_are_all_as_likely() -> None:
    orders = [tuple(Keyed(0).permutation("order", step, 3).tolist()) for step in range(6000)]

    assert len(set(orders)) == 6
    assert max(map(orders.count, set(orders))) < 1150


def test_integers_are_all_as_likely() -> None:
    draw = Keyed(0).integers("order", 0, 70_000, 7)

    assert draw.dtype == np.int64
    assert np.bincount(draw).tolist() == pytest.approx([10_000] * 7, rel=0.05)


@pytest.mark.parametrize("draw", ["raw", "uniform", "normal", "permutation"])
def test_nothing_asked_nothing_drawn(draw: str) -> None:
    assert len(getattr(Keyed(0), draw)("noise", 0, 0)) == 0


def test_normal_draws_ahead_do_not_depend_on_the_way_through_the_steps() -> None:
    forward, anyhow = Ahead(Keyed(3), "latent", 50), Ahead(Keyed(3), "latent", 50)
    in_order = [forward.normal(step).tolist() for step in range(1, 400)]

    for step in np.random.default_rng(0).permutation(np.arange(1, 400)).tolist():
        assert anyhow.normal(step).tolist() == in_order[step - 1]
    drawn = np.array(in_order).reshape(-1)
    assert len(np.unique(drawn)) == len(drawn)
    assert drawn.mean() == pytest.approx(0.0, abs=0.03)
    assert drawn.std() == pytest.approx(1.0, abs=0.03)


def test_more_numbers_than_are_drawn_ahead() -> None:
    ahead = Ahead(Keyed(3), "latent", 20_000)

    assert ahead.normal(1).tolist() == Keyed(3).normal("latent", 1, 20_000).tolist()
