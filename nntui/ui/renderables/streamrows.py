"""The lines of a residual stream: the units of a layer side by side within each time step.

Beside them runs the stream. On the way back the same lines are read from below: at a sum the
gradient forks, and where a part had tapped the stream both ways meet again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import inf
from typing import Final

from rich.cells import cell_len

from nntui.session.column import Column, Row
from nntui.session.frame import Frame, Network
from nntui.ui.format import UNKNOWN
from nntui.ui.renderables.abreast import abreast, in_view, unit_lines
from nntui.ui.renderables.band import Band
from nntui.ui.renderables.bars import share_bar, signed_bar
from nntui.ui.renderables.film import NAME
from nntui.ui.renderables.filmrows import rows_lines
from nntui.ui.renderables.moment import Moment, steps_of
from nntui.ui.renderables.neuron import MARKS
from nntui.ui.renderables.rows import all_rows
from nntui.ui.renderables.stream import RAIL, rows_of
from nntui.ui.renderables.tokens import tokens_of
from nntui.ui.spans import Line, cut, fit

_FORWARD: Final = {"stream": "┃", "tap": "┣━┓", "branch": "┃ ┃", "join": "⊕◀┛"}
_BACKWARD: Final = {"stream": "┃", "tap": "⊕◀┓", "branch": "┃ ┃", "join": "┣━┛"}
"""The stream and what hangs on it; backward, a sum is a fork and a tap is a sum."""


def across_lines(moment: Moment, band: Band) -> list[Line]:
    """The units of a layer side by side, two rows of them to a line; or a line for each."""
    column = moment.network.columns[band.column]
    row = _shown(column, moment.frame, gradient=band.gradient)
    if band.opened and band.lines == band.units > 1:
        names = tuple(f"∂{name}" if band.gradient else name for name in column.names)
        opened = replace(band, kind="rows", tensor=row.tensor, label=row.label, names=names)
        return _railed(moment, opened, row, rows_lines(moment, opened, labelled=False))
    return _railed(moment, band, row, unit_lines(moment, band, row))


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
    units = in_view(moment, band)
    wide = abreast(band, len(units), bare=moment.bare)
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
    if row.gradient and value == 0:
        return (("0", "faint"),)
    tokens, room = tokens_of(moment.network, frame), moment.film.inner
    style = "strong bold reverse" if _is_chosen(moment, number, query) else "text"
    if any(cell.tensor == row.tensor and cell.index[:2] == (head, query) for cell in frame.writes):
        style = "accent bold"
    if row.tensor == column.a:
        bar = share_bar(value, 1, bare=moment.bare)
    else:
        bar = signed_bar(value, frame.scale(row.tensor), 1, bare=moment.bare)
    names = (f"{key + 1}{tokens[key]}", tokens[key]) if tokens else (str(key + 1),)
    name = next((name for name in names if cell_len(name) < room), "")
    return ((name, style), bar) if name else (bar,)


# -- the stream --------------------------------------------------------------------------------


def _railed(moment: Moment, band: Band, row: Row, lines: Sequence[Line]) -> list[Line]:
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
    elif k == band.lines - 1 and not band.is_whole(bare=moment.bare):
        units = in_view(moment, band)
        text = f"{'∂' * (first and band.gradient)}{units[0] + 1}–{units[-1] + 1}"
    room = max(moment.film.gutter - RAIL - 3, 0)
    size = max(room - cell_len(text), 0)
    name = fit(cut(column.short if first else "", min(size, NAME)), size)
    return (
        (MARKS["written"] if here and first else " ", "accent bold"),
        (f"{name} ", "strong bold" if here else "dim"),
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
