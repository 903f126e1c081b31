"""Tensors for expressions to read: made up, no program behind them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

SHAPES: dict[str, tuple[int, ...]] = {
    "x": (4, 2),
    "y": (4, 1),
    "lr": (),
    "hidden.weight": (3, 2),
    "hidden.bias": (3,),
    "hidden.z": (4, 3),
    "hidden.a": (4, 3),
    "output.weight": (1, 3),
    "output.bias": (1,),
    "output.z": (4, 1),
    "output.a": (4, 1),
    "loss": (),
    "loss.grad": (),
    "hidden.weight.grad": (3, 2),
    "output.weight.grad": (1, 3),
    "conv.a": (4, 2, 3, 3),
    "generator.first.z": (4, 2),
    "generator.first.a": (4, 2),
    "som.weight": (5, 5, 2),
    "bmu": (2,),
    "attention.weights": (4, 2, 3, 3),
    "block.attention.weights": (4, 1, 3, 3),
}


@dataclass
class Fake:
    """A scope made of two dictionaries."""

    now: dict[str, Array] = field(default_factory=dict)
    before: dict[str, Array] = field(default_factory=dict)
    step: int = 5
    epoch: int = 2
    op: int = 3
    phase: str = "forward"
    layer: str = "hidden"
    player: str = ""
    finite: bool = False
    lr: float = 0.5
    sample: int = 2

    def tensor(self, name: str) -> Array | None:
        return self.now.get(name)

    def previous(self, name: str) -> Array | None:
        return self.before.get(name)


def random_tensors(seed: int, *, without: Iterable[str] = ()) -> dict[str, Array]:
    """A value for every tensor but those left out."""
    random = np.random.default_rng(seed)
    tensors = {name: np.array(random.normal(size=shape)) for name, shape in SHAPES.items()}
    return {name: array for name, array in tensors.items() if name not in without}


def scope(seed: int = 0, *, without: Iterable[str] = ()) -> Fake:
    """A scope with all tensors, now and one step before, but those left out."""
    left_out = set(without)
    return Fake(random_tensors(seed, without=left_out), random_tensors(seed + 1, without=left_out))
