"""A film strip, from a frame to lines: band below band, time from left to right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Final

from nntui.session.column import Column, Lane
from nntui.session.frame import Frame
from nntui.session.numbers import subscript
from nntui.ui.format import MINUS, UNKNOWN
from nntui.ui.renderables.band import Band, Kind
from nntui.ui.renderables.bars import log_bars, share_bar, signed_bar
from nntui.ui.renderables.filmrows import rows_lines
from nntui.ui.renderables.heads import goal_line, head_line
from nntui.ui.renderables.moment import Moment, label_of, line_of
from nntui.ui.renderables.neuron import MARKS
from nntui.ui.renderables.streamrows import across_lines, gaze_lines
from nntui.ui.renderables.tile import merged
from nntui.ui.renderables.tokens import token_of
from nntui.ui.spans import BLANK, Line, Span, cut, pad, sign_style

PERCENT: Final = 6
"""Cells of a token and its probability in percent."""

SIGNED: Final = 2
"""Cells of a bar from which on more of them have a sign before it."""

_EVERY: Final = (1, 2, 5, 10, 20, 50, 100)
"""Every how many time steps one may be numbered."""


def film_lines(moment: Moment) -> list[Line]:
    """All bands, a line after the other."""
    return [line for band in moment.film.bands for line in _DRAWN[band.kind](moment, band)]


def _axis(moment: Moment, band: Band) -> list[Line]:
    """The numbers of the time steps, as many as fit; that of the current one stands out."""
    film, current = moment.film, moment.now - 1
    size = len(str(film.time)) + 1
    every = next((n for n in _EVERY if n * film.wide >= size), _EVERY[-1])
    spans: list[Span] = list(pad(label_of(moment, band, band.label), film.gutter))
    at = 0
    for t in film.steps:
        start, text = (t - film.first) * film.wide, str(t + 1)
        crowded = current in film.steps and abs(t - current) * film.wide < size
        if t != current and (crowded or (t and (t + 1) % every)):
            continue
        style = "accent bold reverse" if t == current else "dim"
        spans += [(" " * (start - at), "text"), (text, style)]
        at = start + len(text)
    return [merged([span for span in spans if span[0]])]


def _tokens(moment: Moment, band: Band) -> list[Line]:
    """The letters of the inputs: token ids, or what a one-hot row stands for."""
    column = moment.network.columns[band.column]
    count = max(len(column.names), 1)
    flat = moment.values(band.tensor, count)
    looked = moment.chosen and moment.column == band.column
    cells: list[Line] = []
    for t in moment.film.steps:
        text = token_of(column, flat[t * count : (t + 1) * count])
        style = "faint" if not text else "strong bold" if t == moment.now - 1 else "text"
        if looked and column.when(moment.unit) == t + 1:
            style += " reverse"
        cells.append(((cut(text or UNKNOWN, moment.film.wide), style),))
    return [line_of(moment, label_of(moment, band, band.label), cells)]


def _lane(moment: Moment, band: Band) -> list[Line]:
    """A gate: a bar for each unit where a time step has room for all of them, else for one."""
    column = moment.network.columns[band.column]
    lane = next(lane for lane in column.lanes if lane.tensor == band.tensor)
    count, inner = len(column.names), moment.film.inner
    flat = moment.values(band.tensor, count)
    size = 2 if moment.bare else 1
    text, units = band.label, range(count)
    if count * size > inner:
        unit = moment.unit_of(band.column)
        text, units, size = subscript(band.label, [unit]), range(unit, unit + 1), inner
    cells = (
        tuple(span for u in units for span in _bar(moment, lane, flat[t * count + u], size))
        for t in moment.film.steps
    )
    label = label_of(moment, band, text)
    op = moment.frame.op
    if op is not None and op.output in column.steps[band.tensor]:
        label = (*label, (MARKS["written"], "accent bold"))
    return [line_of(moment, label, cells)]


def _bar(moment: Moment, lane: Lane, value: float | None, cells: int) -> Line:
    """A number of a gate or of the cell; with its sign before it, where there is room."""
    if lane.bounds == "share":
        return (share_bar(value, cells, bare=moment.bare),)
    largest = 1.0 if lane.bounds == "signed" else moment.frame.scale(lane.tensor)
    signed = cells > SIGNED and not moment.bare and value and isfinite(value)
    if not signed or value is None:
        return (signed_bar(value, largest, cells, bare=moment.bare),)
    sign = "+" if value > 0 else MINUS
    return ((sign, sign_style(value)), signed_bar(value, largest, cells - 1))


def _length(moment: Moment, band: Band) -> list[Line]:
    """How long the gradient of each time step's state is: bars on a logarithmic scale."""
    film, column = moment.film, moment.network.columns[band.column]
    lengths = lengths_of(column, moment.frame)
    largest = max((v for v in lengths if v is not None and isfinite(v)), default=0.0)
    bars = [
        log_bars(lengths[t], largest, film.inner, band.lines, bare=moment.bare) for t in film.steps
    ]
    label = label_of(moment, band, band.label)
    return [
        line_of(moment, label if k == band.lines - 1 else BLANK, [(bar[k],) for bar in bars])
        for k in range(band.lines)
    ]


