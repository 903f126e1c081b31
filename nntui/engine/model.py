"""What to train and how: the engine's view of a scenario, all values checked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np
import numpy.typing as npt

from nntui.engine.data.source import Modes
from nntui.engine.layers import Layer
from nntui.engine.machine import Memory
from nntui.engine.optimizers import Optimizer
from nntui.engine.options import Bounds
from nntui.engine.program import Program
from nntui.engine.schedules import Schedule

_NO_CLASS: Final = -1


@dataclass(frozen=True)
class Loss:
    """A loss by name.

    Attributes:
        type: a key of `LOSSES`.
        delta: where huber turns from a square to a line; None elsewhere.
    """

    type: str
    delta: float | None = None


LOSSES: Final[Mapping[str, float | None]] = {
    "mse": None,
    "mae": None,
    "huber": 1.0,
    "bce": None,
    "bce_logits": None,
    "cross_entropy": None,
    "hinge": None,
}
"""Each loss's default delta; None where it takes none."""


@dataclass(frozen=True, kw_only=True)
class Training:
    """The `[training]` table.

    Attributes:
        batch_size: samples per training step; None for all of them, 32 at most.
        l1: factor of Σ|w| in the loss, over weights only.
        l2: factor of ½ Σw² in the loss, over weights only.
        clip_norm: the largest norm the whole gradient may have; None for no limit.
    """

    loss: Loss
    optimizer: Optimizer
    schedule: Schedule | None = None
    batch_size: Annotated[int, Bounds(ge=1, le=1_000_000)] | None = None
    epochs: Annotated[int, Bounds(ge=0, le=1_000_000_000)] = 100
    clip_norm: Annotated[float, Bounds(gt=0)] | None = None
    l1: Annotated[float, Bounds(ge=0)] = 0.0
    l2: Annotated[float, Bounds(ge=0)] = 0.0


@dataclass(frozen=True, eq=False)
class Samples:
    """Rows of data.

    Attributes:
        x: (rows, features…), float64.
        y: (rows, outputs…) float64, or (rows, …) integer class indices, one for each row or each of
            its positions, −1 for none; None where there is none.
    """

    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64] | npt.NDArray[np.int64] | None

    def __len__(self) -> int:
        return len(self.x)

    @property
    def has_classes(self) -> bool:
        """Whether the targets are class indices."""
        return self.y is not None and np.issubdtype(self.y.dtype, np.integer)


@dataclass(frozen=True, kw_only=True, eq=False)
class Dataset:
    """The data of a run, split.

    Attributes:
        inputs: a name for each input feature; empty where features have none (images).
        tokens: a name for each token id of the inputs; empty where inputs are no such ids, or ids
            without names.
        outputs: a name for each output; one for each class, where the targets are classes.
        classes: a name for each class, where the outputs are classes; else empty.
        test: held back from training; None where nothing is.
        shuffle: whether every epoch has its own order.
        modes: where samples crowd; None where that is not known.
    """

    train: Samples
    test: Samples | None = None
    inputs: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    shuffle: bool = False
    modes: Modes | None = None

    @property
    def class_count(self) -> int:
        """How many classes there are; 0 where the targets are no classes."""
        return len(self.outputs) if self.train.has_classes else 0

    @property
    def is_masked(self) -> bool:
        """Whether some positions have no target."""
        parts = (self.train, *([self.test] if self.test else ()))
        return any(part.has_classes and bool((part.y == _NO_CLASS).any()) for part in parts)


@dataclass(frozen=True, kw_only=True, eq=False)
class Model(ABC):
    """Something that learns: it knows the ops of its training step, and how well it does.

    Attributes:
        seed: of every random number of the run.
        dtype: "float64" or "float32".
    """

    seed: int = 0
    dtype: str = "float64"

    @property
    @abstractmethod
    def stacks(self) -> Mapping[str, tuple[Layer, ...]]:
        """Layers that feed one another, in order, by the name of what they make up together.

        A model that is but one network has one stack, without a name. Layers have their full names.
        """

    @abstractmethod
    def source(self, stack: str) -> str:
        """The tensor that the first layer of a stack reads."""

    @property
    @abstractmethod
    def epochs(self) -> int:
        """How many epochs a run has, where nothing else is asked for."""

    @property
    @abstractmethod
    def batch_size(self) -> int | None:
        """Samples per training step; None for all of them, 32 at most."""

    @property
    @abstractmethod
    def goal(self) -> str:
        """What it minimises, in a word: "mse"."""

    @property
    @abstractmethod
    def rule(self) -> str:
        """How it learns, in a few words: "adam(lr=0.05)"."""

    @abstractmethod
    def training_program(self, dataset: Dataset) -> Program:
        """One training step."""

    @abstractmethod
    def evaluation_program(self, dataset: Dataset) -> Program:
        """The program that computes `loss` and what `measures` looks at, and changes nothing."""

    @abstractmethod
    def measures(self, memory: Memory, dataset: Dataset) -> Mapping[str, Measure]:
        """How well it does beside the loss, after a run of the evaluation program; by name."""

    def rows_per_step(self, dataset: Dataset) -> int:
        """Samples in a full batch."""
        return min(self.batch_size or 32, len(dataset.train))

    def steps_per_epoch(self, dataset: Dataset) -> int:
        """Training steps in an epoch; the last may have a smaller batch."""
        return -(-len(dataset.train) // self.rows_per_step(dataset))


@dataclass(frozen=True)
class Measure:
    """A number that says how well a model does.

    Attributes:
        share: whether it is a share of a whole, to be read in per cent.
    """

    value: float
    share: bool = False

    def __str__(self) -> str:
        return f"{100 * self.value:.2f} %" if self.share else f"{self.value:.4g}"
