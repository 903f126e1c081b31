"""Positions: where the scan finds an entry, the entry's own text stands."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from nntui.scenario.positions import Path, locate

TEXT = """\
# [comment] a = 1
title = "a # no comment, [no] = {table}"   # "quoted"
"quoted key" = 'literal \\'
a.b."c.d" = 3
multi = \"\"\"
one = 1
[two]
three \\\"\"\" \"\"\"\"
literal = '''
x = 1 '' '''
date = 1979-05-27 07:32:00Z
inline = { p = [1, { q = 2 }], "r s" = "}" }
nested = [
    [1, 2],  # ]
    [3,
     4], ]

[table]
k = 1.5e3
[table.deep . "er"]
k = true
[[list]]
n = 1
  [[list.inner]]
  m = 1
  [[list.inner]]
  m = 2
[[list]]
n = 2
  [[list.inner]]
  m = 3
  [list.inner.of]
  o = 4
"""


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        ((), (1, 1), (1, 1)),
        (("title",), (2, 1), (2, 9)),
        (("quoted key",), (3, 1), (3, 16)),
        (("a",), (4, 1), (4, 1)),
        (("a", "b"), (4, 3), (4, 3)),
        (("a", "b", "c.d"), (4, 5), (4, 13)),
        (("multi",), (5, 1), (5, 9)),
        (("literal",), (9, 1), (9, 11)),
        (("date",), (11, 1), (11, 8)),
        (("inline",), (12, 1), (12, 10)),
        (("inline", "p", 1), (12, 20), (12, 20)),
        (("inline", "p", 1, "q"), (12, 22), (12, 26)),
        (("inline", "r s"), (12, 32), (12, 40)),
        (("nested", 0, 1), (14, 9), (14, 9)),
        (("nested", 1, 1), (16, 6), (16, 6)),
        (("table",), (18, 2), (18, 1)),
        (("table", "k"), (19, 1), (19, 5)),
        (("table", "deep", "er"), (20, 15), (20, 1)),
        (("table", "deep", "er", "k"), (21, 1), (21, 5)),
        (("list",), (22, 3), (22, 1)),
        (("list", 0, "n"), (23, 1), (23, 5)),
        (("list", 0, "inner", 1, "m"), (27, 3), (27, 7)),
        (("list", 1), (28, 3), (28, 1)),
        (("list", 1, "inner", 0), (30, 10), (30, 3)),
        (("list", 1, "inner", 0, "of", "o"), (33, 3), (33, 7)),
        (("list", 1, "inner", 0, "absent"), (30, 10), (30, 3)),
        (("absent",), (1, 1), (1, 1)),
    ],
)
def test_finds_keys_and_values(path: Path, key: tuple[int, int], value: tuple[int, int]) -> None:
    tomllib.loads(TEXT)
    spot = locate(TEXT, [path])[path]

    assert (spot.key, spot.value) == (key, value)


scalars = (
    st.booleans()
    | st.integers(-(10**6), 10**6)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    | st.dates()
    | st.datetimes()
)
keys = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=12,
)


def leaves(value: Any, path: Path = ()) -> dict[Path, Any]:
    """Every value that is no table or list, by its path."""
    if isinstance(value, dict):
        pairs: Any = value.items()
    elif isinstance(value, list):
        pairs = enumerate(value)
    else:
        return {path: value}
    return {p: v for key, inner in pairs for p, v in leaves(inner, (*path, key)).items()}


def offset_of(text: str, position: tuple[int, int]) -> int:
    line, column = position
    return sum(len(row) + 1 for row in text.split("\n")[: line - 1]) + column - 1


def starts_with(text: str, value: Any) -> bool:
    """Whether a TOML `value` begins `text`."""
    for end in range(len(text), 0, -1):
        try:
            if tomllib.loads("v = " + text[:end])["v"] == value:
                return True
        except (ValueError, KeyError):
            continue
    return False


@given(document=st.dictionaries(keys, values, max_size=5))
def test_every_value_of_any_document_is_found(document: dict[str, Any]) -> None:
    text = tomlkit.dumps(document).replace("\r\n", "\n")
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return  # tomlkit writes some control characters as they are
    expected = leaves(parsed)
    spots = locate(text, expected.keys())

    for path, value in expected.items():
        rest = text[offset_of(text, spots[path].value) :]
        assert starts_with(rest[:400], value), (path, rest)
