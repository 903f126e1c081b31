"""Whatever a file holds, it becomes a scenario or a list of problems, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from nntui.errors import ScenarioError
from nntui.scenario import bundled, parse, starter

TEXTS = [starter(entry.name) for entry in bundled()]

WORDS = [
    "nan", "-inf", "1e400", "-1", "0", "1000000000000", "0x7fffffffffffffffffff", "true", "[]",
    "{}", "[[1, 2], [3]]", '""', '"\\u001b"', '"\\u202e"', "1979-05-27", '"adam"', '"iris"',
    '"csv"', '"npz"', '"../a.csv"', '"cross_entropy"', '"softmax"', '"batch_norm"', '"dropout"',
    "[1, 2, 3]", '["a"]', "[{ x = [1], y = [1] }]", '{ type = "sgd" }', "'x'", "7",
]  # fmt: skip
KEYS = [
    "title", "about", "seed", "dtype", "source", "samples", "noise", "test_fraction", "rows",
    "path", "inputs", "outputs", "name", "type", "units", "activation", "alpha", "weight", "bias",
    "init", "freeze", "p", "eps", "loss", "optimizer", "schedule", "batch_size", "epochs", "l1",
    "clip_norm", "at", "text", "[data]", "[[layers]]", "[training]", "[[notes]]", "[layers]",
]  # fmt: skip

_VALUE = re.compile(r"(?<== )[^\n]+")
_KEY = re.compile(r"^[a-z_0-9]+(?= *=)|^\[+[a-z]+\]+", re.MULTILINE)
_LINE = re.compile(r"^.*\n", re.MULTILINE)


def check(text: str | bytes) -> None:
    problems = ""
    try:
        parse(text, origin="f.toml", folder=Path(__file__).parent)
    except ScenarioError as error:
        problems = str(error)
    for line in problems.splitlines():
        assert line.isprintable()
        assert re.match(r"f\.toml:[1-9]\d*:[1-9]\d*: ", line)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A bundled scenario with some values, keys and lines exchanged, doubled or taken out."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        pattern, words = draw(st.sampled_from([(_VALUE, WORDS), (_KEY, KEYS), (_LINE, ["", "\n"])]))
        matches = [*pattern.finditer(text)]
        match = draw(st.sampled_from(matches)) if matches else None
        if match:
            word = draw(st.sampled_from(words) | st.just(match[0] * 2))
            text = text[: match.start()] + word + text[match.end() :]
    return text


@settings(deadline=None, max_examples=300)
@given(text=mutated())
def test_mutated_scenarios(text: str) -> None:
    check(text)


@settings(deadline=None, max_examples=200)
@given(text=st.sampled_from(TEXTS), data=st.data())
def test_damaged_bytes(text: str, data: st.DataObject) -> None:
    raw = bytearray(text.encode())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    check(bytes(raw))


@settings(deadline=None, max_examples=200)
@given(text=st.text(st.sampled_from("[]{}\"'=.,#\n \\abc1-_"), max_size=80))
def test_toml_characters(text: str) -> None:
    check(text)


@settings(deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    check(data)
