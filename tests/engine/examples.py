"""Small networks that between them contain every op of the table.

Their numbers lie well away from kinks (relu at 0, the border of huber, the margin of hinge), so
that differences see a smooth function.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

import numpy as np

from nntui.engine.activations import ACTIVATIONS, Activation
from nntui.engine.layers import Layer
from nntui.engine.layers.batch_norm import BatchNorm
from nntui.engine.layers.dense import Dense
from nntui.engine.layers.dropout import Dropout
from nntui.engine.layers.embedding import Embedding
from nntui.engine.layers.flatten import Flatten
from nntui.engine.layers.gru import Gru
from nntui.engine.layers.layer_norm import LayerNorm
from nntui.engine.layers.lstm import Lstm
from nntui.engine.layers.pool2d import MaxPool2d
from nntui.engine.layers.recurrent import Recurrent
from nntui.engine.layers.rnn import Rnn
from nntui.engine.model import LOSSES, Dataset, Loss, Model, Samples, Training
from nntui.engine.models.sequential import Sequential
from nntui.engine.optimizers import (
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Nadam,
    Optimizer,
    Rmsprop,
    Sgd,
)
from nntui.engine.program import Program
from nntui.engine.schedules import Exponential
from nntui.engine.trainer import Trainer
from tests.engine.adversaries import GANS
from tests.engine.convolutions import CONVOLUTIONS, convolution
from tests.engine.soms import SOMS
from tests.engine.transformers import TRANSFORMERS

INPUTS: Final = 3
OUTPUTS: Final = 2
ROWS: Final = 5
"""Rows of data; with batches of 3 the last batch has 2."""

VOCABULARY: Final = 6
"""Tokens among the data, and one more."""

TIME: Final = 4
"""Time steps of the sequences among the data."""


@dataclass(frozen=True, eq=False)
class Example:
    """A network and its data."""

    model: Model
    dataset: Dataset

    def trainer(self, dtype: str | None = None) -> Trainer:
        """A fresh run."""
        return Trainer(self.model, self.dataset, dtype)

    def programs(self) -> tuple[Program, Program]:
        """The training step, and the program that evaluates."""
        return _programs(self)

    def train(self, **changes: Any) -> Example:
        """The same with other options under `[training]`."""
        training = replace(self.model.training, **changes)
        return replace(self, model=replace(self.model, training=training))


@cache
def _programs(example: Example) -> tuple[Program, Program]:
    model, dataset = example.model, example.dataset
    return model.training_program(dataset), model.evaluation_program(dataset)


def inputs(rows: int = ROWS, features: int = INPUTS, seed: int = 1) -> np.ndarray:
    """Rows of numbers around 0."""
    return np.random.default_rng(seed).normal(size=(rows, features))


def targets(loss: str, rows: int = ROWS, outputs: int = OUTPUTS, seed: int = 2) -> np.ndarray:
    """Targets that a loss takes: class indices for cross_entropy."""
    random = np.random.default_rng(seed)
    if loss == "cross_entropy":
        return np.arange(rows) * 7 % outputs
    if loss == "hinge":
        return random.choice([-1.0, 1.0], size=(rows, outputs))
    if loss in ("bce", "bce_logits"):
        return random.choice([0.0, 1.0, 0.3], size=(rows, outputs))
    return random.normal(size=(rows, outputs)) + 1.5


def distributions(rows: int = ROWS, outputs: int = OUTPUTS, seed: int = 3) -> np.ndarray:
    """Rows of probabilities, one of them certain, one that adds up to a little more than 1."""
    shares = np.random.default_rng(seed).dirichlet(np.ones(outputs), size=rows)
    shares[0] = np.eye(outputs)[0]
    shares[1] *= 1.000001
    return shares


def sequences(time: int = TIME, features: int = INPUTS) -> np.ndarray:
    """Sequences of numbers around 0."""
    return inputs(ROWS, time * features).reshape(ROWS, time, features)


def per_step(loss: str, time: int = TIME, outputs: int = OUTPUTS) -> np.ndarray:
    """Targets for each time step."""
    flat = targets(loss, ROWS * time, outputs)
    return flat.reshape(ROWS, time, *flat.shape[1:])


def masked(time: int = TIME, outputs: int = OUTPUTS) -> np.ndarray:
    """Class indices for some of the time steps, a number of them that differs from row to row."""
    classes = per_step("cross_entropy", time, outputs)
    for row in range(ROWS):
        classes[row, : row % time] = -1
    return classes


def tokens(time: int = TIME, vocabulary: int = VOCABULARY) -> np.ndarray:
    """Rows of token ids; the last token of the vocabulary occurs nowhere."""
    ids = np.random.default_rng(4).integers(0, vocabulary - 1, size=(ROWS, time))
    return ids.astype(np.float64)


def images(channels: int = 2, height: int = 2, width: int = 3) -> np.ndarray:
    """Images of numbers around 0."""
    return inputs(ROWS, channels * height * width).reshape(ROWS, channels, height, width)


def dense(name: str, units: int, activation: str = "linear", **options: Any) -> Dense:
    """A dense layer whose biases are not 0."""
    bias = np.linspace(-0.3, 0.4, units)
    function = Activation(activation, ACTIVATIONS[activation])
    return Dense(name=name, units=units, activation=function, **{"bias": bias, **options})


def example(
    *layers: Layer,
    loss: str = "mse",
    x: np.ndarray | None = None,
    y: np.ndarray | None = None,
    optimizer: Optimizer | None = None,
    dtype: str = "float64",
    shuffle: bool = False,
    seed: int = 5,
    **training: Any,
) -> Example:
    """A network on the usual data."""
    x = inputs() if x is None else x
    y = targets(loss) if y is None else y
    train = Samples(x, y)
    outputs = tuple("pq"[:OUTPUTS])
    options: dict[str, Any] = {"loss": Loss(loss, LOSSES[loss]), "batch_size": ROWS, **training}
    return Example(
        Sequential(
            layers=layers,
            training=Training(optimizer=optimizer or Sgd(lr=0.1), **options),
            seed=seed,
            dtype=dtype,
        ),
        Dataset(
            train=train,
            outputs=outputs,
            classes=outputs if train.has_classes else (),
            shuffle=shuffle,
        ),
    )


OUTPUT_OF: Final = {"bce": "sigmoid"}
"""The activation of the output layer that a loss needs."""


def with_loss(loss: str, **options: Any) -> Example:
    """A network for a loss."""
    activation = OUTPUT_OF.get(loss, "linear")
    return example(dense("h", 4, "tanh"), dense("o", OUTPUTS, activation), loss=loss, **options)


OPTIMIZERS: Final[dict[str, Optimizer]] = {
    "sgd": Sgd(lr=0.1),
    "sgd decay": Sgd(lr=0.1, weight_decay=0.1),
    "sgd momentum": Sgd(lr=0.1, momentum=0.9, weight_decay=0.05),
    "sgd nesterov": Sgd(lr=0.1, momentum=0.8, nesterov=True),
    "adagrad": Adagrad(lr=0.1),
    "adagrad options": Adagrad(
        lr=0.1, lr_decay=0.1, initial_accumulator_value=0.2, weight_decay=0.1, eps=1e-6
    ),
    "rmsprop": Rmsprop(lr=0.01),
    "rmsprop momentum": Rmsprop(lr=0.01, alpha=0.9, momentum=0.5, weight_decay=0.1, eps=1e-6),
    "rmsprop centered": Rmsprop(lr=0.01, alpha=0.9, centered=True),
    "rmsprop all": Rmsprop(lr=0.01, alpha=0.8, centered=True, momentum=0.9, weight_decay=0.01),
    "adadelta": Adadelta(),
    "adadelta options": Adadelta(lr=0.5, rho=0.8, eps=1e-5, weight_decay=0.1),
    "adam": Adam(lr=0.05),
    "adam options": Adam(lr=0.05, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1),
    "adam amsgrad": Adam(lr=0.05, betas=(0.5, 0.6), amsgrad=True),
    "adamw": AdamW(lr=0.05),
    "adamw amsgrad": AdamW(lr=0.05, betas=(0.5, 0.6), weight_decay=0.2, amsgrad=True),
    "adamw no decay": AdamW(lr=0.05, weight_decay=0.0),
    "adamax": Adamax(lr=0.05),
    "adamax options": Adamax(lr=0.05, betas=(0.7, 0.8), eps=1e-4, weight_decay=0.1),
    "nadam": Nadam(lr=0.05),
    "nadam options": Nadam(lr=0.05, betas=(0.8, 0.9), momentum_decay=0.02, weight_decay=0.1),
}
"""Every optimizer, with its options."""


def _examples() -> Iterable[tuple[str, Example]]:
    for activation in ACTIVATIONS:
        hidden = dense("h", 4, activation)
        yield activation, example(hidden, dense("o", OUTPUTS), batch_size=3)
    for name, alpha in (("leaky_relu", 0.3), ("leaky_relu", 1.5), ("elu", 0.7), ("elu", -0.5)):
        hidden = replace(dense("h", 4), activation=Activation(name, alpha))
        yield f"{name} {alpha}", example(hidden, dense("o", OUTPUTS))
    for loss in LOSSES:
        yield loss, with_loss(loss)
    yield "huber far", with_loss("mse").train(loss=Loss("huber", 0.4))
    yield "cross_entropy shares", with_loss("cross_entropy", y=distributions())
    output = dense("o", OUTPUTS, "softmax")
    yield "softmax cross_entropy", example(dense("h", 4, "tanh"), output, loss="cross_entropy")
    yield (
        "softmax cross_entropy shares",
        example(dense("h", 4, "tanh"), output, loss="cross_entropy", y=distributions()),
    )
    yield "softmax bce", example(dense("o", OUTPUTS, "softmax"), loss="bce")
    yield (
        "dropout",
        example(dense("h", 6, "tanh"), Dropout(name="d", p=0.4), dense("o", OUTPUTS), batch_size=3),
    )
    hidden, last = dense("h", 4, "tanh"), dense("o", OUTPUTS)
    scale = {"weight": np.array([0.5, -1.0, 1.5, 2.0]), "bias": np.array([0.1, -0.2, 0.3, 0.4])}
    yield "layer_norm", example(hidden, LayerNorm(name="n", **scale), last)
    yield "batch_norm", example(hidden, BatchNorm(name="n", **scale), last)
    yield "no bias", example(dense("h", 4, "tanh", bias=False), dense("o", OUTPUTS, bias=False))
    yield "one sample", example(hidden, last, batch_size=1)
    penalty = example(hidden, LayerNorm(name="n", **scale), last, l1=0.02, l2=0.05)
    yield "l1 l2", penalty
    yield "l1", penalty.train(l2=0.0)
    yield "l2", penalty.train(l1=0.0)
    yield "frozen", example(dense("h", 4, "tanh", freeze=True), dense("o", 2, freeze=("bias",)))
    yield "schedule", example(hidden, last, schedule=Exponential(gamma=0.5))
    yield "clip", example(hidden, last, clip_norm=0.1)
    for name, optimizer in OPTIMIZERS.items():
        yield f"optimizer {name}", example(hidden, last, optimizer=optimizer)


def _sequence_examples() -> Iterable[tuple[str, Example]]:
    hidden, last = dense("h", 4, "tanh"), dense("o", OUTPUTS)
    scale = {"weight": np.array([0.5, -1.0, 1.5, 2.0]), "bias": np.array([0.1, -0.2, 0.3, 0.4])}
    for loss in LOSSES:
        output = dense("o", OUTPUTS, OUTPUT_OF.get(loss, "linear"))
        yield f"steps {loss}", stepwise(hidden, output, loss=loss, batch_size=3)
    shares = distributions(ROWS * TIME).reshape(ROWS, TIME, OUTPUTS)
    softmax = dense("o", OUTPUTS, "softmax")
    for name, output in (("", last), (" softmax", softmax)):
        yield f"steps{name} shares", stepwise(hidden, output, loss="cross_entropy", y=shares)
        options = {"loss": "cross_entropy", "y": masked(), "batch_size": 3}
        yield f"steps{name} masked", stepwise(hidden, output, **options)
    yield "steps softmax mse", stepwise(dense("h", 4, "softmax"), last)
    yield "steps dropout", stepwise(hidden, Dropout(name="d", p=0.4), last, batch_size=3)
    yield "steps layer_norm", stepwise(hidden, LayerNorm(name="n", **scale), last, batch_size=3)
    yield "steps batch_norm", stepwise(hidden, BatchNorm(name="n", **scale), last, batch_size=3)
    yield "steps no bias", stepwise(dense("h", 4, "tanh", bias=False), last)

    embedding = Embedding(name="e", units=3, vocabulary=VOCABULARY)
    options = {"x": tokens(), "batch_size": 3}
    yield "embedding steps", stepwise(embedding, last, loss="cross_entropy", **options)
    yield "embedding flatten", example(embedding, Flatten(name="f"), last, **options)
    yield (
        "embedding frozen norm",
        stepwise(embedding, dense("h", 4, freeze=True), LayerNorm(name="n"), last, x=tokens()),
    )
    yield "flatten steps", example(hidden, Flatten(name="f"), last, x=sequences(), batch_size=3)
    yield "flatten rows", example(hidden, Flatten(name="f"), last)


def recurrent(cell: type[Recurrent], name: str, units: int, **options: Any) -> Recurrent:
    """A recurrent layer whose two biases are neither 0 nor the same."""
    rows = len(cell.gates) * units
    biases = {"bias_ih": np.linspace(-0.3, 0.4, rows), "bias_hh": np.linspace(0.2, -0.1, rows)}
    return cell(name=name, units=units, **{**biases, **options})


RECURRENT: Final[dict[str, tuple[type[Recurrent], dict[str, Any]]]] = {
    "rnn": (Rnn, {}),
    "rnn relu": (Rnn, {"activation": Activation("relu")}),
    "lstm": (Lstm, {"forget_bias": 1.0}),
    "gru": (Gru, {"update_bias": 1.0}),
}
"""The recurrent layers, with what only they can have."""


def _recurrent_examples() -> Iterable[tuple[str, Example]]:
    last = dense("o", OUTPUTS)
    no_bias = {"bias": False, "bias_ih": None, "bias_hh": None}
    for name, (cell, options) in RECURRENT.items():
        one, two = recurrent(cell, "r", 3, **options), recurrent(cell, "s", 2, **options)
        inner = replace(one, return_sequences=True)
        yield name, example(one, last, x=sequences(), batch_size=3)
        yield f"{name} steps", stepwise(inner, last, batch_size=3)
        yield f"{name} stacked", example(inner, two, x=sequences(), batch_size=3)
        stacked = (inner, replace(two, return_sequences=True))
        yield f"{name} stacked steps", stepwise(*stacked, last, batch_size=3)
        yield f"{name} penalised", example(one, last, x=sequences(), l1=0.02, l2=0.05)
        start = {key: 0.0 for key in options if key.endswith("_bias")}
        bare = recurrent(cell, "r", 3, **{**options, **start, **no_bias})
        yield f"{name} no bias", example(bare, last, x=sequences())
    embedding = Embedding(name="e", units=3, vocabulary=VOCABULARY)
    layers = (embedding, recurrent(Lstm, "r", 3), LayerNorm(name="n"), dense("o", OUTPUTS))
    yield "embedding lstm", example(*layers, x=tokens(), batch_size=3)


def _transformer_examples() -> Iterable[tuple[str, Example]]:
    hidden, last = dense("h", 4, "tanh"), dense("o", OUTPUTS)
    for name, layers in TRANSFORMERS.items():
        yield name, stepwise(hidden, *layers, last, batch_size=3)
    raw = TRANSFORMERS["block"]
    yield "block on data", stepwise(*raw, x=sequences(TIME, 4), y=sequences(TIME, 4) + 1.5)
    yield "block penalised", stepwise(*raw, last, x=sequences(TIME, 4), l1=0.02, l2=0.05)
    embedding = Embedding(name="e", units=4, vocabulary=VOCABULARY)
    layers = (embedding, *TRANSFORMERS["learned"], LayerNorm(name="n"), last)
    yield (
        "transformer",
        stepwise(*layers, x=tokens(), loss="cross_entropy", y=masked(), batch_size=3),
    )


def _image_examples() -> Iterable[tuple[str, Example]]:
    norm, last = BatchNorm(name="n", weight=np.array([0.5, -1.5])), dense("o", OUTPUTS)
    yield "images", example(norm, x=images(), y=images() + 1.5, batch_size=3)
    yield "images bce_logits", example(norm, loss="bce_logits", x=images(), y=abs(images()) / 9)
    flat = (Dropout(name="d", p=0.3), Flatten(name="f"), last)
    yield "images flatten", example(norm, *flat, x=images(), batch_size=3)
    options: dict[str, Any] = {"x": images(2, 4, 5), "batch_size": 3}
    for name, layers in CONVOLUTIONS.items():
        yield name, example(*layers, Flatten(name="f"), last, **options)
    conv, flat = convolution("c", 2, 3), Flatten(name="f")
    frozen = convolution("d", 2, 2, freeze=("bias",))
    yield "conv2d alone", example(convolution("c", 2, 3), y=maps(2, 3), **options)
    yield "conv2d l1 l2", example(conv, flat, last, l1=0.02, l2=0.05, **options)
    yield "conv2d frozen", example(conv, frozen, flat, last, **options)
    yield "conv2d batch_norm", example(conv, norm, flat, last, **options)
    pool = MaxPool2d(name="p", kernel_size=2)
    yield "max_pool2d alone", example(conv, pool, y=maps(1, 1), **options)
    classes = np.arange(ROWS * 6).reshape(ROWS, 2, 3) * 7 % 3 - 1
    yield "images masked", example(norm, loss="cross_entropy", x=images(), y=classes, batch_size=3)


def maps(height: int, width: int) -> np.ndarray:
    """Targets of the shape of two channels."""
    return images(2, height, width) + 1.5


def stepwise(*layers: Layer, loss: str = "mse", **options: Any) -> Example:
    """A network on sequences, with targets for each time step."""
    return example(*layers, **{"loss": loss, "x": sequences(), "y": per_step(loss), **options})


EXAMPLES: Final[dict[str, Example]] = {
    **dict(_examples()),
    **dict(_sequence_examples()),
    **dict(_recurrent_examples()),
    **dict(_transformer_examples()),
    **dict(_image_examples()),
    **{name: Example(*pair) for name, pair in GANS.items()},
    **{name: Example(*som) for name, som in SOMS.items()},
}
