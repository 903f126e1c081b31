"""The bundled transformers: what they say happens does."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from nntui.engine.model import Samples
from nntui.engine.trainer import Trainer, quiet
from nntui.scenario import Scenario, load
from nntui.session.session import Session


def trained(scenario: Scenario, steps: int | None = None) -> Trainer:
    """A run after its own epochs, or after `steps`."""
    trainer = Trainer(scenario.model, scenario.data)
    if steps is None:
        steps = scenario.model.training.epochs * trainer.steps_per_epoch
    run = trainer.runner()
    with quiet():
        for step in range(1, steps + 1):
            run(step)
    return trainer


@cache
def finished(name: str) -> Trainer:
    return trained(load(name))


def held_back(trainer: Trainer) -> Samples:
    assert trainer.dataset.test is not None
    return trainer.dataset.test


def exact_match(trainer: Trainer) -> float:
    """The share of the sequences held back that are right in every place that has a target."""
    return trainer.evaluate(held_back(trainer)).measures["exact match"].value


def weights(trainer: Trainer) -> np.ndarray:
    """The attention weights of the last training step, (batch, heads, query, key)."""
    return trainer.memory(1).public("block.attention.weights")


def letters(trainer: Trainer) -> np.ndarray:
    """The token ids of the same step, (batch, time)."""
    return trainer.memory(1).public("x")


def test_reverse_gets_every_sequence_right_in_200_steps() -> None:
    run = trained(load("reverse"), steps=200)

    assert exact_match(run) == 1.0


def test_reverse_has_744_parameters_that_learn() -> None:
    parameters = finished("reverse").program.parameters

    assert sum(int(np.prod(p.shape)) for p in parameters if not p.frozen) == 744


def test_reverse_was_not_shown_most_of_what_it_gets_right() -> None:
    run = finished("reverse")
    known = {row.tobytes() for row in run.dataset.train.x[:, :5]}
    new = [row.tobytes() not in known for row in held_back(run).x[:, :5]]

    assert np.mean(new) > 0.5


def test_reverse_looks_along_the_anti_diagonal() -> None:
    alpha = weights(finished("reverse"))[:, 0]
    answers = np.arange(5, 10)
    mean = alpha.mean(axis=0)[answers]

    assert mean.argmax(axis=1).tolist() == [4, 3, 2, 1, 0]
    assert mean.max(axis=1).min() > 0.8
    assert (alpha[:, answers].argmax(axis=2) == 9 - answers).mean() > 0.97


def test_reverse_needs_its_positions() -> None:
    scenario = load("reverse")
    layers = tuple(x for x in scenario.model.layers if x.type != "positional_encoding")
    run = trained(replace(scenario, model=replace(scenario.model, layers=layers)))

    assert exact_match(run) < 0.5


def test_sort_gets_every_letter_right_in_400_steps() -> None:
    run = trained(load("sort"), steps=400)

    assert run.evaluate(held_back(run)).accuracy == pytest.approx(1.0, abs=0.01)
    assert exact_match(finished("sort")) == 1.0


def test_sort_asks_for_letters_and_not_for_places() -> None:
    run = finished("sort")
    alpha, x = weights(run)[:, 0, :, :6], letters(run)[:, :6]
    of = [[float(alpha[:, q][x == k].mean()) for k in range(3)] for q in (6, 11)]

    assert of[0][0] > 3 * of[0][1] > 3 * of[0][2]
    assert of[1][2] > 1.5 * of[1][1] > 1.5 * of[1][0]


def test_sort_finds_a_letter_by_much_the_same_key_at_all_places() -> None:
    run = finished("sort")
    keys = run.memory(1).public("block.attention.key.z")[:, :6]
    x = letters(run)[:, :6]

    assert keys[x == 1].std(axis=0).mean() < keys.reshape(-1, 8).std(axis=0).mean() / 2


def test_shakespeare_learns_in_its_own_time() -> None:
    run = finished("shakespeare")
    early, late = trained(load("shakespeare"), steps=100), run.evaluate(run.dataset.train)

    assert early.evaluate(early.dataset.train).loss < 2.4
    assert late.loss < 0.75
    assert (late.accuracy or 0) > 0.75


def test_shakespeare_says_how_long_and_how_varied_its_text_is() -> None:
    scenario = load("shakespeare")
    data = scenario.data
    first, rest = data.train.x[0], data.train.y
    assert rest is not None
    text = np.concatenate([first, rest[:, -1]])
    counts = Counter(text.tolist())
    shares = np.array(list(counts.values())) / len(text)

    assert f"{len(text):,}".replace(",", " ") in scenario.about
    assert len(counts) == len(data.classes) == 33
    entropy = -(shares * np.log(shares)).sum()
    (loss,) = [note.text for note in scenario.notes if note.at == "loss loss"]
    assert f"{entropy:.2f}" in loss
    assert f"{np.log(33):.3f}" in loss


def test_shakespeare_looks_mostly_at_the_last_few_characters() -> None:
    alpha = weights(finished("shakespeare")).mean(axis=(0, 1))
    near = [alpha[q, q - 3 : q + 1].sum() for q in range(8, 24)]

    assert np.mean(near) > 0.6


def test_reverse_stops_where_the_separator_has_found_the_last_letter() -> None:
    session = Session(load("reverse"))
    session.breakpoints.add("block.attention[0, 5, 4] > 0.9")
    session.player.run(math.inf)
    weights = session.reader.look("block.attention.weights")

    assert session.player.stopped_by is not None
    assert session.frame.op is not None
    assert session.frame.op.output == "block.attention.weights"
    assert session.cursor.position.step < 300
    assert weights[0, 0, 5].argmax() == 4
    assert weights[0, 0, 5, 4] > 0.9
