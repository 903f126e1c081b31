"""The activation functions a layer can name; what they compute is in the op table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Activation:
    """An activation function by name.

    Attributes:
        type: a key of `ACTIVATIONS`.
        alpha: the slope (leaky_relu) or scale (elu) of the negative side; None elsewhere.
    """

    type: str
    alpha: float | None = None


ACTIVATIONS: Final[Mapping[str, float | None]] = {
    "linear": None,
    "sigmoid": None,
    "tanh": None,
    "relu": None,
    "leaky_relu": 0.01,
    "elu": 1.0,
    "gelu": None,
    "silu": None,
    "softplus": None,
    "softmax": None,
}
"""Each activation's default alpha; None where it takes none."""

LINEAR: Final = Activation("linear")
RELU_FAMILY: Final = frozenset({"relu", "leaky_relu", "elu", "gelu", "silu", "softplus"})
