"""A layer after the last time step, on a line: its neurons side by side."""

from __future__ import annotations

from rich.cells import cell_len

from nntui.session.column import Column
from nntui.session.frame import Cell, Frame, Network
from nntui.ui.format import percent, signed
from nntui.ui.renderables import rows
from nntui.ui.renderables.column import PROBABLE, target_of
from nntui.ui.renderables.heat import heat_style
from nntui.ui.renderables.maps import page_of
from nntui.ui.renderables.neuron import MARKS, NUMBER
from nntui.ui.spans import Line, Span, cut, fit, pad, sign_style

NAME = 16
"""Cells of a neuron's name at most."""


def head_line(
    column: Column,
    frame: Frame,
    selected: int | None,
    gutter: int,
    cells: int,
    edited: frozenset[Cell] = frozenset(),
) -> Line:
    """The newest number of each neuron, with names where there is room, else as a row of colours.

    Args:
        gutter: cells of the label on the left.
        cells: cells beside it.
    """
    row = rows.single(column, frame)
    label = _label(
        column.name, row.label if row else "", gutter, gradient=bool(row and row.gradient)
    )
    if row is None:
        return label
    shown, size = _room(column, selected, cells)
    spans: list[Span] = []
    if not size:
        scale = frame.scale(row.tensor)
        values = frame.row(row.tensor) or (None,) * len(column.units)
        for unit in range(len(column.units))[:cells]:
            style = "strong" if unit == selected else f"heat-{heat_style(values[unit], scale)}"
            spans.append(("█" if values[unit] is not None else "·", style))
        return (*label, *spans)
    for unit in shown:
        index = column.index(unit)
        value = frame.value(row.tensor, *index)
        spans.append(_mark(frame, row.tensor, index, edited))
        name = fit(cut(column.units[unit], size - NUMBER - 4), size - NUMBER - 4)
        spans.append((name, "strong bold reverse" if unit == selected else "dim"))
        spans += [(" ", "text"), (signed(value, NUMBER), sign_style(value)), ("  ", "text")]
    if len(column.units) == 1 and column.activation in PROBABLE and row.tensor == column.a:
        spans.append((percent(frame.value(column.a, 0)), "text bold"))
    return (*label, *spans)


def goal_line(network: Network, frame: Frame, gutter: int, cells: int) -> Line:
    """What the last layer's neurons should be, each below its number."""
    column = network.columns[-1]
    shown, size = _room(column, None, cells)
    spans: list[Span] = []
    for unit in shown if size else ():
        value = target_of(network, frame, unit).value
        blank = " " * (size - NUMBER - 2)
        spans += [(blank, "text"), (signed(value, NUMBER), sign_style(value)), ("  ", "text")]
    return (*_label("", "y", gutter, gradient=False), *spans)


def _room(column: Column, selected: int | None, cells: int) -> tuple[range, int]:
    """The neurons in view, and the cells of each; 0 where there is no room for numbers."""
    count = len(column.units)
    name = min(max(cell_len(unit) for unit in column.units), NAME)
    size = name + NUMBER + 4
    across = cells // size
    if count <= across:
        return range(count), size
    if count <= cells or not across:
        return range(count), 0
    first = page_of(selected or 0, across, count)
    return range(first, min(first + across, count)), size


def _label(name: str, text: str, gutter: int, *, gradient: bool) -> Line:
    room = max(gutter - 2 - len(text), 0)
    left: Span = (fit(cut(name, room), room), "dim")
    return pad((left, (f" {text} ", "backward" if gradient else "text")), gutter)


def _mark(frame: Frame, tensor: str, index: tuple[int, ...], edited: frozenset[Cell]) -> Span:
    if Cell(tensor, index) in edited:
        return (MARKS["edited"], "error bold")
    if frame.is_written(tensor, *index):
        return (MARKS["written"], "accent bold")
    return (MARKS["read"] if frame.is_read(tensor, *index) else " ", "accent")
