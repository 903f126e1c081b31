"""The lines of a residual stream: the units of a layer side by side within each time step.

Beside them runs the stream. On the way back the same lines are read from below: at a sum the
gradient forks, and where a part had tapped the stream both ways meet again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import inf
from typing import Final

from rich.cells import cell_len

from nntui.session.column import Column, Row
from nntui.session.frame import Cell, Frame, Network
from nntui.session.grid import Place
from nntui.ui.format import UNKNOWN
from nntui.ui.renderables.band import Band
from nntui.ui.renderables.bars import share_bar, signed_bar
from nntui.ui.renderables.film import NAME
from nntui.ui.renderables.filmrows import rows_lines
from nntui.ui.renderables.maps import page_of
from nntui.ui.renderables.moment import Moment, steps_of
from nntui.ui.renderables.neuron import MARKS
from nntui.ui.renderables.rows import all_rows
from nntui.ui.renderables.stream import RAIL, rows_of
from nntui.ui.renderables.tile import Scale, Tile, tile_lines
from nntui.ui.renderables.tokens import tokens_of
from nntui.ui.spans import BLANK, Line, cut, fit

_FORWARD: Final = {"stream": "┃", "tap": "┣━┓", "branch": "┃ ┃", "join": "⊕◀┛"}
_BACKWARD: Final = {"stream": "┃", "tap": "⊕◀┓", "branch": "┃ ┃", "join": "┣━┛"}
"""The stream and what hangs on it; backward, a sum is a fork and a tap is a sum."""

Marks = Mapping[int, Iterable[int]]
"""Units of a layer by time step, from 0."""


def across_lines(moment: Moment, band: Band) -> list[Line]:
    """The units of a layer side by side, two rows of them to a line; or a line for each."""
    column = moment.network.columns[band.column]
    row = _shown(column, moment.frame, gradient=band.gradient)
    if band.opened and band.lines == band.units > 1:
        names = tuple(f"∂{name}" if band.gradient else name for name in column.names)
        opened = replace(band, kind="rows", tensor=row.tensor, label=row.label, names=names)
        return _railed(moment, opened, row, rows_lines(moment, opened, labelled=False))
    marked = _marked(moment, column, row.tensor)
    cells = [_units(moment, band, row, marked, t) for t in moment.film.steps]
    lines = [
        steps_of(moment, [drawn[k] if k < len(drawn) else BLANK for drawn in cells])
        for k in range(band.lines)
    ]
    return _railed(moment, band, row, lines)


def gaze_lines(moment: Moment, band: Band) -> list[Line]:
    """Where each query of an attention looks most: the key's number, and how much."""
    column = moment.network.columns[band.column]
    row = _shown(column, moment.frame, gradient=band.gradient)
    cells = [_gaze(moment, band.column, row, t) for t in moment.film.steps]
    return _railed(moment, band, row, [steps_of(moment, cells)])


