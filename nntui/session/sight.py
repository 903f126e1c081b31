"""What the cursor has reached: of every tensor, the numbers it holds at a position.

The ops of a step run whole; a cursor inside one has seen only its first elements. What has not been
computed at a position is absent, and state that is about to be replaced still shows its old values.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import final

import numpy as np
import numpy.typing as npt

from nntui.engine.ops.kind import Index
from nntui.engine.options import Array
from nntui.engine.program import Program
from nntui.engine.tensor import Record, Tensor, View
from nntui.session.edit import Edit
from nntui.session.frame import Mask, Network
from nntui.session.now import Fault, Now
from nntui.session.position import Position

_Counts = npt.NDArray[np.intp]

Source = Callable[[str, Index], tuple[str, Index]]
"""Finds the cell an op computes that a cell of a tensor is."""


@dataclass(frozen=True, eq=False)
class Made:
    """Which op makes each number of a tensor: arrays of its public shape, the batch left out.

    Attributes:
        ops: the number of the op; 0 where none does.
        elements: the number of the element of that op's output, from 0.
        first, last: the smallest and the largest of `ops`.
        again: whether another op makes some of them anew in the same step.
    """

    ops: _Counts
    elements: _Counts
    first: int
    last: int
    again: bool = False

    def known(self, at: Position) -> Mask | None:
        """The numbers that have been made at a position; None for all of them."""
        if self.last < at.op:
            return None
        if self.first > at.op:
            return np.zeros(self.ops.shape, np.bool_)
        mask = (self.ops < at.op) | ((self.ops == at.op) & (self.elements < at.element))
        return None if mask.all() else mask


def records(program: Program) -> frozenset[str]:
    """The tensors that tell how far training has come."""
    tensors = program.tensors.values()
    return frozenset(t.name for t in tensors if isinstance(t.storage, Record))


@final
class Sight:
    """Looks at the step under way from a position in it.

    Attributes:
        names: the tensors that are of interest on screen.
        made: which ops make the tensors.
    """

    def __init__(self, now: Now, network: Network) -> None:
        self._now = now
        program = now.trainer.program
        self._outputs = frozenset(info.output for info in network.ops)
        self._elements = [info.elements for info in network.ops]
        self.made = makers(program)
        self._state = frozenset(now.trainer.state.names())
        self._records = records(program)
        self.names = tuple(n for n in program.tensors if not is_internal(n))

    def is_state(self, tensor: str) -> bool:
        """Whether it is handed on from step to step: a parameter, a moment, a statistic."""
        return tensor in self._state

    def known(self, tensor: str, position: Position) -> Mask | None:
        """Which of its numbers this step has computed; None for all of them."""
        made = self.made.get(tensor)
        return None if made is None else made.known(position)

    def has(self, tensor: str, index: tuple[int, ...], position: Position) -> bool:
        """Whether this step has computed a number of it; the index leaves the sample out."""
        known = self.known(tensor, position)
        return known is None or bool(known[index])

    def maker(self, tensor: str, index: tuple[int, ...]) -> int:
        """The number of the op that computes a number of it; 0 where none does."""
        made = self.made.get(tensor)
        return 0 if made is None else int(made.ops[index])

    def changes(self, position: Position) -> tuple[Edit, ...]:
        """What has been changed by hand in this step, up to a position."""
        inside = position.op > 0 and position.element < self._elements[position.op - 1]
        last = position.op - 1 if inside else position.op
        return tuple(e for e in self._now.edits if e.op <= last)

    def reached(self, tensor: str, position: Position) -> bool:
        """Whether this step has computed all of it."""
        return tensor in self._outputs and self.known(tensor, position) is None

    def look(self, tensor: str, position: Position) -> Array | None:
        """Its numbers, in the public shape; None where it has none yet.

        Of a tensor that is no state, only the `known` numbers count. A record has none until it has
        been taken for the first time.
        """
        known = self.known(tensor, position)
        if known is None:
            return self._now.now(tensor)
        if tensor not in self._state:
            # An op under way has its tensor, even before the first element is done.
            return self._now.now(tensor) if self._begun(tensor, position) else None
        if position.step == 1 and tensor in self._records and not known.any():
            return None
        before = self._now.before(tensor)
        return np.where(known, self._now.now(tensor), before) if known.any() else before

    def source(self, tensor: str, index: Index) -> tuple[str, Index]:
        """The cell that an op computes and that a cell of a tensor is: often the cell itself.

        A tensor that no op computes whole consists of the outputs of several.
        """
        tensors, ops = self._now.trainer.program.tensors, self._now.trainer.program.ops
        sample = index[:1] if tensors[tensor].batched else ()
        inner = index[len(sample) :]
        made = self.made.get(tensor)
        if tensor in self._outputs or made is None or not made.ops[inner]:
            return tensor, index
        output = tensors[ops[int(made.ops[inner]) - 1].output]
        shape = output.public_shape(1)[1:] if output.batched else output.public_shape(1)
        place = np.unravel_index(int(made.elements[inner]), shape)
        return output.name, (*sample, *map(int, place))

    def fault(self, position: Position) -> Fault | None:
        """The first number that is not finite, once the cursor has reached it."""
        fault = self._now.fault
        if fault is None or fault.op.number > position.op:
            return None
        if fault.op.number == position.op and fault.element >= position.element:
            return None
        return fault

    def _begun(self, tensor: str, position: Position) -> bool:
        return self.made[tensor].first <= position.op


def makers(program: Program) -> dict[str, Made]:
    """Who makes what: of every tensor that an op computes, or of which one computes a part."""
    places = _places(program)
    first: dict[str, Made] = {}
    owner = np.zeros(1 + max(int(place.max(initial=0)) for place in places.values()), np.intp)
    element, times = owner.copy(), owner.copy()
    for op in reversed(program.ops):
        place = _inner(program.tensors[op.output], places[op.output])
        order = np.arange(place.size).reshape(place.shape)
        owner[place], element[place] = op.number, order
        # What lies where an input does is that input, under another name.
        within = np.sort(place, None)
        inputs = (_inner(program.tensors[name], places[name]) for name in op.inputs)
        times[place] += not any(np.array_equal(within, np.sort(i, None)) for i in inputs)
        first[op.output] = Made(np.full(place.shape, op.number), order, op.number, op.number)
    made: dict[str, Made] = {}
    for name, tensor in program.tensors.items():
        place = _inner(tensor, places[name])
        again = bool((times[place] > 1).any())
        if name in first:
            made[name] = replace(first[name], again=again)
        elif (ops := owner[place]).any():
            made[name] = Made(ops, element[place], int(ops.min()), int(ops.max()), again)
    return made


def _places(program: Program) -> dict[str, _Counts]:
    """A number for each place in memory, by tensor: at batch size 1, in the engine's layout."""
    places: dict[str, _Counts] = {}
    count = 0
    for name, tensor in program.tensors.items():
        size, storage = tensor.size(1), tensor.storage
        if isinstance(storage, View):
            places[name] = storage.part(places[storage.of], 1).reshape(size)
        else:
            places[name] = np.arange(count, count + math.prod(size)).reshape(size)
            count += places[name].size
    return places


def _inner(tensor: Tensor, places: _Counts) -> _Counts:
    """The places in the public shape, the batch left out."""
    public = tensor.public(places)
    return public[0] if tensor.batched else public


def is_internal(name: str) -> bool:
    """Whether a tensor is the engine's own, of no interest on screen."""
    return name.startswith("theta[") or " " in name or name in ("y.rows", "y.both", "y.one_hot")
