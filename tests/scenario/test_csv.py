"""`source = "csv"`: a person's own table."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from nntui.engine.model import Dataset
from nntui.scenario import csv_file, parse

TEXT = """\
title = "t"
[data]
source = "csv"
path = "people.csv"
{options}
[[layers]]
type = "dense"
units = {units}
activation = "{activation}"
[training]
loss = "{loss}"
"""
PEOPLE = "age,height,score,group\n30,1.8,7,red\n41,1.6,5.5,blue\n52,1.7,6,red\n"


def text_of(
    options: str = "", loss: str = "mse", units: int = 1, activation: str = "sigmoid"
) -> str:
    return TEXT.format(options=options, loss=loss, units=units, activation=activation)


def read(folder: Path, csv: str | bytes, *arguments: object, **options: object) -> Dataset:
    data = csv if isinstance(csv, bytes) else csv.encode()
    (folder / "people.csv").write_bytes(data)
    text = text_of(*arguments, **options)  # type: ignore[arg-type]
    return parse(text, origin="t.toml", folder=folder).data


COLUMNS = 'inputs = ["height", "age"]\noutputs = ["score"]'


def test_columns_by_name(tmp_path: Path) -> None:
    data = read(tmp_path, PEOPLE, COLUMNS)

    np.testing.assert_array_equal(data.train.x, [[1.8, 30], [1.6, 41], [1.7, 52]])
    np.testing.assert_array_equal(data.train.y, [[7], [5.5], [6]])
    assert (data.inputs, data.outputs) == (("height", "age"), ("score",))


def test_without_names_the_last_column_is_predicted_from_the_others(tmp_path: Path) -> None:
    data = read(tmp_path, "a,b,c\n1,2,3\n4,5,6\n")

    assert (data.inputs, data.outputs) == (("a", "b"), ("c",))
    np.testing.assert_array_equal(data.train.y, [[3], [6]])


def test_the_last_column_is_the_last_with_a_name(tmp_path: Path) -> None:
    assert read(tmp_path, "a,b,\n1,2,\n").outputs == ("b",)


@pytest.mark.parametrize(
    ("csv", "why"),
    [
        ("\ufeffage,height,score\n30,1.8,7\n", "a byte order mark"),
        ("age;height;score\n30;1.8;7\n", "semicolons"),
        ("age\theight\tscore\n30\t1.8\t7\n", "tabs"),
        ("age,height,score\r\n30,1.8,7\r\n\r\n,,\r\n", "line ends of other systems, blank lines"),
        (' age , height,"score"\n 30, 1.8 ,"7"\n', "blanks and quotes"),
        ("a\x1bge,hei\u202eght,score\n30,1.8,7\n", "control characters"),
        ("age,height,,score\n30,1.8,text,7\n", "a column without a name"),
    ],
)
def test_tables_as_programs_write_them(tmp_path: Path, csv: str, why: str) -> None:
    data = read(tmp_path, csv, COLUMNS)

    np.testing.assert_array_equal(data.train.x, [[1.8, 30]])
    np.testing.assert_array_equal(data.train.y, [[7]])


def test_accents_compare_equal_however_they_are_written(tmp_path: Path) -> None:
    assert read(tmp_path, "a\u0301ge,b\n1,2\n", 'inputs = ["áge"]').inputs == ("áge",)


CLASSES = 'inputs = ["age", "height"]\noutputs = ["group"]'


def test_a_column_of_text_holds_classes(tmp_path: Path) -> None:
    data = read(tmp_path, PEOPLE, CLASSES, "cross_entropy", 2)

    np.testing.assert_array_equal(data.train.y, [1, 0, 1])
    assert data.classes == data.outputs == ("blue", "red")


@pytest.mark.parametrize("loss", ["bce", "bce_logits"])
def test_two_classes_are_0_and_1(tmp_path: Path, loss: str) -> None:
    data = read(tmp_path, PEOPLE, CLASSES, loss)

    np.testing.assert_array_equal(data.train.y, [[1], [0], [1]])
    assert (data.classes, data.outputs) == (("blue", "red"), ("group",))


def test_class_names_are_cleaned(tmp_path: Path) -> None:
    data = read(tmp_path, "a,group\n1,re\x1bd\n2, blue\n", "", "cross_entropy", 2)

    assert data.classes == ("blue", "red")


def test_some_rows_with_noise(tmp_path: Path) -> None:
    data = read(tmp_path, PEOPLE, COLUMNS + "\nsamples = 2\nnoise = 0.5")

    assert len(data.train) == 2


@pytest.mark.parametrize(
    ("csv", "options", "line", "key", "message"),
    [
        (PEOPLE, 'inputs = ["agee"]', 5, "data.inputs[0]", "people.csv has no column 'agee'"),
        (PEOPLE, 'outputs = ["scores"]', 5, "data.outputs[0]", "has no column 'scores'"),
        (PEOPLE, 'inputs = ["income"]', 5, "data.inputs[0]", "(it has age, height, score, group)"),
        (PEOPLE, "inputs = []", 5, "data.inputs", "at least one input"),
        (
            PEOPLE,
            'inputs = ["group"]\noutputs=["age"]',
            5,
            "data.inputs[0]",
            "column 'group': 'red' is not",
        ),
        (
            PEOPLE,
            'outputs = ["score", "group"]',
            5,
            "data.outputs[1]",
            "line 2, column 'group'",
        ),
        (PEOPLE, 'inputs=["age"]\noutputs=["age"]', 6, "data.outputs[0]", "named twice"),
        (
            PEOPLE + "60,,6,red\n",
            COLUMNS,
            5,
            "data.inputs[0]",
            "line 5, column 'height': the cell",
        ),
        (PEOPLE + "60,nan,6,red\n", COLUMNS, 5, "data.inputs[0]", "'nan' is not finite"),
        (PEOPLE + "60,1_0,6,red\n", COLUMNS, 5, "data.inputs[0]", "'1_0' is not a number"),
        (PEOPLE + '60,"1,7",6,red\n', COLUMNS, 5, "data.inputs[0]", "write a decimal point"),
        (PEOPLE + "60,1.7,\x1b[31m,red\n", COLUMNS, 6, "data.outputs[0]", "'[31m' is not a number"),
        (PEOPLE + "60,1.7,6,red,9\n", COLUMNS, 4, "data.path", "line 5 has 5 cells, the header 4"),
        (PEOPLE + "60\n", COLUMNS, 4, "data.path", "line 5 has 1 cells"),
        (PEOPLE + '60,"1.7\n', COLUMNS, 4, "data.path", "unexpected end of data"),
        ("", COLUMNS, 4, "data.path", "people.csv is empty"),
        ("\n1,2\n", COLUMNS, 4, "data.path", "is empty, or its first line is"),
        ("age,height,score\n", COLUMNS, 4, "data.path", "has a header but no rows"),
        ("1,2,3\n4,5,6\n", "", 4, "data.path", "the first line of people.csv holds numbers"),
        ("score\n1\n", "", 4, "data.path", "at least one input"),
        ("age,age,b\n1,2,3\n", 'inputs = ["age"]', 5, "data.inputs[0]", "has 2 columns 'age'"),
        (
            b"age,score\n1,2\n3,caf\xe9\n",
            'inputs = ["age"]',
            4,
            "data.path",
            "line 3 is not UTF-8 (the byte 0xE9)",
        ),
        ("a,b\n1," + "9" * 200_000 + "\n", "", 4, "data.path", "field larger than field limit"),
        ("a,b\n1," + "9" * 400 + "\n", "", 4, "data.path", "is not finite"),
        ("a" + ",a" * 10_000 + "\n", "", 4, "data.path", "has 10001 columns; at most 10000"),
    ],
)
def test_is_refused(
    tmp_path: Path, csv: str | bytes, options: str, line: int, key: str, message: str, problems_of
) -> None:
    (tmp_path / "people.csv").write_bytes(csv if isinstance(csv, bytes) else csv.encode())
    problems = problems_of(text_of(options), tmp_path)

    assert (problems[0].line, problems[0].key) == (line, key)
    assert message in problems[0].message


def test_every_bad_cell_is_reported(tmp_path: Path, problems_of) -> None:
    (tmp_path / "people.csv").write_text("a,b\n" + "x,1\n" * 30 + "2,y\n")
    problems = problems_of(text_of('inputs = ["a"]'), tmp_path)

    assert len(problems) == 21
    assert problems[-1].message == "and 10 more"


@pytest.mark.parametrize(
    ("labels", "loss", "units", "message"),
    [
        ("red blue green", "cross_entropy", 2, "has 3 classes (blue, green, red)"),
        ("red blue green", "bce", 1, "names 3 classes (blue, green, red)"),
        ("0 1 2", "cross_entropy", 2, "line 4, column 'b': the label 2 is no class"),
        ("0 1 x", "cross_entropy", 3, "line 4, column 'b': 'x' is not a number"),
        ("0 0.5 1.5", "bce", 1, "line 4, column 'b': bce takes targets from 0 to 1"),
    ],
)
def test_targets_are_checked(
    tmp_path: Path, labels: str, loss: str, units: int, message: str, problems_of
) -> None:
    (tmp_path / "people.csv").write_text("a,b\n" + "".join(f"1,{c}\n" for c in labels.split()))
    (problem,) = problems_of(text_of("", loss, units), tmp_path)

    assert message in problem.message


def test_large_tables_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problems_of
) -> None:
    (tmp_path / "people.csv").write_text("a,b\n" + "1,2\n" * 100)
    monkeypatch.setattr(csv_file, "MAX_CELLS", 20)
    (cells,) = problems_of(text_of(), tmp_path)
    os.truncate(tmp_path / "people.csv", csv_file.MAX_BYTES + 1)
    (size,) = problems_of(text_of(), tmp_path)

    assert "more than 10 rows" in cells.message
    assert "has 64 MiB; at most 64" in size.message
