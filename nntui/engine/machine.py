"""Memory for a program, and running it: straight through, or one op at a time.

`State` is what a training step leaves behind: parameters, moments, running statistics, all in one
vector. `Memory` is what a step needs while it runs, at one batch size. Both ways of running make
the same calls on the same memory.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from types import CodeType
from typing import Any, Final, final

import numpy as np
import numpy.typing as npt

from nntui.engine.ops.kind import STEP, Call, T
from nntui.engine.options import Array
from nntui.engine.program import Op, Parameter, Program, Span
from nntui.engine.random import Ahead, Keyed
from nntui.engine.tensor import (
    Constant,
    Own,
    Record,
    Setting,
    Slot,
    Statistic,
    Tensor,
    View,
    columns,
)

Loaders = Callable[[str, Array], Call]

_IN_STATE: Final = (Statistic, Setting, Record)


@final
class State:
    """Parameters, moments and running statistics of a program: one contiguous vector.

    A copy of `vector` is a checkpoint; copying it back restores everything.
    """

    def __init__(self, program: Program, dtype: npt.DTypeLike) -> None:
        self.program = program
        self.dtype = np.dtype(dtype)
        names = ("theta", *program.moments)
        statistics = {
            t.name: t for t in program.tensors.values() if isinstance(t.storage, _IN_STATE)
        }
        sizes = [math.prod(t.shape) for t in statistics.values()]
        self.vector: Array = np.zeros(program.size * len(names) + sum(sizes), self.dtype)
        self.vectors: dict[str, Array] = {
            name: self.vector[k * program.size : (k + 1) * program.size]
            for k, name in enumerate(names)
        }
        self.statistics: dict[str, Array] = {}
        start = program.size * len(names)
        for (name, tensor), size in zip(statistics.items(), sizes, strict=True):
            self.statistics[name] = self.vector[start : start + size].reshape(tensor.shape)
            start += size
        self.reset()

    @np.errstate(over="ignore")
    def reset(self) -> None:
        """Set everything to how training starts; what is too large for the dtype is infinite."""
        for parameter in self.program.parameters:
            parameter.view(self.vectors["theta"])[...] = parameter.initial
        for name, starts in self.program.moments.items():
            self.vectors[name][...] = 0.0
            for owner, start in starts.items():
                self.program.parameter(owner).view(self.vectors[name])[...] = start
        for name, array in self.statistics.items():
            storage = self.program.tensors[name].storage
            assert isinstance(storage, _IN_STATE)
            array[...] = storage.initial

    def names(self) -> Iterable[str]:
        """The tensors that live in the state."""
        for name, tensor in self.program.tensors.items():
            storage = tensor.storage
            if isinstance(storage, _IN_STATE) or (
                isinstance(storage, Slot) and storage.vector in self.vectors
            ):
                yield name


@final
class Memory:
    """The tensors of a program at one batch size, and the calls that its ops make on them.

    It is the `Bench` of the op table.

    Args:
        gradients: the flat gradient vector, shared between batch sizes.
        loader: makes the call that loads a data tensor.

    Attributes:
        program: the ops and tensors it is the memory of.
    """

    def __init__(
        self, state: State, gradients: Array, batch: int, loader: Loaders, random: Keyed
    ) -> None:
        program = state.program
        self.batch = batch
        self.state = state
        self.program = program
        self._dtype = state.dtype
        self._loader = loader
        self._random = random
        self._parameters: dict[str, Parameter] = {p.name: p for p in program.parameters}
        self._spans: dict[str, Span] = {s.name: s for s in program.spans}
        self._vectors = {
            **state.vectors,
            "grad": gradients,
            **{name: np.zeros(program.size, self._dtype) for name in program.work},
        }
        self._padded: dict[str, Array] = {}
        self._shared: dict[str, Any] = {}
        self.arrays: dict[str, Array] = {}
        for tensor in program.tensors.values():
            self.arrays[tensor.name] = self._allocate(tensor)
        finite = (a for name, a in self.arrays.items() if not program.tensors[name].masked)
        owned = {id(owner): owner for owner in map(owner_of, finite)}
        self._owned = tuple(owner.reshape(-1) for owner in owned.values())
        self._dots = tuple((flat.dot, flat) for flat in self._owned)
        self.calls: tuple[tuple[Call, ...], ...] = tuple(
            tuple(op.kind.calls(self, op)) for op in program.ops
        )
        self._given = tuple(
            call
            for op in program.ops
            for call in self.calls[op.number - 1]
            if self._is_given(op, call)
        )
        self.run: Callable[[int], float] = straight(
            self._straight_calls(), self.arrays["loss"].item
        )

    def __getitem__(self, tensor: str) -> Array:
        return self.arrays[tensor]

    @property
    def is_complex(self) -> bool:
        """Whether this is the memory of a complex-step gradient check."""
        return self._dtype.kind == "c"

    @property
    def is_finite(self) -> bool:
        """Whether every number there is, even where no tensor is, is finite.

        Masked tensors are left out: what is wrong there shows in what is made of them.
        """
        # Sums of squares are quick to find out, but may be infinite where no number is.
        if all(map(math.isfinite, [dot(flat) for dot, flat in self._dots])):
            return True
        return all(np.isfinite(flat).all() for flat in self._owned)

    def public(self, tensor: str) -> Array:
        """A tensor in its public shape: a view."""
        return self.program.tensors[tensor].public(self.arrays[tensor])

    def execute(self, op: Op, step: int) -> None:
        """Run one op of training step `step`."""
        for function, *arguments in self.calls[op.number - 1]:
            function(*(step if a is STEP else a for a in arguments))

    def padded(self, tensor: str) -> Array:
        """A tensor's columns with the row of ones below them: (features + 1, columns)."""
        matrix = columns(self.arrays[tensor])
        storage = self.program.tensors[self._same(tensor)].storage
        if isinstance(storage, View) and storage.ones:
            return columns(self.arrays[storage.of][storage.padded_region])
        whole = self._padded[self._root(tensor)]
        return whole[: matrix.size + matrix.shape[1]].reshape(-1, matrix.shape[1])

    def block(self, *tensors: str) -> Array | None:
        """The contiguous matrix that exactly these parameters or gradients make up, or None."""
        slots = [self.program.tensors[name].storage for name in tensors]
        if not all(isinstance(slot, Slot) for slot in slots):
            return None
        parameters = [self._parameters[s.parameter] for s in slots if isinstance(s, Slot)]
        first = slots[0]
        assert isinstance(first, Slot)
        block = parameters[0].block
        if any(p.block != block for p in parameters):
            return None
        if sum(math.prod(p.shape) for p in parameters) != block.size:
            return None
        vector = self._vectors[first.vector]
        return vector[block.offset : block.offset + block.size].reshape(block.shape)

    def scratch(self, *shape: int, dtype: Any = None) -> Array:
        """New memory, zeroed, of the run's dtype where none is given."""
        return np.zeros(shape, dtype or self._dtype)

    def shared(self, key: str, make: Callable[[], T]) -> T:
        """What several ops have in common: made by the first that asks for `key`."""
        if key not in self._shared:
            self._shared[key] = make()
        made: T = self._shared[key]
        return made

    def constant(self, value: float) -> Array:
        """A 0-d array of the run's dtype: the cheapest scalar operand."""
        return np.array(value, self._dtype)

    def loader(self, stream: str) -> Call:
        """The call that loads a batch of "x" or "y"."""
        name = self._root(stream)
        return self._loader(name, self.arrays[name])

    def uniform(self, stream: str, out: Array) -> Call:
        """The call that fills `out` with this step's draws from [0, 1)."""
        flat, draw, count = out.reshape(-1), self._random.uniform, out.size

        def fill(step: int) -> None:
            flat[...] = draw(stream, step, count)

        return (fill, STEP)

    def normal(self, stream: str, out: Array) -> Call:
        """The call that fills `out` with this step's draws from N(0, 1)."""
        flat, ahead = out.reshape(-1), Ahead(self._random, stream, out.size)

        def fill(step: int) -> None:
            flat[...] = ahead.normal(step)

        return (fill, STEP)

    def settle(self, step: int) -> None:
        """Do what a straight run of training step `step`, which was the last, has left out."""
        for op in self.program.deferred:
            self.execute(op, step)

    def refresh(self) -> None:
        """Set what straight runs take as given: the seed of the gradient, data that never changes.

        To be called before a run of straight steps, since stepping lets anyone change any tensor.
        """
        for function, *arguments in self._given:
            function(*arguments)

    def _is_given(self, op: Op, call: Call) -> bool:
        """Whether the call does the same in every step, on memory that no other call writes."""
        given = op.kind.name in ("batch", "targets", "seed_grad")
        return given and not any(argument is STEP for argument in call)

    def _straight_calls(self) -> list[Call]:
        """The calls of a whole step, updates over whole vectors.

        Left out are calls whose effect stands already, the very same ones as before among them, and
        products with the gradient's seed, 1.
        """
        made: set[int] = set()  # the calls since data last came in
        seeds = [self.arrays[op.output] for op in self.program.ops if op.kind.name == "seed_grad"]
        calls: list[Call] = []
        for op in self.program.straight:
            if op.phase == "data":
                made.clear()
            calls += [
                call
                for call in self._calls_of(op)
                if op.phase == "update" or self._is_needed(op, call, seeds, made)
            ]
        return calls

    def _is_needed(self, op: Op, call: Call, seeds: Sequence[Array], made: set[int]) -> bool:
        """Whether a straight run has to make the call; `made` are those before it."""
        stands = self._is_given(op, call) or _times(call, seeds)
        return not stands and _is_new(call, made)

    def _calls_of(self, op: Op) -> Sequence[Call]:
        """The calls of an op, also of one that is there for straight runs only."""
        own = self.program.ops[op.number - 1 : op.number] == (op,)
        return self.calls[op.number - 1] if own else tuple(op.kind.calls(self, op))

    def _allocate(self, tensor: Tensor) -> Array:
        storage = tensor.storage
        size = tensor.size(self.batch)
        if isinstance(storage, Slot):
            return self._slot(storage)
        if isinstance(storage, View):
            return storage.part(self.arrays[storage.of], self.batch).reshape(size)
        if isinstance(storage, _IN_STATE):
            return self.state.statistics[tensor.name]
        if isinstance(storage, Constant):
            return np.full(size, storage.value, self._dtype)
        assert isinstance(storage, Own)
        if tensor.name not in self.program.padded:
            return np.zeros(size, self._dtype)
        count = math.prod(size)
        ones = self.program.padded[tensor.name] * size[-1]
        whole = np.ones(count + ones, self._dtype)
        whole[:count] = 0.0
        self._padded[tensor.name] = whole
        return whole[:count].reshape(size)

    def _slot(self, slot: Slot) -> Array:
        vector = self._vectors[slot.vector]
        span = self._spans.get(slot.parameter)
        if span is None:
            return self._parameters[slot.parameter].view(vector)
        if span.parameter:
            return self._parameters[span.parameter].view(vector)
        return vector[span.start : span.stop]

    def _same(self, name: str) -> str:
        """The tensor of which this one is but another name."""
        storage = self.program.tensors[name].storage
        while isinstance(storage, View) and storage.is_whole:
            name = storage.of
            storage = self.program.tensors[name].storage
        return name

    def _root(self, name: str) -> str:
        storage = self.program.tensors[name].storage
        while isinstance(storage, View):
            name = storage.of
            storage = self.program.tensors[name].storage
        return name


