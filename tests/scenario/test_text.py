"""Text out of files: nothing that moves a cursor gets through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nntui.scenario.text import clean, first_unsafe, nearest, quote, shorten, spell, strip

UNSAFE = [
    "\x00", "\x07", "\x1b", "\x7f", "\x85", "\x9b", "\u061c", "\u200b", "\u200c", "\u200d",
    "\u200e", "\u200f", "\u2028", "\u2029", "\u202a", "\u202b", "\u202c", "\u202d", "\u202e",
    "\u2066", "\u2067", "\u2068", "\u2069", "\ufeff", "\udc80", "\U000e0001",
]  # fmt: skip


@pytest.mark.parametrize("character", UNSAFE, ids=spell)
def test_unsafe_characters_are_spelled(character: str) -> None:
    assert first_unsafe(f"a{character}b") == character
    assert clean(f"a{character}b") == f"a<{spell(character)}>b"
    assert strip(f" a{character}b ") == "ab"


@pytest.mark.parametrize("text", ["", "naïve Σ ∂ 学 🙂", "a b", "é"])
def test_other_text_stays(text: str) -> None:
    assert first_unsafe(text) == ""
    assert clean(text) == strip(text) == text


def test_lines_are_allowed_where_asked() -> None:
    assert first_unsafe("one\ntwo", allowed="\n") == ""
    assert first_unsafe("one\ntwo") == "\n"


@given(st.text(max_size=200))
def test_nothing_unsafe_is_ever_shown(text: str) -> None:
    for shown in (clean(text), strip(text), shorten(text), quote(text), nearest(text, [text])):
        assert first_unsafe(shown) == ""


def test_long_text_is_cut() -> None:
    assert quote("x" * 100) == f"'{'x' * 59}…'"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("sigmod", "sigmoid"), ("SIGMOID", "sigmoid"), ("thanh", "tanh"), ("banana", ""), ("", "")],
)
def test_nearest_name(name: str, expected: str) -> None:
    assert nearest(name, ["sigmoid", "tanh", "relu"]) == expected
