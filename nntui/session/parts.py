"""The parts of a layer that is made of several, such as a transformer block, and how they hang
together around its residual stream.

Everything is read off the program: ops belong to the part whose parameters they use, and a sum of
what a layer was given and what it has found is a part of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count, takewhile
from typing import Final

from nntui.engine.program import Op, Program
from nntui.session.column import Rail, Row
from nntui.session.numbers import subscript

_SUM: Final = "skip"
_SPLIT: Final = "split_heads"

_NAMED: Final[Mapping[str, str]] = {
    "attention_scores": "weights",
    "scale_scores": "weights",
    "mask": "weights",
    "attend": "weights",
    "mix": "found",
    "join_heads": "found",
}
"""What the part of an attention is called whose ops have no parameters, by kind of op."""

_LABELS: Final[Mapping[str, str]] = {"attention_scores": "qk"}
"""What is written before a number, by kind of op, where the number's symbol would not do."""


@dataclass(frozen=True)
class Part:
    """A part of a layer.

    Attributes:
        name: `block.norm1`.
        ops: its forward ops, in order.
        rail: where it lies on the residual stream.
        before: the parts and layers that its first op reads.
    """

    name: str
    ops: tuple[Op, ...]
    rail: Rail
    before: tuple[str, ...]

    @property
    def tensor(self) -> str:
        """What it hands on."""
        return next(op.output for op in reversed(self.ops) if op.kind.name != _SPLIT)


def parts_of(program: Program, layer: str, before: str) -> tuple[Part, ...]:
    """The parts of a layer, in the order of its ops; nothing where it is made of one only.

    Args:
        before: the name of the column before it.
    """
    grouped: dict[str, list[Op]] = {}
    maker: dict[str, str] = {}
    owners = {p.name: p.name.rpartition(".")[0] for p in program.parameters if p.layer == layer}
    for op in program.ops:
        if op.layer == layer and op.phase == "forward":
            maker[op.output] = _part_of(op, layer, owners)
            grouped.setdefault(maker[op.output], []).append(op)
    if len(grouped) < 2:
        return ()
    rails = _rails(program, grouped, maker)
    return tuple(
        Part(
            name,
            tuple(ops),
            rails.get(name, ""),
            tuple(maker.get(read, before) for read in ops[0].inputs if read not in owners),
        )
        for name, ops in grouped.items()
    )


def rows_of(program: Program, ops: Sequence[Op], shape: tuple[int, ...]) -> tuple[Row, ...]:
    """What a neuron of a part shows: the numbers its ops make of it, then their gradients.

    The gradients come in the order in which they are computed; where several ways lead back to a
    number, what comes back on each stands before their sum.

    Args:
        shape: of a sample of what the part hands on.
    """
    tensors = program.tensors
    values = [
        Row(_LABELS.get(op.kind.name, tensors[op.output].symbol), op.output)
        for op in ops
        if tensors[op.output].public_shape(0)[1:] == shape and op.kind.name != _SPLIT
    ]
    gradients = [
        Row(f"∂{row.label}", f"{row.tensor}.grad", gradient=True) for row in reversed(values)
    ]
    known = [row for row in gradients if row.tensor in tensors]
    return (*values, *(way for row in known for way in ways_of(program, row)))


def ways_of(program: Program, gradient: Row) -> tuple[Row, ...]:
    """A gradient, and before it what comes back to its number on each of several ways: `∂₁`."""
    ways = (f"{gradient.tensor}.{k}" for k in count(1))
    known = takewhile(program.tensors.__contains__, ways)
    numbered = (Row(subscript("∂", [k]), name, gradient=True) for k, name in enumerate(known))
    return (*numbered, gradient)


def _part_of(op: Op, layer: str, owners: Mapping[str, str]) -> str:
    """The name of the part that an op belongs to.

    Args:
        owners: of each of the layer's parameters, the part.
    """
    if op.kind.name == _SUM:
        return op.output.removesuffix(".a")
    if named := _NAMED.get(op.kind.name):
        return f"{op.output.rpartition('.')[0]}.{named}"
    used = [owners[name] for name in op.inputs if name in owners]
    homes = [name for name in owners.values() if op.output.startswith(f"{name}.")]
    return next(iter(used or homes), layer)


def _rails(
    program: Program, grouped: Mapping[str, Sequence[Op]], maker: Mapping[str, str]
) -> Mapping[str, Rail]:
    """Where each part lies on the stream; nothing where there is none."""
    made = {op.output: op for ops in grouped.values() for op in ops}
    if not any(op.kind.name == _SUM for op in made.values()):
        return {}
    last = next(op.output for op in reversed(program.ops) if op.output in made)
    rails: dict[str, Rail] = {}
    stream: str = last
    while stream in made:
        op = made[stream]
        rails[maker[stream]] = "join" if op.kind.name == _SUM else "stream"
        stream = op.inputs[0]
    begun = False
    for name in grouped:
        if name in rails:
            begun = False
        else:
            rails[name] = "branch" if begun else "tap"
            begun = True
    return rails
