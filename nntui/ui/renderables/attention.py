"""An attention up close: the grid of its weights, queries down, keys across, and one of its cells.

The grid shows what has been computed last: scores, scores divided, masked, shares, or what comes
back to them. The numbers of the cell the cursor is on stand beside it, or below.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Final

from nntui.session.column import Column, Row
from nntui.session.frame import Cell, Frame, Network
from nntui.session.grid import Place
from nntui.session.numbers import number, subscript
from nntui.ui.format import BRIEF, STALE, brief, exponent, label, power
from nntui.ui.renderables import rows
from nntui.ui.renderables.bars import long_bar
from nntui.ui.renderables.mapcolumn import maps_of
from nntui.ui.renderables.maps import page_of
from nntui.ui.renderables.neuron import MARKS
from nntui.ui.renderables.tile import Scale, Tile, tile_lines
from nntui.ui.renderables.tokens import tokens_of
from nntui.ui.spans import BLANK, Line, Span, crop, cut, fit, pad, sign_style, width

BETWEEN: Final = 3
"""Cells between the grid and the numbers beside it."""

READING: Final = 11
"""Cells of a number with its label."""

LEAST: Final = 3
"""Lines of numbers below a grid at least."""

ASIDE: Final = 3 * READING
"""Cells of numbers beside a grid at least."""

_TOP: Final = 3
"""Keys of a query that are listed, those that it looks at most."""

_BAR: Final = 10


@dataclass(frozen=True)
class Gaze:
    """A cell of an attention: where one query of one head looks.

    Attributes:
        edited: numbers that were changed in this step.
        field: where the cell comes from; empty where that is not asked for.
    """

    network: Network
    column: Column
    frame: Frame
    unit: int
    edited: frozenset[Cell] = frozenset()
    field: frozenset[Cell] = frozenset()

    @property
    def place(self) -> tuple[int, int, int]:
        """(head, query, key), from 0."""
        head, query, key = self.column.index(self.unit)
        return head, query, key

    @property
    def shown(self) -> Row:
        """What the grid shows."""
        return rows.single(self.column, self.frame) or self.column.rows[-1]

    def at(self, time: int) -> str:
        """What stands at a time step: its token, or its number."""
        tokens = tokens_of(self.network, self.frame)
        return tokens[time] if tokens else str(time + 1)

    def is_masked(self, query: int, key: int) -> bool:
        """Whether a score has been left out."""
        masked = self.column.masked
        return bool(masked) and self.frame.value(masked, self.place[0], query, key) == -inf

    def row(self, tensor: str) -> list[float | None]:
        """What a tensor has for each key of the query."""
        head, query, _ = self.place
        return [self.frame.value(tensor, head, query, k) for k in range(self.column.time)]

    def vector(self, which: int) -> tuple[float | None, ...]:
        """The query of the cell, or its key (1): the head's part of it."""
        head, *times = self.place
        column = self.network.named(self.column.before[which])
        size = column.shape[1] // column.heads
        features = range(head * size, (head + 1) * size)
        return tuple(self.frame.value(column.a, times[which], k) for k in features)


def attention_lines(gaze: Gaze, cells: int, height: int, *, bare: bool = False) -> list[Line]:
    """An attention in `cells` × `height`.

    Args:
        bare: whether colours and half-blocks do not come through.
    """
    tabs = _tabs(gaze, cells)
    room = height - len(tabs)
    scales = (Scale.DIGITS,) if bare else (Scale.WIDE, Scale.LOW, Scale.HALF)
    for scale in (Scale.NUMBERS, *scales):
        drawn = _grid(gaze, scale, cells, room)
        aside = cells - width(drawn[0]) - BETWEEN
        beside = aside >= ASIDE
        if len(drawn) + (0 if beside else LEAST) <= room and width(drawn[0]) <= cells:
            break
    else:
        least = cells - ASIDE - BETWEEN
        beside = _label_cells(gaze, folded=not bare) + gaze.column.time <= least
        size = (least, room) if beside else (cells, room - LEAST)
        drawn = _grid(gaze, scales[-1], *size, cropped=True)
        aside = cells - width(drawn[0]) - BETWEEN
    if beside:
        text = _numbers(gaze, aside, room)
        return [*tabs, *_side_by_side(drawn, text, width(drawn[0]) + BETWEEN)]
    return [*tabs, *drawn, *_numbers(gaze, cells, room - len(drawn))]


