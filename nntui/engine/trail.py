"""`Trail`: ops can be undone, for what they overwrite is kept before they run.

Most ops write memory that nothing is known of: their output, their work vectors. After going back
before such an op no one reads what it has left. What has to be put back is memory that an op
before it in the step has written, and the state that the step began with.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from types import BuiltinMethodType, FunctionType, MethodType
from typing import Any, final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import as_strided

from nntui.engine.machine import Memory, owner_of
from nntui.engine.options import Array
from nntui.engine.program import Op

_Marks = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class _Kept:
    """Elements of a piece of memory, and what they were.

    Attributes:
        flat: the whole piece of memory.
        where: which of its elements.
    """

    flat: Array
    where: slice | npt.NDArray[np.intp]
    values: Array

    def keep(self) -> None:
        """Note what they are."""
        self.values[...] = self.flat[self.where]

    def put_back(self) -> None:
        """Make them what they were."""
        self.flat[self.where] = self.values


@final
class Trail:
    """The ops of a step in one memory, to be undone in the reverse order of their running."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._kept: list[tuple[_Kept, ...]] = []
        vector = owner_of(memory.state.vector)
        self._written: dict[int, _Marks] = {id(vector): np.ones(vector.size, np.bool_)}

    @property
    def nbytes(self) -> int:
        """Memory in use for what is kept, in bytes."""
        return sum(kept.values.nbytes for op in self._kept for kept in op)

    def keep(self, op: Op) -> None:
        """Keep what an op is about to overwrite; those before it in the step have been kept."""
        if op.number > len(self._kept):
            assert op.number == len(self._kept) + 1, "a step begins with its first op"
            self._kept.append(tuple(self._overwritten(op)))
        for kept in self._kept[op.number - 1]:
            kept.keep()

    def undo(self, op: Op) -> None:
        """Undo the op that has run last."""
        for kept in self._kept[op.number - 1]:
            kept.put_back()

    def _overwritten(self, op: Op) -> Iterator[_Kept]:
        """What the op may write, of all that is written before it."""
        for owner, marks in self._may_write(op):
            written = self._written.setdefault(id(owner), np.zeros(owner.size, np.bool_))
            elements = np.flatnonzero(marks & written)
            written |= marks
            if elements.size:
                yield _Kept(_flat(owner), _run(elements), np.empty(elements.size, owner.dtype))

    def _may_write(self, op: Op) -> Iterator[tuple[Array, _Marks]]:
        """The pieces of memory that the op writes to, and their elements that it may write.

        That is all its calls can get at, but for its inputs; and its output, wherever that is.
        """
        memory, output = self._memory, self._memory[op.output]
        found = [array for call in memory.calls[op.number - 1] for array in arrays_in(call)]
        owners = {id(owner): owner for owner in map(owner_of, (output, *found))}
        marks = {key: np.zeros(owner.size, np.bool_) for key, owner in owners.items()}

        def mark(array: Array, mark: bool) -> None:
            key = id(owner_of(array))
            if key in owners:
                _elements(marks[key], owners[key], array)[...] = mark

        for array in found:
            mark(array, True)
        for name in op.inputs:
            mark(memory[name], False)
        mark(output, True)
        for key, owner in owners.items():
            yield owner, marks[key]


def arrays_in(call: Any) -> Iterator[Array]:
    """The arrays that a call, or what is in it, can get at and write to."""
    if isinstance(call, np.ndarray):
        if call.flags.writeable:
            yield call
        return
    parts: tuple[Any, ...] = ()
    if isinstance(call, tuple | list):
        parts = tuple(call)
    elif isinstance(call, dict):
        parts = tuple(call.values())
    elif isinstance(call, partial):
        parts = (call.func, call.args, call.keywords)
    elif isinstance(call, MethodType):
        parts = (call.__self__, call.__func__)
    elif isinstance(call, BuiltinMethodType):
        parts = (call.__self__,)
    elif isinstance(call, FunctionType):
        parts = tuple(cell.cell_contents for cell in call.__closure__ or ())
    for part in parts:
        yield from arrays_in(part)


def _flat(owner: Array) -> Array:
    """All elements of a piece of memory, in the order in which they lie there."""
    return owner.reshape(-1, order="A")


def _elements(marks: _Marks, owner: Array, array: Array) -> _Marks:
    """The marks of the elements of an array, in its shape.

    Args:
        marks: of all elements of `owner`, the memory that the array is a part of.
    """
    size = owner.itemsize
    start = (array.__array_interface__["data"][0] - owner.__array_interface__["data"][0]) // size
    steps = tuple(step // size for step in array.strides)
    return as_strided(marks[start:], array.shape, steps)


def _run(elements: npt.NDArray[np.intp]) -> slice | npt.NDArray[np.intp]:
    """Rising numbers as a slice, where they follow each other."""
    first, last = int(elements[0]), int(elements[-1])
    return slice(first, last + 1) if last - first + 1 == len(elements) else elements
