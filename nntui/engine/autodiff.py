"""Reverse mode: the backward ops of a program, appended to the same list.

The forward ops are walked from the loss to the data. Each op's row in the table says which
gradients it contributes; a tensor that feeds several ops gets the sum of what comes back from each
(the chain rule over all paths). The gradient of a part of a tensor is that part of its gradient.

Source: Griewank and Walther, "Evaluating derivatives" (2008), chapter 3.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, Final

from nntui.engine.builder import Builder
from nntui.engine.ops.contribution import Contribution
from nntui.engine.program import Objective, Op
from nntui.engine.tensor import Constant, Slot, Storage, View

_PLAIN: Final = Contribution()


class Tape:
    """What an op's row needs to send gradients to its inputs."""

    def __init__(self, builder: Builder, ops: Sequence[Op], wanted: Collection[str]) -> None:
        self.builder = builder
        self._needed = _dependent(builder, ops, wanted)
        self._expected = Counter(
            name for op in ops if op.kind.differentiable for name in set(op.inputs)
            if name in self._needed and op.output in self._needed
        )  # fmt: skip
        self._parts: dict[str, list[str]] = {}
        self._totals: dict[str, Contribution] = {}

    def needs(self, tensor: str) -> bool:
        """Whether the loss's gradient with respect to this tensor is wanted."""
        return tensor in self._needed

    def is_sum(self, tensor: str) -> bool:
        """Whether the gradient of this tensor has several contributions."""
        return self._expected[tensor] > 1

    def upstream(self, op: Op) -> str:
        """The gradient of the loss with respect to the op's output."""
        return f"{op.output}.grad"

    def gradient(self, tensor: str) -> str:
        """The tensor for a whole gradient, declared where it is not yet."""
        builder, name = self.builder, f"{tensor}.grad"
        if name not in builder.tensors:
            spec = builder.tensors[tensor]
            steps = tuple(f"{step}.grad" for step in spec.steps)
            builder.tensor(
                name,
                spec.shape,
                f"∂L/∂{spec.symbol}",
                self._home(tensor),
                axes=spec.axes,
                scalar=spec.scalar,
                steps=steps,
            )
        return name

    def send(
        self,
        op: Op,
        tensor: str,
        kind: str,
        inputs: Sequence[str],
        kept: Contribution = _PLAIN,
        /,
        **attributes: Any,
    ) -> str:
        """Append the op that computes what `op` contributes to the gradient of `tensor`.

        Args:
            kept: how the contribution is kept where it is one of several.

        Returns:
            The name of the contribution: the whole gradient where nothing else contributes. Empty
            where the gradient is not wanted, and no op is there.
        """
        if not self.needs(tensor):
            return ""
        part = self._declare(tensor, kept)
        self.builder.layer = op.layer
        self.builder.op(kind, inputs, part, of=op.output, to=tensor, **attributes)
        self._sum(tensor)
        return part

    def relay(self, op: Op, tensor: str, kind: str, source: str = "", /, **attributes: Any) -> None:
        """Pass a gradient on unchanged, without copying it where it can live where it is.

        Args:
            source: the gradient to pass on; that of the op's output where it is empty.
        """
        if not self.needs(tensor):
            return
        source = source or self.upstream(op)
        part = self._declare(tensor, Contribution(storage=View(source)), elsewhere=True)
        self.builder.layer = op.layer
        self.builder.op(kind, (source,), part, of=op.output, to=tensor, **attributes)
        self._sum(tensor)

    def _home(self, tensor: str) -> Storage | None:
        """Where the gradient of a tensor has to live; None for anywhere."""
        storage = self.builder.tensors[tensor].storage
        if isinstance(storage, Slot):
            return Slot("grad", storage.parameter)
        if isinstance(storage, View) and not storage.is_whole:
            return replace(storage, of=self.gradient(storage.of))
        return None

    def _declare(self, tensor: str, kept: Contribution, *, elsewhere: bool = False) -> str:
        """The tensor for the next contribution to the gradient of `tensor`.

        Args:
            elsewhere: whether the whole gradient, too, may live where `kept` says.
        """
        builder = self.builder
        parts = self._parts.setdefault(tensor, [])
        if kept.total != _PLAIN.total:
            self._totals[tensor] = kept
        if self.is_sum(tensor):
            name = f"{tensor}.grad.{kept.label or len(parts) + 1}"
            symbol = f"∂L/∂{builder.tensors[tensor].symbol}{kept.mark}"
            builder.like(name, tensor, symbol, kept.storage)
        elif elsewhere and self._home(tensor) is None:
            name = f"{tensor}.grad"
            builder.like(name, tensor, f"∂L/∂{builder.tensors[tensor].symbol}", kept.storage)
        else:
            name = self.gradient(tensor)
        parts.append(name)
        return name

    def _sum(self, tensor: str) -> None:
        """Once all contributions have come, add them up."""
        parts = self._parts[tensor]
        if len(parts) < self._expected[tensor] or len(parts) == 1:
            return
        kept = self._totals.get(tensor, _PLAIN)
        self.builder.op(kept.total, parts, self.gradient(tensor), to=tensor, **kept.attributes)


def differentiate(
    builder: Builder, loss: str, start: int = 0, wanted: Collection[str] | None = None
) -> None:
    """Append the backward ops that give parameters their gradient of `loss`, an objective.

    Args:
        start: the index of the first op that has a part in it.
        wanted: the parameters; all where there is None. The others are as constant as the data.
    """
    ops = tuple(builder.ops[start:])
    tape = Tape(builder, ops, builder.parameters if wanted is None else wanted)
    builder.phase = "backward"
    builder.layer = ""
    builder.like(f"{loss}.grad", loss, "∂L/∂L", Constant(1.0))
    builder.op("seed_grad", (), f"{loss}.grad", of=loss, to=loss)
    for op in reversed(ops):
        if tape.needs(op.output):
            op.kind.gradient(tape, op)
    made = {op.output for op in builder.ops[start + len(ops) :]}
    learned = tuple(name for name in builder.parameters if f"{name}.grad" in made)
    end = next(op.number for op in ops if op.output == loss)
    builder.objectives.append(Objective(loss, learned, start + 1, end, len(builder.ops)))


def _dependent(builder: Builder, ops: Sequence[Op], wanted: Collection[str]) -> set[str]:
    """The tensors that depend on parameters, with the parts of those that ops compute whole."""
    made = {op.output for op in ops}
    parts: defaultdict[str, list[str]] = defaultdict(list)
    for name, tensor in builder.tensors.items():
        if name not in made and isinstance(tensor.storage, View):
            parts[tensor.storage.of].append(name)
    needed = set(wanted)
    for op in ops:
        if op.kind.differentiable and needed.intersection(op.inputs):
            needed.update((op.output, *parts[op.output]))
    return needed
