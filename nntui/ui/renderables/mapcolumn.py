"""A layer of images, from a frame to lines: a map for each channel, its kernel beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from nntui.session.column import Column
from nntui.session.frame import Cell, Frame
from nntui.session.grid import Place
from nntui.session.numbers import subscript
from nntui.ui.format import power
from nntui.ui.renderables import rows
from nntui.ui.renderables.maps import Layout
from nntui.ui.renderables.tile import Scale, Tile, tile_lines
from nntui.ui.spans import BLANK, Line, fit, pad

CORNERS: Final = "◤◥◣◢"
"""Where in a window of 2 × 2 the winner lay."""

SIDES: Final = "↖↑↗←•→↙↓↘"
"""The same in a larger one, roughly."""

Marks = Mapping[int, frozenset[Place]]
"""Places by the number of the map they are on."""

_NOWHERE: Final[frozenset[Place]] = frozenset()


@dataclass(frozen=True)
class Maps:
    """A tensor of a layer of images as maps.

    Attributes:
        values: all its numbers, in order; None where not computed yet.
        winners: where in its window each number lay, in the same order; empty where it has none.
        chosen: the index of the neuron the cursor is on.
    """

    column: Column
    values: tuple[float | None, ...]
    largest: float
    winners: tuple[float | None, ...] = ()
    outlined: Marks = field(default_factory=dict)
    now: Marks = field(default_factory=dict)
    written: Marks = field(default_factory=dict)
    edited: Marks = field(default_factory=dict)
    stale: Marks = field(default_factory=dict)
    chosen: tuple[int, ...] | None = None

    def tile(self, number: int) -> Tile:
        """One of the maps."""
        _, height, width = self.column.shape
        start = number * height * width
        found = self.winners[start : start + height * width]
        glyphs = {
            divmod(k, width): winner_glyph(int(winner), self.column.window)
            for k, winner in enumerate(found)
            if winner is not None
        }
        chosen = self.chosen
        return Tile(
            [self.values[start + r * width :][:width] for r in range(height)],
            self.largest,
            outlined=self.outlined.get(number, _NOWHERE),
            now=self.now.get(number, _NOWHERE),
            written=self.written.get(number, _NOWHERE),
            edited=self.edited.get(number, _NOWHERE),
            stale=self.stale.get(number, _NOWHERE),
            chosen=(chosen[1], chosen[2]) if chosen and chosen[0] == number else None,
            glyphs=glyphs,
        )

    def is_used(self, number: int) -> bool:
        """Whether the current op reads or has written a number of a map."""
        return number in self.written or number in self.outlined


def maps_of(
    column: Column,
    frame: Frame,
    tensor: str,
    selected: int | None = None,
    edited: frozenset[Cell] = frozenset(),
    field: frozenset[Cell] = frozenset(),
    names: frozenset[str] = frozenset(),
) -> Maps:
    """The maps of one of a column's tensors.

    Args:
        selected: the neuron that is chosen.
        edited: what was changed by hand.
        field: where the number that is looked at comes from.
        names: the tensors whose cells are marked; all of the column's where none are given.
    """
    names = names or frozenset({row.tensor for row in rows.all_rows(column)} | {column.winner})
    return Maps(
        column,
        frame.row(tensor) or (None,) * len(column.units),
        frame.scale(tensor),
        frame.row(column.winner) if column.winner and not tensor.endswith(".grad") else (),
        outlined=_places(field or frame.reads, names),
        now=_places(frame.now, names),
        written=_places(frame.writes, names),
        edited=_places(edited, frozenset((tensor,))),
        stale=_places(stale_cells(column, frame, tensor), frozenset((tensor,))),
        chosen=None if selected is None else column.index(selected),
    )


def stale_cells(column: Column, frame: Frame, tensor: str) -> list[Cell]:
    """The cells of a column's tensor that a change by hand has left behind."""
    if tensor not in frame.stale:
        return []
    indices = map(column.index, range(len(column.units)))
    return [Cell(tensor, index) for index in indices if frame.is_stale(tensor, *index)]


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
    maps = maps_of(column, frame, row.tensor if row else "", selected, edited, field)
    height, width = layout.size
    lines: list[Line] = [BLANK] * height
    for number, line, cell in layout.shown():
        for k, part in enumerate(_block(maps, frame, layout, number), line):
            lines[k] = (*pad(lines[k], cell), *part)
    return [pad(line, width) if line else BLANK for line in lines]


def winner_glyph(number: int, window: tuple[int, ...]) -> str:
    """Where the winner with a number lay in its window."""
    if window == (2, 2):
        return CORNERS[number]
    down, across = (
        1 if size < 2 else round(2 * at / (size - 1))
        for at, size in zip(divmod(number, window[1]), window, strict=True)
    )
    return SIDES[3 * down + across]


def kernel_tile(column: Column, frame: Frame, tensor: str, number: int, channel: int) -> Tile:
    """The kernel of a filter for a channel: weights, or their gradients."""
    height, width = column.window
    values = [
        [frame.value(tensor, number, channel, r, c) for c in range(width)] for r in range(height)
    ]

    def here(cells: Iterable[Cell]) -> frozenset[Place]:
        return frozenset(
            (cell.index[2], cell.index[3])
            for cell in cells
            if cell.tensor == tensor and cell.index[:2] == (number, channel)
        )

    return Tile(values, frame.scale(tensor), now=here(frame.now), written=here(frame.writes))


def channel_of(column: Column, frame: Frame) -> int:
    """The channel whose kernels are shown: of the weights that are being worked on, or the first.

    Counted from 0.
    """
    names = (column.weight, f"{column.weight}.grad")
    for cells in (frame.now, frame.writes, frame.reads):
        found = [cell.index[1] for cell in cells if cell.tensor in names and len(cell.index) == 4]
        if found:
            return min(found)
    return 0


def _block(maps: Maps, frame: Frame, layout: Layout, number: int) -> list[Line]:
    """A map with the line above it, and its kernel on its left."""
    tile = maps.tile(number).part(layout.top, layout.left, layout.rows, layout.columns)
    drawn = tile_lines(tile, layout.scale)
    if not layout.shape.is_labelled:
        return drawn
    style = "accent" if maps.is_used(number) else "dim"
    if not layout.kernels:
        return [((str(number + 1), style),), *drawn]
    column = maps.column
    gradient = f"{column.weight}.grad"
    backward = frame.op is not None and frame.op.output == gradient
    shows, word = (gradient, "∂w") if backward else (column.weight, "w")
    channel = channel_of(column, frame)
    tile = kernel_tile(column, frame, shows, number, channel)
    kernel, before = tile_lines(tile, layout.scale), layout.before_map
    which = (number, channel) if column.channels > 1 else (number,)
    small = power(tile.exponent) if layout.scale is Scale.NUMBERS else ""
    label = fit(subscript(word, which) + small, before)
    lines: list[Line] = [((label, "backward" if backward else style), (str(number + 1), style))]
    for k in range(max(len(drawn), len(kernel))):
        left = kernel[k] if k < len(kernel) else BLANK
        lines.append((*pad(left, before), *(drawn[k] if k < len(drawn) else BLANK)))
    return lines


def _places(cells: Iterable[Cell], names: frozenset[str]) -> Marks:
    """The cells of a column's tensors, by map."""
    found: dict[int, set[Place]] = {}
    for cell in cells:
        if cell.tensor in names and len(cell.index) == 3:
            number, row, column = cell.index
            found.setdefault(number, set()).add((row, column))
    return {number: frozenset(places) for number, places in found.items()}
