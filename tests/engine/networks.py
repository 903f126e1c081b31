"""The networks that speed is measured on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from nntui.engine.activations import Activation
from nntui.engine.layers import Layer
from nntui.engine.layers.conv2d import Conv2d
from nntui.engine.layers.dense import Dense
from nntui.engine.layers.embedding import Embedding
from nntui.engine.layers.flatten import Flatten
from nntui.engine.layers.gru import Gru
from nntui.engine.layers.layer_norm import LayerNorm
from nntui.engine.layers.lstm import Lstm
from nntui.engine.layers.pool2d import MaxPool2d
from nntui.engine.layers.positional_encoding import PositionalEncoding
from nntui.engine.layers.recurrent import Recurrent
from nntui.engine.layers.rnn import Rnn
from nntui.engine.layers.transformer_block import TransformerBlock
from nntui.engine.model import Dataset, Loss, Samples, Training
from nntui.engine.models.gan import Gan, GanTraining, Player
from nntui.engine.models.sequential import Sequential
from nntui.engine.optimizers import Optimizer, Sgd
from nntui.engine.trainer import Trainer

RATE: Final = 0.01
"""The learning rate of those that are not given an optimizer."""


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
        return _trainer(layers, self.loss, self.data(), self.sizes[-1], optimizer)


@dataclass(frozen=True)
class ConvNetwork:
    """Filters of 3×3 over square images, relu, max pooling by 2, and a dense layer for classes."""

    side: int
    filters: int
    classes: int
    batch: int
    loss: str = "cross_entropy"

    @property
    def features(self) -> int:
        """How many numbers the dense layer sees."""
        return self.filters * ((self.side - 2) // 2) ** 2

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """(x, y), y class indices."""
        random = np.random.default_rng(0)
        x = random.normal(size=(self.batch, 1, self.side, self.side))
        return x, random.integers(0, self.classes, self.batch)

    def trainer(self, optimizer: Optimizer | None = None) -> Trainer:
        """A fresh run."""
        relu = Activation("relu")
        layers = (
            Conv2d(name="conv", filters=self.filters, kernel_size=3, activation=relu),
            MaxPool2d(name="pool", kernel_size=2),
            Flatten(name="flat"),
            Dense(name="out", units=self.classes),
        )
        return _trainer(layers, self.loss, self.data(), self.classes, optimizer)


CELLS: Final[dict[str, type[Recurrent]]] = {"rnn": Rnn, "lstm": Lstm, "gru": Gru}


@dataclass(frozen=True)
class RecurrentNetwork:
    """A recurrent layer, and a dense one on its last state.

    Attributes:
        cell: a key of `CELLS`.
    """

    cell: str
    units: int
    time: int
    features: int
    outputs: int
    batch: int
    loss: str = "mse"

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """(x, y)."""
        random = np.random.default_rng(0)
        x = random.normal(size=(self.batch, self.time, self.features))
        return x, random.random((self.batch, self.outputs))

    def trainer(self, optimizer: Optimizer | None = None) -> Trainer:
        """A fresh run."""
        layers = (CELLS[self.cell](name="r", units=self.units), Dense(name="o", units=self.outputs))
        return _trainer(layers, self.loss, self.data(), self.outputs, optimizer)


@dataclass(frozen=True)
class TransformerNetwork:
    """Embedding, learned positions, a causal block, layer norm, and scores of the next token."""

    units: int
    heads: int
    ff: int
    tokens: int
    time: int
    batch: int
    loss: str = "cross_entropy"

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """(x, y), token ids and class indices, both (batch, time)."""
        random = np.random.default_rng(0)
        ids = random.integers(0, self.tokens, (2, self.batch, self.time))
        return ids[0].astype(np.float64), ids[1]

    def trainer(self, optimizer: Optimizer | None = None) -> Trainer:
        """A fresh run."""
        layers = (
            Embedding(name="embedding", units=self.units, vocabulary=self.tokens),
            PositionalEncoding(name="position", kind="learned"),
            TransformerBlock(name="block", heads=self.heads, ff=self.ff, causal=True),
            LayerNorm(name="norm"),
            Dense(name="out", units=self.tokens),
        )
        return _trainer(layers, self.loss, self.data(), self.tokens, optimizer)


@dataclass(frozen=True)
class GanNetwork:
    """Two adversaries on one batch of random points, with noise of their own in every step.

    Attributes:
        generator, discriminator: noise or features, then the units of each layer; all but the last
            are leaky relu.
    """

    generator: tuple[int, ...]
    discriminator: tuple[int, ...]
    batch: int
    slope: float = 0.2

    def data(self) -> np.ndarray:
        """Real samples, (batch, features)."""
        return np.random.default_rng(0).normal(size=(self.batch, self.discriminator[0]))

    def trainer(self, optimizer: Optimizer | None = None) -> Trainer:
        """A fresh run."""
        training = GanTraining(optimizer=optimizer or Sgd(lr=RATE), batch_size=self.batch)
        model = Gan(
            generator=Player(layers=self._layers(self.generator)),
            discriminator=Player(layers=self._layers(self.discriminator)),
            latent=self.generator[0],
            training=training,
        )
        return Trainer(model, Dataset(train=Samples(self.data(), None)))

    def _layers(self, sizes: tuple[int, ...]) -> tuple[Layer, ...]:
        *inner, last = sizes[1:]
        leaky = Activation("leaky_relu", self.slope)
        hidden = (Dense(name=f"l{i}", units=n, activation=leaky) for i, n in enumerate(inner))
        return (*hidden, Dense(name="out", units=last))


AnyNetwork = Network | ConvNetwork | RecurrentNetwork | TransformerNetwork | GanNetwork


def _trainer(
    layers: tuple[Layer, ...],
    loss: str,
    data: tuple[np.ndarray, np.ndarray],
    outputs: int,
    optimizer: Optimizer | None,
) -> Trainer:
    """A run on one batch."""
    x, y = data
    training = Training(loss=Loss(loss), optimizer=optimizer or Sgd(lr=RATE), batch_size=len(x))
    dataset = Dataset(train=Samples(x, y), outputs=tuple(map(str, range(outputs))))
    return Trainer(Sequential(layers=layers, training=training), dataset)


SMALLEST = "2-2-1 sigmoid, batch 1"
SMALLEST_BCE = "2-2-1 sigmoid bce, batch 1"
SMALL = "2-8-8-1 tanh, batch 10"
MIDDLE = "64-16-16-10 relu, batch 32"
LARGE = "784-128-10 relu, batch 64"
RNN = "RNN 16, 16 steps of 8, batch 16"
LSTM = "LSTM 16, 16 steps of 8, batch 16"
GRU = "GRU 16, 16 steps of 8, batch 16"
TRANSFORMER = "transformer 16, 2 heads, 8 tokens, batch 16"
GAN = "GAN 2-16-16-2 and 2-16-16-1, batch 32"
CONV = "8×8 conv 3×3×8 relu pool 2, batch 32"

NETWORKS: Final[dict[str, AnyNetwork]] = {
    SMALLEST: Network((2, 2, 1), ("sigmoid",) * 2, "mse", 1),
    SMALLEST_BCE: Network((2, 2, 1), ("sigmoid",) * 2, "bce", 1),
    SMALL: Network((2, 8, 8, 1), ("tanh",) * 3, "mse", 10),
    MIDDLE: Network((64, 16, 16, 10), ("relu", "relu", "linear"), "cross_entropy", 32),
    LARGE: Network((784, 128, 10), ("relu", "linear"), "cross_entropy", 64),
    CONV: ConvNetwork(side=8, filters=8, classes=10, batch=32),
    **{
        name: RecurrentNetwork(cell, units=16, time=16, features=8, outputs=4, batch=16)
        for name, cell in ((RNN, "rnn"), (LSTM, "lstm"), (GRU, "gru"))
    },
    GAN: GanNetwork((2, 16, 16, 2), (2, 16, 16, 1), batch=32),
    TRANSFORMER: TransformerNetwork(units=16, heads=2, ff=64, tokens=16, time=8, batch=16),
}
