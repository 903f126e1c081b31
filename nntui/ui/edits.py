"""Numbers that can be changed by hand: how they are written, and which of them are at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nntui.session.edit import Edit
from nntui.session.frame import Cell, Frame, ParameterRow
from nntui.ui.format import written
from nntui.ui.renderables.rows import all_rows
from nntui.ui.scene import Scene

MOST_NAMED = 2
"""Changes that are named where several have been made."""


@dataclass(frozen=True)
class Offer:
    """A number that may be changed.

    Attributes:
        line: the command to be completed: `set hidden.weight[0, 1] = `.
        hint: the same with the number as it is.
    """

    line: str
    hint: str


def name_of(cell: Cell) -> str:
    """A number's address as it is written: `hidden.weight[0, 1]`."""
    return cell.tensor + (f"[{', '.join(map(str, cell.index))}]" if cell.index else "")


def cell_of(edit: Edit, frame: Frame) -> Cell:
    """The number that was changed, the sample left out."""
    return Cell(edit.tensor, edit.index[1:] if edit.tensor in frame.batched else edit.index)


def edit_text(edit: Edit, frame: Frame) -> str:
    """An edit as it was written: `hidden.weight[0, 1] = 0.7`, and for which sample of several."""
    several = edit.tensor in frame.batched and frame.samples > 1
    sample = f" in sample {edit.index[0] + 1}" if several else ""
    return f"{name_of(cell_of(edit, frame))} = {written(edit.value)}{sample}"


def stale_text(edits: Sequence[Edit], frame: Frame) -> str:
    """Why a number is stale: `computed before hidden.weight[0, 1] was changed`; or empty."""
    names = list(dict.fromkeys(name_of(cell_of(edit, frame)) for edit in edits))
    if not names:
        return ""
    if len(names) == 1:
        return f"computed before {names[0]} was changed"
    rest = len(names) - MOST_NAMED
    more = f" and {rest} more" if rest > 0 else ""
    joint = ", " if more else " and "
    return f"computed before {joint.join(names[:MOST_NAMED])}{more} were changed"


def value_of(frame: Frame, cell: Cell) -> float | None:
    """A number as it is; None where there is none, or it is not known."""
    if cell.tensor in frame.rates and not cell.index:
        return frame.rates[cell.tensor]
    try:
        return frame.value(cell.tensor, *cell.index)
    except (IndexError, ValueError, TypeError):
        return None


def offers(scene: Scene, row: ParameterRow | None, verb: str = "set") -> list[Offer]:
    """The numbers one may want to change: that which the op has made comes first.

    Args:
        row: the one chosen among the parameters; None for those of the neuron.
        verb: the command to be completed.
    """
    frame = scene.frame
    cells = of_row(row) if row else of_neuron(scene)
    made = frame.op.output if frame.op else ""
    first = [cell for cell in cells if cell.tensor == made]
    known = [
        cell for cell in (*first, *cells, *rates_of(frame)) if value_of(frame, cell) is not None
    ]
    return [_offer(cell, frame, verb) for cell in dict.fromkeys(known)]


def rates_of(frame: Frame) -> list[Cell]:
    """The learning rates."""
    return [Cell(name, ()) for name in frame.rates]


def of_row(row: ParameterRow) -> list[Cell]:
    """A parameter, its gradient, and the optimizer's moments for it."""
    tensor, index = row.cell.tensor, row.cell.index
    return [row.cell, *(Cell(f"{tensor}.{name}", index) for name in ("grad", *row.moments))]


def of_neuron(scene: Scene) -> list[Cell]:
    """A neuron's weights and bias, its own numbers, and what the optimizer keeps.

    At a time step its own numbers come first, with its gates there: the weights are those of all.
    """
    neuron = scene.neuron
    column = scene.network.columns[neuron.column]
    kept = [cell for row in scene.incoming for cell in of_row(row)]
    tensors = [row.tensor for row in all_rows(column)] + [lane.tensor for lane in column.lanes]
    own = [Cell(*column.place(tensor, neuron.unit)) for tensor in tensors]
    weights = [row.cell for row in scene.incoming]
    return [*own, *weights, *kept] if column.time else [*weights, *own, *kept]


def _offer(cell: Cell, frame: Frame, verb: str) -> Offer:
    line, value = f"{verb} {name_of(cell)} = ", value_of(frame, cell)
    return Offer(line, line if value is None else line + written(value))
