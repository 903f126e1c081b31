"""Where features stand at: the positions of a batch, and public indices of cells there.

A position is (sample,) in a batch of rows, (sample, time) in one of sequences, (sample, height,
width) in one of images. Ops that treat all positions alike take the position along.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nntui.engine.ops.kind import Index, Look
from nntui.engine.tensor import feature_axis, sample_shape


def at_feature(index: Index, k: int) -> Index:
    """The public index of feature `k` where `index` has another one."""
    return with_feature(without_feature(index), k)


def without_feature(index: Index) -> Index:
    """The position in a public index, (sample, …): all but the feature (an image: the channel)."""
    axis = feature_axis(index[1:]) + 1
    return (*index[:axis], *index[axis + 1 :])


def feature_of(index: Index) -> int:
    """The feature (an image: the channel) in a public index."""
    return index[feature_axis(index[1:]) + 1]


def with_feature(position: Index, k: int) -> Index:
    """The public index of feature `k` at a position, (sample, …)."""
    return (position[0], *sample_shape(position[1:], k))


def positions(look: Look, tensor: str) -> tuple[Index, ...]:
    """The positions of a batched tensor with features: (sample,), or (sample, time) and so on."""
    return tuple(np.ndindex(*without_feature(look.now(tensor).shape)))


def width(look: Look, tensor: str) -> int:
    """How many features (an image: channels) each position of a batched tensor has."""
    return feature_of(look.now(tensor).shape)


def over_batch(at: Sequence[Index], word: str = "sum") -> str:
    """`the sum over the 3 samples of the batch`, where the batch has these positions."""
    if len(at) == 1:
        return ""
    samples = len({position[0] for position in at})
    each = len(at) // samples
    if each == 1:
        return f"the {word} over the {samples} samples of the batch"
    of = f" in each of the {samples} samples of the batch" if samples > 1 else ""
    return f"the {word} over the {each} positions{of}"