def across_at(moment: Moment, band: Band, line: int, x: int) -> int:
    """The unit at a point within a time step: the upper of two."""
    if band.kind == "gaze" or (band.opened and band.lines == band.units):
        return min(line, band.units - 1)
    units = _in_view(moment, band)
    wide = _wide(band, len(units), bare=moment.bare)
    folded = 1 if moment.bare else 2
    k = line * folded * wide + min(x // (2 if moment.bare else 1), wide - 1)
    return units[min(k, len(units) - 1)]


def _shown(column: Column, frame: Frame, *, gradient: bool) -> Row:
    """What a band shows: what the op at the cursor makes, else what has been computed last.

    Numbers that are dealt out among heads are shown where they came from, or where they go.
    """
    rows = rows_of(column, gradient=gradient) or all_rows(column)
    end = ".grad" if gradient else ""
    dealt = [Row(rows[-1].label, f"{tensor}{end}", gradient) for tensor in column.split]
    candidates = [*dealt, *rows]
    made = frame.op.output if frame.op else ""
    written = [row for row in candidates if row.tensor == made]
    known = [row for row in candidates if frame.row(row.tensor)]
    return (written or known[-1:] or rows[:1])[0]


# -- units side by side ------------------------------------------------------------------------


def _in_view(moment: Moment, band: Band) -> range:
    """The units of a band that are in view."""
    room = band.lines * band.a_line(bare=moment.bare)
    first = page_of(min(moment.unit_of(band.column), band.units - 1), room, band.units)
    return range(first, min(first + room, band.units))


def _wide(band: Band, units: int, *, bare: bool) -> int:
    """How many of a band's units stand side by side."""
    rows = band.lines * (1 if bare else 2)
    return min(max(-(-units // rows), 1), band.a_line(bare=bare))


@dataclass(frozen=True)
class Marked:
    """What stands out among the units of a band, by time step."""

    now: Marks
    written: Marks
    edited: Marks
    origins: Marks


def _marked(moment: Moment, column: Column, tensor: str) -> Marked:
    frame = moment.frame
    found = (frame.now, frame.writes, moment.edited, moment.origins)
    return Marked(*(_by_step(column, cells, tensor) for cells in found))


def _by_step(column: Column, cells: Iterable[Cell], tensor: str) -> Marks:
    """The units of a tensor among some cells, by time step."""
    marks: dict[int, set[int]] = {}
    for cell in cells:
        unit = column.own(cell.tensor, cell.index) if cell.tensor == tensor else None
        if unit is not None:
            marks.setdefault(column.when(unit) - 1, set()).add(column.feature(unit))
    return marks


def _units(moment: Moment, band: Band, row: Row, marked: Marked, t: int) -> list[Line]:
    """The units of a layer at one time step; a dot where none of them has been computed."""
    column, frame = moment.network.columns[band.column], moment.frame
    units = _in_view(moment, band)
    places = [column.place(row.tensor, column.at(t, unit))[1] for unit in units]
    values = [frame.value(row.tensor, *place) for place in places]
    if all(value is None for value in values):
        return [((UNKNOWN, "faint"),)]
    if moment.origins:
        seen = marked.origins.get(t, set())
        values = [v if unit in seen else None for unit, v in zip(units, values, strict=True)]
    wide = _wide(band, len(units), bare=moment.bare)

    def among(found: Iterable[int]) -> frozenset[Place]:
        return frozenset(divmod(units.index(unit), wide) for unit in found if unit in units)

    behind = (
        unit
        for unit, place in zip(units, places, strict=True)
        if frame.stale and frame.is_stale(row.tensor, *place)
    )
    chosen = among({column.feature(moment.unit)} if _is_chosen(moment, band.column, t) else ())
    padded = [*values, *[None] * (-len(values) % wide)]
    tile = Tile(
        [padded[k : k + wide] for k in range(0, len(padded), wide)],
        frame.scale(row.tensor),
        now=among(marked.now.get(t, ())),
        written=among(marked.written.get(t, ())),
        edited=among(marked.edited.get(t, ())),
        stale=among(behind),
        chosen=next(iter(chosen), None),
    )
    return tile_lines(tile, Scale.DIGITS if moment.bare else Scale.HALF)


def _is_chosen(moment: Moment, number: int, t: int) -> bool:
    """Whether a neuron of a column at a time step was chosen."""
    here = moment.chosen and moment.column == number
    return here and moment.network.columns[number].when(moment.unit) == t + 1


# -- attention ---------------------------------------------------------------------------------


def _gaze(moment: Moment, number: int, row: Row, query: int) -> Line:
    """`3c▆`: the key with the largest number of a query, and a bar for that."""
    column, frame = moment.network.columns[number], moment.frame
    head = column.index(moment.unit)[0] if moment.column == number else 0
    found = [frame.value(row.tensor, head, query, key) for key in range(column.time)]
    known = [(v, key) for key, v in enumerate(found) if v is not None and v != -inf]
    if not known:
        return ((UNKNOWN, "faint"),)
    value, key = max(known, key=lambda pair: abs(pair[0]) if row.gradient else pair[0])
    tokens, room = tokens_of(moment.network, frame), moment.film.inner
    style = "strong bold reverse" if _is_chosen(moment, number, query) else "text"
    if any(cell.tensor == row.tensor and cell.index[:2] == (head, query) for cell in frame.writes):
        style = "accent bold"
    if row.tensor == column.a:
        bar = share_bar(value, 1, bare=moment.bare)
    else:
        bar = signed_bar(value, frame.scale(row.tensor), 1, bare=moment.bare)
    text = f"{key + 1}{tokens[key]}" if tokens else str(key + 1)
    return ((cut(text, max(room - 1, 1)), style), bar) if room > 1 else (bar,)


# -- the stream --------------------------------------------------------------------------------


def _railed(moment: Moment, band: Band, row: Row, lines: list[Line]) -> list[Line]:
    """Lines with their label and the stream before them."""
    out: list[Line] = []
    for k, line in enumerate(lines):
        label = _label(moment, band, row, first=k == 0, k=k)
        out.append((*label, *line))
    return out


def _label(moment: Moment, band: Band, row: Row, *, first: bool, k: int) -> Line:
    """The part's name, what is shown of it, and its piece of the stream."""
    column = moment.network.columns[band.column]
    here = moment.at == band.column
    text = row.label if first else ""
    if band.kind == "rows":
        text = band.names[k]
    elif not first and k == band.lines - 1 and not band.is_whole(bare=moment.bare):
        units = _in_view(moment, band)
        text = f"{units[0] + 1}–{units[-1] + 1}"
    room = max(moment.film.gutter - RAIL - 2, 0)
    size = max(room - cell_len(text), 0)
    name = fit(cut(column.short if first else "", min(size, NAME)), size)
    return (
        (MARKS["written"] if here and first else " ", "accent bold"),
        (name, "strong bold" if here else "dim"),
        (text, "backward" if band.gradient else "text"),
        (" ", "text"),
        *_rail(moment, band, first=first),
    )


def _rail(moment: Moment, band: Band, *, first: bool) -> Line:
    """The stream beside a band, lit as far as it has been computed."""
    network, frame = moment.network, moment.frame
    column = network.columns[band.column]
    if not column.rail:
        return ((" " * RAIL, "text"),)
    op = frame.op
    back = band.gradient or (op is not None and op.phase in ("backward", "update"))
    drawn = (_BACKWARD if back else _FORWARD)[column.rail]
    if not first:
        drawn = "┃ ┃" if column.rail in ("tap", "branch") else ""
        drawn = drawn or ("┃" if _goes_on(network, band.column) else "")
    lit = "backward bold" if back else "accent"
    suffix = ".grad" if back else ""
    stream = _stream(network, band.column, back=back)
    left = lit if _is_known(frame, stream.a + suffix, back) else "faint"
    right = lit if _is_known(frame, column.a + suffix, back) else "faint"
    return ((f"{drawn[:1]:<1}", left), (f"{drawn[1:]:<{RAIL - 1}}", right))


def _goes_on(network: Network, k: int) -> bool:
    """Whether the stream goes on below a band."""
    return k + 1 < len(network.columns) and bool(network.columns[k + 1].rail)


def _stream(network: Network, k: int, *, back: bool) -> Column:
    """The column whose numbers run down the stream beside another; or up, on the way back."""
    columns = network.columns
    beside = columns[k:] if back else columns[k::-1]
    return next((each for each in beside if each.rail in ("stream", "join")), columns[k])


def _is_known(frame: Frame, tensor: str, back: bool) -> bool:
    """Whether some of a tensor is known, or of what comes back to it on one of its ways."""
    return bool(frame.row(tensor)) or (back and bool(frame.row(f"{tensor}.1")))
