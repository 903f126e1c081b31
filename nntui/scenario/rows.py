"""`source = "rows"`: data inline, `rows = [{ x = [3, 7], y = [1] }]`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

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
    else:
        return _load(rows, at)
    return None


def _load(rows: list[Any], place: Place) -> Loaded | None:
    before = place.report.count
    with_y = any("y" in row for row in rows if isinstance(row, dict))
    x, y = _Column("x"), _Column("y")
    for i, row in enumerate(rows):
        at = place.at(i)
        if place.report.full:
            break
        if not isinstance(row, dict):
            at.refuse(f"expected a row {{ x = [...], y = [...] }}, got {describe(row)}")
            continue
        x.read(row, at)
        if with_y:
            y.read(row, at)
        for key in row.keys() - {*_KEYS}:
            at.unknown_key(key, _KEYS)
    if not place.report.clean_since(before):
        return None
    return Loaded(
        x=np.stack(x.values),
        y=np.stack(y.values) if with_y else None,
        row=lambda i: Row(place.at(i, "y")),
        cell=lambda i, index: Row(place.at(i, "x", *index)),
    )


@dataclass
class _Column:
    """`x` or `y` of the rows read so far; a bare number is a list of one."""

    key: str
    values: list[Floats] = field(default_factory=list)

    def read(self, row: Entries, place: Place) -> None:
        """Add the entry of one row, or report what is wrong with it."""
        if self.key not in row:
            place.missing(self.key)
            return
        at = place.at(self.key)
        value = _read_value(row[self.key], at)
        if value is None:
            return
        if self.values and value.shape != self.values[0].shape:
            at.refuse(
                f"has the shape {spell_shape(value.shape)}, "
                f"the rows before {spell_shape(self.values[0].shape)}"
            )
        else:
            self.values.append(value)


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
