"""Malformed files: `[training]` and `[[notes]]`."""

from __future__ import annotations

import pytest

TRAINING = {
    "no_training": (None, 'title = "a"', 1, "training", "is missing"),
    "training_is_array": (
        "[training]",
        "[[training]]",
        23,
        "training",
        "expected one table [training]",
    ),
    "no_loss": ('loss = "bce"', "", 23, "training.loss", "is missing"),
    "unknown_loss": (
        '"bce"',
        '"crossentropy"',
        24,
        "training.loss",
        "unknown loss",
        "cross_entropy",
    ),
    "delta_not_taken": ('"bce"', '"bce"\ndelta = 1', 25, "training.delta", "bce takes no delta"),
    "delta_is_zero": (
        '"bce"',
        '{ type = "huber", delta = 0 }',
        24,
        "training.loss.delta",
        "more than 0",
    ),
    "unknown_optimizer": (
        '"sgd"',
        '"sdg"',
        25,
        "training.optimizer.type",
        "unknown optimizer 'sdg'",
        "sgd",
    ),
    "bare_optimizer": (
        '{ type = "sgd", lr = 0.5 }',
        '"adm"',
        25,
        "training.optimizer",
        "unknown optimizer 'adm'",
        "adam",
    ),
    "optimizer_without_type": ('type = "sgd", ', "", 25, "training.optimizer.type", "is missing"),
    "optimizer_is_number": (
        '{ type = "sgd", lr = 0.5 }',
        "0.5",
        25,
        "training.optimizer",
        "a name or a table",
    ),
    "optimizer_option": (
        "lr = 0.5",
        "learning_rate = 0.5",
        25,
        "training.optimizer.learning_rate",
        "unknown key",
    ),
    "negative_rate": (
        "lr = 0.5",
        "lr = -0.5",
        25,
        "training.optimizer.lr",
        "must be at least 0, got -0.5",
    ),
    "rate_is_nan": ("lr = 0.5", "lr = nan", 25, "training.optimizer.lr", "must be finite"),
    "rate_is_string": (
        "lr = 0.5",
        'lr = "0.5"',
        25,
        "training.optimizer.lr",
        "a number, got the string",
    ),
    "momentum_is_one": (
        "lr = 0.5",
        "momentum = 1",
        25,
        "training.optimizer.momentum",
        "less than 1",
    ),
    "nesterov_alone": (
        "lr = 0.5",
        "nesterov = true",
        25,
        "training.optimizer.nesterov",
        "a momentum above 0",
    ),
    "three_betas": (
        '"sgd", lr = 0.5',
        '"adam", betas = [1, 2, 3]',
        25,
        "training.optimizer.betas",
        "a list of 2 values, got 3",
    ),
    "beta_is_one": (
        '"sgd", lr = 0.5',
        '"adam", betas = [0.9, 1]',
        25,
        "training.optimizer.betas[1]",
        "less than 1",
    ),
    "batch_size_is_zero": (
        "batch_size = 1",
        "batch_size = 0",
        26,
        "training.batch_size",
        "at least 1",
    ),
    "batch_size_is_float": (
        "batch_size = 1",
        "batch_size = 1.5",
        26,
        "training.batch_size",
        "a whole number",
    ),
    "negative_epochs": ("epochs = 200", "epochs = -1", 27, "training.epochs", "at least 0"),
    "unknown_schedule": (
        "epochs = 200",
        'schedule = "steps"',
        27,
        "training.schedule",
        "unknown schedule",
        "step",
    ),
    "schedule_option_missing": (
        "epochs = 200",
        'schedule = "step"',
        27,
        "training.schedule.step_size",
        "is missing",
    ),
    "schedule_every": (
        "epochs = 200",
        'schedule = { type = "cosine", every = "batch" }',
        27,
        "training.schedule.every",
        "unknown unit 'batch'",
    ),
    "clip_norm_is_zero": ("epochs = 200", "clip_norm = 0", 27, "training.clip_norm", "more than 0"),
    "negative_l2": ("epochs = 200", "l2 = -1e-3", 27, "training.l2", "at least 0"),
    "l1_is_inf": ("epochs = 200", "l1 = inf", 27, "training.l1", "must be finite"),
    "note_without_text": (
        'text = "The products and the bias, added up."',
        "",
        29,
        "notes[0].text",
        "is missing",
    ),
    "note_with_escape": ("added up", r"\u001b]0;", 31, "notes[0].text", "U+001B"),
    "note_at_unknown_layer": (
        "forward hidden.z",
        "forward hiden.z",
        30,
        "notes[0].at",
        "unknown layer 'hiden'",
        "hidden",
    ),
    "note_at_unknown_phase": (
        "forward hidden.z",
        "forwards hidden.z",
        30,
        "notes[0].at",
        "unknown phase",
        "forward",
    ),
    "note_at_no_op": ("forward hidden.z", "forward", 30, "notes[0].at", "a phase and a tensor"),
    "notes_is_string": (None, 'notes = "a"', 1, "notes", "expected an array of tables"),
}


CASES = TRAINING


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_is_refused_where_it_is_wrong(case, assert_refused) -> None:
    assert_refused(*case)
