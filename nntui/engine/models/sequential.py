"""`Sequential`: layers one after the other, a loss at their end, and one optimizer for them all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from nntui.engine.autodiff import differentiate
from nntui.engine.builder import Builder
from nntui.engine.layers import Layer
from nntui.engine.losses import append_loss
from nntui.engine.machine import Memory
from nntui.engine.model import Dataset, Loss, Measure, Model, Training
from nntui.engine.models.passes import forward, named
from nntui.engine.optimizers import spell
from nntui.engine.options import Array
from nntui.engine.program import Program
from nntui.engine.random import Keyed
from nntui.engine.tensor import View, batch_last, feature_axis, sample_shape
from nntui.engine.updates import Descent, update

_CLASSIFICATION: Final = frozenset({"bce", "bce_logits", "cross_entropy", "hinge"})
"""The losses of tasks that have an accuracy."""


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class Sequential(Model):
    """A network of layers, and its training."""

    layers: tuple[Layer, ...]
    training: Training

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", named(self.layers))

    @property
    def stacks(self) -> Mapping[str, tuple[Layer, ...]]:
        return {"": self.layers}

    def source(self, stack: str) -> str:
        return "x"

    @property
    def epochs(self) -> int:
        return self.training.epochs

    @property
    def batch_size(self) -> int | None:
        return self.training.batch_size

    @property
    def goal(self) -> str:
        return self.training.loss.type

    @property
    def rule(self) -> str:
        return spell(self.training.optimizer)

    def training_program(self, dataset: Dataset) -> Program:
        builder, output = self._forward(dataset, training=True)
        differentiate(builder, "loss")
        training = self.training
        descent = Descent(
            optimizer=training.optimizer,
            schedule=training.schedule,
            clip_norm=training.clip_norm,
            epochs=training.epochs,
            steps_per_epoch=self.steps_per_epoch(dataset),
        )
        update(builder, descent, tuple(builder.parameters.values()))
        return builder.finish(output)

    def evaluation_program(self, dataset: Dataset) -> Program:
        builder, output = self._forward(dataset, training=False)
        return builder.finish(output)

    def measures(self, memory: Memory, dataset: Dataset) -> Mapping[str, Measure]:
        """The accuracy of a classification; of masked sequences also how many are right whole."""
        loss = self.training.loss.type
        if loss not in _CLASSIFICATION or not math.isfinite(memory.public("loss").item()):
            return {}
        right, counted = self._right(memory, dataset)
        found = {"accuracy": Measure(float(right[counted].mean()), share=True)}
        if dataset.is_masked:
            whole = (right | ~counted).reshape(len(right), -1).all(axis=1)
            found["exact match"] = Measure(float(whole.mean()), share=True)
        return found

    def _right(self, memory: Memory, dataset: Dataset) -> tuple[Array, Array]:
        """Which positions are predicted right, and which of them have a target: (rows, …)."""
        predicted, y = memory.public(memory.program.output), memory.public("y")
        axis = feature_axis(predicted.shape[1:]) + 1
        loss = self.training.loss.type
        if loss == "cross_entropy":
            wanted = y if dataset.train.has_classes else y.argmax(axis)
            return predicted.argmax(axis) == wanted, wanted >= 0
        threshold = 0.5 if loss == "bce" else 0.0
        wanted = y > (0.0 if loss == "hinge" else 0.5)
        right = ((predicted > threshold) == wanted).all(axis)
        return right, np.ones_like(right)

    def _forward(self, dataset: Dataset, *, training: bool) -> tuple[Builder, str]:
        """Data, forward and loss ops, and the output of the last layer."""
        builder = Builder(Keyed(self.seed), training=training)
        _data(builder, dataset, self.training.loss)
        output = forward(builder, self.layers, "x")
        append_loss(builder, self.training, output, dataset)
        return builder, output


def _data(builder: Builder, dataset: Dataset, loss: Loss) -> None:
    builder.batch("x", dataset.train.x.shape[1:], "x")
    builder.op("batch", (), "x")
    y = dataset.train.y
    if y is None:
        return
    if dataset.train.has_classes:
        # One-hot rows and the class index below them are loaded together.
        classes, positions = dataset.class_count, y.shape[1:]
        one_hot, index = View("y.rows", (slice(0, classes),)), View("y.rows", (classes,))
        builder.batch("y.rows", sample_shape(positions, classes + 1), "y")
        builder.batch("y.one_hot", sample_shape(positions, classes), "y", one_hot)
        builder.single("y", positions, "y", index)
    elif loss.type == "bce":
        # y and 1 − y are loaded together: binary cross-entropy weighs two logarithms with them.
        shape, axes = batch_last(y.shape[1:])
        builder.tensor("y.both", (2 * shape[0], *shape[1:]), "y", axes=axes)
        builder.batch("y", y.shape[1:], "y", View("y.both", (slice(0, shape[0]),)))
    else:
        builder.batch("y", y.shape[1:], "y")
    builder.op("targets", (), "y")
