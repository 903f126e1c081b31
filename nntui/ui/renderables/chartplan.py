"""How the pictures of a self-organizing map share the room: one large, up to three small ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nntui.session.chart import Chart
from nntui.ui.renderables.mosaic import Grain
from nntui.ui.renderables.tile import Scale

BETWEEN: Final = 2
"""Cells between two pictures."""

SIDES: Final = (("‖d‖", "d"), ("h", "h"), ("|Δ|", "Δ"))
"""The small pictures: their titles, and what they show."""

LARGEST: Final = 6
"""Cells of the largest number of a small picture."""

TITLE: Final = max(len(title) for title, _ in SIDES) + len(" ≤ ") + LARGEST
"""Cells of a small picture's title at most."""


LEAST: Final = 6
"""Rows and columns of a part of a small picture at least."""


@dataclass(frozen=True)
class Window:
    """A part of a grid: its first row and column, and how many of both."""

    top: int
    left: int
    rows: int
    cols: int

    def __str__(self) -> str:
        rows, columns = (
            f"{first}–{first + count - 1}"
            for first, count in ((self.top, self.rows), (self.left, self.cols))
        )
        return f"rows {rows}, columns {columns}"


@dataclass(frozen=True)
class Plan:
    """How pictures share the room.

    Attributes:
        grain: how large a unit of the large picture is.
        sides: how many small pictures there are.
        stacked: whether these stand one above the other.
        rows, cols: how much of the large picture there is room for.
        top, left: the first row and column in view.
        below: whether the small pictures stand below the large one, and not beside it.
        cut: the part of the grid that the small pictures show; None for all of it.
    """

    grain: Grain
    sides: int
    stacked: bool
    rows: int
    cols: int
    top: int = 0
    left: int = 0
    below: bool = False
    cut: Window | None = None

    @property
    def has_heading(self) -> bool:
        """Whether the part that small pictures show is told above them, not above the large one."""
        return self.cut is not None and not self.stacked and not self.below


def plan_of(chart: Chart, cells: int, rows: int, looked: int, *, bare: bool) -> Plan:
    """The largest picture that leaves room for the small ones; a part of it where none fits.

    Of three small pictures that do not fit, the part around the unit that is looked at is shown.
    """
    grains = (Grain.BOX, Grain.WIDE) if bare else tuple(Grain)
    found = _whole(chart, cells, rows, grains, 3, bare=bare)
    found = found or _with_parts(chart, cells, rows, grains, looked, bare=bare)
    for sides in (2, 1, 0):
        found = found or _whole(chart, cells, rows, grains, sides, bare=bare)
    return found or _part(chart, cells, rows, grains, looked, bare=bare)


def _whole(
    chart: Chart, cells: int, rows: int, grains: Sequence[Grain], sides: int, *, bare: bool
) -> Plan | None:
    """All of the map, and so many small pictures whole."""
    for grain in grains:
        high, wide = grain.size(chart.rows, chart.cols, moved=chart.is_hexagonal)
        for stacked in (True, False):
            down, across = beside(chart, sides, stacked=stacked, bare=bare)
            if max(high + 1, down) <= rows and wide + across <= cells:
                return Plan(grain, sides, stacked, chart.rows, chart.cols)
    return None


def _with_parts(
    chart: Chart, cells: int, rows: int, grains: Sequence[Grain], looked: int, *, bare: bool
) -> Plan | None:
    """All of the map, and a part of all small pictures in the room that is left."""
    for grain in grains:
        high, wide = grain.size(chart.rows, chart.cols, moved=chart.is_hexagonal)
        if high + 1 > rows or wide > cells:
            continue
        row = rows - 2, (cells - wide) // len(SIDES) - BETWEEN
        stack = rows // len(SIDES) - 1, cells - wide - BETWEEN
        below = rows - high - 2, (cells + BETWEEN) // len(SIDES) - BETWEEN
        for room in (row, stack, below):
            cut = _cut(chart, *room, looked, bare=bare)
            if cut:
                stacked, under = room == stack, room == below
                whole = (cut.rows, cut.cols) == (chart.rows, chart.cols)
                size = chart.rows, chart.cols
                part = None if whole else cut
                return Plan(grain, len(SIDES), stacked, *size, below=under, cut=part)
    return None


def _part(
    chart: Chart, cells: int, rows: int, grains: Sequence[Grain], looked: int, *, bare: bool
) -> Plan:
    """A part of the map: units of full width, if that is but a matter of scrolling down."""
    moved = chart.is_hexagonal
    whole = [g for g in grains[1:] if g.size(1, chart.cols, moved=moved)[1] <= cells]
    whole.sort(key=lambda g: (g.halves, -g.cells))
    for grain in whole:
        room = (cells - grain.size(1, chart.cols, moved=moved)[1]) // len(SIDES) - BETWEEN
        cut = _cut(chart, rows - 2, room, looked, bare=bare)
        if cut:
            view = _around(chart, looked, max(grain.rows(rows - 1), 1), chart.cols)
            size = view.rows, view.cols, view.top, view.left
            return Plan(grain, len(SIDES), False, *size, cut=cut)
    grain = whole[0] if whole else grains[-1]
    most = max((cells - grain.shift * moved) // grain.cells, 1)
    view = _around(chart, looked, max(grain.rows(rows - 1), 1), most)
    return Plan(grain, 0, True, view.rows, view.cols, view.top, view.left)


def _cut(chart: Chart, lines: int, cells: int, looked: int, *, bare: bool) -> Window | None:
    """The part of a small picture that fits; None where that is too little to be of use."""
    scale = scale_of(bare=bare)
    folded = 3 - scale.size(2, 1)[0]
    down, across = lines * folded, cells // scale.size(1, 1)[1]
    if cells < TITLE or down < min(LEAST, chart.rows) or across < min(LEAST, chart.cols):
        return None
    return _around(chart, looked, down, across)


def _around(chart: Chart, unit: int, rows: int, cols: int) -> Window:
    """At most so many rows and columns, with a unit in the middle where the grid goes on."""
    rows, cols = min(rows, chart.rows), min(cols, chart.cols)
    row, column = chart.place(unit)
    top = min(max(row - rows // 2, 0), chart.rows - rows)
    return Window(top, min(max(column - cols // 2, 0), chart.cols - cols), rows, cols)


def beside(chart: Chart, sides: int, *, stacked: bool, bare: bool) -> tuple[int, int]:
    """(lines, cells) that small pictures take, the room before them included."""
    if not sides:
        return 0, 0
    high, wide = scale_of(bare=bare).size(chart.rows, chart.cols)
    wide = max(wide, TITLE)
    if stacked:
        return sides * (high + 1), wide + BETWEEN
    return high + 1, sides * (wide + BETWEEN)


def scale_of(*, bare: bool) -> Scale:
    """How large a cell of a small picture is."""
    return Scale.DIGITS if bare else Scale.HALF


def plan_for_net(chart: Chart, cells: int, rows: int, *, bare: bool) -> Plan:
    """Room for a net, and for as many small pictures as leave it as wide as it is high."""
    for sides in (3, 2, 1):
        for stacked in (True, False):
            down, across = beside(chart, sides, stacked=stacked, bare=bare)
            if down <= rows and cells - across >= 2 * (rows - 1):
                return Plan(Grain.WIDE, sides, stacked, chart.rows, chart.cols)
    return Plan(Grain.WIDE, 0, True, chart.rows, chart.cols)