def neighbour(column: Column, unit: int, across: int, down: int) -> int:
    """The cell of the same head that is so many keys and queries away, within the grid."""
    head, query, key = column.index(unit)
    last = column.time - 1
    return column.unit((head, min(max(query + down, 0), last), min(max(key + across, 0), last)))


def _tabs(gaze: Gaze, cells: int) -> list[Line]:
    """The heads, the shown one standing out; nothing where there is one only."""
    if gaze.column.heads < 2:
        return []
    spans: list[Span] = [("head ", "dim")]
    for head in range(gaze.column.heads):
        style = "accent bold reverse" if head == gaze.place[0] else "text"
        spans += [(f" {head + 1} ", style), (" ", "text")]
    return [crop(tuple(spans), cells)]


# -- the grid ----------------------------------------------------------------------------------


def _tile(gaze: Gaze) -> Tile:
    head, query, key = gaze.place
    shown, size = gaze.shown, gaze.column.time
    maps = maps_of(gaze.column, gaze.frame, shown.tensor, gaze.unit, gaze.edited, gaze.field)
    places = ((q, k) for q in range(size) for k in range(size))
    masked = frozenset(place for place in places if gaze.is_masked(*place))
    early = gaze.column.masked and not masked
    return replace(
        maps.tile(head), chosen=(query, key), masked=frozenset[Place]() if early else masked
    )


