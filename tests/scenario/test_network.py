"""Sizes are checked before anything is allocated, and batches before they are drawn."""

from __future__ import annotations

import pytest

from nntui.scenario import parse

TEXT = """\
title = "t"
dtype = "{dtype}"
[data]
{data}
{layers}
[training]
loss = "mse"
{training}
"""
DENSE = '[[layers]]\ntype = "dense"\nunits = {}\n'
NORM = '[[layers]]\ntype = "batch_norm"\n'


def text_of(
    layers: str = DENSE.format(1),
    rows: int = 3,
    training: str = "",
    dtype: str = "float64",
    x: str = "1",
) -> str:
    data = "rows = [" + ", ".join([f"{{ x = {x}, y = 1 }}"] * rows) + "]"
    return TEXT.format(dtype=dtype, data=data, layers=layers, training=training)


@pytest.mark.parametrize(
    ("rows", "training", "line", "key", "message"),
    [
        (1, "", 5, "layers[0]", "there is one row to train on"),
        (3, "batch_size = 1", 13, "training.batch_size", "needs batches of two rows or more"),
        (
            3,
            "batch_size = 2",
            13,
            "training.batch_size",
            "last batch of an epoch has one row (3 rows",
        ),
        (33, "", 11, "training", "(33 rows in batches of 32)"),
    ],
)
def test_batches_of_one_row(
    rows: int, training: str, line: int, key: str, message: str, problems_of
) -> None:
    (problem,) = problems_of(text_of(NORM + DENSE.format(1), rows, training))

    assert (problem.line, problem.key) == (line, key)
    assert message in problem.message


@pytest.mark.parametrize(("rows", "training"), [(3, ""), (4, "batch_size = 2"), (2, "")])
def test_batches_of_more_rows(rows: int, training: str) -> None:
    parse(text_of(NORM + DENSE.format(1), rows, training), origin="t")


def test_the_rows_held_back_are_in_no_batch(problems_of) -> None:
    text = text_of(NORM + DENSE.format(1), 5).replace("rows =", "test_fraction = 0.8\nrows =")

    assert "there is one row to train on" in problems_of(text)[0].message


def test_parameters(problems_of) -> None:
    (problem,) = problems_of(text_of(DENSE.format(1_000_000) * 2))

    assert (problem.line, problem.key) == (8, "layers[1]")
    assert "1000003000000 parameters" in problem.message


def test_activations(problems_of) -> None:
    layers = DENSE.format(1_000_000) + '[[layers]]\ntype = "dropout"\n' * 10 + DENSE.format(1)
    (problem,) = problems_of(text_of(layers, training="batch_size = 3"))

    assert problem.key == "training.batch_size"
    assert "a batch of 3 rows needs 264 MB of activations" in problem.message


def test_layers(problems_of) -> None:
    (problem,) = problems_of(text_of(DENSE.format(1) * 1001))

    assert problem.key == "layers[1000]"
    assert "there are 1001 layers; at most 1000" in problem.message


@pytest.mark.parametrize(
    ("layers", "x", "key"),
    [
        ('[[layers]]\ntype="dense"\nunits=1\nweight=[[1e300]]\n', "1", "layers[0].weight"),
        (DENSE.format(1), "1e300", "data"),
    ],
)
def test_numbers_too_large_for_float32(layers: str, x: str, key: str, problems_of) -> None:
    (problem,) = problems_of(text_of(layers, dtype="float32", x=x))

    assert problem.key == key
    assert "1e+300 is too large for float32" in problem.message


def test_problems_come_all_at_once_in_file_order(problems_of) -> None:
    text = text_of('[[layers]]\ntype="dense"\nunit=1\n[[layers]]\ntype="lstn"\n', training="l1=-1")
    found = [(problem.line, problem.key) for problem in problems_of(text)]

    assert found == [
        (5, "layers[0].units"),
        (7, "layers[0].unit"),
        (9, "layers[1].type"),
        (13, "training.l1"),
    ]


def test_beyond_twenty_problems_are_counted(problems_of) -> None:
    problems = problems_of("".join(f"k{i} = 1\n" for i in range(500)) + text_of())

    assert [problem.line for problem in problems[:20]] == [*range(1, 21)]
    assert problems[20].message == "and at least 480 more"
    assert len(problems) == 21
