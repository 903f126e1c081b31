"""What is visible at a position: frames and tables of parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import final

import numpy as np

from nntui.engine.ops.kind import Index, Terms
from nntui.engine.options import Array
from nntui.engine.program import Op
from nntui.errors import UsageError
from nntui.session.blame import Witness
from nntui.session.column import Column
from nntui.session.edit import Edit
from nntui.session.explain import Writer
from nntui.session.figures import figure_of
from nntui.session.frame import (
    Cell,
    Explanation,
    Frame,
    Mask,
    Network,
    OpInfo,
    ParameterRow,
)
from nntui.session.lesson import lessons_at
from nntui.session.losses import Losses
from nntui.session.masks import Masks
from nntui.session.network import in_time
from nntui.session.now import Fault, Now
from nntui.session.pick import Pick
from nntui.session.position import Depth, Position
from nntui.session.rates import Rates
from nntui.session.rowfigure import row_figure
from nntui.session.sight import Made, Sight
from nntui.session.stale import Staleness
from nntui.session.symbols import Symbols
from nntui.session.tables import Tables
from nntui.session.watchrow import WatchRow
from nntui.session.why import Why, why


@dataclass(frozen=True)
class _Told:
    """What there is to tell of the element that is looked at; nothing before the first op.

    Attributes:
        shown: the element, the sample left out.
        reads: the cells it is computed from.
        now: those of the current term.
    """

    explanation: Explanation | None = None
    shown: Cell | None = None
    reads: frozenset[Cell] = frozenset()
    now: frozenset[Cell] = frozenset()


@final
class View:
    """Looks at a step under way and shows what the cursor has reached."""

    def __init__(self, now: Now, network: Network) -> None:
        self._now = now
        self._network = network
        program = now.trainer.program
        self._program = program
        units = {c.name: c.units for c in network.columns if len(c.shape) == 1}
        units |= {"x": units.get(network.data.name, ()), "y": network.targets}
        units |= {"loss": units.get(network.columns[-1].name, ())}
        inputs = (c for one in network.passes for c in one.columns if not c.player)
        units |= {c.a: c.units for c in inputs}
        feeds = {
            column.name: before.names or before.units
            for k, column in enumerate(network.columns)
            if (before := network.before(k)) and (column.edges == "all" or before.names)
        }
        words = {"y": network.targets if network.classes else (), "x": now.trainer.dataset.tokens}
        planes = {c.name: c.plane for c in network.columns if c.is_map}
        if network.data.is_map:
            planes["x"] = network.data.plane
        charts = {c.name: c.chart for c in network.columns if c.chart}
        over_time = in_time(network)
        self.symbols = Symbols(program, units, feeds, planes, over_time, charts)
        self._masks = Masks(program)
        self.writer = Writer(program, self.symbols, _probabilities(now), words, self._masks)
        self._sight = Sight(now, network)
        self._witness = Witness(now)
        self._pick = Pick(now, network, self._sight, over_time)
        self._staleness = Staleness(now, self._sight)
        self._tables = Tables(now, self._sight, self.symbols)
        self._rates = Rates(now.trainer)
        self._batched = frozenset(n for n in self._sight.names if program.tensors[n].batched)
        self._times = max(program.tensors[n].public_shape(1)[0] for n in self._batched)

    def frame(
        self,
        position: Position,
        depth: Depth,
        *,
        sample: int,
        focus: tuple[str, int],
        seed: int,
        finished: bool,
        train: Losses,
        test: Losses,
        watches: tuple[WatchRow, ...] = (),
        named: Sequence[tuple[str, Index]] = (),
    ) -> Frame:
        """The picture at a position.

        Args:
            focus: the layer and neuron that are looked at.
            named: cells that are of interest where none is looked at.
        """
        info = self._network.ops[position.op - 1] if position.op else None
        arrays, known = self._arrays(position)
        told = self._tell(info, position, depth, sample, focus, named) if info else _Told()
        whole = info is not None and depth > Depth.ELEMENT and position.element >= info.elements
        epoch, within = divmod(position.step - 1, self._network.steps_per_epoch)
        losses = position.step if self.reached("loss", position) else position.step - 1
        tested = position.step if self._is_whole(position) else position.step - 1
        return Frame(
            position=position,
            depth=depth,
            epoch=epoch + 1,
            step_of_epoch=within + 1,
            op=info,
            explanation=told.explanation,
            sample=sample,
            samples=self.shown_samples,
            batch=self._now.memory.batch,
            sample_row=self._sample_row(position, sample),
            loss=train.at(losses),
            previous_loss=train.at(losses - 1),
            rates=self._rates.at(position.step),
            train=train.curve(losses),
            test=test.curve(tested),
            reads=told.reads,
            writes=frozenset((told.shown,)) if told.shown and not whole else frozenset(),
            shown=told.shown,
            now=told.now,
            reads_all=frozenset(info.inputs) if info and whole else frozenset(),
            writes_all=frozenset((info.output,)) if info and whole else frozenset(),
            finished=finished,
            fault=self._fault(position),
            seed=seed,
            arrays=arrays,
            batched=self._batched,
            known=known,
            watches=watches,
            stale=self._staleness.marks(position),
            stale_loss=tuple(s.edit for s in self._staleness.loss(position)),
        )

    def cell(self, tensor: str, index: Index, position: Position, sample: int) -> Index:
        """The public index of a cell that can be changed at a position.

        Raises:
            UsageError: the tensor does not exist, has not been computed, or has no such cell.
        """
        if tensor not in self._sight.names:
            raise UsageError(f"there is no tensor '{tensor}'")
        array = self._sight.look(tensor, position)
        if array is None:
            raise UsageError(f"{tensor} has not been computed yet in this step")
        full = self._full(tensor, index, sample)
        inside = len(full) == array.ndim and all(
            0 <= i < n for i, n in zip(full, array.shape, strict=False)
        )
        if not inside:
            raise UsageError(f"{tensor} has no cell {list(index)}: its shape is {array.shape}")
        return full

    def term_count(self, op: Op, element: int, sample: int) -> int:
        """How many terms an element of an op that has run has."""
        return len(self._now.terms(op, self._index(op, element, sample)).terms)

    @property
    def shown_samples(self) -> int:
        """How many samples there are to show: those of the tensor with the most entries."""
        return self._times * self._now.memory.batch

    @property
    def most_samples(self) -> int:
        """How many there are of a full batch."""
        return self._times * self._now.trainer.batches.size

    def samples(self, op: int) -> int:
        """How many samples the output of op number `op` has; 1 where it has no batch axis."""
        tensor = self._program.tensors[self._program.ops[op - 1].output]
        return self._entries(tensor.name) if tensor.batched else 1

    def one_line(self, op: int, element: int, sample: int) -> str:
        """An element of an op that has been done, in one line."""
        row = self._program.ops[op - 1]
        index = self._index(row, element, sample)
        return self.writer.one_line(row, index, self._now.terms(row, index))

    def column_rows(self, column: Column, unit: int, at: Position) -> tuple[ParameterRow, ...]:
        """The incoming weights and the bias of one neuron."""
        return self._tables.of_neuron(column, unit, at)

    def parameter_rows(self, parameter: str, limit: int, at: Position) -> tuple[ParameterRow, ...]:
        """The first `limit` numbers of a parameter."""
        return self._tables.of_parameter(parameter, limit, at)

    def why(self, parameter: str, index: Index, position: Position, sample: int) -> Why:
        """Why a number of a parameter moved in this step."""
        return why(self._now, self._sight, self.writer, position, parameter, index, sample)

    @property
    def made(self) -> Mapping[str, Made]:
        """Which ops make the tensors."""
        return self._sight.made

    def source(self, tensor: str, index: Index) -> tuple[str, Index]:
        """The cell an op computes that a cell of a tensor is."""
        return self._sight.source(tensor, index)

    def fault(self, fault: Fault) -> str:
        """The first number that is not finite, and what made it, in words."""
        terms = self._witness.terms(fault)
        return self.symbols.fault(fault.op, fault.index, terms)

    def changes(self, position: Position) -> tuple[Edit, ...]:
        """What has been changed by hand in this step, up to a position."""
        return self._sight.changes(position)

    def reached(self, tensor: str, position: Position) -> bool:
        """Whether this step has computed all of a tensor at a position."""
        return self._sight.reached(tensor, position)

    def _arrays(self, position: Position) -> tuple[dict[str, Array], dict[str, Mask]]:
        """Copies of what is visible, and how much of a tensor is where that is not all."""
        arrays: dict[str, Array] = {}
        known: dict[str, Mask] = {}
        for name in self._sight.names:
            array = self._sight.look(name, position)
            if array is None:
                continue
            arrays[name] = array.copy()
            mask = self._sight.known(name, position)
            if mask is not None and not self._sight.is_state(name):
                known[name] = mask
        return arrays, known

    def _is_whole(self, position: Position) -> bool:
        """Whether the step at the cursor is done."""
        ops = self._network.ops
        return position.op == len(ops) and position.element >= ops[-1].elements

    def _sample_row(self, position: Position, sample: int) -> int | None:
        """Which row of the training data the shown sample is."""
        rows = self._now.trainer.batches.rows(position.step)
        return int(rows[sample]) if position.op and sample < len(rows) else None

    def _fault(self, position: Position) -> str:
        fault = self._sight.fault(position)
        return "" if fault is None else self.fault(fault)

    def _tell(
        self,
        info: OpInfo,
        position: Position,
        depth: Depth,
        sample: int,
        focus: tuple[str, int],
        named: Sequence[tuple[str, Index]],
    ) -> _Told:
        """What there is to tell of the element of the op at the cursor that is looked at."""
        element, partial = self._pick.element(
            info, position, depth, sample=sample, focus=focus, named=named
        )
        op = self._program.ops[info.number - 1]
        index = self._index(op, element, sample)
        terms = self._now.terms(op, index)
        done = position.term if partial else None
        explanation = self.writer.explain(
            op, index, terms, done=done, following=self._following(info, position)
        )
        behind = self._staleness.marks(position).get(op.output, ())
        overtaken = tuple(stale.edit for stale in behind if stale.numbers[index])
        figure = figure_of(self._program, terms, self._masks, done=done, sample=sample)
        figure = figure or row_figure(self._program, terms, done=done)
        lessons = lessons_at(self._network.lessons, info.number)
        batched = self._program.tensors[op.output].batched
        cell = Cell(op.output, index[1:] if batched else index)
        explanation = replace(explanation, stale=overtaken, lessons=lessons, figure=figure)
        return _Told(explanation, cell, *self._cells(terms, position))

    def _index(self, op: Op, element: int, sample: int) -> Index:
        """The public index of an element, the shown sample's where there is a batch."""
        tensor = self._program.tensors[op.output]
        shape = tensor.public_shape(self._now.memory.batch)
        inner = shape[1:] if tensor.batched else shape
        index = tuple(int(i) for i in np.unravel_index(element, inner)) if inner else ()
        return self._full(op.output, index, sample)

    def _full(self, tensor: str, index: Index, sample: int) -> Index:
        """The public index of a cell, of the shown sample where there is a batch."""
        batched = self._program.tensors[tensor].batched
        return (sample % self._entries(tensor), *index) if batched else index

    def _entries(self, tensor: str) -> int:
        """How many entries a tensor with a batch axis has."""
        return self._program.tensors[tensor].public_shape(self._now.memory.batch)[0]

    def _cells(self, terms: Terms, position: Position) -> tuple[frozenset[Cell], frozenset[Cell]]:
        """The cells the shown element reads, and those of the current term."""
        read = self.symbols.cells(o for term in terms.terms for o in term.operands)
        if not position.term:
            return read, frozenset()
        return read, self.symbols.cells(terms.terms[position.term - 1].operands)

    def _following(self, info: OpInfo, position: Position) -> str:
        if position.element < info.elements or info.number == len(self._network.ops):
            return ""
        after = self._network.ops[info.number]
        return f"{after.output}:  {after.formula}"


def _probabilities(now: Now) -> frozenset[str]:
    """The tensors whose values are probabilities of the answer."""
    output = now.trainer.program.output
    made = now.trainer.program.find(output)
    classifies = now.trainer.model.goal in ("bce", "cross_entropy")
    shares = made is not None and made.kind.name in ("sigmoid", "softmax")
    return frozenset((output, "loss.p")) if classifies and shares else frozenset(("loss.p",))
