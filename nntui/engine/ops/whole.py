"""Numbers of all time steps computed at once, each step's a part with a name of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nntui.engine.ops.kind import Index
from nntui.engine.ops.places import stepwise
from nntui.engine.program import Op
from nntui.engine.tensor import BATCH, Storage, View

if TYPE_CHECKING:
    from nntui.engine.builder import Builder


def append_whole(
    builder: Builder,
    kind: str,
    inputs: tuple[str, ...],
    name: str,
    symbol: str,
    storage: Storage | None = None,
    **attributes: Any,
) -> str:
    """Append an op over all time steps, of tensors that consist of steps; returns `name`.

    The step at t of the output is `name.tT`.
    """
    tensors = builder.tensors
    like = tensors[inputs[0]]
    declare_whole(builder, name, like.shape[:2], symbol, storage)
    steps = tuple(tensors[whole].steps for whole in inputs)
    return builder.op(kind, inputs, name, steps=steps, **attributes)


def declare_whole(
    builder: Builder,
    name: str,
    shape: tuple[int, ...],
    symbol: str,
    storage: Storage | None = None,
) -> str:
    """Declare a tensor of shape (time, units, batch) and its steps; returns its name."""
    time, units = shape
    steps = tuple(f"{name}.t{t}" for t in range(1, time + 1))
    builder.tensor(name, (time, units, BATCH), symbol, storage, axes=(2, 0, 1), steps=steps)
    for t, step in enumerate(steps, 1):
        builder.batch(step, (units,), stepwise(symbol, t), View(name, (t - 1,)))
    return name


def step_index(op: Op, k: int, index: Index) -> tuple[str, Index]:
    """The cell that input `k` has at a public index (sample, time, unit) of the output: by step."""
    sample, t, unit = index
    return op.attributes["steps"][k][t], (sample, unit)
