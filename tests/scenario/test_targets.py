"""What the losses make of targets, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from nntui.engine.model import Dataset
from nntui.scenario import parse

TEXT = """\
title = "t"
[data]
{data}
[[layers]]
type = "dense"
units = {units}
activation = "{activation}"
[training]
loss = "{loss}"
"""


def text_of(data: str, loss: str, units: int = 1, activation: str = "linear") -> str:
    return TEXT.format(data=data, loss=loss, units=units, activation=activation)


def rows(*targets: object) -> str:
    return "rows = [" + ", ".join(f"{{ x = 1, y = {y} }}" for y in targets) + "]"


def fit(*arguments: object, **options: object) -> Dataset:
    return parse(text_of(*arguments, **options), origin="t.toml").data  # type: ignore[arg-type]


@pytest.mark.parametrize("targets", [(0, 2, 1), ([0], [2], [1]), (0.0, 2.0, 1.0)])
def test_labels_become_class_indices(targets: tuple[object, ...]) -> None:
    data = fit(rows(*targets), "cross_entropy", 3)

    assert data.train.y is not None
    assert data.train.y.dtype == np.int64
    np.testing.assert_array_equal(data.train.y, [0, 2, 1])
    assert data.classes == data.outputs == ("0", "1", "2")


def test_rows_of_probabilities_stay() -> None:
    data = fit(rows([0.25, 0.75], [1, 0]), "cross_entropy", 2, "softmax")

    np.testing.assert_array_equal(data.train.y, [[0.25, 0.75], [1, 0]])


def test_output_names_may_name_the_classes() -> None:
    data = fit('outputs = ["cat", "dog"]\n' + rows(0, 1), "cross_entropy", 2)

    assert data.classes == data.outputs == ("cat", "dog")


@pytest.mark.parametrize("loss", ["mse", "mae", "huber", "bce_logits"])
def test_classes_are_one_output_each_for_other_losses(loss: str) -> None:
    data = fit('source = "iris"', loss, 3)

    assert data.train.y is not None
    assert data.train.y.shape == (150, 3)
    assert (data.train.y.sum(axis=1) == 1).all()
    assert data.outputs == data.classes == ("setosa", "versicolor", "virginica")


def test_hinge_reads_0_as_minus_1() -> None:
    np.testing.assert_array_equal(fit(rows(0, 1), "hinge").train.y, [[-1], [1]])
    np.testing.assert_array_equal(fit(rows(-1, 1), "hinge").train.y, [[-1], [1]])


@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
def test_bce_takes_probabilities(activation: str) -> None:
    np.testing.assert_array_equal(fit(rows(0, 0.5), "bce", 1, activation).train.y, [[0], [0.5]])


@pytest.mark.parametrize(
    ("data", "loss", "units", "key", "message"),
    [
        (rows(0, 3), "cross_entropy", 3, "data.rows[1].y", "the label 3 is no class"),
        (rows(0, -1), "cross_entropy", 3, "data.rows[1].y", "the label -1 is no class"),
        (rows(0, 0.5), "cross_entropy", 3, "data.rows[1].y", "the label 0.5 is no class"),
        (rows([0.5, 0.5], [1, 1]), "cross_entropy", 2, "data.rows[1].y", "must sum to 1, not 2"),
        (rows([1, 0], [2, -1]), "cross_entropy", 2, "data.rows[1].y", "is below 0"),
        (rows([1, 0, 0]), "cross_entropy", 2, "layers[0].units", "gives 2 values, but y has 3"),
        (rows(1), "cross_entropy", 1, "layers[0].units", "at least 2"),
        ('source = "iris"', "cross_entropy", 2, "layers[0].units", "set units = 3"),
        ('source = "iris"', "mse", 2, "layers[0].units", "names 3 classes (setosa, versicolor,"),
        (rows([1, 2]), "mse", 3, "layers[0].units", "gives 3 values, but y has 2"),
        (rows(0, 1.5), "bce_logits", 1, "data.rows[1].y", "from 0 to 1, not 1.5"),
        (rows(0, 2, 1), "hinge", 1, "data.rows[1].y", "not 2"),
        ('outputs = ["a", "b", "c"]\n' + rows(0, 1), "cross_entropy", 2, "data.outputs", "3 names"),
        ('outputs = ["a"]\n' + rows([0, 1]), "mse", 2, "data.outputs", "1 names for 2 outputs"),
    ],
)
def test_targets_are_refused(
    data: str, loss: str, units: int, key: str, message: str, problems_of
) -> None:
    (problem,) = problems_of(text_of(data, loss, units))

    assert problem.key == key
    assert message in problem.message
