"""Malformed files: `[generator]` and `[discriminator]`, and what goes with them."""

from __future__ import annotations

import math

import pytest

from nntui.engine.trainer import Trainer, quiet
from nntui.errors import ScenarioError
from nntui.scenario import parse

GAN = """\
title = "Adversaries"

[data]
source = "ring"

[generator]
latent = 2

[[generator.layers]]
name = "h"
type = "dense"
units = 3
activation = "tanh"

[[generator.layers]]
name = "out"
type = "dense"
units = 2

[discriminator]
steps = 1

[[discriminator.layers]]
type = "dense"
units = 1
activation = "sigmoid"

[training]
loss = "gan"
optimizer = { type = "adam", lr = 0.002 }
real_label = 0.9
"""

PAIR = 'activation = "sigmoid"'
IMAGES = '"bars"\nsamples = 9'

CASES = {
    "no_generator": (
        GAN[GAN.index("[generator]") : GAN.index("[discriminator]")],
        "",
        "generator: is missing",
    ),
    "no_discriminator": (
        GAN[GAN.index("[discriminator]") : GAN.index("[training]")],
        "",
        "discriminator: is missing",
    ),
    "no_training": (GAN[GAN.index("[training]") :], "", "training: is missing"),
    "layers_beside": (
        "[training]",
        '[[layers]]\ntype = "dense"\nunits = 1\n[training]',
        "layers: does not go with [generator]",
    ),
    "no_latent": ("latent = 2", "", "generator.latent: is missing"),
    "latent_is_zero": ("latent = 2", "latent = 0", "7:10: generator.latent: must be at least 1"),
    "latent_is_negative": ("latent = 2", "latent = -3", "generator.latent: must be at least 1"),
    "latent_is_fraction": ("latent = 2", "latent = 1.5", "generator.latent: expected a whole"),
    "discriminator_has_no_latent": ("steps = 1", "latent = 1", "discriminator.latent: unknown key"),
    "steps_is_zero": ("steps = 1", "steps = 0", "discriminator.steps: must be at least 1"),
    "unknown_key": ("latent = 2", "latent = 2\nlayer = 3", "did you mean 'layers'?"),
    "own_optimizer": (
        "steps = 1",
        'optimizer = "adm"',
        "discriminator.optimizer: unknown optimizer 'adm' — did you mean 'adam'?",
    ),
    "nesterov_without_momentum": (
        "steps = 1",
        'optimizer = { type = "sgd", nesterov = true }',
        "discriminator.optimizer.nesterov: needs a momentum above 0",
    ),
    "no_layers": (
        GAN[GAN.index("[[discriminator.layers]]") : GAN.index("[training]")],
        "",
        "discriminator.layers: is missing: write [[discriminator.layers]]",
    ),
    "unknown_layer": ('"tanh"', '"tanhh"', "generator.layers[0].activation: unknown activation"),
    "same_name": ('"out"', '"h"', "generator.layers[1].name: layers[0] is called 'h' too"),
    "too_few_units": (
        "units = 2",
        "units = 3",
        "18:9: generator.layers[1].units: the generator makes 3 values, but a sample of the data "
        "has 2 — set units = 2",
    ),
    "image_of_other_size": (
        '"ring"',
        IMAGES,
        "generator.layers[1].units: the generator makes 2 values, but a sample of the data has "
        "1×8×8 (64 numbers) — set units = 64",
    ),
    "dense_on_images": ('"ring"', IMAGES, "put a flatten layer before it"),
    "two_answers": (
        "units = 1",
        "units = 2",
        "25:9: discriminator.layers[0].units: the discriminator gives 2 values, but its answer is "
        "one number",
    ),
    "softmax": (PAIR, 'activation = "softmax"', "a probability or a logit, which softmax gives"),
    "relu_before_a_flatten": (
        PAIR,
        'activation = "relu"\n[[discriminator.layers]]\ntype = "flatten"',
        "discriminator.layers[0].activation: the discriminator's answer is a probability",
    ),
    "dropped_answer": (
        PAIR,
        f'{PAIR}\n[[discriminator.layers]]\ntype = "dropout"',
        "discriminator.layers[1]: the discriminator's answer would be dropped",
    ),
    "relu": (PAIR, 'activation = "relu"', 'set activation = "sigmoid" or "linear"'),
    "loss_of_one_network": (
        '"gan"',
        '"bce"',
        "29:8: training.loss: 'bce' is the loss of one network; with two players set loss = ",
    ),
    "loss_of_no_one": ('"gan"', '"wgan"', "training.loss: with two players set loss = "),
    "no_loss": ('loss = "gan"', "", 'training.loss: is missing: set loss = "gan"'),
    "label_is_zero": ("0.9", "0", "training.real_label: must be more than 0"),
    "label_above_one": ("0.9", "1.5", "training.real_label: must be more than 0 and at most 1"),
    "negative_penalty": ("0.9", "0.9\nl2 = -0.1", "training.l2: must be at least 0"),
    "sequences": ('"ring"', '"recall"', "a generator makes rows of numbers or images"),
    "token_ids": ('"ring"', '"copy"', "a generator makes rows of numbers or images"),
    "embedding": (
        'type = "dense"\nunits = 1\nactivation = "sigmoid"',
        'type = "embedding"\nunits = 1\nvocabulary = 3',
        "discriminator.layers[0].type: an embedding looks up token ids",
    ),
    "batch_norm_of_one_row": (
        "[[discriminator.layers]]",
        '[[discriminator.layers]]\ntype = "batch_norm"\n[[discriminator.layers]]',
        "batch_norm ('batch_norm1') needs batches of two rows or more",
        "real_label = 0.9",
        "batch_size = 1",
    ),
    "note_on_no_layer": (
        "[training]",
        '[[notes]]\nat = "forward generator.hh.z"\ntext = "a"\n[training]',
        "unknown layer 'generator.hh'",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_is_refused_with_what_cures_it(name: str) -> None:
    old, new, expected, *more = CASES[name]
    assert old in GAN
    text = GAN.replace(old, new, 1)
    if more:
        text = text.replace(more[0], more[1], 1)

    with pytest.raises(ScenarioError) as caught:
        parse(text, origin="gan.toml")
    assert expected in str(caught.value)


def test_it_is_fine_as_it_is() -> None:
    model = parse(GAN, origin="gan.toml").model

    assert list(model.stacks) == ["generator", "discriminator"]
    assert [layer.name for layer in model.stacks["discriminator"]] == ["discriminator.dense1"]
    assert model.batch_size is None


def test_a_flatten_behind_the_answer_leaves_it_a_probability() -> None:
    text = GAN.replace(PAIR, f'{PAIR}\n[[discriminator.layers]]\ntype = "flatten"')

    assert parse(text, origin="gan.toml").model.gives_probabilities


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_a_player_may_have_nothing_to_learn(player: str) -> None:
    layers = {"generator": 'type = "dropout"\np = 0.1', "discriminator": 'type = "flatten"'}
    start, end = GAN.index(f"[[{player}.layers]]"), GAN.index("[training]")
    end = GAN.index("[discriminator]") if player == "generator" else end
    text = f"{GAN[:start]}[[{player}.layers]]\n{layers[player]}\n{GAN[end:]}"
    text = text.replace('source = "ring"', "rows = [{ x = [1] }, { x = [2] }]")
    text = text.replace("latent = 2", "latent = 1").replace("units = 2", "units = 1")
    scenario = parse(text, origin="gan.toml")
    trainer = Trainer(scenario.model, scenario.data)
    with quiet():
        losses = [trainer.runner()(step) for step in (1, 2)]

    assert all(map(math.isfinite, losses))
    assert len(trainer.program.straight) < len(trainer.program.ops)


def test_notes_may_stand_at_what_belongs_to_no_layer() -> None:
    notes = (
        "data generator.latent",
        "forward discriminator.real",
        "loss generator.loss",
        "forward generator.h.z",
        "update discriminator.dense1.weight",
        "loss modes",
    )
    entries = "".join(f'[[notes]]\nat = "{at}"\ntext = "a"\n' for at in notes)

    assert len(parse(GAN + entries, origin="gan.toml").notes) == len(notes)


def test_the_loss_of_two_players_needs_them() -> None:
    text = GAN[: GAN.index("[generator]")]
    text += '[[layers]]\ntype = "dense"\nunits = 1\n[training]\nloss = "gan"\n'

    with pytest.raises(ScenarioError, match="gan is the loss of two players"):
        parse(text, origin="gan.toml")


def test_what_no_generator_can_make_is_refused_once() -> None:
    """Not as if another number of units could help."""
    with pytest.raises(ScenarioError) as caught:
        parse(GAN.replace('"ring"', '"recall"').replace("units = 2", "units = 20"), origin="g.toml")

    assert "set units" not in str(caught.value)
