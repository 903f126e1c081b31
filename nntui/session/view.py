"""What is visible at a position: frames and tables of parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import final

import numpy as np

from nntui.engine.ops.kind import Index, Terms
from nntui.engine.options import Array
from nntui.engine.program import Op
from nntui.engine.tensor import Slot
from nntui.scenario.model import Note
from nntui.session.explain import Writer
from nntui.session.frame import (
    Cell,
    Column,
    Curve,
    Explanation,
    Frame,
    Network,
    OpInfo,
    ParameterRow,
)
from nntui.session.losses import Losses
from nntui.session.now import Now
from nntui.session.position import Depth, Position


@final
class View:
    """Looks at a step under way and shows what the cursor has reached."""

    def __init__(self, now: Now, network: Network, notes: Sequence[Note]) -> None:
        self._now = now
        self._network = network
        program = now.trainer.program
        self._program = program
        units = {column.name: column.units for column in network.columns}
        units |= {"x": network.columns[0].units, "y": network.targets}
        self.writer = Writer(program, units, _probabilities(now))
        self._lessons = _lessons(network, notes)
        self._made_by: dict[str, OpInfo] = {}
        for info in network.ops:
            self._made_by.setdefault(info.output, info)
        self._state = frozenset(now.trainer.state.names())
        self._names = [n for n in program.tensors if not _internal(n)]
        self._batched = frozenset(n for n in self._names if program.tensors[n].batched)

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
        test: Sequence[tuple[int, float]],
    ) -> Frame:
        """The picture at a position."""
        now, trainer = self._now, self._now.trainer
        info = self._network.ops[position.op - 1] if position.op else None
        arrays, known = self._arrays(position, info)
        explanation, terms, whole = self._explain(position, depth, info, sample, focus)
        read, current = self._cells(terms, position)
        epoch, within = divmod(position.step - 1, self._network.steps_per_epoch)
        losses = position.step if self._reached("loss", position) else position.step - 1
        rows = trainer.batches.rows(position.step)
        return Frame(
            position=position,
            depth=depth,
            epoch=epoch + 1,
            step_of_epoch=within + 1,
            op=info,
            explanation=explanation,
            sample=sample,
            samples=now.memory.batch,
            sample_row=int(rows[sample]) if position.op else None,
            loss=train.at(losses),
            previous_loss=train.at(losses - 1),
            rate=float(now.now("lr")),
            train=train.curve(losses),
            test=_curve([(s, v) for s, v in test if s <= losses]),
            reads=read,
            writes=self._written(info, position, sample, focus, whole),
            now=current,
            reads_all=frozenset(info.inputs) if info and whole else frozenset(),
            writes_all=frozenset((info.output,)) if info and whole else frozenset(),
            finished=finished,
            fault=now.fault,
            seed=seed,
            arrays=arrays,
            batched=self._batched,
            known=known,
        )

    def term_count(self, op: Op, element: int, sample: int) -> int:
        """How many terms an element of an op that has run has."""
        return len(self._now.terms(op, self._index(op, element, sample)).terms)

    def samples(self, op: int) -> int:
        """How many samples the output of op number `op` has; 1 where it has no batch axis."""
        tensor = self._program.tensors[self._program.ops[op - 1].output]
        return self._now.memory.batch if tensor.batched else 1

    def one_line(self, op: int, element: int, sample: int) -> str:
        """An element of an op that has been done, in one line."""
        row = self._program.ops[op - 1]
        index = self._index(row, element, sample)
        return self.writer.one_line(row, index, self._now.terms(row, index))

    def column_rows(self, column: Column, unit: int) -> tuple[ParameterRow, ...]:
        """The incoming weights and the bias of one neuron."""
        rows: list[ParameterRow] = []
        for name in (column.weight, column.bias):
            if name:
                shape = self._program.tensors[name].public_shape(0)
                rows += [self._row(name, (unit, *i)) for i in np.ndindex(*shape[1:])]
        return tuple(rows)

    def parameter_rows(self, parameter: str, limit: int) -> tuple[ParameterRow, ...]:
        """The first `limit` numbers of a parameter."""
        shape = self._program.tensors[parameter].public_shape(0)
        indices = (index for index, _ in zip(np.ndindex(*shape), range(limit), strict=False))
        return tuple(self._row(parameter, index) for index in indices)

    def _row(self, name: str, index: Index) -> ParameterRow:
        now, done = self._now, self._now.done
        parameter = next(p for p in self._program.parameters if p.name == name)
        gradient = self._program.find(f"{name}.grad")
        reached = gradient is not None and gradient.number <= done
        change = now.last_change(name)
        moments = {
            tensor.removeprefix(f"{name}."): float(self._state_array(tensor)[index])
            for tensor in self._moments(name)
        }
        return ParameterRow(
            cell=Cell(name, index),
            symbol=self.writer.symbol(name, index),
            value=float(self._state_array(name)[index]),
            gradient=float(now.now(f"{name}.grad")[index]) if reached else None,
            change=None if change is None else float(change[index]),
            moments=moments,
            frozen=parameter.frozen,
        )

    def _moments(self, parameter: str) -> list[str]:
        return [
            name
            for name, tensor in self._program.tensors.items()
            if isinstance(tensor.storage, Slot)
            and tensor.storage.parameter == parameter
            and name in self._state
            and name != parameter
        ]

    def _state_array(self, tensor: str) -> Array:
        """A tensor of the state as the cursor has left it."""
        made = self._made_by.get(tensor)
        reached = made is not None and made.number <= self._now.done
        return self._now.now(tensor) if reached else self._now.before(tensor)

    def _reached(self, tensor: str, position: Position) -> bool:
        made = self._made_by.get(tensor)
        if made is None or made.number > position.op:
            return False
        return made.number < position.op or position.element >= made.elements

    def _arrays(
        self, position: Position, info: OpInfo | None
    ) -> tuple[dict[str, Array], dict[str, int]]:
        """Copies of what is visible, and how much of a tensor is where that is not all."""
        now = self._now
        arrays: dict[str, Array] = {}
        known: dict[str, int] = {}
        for name in self._names:
            made = self._made_by.get(name)
            if made is not None and made is info and not self._reached(name, position):
                arrays[name] = self._partly(name, position.element)
                if name not in self._state:
                    known[name] = position.element
            elif made is None or made.number <= position.op:
                arrays[name] = now.now(name).copy()
            elif name in self._state:
                arrays[name] = now.before(name).copy()
        return arrays, known

    def _partly(self, name: str, elements: int) -> Array:
        """A tensor of which the first elements have been computed."""
        new = self._now.now(name)
        if name not in self._state:
            return new.copy()
        mixed = self._now.before(name).copy()
        mixed.reshape(-1)[:elements] = new.reshape(-1)[:elements]
        return mixed

    def _explain(
        self,
        position: Position,
        depth: Depth,
        info: OpInfo | None,
        sample: int,
        focus: tuple[str, int],
    ) -> tuple[Explanation | None, Terms | None, bool]:
        """The words for the op at the cursor, the terms shown, and whether all of it is done."""
        if info is None:
            return None, None, False
        op = self._program.ops[info.number - 1]
        element, partial = self._element(info, position, depth, focus)
        index = self._index(op, element, sample)
        terms = self._now.terms(op, index)
        explanation = self.writer.explain(
            op,
            index,
            terms,
            done=position.term if partial else None,
            following=self._following(info, position),
            lesson=self._lessons.get(info.number, ""),
        )
        whole = depth > Depth.ELEMENT and position.element >= info.elements
        return explanation, terms, whole

    def _element(
        self, info: OpInfo, position: Position, depth: Depth, focus: tuple[str, int]
    ) -> tuple[int, bool]:
        """Which element of the op to show, and whether it is only partly done."""
        if position.term:
            return position.element, True
        if depth <= Depth.ELEMENT or position.element < info.elements:
            return max(0, position.element - 1), False
        layer, unit = focus
        column = next((c for c in self._network.columns if c.name == layer), None)
        belongs = info.layer == layer or (layer == "input" and info.output == "x")
        if column is None or not belongs or info.elements < len(column.units):
            return 0, False
        return unit * (info.elements // len(column.units)), False

    def _index(self, op: Op, element: int, sample: int) -> Index:
        """The public index of an element, the shown sample's where there is a batch."""
        tensor = self._program.tensors[op.output]
        shape = tensor.public_shape(self._now.memory.batch)
        inner = shape[1:] if tensor.batched else shape
        index = tuple(int(i) for i in np.unravel_index(element, inner)) if inner else ()
        return (sample, *index) if tensor.batched else index

    def _cells(
        self, terms: Terms | None, position: Position
    ) -> tuple[frozenset[Cell], frozenset[Cell]]:
        """The cells the shown element reads, and those of the current term."""
        if terms is None:
            return frozenset(), frozenset()
        read = self.writer.cells(o for term in terms.terms for o in term.operands)
        if not position.term:
            return read, frozenset()
        return read, self.writer.cells(terms.terms[position.term - 1].operands)

    def _written(
        self,
        info: OpInfo | None,
        position: Position,
        sample: int,
        focus: tuple[str, int],
        whole: bool,
    ) -> frozenset[Cell]:
        if info is None or whole:
            return frozenset()
        op = self._program.ops[info.number - 1]
        element, _ = self._element(info, position, Depth.ELEMENT, focus)
        index = self._index(op, element, sample)
        inner = index[1:] if self._program.tensors[op.output].batched else index
        return frozenset((Cell(op.output, inner),))

    def _following(self, info: OpInfo, position: Position) -> str:
        if position.element < info.elements or info.number == len(self._network.ops):
            return ""
        after = self._network.ops[info.number]
        return f"{after.output}:  {after.formula}"


def _probabilities(now: Now) -> frozenset[str]:
    """The tensors whose values are probabilities of the answer."""
    output = now.trainer.program.output
    made = now.trainer.program.find(output)
    classifies = now.trainer.model.training.loss.type in ("bce", "cross_entropy")
    shares = made is not None and made.kind.name in ("sigmoid", "softmax")
    return frozenset((output,)) if classifies and shares else frozenset()


def _lessons(network: Network, notes: Sequence[Note]) -> Mapping[int, str]:
    """Notes by the number of the op they belong to."""
    lessons: dict[int, list[str]] = {}
    for note in notes:
        phase, _, tensor = note.at.partition(" ")
        for info in network.ops:
            if info.phase == phase and info.output == tensor.strip():
                lessons.setdefault(info.number, []).append(note.text)
    return {number: "\n".join(texts) for number, texts in lessons.items()}


def _internal(name: str) -> bool:
    """Whether a tensor is the engine's own, of no interest on screen."""
    return (
        name.startswith("theta[") or " alone" in name or name in ("y.rows", "y.both", "y.one_hot")
    )


def _curve(points: Sequence[tuple[int, float]]) -> Curve:
    return Curve(tuple(float(s) for s, _ in points), tuple(v for _, v in points))
