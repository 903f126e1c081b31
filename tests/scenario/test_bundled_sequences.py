"""The bundled scenarios on sequences: what they say happens does."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from nntui.engine.layers.lstm import Lstm
from nntui.engine.layers.recurrent import Recurrent
from nntui.engine.trainer import Score, Trainer, quiet
from nntui.scenario import Scenario, load

LN2 = np.log(2)


def trained(name: str, steps: int | None = None) -> Trainer:
    """A run after its own epochs, or after `steps`."""
    scenario = load(name)
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
    return trained(name)


def held_back(trainer: Trainer) -> Score:
    """How well it does on the rows held back."""
    assert trainer.dataset.test is not None
    return trainer.evaluate(trainer.dataset.test)


def norms(name: str) -> np.ndarray:
    """How much of the gradient arrives at each time step, before anything is learned."""
    trainer = trained(name, steps=0)
    for op in trainer.program.ops:
        if op.phase != "update":
            trainer.execute(op, 1)
    layer = trainer.model.layers[0].name
    return trainer.memory(1).public(f"{layer}.h.grad.norm").copy()


def test_hello_says_hello() -> None:
    run = trained("hello", steps=75)
    rows = run.dataset.train
    letters = run.predict(rows).argmax(-1)

    assert "".join(run.dataset.classes[k] for k in letters[0]) == "ello"
    assert run.evaluate(rows).loss < 0.1 / 4


def test_hello_tells_one_l_from_the_other() -> None:
    run = finished("hello")
    run.execute(run.program.ops[0], 1)
    for op in run.program.ops:
        if op.phase in ("data", "forward"):
            run.execute(op, 1)
    x, h = (run.memory(1).public(name)[0] for name in ("rnn.x", "rnn.h"))

    assert np.array_equal(x[2], x[3])
    assert np.abs(h[2] - h[3]).max() > 0.5


def test_forget_does_not_find_out() -> None:
    run = finished("forget")

    assert 0.4 < (held_back(run).accuracy or 0) < 0.6
    assert run.evaluate(run.dataset.train).loss == pytest.approx(LN2, abs=0.005)


def test_forget_gets_a_millionth_of_the_gradient_back_to_the_start() -> None:
    sizes = norms("forget")

    assert 1e-7 < sizes[0] / sizes[-1] < 1e-5
    assert (np.diff(np.log(sizes)) > 0).all()


def test_forget_would_learn_with_another_gain() -> None:
    scenario = load("forget")
    layer, *rest = scenario.model.layers
    assert isinstance(layer, Recurrent)
    assert layer.recurrent_init is not None
    init = replace(layer.recurrent_init, gain=1.0)
    layers = (replace(layer, recurrent_init=init), *rest)
    run = Trainer(replace(scenario.model, layers=layers), scenario.data)
    step = run.runner()
    with quiet():
        for k in range(1, 121):
            step(k)

    assert (held_back(run).accuracy or 0) > 0.95


def test_remember_needs_few_steps() -> None:
    assert (held_back(trained("remember", steps=94)).accuracy or 0) > 0.95
    assert (held_back(finished("remember")).accuracy or 0) > 0.97


def test_remember_without_the_bias_fails() -> None:
    run = finished("remember_bias0")

    assert 0.4 < (held_back(run).accuracy or 0) < 0.6
    assert run.evaluate(run.dataset.train).loss == pytest.approx(LN2, abs=0.005)


def _without_bias(scenario: Scenario) -> object:
    layer, output = scenario.model.layers
    assert isinstance(layer, Lstm)
    options = (layer.units, layer.init, layer.recurrent_init, output.name)
    return options, scenario.model.seed, scenario.model.training


def test_remember_and_its_twin_differ_in_the_bias() -> None:
    one, other = load("remember"), load("remember_bias0")

    assert _without_bias(one) == _without_bias(other)
    assert one.data.train.x.tobytes() == other.data.train.x.tobytes()
    assert norms("remember")[0] > 1000 * norms("remember_bias0")[0]


def test_the_three_of_the_race_start_with_the_same_recurrent_spread() -> None:
    layers = [load(name).model.layers[0] for name in ("forget", "remember", "remember_bias0")]
    inits = {layer.recurrent_init for layer in layers if isinstance(layer, Recurrent)}

    assert len(inits) == 1


def test_flip_flop_remembers_the_last_pulse() -> None:
    assert (held_back(trained("flip_flop", steps=88)).accuracy or 0) > 0.97
    assert (held_back(finished("flip_flop")).accuracy or 0) > 0.99


def test_flip_flop_keeps_the_bit_in_two_signs_and_not_by_its_gates() -> None:
    run = finished("flip_flop")
    run.run_ops(1, 1, len(run.program.ops))
    read = run.memory(1).public
    states = np.stack([read(f"gru.a.t{t}") for t in range(1, 13)], axis=1)
    candidates = np.stack([read(f"gru.candidate.t{t}") for t in range(1, 13)], axis=1)
    quiet_steps = read("gru.x")[:, 1:, 0] == 0

    assert ((states[..., 1:] > 0) == (read("y") > 0.5)).all()
    assert read("gru.update")[..., 1:].mean() < 0.05
    kept = np.sign(candidates[:, 1:]) == np.sign(states[:, :-1])
    assert kept[quiet_steps].all()


def test_sine_wave_comes_down_near_the_noise() -> None:
    assert held_back(finished("sine_wave")).loss < 0.006


def test_text_learns_most_of_its_characters() -> None:
    run = finished("text")
    score = run.evaluate(run.dataset.train)

    assert (score.accuracy or 0) > 0.9
    assert score.loss < 0.25
