"""Numbers in the file: single ones within bounds, and nested lists of them as arrays."""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from typing import Any, Final, TypeGuard, final

import numpy as np

from nntui.engine.options import Bounds, Values
from nntui.scenario.kinds import Kind, describe, spell_number
from nntui.scenario.report import Place

UNBOUND: Final = Bounds()


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether TOML calls `value` an integer or a float; a boolean is neither."""
    return isinstance(value, int | float) and not isinstance(value, bool)


@final
@dataclass(frozen=True)
class Whole(Kind):
    """An integer within bounds."""

    bounds: Bounds = UNBOUND
    expected = "a whole number"

    def fits(self, value: object) -> bool:
        return isinstance(value, int) and not isinstance(value, bool)

    def convert(self, value: Any, place: Place) -> Any:
        return value if _within(value, self.bounds, place) else None


@final
@dataclass(frozen=True)
class Real(Kind):
    """A finite number within bounds; integers count."""

    bounds: Bounds = UNBOUND
    expected = "a number"

    def fits(self, value: object) -> bool:
        return is_number(value)

    def convert(self, value: Any, place: Place) -> Any:
        number = as_float(value, place)
        if number is None or not _within(value, self.bounds, place):
            return None
        return number


def as_float(value: float, place: Place) -> float | None:
    """`value` as a finite float; None after a reported problem."""
    try:
        number = float(value)
    except OverflowError:
        place.refuse(f"is too large: {spell_number(value)}")
        return None
    if math.isfinite(number):
        return number
    place.refuse(f"must be finite, got {number}")
    return None


def _within(value: float, bounds: Bounds, place: Place) -> bool:
    limits = (
        ("at least", bounds.ge, operator.ge),
        ("more than", bounds.gt, operator.gt),
        ("at most", bounds.le, operator.le),
        ("less than", bounds.lt, operator.lt),
    )
    binding = [(words, limit, holds) for words, limit, holds in limits if limit is not None]
    if all(holds(value, limit) for _, limit, holds in binding):
        return True
    allowed = " and ".join(f"{words} {spell_number(limit)}" for words, limit, _ in binding)
    place.refuse(f"must be {allowed}, got {spell_number(value)}")
    return False


@final
class Numbers(Kind):
    """A rectangular nested list of finite numbers, as a float64 array."""

    expected = "a list of numbers"

    def fits(self, value: object) -> bool:
        return isinstance(value, list)

    def convert(self, value: Any, place: Place) -> Any:
        return array(value, place)


def array(value: list[Any], place: Place) -> Values | None:
    """A nested list as an array; None after a reported problem, at the entry that is wrong."""
    shape: list[int] = []
    inner: object = value
    while isinstance(inner, list):
        shape.append(len(inner))
        inner = inner[0] if inner else None
    before = place.report.count
    if 0 in shape:
        place.refuse("holds an empty list")
    else:
        _check_entries(value, tuple(shape), place)
    return np.array(value, dtype=np.float64) if place.report.clean_since(before) else None


def _check_entries(value: list[Any], shape: tuple[int, ...], place: Place) -> None:
    """Report every entry that is not a list of the rest of `shape`, or not a finite number."""
    if len(shape) == 1 and {*map(type, value)} <= {float, int} and _all_finite(value):
        return
    for i, entry in enumerate(value):
        if place.report.full:
            return
        if len(shape) == 1:
            _check_number(entry, place.at(i))
        elif not isinstance(entry, list):
            place.at(i).refuse(f"expected a list of {shape[1]}, got {describe(entry)}")
        elif len(entry) != shape[1]:
            place.at(i).refuse(
                f"expected a list of {shape[1]} like the first, got one of {len(entry)}"
            )
        else:
            _check_entries(entry, shape[1:], place.at(i))


def _check_number(entry: object, place: Place) -> None:
    if is_number(entry):
        as_float(entry, place)
    else:
        place.refuse(f"expected a number, got {describe(entry)}")


def _all_finite(values: list[float]) -> bool:
    try:
        return all(map(math.isfinite, values))
    except OverflowError:
        return False
