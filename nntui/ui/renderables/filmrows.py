"""The units of a layer below each other, time from left to right: numbers, tiles, or bars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nntui.session.column import Column
from nntui.session.frame import Cell
from nntui.session.grid import Place
from nntui.ui.renderables.band import Band
from nntui.ui.renderables.bars import signed_bar
from nntui.ui.renderables.film import NUMBERS
from nntui.ui.renderables.maps import page_of
from nntui.ui.renderables.moment import Moment, label_of, line_of, steps_of
from nntui.ui.renderables.neuron import MARKS
from nntui.ui.renderables.tile import Scale, Tile, cell_of
from nntui.ui.spans import BLANK, Line, fit


def rows_lines(moment: Moment, band: Band, *, labelled: bool = True) -> list[Line]:
    """Units below each other: as numbers, as tiles, two to a line, or one as a row of bars.

    Args:
        labelled: whether the names of the layer and its units stand before them.
    """
    tile, units = _tile(moment, band), pages(moment, band)
    folded = is_folded(band, bare=moment.bare)
    numbers = moment.film.wide >= NUMBERS and not folded
    lines = []
    for k in range(0, len(units), 2 if folded else 1):
        text = band.label if not k else ""
        if k == len(units) - (2 if folded else 1) and len(units) < band.units:
            text = f"{units[0] + 1}–{units[-1] + 1}"
        if numbers and band.names and band.units > 1:
            text = band.names[units[k]]
        cells = (_cell(moment, band, tile, (units[k], t)) for t in range(len(moment.film.steps)))
        label = label_of(moment, band, text, named=k == 0)
        lines.append(line_of(moment, label, cells) if labelled else steps_of(moment, cells))
    return lines + [BLANK] * (band.lines - len(lines))


def _cell(moment: Moment, band: Band, tile: Tile, place: Place) -> Line:
    """A number of one unit at one time step; of folded bands, with that of the unit below."""
    inner = moment.film.inner
    if is_folded(band, bare=moment.bare):
        ((text, style),) = cell_of(tile, place, Scale.HALF)
        return ((text * inner, style),)
    if moment.film.wide >= NUMBERS:
        return cell_of(tile, place, Scale.NUMBERS)
    if moment.bare:
        return cell_of(tile, place, Scale.DIGITS)
    if band.units == 1:
        return _bar(moment, tile, place[1])
    ((text, style),) = cell_of(tile, place, Scale.WIDE)
    return ((fit(text.rstrip(), inner), style),)


def _bar(moment: Moment, tile: Tile, t: int) -> Line:
    """A single row of numbers as bars."""
    cells = moment.film.inner
    text, style = signed_bar(tile.values[0][t], tile.largest, cells, bare=moment.bare)
    if tile.chosen == (0, t) or (0, t) in tile.written:
        style = f"strong {'reverse' if 'reverse' in style else ''}".strip()
    if (0, t) in tile.edited:
        text, style = fit(MARKS["edited"], cells), "error bold"
    return ((text, style),)


def _tile(moment: Moment, band: Band) -> Tile:
    """The numbers of a band that are in view, unit by unit, with their marks."""
    film, frame = moment.film, moment.frame
    column = moment.network.columns[band.column]
    flat, count = moment.values(band.tensor, band.units), band.units
    field = _field(moment, band, column)
    folded = is_folded(band, bare=moment.bare)
    values = [[flat[t * count + u] for t in film.steps] for u in range(count)]
    outside: set[Place] = set()
    if folded and field:
        outside = {(u, k) for u in range(count) for k in range(len(film.steps))} - field
    now = _places(moment, band, column, frame.now)
    read = _places(moment, band, column, frame.reads, frame.reads_all)
    written = _places(moment, band, column, frame.writes, () if folded else frame.writes_all)
    chosen = None
    if moment.chosen and moment.column == band.column and band.tensor in _own(column):
        chosen = (column.feature(moment.unit), column.when(moment.unit) - 1 - film.first)
    return Tile(
        values,
        frame.scale(band.tensor),
        outlined=frozenset() if folded else field or read,
        now=now,
        written=written,
        edited=_places(moment, band, column, moment.edited),
        stale=_stale(moment, band, column),
        chosen=chosen,
        outside=frozenset(outside),
    )


def _stale(moment: Moment, band: Band, column: Column) -> frozenset[Place]:
    """The numbers of a band that a change by hand has left behind."""
    frame, film = moment.frame, moment.film
    if not frame.stale or band.tensor not in _own(column):
        return frozenset()
    units = ((u, t) for u in range(band.units) for t in film.steps)
    return frozenset(
        (u, t - film.first)
        for u, t in units
        for tensor, index in [column.place(band.tensor, t * band.units + u)]
        if frame.is_stale(tensor, *index)
    )


def _own(column: Column) -> tuple[str, ...]:
    return (column.a, column.z, f"{column.a}.grad", f"{column.z}.grad")


def _field(moment: Moment, band: Band, column: Column) -> frozenset[Place]:
    """The numbers that others come from; no gradient is one of these, so all of them stay."""
    if not moment.origins or band.gradient:
        return frozenset()
    return _places(moment, band, column, moment.origins)


def _places(
    moment: Moment, band: Band, column: Column, cells: Iterable[Cell], whole: Iterable[str] = ()
) -> frozenset[Place]:
    """Which cells of a band some cells are, and those of whole tensors."""
    film = moment.film
    steps: Mapping[str, int] = {name: t for t, name in enumerate(column.steps.get(band.tensor, ()))}
    found: set[Place] = set()
    for cell in cells:
        if cell.tensor in steps:
            found.add((cell.index[-1], steps[cell.tensor] - film.first))
        elif cell.tensor == band.tensor and cell.index:
            unit = cell.index[1] if len(cell.index) > 1 else 0
            found.add((unit, cell.index[0] - film.first))
    for name in whole:
        if name in steps:
            found |= {(u, steps[name] - film.first) for u in range(band.units)}
    return frozenset(found)


def pages(moment: Moment, band: Band) -> range:
    """The units of a band that are in view."""
    if band.is_whole(bare=moment.bare):
        return range(band.units)
    room = band.lines if moment.bare else 2 * band.lines
    first = page_of(min(moment.unit_of(band.column), band.units - 1), room, band.units)
    return range(first, min(first + room, band.units))


def is_folded(band: Band, *, bare: bool) -> bool:
    """Whether two units share a line."""
    return not bare and band.lines < band.units
