"""A copy of the training state, read as its tensors."""

from __future__ import annotations

from collections.abc import Mapping

from nntui.engine.machine import State
from nntui.engine.options import Array
from nntui.engine.tensor import Slot


def views(state: State, vector: Array) -> Mapping[str, Array]:
    """The tensors of the state, as views of a copy of its vector."""
    size = state.program.size
    vectors = {name: vector[k * size : (k + 1) * size] for k, name in enumerate(state.vectors)}
    parameters = {p.name: p for p in state.program.parameters}
    views: dict[str, Array] = {}
    start = size * len(vectors)
    for name, tensor in state.program.tensors.items():
        storage = tensor.storage
        if isinstance(storage, Slot) and storage.vector in vectors:
            if storage.parameter in parameters:
                views[name] = parameters[storage.parameter].view(vectors[storage.vector])
        elif name in state.statistics:
            count = state.statistics[name].size
            views[name] = tensor.public(vector[start : start + count].reshape(tensor.shape))
            start += count
    return views
