"""The measured networks in PyTorch, eager and on one thread, trained by plain SGD."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional

from tests.engine.networks import (
    RATE,
    AnyNetwork,
    ConvNetwork,
    GanNetwork,
    RecurrentNetwork,
    TransformerNetwork,
)

Run = Callable[[int], Any]


class Last(torch.nn.Module):
    """The last of the states that a recurrent module returns."""

    def forward(self, returned: Any) -> Any:
        states, _ = returned
        return states[:, -1]


class Positions(torch.nn.Module):
    """Learned positions, added."""

    def __init__(self, network: TransformerNetwork) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(network.time, network.units))

    def forward(self, x: Any) -> Any:
        return x + self.weight


class Block(torch.nn.Module):
    """A pre-norm block, its three projections in one product and its attention in one call.

    `torch.nn.TransformerEncoderLayer` does the same and takes longer.
    """

    def __init__(self, network: TransformerNetwork) -> None:
        super().__init__()
        units = network.units
        self.heads = network.heads
        self.norm1, self.norm2 = torch.nn.LayerNorm(units), torch.nn.LayerNorm(units)
        self.projections = torch.nn.Linear(units, 3 * units)
        self.out = torch.nn.Linear(units, units)
        self.ff1, self.ff2 = torch.nn.Linear(units, network.ff), torch.nn.Linear(network.ff, units)

    def forward(self, x: Any) -> Any:
        x = x + self.out(self.attend(self.norm1(x)))
        return x + self.ff2(functional.relu(self.ff1(self.norm2(x))))

    def attend(self, x: Any) -> Any:
        """What the heads find, joined: (batch, time, units)."""
        batch, time, units = x.shape
        parts = self.projections(x).view(batch, time, 3, self.heads, units // self.heads)
        found = functional.scaled_dot_product_attention(
            *parts.permute(2, 0, 3, 1, 4), is_causal=True
        )
        return found.transpose(1, 2).reshape(batch, time, units)


def torch_layers(network: AnyNetwork) -> list[Any]:
    """The network as PyTorch's modules."""
    if isinstance(network, ConvNetwork):
        return [
            torch.nn.Conv2d(1, network.filters, 3),
            torch.nn.ReLU(),
            torch.nn.MaxPool2d(2),
            torch.nn.Flatten(),
            torch.nn.Linear(network.features, network.classes),
        ]
    if isinstance(network, RecurrentNetwork):
        cells = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
        return [
            cells[network.cell](network.features, network.units, batch_first=True),
            Last(),
            torch.nn.Linear(network.units, network.outputs),
        ]
    if isinstance(network, TransformerNetwork):
        return [
            torch.nn.Embedding(network.tokens, network.units),
            Positions(network),
            Block(network),
            torch.nn.LayerNorm(network.units),
            torch.nn.Linear(network.units, network.tokens),
            torch.nn.Flatten(0, 1),
        ]
    functions = {"sigmoid": torch.nn.Sigmoid, "tanh": torch.nn.Tanh, "relu": torch.nn.ReLU}
    layers: list[torch.nn.Module] = []
    for before, after, name in zip(
        network.sizes, network.sizes[1:], network.activations, strict=False
    ):
        layers.append(torch.nn.Linear(before, after))
        if name in functions:
            layers.append(functions[name]())
    return layers


def _player(sizes: tuple[int, ...], slope: float) -> Any:
    layers: list[torch.nn.Module] = []
    for before, after in itertools.pairwise(sizes):
        layers += [torch.nn.Linear(before, after), torch.nn.LeakyReLU(slope)]
    return torch.nn.Sequential(*layers[:-1])


def adversaries(network: GanNetwork) -> Run:
    """The usual loop, real and fake samples judged in one pass."""
    generator = _player(network.generator, network.slope)
    discriminator = _player(network.discriminator, network.slope)
    criterion = torch.nn.BCEWithLogitsLoss()
    of_d = torch.optim.SGD(discriminator.parameters(), lr=RATE)
    of_g = torch.optim.SGD(generator.parameters(), lr=RATE)
    x = torch.tensor(network.data())
    ones, zeros = torch.ones(len(x), 1), torch.zeros(len(x), 1)
    labels, latent = torch.cat([ones, zeros]), network.generator[0]

    def run(count: int) -> None:
        for _ in range(count):
            with torch.no_grad():
                fakes = generator(torch.randn(len(x), latent))
            of_d.zero_grad()
            loss = 2 * criterion(discriminator(torch.cat([x, fakes])), labels)
            loss.backward()
            of_d.step()
            of_g.zero_grad()
            fooled = criterion(discriminator(generator(torch.randn(len(x), latent))), ones)
            fooled.backward()
            of_g.step()
            (loss + fooled).item()

    return run


def pytorch(network: AnyNetwork) -> Run:
    """Its training."""
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    if isinstance(network, GanNetwork):
        return adversaries(network)
    losses = {
        "mse": torch.nn.MSELoss,
        "bce": torch.nn.BCELoss,
        "cross_entropy": torch.nn.CrossEntropyLoss,
    }
    model, criterion = torch.nn.Sequential(*torch_layers(network)), losses[network.loss]()
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    x, y = map(torch.tensor, network.data())
    if isinstance(network, TransformerNetwork):
        x, y = x.long(), y.reshape(-1)

    def run(count: int) -> None:
        for _ in range(count):
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            loss.item()

    return run
