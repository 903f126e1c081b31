"""The networks that speed is measured on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from nntui.engine.activations import Activation
from nntui.engine.layers.dense import Dense
from nntui.engine.model import Dataset, Loss, Model, Samples, Training
from nntui.engine.optimizers import Optimizer, Sgd
from nntui.engine.trainer import Trainer


@dataclass(frozen=True)
class Network:
    """A feed-forward network trained on one batch of random data.

    Attributes:
        sizes: features, then the units of each layer.
        activations: of each layer.
    """

    sizes: tuple[int, ...]
    activations: tuple[str, ...]
    loss: str
    batch: int

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """(x, y), y class indices where the loss takes them."""
        random = np.random.default_rng(0)
        x = random.normal(size=(self.batch, self.sizes[0]))
        if self.loss == "cross_entropy":
            return x, random.integers(0, self.sizes[-1], self.batch)
        return x, random.random((self.batch, self.sizes[-1]))

    def trainer(self, optimizer: Optimizer | None = None) -> Trainer:
        """A fresh run."""
        units = zip(self.sizes[1:], self.activations, strict=True)
        layers = tuple(
            Dense(name=f"l{i}", units=n, activation=Activation(a)) for i, (n, a) in enumerate(units)
        )
        training = Training(
            loss=Loss(self.loss), optimizer=optimizer or Sgd(lr=0.01), batch_size=self.batch
        )
        x, y = self.data()
        names = tuple(map(str, range(self.sizes[-1])))
        dataset = Dataset(train=Samples(x, y), outputs=names)
        return Trainer(Model(layers=layers, training=training), dataset)


SMALLEST = "2-2-1 sigmoid, batch 1"
SMALLEST_BCE = "2-2-1 sigmoid bce, batch 1"
SMALL = "2-8-8-1 tanh, batch 10"
MIDDLE = "64-16-16-10 relu, batch 32"
LARGE = "784-128-10 relu, batch 64"

NETWORKS: Final[dict[str, Network]] = {
    SMALLEST: Network((2, 2, 1), ("sigmoid",) * 2, "mse", 1),
    SMALLEST_BCE: Network((2, 2, 1), ("sigmoid",) * 2, "bce", 1),
    SMALL: Network((2, 8, 8, 1), ("tanh",) * 3, "mse", 10),
    MIDDLE: Network((64, 16, 16, 10), ("relu", "relu", "linear"), "cross_entropy", 32),
    LARGE: Network((784, 128, 10), ("relu", "linear"), "cross_entropy", 64),
}
