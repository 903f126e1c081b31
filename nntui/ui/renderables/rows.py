"""Which numbers of a neuron are shown, and where, for each way to draw it."""

from __future__ import annotations

from nntui.session.column import Column, Row
from nntui.session.frame import Frame

Group = tuple[Row, ...]
"""Rows that stand side by side on a line."""


def all_rows(column: Column) -> tuple[Row, ...]:
    """A column's rows with the gradient of its activation, which comes back first, among them."""
    if column.activation == "linear" or any(
        row.tensor == f"{column.a}.grad" for row in column.rows
    ):
        return column.rows
    at = next((k for k, row in enumerate(column.rows) if row.gradient), len(column.rows))
    label = next((row.label for row in column.rows if row.tensor == column.a), "a")
    extra = Row(f"∂{label}", f"{column.a}.grad", gradient=True)
    return (*column.rows[:at], extra, *column.rows[at:])


def full(column: Column, frame: Frame, unit: int) -> list[Group]:
    """A line for each of the column's rows; where there is one gradient, the newest is shown."""
    rows = column.rows
    if sum(row.gradient for row in rows) == 1:
        rows = tuple(_newest(column, frame, unit, True) if row.gradient else row for row in rows)
    return [(row,) for row in rows]


def paired(column: Column) -> list[Group]:
    """Numbers with their gradients side by side."""
    rows = all_rows(column)
    gradients = {row.tensor: row for row in rows if row.gradient}
    out: list[Group] = []
    for row in rows:
        if not row.gradient:
            partner = gradients.pop(f"{row.tensor}.grad", None)
            out.append((row, partner) if partner else (row,))
    return out + [(row,) for row in gradients.values()]


def short(column: Column, frame: Frame, unit: int) -> list[Group]:
    """The newest number and the newest gradient."""
    kinds = dict.fromkeys(row.gradient for row in column.rows)
    return [(_newest(column, frame, unit, gradient),) for gradient in kinds]


def single(column: Column, frame: Frame) -> Row | None:
    """The one row that a line or a tile shows: what the op writes, else the newest known."""
    written = _written(column, frame)
    if written is not None:
        return written
    known = [row for row in column.rows if frame.value(row.tensor, *column.index(0)) is not None]
    backward = frame.op is not None and frame.op.phase in ("backward", "update")
    gradients = [row for row in known if row.gradient]
    values = [row for row in known if not row.gradient]
    if backward and gradients:
        return gradients[-1]
    if values:
        return values[-1]
    return next((row for row in reversed(column.rows) if not row.gradient), None)


def _newest(column: Column, frame: Frame, unit: int, gradient: bool) -> Row:
    """The row of a kind that was computed last; the column's own where none has been."""
    rows = [row for row in all_rows(column) if row.gradient is gradient]
    known = [row for row in rows if frame.value(row.tensor, *column.index(unit)) is not None]
    written = _written(column, frame)
    if written is not None and written.gradient is gradient and (written in known or not known):
        return written
    own = [row for row in column.rows if row.gradient is gradient]
    return known[-1] if known else own[-1 if gradient else 0]


def _written(column: Column, frame: Frame) -> Row | None:
    """The row whose tensor the current op makes."""
    made = frame.op.output if frame.op else ""
    return next((row for row in all_rows(column) if row.tensor == made), None)