def lengths_of(column: Column, frame: Frame) -> list[float | None]:
    """The length of what has come back to each time step's state; None where nothing has yet."""
    steps = column.steps.get(f"{column.a}.grad", ("",) * column.time)
    return [frame.length(step) for step in steps]


def _guess(moment: Moment, band: Band) -> list[Line]:
    """The most probable class of each time step, and how probable it is."""
    names = moment.network.targets
    flat, targets = moment.frame.row(band.tensor), moment.frame.row(moment.network.target)
    room, count = moment.film.inner, len(names)
    cells: list[Line] = []
    for t in moment.film.steps:
        values = flat[t * count : (t + 1) * count]
        chances = [value for value in values if value is not None]
        if not chances or len(chances) < count:
            cells.append(((UNKNOWN, "faint"),))
            continue
        best = max(range(count), key=chances.__getitem__)
        right = bool(targets) and targets[t] == best
        style = "accent bold" if right else "text"
        name: Span = (cut(names[best], room), style)
        if room < 2:
            cells.append((name,))
        elif room < PERCENT:
            cells.append((name, share_bar(chances[best], 1, bare=moment.bare)))
        else:
            word = cut(names[best], room - PERCENT + 1)
            cells.append(((word, style), (f" {chances[best]:.0%}", "dim")))
    return [line_of(moment, label_of(moment, band, band.label, named=True), cells)]


def _target(moment: Moment, band: Band) -> list[Line]:
    """The class each time step should have; a line where it should have none."""
    names, flat = moment.network.targets, moment.frame.row(band.tensor)
    cells: list[Line] = []
    for t in moment.film.steps:
        value = flat[t] if t < len(flat) else None
        text = UNKNOWN if value is None else names[int(value)] if value >= 0 else "–"
        cells.append(((cut(text, moment.film.wide), "faint" if value is None else "text"),))
    return [line_of(moment, label_of(moment, band, band.label), cells)]


def _head(moment: Moment, band: Band) -> list[Line]:
    column = moment.network.columns[band.column]
    unit = moment.unit if moment.chosen and moment.column == band.column else None
    return [
        head_line(column, moment.frame, unit, moment.film.gutter, moment.film.room, moment.edited)
    ]


def _goal(moment: Moment, band: Band) -> list[Line]:
    return [goal_line(moment.network, moment.frame, moment.film.gutter, moment.film.room)]


_DRAWN: Final[Mapping[Kind, Callable[[Moment, Band], list[Line]]]] = {
    "axis": _axis,
    "tokens": _tokens,
    "rows": rows_lines,
    "across": across_lines,
    "gaze": gaze_lines,
    "truth": rows_lines,
    "lane": _lane,
    "length": _length,
    "guess": _guess,
    "target": _target,
    "head": _head,
    "goal": _goal,
}
