"""Paths in a scenario stay in its folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nntui.scenario import parse

TEXT = """\
title = "t"
[data]
source = "csv"
path = {path}
[[layers]]
type = "dense"
units = 1
[training]
loss = "mse"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a table, a link out of it, and a table outside."""
    inside = tmp_path / "inside"
    (inside / "deeper").mkdir(parents=True)
    for name in ("outside.csv", "inside/here.csv", "inside/deeper/there.csv"):
        (tmp_path / name).write_text("a,b\n1,2\n")
    (inside / "link.csv").symlink_to(tmp_path / "outside.csv")
    (inside / "near.csv").symlink_to(inside / "here.csv")
    (inside / "loop.csv").symlink_to(inside / "loop.csv")
    return inside


@pytest.mark.parametrize("path", ["here.csv", "./here.csv", "deeper/../here.csv", "near.csv"])
def test_files_of_the_folder(folder: Path, path: str) -> None:
    assert len(parse(TEXT.format(path=f'"{path}"'), origin="t", folder=folder).data.train) == 1


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ('"../outside.csv"', "'../outside.csv' leaves the scenario's folder"),
        ('"deeper/../../outside.csv"', "leaves the scenario's folder"),
        ('"../inside/../outside.csv"', "leaves the scenario's folder"),
        ('"link.csv"', "leaves the scenario's folder"),
        ('"/etc/passwd"', "leaves the scenario's folder"),
        ('"/dev/zero"', "leaves the scenario's folder"),
        ('"gone.csv"', "there is no such file"),
        ('"loop.csv"', "cannot read 'loop.csv'"),
        ('"deeper"', "is not a file"),
        ('""', "is empty"),
        ('"."', "is not a file"),
        ('"a\\u0000b"', "U+0000"),
        ('"\\u001b[2J.csv"', "U+001B"),
        (f'"{"x" * 300}"', "file name too long"),
        (f'"{"x" * 3000}"', "at most 1000"),
        ("3", "expected a string"),
        ("['a.csv']", "expected a string, got a list"),
    ],
)
def test_is_refused(folder: Path, path: str, message: str, problems_of) -> None:
    (problem,) = problems_of(TEXT.format(path=path), folder)

    assert (problem.line, problem.key) == (4, "data.path")
    assert message in problem.message


@pytest.mark.parametrize("path", ["../outside.csv", "link.csv", "ABSOLUTE"])
def test_the_user_may_allow_it(folder: Path, path: str) -> None:
    path = path.replace("ABSOLUTE", str(folder.parent / "outside.csv"))
    text = TEXT.format(path=f'"{path}"')
    scenario = parse(text, origin="t", folder=folder, allow_outside=True)

    assert len(scenario.data.train) == 1


def test_devices_are_no_files(folder: Path, problems_of) -> None:
    os.mkfifo(folder / "pipe.csv")
    (problem,) = problems_of(TEXT.format(path='"pipe.csv"'), folder)

    assert "is not a file" in problem.message


def test_a_text_without_a_folder_names_no_files(problems_of) -> None:
    (problem,) = problems_of(TEXT.format(path='"here.csv"'))

    assert "this scenario is not a file" in problem.message
