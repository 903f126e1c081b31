"""The bundled adversaries: what they learn, and that one pair does not."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from nntui.engine.trainer import Trainer, quiet
from nntui.scenario import load

ROOMY = 100
"""Training steps between two looks."""


@cache
def course(name: str, measure: str, steps: int) -> tuple[float, ...]:
    """A measure after every so many training steps."""
    scenario = load(name)
    trainer = Trainer(scenario.model, scenario.data)
    run, found = trainer.runner(), []
    for step in range(1, steps + 1):
        with quiet():
            run(step)
        if step % ROOMY == 0:
            score = trainer.evaluate(scenario.data.train)
            found.append(score.measures[measure].value)
    return tuple(found)


def test_the_ring_is_covered_and_stays_so() -> None:
    modes = course("gan_ring", "modes", 2500)

    assert modes[0] < 8
    assert 8 in modes[:15]
    assert min(modes[15:]) >= 7


def test_an_eager_generator_collapses() -> None:
    modes = course("gan_collapse", "modes", 1600)

    assert max(modes) < 8
    assert np.mean(modes) < 4


def test_the_line_is_found() -> None:
    divergence = course("gan_line", "js", 500)

    assert divergence[-1] < 0.06


def test_pictures_of_bars_are_black_and_white_and_differ() -> None:
    scenario = load("gan_bars")
    trainer = Trainer(scenario.model, scenario.data)
    run = trainer.runner()
    for step in range(1, 1001):
        with quiet():
            run(step)
    fakes = trainer.memory(1000).public("generator.fakes")

    assert fakes.shape == (32, 1, 8, 8)
    assert ((fakes < 0.2) | (fakes > 0.8)).mean() > 0.9
    assert 0.03 < (fakes > 0.5).mean() < 0.2
    assert len(np.unique((fakes > 0.5).reshape(32, -1), axis=0)) > 8


@pytest.mark.parametrize("name", ["gan_ring", "gan_collapse", "gan_line", "gan_bars"])
def test_they_are_as_they_say(name: str) -> None:
    model = load(name).model

    assert model.goal == "gan"
    assert list(model.stacks) == ["generator", "discriminator"]
