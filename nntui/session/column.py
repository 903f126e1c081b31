"""`Column`: a layer as a column of neurons, and what each neuron shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

Bounds = Literal["share", "signed", "open"]
"""What numbers lie between: 0 … 1, −1 … 1, or nothing."""

_STEP: Final = re.compile(r"(?:^|\.)t(\d+)(?:\.|$)")


@dataclass(frozen=True)
class Row:
    """A line in a neuron: its label ("z", "a", "∂z") and the tensor it shows."""

    label: str
    tensor: str
    gradient: bool = False


@dataclass(frozen=True)
class Lane:
    """A strip of numbers beside a layer's states, (time, units): a gate, or the cell."""

    label: str
    tensor: str
    bounds: Bounds


@dataclass(frozen=True)
class Column:
    """A layer as a column of neurons.

    Attributes:
        name: the layer's name; "input" for the data.
        title: `hidden · dense · sigmoid`.
        type: the layer's type; "input" for the data.
        units: a name for each neuron, cleaned, unique in the column.
        rows: what each neuron shows.
        edges: how it hangs on the column before: "all" (every neuron on every neuron, through
            `weight`, of shape (units, incoming units)), "one" (neuron to neuron), or "none".
        weight: the tensor of the edges' weights; empty where edges have none.
        bias: the tensor of the neurons' biases; empty where there is none.
        activation: the name of the activation function, "linear" where there is none.
        alpha: the activation's alpha, where it takes one.
        z, a: the tensors before and after the activation; equal where there is no activation.
        parameters: names of the layer's parameters.
        shape: of `a` of one sample: (units,), (time, features) or (channels, height, width).
        window: of a layer that slides one over an image, its (height, width); else ().
        channels: how many channels each of its filters looks at; 0 where it has no filters.
        winner: the tensor that says which number of its window each neuron is; empty where none is.
        reshapes: whether it only holds the numbers of the column before in another shape, neuron
            for neuron.
        time: how many time steps its neurons are spread over; 0 where they are not.
        names: where they are, a name for each neuron of a time step.
        tokens: names of what a time step is one of, where it is a token id or a one-hot row.
        lanes: of a recurrent layer, its gates and its cell.
        steps: tensors of all time steps whose steps have names of their own, and these.
        blocks: how many blocks of rows its weights have, each with a row for each of `names`.
    """

    name: str
    title: str
    type: str
    units: tuple[str, ...]
    rows: tuple[Row, ...]
    edges: Literal["all", "one", "none"] = "none"
    weight: str = ""
    bias: str = ""
    activation: str = "linear"
    alpha: float | None = None
    z: str = ""
    a: str = ""
    parameters: tuple[str, ...] = ()
    shape: tuple[int, ...] = ()
    window: tuple[int, ...] = ()
    channels: int = 0
    winner: str = ""
    reshapes: bool = False
    time: int = 0
    names: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    lanes: tuple[Lane, ...] = ()
    steps: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    blocks: int = 1

    @property
    def is_map(self) -> bool:
        """Whether its neurons lie in planes, one for each channel of an image."""
        return len(self.shape) == 3

    def called(self, unit: int) -> str:
        """A neuron in words: `hidden h2`, `conv 2, row 1, column 3`, `memory h₂ at time step 3`."""
        if self.time:
            name = self.names[self.feature(unit)] if self.names else ""
            return " ".join(filter(None, (self.name, name, f"at time step {self.when(unit)}")))
        if not self.is_map:
            return f"{self.name} {self.units[unit]}"
        number, row, column = self.index(unit)
        which = f" {number + 1}" if self.shape[0] > 1 else ""
        return f"{self.name}{which}, row {row + 1}, column {column + 1}"

    def maker(self, unit: int) -> str:
        """Whose weights make a neuron: its own, those of its filter, or of its unit."""
        if self.time and self.names:
            return f"{self.name} {self.names[self.feature(unit)]}"
        if not self.channels:
            return self.called(unit)
        return f"{self.name} filter {self.feature(unit) + 1}"

    @property
    def plane(self) -> str:
        """What one of its maps is: of a filter, or a channel that others made."""
        return "filter" if self.channels else "channel"

    def index(self, unit: int) -> tuple[int, ...]:
        """Where a neuron's number is in `a` of one sample."""
        if len(self.shape) < 2:
            return (unit,)
        return tuple(int(k) for k in np.unravel_index(unit, self.shape))

    def unit(self, index: tuple[int, ...]) -> int:
        """The neuron whose number is at an index; of fewer axes, the first one there."""
        if len(self.shape) < 2:
            return min(index[0] if index else 0, len(self.units) - 1)
        whole = (*index, *(0,) * len(self.shape))[: len(self.shape)]
        return int(np.ravel_multi_index(whole, self.shape, mode="clip"))

    def first_of(self, feature: int) -> int:
        """The first neuron of a feature or channel."""
        return self.unit((0, feature) if len(self.shape) == 2 else (feature,))

    def feature(self, unit: int) -> int:
        """Which feature or channel a neuron is of: the row of the weights that make it."""
        index = self.index(unit)
        if self.time:
            return index[1] if len(index) > 1 else 0
        return index[-1] if len(self.shape) == 2 else index[0]

    def when(self, unit: int) -> int:
        """The time step of a neuron, from 1; 0 where it is at none."""
        return self.index(unit)[0] + 1 if self.time else 0

    def step(self, tensor: str) -> int:
        """The time step, from 1, that a tensor of the layer belongs to; 0 where it is to none."""
        return step_of(self.name, tensor)

    def place(self, tensor: str, unit: int) -> tuple[str, tuple[int, ...]]:
        """Where a neuron's number in a tensor of the column is made: a tensor, and an index."""
        index = self.index(unit)
        steps = self.steps.get(tensor)
        return (steps[index[0]], index[1:]) if steps else (tensor, index)

    def own(self, tensor: str, index: tuple[int, ...]) -> int | None:
        """The neuron that a number belongs to, or its gradient; None where it is of no neuron."""
        tensor = tensor.removesuffix(".grad")
        if not tensor:
            return None
        if tensor in (self.z, self.a, self.winner):
            return self.unit(index)
        first = index[0] if index else 0
        if tensor in (self.weight, self.bias):
            return self.first_of(first)
        if not self.steps:
            return None
        if tensor in self.parameters:
            return self.first_of(first % len(self.names))
        step = self.step(tensor)
        if tensor == f"{self.name}.a":
            return self.unit(index if len(index) > 1 else (self.time - 1, first))
        if not step:
            return self.unit(index) if tensor in self.steps else None
        return self.unit((min(step, self.time) - 1, first % len(self.names)))

    def position(self, unit: int) -> tuple[int, ...]:
        """Where a neuron is, its feature or channel left out: (), (time,), or (height, width)."""
        index = self.index(unit)
        if self.time:
            return index[:1]
        return index[:-1] if len(self.shape) < 3 else index[1:]


def step_of(layer: str, tensor: str) -> int:
    """The time step, from 1, that a tensor of a layer belongs to: `L.a.t3.grad`; 0 for none."""
    inner = tensor.removeprefix(f"{layer}.")
    found = _STEP.search(inner) if inner != tensor else None
    return int(found[1]) if found else 0
