"""A column of neurons, from a frame to lines: boxes, single lines, or a heat tile."""

from __future__ import annotations

from math import isfinite

from rich.cells import cell_len

from nntui.session.frame import Column, Frame, Network, Row
from nntui.ui.format import percent
from nntui.ui.renderables.geometry import Fold, Placement, Shape
from nntui.ui.renderables.heat import heat_lines
from nntui.ui.renderables.neuron import Mark, Picture, Reading, boxed, celled
from nntui.ui.spans import BLANK, Line, cut

PROBABLE = frozenset({"sigmoid", "softmax"})
"""Activations of an output layer that make probabilities."""


TARGET = 8
"""Cells of the target beside a neuron on a single line."""


def shape_of(network: Network, number: int) -> Shape:
    """What a column asks for."""
    column = network.columns[number]
    extra = 1 if _has_target(network, number) else 0
    return Shape(
        len(column.units),
        len(column.rows) + extra + 2,
        len(paired(column)) + extra + 2,
        min(len(column.rows), 2) + extra + 2,
        max((cell_len(unit) for unit in column.units), default=4),
        TARGET if extra else 0,
    )


def paired(column: Column) -> list[tuple[Row, ...]]:
    """Rows with a number and its gradient side by side."""
    gradients = {row.tensor: row for row in column.rows if row.gradient}
    out: list[tuple[Row, ...]] = []
    for row in column.rows:
        if not row.gradient:
            partner = gradients.pop(f"{row.tensor}.grad", None)
            out.append((row, partner) if partner else (row,))
    return out + [(row,) for row in gradients.values()]


def newest(column: Column, frame: Frame) -> list[tuple[Row, ...]]:
    """The newest number and the newest gradient."""
    out: list[tuple[Row, ...]] = []
    written = frame.op.output if frame.op else ""
    for gradient in (False, True):
        rows = [row for row in column.rows if row.gradient is gradient]
        known = [row for row in rows if frame.value(row.tensor, 0) is not None]
        chosen = [row for row in rows if row.tensor == written] or known[-1:] or rows[:1]
        out += [(row,) for row in chosen]
    return out


def shown_row(column: Column, frame: Frame) -> Row | None:
    """The one row that a line or a tile shows: what the op writes, else the newest known."""
    written = frame.op.output if frame.op else ""
    for row in column.rows:
        if row.tensor == written:
            return row
    backward = frame.op is not None and frame.op.phase in ("backward", "update")
    known = [row for row in column.rows if frame.value(row.tensor, 0) is not None]
    if backward:
        gradients = [row for row in known if row.gradient]
        if gradients:
            return gradients[-1]
    values = [row for row in known if not row.gradient]
    if values:
        return values[-1]
    return next((row for row in reversed(column.rows) if not row.gradient), None)


def column_lines(
    network: Network, frame: Frame, placement: Placement, selected: int | None
) -> list[Line]:
    """A column as it stands at its placement, from its first row on."""
    column = network.columns[placement.column]
    if placement.fold is Fold.HEAT:
        row = shown_row(column, frame)
        values = frame.row(row.tensor) if row else ()
        values = values or (None,) * len(column.units)
        scale = max((abs(v) for v in values if v is not None and isfinite(v)), default=0.0)
        return heat_lines(values, placement.across, scale, cell=placement.cell, selected=selected)
    lines: list[Line] = [BLANK] * placement.height
    single = shown_row(column, frame) if placement.fold is Fold.CELL else None
    for unit, top in enumerate(placement.top):
        picture = _picture(network, frame, placement, unit, unit == selected, single)
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
    single: Row | None,
) -> Picture:
    column = network.columns[placement.column]
    if placement.fold is Fold.CELL:
        groups: list[tuple[Row, ...]] = [(single,)] if single else []
    elif placement.fold is Fold.PAIRED:
        groups = paired(column)
    elif placement.fold is Fold.SHORT:
        groups = newest(column, frame)
    else:
        groups = [(row,) for row in column.rows]
    rows = [tuple(_reading(frame, row, unit) for row in group) for group in groups]
    below = ""
    target = _target(network, frame, unit) if _has_target(network, placement.column) else None
    last = placement.column == len(network.columns) - 1
    if target and placement.fold is Fold.CELL:
        rows = [(*row, target) for row in rows]
    elif target:
        rows.insert(sum(1 for group in groups if not group[0].gradient), (target,))
    if last and column.activation in PROBABLE:
        below = percent(frame.value(column.a, unit))
    return Picture(column.units[unit], tuple(rows), _mark(column, frame, unit), selected, below)


def _reading(frame: Frame, row: Row, unit: int) -> Reading:
    mark: Mark = ""
    if frame.is_written(row.tensor, unit):
        mark = "written"
    elif frame.is_read(row.tensor, unit):
        mark = "read"
    return Reading(row.label, frame.value(row.tensor, unit), mark, row.gradient)


def _mark(column: Column, frame: Frame, unit: int) -> Mark:
    tensors = [row.tensor for row in column.rows]
    if any(frame.is_written(tensor, unit) for tensor in tensors):
        return "written"
    if column.bias and (
        frame.is_written(column.bias, unit) or frame.is_written(f"{column.bias}.grad", unit)
    ):
        return "written"
    return "read" if any(frame.is_read(tensor, unit) for tensor in tensors) else ""


def _has_target(network: Network, number: int) -> bool:
    return bool(network.target) and number == len(network.columns) - 1


def _target(network: Network, frame: Frame, unit: int) -> Reading:
    """The target of an output neuron; of a class, whether it is this one."""
    if network.classes:
        right = frame.value(network.target)
        value = None if right is None else float(int(right) == unit)
    else:
        value = frame.value(network.target, unit)
    read = frame.is_read(network.target, unit) or frame.is_read(network.target)
    written = frame.is_written(network.target, unit) or frame.is_written(network.target)
    return Reading("y", value, "written" if written else "read" if read else "")
