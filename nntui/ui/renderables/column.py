"""A column of neurons, from a frame to lines: boxes, single lines, or a heat tile."""

from __future__ import annotations

from math import isfinite

from rich.cells import cell_len

from nntui.session.column import Column, Row
from nntui.session.frame import Cell, Frame, Network
from nntui.ui.format import percent
from nntui.ui.renderables import rows
from nntui.ui.renderables.casting import Fold, Shape
from nntui.ui.renderables.geometry import Placement
from nntui.ui.renderables.heat import heat_lines
from nntui.ui.renderables.mapcolumn import map_lines
from nntui.ui.renderables.maps import MapShape
from nntui.ui.renderables.neuron import Mark, Picture, Reading, boxed, celled
from nntui.ui.spans import BLANK, Line, cut

PROBABLE = frozenset({"sigmoid", "softmax"})
"""Activations of an output layer that make probabilities."""


TARGET = 8
"""Cells of the target beside a neuron on a single line."""


def shape_of(network: Network, number: int) -> Shape:
    """What a column asks for."""
    column = network.columns[number]
    maps = None
    if column.is_map:
        (channels, height, width), (high, wide) = column.shape, column.window or (0, 0)
        maps = MapShape(channels, height, width, (high, wide) if column.weight else (0, 0))
    extra = 1 if _has_target(network, number) else 0
    return Shape(
        len(column.units),
        len(column.rows) + extra + 2,
        len(rows.paired(column)) + extra + 2,
        min(len(column.rows), 2) + extra + 2,
        max((cell_len(unit) for unit in column.units), default=4),
        TARGET if extra else 0,
        maps,
        hidden=column.reshapes and number < len(network.columns) - 1,
    )


def column_lines(
    network: Network,
    frame: Frame,
    placement: Placement,
    selected: int | None,
    edited: frozenset[Cell] = frozenset(),
    field: frozenset[Cell] = frozenset(),
) -> list[Line]:
    """A column as it stands at its placement, from its first row on; what was edited is marked.

    Args:
        field: where the number that is looked at comes from.
    """
    column = network.columns[placement.column]
    if placement.maps is not None:
        return map_lines(column, frame, placement.maps, selected, edited, field)
    if placement.fold is Fold.HEAT:
        row = rows.single(column, frame)
        values = frame.row(row.tensor) if row else ()
        values = values or (None,) * len(column.units)
        scale = max((abs(v) for v in values if v is not None and isfinite(v)), default=0.0)
        return heat_lines(values, placement.across, scale, cell=placement.cell, selected=selected)
    lines: list[Line] = [BLANK] * placement.height
    for unit, top in enumerate(placement.top):
        picture = _picture(network, frame, placement, unit, unit == selected, edited, field)
        drawn = (
            [celled(picture, placement.width)]
            if placement.fold is Fold.CELL
            else boxed(picture, placement.width)
        )
        lines[top - placement.y : top - placement.y + len(drawn)] = drawn
    return lines


def shortened(title: str, cells: int) -> str:
    """A title in so many cells: `hidden · dense · tanh`, `hidden · tanh`, `hidden`, `hid…`."""
    parts = title.split(" · ")
    while len(parts) > 1 and cell_len(" · ".join(parts)) > cells:
        del parts[1]
    return cut(" · ".join(parts), cells)


def _picture(
    network: Network,
    frame: Frame,
    placement: Placement,
    unit: int,
    selected: bool,
    edited: frozenset[Cell],
    field: frozenset[Cell],
) -> Picture:
    column = network.columns[placement.column]
    groups = _groups(column, frame, placement.fold, unit)
    index = column.index(unit)
    lines = [tuple(_reading(frame, row, index, edited) for row in group) for group in groups]
    below = ""
    target = target_of(network, frame, unit) if _has_target(network, placement.column) else None
    last = placement.column == len(network.columns) - 1
    if target and placement.fold is Fold.CELL:
        lines = [(*line, target) for line in lines]
    elif target:
        lines.insert(sum(1 for group in groups if not group[0].gradient), (target,))
    if last and column.activation in PROBABLE:
        below = percent(frame.value(column.a, *index))
    return Picture(
        column.units[unit], tuple(lines), _mark(column, frame, unit, field), selected, below
    )


def _groups(column: Column, frame: Frame, fold: Fold, unit: int) -> list[rows.Group]:
    if fold is Fold.FULL:
        return rows.full(column, frame, unit)
    if fold is Fold.PAIRED:
        return rows.paired(column)
    if fold is Fold.SHORT:
        return rows.short(column, frame, unit)
    row = rows.single(column, frame)
    return [(row,)] if row else []


def _reading(frame: Frame, row: Row, index: tuple[int, ...], edited: frozenset[Cell]) -> Reading:
    mark: Mark = ""
    if Cell(row.tensor, index) in edited:
        mark = "edited"
    elif frame.is_written(row.tensor, *index):
        mark = "written"
    elif frame.is_read(row.tensor, *index):
        mark = "read"
    stale = frame.is_stale(row.tensor, *index)
    return Reading(row.label, frame.value(row.tensor, *index), mark, row.gradient, stale)


def _mark(column: Column, frame: Frame, unit: int, field: frozenset[Cell]) -> Mark:
    tensors, index = [row.tensor for row in rows.all_rows(column)], column.index(unit)
    if field:
        return "read" if any(Cell(tensor, index) in field for tensor in tensors) else ""
    if any(frame.is_written(tensor, *index) for tensor in tensors):
        return "written"
    feature = column.feature(unit)
    if column.bias and (
        frame.is_written(column.bias, feature) or frame.is_written(f"{column.bias}.grad", feature)
    ):
        return "written"
    return "read" if any(frame.is_read(tensor, *index) for tensor in tensors) else ""


def _has_target(network: Network, number: int) -> bool:
    return bool(network.target) and number == len(network.columns) - 1


def target_of(network: Network, frame: Frame, unit: int) -> Reading:
    """The target of an output neuron; of a class, whether it is this one.

    There is none where the class is −1.
    """
    column, target = network.columns[-1], network.target
    index = column.index(unit)
    at = column.position(unit) if network.classes else index
    value = frame.value(target, *at)
    if network.classes and value is not None:
        value = float(int(value) == column.feature(unit)) if value >= 0 else None
    read = frame.is_read(target, *index) or frame.is_read(target, *at)
    written = frame.is_written(target, *index) or frame.is_written(target, *at)
    return Reading("y", value, "written" if written else "read" if read else "")
