"""Tables of parameters: each number's value, gradient, last change and optimizer state."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import final

import numpy as np

from nntui.engine.ops.kind import Index
from nntui.engine.options import Array
from nntui.engine.program import Parameter
from nntui.engine.tensor import Slot
from nntui.session.column import Column
from nntui.session.frame import Cell, ParameterRow
from nntui.session.now import Now
from nntui.session.position import Position
from nntui.session.sight import Sight
from nntui.session.symbols import Symbols


@final
class Tables:
    """Lists parameters as the cursor sees them."""

    def __init__(self, now: Now, sight: Sight, symbols: Symbols) -> None:
        self._now = now
        self._sight = sight
        self._symbols = symbols
        program = now.trainer.program
        self._parameters = {p.name: p for p in program.parameters}
        self._moments: dict[str, list[str]] = {name: [] for name in self._parameters}
        for name, tensor in program.tensors.items():
            slot = tensor.storage
            if isinstance(slot, Slot) and sight.is_state(name) and name not in self._parameters:
                self._moments.get(slot.parameter, []).append(name)

    def of_neuron(self, column: Column, unit: int, at: Position) -> tuple[ParameterRow, ...]:
        """The incoming weights and the bias of one neuron of a column; of all gates of a unit."""
        rows: list[ParameterRow] = []
        gated = column.parameters if column.steps else ()
        for name in gated or (column.weight, column.bias):
            if name:
                indices = column.incoming(unit, self._parameters[name].shape)
                rows += self._rows(name, indices, at)
        return tuple(rows)

    def of_parameter(self, parameter: str, limit: int, at: Position) -> tuple[ParameterRow, ...]:
        """The first `limit` numbers of a parameter."""
        indices = islice(np.ndindex(*self._parameters[parameter].shape), max(0, limit))
        return tuple(self._rows(parameter, indices, at))

    def _rows(self, name: str, indices: Iterable[Index], at: Position) -> Iterable[ParameterRow]:
        parameter, sight = self._parameters[name], self._sight
        value = sight.look(name, at)
        assert value is not None
        before = self._now.before(name)
        has_gradient = f"{name}.grad" in sight.names
        gradient = sight.look(f"{name}.grad", at) if has_gradient else None
        moments = {n.removeprefix(f"{name}."): sight.look(n, at) for n in self._moments[name]}
        for index in indices:
            yield ParameterRow(
                cell=Cell(name, index),
                symbol=self._symbols.symbol(name, index),
                value=float(value[index]),
                gradient=self._gradient(gradient, parameter, index, at),
                change=self._change(parameter, value, index, at),
                moments={k: float(v[index]) for k, v in moments.items() if v is not None},
                frozen=parameter.frozen,
                before=float(before[index]) if sight.has(name, index, at) else None,
            )

    def _gradient(
        self, gradient: Array | None, parameter: Parameter, index: Index, at: Position
    ) -> float | None:
        if gradient is None or not self._sight.has(f"{parameter.name}.grad", index, at):
            return None
        return float(gradient[index])

    def _change(
        self, parameter: Parameter, value: Array, index: Index, at: Position
    ) -> float | None:
        """By how much the last update moved it: this step's, or else the step's before."""
        before = self._now.before(parameter.name)
        if self._sight.has(parameter.name, index, at):
            return float(value[index] - before[index])
        earlier = self._now.last.began_with(parameter.name)
        return None if earlier is None else float(before[index] - earlier[index])
