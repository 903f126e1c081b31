"""How a film strip is laid out: which bands there are, how high, and how wide a time step is.

Time steps are columns, aligned all the way down. Bands stand below each other: the inputs, of every
layer its states, of one its gates, what comes back to the states and how long that is, and what the
network says against what it should. What does not fit is left out, the least important first; where
gates and gradients do not fit together, they take turns in the forward and the backward pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rich.cells import cell_len

from nntui.session.column import Column
from nntui.session.frame import Network
from nntui.ui.format import BRIEF
from nntui.ui.renderables.band import EXTRA, Band
from nntui.ui.renderables.maps import page_of
from nntui.ui.renderables.stream import stream_bands

NUMBERS: Final = BRIEF + 1
"""Cells of a time step from which on it has numbers."""

WIDEST: Final = 9
"""Cells of a time step at most, the room between two included."""

NAME: Final = 8
"""Cells of a layer's name."""

_DENSE: Final = 2
"""Cells of a time step up to which there is no room between two."""


@dataclass(frozen=True)
class Film:
    """A film strip's layout.

    Attributes:
        gutter: cells of the labels on the left.
        room: cells beside them.
        wide: cells of a time step, the room between two included.
        time: how many time steps there are.
        shown: how many there is room for.
        first: the first one in view, from 0.
        bands: from the top.
    """

    gutter: int
    room: int
    wide: int
    time: int
    shown: int
    first: int
    bands: tuple[Band, ...]

    @property
    def inner(self) -> int:
        """Cells of a time step, without the room between two."""
        return _inner(self.wide)

    @property
    def steps(self) -> range:
        """The time steps in view, from 0."""
        return range(self.first, min(self.first + self.shown, self.time))

    def at(self, y: int) -> tuple[Band, int] | None:
        """The band at a line, and the line within it."""
        for band in self.bands:
            if y < band.lines:
                return band, y
            y -= band.lines
        return None


