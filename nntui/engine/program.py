"""`Program`: one training step as a flat list of ops, known before it runs.

A program has no memory of its own: it names tensors, says where each will live and which op
computes it. `machine` gives it memory and runs it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from nntui.engine.options import Array, Values
from nntui.engine.tensor import Region, Tensor

if TYPE_CHECKING:  # the op table is made of ops of a program, too
    from nntui.engine.ops.kind import Kind

Phase = Literal["data", "forward", "loss", "backward", "update"]


@dataclass(frozen=True, eq=False)
class Op:
    """One operation: a stop for the cursor, a line in a trace.

    Attributes:
        number: its place in the step, from 1.
        layer: the layer it belongs to; empty for the loss and for what concerns all layers.
        inputs: the tensors it reads.
        output: the tensor it computes.
        attributes: the constants of its formula.
        player: whose turn it belongs to, where several take turns; else empty.
    """

    number: int
    phase: Phase
    layer: str
    kind: Kind
    inputs: tuple[str, ...]
    output: str
    attributes: Mapping[str, Any]
    player: str = ""

    @property
    def formula(self) -> str:
        """The textbook formula with the op's own constants."""
        return self.kind.formula.format_map(self.attributes)


@dataclass(frozen=True)
class Block:
    """A matrix of the flat parameter vector that one or more parameters make up.

    Attributes:
        offset: of its first element in the vector.
    """

    shape: tuple[int, ...]
    offset: int

    @property
    def size(self) -> int:
        """How many elements it has."""
        return math.prod(self.shape)


@dataclass(frozen=True, eq=False)
class Parameter:
    """A parameter and its place in the flat vectors.

    Attributes:
        name: `hidden.weight`.
        region: its part of the block.
        frozen: whether the optimizer leaves it alone.
        penalised: whether l1 and l2 apply.
        initial: its first values, or None until they are drawn.
        turned: whether the vector holds it with its axes in reverse order.
    """

    name: str
    layer: str
    shape: tuple[int, ...]
    symbol: str
    block: Block
    region: Region
    frozen: bool
    penalised: bool
    initial: Values
    turned: bool = False

    def view(self, vector: Array) -> Array:
        """This parameter's part of a flat vector."""
        block = self.block
        whole = vector[block.offset : block.offset + block.size].reshape(block.shape)
        if self.turned:
            return whole[self.region].reshape(self.shape[::-1]).T
        return whole[self.region].reshape(self.shape)


@dataclass(frozen=True)
class Span:
    """A run of a flat vector that the optimizer treats alike.

    Attributes:
        name: stands for a parameter's name in the fused update ops.
        parameter: the one parameter it is, or empty for a contiguous run of several.
        start, stop: the run.
    """

    name: str
    parameter: str
    start: int
    stop: int


@dataclass(frozen=True)
class Objective:
    """A loss that the step goes downhill on, and where in the step that happens.

    Attributes:
        loss: the tensor.
        parameters: those whose gradients of it are computed, as `<parameter>.grad`.
        first: the number of the first op that has a part in it.
        end: the number of the op that computes it.
        last: the number of the last op of its backward pass.
    """

    loss: str
    parameters: tuple[str, ...]
    first: int
    end: int
    last: int


@dataclass(frozen=True, eq=False)
class Program:
    """A training step.

    Attributes:
        ops: in execution order.
        straight: the same step for running straight through: updates are done over whole vectors,
            element for element with the same arithmetic, in fewer calls.
        deferred: ops that `straight` leaves out, since nothing in it reads what they compute; that
            can be made up for at any time before the next step.
        objectives: the losses whose gradients it computes, in that order; none where a model learns
            without gradients.
        tensors: every tensor by name.
        parameters: in the order of the layers.
        spans: the runs that updates over whole vectors work on.
        size: elements of a flat parameter vector.
        moments: the flat vectors that belong to the state beside the parameters, and what those of
            each parameter start with.
        work: the flat vectors that do not.
        padded: tensors that keep a row of ones below their columns, and how many positions of a
            sample have one.
        output: the tensor that the network predicts with.
    """

    ops: tuple[Op, ...]
    straight: tuple[Op, ...]
    deferred: tuple[Op, ...]
    objectives: tuple[Objective, ...]
    tensors: Mapping[str, Tensor]
    parameters: tuple[Parameter, ...]
    spans: tuple[Span, ...]
    size: int
    moments: Mapping[str, Mapping[str, float]]
    work: tuple[str, ...]
    padded: Mapping[str, int]
    output: str

    def find(self, output: str, phase: Phase | None = None) -> Op | None:
        """The op that computes a tensor (in a phase), or None."""
        for op in self.ops:
            if op.output == output and phase in (None, op.phase):
                return op
        return None

    def parameter(self, name: str) -> Parameter:
        """The parameter of that name."""
        return next(p for p in self.parameters if p.name == name)
