"""Malformed files: self-organizing maps."""

from __future__ import annotations

from typing import Any

import pytest

from nntui.engine.models.som import Som
from nntui.errors import ScenarioError
from nntui.scenario import Scenario, parse

MAP = """\
title = "A map"

[data]
rows = [{ x = [1, 2] }, { x = [3, 4] }, { x = [5, 6] }]

[som]
rows = 2
cols = 3
topology = "hexagonal"
learning_rate = 0.5
radius = 2.0
decay = "linear"

[training]
epochs = 7
"""

CASES = {
    "no_rows": ("rows = 2\n", "", 6, "som.rows", "is missing"),
    "rows_is_zero": ("rows = 2", "rows = 0", 7, "som.rows", "at least 1"),
    "rows_is_text": ("rows = 2", 'rows = "2"', 7, "som.rows", "expected a whole number"),
    "one_unit": ("rows = 2\ncols = 3", "rows = 1\ncols = 1", 6, "som", "a map of one unit"),
    "too_many_units": ("rows = 2\ncols = 3", "rows = 500\ncols = 50", 6, "som", "at most 10000"),
    "topology": ('"hexagonal"', '"hexagon"', 9, "som.topology", "unknown topology", "hexagonal"),
    "rate_is_zero": ("rate = 0.5", "rate = 0", 10, "som.learning_rate", "must be more than 0"),
    "radius_is_negative": ("= 2.0", "= -2.0", 11, "som.radius", "must be more than 0"),
    "decay": ('"linear"', '"liner"', 12, "som.decay", "unknown decay", "linear"),
    "end_without_use": (
        'decay = "linear"',
        'final_radius = 0.5\ndecay = "constant"',
        12,
        "som.final_radius",
        "the decay constant goes its own way",
    ),
    "neighbourhood": (
        'decay = "linear"',
        'neighbourhood = "gaussion"',
        12,
        "som.neighbourhood",
        "unknown neighbourhood",
        "gaussian",
    ),
    "init": ('decay = "linear"', 'init = "pka"', 12, "som.init", "unknown init", "pca"),
    "unknown_key": ("radius = 2.0", "sigma = 2.0", 11, "som.sigma", "unknown key 'sigma'"),
    "weight_shape": (
        'decay = "linear"',
        "weight = [[1, 2], [3, 4]]",
        12,
        "som.weight",
        "has the shape 2×2, but this map needs 6×2",
    ),
    "weight_and_init": (
        'decay = "linear"',
        'init = "uniform"\nweight = [[1, 2], [3, 4], [5, 6], [1, 2], [3, 4], [5, 6]]',
        12,
        "som.init",
        "does not go with weight",
    ),
    "weight_too_large": (
        'title = "A map"\n',
        'title = "A map"\ndtype = "float32"\n'
        "som.weight = [[1, 2], [3, 4], [5, 1e39], [1, 2], [3, 4], [5, 6]]\n"
        "som.rows = 2\nsom.cols = 3\n",
        3,
        "som.weight",
        "too large for float32",
    ),
    "loss": ("epochs = 7", 'loss = "mse"', 15, "training.loss", "learns without a gradient"),
    "optimizer": (
        "epochs = 7",
        'optimizer = "adam"',
        15,
        "training.optimizer",
        "takes no such option",
    ),
    "batch_size": ("epochs = 7", "batch_size = 2", 15, "training.batch_size", "sample by sample"),
    "training_key": ("epochs = 7", "epoch = 7", 15, "training.epoch", "unknown key", "epochs"),
    "epochs": ("epochs = 7", "epochs = -1", 15, "training.epochs", "at least 0"),
    "layers_too": (
        "[training]",
        '[[layers]]\ntype = "dense"\nunits = 1\n\n[training]',
        6,
        "som",
        "does not go with [layers]",
    ),
    "sequences": ("x = [1, 2]", "x = [[1], [2]]", 3, "data", "a row of features"),
    "note_elsewhere": (
        "epochs = 7",
        'epochs = 7\n[[notes]]\nat = "forward hidden.z"\ntext = "?"',
        17,
        "notes[0].at",
        "unknown layer 'hidden'",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_is_refused_where_it_is_wrong(case: tuple[Any, ...], problems_of: Any) -> None:
    old, new, line, key, message, *nearest = case
    assert old in MAP
    text = MAP.replace(old, new, 1)
    if key == "data":
        text = text.replace("[3, 4]", "[[3], [4]]").replace("[5, 6]", "[[5], [6]]")
    if text.startswith('title = "A map"\ndtype'):
        text = text[: text.index("[som]")]
    found = [p for p in problems_of(text) if (p.line, p.key) == (line, key)]

    assert found, problems_of(text)
    assert message in found[0].message
    assert found[0].nearest == (nearest[0] if nearest else "")


def test_a_map_is_not_an_array_of_tables() -> None:
    with pytest.raises(ScenarioError, match=r"expected one table \[som\], got a list"):
        parse(MAP.replace("[som]", "[[som]]"), origin="map.toml")


def _map(text: str = MAP) -> tuple[Som, Scenario]:
    scenario = parse(text, origin="map.toml")
    assert isinstance(scenario.model, Som)
    return scenario.model, scenario


def test_what_a_file_says_is_what_is_trained() -> None:
    model, scenario = _map()

    assert (model.map.rows, model.map.cols, model.map.topology) == (2, 3, "hexagonal")
    assert (model.map.rates, model.map.radii) == ((0.5, 0.005), (2.0, 0.5))
    assert (model.map.decay, model.epochs, model.batch_size) == ("linear", 7, 1)
    assert _map(MAP.replace("epochs = 7", "epochs = 7\nbatch_size = 1"))[0].epochs == 7
    assert scenario.data.train.y is None


def test_a_map_needs_to_know_nothing_but_its_size() -> None:
    short = MAP[: MAP.index("topology")] + MAP[MAP.index("[training]") :].replace("epochs = 7", "")
    model, _ = _map(short)

    assert (model.map.topology, model.map.decay) == ("rectangular", "asymptotic")
    assert (model.map.radii[0], model.epochs) == (1.5, 100)
    model, _ = _map(short.replace("[training]", ""))
    assert model.epochs == 100


def test_targets_are_not_learned_from_and_classes_keep_their_names() -> None:
    text = MAP.replace("rows = [{ x = [1, 2] }, { x = [3, 4] }, { x = [5, 6] }]", 'source = "iris"')
    _, scenario = _map(text)

    assert scenario.data.classes == ("setosa", "versicolor", "virginica")
    _, scenario = _map(text.replace("iris", "sine"))
    assert scenario.data.train.y is None
