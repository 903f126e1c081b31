"""What a film strip shows at a moment, and how a line of it is put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nntui.session.frame import Cell, Frame, Network
from nntui.ui.renderables.band import Band
from nntui.ui.renderables.film import NAME, Film
from nntui.ui.renderables.tile import merged
from nntui.ui.spans import Line, Span, cut, fit, pad


@dataclass(frozen=True, eq=False)
class Moment:
    """What a film strip shows.

    Attributes:
        now: the time step that is being worked on, from 1; 0 for none.
        column, unit: the neuron that is looked at.
        chosen: whether the user chose it.
        edited: what was changed by hand.
        origins: where the neuron's number comes from; empty where that is not asked for.
        at: the column that the current op works on; -1 for none.
        bare: whether colours and half-blocks do not come through.
    """

    network: Network
    frame: Frame
    film: Film
    now: int
    column: int
    unit: int
    chosen: bool
    edited: frozenset[Cell] = frozenset()
    origins: frozenset[Cell] = frozenset()
    at: int = -1
    bare: bool = False

    def values(self, tensor: str, count: int) -> tuple[float | None, ...]:
        """All numbers of a tensor, `count` for each time step, those of a step together."""
        return self.frame.row(tensor) or (None,) * (self.film.time * count)

    def unit_of(self, number: int) -> int:
        """Which unit of a column is looked at, where there is room for one only."""
        columns = self.network.columns
        if self.column == number or not self.chosen:
            return min(columns[self.column].feature(self.unit), len(columns[number].names) - 1)
        return 0


def line_of(moment: Moment, label: Line, cells: Iterable[Line]) -> Line:
    """A label and a cell for each time step in view, all in their places."""
    steps = steps_of(moment, cells)
    return merged([span for span in (*pad(label, moment.film.gutter), *steps) if span[0]])


def steps_of(moment: Moment, cells: Iterable[Line]) -> Line:
    """A cell for each time step in view, all in their places."""
    out: list[Span] = []
    for cell in cells:
        out += pad(cell, moment.film.wide)
    return merged([span for span in out if span[0]])


def label_of(moment: Moment, band: Band, text: str, *, named: bool = False) -> Line:
    """What stands before a line: the layer's name where it is `named`, and what the line is."""
    style = "backward" if band.gradient else "text"
    room = max(moment.film.gutter - 1, 0)
    if not band.is_named:
        return ((cut(text, room).rjust(room), style),)
    name = moment.network.columns[band.column].short if named else ""
    room = max(room - 1 - len(text), 0)
    return ((fit(cut(name, min(room, NAME)), room), "dim"), (f" {text}", style))
