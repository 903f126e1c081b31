"""`source = "rows"`: data inline, `rows = [{ x = [3, 7], y = [1] }]`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np

from nntui.scenario.kinds import describe
from nntui.scenario.loaded import Floats, Loaded, Row, Sampling
from nntui.scenario.numbers import array, is_number
from nntui.scenario.options import Entries
from nntui.scenario.report import Place

_KEYS: Final = ("x", "y")


@dataclass(frozen=True, kw_only=True)
class Rows(Sampling):
    """Options of inline rows, but for the rows."""


def read_rows(data: Entries, place: Place) -> Loaded | None:
    """The `rows` of the table `[data]`; None after a reported problem."""
    rows, at = data.get("rows"), place.at("rows")
    if "rows" not in data:
        place.missing("rows", "is missing: write rows = [{ x = [...], y = [...] }], or a source")
    elif not isinstance(rows, list):
        at.refuse(f"expected a list of rows, got {describe(rows)}")
    elif not rows:
        at.refuse("is empty: training needs at least one row")
    elif _check_tables(rows, at):
        return _load(rows, at)
    return None


def _load(rows: list[dict[str, Any]], place: Place) -> Loaded | None:
    x = _read_column("x", rows, place)
    with_y = any("y" in row for row in rows)
    y = _read_column("y", rows, place) if with_y else None
    if x is None or (y is None and with_y):
        return None
    return Loaded(x=x, y=y, row=lambda i: Row(place.at(i, "y")))


def _check_tables(rows: list[Any], place: Place) -> bool:
    before = place.report.count
    for i, row in enumerate(rows):
        if place.report.full:
            break
        if not isinstance(row, dict):
            place.at(i).refuse(f"expected a row {{ x = [...], y = [...] }}, got {describe(row)}")
        elif not row.keys() <= {*_KEYS}:
            for key in row.keys() - {*_KEYS}:
                place.at(i).unknown_key(key, _KEYS)
    return place.report.count == before


def _read_column(key: str, rows: list[dict[str, Any]], place: Place) -> Floats | None:
    """`x` or `y` of all rows, (rows, …); a bare number is a list of one."""
    before = place.report.count
    shape: tuple[int, ...] | None = None
    values = []
    for i, row in enumerate(rows):
        if place.report.full:
            break
        if key not in row:
            place.at(i).missing(key)
            continue
        value = _read_value(row[key], place.at(i, key))
        if value is None:
            continue
        if value.shape != (shape := shape or value.shape):
            place.at(i, key).refuse(
                f"has the shape {spell_shape(value.shape)}, the rows before {spell_shape(shape)}"
            )
        values.append(value)
    return None if place.report.count != before else cast(Floats, np.stack(values))


def _read_value(value: object, place: Place) -> Floats | None:
    if is_number(value):
        return array([value], place)
    if isinstance(value, list):
        return array(value, place)
    place.refuse(f"expected a list of numbers, got {describe(value)}")
    return None


def spell_shape(shape: tuple[int, ...]) -> str:
    """`2×3`."""
    return "×".join(map(str, shape))
