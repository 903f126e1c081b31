"""JSONL traces: the records that other people's programs read."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from nntui.engine.machine import parameters_of
from nntui.engine.trainer import Trainer, quiet
from nntui.interchange.jsonl import plain, records
from nntui.interchange.script import Script
from nntui.scenario import Scenario, load, parse
from nntui.session.session import Session

FIELDS = ["step", "op", "phase", "layer", "kind", "inputs", "output", "formula", "shape", "value"]
PHASES = ["data", "forward", "loss", "backward", "update"]
NAMES = ["exam", "iris", "circles", "by_hand", "activations", "reverse"]

DIVERGING = """\
title = "Too fast"
[data]
inputs = ["a"]
outputs = ["b"]
rows = [{ x = [1], y = [2] }]
[[layers]]
type = "dense"
units = 1
weight = [[1e200]]
[training]
loss = "mse"
"""


def traced(scenario: Scenario, steps: int) -> list[dict[str, Any]]:
    return [json.loads(line) for line in records(Script(Session(scenario), steps))]


def shape_of(value: Any) -> list[int]:
    return [len(value), *shape_of(value[0])] if isinstance(value, list) else []


def test_the_record_of_the_contract() -> None:
    line = list(records(Script(Session(load("exam")), 1)))[2]

    assert line == (
        '{"step": 1, "op": 3, "phase": "forward", "layer": "hidden", "kind": "affine", '
        '"inputs": ["x", "hidden.weight", "hidden.bias"], "output": "hidden.z", '
        '"formula": "z = x Wᵀ + b", "shape": [1, 2], "value": [[3.2, 3.2]]}'
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_record_has_the_fields_in_order_and_their_types(name: str) -> None:
    found = traced(load(name), 2)

    for record in found:
        assert list(record) == FIELDS
        assert record["phase"] in PHASES
        assert all(isinstance(record[f], str) for f in ("layer", "kind", "output", "formula"))
        assert all(isinstance(tensor, str) for tensor in record["inputs"])
        assert shape_of(record["value"]) == record["shape"]


@pytest.mark.parametrize("name", NAMES)
def test_ops_count_from_one_in_each_step_and_phases_come_in_order(name: str) -> None:
    found = traced(load(name), 3)

    per_step = len(found) // 3
    expected = [(step, op) for step in (1, 2, 3) for op in range(1, per_step + 1)]
    assert [(r["step"], r["op"]) for r in found] == expected
    order = [PHASES.index(r["phase"]) for r in found[:per_step]]
    assert order == sorted(order)
    assert [r["output"] for r in found[:2]] == ["x", "y"]


@pytest.mark.parametrize("name", NAMES)
def test_each_parameter_has_one_gradient_and_one_new_value_in_a_step(name: str) -> None:
    scenario = load(name)
    found = traced(scenario, 1)

    parameters = [p.name for p in Trainer(scenario.model, scenario.data).program.parameters]
    backward = [r["output"] for r in found if r["phase"] == "backward"]
    update = [r["output"] for r in found if r["phase"] == "update"]
    for parameter in parameters:
        assert backward.count(f"{parameter}.grad") == 1
        assert update.count(parameter) == 1


@pytest.mark.parametrize("name", NAMES)
def test_the_values_are_those_of_a_straight_run_to_the_last_bit(name: str) -> None:
    scenario = load(name)
    found = traced(scenario, 7)

    trainer = Trainer(scenario.model, scenario.data)
    run = trainer.runner()
    with quiet():
        losses = [run(step) for step in range(1, 8)]
    traced_losses = [r["value"] for r in found if r["output"] == "loss"]
    assert traced_losses == losses
    for parameter, array in parameters_of(trainer.state).items():
        values = [r["value"] for r in found if r["output"] == parameter]
        if values:
            assert values[-1] == array.tolist()


def test_two_traces_are_the_same_bytes() -> None:
    first, second = (list(records(Script(Session(load("spiral")), 3))) for _ in range(2))

    assert first == second


def test_class_indices_are_integers() -> None:
    y = traced(load("iris"), 1)[1]

    assert y["output"] == "y"
    assert all(type(value) is int for value in y["value"])


def test_the_loss_is_a_bare_number() -> None:
    loss = next(r for r in traced(load("exam"), 1) if r["output"] == "loss")

    assert loss["shape"] == []
    assert loss["value"] == 0.1933241723985687


def test_what_json_cannot_say_is_a_string() -> None:
    assert plain(np.array([[math.nan, math.inf], [-math.inf, 1.0]])) == [
        ["nan", "inf"],
        ["-inf", 1.0],
    ]


def test_a_run_that_diverges_is_written_to_the_end() -> None:
    lines = list(records(Script(Session(parse(DIVERGING, origin="fast.toml")), 2)))

    assert all(json.loads(line, parse_constant=pytest.fail) for line in lines)
    loss = next(r for r in map(json.loads, lines) if r["output"] == "loss")
    assert loss["value"] == "inf"


def test_a_gans_records_say_whose_turn_it_is_and_no_others_do() -> None:
    lines = traced(load("gan_ring"), 1)
    players = [record["player"] for record in lines]
    turn = players.index("generator")

    assert set(players[:turn]) == {"discriminator"}
    assert set(players[turn:]) == {"generator"}
    assert [list(line) for line in lines[:1]] == [[*FIELDS, "player"]]
    assert all("player" not in record for record in traced(load("exam"), 1))


def test_a_gan_has_every_gradient_and_every_new_value_once() -> None:
    scenario = load("gan_ring")
    lines = traced(scenario, 1)
    for parameter in Trainer(scenario.model, scenario.data).program.parameters:
        player = parameter.name.partition(".")[0]
        for phase, name in (("backward", f"{parameter.name}.grad"), ("update", parameter.name)):
            found = [r for r in lines if r["output"] == name]
            assert [(r["phase"], r["player"]) for r in found] == [(phase, player)]
            assert found[0]["shape"] == list(parameter.shape)


def test_a_mask_is_written_as_a_string() -> None:
    found = {r["output"]: r for r in traced(load("reverse"), 1)}
    masked, weights = (found[f"block.attention.{name}"] for name in ("masked", "weights"))

    assert masked["shape"] == weights["shape"] == [32, 1, 10, 10]
    assert masked["value"][0][0][0][1:] == ["-inf"] * 9
    assert weights["value"][0][0][0] == [1.0, *[0.0] * 9]
