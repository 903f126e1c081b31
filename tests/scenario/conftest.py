"""A small scenario, and what every refusal has in common."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from nntui.errors import Problem, ScenarioError
from nntui.scenario import parse

EXAM = """\
title = "Will I pass the exam?"
seed  = 7

[data]
inputs  = ["hours", "knowledge"]
outputs = ["pass"]
rows    = [{ x = [3, 7], y = [1] }, { x = [1, 2], y = [0] }]

[[layers]]
name = "hidden"
type = "dense"
units = 2
activation = "sigmoid"
weight = [[0.2, 0.3], [0.1, 0.4]]
bias = [0.5, 0.1]

[[layers]]
name = "output"
type = "dense"
units = 1
activation = "sigmoid"

[training]
loss = "bce"
optimizer = { type = "sgd", lr = 0.5 }
batch_size = 1
epochs = 200

[[notes]]
at = "forward hidden.z"
text = "The products and the bias, added up."
"""


Refusal = Callable[..., tuple[Problem, ...]]


def _problems_of(text: str | bytes, folder: Path | None = None) -> tuple[Problem, ...]:
    with pytest.raises(ScenarioError) as caught:
        parse(text, origin="exam.toml", folder=folder)
    error = caught.value
    lines = str(error).splitlines()
    assert error.exit_code == 2
    assert len(lines) == len(error.problems)
    assert all(line.isprintable() for line in lines)
    assert all(re.match(r"exam\.toml:[1-9]\d*:[1-9]\d*: ", line) for line in lines)
    return error.problems


@pytest.fixture
def exam() -> str:
    """A scenario in order, of two layers and two rows."""
    return EXAM


@pytest.fixture
def problems_of() -> Refusal:
    """What is wrong with a text, after a look at how it is said."""
    return _problems_of


@pytest.fixture
def assert_refused() -> Callable[..., None]:
    """Changes the scenario in one place, or all of it (None), and looks for one problem."""

    def check(
        old: str | None, new: str, line: int, key: str, message: str, nearest: str = ""
    ) -> None:
        assert old is None or old in EXAM
        problems = _problems_of(new if old is None else EXAM.replace(old, new, 1))
        found = [p for p in problems if (p.line, p.key) == (line, key)]

        assert found, problems
        assert message in found[0].message
        assert found[0].nearest == nearest

    return check
