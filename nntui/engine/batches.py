"""Which rows make up the batch of a training step, and copying them into place.

The order is a pure function of (seed, epoch), so any step can be loaded at any time.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nntui.engine.model import Dataset, Samples
from nntui.engine.ops.kind import STEP, Call
from nntui.engine.options import Array
from nntui.engine.random import Keyed
from nntui.engine.tensor import batch_last

Rows = npt.NDArray[np.intp]


class Batches:
    """The batches of a run.

    Args:
        shuffle: whether every epoch has its own order; else rows come as they are.
    """

    def __init__(self, count: int, size: int, *, shuffle: bool, random: Keyed) -> None:
        self.count = count
        self.size = size
        self.per_epoch = -(-count // size)
        self.shuffle = shuffle
        self._random = random
        self._epoch = -1
        self._order: Rows = np.arange(count)
        self._step = -1
        self._rows: Rows = self._order

    def rows(self, step: int) -> Rows:
        """The rows of training step `step`, from 1."""
        if step != self._step:
            epoch, k = divmod(step - 1, self.per_epoch)
            if self.shuffle and epoch != self._epoch:
                self._order = self._random.permutation("shuffle", epoch, self.count)
                self._epoch = epoch
            self._rows = self._order[k * self.size : (k + 1) * self.size]
            self._step = step
        return self._rows

    def size_at(self, step: int) -> int:
        """How many rows the batch of a step has."""
        k = (step - 1) % self.per_epoch
        return min(self.size, self.count - k * self.size)

    def sizes(self) -> set[int]:
        """The batch sizes of an epoch: one, or two where the last batch is smaller."""
        return {self.size_at(1), self.size_at(self.per_epoch)}

    def loader(self, source: Array, out: Array) -> Call:
        """The call that copies a step's rows of `source` (…, rows) into `out` (…, batch)."""
        if self.per_epoch == 1 and not self.shuffle:
            return (operator.setitem, out, Ellipsis, source)
        if self.shuffle:
            rows = self.rows

            def gather(step: int) -> None:
                source.take(rows(step), -1, out, "clip")

            return (gather, STEP)
        size, per_epoch = self.size, self.per_epoch
        parts: Sequence[Array] = [
            np.ascontiguousarray(source[..., k * size : (k + 1) * size]) for k in range(per_epoch)
        ]

        def copy(step: int) -> None:
            out[...] = parts[(step - 1) % per_epoch]

        return (copy, STEP)


def engine_layout(dataset: Dataset, samples: Samples, dtype: npt.DTypeLike) -> dict[str, Array]:
    """The arrays that the data ops load, in the engine's layout: "x", and the targets; read-only.

    Class indices become "y.rows": one-hot rows with the index itself below them, nothing but zeros
    where it is −1. "y.both" is y with 1 − y below it.
    """
    arrays = {"x": _rows_last(samples.x, dtype)}
    y = samples.y
    if y is not None:
        arrays |= _targets(dataset, samples, y, dtype)
    for array in arrays.values():
        array.flags.writeable = False
    return arrays


def _targets(
    dataset: Dataset, samples: Samples, y: Array, dtype: npt.DTypeLike
) -> dict[str, Array]:
    """The arrays of the targets."""
    if samples.has_classes:
        index = np.ascontiguousarray(np.moveaxis(y, 0, -1), dtype)
        classes = np.arange(dataset.class_count).reshape(-1, *(1,) * index.ndim)
        return {"y.rows": np.concatenate([(classes == index).astype(dtype), index[np.newaxis]])}
    rows = _rows_last(y, dtype)
    return {"y": rows, "y.both": np.concatenate([rows, 1.0 - rows])}


def _rows_last(array: Array, dtype: npt.DTypeLike) -> Array:
    """Rows of samples in the engine's layout."""
    _, axes = batch_last(array.shape[1:])
    return np.ascontiguousarray(array.transpose(np.argsort(axes)), dtype)
