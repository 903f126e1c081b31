"""Small pairs of adversaries, and data for them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np

from nntui.engine.activations import Activation
from nntui.engine.data.source import Modes
from nntui.engine.layers import Layer
from nntui.engine.layers.batch_norm import BatchNorm
from nntui.engine.layers.conv2d import Conv2d
from nntui.engine.layers.dense import Dense
from nntui.engine.layers.dropout import Dropout
from nntui.engine.layers.flatten import Flatten
from nntui.engine.layers.pool2d import AvgPool2d, MaxPool2d
from nntui.engine.model import Dataset, Samples
from nntui.engine.models.gan import Gan, GanTraining, Player
from nntui.engine.optimizers import Adagrad, Adam, Nadam, Optimizer, Rmsprop, Sgd
from nntui.engine.schedules import Exponential

ROWS: Final = 7
"""Rows of data; with batches of 3 the last batch has 1."""


def dense(name: str, units: int, activation: str = "linear") -> Dense:
    """A dense layer by the name of its activation."""
    alpha = 0.2 if activation == "leaky_relu" else None
    return Dense(name=name, units=units, activation=Activation(activation, alpha))


def maker(outputs: int = 2, *inner: Layer) -> tuple[Layer, ...]:
    """A generator's layers."""
    return (dense("h", 5, "leaky_relu"), *inner, dense("o", outputs))


def judge(last: str = "sigmoid", *inner: Layer) -> tuple[Layer, ...]:
    """A discriminator's layers."""
    return (dense("h", 4, "leaky_relu"), *inner, dense("o", 1, last))


def gan(
    generator: tuple[Layer, ...] | None = None,
    discriminator: tuple[Layer, ...] | None = None,
    *,
    turns: tuple[int, int] = (1, 1),
    optimizers: tuple[Optimizer | None, Optimizer | None] = (None, None),
    dtype: str = "float64",
    seed: int = 3,
    **training: Any,
) -> Gan:
    """Two players; of pairs the generator's comes first."""
    options = {"optimizer": Adam(lr=0.02, betas=(0.5, 0.999)), "batch_size": 3, **training}
    return Gan(
        generator=Player(layers=generator or maker(), optimizer=optimizers[0], steps=turns[0]),
        discriminator=Player(
            layers=discriminator or judge(), optimizer=optimizers[1], steps=turns[1]
        ),
        latent=2,
        training=GanTraining(**options),
        seed=seed,
        dtype=dtype,
    )


def points(rows: int = ROWS, shape: tuple[int, ...] = (2,), *, shuffle: bool = False) -> Dataset:
    """Real samples."""
    x = np.random.default_rng(5).normal(size=(rows, *shape)) + 0.5
    return Dataset(train=Samples(x, None), shuffle=shuffle)


PIXELS: Final = (1, 3, 4)
"""The shape of the images among the data."""

_IMAGE_JUDGE: Final = (Conv2d(name="c", filters=2, kernel_size=(2, 2)), Flatten(name="f"))

_POOLING_JUDGE: Final = (
    MaxPool2d(name="m", kernel_size=(2, 2), stride=(1, 1)),
    AvgPool2d(name="a", kernel_size=(2, 2), stride=(1, 1)),
    Flatten(name="f"),
)

GANS: Final[dict[str, tuple[Gan, Dataset]]] = {
    "gan": (gan(measure_every=2), replace(points(), modes=Modes(np.eye(2), 0.8))),
    "gan logits": (gan(discriminator=judge("linear")), points()),
    "gan smooth": (gan(real_label=0.9), points()),
    "gan smooth logits": (gan(discriminator=judge("linear"), real_label=0.8), points()),
    "gan saturating": (gan(saturating=True), points()),
    "gan saturating logits": (gan(discriminator=judge("linear"), saturating=True), points()),
    "gan turns": (gan(turns=(2, 3)), points()),
    "gan optimizers": (
        gan(
            optimizers=(Sgd(lr=0.1, momentum=0.9), Rmsprop(lr=0.01)),
            schedule=Exponential(gamma=0.9),
            clip_norm=0.4,
        ),
        points(),
    ),
    "gan adagrads": (
        gan(
            optimizers=(
                Adagrad(lr=0.05, initial_accumulator_value=0.3),
                Adagrad(lr=0.02, initial_accumulator_value=0.1, lr_decay=0.1),
            ),
            turns=(2, 1),
        ),
        points(),
    ),
    "gan penalty": (gan(turns=(1, 2), l1=0.02, l2=0.3), points()),
    "gan penalty logits": (
        gan(discriminator=judge("linear"), l1=0.01, clip_norm=0.4, saturating=True),
        points(),
    ),
    "gan nadam": (gan(optimizers=(None, Nadam(lr=0.01)), turns=(1, 2)), points()),
    "gan norm": (gan(maker(2, BatchNorm(name="n")), batch_size=4), points(8)),
    "gan norms": (
        gan(maker(2, BatchNorm(name="n")), judge("sigmoid", BatchNorm(name="n")), batch_size=4),
        points(8),
    ),
    "gan dropout": (gan(discriminator=judge("linear", Dropout(name="d", p=0.3))), points()),
    "gan images": (
        gan(maker(12), (*_IMAGE_JUDGE, dense("o", 1, "sigmoid"))),
        points(shape=PIXELS),
    ),
    "gan pools": (
        gan(maker(12), (*_POOLING_JUDGE, dense("o", 1))),
        points(shape=PIXELS),
    ),
}
"""By name: two players and their data."""
