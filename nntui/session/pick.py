"""`Pick`: which element of an op is shown: the one stepped to, or one that says something.

Where an op is stepped over whole, it is the element of the neuron that is looked at. Where none
is, it is the one that a breakpoint names; of a sequence, that of a time step at which an answer is
asked, and of an attention there, that of the key it looks at most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import final

import numpy as np

from nntui.engine.ops.kind import Index
from nntui.session.column import Column
from nntui.session.frame import Network, OpInfo
from nntui.session.now import Now
from nntui.session.position import Depth, Position
from nntui.session.sight import Sight


@final
class Pick:
    """Picks elements.

    Args:
        over_time: by output of an op that goes through time, the column its elements are of.
    """

    def __init__(
        self, now: Now, network: Network, sight: Sight, over_time: Mapping[str, Column]
    ) -> None:
        self._now = now
        self._network = network
        self._sight = sight
        self._over_time = over_time
        self._tensors = now.trainer.program.tensors

    def element(
        self,
        info: OpInfo,
        position: Position,
        depth: Depth,
        *,
        sample: int,
        focus: tuple[str, int],
        named: Sequence[tuple[str, Index]],
    ) -> tuple[int, bool]:
        """Which element of the op to show, and whether it is only partly done.

        Args:
            focus: the layer and neuron that are looked at.
            named: cells that breakpoints name, the first ones first.
        """
        if position.term:
            return position.element, True
        if depth <= Depth.ELEMENT or position.element < info.elements:
            return max(0, position.element - 1), False
        found = self._looked_at(info, focus)
        if found is None:
            found = self._named(info, named)
        return self._telling(info, position, sample) if found is None else found, False

    def _looked_at(self, info: OpInfo, focus: tuple[str, int]) -> int | None:
        """The element of a neuron; None where the op has none of it."""
        layer, unit = focus
        column = next((c for c in self._network.columns if c.name == layer), None)
        made = self._column_of(info)
        if column is None or made is None:
            return None
        if made.chart:
            return unit * (info.elements // len(made.chart.points)) if column is made else None
        batched = self._tensors[info.output].batched
        if column.part and batched:
            return _beside(column, unit, made, info)
        if made is not column:
            return None
        # An op on numbers of each sample has them for each neuron; on parameters, for each feature.
        if batched and column.step(info.output):
            return column.feature(unit)
        groups = len(column.units) if batched else next(iter(info.shape), 1)
        number = unit if batched else column.feature(unit)
        return number * (info.elements // groups) if info.elements >= groups else 0

    def _named(self, info: OpInfo, named: Sequence[tuple[str, Index]]) -> int | None:
        """The first cell of the op's output among some, whatever the sample."""
        shape = info.shape[1:] if self._tensors[info.output].batched else info.shape
        for tensor, index in named:
            if tensor == info.output:
                inner = index[len(index) - len(shape) :]
                return _number(tuple(i % n for i, n in zip(inner, shape, strict=True)), shape)
        return None

    def _telling(self, info: OpInfo, position: Position, sample: int) -> int:
        """The element that says most where nobody has asked for one; often just the first."""
        made = self._column_of(info)
        if made is not None and made.chart:
            return self._winner(position) * (info.elements // len(made.chart.points))
        column = self._over_time.get(info.output)
        if column is None or column.steps or not self._tensors[info.output].batched:
            return 0
        time = min(self._asked(position, sample), column.time - 1)
        unit = column.at(time, 0)
        if column.is_attention:
            unit = column.unit((0, time, self._most(column, time, position, sample)))
        return _place(column, unit, info) or 0

    def _asked(self, position: Position, sample: int) -> int:
        """The first time step, from 0, that an answer is asked at; the last, where that sees more.

        Causal attention has nothing to choose from at the first of all.
        """
        trainer, last = self._now.trainer, self._network.columns[-1]
        y = trainer.dataset.train.y
        asked = list(range(last.time))
        if self._network.classes and y is not None and y.ndim > 1 and y.shape[1:] == (last.time,):
            rows = trainer.batches.rows(position.step)
            asked = np.flatnonzero(y[rows[sample % len(rows)]] >= 0).tolist()
        causal = any(column.masked for column in self._network.columns)
        return next(iter(asked[::-1] if causal and asked[:1] == [0] else asked), 0)

    def _most(self, column: Column, query: int, position: Position, sample: int) -> int:
        """The key that a query of the first head looks at most, as far as that is computed."""
        known = [row.tensor for row in column.rows if not row.gradient]
        for tensor in reversed(known):
            if self._sight.reached(tensor, position):
                values = self._now.now(tensor)
                weights = values[sample % len(values), 0, query]
                return int(np.argmax(weights[: query + 1] if column.masked else weights))
        return 0

    def _winner(self, position: Position) -> int:
        """The best unit of a map; the first one as long as it is not known."""
        chart = self._network.chart
        if chart is None or not self._sight.reached(chart.best, position):
            return 0
        return chart.unit(tuple(self._now.now(chart.best).tolist())) or 0

    def _column_of(self, info: OpInfo) -> Column | None:
        """The column whose neurons the op's elements belong to."""
        columns = self._network.columns
        number = self._network.column_of(info.output)
        if number is not None:
            return columns[number]
        return columns[-1] if info.elements == len(columns[-1].units) else None


def _beside(column: Column, unit: int, made: Column, info: OpInfo) -> int | None:
    """The element of an op that belongs to a neuron of its layer, or to its time step.

    Args:
        column, unit: the neuron.
        made: the column whose neurons the elements belong to.
    """
    if made.layer != column.layer or not made.time:
        return None
    if made is not column:
        # Of the same head, where one is looked at and the numbers are dealt out among them.
        head = column.index(unit)[0] if column.is_attention and made.heads else 0
        unit = made.at(column.when(unit) - 1, head * (len(made.names) // max(made.heads, 1)))
    return _place(made, unit, info)


def _place(column: Column, unit: int, info: OpInfo) -> int | None:
    """The element of an op on each sample's numbers that a neuron has; None where it has none."""
    shape = info.shape[1:]
    index = column.place(info.output, unit)[1][: len(shape)]
    fits = len(index) == len(shape) and all(i < n for i, n in zip(index, shape, strict=True))
    return _number(index, shape) if fits else None


def _number(index: Index, shape: tuple[int, ...]) -> int:
    return int(np.ravel_multi_index(index, shape)) if shape else 0
