"""What a layer that goes through time holds at each time step: its states, its gates, its cell.

Everything is read off the program: a tensor of all time steps knows the tensor of each step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from nntui.engine.layers import Layer
from nntui.engine.layers.recurrent import Recurrent
from nntui.engine.model import Dataset
from nntui.engine.ops.gate import Gate
from nntui.engine.program import Program
from nntui.engine.tensor import Tensor
from nntui.session.column import Bounds, Lane, Row

_BOUNDS: Final[Mapping[str, Bounds]] = {"sigmoid": "share", "tanh": "signed"}
_CELL: Final = "c"


@dataclass(frozen=True)
class Passage:
    """A recurrent layer on its way through time.

    Attributes:
        shape: (time, units).
        rows: its pre-activations where each unit has one, its states, and their gradients.
        lanes: its gates in the order in which they act, and its cell.
        steps: of each tensor of all time steps, the tensor of each.
        blocks: how many blocks of `units` rows its weights have: one for each gate.
    """

    shape: tuple[int, int]
    rows: tuple[Row, ...]
    lanes: tuple[Lane, ...]
    steps: Mapping[str, tuple[str, ...]]
    blocks: int


def passage(program: Program, layer: Layer) -> Passage | None:
    """A layer's way through time; None where it has no state to take along."""
    if not isinstance(layer, Recurrent):
        return None
    steps = {
        name: tensor.steps
        for name, tensor in program.tensors.items()
        if tensor.steps and name.startswith(f"{layer.name}.")
    }
    states = f"{layer.name}.h"
    shape = _shape(program.tensors[states])
    return Passage(
        shape=shape,
        rows=_rows(program, layer.name, shape),
        lanes=_lanes(program, layer, shape, steps),
        steps=steps,
        blocks=len(layer.gates),
    )


def tokens_of(dataset: Dataset) -> tuple[str, ...]:
    """What a time step of the inputs is one of: token ids, or one-hot rows; else empty."""
    if dataset.tokens:
        return dataset.tokens
    x = dataset.train.x
    if x.ndim != 3 or x.shape[-1] < 2 or len(dataset.inputs) != x.shape[-1]:
        return ()
    one_hot = np.isin(x, (0, 1)).all() and (x.sum(axis=-1) == 1).all()
    return dataset.inputs if one_hot else ()


def _rows(program: Program, layer: str, shape: tuple[int, int]) -> tuple[Row, ...]:
    tensors = program.tensors
    z, states = f"{layer}.z", f"{layer}.h"
    has_z = z in tensors and _shape(tensors[z]) == shape
    values = [Row("z", z)] * has_z + [Row("h", states)]
    grown = [row for row in reversed(values) if f"{row.tensor}.grad" in tensors]
    gradients = [Row(f"∂{row.label}", f"{row.tensor}.grad", gradient=True) for row in grown]
    return (*values, *gradients)


def _lanes(
    program: Program, layer: Recurrent, shape: tuple[int, int], steps: Mapping[str, tuple[str, ...]]
) -> tuple[Lane, ...]:
    """The squashed numbers of a layer, as its ops come, that are not its states; then its cell."""
    states = set(steps[f"{layer.name}.h"])
    whole = {step: name for name, parts in steps.items() for step in parts}
    lanes: dict[str, Lane] = {}
    cell = None
    for op in program.ops:
        name = whole.get(op.output, "")
        if op.layer != layer.name or op.phase != "forward" or not name or op.output in states:
            continue
        tensor = program.tensors[name]
        if tensor.symbol == _CELL and _shape(tensor) == shape:
            cell = Lane(_CELL, name, "open")
        gate = op.attributes.get("gate")
        if isinstance(gate, Gate) and tensor.symbol in layer.gates:
            lanes[name] = Lane(tensor.symbol, name, _BOUNDS[gate.function])
    return (*lanes.values(), *([cell] if cell else []))


def _shape(tensor: Tensor) -> tuple[int, int]:
    """(time, units) of a tensor of all time steps."""
    time, units = tensor.public_shape(0)[1:]
    return time, units
