"""What a tensor is before it has memory: a name, a shape, and where it will live.

The engine keeps features (or channels) on the first axis and the batch on the last, with time or
height and width between them: (F, B), (F, T, B), (C, H, W, B). So what treats all positions alike
sees a matrix of columns, one for each position of each sample, and a layer is one product with a
fixed left operand. A `Tensor` knows how to turn that layout into the public one, PyTorch's, without
copying.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from nntui.engine.options import Array

BATCH: Final = -1
"""Stands for the batch size in a shape; −2 for twice the batch size, and so on."""

Region = tuple[int | slice, ...]


@dataclass(frozen=True)
class Own:
    """Memory of the tensor's own."""


WHOLE: Final[Region] = (slice(None),)


@dataclass(frozen=True)
class View:
    """A part of another tensor's memory: `region` of it, in this tensor's shape.

    Attributes:
        ones: whether a row of ones follows the region in the other tensor.
        nth: which of the several batches in the other tensor it is, from 0; None for all there is.
    """

    of: str
    region: Region = WHOLE
    ones: bool = False
    nth: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it is all of the other tensor, under another name."""
        return self.region == WHOLE and self.nth is None

    @property
    def padded_region(self) -> Region:
        """The region with the row of ones that follows it."""
        *before, rows = self.region
        assert self.ones
        assert isinstance(rows, slice)
        return (*before, slice(rows.start, rows.stop + 1))

    def part(self, whole: Array, batch: int) -> Array:
        """Its part of the other tensor's memory, at a batch size."""
        part = whole[self.region]
        if self.nth is None:
            return part
        return part[..., self.nth * batch : (self.nth + 1) * batch]


@dataclass(frozen=True)
class Slot:
    """A parameter's place in one of the flat vectors ("theta", "grad", "m", …)."""

    vector: str
    parameter: str


@dataclass(frozen=True)
class Statistic:
    """A part of the training state that no gradient moves, such as a running mean."""

    initial: float


@dataclass(frozen=True)
class Setting:
    """A part of the training state that people change, such as the learning rate.

    Attributes:
        hold: another setting, which is 1 once this one has been changed by hand: then the op that
            computes it leaves it as it is. Empty where no op computes it.
    """

    initial: float
    hold: str = ""


@dataclass(frozen=True)
class Record:
    """A part of the training state that tells how far training has come; nothing learns from it."""

    initial: float


@dataclass(frozen=True)
class Constant:
    """Memory of the tensor's own that starts with a value and may be set by an op."""

    value: float


Storage = Own | View | Slot | Statistic | Setting | Record | Constant


@dataclass(frozen=True)
class Tensor:
    """A tensor's declaration.

    Attributes:
        shape: in the engine's layout, `BATCH` or a multiple of it for the batch axis.
        symbol: what formulas call one element: "z", "w", "∂L/∂z".
        axes: the engine's axes in public order; None for the same order.
        scalar: whether the public shape is () (the engine stores one element).
        steps: the tensors of single time steps that this one is made of, in order.
        masked: whether a −∞ in it is meant, and stands for what is left out.
    """

    name: str
    shape: tuple[int, ...]
    symbol: str
    storage: Storage = Own()
    axes: tuple[int, ...] | None = None
    scalar: bool = False
    steps: tuple[str, ...] = ()
    masked: bool = False

    def ill(self, array: Array) -> Array | None:
        """Which of the tensor's numbers are not finite and not meant to be; None where none is."""
        fine = np.isfinite(array)
        if self.masked:
            fine |= array == -np.inf
        return None if fine.all() else ~fine

    @property
    def batched(self) -> bool:
        """Whether the public shape starts with the batch."""
        return any(n < 0 for n in self.shape)

    def size(self, batch: int) -> tuple[int, ...]:
        """The shape in memory at a batch size."""
        return tuple(n if n >= 0 else batch * n // BATCH for n in self.shape)

    def public_shape(self, batch: int) -> tuple[int, ...]:
        """The shape people see, as in PyTorch."""
        if self.scalar:
            return ()
        size = self.size(batch)
        return size if self.axes is None else tuple(size[k] for k in self.axes)

    def public(self, array: Array) -> Array:
        """The array in the public shape: a view, nothing copied."""
        if self.scalar:
            return array.reshape(())
        return array if self.axes is None else array.transpose(self.axes)


def batch_last(
    sample: tuple[int, ...], rows: int = BATCH
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """(shape, axes) of `rows` samples: numbers, rows, sequences (time, features) or images."""
    rank = len(sample)
    if rank == 2:
        time, features = sample
        return (features, time, rows), (2, 1, 0)
    return (*sample, rows), (rank, *range(rank))


def feature_axis(sample: tuple[int, ...]) -> int:
    """The axis of the features in a sample's public shape: an image's channels, else the last."""
    return 0 if len(sample) == 3 else len(sample) - 1


def sample_shape(positions: tuple[int, ...], features: int) -> tuple[int, ...]:
    """The public shape of a sample with so many features at each of its positions."""
    return (features, *positions) if len(positions) == 2 else (*positions, features)


def columns(array: Array) -> Array:
    """An array in the engine's layout as (features, columns): a column for each position.

    Nothing is copied; an array that would have to be is a mistake of the program's maker.
    """
    matrix = array.reshape(len(array), -1)
    assert np.may_share_memory(matrix, array)
    return matrix