def film(
    network: Network, cells: int, rows: int, *, gated: int, backward: bool, now: int, bare: bool
) -> Film:
    """The layout in `cells` × `rows`.

    Args:
        gated: the column whose gates are shown.
        backward: whether the step is on its way back.
        now: the time step to have in view, from 1; 0 for none.
        bare: whether colours and half-blocks do not come through.
    """
    time = max(column.time for column in network.columns)
    every = list(stream_bands(network, gated) if network.has_stream else _bands(network, gated))
    gutter, wide = _widths(network, every, cells, time, named=True)
    if wide < NUMBERS:
        gutter, wide = _widths(network, every, cells, time, named=False)
    every = [replace(band, room=_inner(wide)) for band in every]
    room = max(cells - gutter, 1)
    shown = min(room // wide, time)
    bands = _chosen(every, rows, backward=backward, bare=bare)
    first = page_of(max(now - 1, 0), shown, time)
    return Film(gutter, room, wide, time, shown, first, tuple(bands))


def gated_column(network: Network, focus: int) -> int:
    """The column whose gates are shown: the one in focus, or a recurrent one next to it."""
    recurrent = [k for k, column in enumerate(network.columns) if column.steps]
    return min(recurrent, key=lambda k: (abs(k - focus), k > focus), default=focus)


def _widths(
    network: Network, bands: Sequence[Band], cells: int, time: int, *, named: bool
) -> tuple[int, int]:
    """Cells of the labels and of a time step: names are cut where that makes time steps wider.

    The names of parts are not: without them one would not know what a band is.

    Args:
        named: whether each unit's name stands before its numbers.
    """
    most = max(cells // 4, 4)
    shortest = NAME if any(band.beside for band in bands) else NAME // 2
    whole, least = (
        min(max(_label(network, band, longest, named=named) for band in bands) + 1, most)
        for longest in (NAME, shortest)
    )
    wide = min((cells - least) // time, WIDEST)
    if not wide:
        return least, min(2, max(cells - least, 1))
    return (whole if (cells - whole) // time >= wide else cells - wide * time), wide


def _inner(wide: int) -> int:
    """Cells of a time step, without the room between two."""
    return wide - (wide > _DENSE)


def _label(network: Network, band: Band, longest: int, *, named: bool) -> int:
    """Cells of its widest label, a layer's name in at most so many."""
    name = min(cell_len(network.columns[band.column].short), longest) + 1
    labels = (band.label, *band.names) if named and band.units > 1 else (band.label,)
    inner = max((cell_len(each) for each in labels), default=0)
    return inner + (name if band.is_named else 0) + band.beside


def _bands(network: Network, gated: int) -> Iterator[Band]:
    """All there is to show, from the top."""
    yield Band("axis", label="time")
    last = len(network.columns) - 1
    for k, column in enumerate(network.columns):
        if not column.time:
            continue
        if k == 0:
            yield _inputs(column)
        elif k == last:
            yield from _answers(network, k)
        else:
            yield from _states(column, k, abs(k - gated))
        if k == gated:
            yield from _lanes(column, k)
        if k and k < last:
            yield from _returns(column, k, abs(k - gated))
    if network.columns[last].time:
        yield from _returns(network.columns[last], last, EXTRA)
    for k, column in enumerate(network.columns):
        if not column.time and not (column.reshapes and k < last):
            yield Band("head", k, column.a, _value(column), rank=15)
            if network.target and k == last:
                yield Band("goal", k, network.target, "y", rank=25)


def _value(column: Column) -> str:
    return next((row.label for row in column.rows if row.tensor == column.a), "a")


def _inputs(column: Column) -> Band:
    if column.tokens or not column.names:
        return Band("tokens", 0, column.a, "x", rank=30)
    return Band("rows", 0, column.a, "x", column.names, rank=30, units=len(column.names))


def _answers(network: Network, k: int) -> Iterator[Band]:
    """What the network says at each time step, and what it should."""
    column, count = network.columns[k], len(network.columns[k].names)
    if network.classes and network.chances:
        yield Band("rows", k, column.a, _value(column), column.names, rank=EXTRA, units=count)
        yield Band("guess", k, network.chances, "ŷ", rank=20)
        yield Band("target", k, network.target, "y", rank=25)
        return
    yield Band("rows", k, column.a, "ŷ", column.names, rank=20, units=count)
    if network.target:
        yield Band("truth", k, network.target, "y", rank=25, units=count)


def _states(column: Column, k: int, far: int) -> Iterator[Band]:
    yield Band(
        "rows", k, column.a, _value(column), column.names, rank=10 + far, units=len(column.names)
    )


def _lanes(column: Column, k: int) -> Iterator[Band]:
    """Gates; of what does not fit, the cell and the gates that act on it last."""
    for number, lane in enumerate(column.lanes):
        rank = 60 if lane.bounds == "open" else 61 + number
        yield Band("lane", k, lane.tensor, lane.label, rank=rank, phase="forward")


def _returns(column: Column, k: int, far: int) -> Iterator[Band]:
    """What comes back to a layer, and of a recurrent one how long that is."""
    gradient = f"{column.a}.grad"
    label, count = f"∂{_value(column)}", len(column.names)
    names = tuple(f"∂{name}" for name in column.names) if column.steps else ()
    rank = 40 + far
    yield Band("rows", k, gradient, label, names, rank=rank, phase="backward", units=count)
    if column.steps:
        yield Band("length", k, gradient, f"‖{label}‖", rank=rank + 10, phase="backward")


def _chosen(bands: Sequence[Band], rows: int, *, backward: bool, bare: bool) -> list[Band]:
    """The bands that there is room for, as high as they can be."""
    least = [replace(band, lines=band.sizes(bare=bare)[0]) for band in bands if band.rank < EXTRA]
    if _height(least) > rows:
        other = "forward" if backward else "backward"
        least = [band for band in least if band.phase != other]
    while len(least) > 1 and _height(least) > rows:
        least.remove(max(least, key=lambda band: band.rank))
    kept = {(band.kind, band.tensor): band for band in least}
    for key, band in sorted(kept.items(), key=lambda item: item[1].rank):
        spare = rows - _height(list(kept.values()))
        fitting = [size for size in band.sizes(bare=bare) if size <= band.lines + spare]
        kept[key] = replace(band, lines=max(fitting, default=band.lines))
    for band in bands:
        spare = rows - _height(list(kept.values()))
        fitting = [size for size in band.sizes(bare=bare) if size <= spare]
        if band.rank >= EXTRA and fitting and replace(band, lines=fitting[-1]).is_whole(bare=bare):
            kept[band.kind, band.tensor] = replace(band, lines=fitting[-1])
    keys = [(band.kind, band.tensor) for band in bands]
    return [kept[key] for key in dict.fromkeys(keys) if key in kept]


def _height(bands: Sequence[Band]) -> int:
    return sum(band.lines for band in bands)