def _grid(gaze: Gaze, scale: Scale, cells: int, room: int, *, cropped: bool = False) -> list[Line]:
    """The grid with its axes; all of it, or what of it there is room for around the cell."""
    tile, size = _tile(gaze), gaze.column.time
    folded = scale in (Scale.HALF, Scale.LOW)
    wide = scale.size(1, 1)[1]
    label_cells = _label_cells(gaze, folded=folded)
    _, query, key = gaze.place
    down = across = size
    if cropped:
        across = max(min(size, (cells - label_cells) // wide), 1)
        down = max(min(size, (room - 1) * (2 if folded else 1)), 1)
    top, left = page_of(query, down, size), page_of(key, across, size)
    part = tile.part(top, left, down, across)
    if folded:
        part = replace(part, outlined=frozenset())
    lines = [_keys(gaze, range(left, left + across), wide, label_cells)]
    for k, line in enumerate(tile_lines(part, scale)):
        first = top + k * (2 if folded else 1)
        names = _queries(gaze, range(first, min(first + 1 + folded, top + down)), label_cells)
        lines.append((*names, *line))
    return lines


def _label_cells(gaze: Gaze, *, folded: bool) -> int:
    """Cells before a line of the grid: the names of its queries, and a mark."""
    longest = max(len(gaze.at(t)) for t in range(gaze.column.time))
    return max((2 if folded else 1) * min(longest, 4), 2) + 1


def _queries(gaze: Gaze, queries: range, cells: int) -> Line:
    """What asks in a line of the grid, one token or two."""
    spans: list[Span] = []
    room = (cells - 1) // len(queries)
    for query in queries:
        style = "accent bold" if query == gaze.place[1] else "dim"
        spans.append((cut(gaze.at(query), room), style))
    mark = MARKS["written"] if gaze.place[1] in queries else " "
    return (*pad(tuple(spans), cells - 1), (mark, "accent"))


def _keys(gaze: Gaze, keys: range, wide: int, cells: int) -> Line:
    """What is looked at in each column of the grid."""
    spans: list[Span] = [(fit("q╲k", cells), "dim")]
    for key in keys:
        style = "accent bold" if key == gaze.place[2] else "dim"
        text = cut(gaze.at(key), wide)
        centred = text.center(wide) if wide > len(text) + 1 else text.ljust(wide)
        spans.append((centred, style))
    return tuple(spans)


# -- the cell ----------------------------------------------------------------------------------


def _numbers(gaze: Gaze, cells: int, room: int) -> list[Line]:
    """The cell in numbers, the most important first."""
    lines = [crop(line, cells) for line in (_score(gaze), *_readings(gaze))]
    vectors = _vectors(gaze, cells)
    top = _most(gaze, cells)
    if len(lines) + len(vectors) <= room:
        lines = [*vectors, *lines]
    if top and len(lines) + 1 + len(top) <= room:
        lines += [BLANK, *top]
    return lines[:room]


def _score(gaze: Gaze) -> Line:
    """`q₆·k₅/√8 = 2.143/√8 = 0.757`, as far as it has been computed."""
    _, query, key = gaze.place
    frame, size = gaze.frame, len(gaze.vector(0))
    tensors = [row.tensor for row in gaze.column.rows if not row.gradient]
    score, scaled = (frame.value(tensor, *gaze.place) for tensor in tensors[:2])
    name = f"{subscript('q', [query])}·{subscript('k', [key])}/√{size}"
    spans: list[Span] = [(name, "text"), (" = ", "dim")]
    if score is None:
        return (*spans, ("·", "dim"))
    spans += [(number(score), sign_style(score)), (f"/√{size}", "dim")]
    if gaze.is_masked(query, key):
        return (*spans, (" → ", "dim"), ("−∞ masked", "dim"))
    text = "·" if scaled is None else number(scaled)
    return (*spans, (" = ", "dim"), (text, sign_style(scaled)))


def _readings(gaze: Gaze) -> list[Line]:
    """The numbers of the cell, and below them what comes back to each."""
    column = gaze.column
    values = [r for r in column.rows if not r.gradient and r.tensor != column.masked]
    lines: list[Line] = []
    for gradient in (False, True):
        spans: list[Span] = []
        for row in values:
            end = ".grad" if gradient else ""
            tensor = _unmasked(gaze, row, end) + end
            spans += _reading(gaze, f"∂{row.label}" if gradient else row.label, tensor)
        lines.append(tuple(spans))
    return lines


def _unmasked(gaze: Gaze, row: Row, end: str) -> str:
    """The tensor of a row; of the score before the mask, the masked one while it is newer."""
    frame, masked = gaze.frame, gaze.column.masked
    before = gaze.column.rows[1]
    if not masked or row is not before:
        return row.tensor
    made = frame.op.output if frame.op else ""
    newer = bool(end) and not frame.row(f"{row.tensor}{end}")
    return masked if newer or made == f"{masked}{end}" else row.tensor


def _reading(gaze: Gaze, name: str, tensor: str) -> Line:
    """A label, a mark and a number in few cells."""
    frame, at = gaze.frame, gaze.place
    value, mark, bold = frame.value(tensor, *at), " ", ""
    if Cell(tensor, at) in gaze.edited:
        mark = MARKS["edited"]
    elif frame.is_written(tensor, *at):
        mark, bold = MARKS["written"], " bold"
    elif frame.is_stale(tensor, *at):
        mark = STALE
    elif frame.is_read(tensor, *at):
        mark = MARKS["read"]
    text, number_style = "·" if value is None else label(value), sign_style(value)
    if value == -inf and gaze.is_masked(*at[1:]):
        text, number_style = "−∞", "dim"
    style = "backward" if name.startswith("∂") else "dim"
    warned = mark in (MARKS["edited"], STALE)
    return (
        (fit(name, 3), style),
        (mark, "error bold" if warned else "accent bold"),
        (fit(text, READING - 4), number_style + bold),
    )


def _vectors(gaze: Gaze, cells: int) -> list[Line]:
    """The query, the key, and their products, which add up to the score; where there is room."""
    query, key = gaze.vector(0), gaze.vector(1)
    _, asks, stands = gaze.place
    products = tuple(
        None if a is None or b is None else a * b for a, b in zip(query, key, strict=True)
    )
    named = ((subscript("q", [asks]), query), (subscript("k", [stands]), key), ("q·k", products))
    lines: list[Line] = []
    for name, values in named:
        small = exponent(max((abs(v) for v in values if v is not None), default=0.0))
        spans: list[Span] = [(fit(name, 5), "dim")]
        for value in values:
            spans += [(brief(value, small).rjust(BRIEF), sign_style(value)), (" ", "text")]
        spans.append((power(small), "dim"))
        lines.append(tuple(spans))
    return lines if all(width(line) <= cells for line in lines) else []


def _most(gaze: Gaze, cells: int) -> list[Line]:
    """The keys that the query looks at most, with bars."""
    shares = [(share, k) for k, share in enumerate(gaze.row(gaze.column.a)) if share is not None]
    if len(shares) < gaze.column.time:
        return []
    best = sorted(shares, key=lambda pair: (-pair[0], pair[1]))[:_TOP]
    lines: list[Line] = []
    for share, key in best:
        name = fit(f"{subscript('k', [key])} {cut(gaze.at(key), 4)}", 8)
        lines.append(((name, "dim"), *long_bar(share, _BAR), (f" {share:>5.1%}", "text")))
    return [crop(line, cells) for line in lines]


def _side_by_side(left: Sequence[Line], right: Sequence[Line], at: int) -> list[Line]:
    out: list[Line] = []
    for k in range(max(len(left), len(right))):
        line = left[k] if k < len(left) else BLANK
        out.append((*pad(line, at), *(right[k] if k < len(right) else BLANK)))
    return out
