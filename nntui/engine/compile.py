"""From a model to its program: the one list of ops of a training step.

Data, forward, loss, backward, update: each part appends to the same builder.
"""

from __future__ import annotations

from dataclasses import replace

from nntui.engine.autodiff import differentiate
from nntui.engine.builder import Builder
from nntui.engine.layers import Layer
from nntui.engine.losses import append_loss
from nntui.engine.model import Dataset, Loss, Model
from nntui.engine.program import Program
from nntui.engine.random import Keyed
from nntui.engine.tensor import View, batch_last, sample_shape
from nntui.engine.updates import update


def batch_size(model: Model, dataset: Dataset) -> int:
    """Samples per training step: what the model says, or all of them, 32 at most."""
    wanted = model.training.batch_size or 32
    return min(wanted, len(dataset.train))


def steps_per_epoch(model: Model, dataset: Dataset) -> int:
    """Training steps in an epoch; the last may have a smaller batch."""
    return -(-len(dataset.train) // batch_size(model, dataset))


def compile_training(model: Model, dataset: Dataset) -> Program:
    """The program of one training step."""
    builder, output = _forward(model, dataset, training=True)
    append_loss(builder, model.training, output, dataset)
    differentiate(builder, "loss")
    fused = update(builder, model.training, steps_per_epoch(model, dataset))
    return builder.finish(output, fused)


def compile_evaluation(model: Model, dataset: Dataset) -> Program:
    """The program that predicts and computes the loss, and changes nothing."""
    builder, output = _forward(model, dataset, training=False)
    append_loss(builder, model.training, output, dataset)
    return builder.finish(output)


def _forward(model: Model, dataset: Dataset, *, training: bool) -> tuple[Builder, str]:
    """Data and forward ops, and the output of the last layer."""
    builder = Builder(Keyed(model.seed), training=training)
    _data(builder, dataset, model.training.loss)
    builder.phase = "forward"
    output = "x"
    for layer in named(model.layers):
        builder.layer = layer.name
        output = layer.build(builder, output)
    builder.layer = ""
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


def named(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """The layers, those without a name called after their type and their place."""
    return tuple(
        layer if layer.name else replace(layer, name=f"{layer.type}{k}")
        for k, layer in enumerate(layers, 1)
    )