def owner_of(array: Array) -> Array:
    """The whole of the memory that an array is a part of."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _times(call: Call, factors: Sequence[Array]) -> bool:
    """Whether the call multiplies an array in place with one of the factors."""
    function, *arguments = call
    if function is not np.multiply or len(arguments) != 3 or arguments[0] is not arguments[2]:
        return False
    return any(np.shares_memory(arguments[1], factor) for factor in factors)


def _is_new(call: Call, made: set[int]) -> bool:
    """Whether it is the first time that this call is to be made; `made` are those before it."""
    if id(call) in made:
        return False
    made.add(id(call))
    return True


def straight(calls: Sequence[Call], result: Callable[[], float]) -> Callable[[int], float]:
    """One function of the training step that makes all the calls in order and returns `result`.

    It is generated: a straight line of calls with every function and operand in a local variable
    saves the interpreter's loop and look-ups, 5 to 14 % of a small network's step. The source holds
    names made here and nothing else.
    """
    names: dict[int, str] = {}
    values: dict[str, Any] = {}

    def name(value: Any) -> str:
        if value is STEP:
            return "step"
        if id(value) not in names:
            names[id(value)] = f"v{len(names)}"
            values[names[id(value)]] = value
        return names[id(value)]

    lines = [f"  {name(call[0])}({', '.join(map(name, call[1:]))})" for call in calls]
    lines.append(f"  return {name(result)}()")
    source = (
        f"def bind({', '.join(values)}):\n def run(step):\n{chr(10).join(lines)}\n return run\n"
    )
    namespace: dict[str, Any] = {}
    exec(_compiled(source), namespace)  # noqa: S102
    bound: Callable[[int], float] = namespace["bind"](*values.values())
    return bound


@lru_cache(maxsize=64)
def _compiled(source: str) -> CodeType:
    """Machines of the same program, as those of branches and checks, share their code."""
    return compile(source, "<training step>", "exec")


def parameters_of(state: State) -> Mapping[str, Array]:
    """Every parameter and running statistic by name, as views in PyTorch's shapes."""
    theta = state.vectors["theta"]
    views = {p.name: p.view(theta) for p in state.program.parameters}
    tensors = state.program.tensors
    learned = {
        name: array
        for name, array in state.statistics.items()
        if isinstance(tensors[name].storage, Statistic)
    }
    return {**views, **learned}
