"""How the pictures of a self-organizing map share the room: one large, up to three small ones."""

from __future__ import annotations

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


@dataclass(frozen=True)
class Plan:
    """How pictures share the room.

    Attributes:
        grain: how large a unit of the large picture is.
        sides: how many small pictures there are.
        stacked: whether these stand one above the other.
        rows, cols: how much of the large picture there is room for.
        top, left: the first row and column in view.
    """

    grain: Grain
    sides: int
    stacked: bool
    rows: int
    cols: int
    top: int = 0
    left: int = 0


def plan_of(chart: Chart, cells: int, rows: int, looked: int, *, bare: bool) -> Plan:
    """The largest picture that leaves room for the small ones; a part of it where none fits."""
    grains = (Grain.BOX, Grain.WIDE) if bare else tuple(Grain)
    for sides in (3, 2, 1, 0):
        for grain in grains:
            high, wide = grain.size(chart.rows, chart.cols, moved=chart.is_hexagonal)
            for stacked in (True, False):
                down, across = beside(chart, sides, stacked=stacked, bare=bare)
                if max(high + 1, down) <= rows and wide + across <= cells:
                    return Plan(grain, sides, stacked, chart.rows, chart.cols)
    # Units of full width, if that is but a matter of scrolling down.
    whole = (g for g in grains[1:] if g.size(1, chart.cols, moved=chart.is_hexagonal)[1] <= cells)
    grain = min(whole, key=lambda g: (g.halves, -g.cells), default=grains[-1])
    most = max((cells - grain.shift * chart.is_hexagonal) // grain.cells, 1)
    down, across = min(chart.rows, max(grain.rows(rows - 1), 1)), min(chart.cols, most)
    row, column = chart.place(looked)
    top = min(max(row - down // 2, 0), chart.rows - down)
    left = min(max(column - across // 2, 0), chart.cols - across)
    return Plan(grain, 0, True, down, across, top, left)


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
