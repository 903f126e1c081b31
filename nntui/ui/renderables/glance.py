"""What there is to see of a self-organizing map, and the pictures it can be seen in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nntui.session.atlas import Atlas
from nntui.session.chart import Chart
from nntui.session.frame import Cell, Frame

Kind = Literal["colours", "net", "U-matrix", "hits", "feature"]


@dataclass(frozen=True)
class Glance:
    """What there is to see of a map.

    Attributes:
        unit: the one that is looked at.
        chosen: whether it has been chosen.
        edited: numbers that were changed in this step.
        picture: which picture is asked for, counted round and round.
    """

    frame: Frame
    atlas: Atlas | None
    unit: int
    chosen: bool = False
    edited: frozenset[Cell] = frozenset()
    picture: int = 0


@dataclass(frozen=True)
class Picture:
    """One of a map's pictures.

    Attributes:
        feature: which feature it shows, where it shows one.
    """

    title: str
    kind: Kind
    feature: int = 0


def pictures(chart: Chart) -> tuple[Picture, ...]:
    """All there are of a map, the one that suits it best first."""
    first: list[Picture] = []
    if chart.is_coloured:
        first.append(Picture("colours", "colours"))
    if chart.is_plane:
        first.append(Picture("net", "net"))
    both = (Picture("U-matrix", "U-matrix"), Picture("hits", "hits"))
    planes = [Picture(f"w of {name}", "feature", k) for k, name in enumerate(chart.features)]
    return (*first, *both, *planes)


def picture_of(it: Glance, chart: Chart) -> Picture:
    """The one that is asked for."""
    known = pictures(chart)
    return known[it.picture % len(known)]


def unit_of(chart: Chart, cell: Cell) -> int | None:
    """The unit a number belongs to; None where it belongs to none."""
    if cell.tensor in (chart.weight, chart.difference):
        return cell.index[0]
    if cell.tensor in chart.on_grid.values():
        return cell.index[0] * chart.cols + cell.index[1]
    return None
