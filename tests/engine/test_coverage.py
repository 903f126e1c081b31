"""How well a generator covers its data: counts and distances that one can work out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nntui.engine.data.source import Modes
from nntui.engine.models.coverage import Coverage
from nntui.engine.ops.coverage import Histogram, covered
from nntui.engine.trainer import Trainer, quiet
from tests.engine.adversaries import gan, points

CENTRES = Modes(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), 0.3)


def at(*places: tuple[float, float], each: int = 20) -> np.ndarray:
    return np.repeat(np.array(places, float), each, axis=0)


def test_a_mode_counts_where_enough_samples_are_within_reach() -> None:
    assert covered(at((0, 0), (1, 0), (0, 1)), CENTRES) == 3
    assert covered(at((0.2, 0.2), (1, 0)), CENTRES) == 2
    assert covered(at((0.31, 0), (5, 5)), CENTRES) == 0
    few = np.concatenate([at((0, 0), each=99), at((1, 0), each=1)])
    assert covered(few, CENTRES) == 1
    assert covered(np.concatenate([few, at((1, 0), each=1)]), CENTRES) == 2


def test_a_sample_that_is_no_number_covers_nothing() -> None:
    assert covered(np.full((10, 2), np.nan), CENTRES) == 0
    assert math.isfinite(Histogram(at((0, 0), (1, 1))).divergence(np.full((10, 2), np.nan)))


def test_the_divergence_is_0_for_the_same_and_ln_2_for_what_lies_apart() -> None:
    real = np.random.default_rng(0).normal(size=(500, 2))
    histogram = Histogram(real)

    assert histogram.divergence(real) == 0.0
    assert histogram.divergence(real + 100.0) == pytest.approx(math.log(2), rel=0.02)
    assert histogram.divergence(real[::-1]) == 0.0


def test_the_divergence_is_that_of_the_shares() -> None:
    histogram = Histogram(np.array([[0.0], [0.0], [1.0], [1.0]]))
    p, q = np.array([0.5, 0.5]), np.array([1.0, 0.0])
    m = (p + q) / 2
    expected = 0.5 * (p * np.log(p / m)).sum() + 0.5 * math.log(1.0 / m[0])

    assert histogram.divergence(np.zeros((7, 1))) == pytest.approx(expected, rel=1e-14)
    assert histogram.divergence(np.array([[0.0], [0.99]])) == 0.0
    far = np.array([[0.0], [1e6]])
    assert histogram.divergence(far) == pytest.approx(math.log(2) / 2, rel=1e-14)


def test_images_have_no_divergence() -> None:
    assert not Coverage(points(shape=(1, 3, 4)))
    assert Coverage(points())


def test_it_is_measured_in_every_so_many_steps_and_kept_in_between() -> None:
    trainer = Trainer(gan(measure_every=4), points())
    run, seen = trainer.runner(), []
    for step in range(1, 10):
        with quiet():
            run(step)
        seen.append(float(trainer.memory(step).public("js")))

    assert seen[0] == seen[1] == seen[2] == seen[3]
    assert seen[4] == seen[5] == seen[6] == seen[7]
    assert len({seen[0], seen[4], seen[8]}) == 3


def test_what_is_measured_is_no_part_of_training() -> None:
    often, seldom = (Trainer(gan(measure_every=n), points()) for n in (1, 1000))
    for trainer in (often, seldom):
        run = trainer.runner()
        for step in range(1, 8):
            with quiet():
                run(step)

    assert often.state.vectors["theta"].tobytes() == seldom.state.vectors["theta"].tobytes()
