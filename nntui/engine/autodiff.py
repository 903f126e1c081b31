"""Reverse mode: the backward ops of a program, appended to the same list.

The forward ops are walked from the loss to the data. Each op's row in the table says which
gradients it contributes; a tensor that feeds several ops gets the sum of what comes back from each
(the chain rule over all paths).

Source: Griewank and Walther, "Evaluating derivatives" (2008), chapter 3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from nntui.engine.builder import Builder
from nntui.engine.program import Op
from nntui.engine.tensor import Constant, Slot, View


class Tape:
    """What an op's row needs to send gradients to its inputs."""

    def __init__(self, builder: Builder, ops: Sequence[Op]) -> None:
        self.builder = builder
        self._needed = _dependent(builder, ops)
        self._expected = Counter(
            name for op in ops if op.kind.differentiable for name in set(op.inputs)
            if name in self._needed and op.output in self._needed
        )  # fmt: skip
        self._parts: dict[str, list[str]] = {}

    def needs(self, tensor: str) -> bool:
        """Whether the loss's gradient with respect to this tensor is wanted."""
        return tensor in self._needed

    def upstream(self, op: Op) -> str:
        """The gradient of the loss with respect to the op's output."""
        return f"{op.output}.grad"

    def send(
        self, op: Op, tensor: str, kind: str, inputs: Sequence[str], /, **attributes: Any
    ) -> str:
        """Append the op that computes what `op` contributes to the gradient of `tensor`.

        Returns:
            The name of the contribution: the whole gradient where nothing else contributes.
        """
        part = self._declare(tensor)
        self.builder.layer = op.layer
        self.builder.op(kind, inputs, part, of=op.output, to=tensor, **attributes)
        self._sum(tensor)
        return part

    def relay(self, op: Op, tensor: str, kind: str) -> None:
        """Pass the gradient of the op's output on unchanged, without copying it."""
        part = self._declare(tensor, self.upstream(op))
        self.builder.layer = op.layer
        self.builder.op(kind, (self.upstream(op),), part, of=op.output, to=tensor)
        self._sum(tensor)

    def _declare(self, tensor: str, same_as: str = "") -> str:
        """The tensor for the next contribution to the gradient of `tensor`."""
        builder = self.builder
        parts = self._parts.setdefault(tensor, [])
        whole = self._expected[tensor] == 1
        name = f"{tensor}.grad" if whole else f"{tensor}.grad.{len(parts) + 1}"
        symbol = f"∂L/∂{builder.tensors[tensor].symbol}"
        slot = builder.tensors[tensor].storage
        if same_as and not (whole and isinstance(slot, Slot)):
            builder.like(name, tensor, symbol, View(same_as))
        elif whole and isinstance(slot, Slot):
            builder.like(name, tensor, symbol, Slot("grad", slot.parameter))
        else:
            builder.like(name, tensor, symbol)
        parts.append(name)
        return name

    def _sum(self, tensor: str) -> None:
        """Once all contributions have come, add them up."""
        parts = self._parts[tensor]
        if len(parts) < self._expected[tensor] or len(parts) == 1:
            return
        builder = self.builder
        slot = builder.tensors[tensor].storage
        storage = Slot("grad", slot.parameter) if isinstance(slot, Slot) else None
        symbol = f"∂L/∂{builder.tensors[tensor].symbol}"
        total = builder.like(f"{tensor}.grad", tensor, symbol, storage)
        builder.op("sum_grad", parts, total, to=tensor)


def differentiate(builder: Builder, loss: str) -> None:
    """Append the backward ops that give every parameter its gradient of `loss`."""
    ops = tuple(builder.ops)
    tape = Tape(builder, ops)
    builder.phase = "backward"
    builder.layer = ""
    builder.like(f"{loss}.grad", loss, "∂L/∂L", Constant(1.0))
    builder.op("seed_grad", (), f"{loss}.grad", of=loss, to=loss)
    for op in reversed(ops):
        if tape.needs(op.output):
            op.kind.gradient(tape, op)


def _dependent(builder: Builder, ops: Sequence[Op]) -> set[str]:
    """The tensors that depend on a parameter."""
    needed = set(builder.parameters)
    for op in ops:
        if op.kind.differentiable and needed.intersection(op.inputs):
            needed.add(op.output)
    return needed
