"""`Column`: a layer as a column of neurons, and what each neuron shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from nntui.session.chart import Chart

Bounds = Literal["share", "signed", "open"]
"""What numbers lie between: 0 … 1, −1 … 1, or nothing."""

Rail = Literal["", "stream", "tap", "branch", "join"]
"""Where a layer lies on a residual stream: on it, or on a branch beside it, whose first part taps
the stream and which joins it in a sum; or there is none.
"""

_STEP: Final = re.compile(r"(?:^|\.)t(\d+)(?:\.|$)")
_GRADIENT: Final = re.compile(r"\.grad(\.\d+)?$")


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
    """A layer as a column of neurons; a layer that is made of parts is a column for each of them.

    The weights of an attention are such a part: a neuron of it is one weight of one head, of shape
    (heads, query, key), and its time step is that of the query.

    Attributes:
        name: the layer's name, or `layer.part`; "input" for the data.
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
        shape: of `a` of one sample: (units,), (time, features), (channels, height, width) or
            (heads, query, key); of a self-organizing map (rows, columns).
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
        part: which part of its layer it is; empty where it is all of it.
        before: the columns that it reads, where that is not the one before it; its weights are for
            the neurons of the first.
        table: where its weights are a table that is looked up, by what: by token, or by place.
        rail: where it lies on a residual stream.
        heads: of a part of an attention, among how many heads its numbers are dealt out.
        masked: of the weights of an attention, its scores after some have been made −∞; or empty.
        split: tensors in which they are, (heads, time, features of a head).
        more: further tensors of its numbers, or of its time steps.
        chart: of a self-organizing map, its grid; None elsewhere.
        player: whose network it is in, where there are several; else empty.
        frozen: whether that network is only gone through in this pass, and does not learn.
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
    part: str = ""
    before: tuple[str, ...] = ()
    table: Literal["", "token", "place"] = ""
    rail: Rail = ""
    heads: int = 0
    masked: str = ""
    split: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    chart: Chart | None = None
    player: str = ""
    frozen: bool = False

    @property
    def is_map(self) -> bool:
        """Whether its neurons lie in planes, one for each channel of an image."""
        return len(self.shape) == 3 and not self.time

    @property
    def is_attention(self) -> bool:
        """Whether its neurons are the weights of an attention."""
        return len(self.shape) == 3 and self.time > 0

    @property
    def layer(self) -> str:
        """The name of the layer that it is, or is a part of."""
        return self.name.removesuffix(f".{self.part}") if self.part else self.name

    @property
    def short(self) -> str:
        """What it is called beside the other parts of its layer: `norm1`; a sum is a plus."""
        if self.rail == "join":
            return "+"
        return self.part.rpartition(".")[2] or self.name

    def called(self, unit: int) -> str:
        """A neuron in words: `hidden h2`, `conv 2, row 1, column 3`, `memory h₂ at time step 3`."""
        if self.is_attention:
            head, query, key = self.index(unit)
            which = f"head {head + 1}, " if self.heads > 1 else ""
            return f"{self.layer} {which}query {query + 1}, key {key + 1}"
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
        if self.chart:
            return feature
        return self.unit((0, feature) if len(self.shape) == 2 else (feature,))

    def feature(self, unit: int) -> int:
        """Which feature or channel a neuron is of: the row of the weights that make it.

        Of the numbers of a time step, it is the number of this one.
        """
        if self.chart:
            return unit
        index = self.index(unit)
        if self.is_attention:
            return index[0] * self.shape[2] + index[2]
        if self.time:
            return index[1] if len(index) > 1 else 0
        return index[-1] if len(self.shape) == 2 else index[0]

    def when(self, unit: int) -> int:
        """The time step of a neuron, from 1; 0 where it is at none."""
        return self.index(unit)[-2 if len(self.shape) > 1 else 0] + 1 if self.time else 0

    def at(self, step: int, feature: int) -> int:
        """The neuron of a feature at a time step, both from 0."""
        if self.is_attention:
            head, key = divmod(feature, self.shape[2])
            return self.unit((head, step, key))
        return self.unit((step, feature))

    def incoming(self, unit: int, shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        """Where the numbers of a parameter of the column are that make a neuron.

        Args:
            shape: of the parameter.
        """
        if self.table == "place":
            return iter([self.index(unit)])
        if self.table == "token":
            return ((token, self.feature(unit)) for token in range(shape[0]))
        size = shape[0] // self.blocks
        firsts = (self.feature(unit) + k * size for k in range(self.blocks))
        return ((first, *inner) for first in firsts for inner in np.ndindex(*shape[1:]))

    def step(self, tensor: str) -> int:
        """The time step, from 1, that a tensor of the layer belongs to; 0 where it is to none."""
        return step_of(self.name, tensor)

    def place(self, tensor: str, unit: int) -> tuple[str, tuple[int, ...]]:
        """Where a neuron's number in a tensor of the column is made: a tensor, and an index."""
        index = self.index(unit)
        if steps := self.steps.get(tensor):
            return steps[index[0]], index[1:]
        if _GRADIENT.sub("", tensor) in self.split:
            step, feature = index
            head, k = divmod(feature, self.shape[1] // self.heads)
            return tensor, (head, step, k)
        return tensor, index

    def own(self, tensor: str, index: tuple[int, ...]) -> int | None:
        """The neuron that a number belongs to, or its gradient; None where it is of no neuron."""
        tensor = _GRADIENT.sub("", tensor)
        if not tensor:
            return None
        if tensor in (self.z, self.a, self.winner, *self.more):
            return self.unit(index)
        first = index[0] if index else 0
        if self.chart and tensor in self.chart.on_grid.values():
            return self.unit(index)
        if tensor in self.split:
            head, step, k = (*index, 0, 0, 0)[:3]
            return self.unit((step, head * (self.shape[1] // self.heads) + k))
        if tensor == self.weight and self.table and len(index) > 1:
            return self.unit(index) if self.table == "place" else self.first_of(index[1])
        if tensor in (self.weight, self.bias) or (self.chart and tensor == self.chart.difference):
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
