"""The units of a layer side by side within each time step, two rows of them to a line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from nntui.session.column import Column, Row
from nntui.session.frame import Cell, Frame
from nntui.session.grid import Place
from nntui.ui.format import UNKNOWN
from nntui.ui.renderables.band import Band
from nntui.ui.renderables.maps import page_of
from nntui.ui.renderables.moment import Moment
from nntui.ui.renderables.tile import Scale, Tile, merged, tile_lines
from nntui.ui.spans import BLANK, Line, pad


def unit_lines(moment: Moment, band: Band, row: Row) -> tuple[Line, ...]:
    """A layer's units in a band's lines, without labels; a dot where none is known yet.

    Args:
        row: what of them is shown.
    """
    return _drawn(_picture(moment, band, row))


def in_view(moment: Moment, band: Band) -> range:
    """The units of a band that are in view."""
    room = band.lines * band.a_line(bare=moment.bare)
    first = page_of(min(moment.unit_of(band.column), band.units - 1), room, band.units)
    return range(first, min(first + room, band.units))


def abreast(band: Band, units: int, *, bare: bool) -> int:
    """How many of a band's units stand side by side."""
    rows = band.lines * (1 if bare else 2)
    return min(max(-(-units // rows), 1), band.a_line(bare=bare))


@dataclass(frozen=True)
class Picture:
    """The units of a layer over the time steps in view: all that their lines hang on.

    Attributes:
        values: of each time step, those in view; nothing where none of them has been computed.
        units: the first of them.
        wide: how many of them stand side by side.
        cells: of a time step, the room between two included.
        outside: what is left blank, for it is not in the field, as (place of the time step, unit).
        now, written, edited, stale: what stands out, in the same way.
        chosen: the unit the cursor is on, in the same way.
    """

    values: tuple[tuple[float | None, ...], ...]
    units: range
    wide: int
    lines: int
    cells: int
    largest: float
    bare: bool
    outside: frozenset[Place]
    now: frozenset[Place]
    written: frozenset[Place]
    edited: frozenset[Place]
    stale: frozenset[Place]
    chosen: Place | None


def _picture(moment: Moment, band: Band, row: Row) -> Picture:
    column, frame, film = moment.network.columns[band.column], moment.frame, moment.film
    units = in_view(moment, band)
    every = _numbers(column, frame, row.tensor)
    values = [every[t][units.start : units.stop] if every else () for t in film.steps]
    outside: set[Place] = set()
    if moment.origins and not row.gradient:
        shown = {(k, unit) for k in range(len(values)) for unit in units}
        outside = shown - _places(moment, column, row.tensor, moment.origins)
    known = (() if all(v is None for v in numbers) else numbers for numbers in values)
    chosen = None
    if moment.chosen and moment.column == band.column:
        chosen = (column.when(moment.unit) - 1 - film.first, column.feature(moment.unit))
    return Picture(
        values=tuple(known),
        units=units,
        wide=abreast(band, len(units), bare=moment.bare),
        lines=band.lines,
        cells=film.wide,
        largest=frame.scale(row.tensor),
        bare=moment.bare,
        outside=frozenset(outside),
        now=_places(moment, column, row.tensor, frame.now),
        written=_places(moment, column, row.tensor, frame.writes),
        edited=_places(moment, column, row.tensor, moment.edited),
        stale=_behind(moment, column, row.tensor, units),
        chosen=chosen,
    )


def _numbers(column: Column, frame: Frame, tensor: str) -> list[tuple[float | None, ...]]:
    """A tensor's numbers at each time step; nothing where none has been computed."""
    flat, time, count = frame.row(tensor), column.time, len(column.names)
    if not flat:
        return []
    if tensor.removesuffix(".grad") not in column.split:
        return [flat[t * count : (t + 1) * count] for t in range(time)]
    size = count // column.heads
    starts = [[(head * time + t) * size for head in range(column.heads)] for t in range(time)]
    return [tuple(v for at in each for v in flat[at : at + size]) for each in starts]


def _places(moment: Moment, column: Column, tensor: str, cells: Iterable[Cell]) -> frozenset[Place]:
    """The numbers of a tensor among some cells, as (place of the time step, unit)."""
    owned = (column.own(cell.tensor, cell.index) for cell in cells if cell.tensor == tensor)
    return frozenset(
        (column.when(unit) - 1 - moment.film.first, column.feature(unit))
        for unit in owned
        if unit is not None
    )


def _behind(moment: Moment, column: Column, tensor: str, units: range) -> frozenset[Place]:
    """The numbers in view that a change by hand has left behind."""
    if tensor not in moment.frame.stale:
        return frozenset()
    return frozenset(
        (k, unit)
        for k, t in enumerate(moment.film.steps)
        for unit in units
        if moment.frame.is_stale(tensor, *column.place(tensor, column.at(t, unit))[1])
    )


@lru_cache(maxsize=256)
def _drawn(picture: Picture) -> tuple[Line, ...]:
    """The lines of a picture, without labels: most of them are as they were a step before."""
    steps = [_step(picture, k) for k in range(len(picture.values))]
    return tuple(
        merged([span for drawn in steps for span in pad(drawn[line], picture.cells)])
        for line in range(picture.lines)
    )


def _step(picture: Picture, k: int) -> list[Line]:
    """The units at one time step; a dot where none of those asked for is computed."""
    values, wide = picture.values[k], picture.wide
    if not values:
        hidden = all((k, unit) in picture.outside for unit in picture.units)
        return [BLANK if hidden else ((UNKNOWN, "faint"),), *[BLANK] * (picture.lines - 1)]

    def at(places: Iterable[Place]) -> frozenset[Place]:
        here = (unit - picture.units.start for step, unit in places if step == k)
        return frozenset(divmod(unit, wide) for unit in here if 0 <= unit < len(values))

    padded = [*values, *[None] * (-len(values) % wide)]
    tile = Tile(
        [padded[first : first + wide] for first in range(0, len(padded), wide)],
        picture.largest,
        now=at(picture.now),
        written=at(picture.written),
        edited=at(picture.edited),
        stale=at(picture.stale),
        outside=at(picture.outside),
        chosen=next(iter(at([picture.chosen] if picture.chosen else [])), None),
    )
    drawn = tile_lines(tile, Scale.DIGITS if picture.bare else Scale.HALF)
    return [*drawn, *[BLANK] * (picture.lines - len(drawn))]
