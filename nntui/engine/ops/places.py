"""Places: regions of tensors that ops name in their attributes.

Ops of a recurrent layer work on memory that several of them share: the columns [x; 1; h; 1] of all
time steps, or the pre-activations of all gates. A place is a `View` that needs no name.
"""

from __future__ import annotations

import operator

import numpy as np

from nntui.engine.ops.kind import Bench, Call
from nntui.engine.options import Array
from nntui.engine.tensor import View


def at(bench: Bench, place: View) -> Array:
    """The memory of a place."""
    return bench[place.of][place.region]


def settle(source: Array, out: Array) -> list[Call]:
    """The call that copies `source` to `out`; none where it is there already."""
    if np.may_share_memory(source, out):
        return []
    return [(operator.setitem, out, Ellipsis, source)]


def stepwise(symbol: str, t: int) -> str:
    """A symbol at a time step: `z⟨3⟩`."""
    return f"{symbol}⟨{t}⟩"
