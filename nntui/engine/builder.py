"""`Builder`: where a program grows, op by op.

Layers, losses, reverse mode and optimizers all append to the same list through it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from nntui.engine.ops import TABLE
from nntui.engine.options import Values
from nntui.engine.program import Block, Objective, Op, Parameter, Phase, Program, Span
from nntui.engine.random import Keyed
from nntui.engine.tensor import (
    BATCH,
    Own,
    Region,
    Slot,
    Storage,
    Tensor,
    View,
    batch_last,
)


class Builder:
    """A program under construction.

    Args:
        random: where initial weights come from.
        training: whether layers that differ behave as in training (dropout, batch statistics).

    Attributes:
        phase, layer: where appended ops belong.
        part: the part of the layer that parameters belong to ("attention.query"); or empty.
        player: whose turn appended ops belong to, where several take turns; or empty.
        rows: samples that layers work on at once: the batch, or a multiple of it.
    """

    def __init__(self, random: Keyed, *, training: bool = True) -> None:
        self.random = random
        self.training = training
        self.phase: Phase = "data"
        self.layer = ""
        self.part = ""
        self.player = ""
        self.rows = BATCH
        self.ops: list[Op] = []
        self.tensors: dict[str, Tensor] = {}
        self.parameters: dict[str, Parameter] = {}
        self.moments: dict[str, dict[str, float]] = {}
        self.work: list[str] = []
        self.objectives: list[Objective] = []
        self._fused: dict[int, tuple[int, tuple[Op, ...]]] = {}
        self._size = 0
        self._padded: dict[str, int] = {}
        self._spans: dict[str, Span] = {}
        self._blocks: dict[str, list[Block]] = {}
        self._taken = 0
        self._deferred: set[str] = set()

    def enter(self, layer: str) -> None:
        """Let what is appended from here on be a pass through a layer.

        A layer that is passed through again has the parameters that it has already.
        """
        self.layer = layer
        self._taken = 0

    def tensor(
        self,
        name: str,
        shape: tuple[int, ...],
        symbol: str,
        storage: Storage | None = None,
        *,
        axes: tuple[int, ...] | None = None,
        scalar: bool = False,
        steps: tuple[str, ...] = (),
        masked: bool = False,
    ) -> str:
        """Declare a tensor in the engine's layout; returns its name."""
        home = storage or Own()
        self.tensors[name] = Tensor(name, shape, symbol, home, axes, scalar, steps, masked)
        return name

    def batch(
        self, name: str, sample: tuple[int, ...], symbol: str, storage: Storage | None = None
    ) -> str:
        """Declare a tensor of one entry of public shape `sample` per sample; returns its name."""
        shape, axes = batch_last(sample, self.rows)
        return self.tensor(name, shape, symbol, storage, axes=axes)

    def single(
        self, name: str, positions: tuple[int, ...], symbol: str, storage: Storage | None = None
    ) -> str:
        """Declare a tensor of one number at each position of a sample; returns its name."""
        rank = len(positions)
        axes = (rank, *range(rank))
        return self.tensor(name, (*positions, self.rows), symbol, storage, axes=axes)

    def like(self, name: str, other: str, symbol: str, storage: Storage | None = None) -> str:
        """Declare a tensor of another's shape; returns its name."""
        base = self.tensors[other]
        return self.tensor(name, base.shape, symbol, storage, axes=base.axes, scalar=base.scalar)

    def alias(self, name: str, of: str, symbol: str) -> str:
        """Declare another name for a tensor's memory; returns it."""
        return self.like(name, of, symbol, View(of))

    def features(self, name: str) -> tuple[int, ...]:
        """The shape of one sample of a batched tensor."""
        return self.tensors[name].public_shape(0)[1:]

    def width(self, name: str) -> int:
        """How many features (an image: channels) each position of a batched tensor has."""
        return self.tensors[name].shape[0]

    def positions(self, name: str) -> tuple[int, ...]:
        """The shape of a sample's positions: () for a row, (time,), or (height, width)."""
        return self.tensors[name].shape[1:-1]

    def block(self, *shape: int) -> Block:
        """A matrix in the flat parameter vector: the layer's next, reserved on the first pass."""
        blocks = self._blocks.setdefault(self.layer, [])
        if self._taken == len(blocks):
            blocks.append(Block(shape, self._size))
            self._size += blocks[-1].size
        self._taken += 1
        return blocks[self._taken - 1]

    def parameter(
        self,
        name: str,
        symbol: str,
        block: Block,
        initial: Values,
        *,
        region: Region = (slice(None),),
        shape: tuple[int, ...] | None = None,
        frozen: bool = False,
        penalised: bool = False,
        turned: bool = False,
    ) -> str:
        """Declare a parameter of the current layer, or of a part of it; returns its full name.

        Args:
            region: its part of the block.
            shape: its own shape, where that is not the region's: an axis may be split into several.
            turned: whether the block holds it with its axes in reverse order.
        """
        full = ".".join(filter(None, (self.layer, self.part, name)))
        if full in self.parameters:
            return full
        held = np.empty(block.shape, dtype=bool)[region].shape
        shape = shape or (held[::-1] if turned else held)
        self.parameters[full] = Parameter(
            full, self.layer, shape, symbol, block, region, frozen, penalised, initial, turned
        )
        return self.tensor(full, shape, symbol, Slot("theta", full))

    @contextmanager
    def within(self, part: str) -> Iterator[None]:
        """Let parameters belong to a part of the current layer, or of its current part."""
        outer = self.part
        self.part = ".".join(filter(None, (outer, part)))
        yield
        self.part = outer

    def op(self, kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        """Append an op to the current phase and layer; returns its output."""
        number = len(self.ops) + 1
        row, place = TABLE[kind], (self.phase, self.layer)
        self.ops.append(Op(number, *place, row, tuple(inputs), output, attributes, self.player))
        return output

    def pad(self, name: str) -> None:
        """Ask for a row of ones below a tensor's columns."""
        root, positions = self.root(name), math.prod(self.positions(name))
        self._padded[root] = max(positions, self._padded.get(root, 0))

    def root(self, name: str) -> str:
        """The tensor whose memory this one uses whole."""
        storage = self.tensors[name].storage
        while isinstance(storage, View) and storage.is_whole:
            name = storage.of
            storage = self.tensors[name].storage
        return name

    def spans(self, learned: Iterable[Parameter]) -> tuple[Span, ...]:
        """The longest runs of the flat vectors that hold some parameters, and none that is frozen.

        A block that is frozen in part is treated parameter by parameter.
        """
        spans: list[Span] = []
        by_block: dict[int, list[Parameter]] = {}
        for parameter in learned:
            by_block.setdefault(parameter.block.offset, []).append(parameter)
        for offset, parameters in sorted(by_block.items()):
            free = [p for p in parameters if not p.frozen]
            stop = offset + parameters[0].block.size
            if len(free) < len(parameters):
                spans += [Span(f"{p.name} alone", p.name, 0, 0) for p in free]
            elif spans and not spans[-1].parameter and spans[-1].stop == offset:
                first = spans.pop()
                spans.append(Span(f"theta[{first.start}:{stop}]", "", first.start, stop))
            else:
                spans.append(Span(f"theta[{offset}:{stop}]", "", offset, stop))
        self._spans.update((span.name, span) for span in spans)
        return tuple(spans)

    @contextmanager
    def fuse(self, start: int) -> Iterator[None]:
        """Let the ops that are appended now stand for those from index `start` in straight runs."""
        stop = len(self.ops)
        yield
        if stop > start:
            self._fused[start] = stop, tuple(self.ops[stop:])
        del self.ops[stop:]

    def defer(self, *outputs: str) -> None:
        """Let straight runs leave out the ops that compute these, which nothing in one reads."""
        self._deferred.update(outputs)

    def take(self, start: int) -> tuple[Op, ...]:
        """The ops from index `start` on, which are no ops of the program's own."""
        taken = tuple(self.ops[start:])
        del self.ops[start:]
        return taken

    def finish(self, output: str) -> Program:
        """The program, done."""
        return Program(
            ops=tuple(self.ops),
            straight=tuple(self._straight()),
            deferred=tuple(op for op in self.ops if op.output in self._deferred),
            objectives=tuple(self.objectives),
            tensors=dict(self.tensors),
            parameters=tuple(self.parameters.values()),
            spans=tuple(self._spans.values()),
            size=self._size,
            moments=dict(self.moments),
            work=tuple(self.work),
            padded=dict(self._padded),
            output=output,
        )

    def _straight(self) -> Iterator[Op]:
        """The ops, with those in the place of others that stand for them."""
        k = 0
        while k < len(self.ops):
            if k in self._fused:
                k, fused = self._fused[k]
                yield from fused
            else:
                yield self.ops[k]
                k += 1
