"""Points in the plane: real samples, fakes, where these are pushed, and what D says all over it.

A character is a place: shaded by D's probability of real, orange where that is more than what D
says where it can only guess, and blue where it is less. Without colours it is written in tenths
here and there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import atan2, hypot, pi
from typing import Final

from nntui.ui.format import STALE
from nntui.ui.palette import FIELD_STEPS
from nntui.ui.renderables.tile import merged
from nntui.ui.spans import Line, Span

Point = tuple[float, float]
Place = tuple[int, int]
"""(row, column) of a character."""

REAL: Final = "·"
FAKE: Final = "•"
ARROWS: Final = "→↗↑↖←↙↓↘"
"""From east on, against the clock."""

_STYLES: Final = {FAKE: "accent bold", STALE: "error bold"}
"""Styles of marks that are no arrows."""

_APART: Final = (2, 4)
"""Every how many lines, and characters of a line, a digit stands."""

NOWHERE: Final = 1e-12
"""Gradients shorter than this have no direction."""


@dataclass(frozen=True)
class Plane:
    """What there is to see.

    Attributes:
        bounds: (left, bottom, right, top) of what is in sight.
        field: D's probability of real, the upper row first; empty where it is not known.
        data: real samples that are always in sight.
        reals, fakes: of the batch.
        pushes: where each fake is pushed; empty where that is not known.
        guess: what D says where it can only guess.
        stale: the fakes that a change by hand has left behind, by number.
        chosen: the sample that is looked at, as (whether it is a fake, its number).
    """

    bounds: tuple[float, float, float, float]
    field: tuple[tuple[float, ...], ...]
    data: Sequence[Point]
    reals: Sequence[Point]
    fakes: Sequence[Point]
    pushes: Sequence[Point]
    guess: float = 0.5
    stale: frozenset[int] = frozenset()
    chosen: tuple[bool, int] | None = None


def plane_lines(plane: Plane, cells: int, rows: int, *, bare: bool) -> list[Line]:
    """The plane in `cells` × `rows`.

    Args:
        bare: whether colours and half-blocks do not come through.
    """
    field = _backdrop(plane.field, plane.guess, cells, rows, bare)
    spans = [list(line) for line in field]
    for (row, column), (glyph, style) in _drawn(plane, cells, rows).items():
        under = spans[row][column][1].partition(" ")[2]
        spans[row][column] = glyph, style if bare else f"{style} {under}".strip()
    return [merged(line) for line in spans]


def outside(plane: Plane) -> int:
    """How many fakes are out of sight."""
    left, bottom, right, top = plane.bounds
    return sum(not (left <= x <= right and bottom <= y <= top) for x, y in plane.fakes)


def arrow(push: Point, *, tall: float = 1.0) -> str:
    """The arrow that points most nearly where a push goes; nothing where it goes nowhere.

    Args:
        tall: how many times as high as wide a unit of the plane is drawn.
    """
    dx, dy = push[0], push[1] * tall
    if not hypot(dx, dy) > NOWHERE:
        return ""
    return ARROWS[round(atan2(dy, dx) / (pi / 4)) % len(ARROWS)]


def shade(p: float, guess: float = 0.5) -> str:
    """The style of a place where D says `p`: `field-positive-1`, or nothing near a guess."""
    # As shares of all that D may say: from nothing to twice the guess.
    level = sum(abs(p - guess) >= step * 2 * guess for step in FIELD_STEPS)
    if not level:
        return ""
    return f"field-{'positive' if p > guess else 'negative'}-{level - 1}"


@lru_cache(maxsize=4)
def _backdrop(
    field: tuple[tuple[float, ...], ...], guess: float, cells: int, rows: int, bare: bool
) -> tuple[Line, ...]:
    """The field alone, a span for each character: it stays the same until D has learned more."""
    return tuple(
        tuple(
            _bare(p, row, column) if bare else _shaded(p, guess)
            for column in range(cells)
            for p in [_at(field, (row + 0.5) / rows, (column + 0.5) / cells)]
        )
        for row in range(rows)
    )


def _shaded(p: float | None, guess: float) -> Span:
    """A character with nothing on it."""
    return " ", "text" if p is None else f"text {shade(p, guess)}".strip()


def _bare(p: float | None, row: int, column: int) -> Span:
    """The same without colours: a digit on every few of them."""
    if p is None or row % _APART[0] or column % _APART[1]:
        return " ", "text"
    return str(min(int(p * 10), 9)), "faint"


def _drawn(plane: Plane, cells: int, rows: int) -> Mapping[Place, Span]:
    """What is drawn at which place; what comes later lies on top."""
    found: dict[Place, Span] = {}

    def put(point: Point, glyph: str, style: str) -> None:
        place = _place(plane.bounds, point, cells, rows)
        if place is not None:
            found[place] = glyph, style

    for point in plane.data:
        put(point, REAL, "dim")
    for point in plane.reals:
        put(point, REAL, "strong bold")
    tall = _tall(plane.bounds, cells, rows)
    pushes = [arrow(push, tall=tall) for push in plane.pushes] or [""] * len(plane.fakes)
    marks = [STALE if k in plane.stale else push or FAKE for k, push in enumerate(pushes)]
    for point, mark in zip(plane.fakes, marks, strict=True):
        put(point, mark, _STYLES.get(mark, "backward bold"))
    if plane.chosen is not None:
        fake, number = plane.chosen
        points = plane.fakes if fake else plane.reals
        if number < len(points):
            put(points[number], marks[number] if fake else REAL, "strong bold reverse")
    return found


def _tall(bounds: tuple[float, float, float, float], cells: int, rows: int) -> float:
    """How many times as high as wide a unit is drawn, a character being twice as high as wide."""
    left, bottom, right, top = bounds
    return (2 * rows / (top - bottom)) / (cells / (right - left))


def _place(
    bounds: tuple[float, float, float, float], point: Point, cells: int, rows: int
) -> Place | None:
    """The character a point is in; None where it is out of sight, or nowhere."""
    left, bottom, right, top = bounds
    x, y = (point[0] - left) / (right - left), (top - point[1]) / (top - bottom)
    if not (0 <= x <= 1 and 0 <= y <= 1):
        return None
    return min(int(y * rows), rows - 1), min(int(x * cells), cells - 1)


def _at(field: Sequence[Sequence[float]], down: float, across: float) -> float | None:
    """D's answer at shares of the way down and across, between the four that are nearest."""
    if not field:
        return None
    y = min(max(down * len(field) - 0.5, 0.0), len(field) - 1.0)
    x = min(max(across * len(field[0]) - 0.5, 0.0), len(field[0]) - 1.0)
    top, left = min(int(y), len(field) - 2), min(int(x), len(field[0]) - 2)
    upper, lower = field[top], field[top + 1]
    share = x - left
    above = upper[left] + share * (upper[left + 1] - upper[left])
    below = lower[left] + share * (lower[left + 1] - lower[left])
    return above + (y - top) * (below - above)
