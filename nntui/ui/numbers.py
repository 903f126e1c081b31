"""Which numbers one may mean by "this one", as expressions: those around the cursor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nntui.session.frame import Cell, Frame, ParameterRow
from nntui.ui.renderables.rows import all_rows
from nntui.ui.scene import Scene


@dataclass(frozen=True)
class Numbers:
    """Expressions, and which of them is meant first."""

    texts: tuple[str, ...]
    at: int = 0


def expression(cell: Cell, frame: Frame) -> str:
    """A cell as it is written in an expression: of the shown sample, where there is a batch."""
    index = frame.place(cell.tensor, *cell.index)
    return cell.tensor + (f"[{', '.join(map(str, index))}]" if index else "")


def around(scene: Scene) -> Numbers:
    """The neuron's numbers, its weights, and the loss; first what the current op made of them."""
    frame, neuron = scene.frame, scene.neuron
    column = scene.network.columns[neuron.column]
    own = [Cell(row.tensor, column.index(neuron.unit)) for row in all_rows(column)]
    cells = own + [row.cell for row in scene.incoming]
    beside = [cell for row in scene.incoming for cell in _beside(row)]
    known = [cell for cell in own if frame.value(cell.tensor, *cell.index) is not None]
    made = frame.op.output if frame.op else ""
    first = [*_written(frame), *(cell for cell in (*cells, *beside) if cell.tensor == made)]
    first += [*known[::-1], *cells]
    texts = [expression(cell, frame) for cell in (*cells, first[0], *beside)]
    return _ordered([*texts, "loss"], expression(first[0], frame))


def listed(rows: Sequence[ParameterRow], at: int, frame: Frame) -> Numbers:
    """All numbers of some rows of parameters: values, gradients, moments; first a row's value."""
    texts = [expression(cell, frame) for row in rows for cell in (row.cell, *_beside(row))]
    return _ordered(texts, expression(rows[at].cell, frame))


def watched(frame: Frame, chosen: int) -> Numbers:
    """The loss, and what is watched; first the chosen watch, from 1, or the loss for 0."""
    texts = ("loss", *(row.text for row in frame.watches))
    return _ordered(texts, texts[chosen])


def _ordered(texts: Sequence[str], first: str) -> Numbers:
    unique = tuple(dict.fromkeys(texts))
    return Numbers(unique, unique.index(first))


def _beside(row: ParameterRow) -> Iterator[Cell]:
    """The gradient and the moments of a row, as far as they are there."""
    for name in (*(["grad"] if row.gradient is not None else []), *row.moments):
        yield Cell(f"{row.cell.tensor}.{name}", row.cell.index)


def _written(frame: Frame) -> list[Cell]:
    """The one cell that the current element, or op, wrote."""
    if len(frame.writes) == 1:
        return list(frame.writes)
    if frame.op is not None and not frame.op.shape:
        return [Cell(frame.op.output, ())]
    return []
