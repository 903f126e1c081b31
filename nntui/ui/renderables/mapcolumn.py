"""A layer of images, from a frame to lines: a map for each channel, its kernel beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from nntui.session.column import Column
from nntui.session.frame import Cell, Frame
from nntui.session.grid import Place
from nntui.ui.renderables import rows
from nntui.ui.renderables.maps import Layout
from nntui.ui.renderables.tile import Tile, tile_lines
from nntui.ui.spans import BLANK, Line, Span, fit, pad

CORNERS: Final = "◤◥◣◢"
"""Where in a window of 2 × 2 the winner lay."""

SIDES: Final = "↖↑↗←•→↙↓↘"
"""The same in a larger one, roughly."""

_SUBSCRIPTS: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")

Marks = dict[int, set[Place]]
"""Places by the number of the map they are on."""


def map_lines(
    column: Column,
    frame: Frame,
    layout: Layout,
    selected: int | None,
    edited: frozenset[Cell] = frozenset(),
    field: frozenset[Cell] = frozenset(),
) -> list[Line]:
    """The maps in view of a column."""
    row = rows.single(column, frame)
    values = (frame.row(row.tensor) if row else ()) or (None,) * len(column.units)
    largest = frame.scale(row.tensor) if row else 0.0
    names = {r.tensor for r in rows.all_rows(column)} | {column.winner} - {""}
    outlined, now, written, changed = (
        _places(cells, names) for cells in (field or frame.reads, frame.now, frame.writes, edited)
    )
    chosen = None if selected is None else column.index(selected)
    height, width = layout.size
    lines: list[Line] = [BLANK] * height
    for number, line, cell in layout.shown():
        glyphs = _glyphs(column, frame, number)
        outlines, current, made, changes = (
            _moved(marks.get(number, ()), layout) for marks in (outlined, now, written, changed)
        )
        tile = Tile(
            [
                values[layout.unit(number, (r, layout.left)) :][: layout.columns]
                for r in range(layout.top, layout.top + layout.rows)
            ],
            largest,
            outlined=outlines,
            now=current,
            written=made,
            edited=changes,
            chosen=_within(chosen, number, layout),
            glyphs={(r - layout.top, c - layout.left): g for (r, c), g in glyphs.items()},
        )
        drawn = tile_lines(tile, layout.scale)
        used = number in written or number in outlined
        block = _labelled(column, frame, layout, number, drawn, used)
        for k, part in enumerate(block, line):
            lines[k] = (*pad(lines[k], cell), *part)
    return [pad(line, width) if line else BLANK for line in lines]


def winner_glyph(number: int, window: tuple[int, ...]) -> str:
    """Where the winner with a number lay in its window."""
    row, column = divmod(number, window[1])
    if window == (2, 2):
        return CORNERS[number]
    down, across = (
        1 if size < 2 else round(2 * at / (size - 1))
        for at, size in ((row, window[0]), (column, window[1]))
    )
    return SIDES[3 * down + across]


def kernel_tile(column: Column, frame: Frame, number: int, channel: int) -> tuple[str, Tile]:
    """(label, tile) of a filter's kernel for a channel: its weights, or gradients as they come."""
    gradient = f"{column.weight}.grad"
    shows = gradient if frame.op is not None and frame.op.output == gradient else column.weight
    height, width = column.window
    values = [
        [frame.value(shows, number, channel, r, c) for c in range(width)] for r in range(height)
    ]

    def here(cells: Iterable[Cell]) -> frozenset[Place]:
        return frozenset(
            (cell.index[2], cell.index[3])
            for cell in cells
            if cell.tensor in (shows, column.weight) and cell.index[:2] == (number, channel)
        )

    label = ("∂w" if shows == gradient else "w") + _subscript(number)
    tile = Tile(values, frame.scale(shows), now=here(frame.now), written=here(frame.writes))
    return label, tile


def channel_of(column: Column, frame: Frame) -> int:
    """The channel whose kernels are shown: of the weights that are being worked on, or 1."""
    names = (column.weight, f"{column.weight}.grad")
    for cells in (frame.now, frame.writes, frame.reads):
        found = [cell.index[1] for cell in cells if cell.tensor in names and len(cell.index) == 4]
        if found:
            return min(found)
    return 0


def _labelled(
    column: Column, frame: Frame, layout: Layout, number: int, drawn: list[Line], used: bool
) -> list[Line]:
    """A map with the line above it, and its kernel on its left."""
    style = "accent" if used else "dim"
    if not layout.shape.is_labelled:
        return drawn
    if not layout.kernels:
        return [((str(number + 1), style),), *drawn]
    label, tile = kernel_tile(column, frame, number, channel_of(column, frame))
    kernel = tile_lines(tile, layout.scale)
    before = layout.before_map
    head: list[Span] = [(fit(label, before), "backward" if label[0] == "∂" else style)]
    lines: list[Line] = [(*head, (str(number + 1), style))]
    for k in range(max(len(drawn), len(kernel))):
        left = kernel[k] if k < len(kernel) else BLANK
        lines.append((*pad(left, before), *(drawn[k] if k < len(drawn) else BLANK)))
    return lines


def _places(cells: Iterable[Cell], names: set[str]) -> Marks:
    """The cells of a column's tensors, by map."""
    found: Marks = {}
    for cell in cells:
        if cell.tensor in names and len(cell.index) == 3:
            number, row, column = cell.index
            found.setdefault(number, set()).add((row, column))
    return found


def _glyphs(column: Column, frame: Frame, number: int) -> dict[Place, str]:
    """The corners that a map's winners came from."""
    if not column.winner:
        return {}
    found = {}
    for place in _cells(column):
        value = frame.value(column.winner, number, *place)
        if value is not None:
            found[place] = winner_glyph(int(value), column.window)
    return found


def _cells(column: Column) -> Iterator[Place]:
    _, height, width = column.shape
    return ((r, c) for r in range(height) for c in range(width))


def _moved(places: Iterable[Place], layout: Layout) -> frozenset[Place]:
    """Places measured from the first cell in view."""
    return frozenset((r - layout.top, c - layout.left) for r, c in places)


def _within(index: tuple[int, ...] | None, number: int, layout: Layout) -> Place | None:
    if index is None or index[0] != number:
        return None
    return index[1] - layout.top, index[2] - layout.left


def _subscript(number: int) -> str:
    return str(number + 1).translate(_SUBSCRIPTS)
