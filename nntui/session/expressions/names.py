"""The names an expression may use: tensors, facts about the position, constants."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from typing import Final, final, get_args

from nntui.engine.program import Phase
from nntui.scenario.text import nearest
from nntui.session.expressions.functions import FUNCTIONS, SPECIAL
from nntui.session.expressions.values import Scope, Shape

CONSTANTS: Final[Mapping[str, float]] = {
    "pi": math.pi,
    "e": math.e,
    "inf": math.inf,
    "nan": math.nan,
    "true": True,
    "false": False,
    "True": True,
    "False": False,
}

FACTS: Final[Mapping[str, Callable[[Scope], float]]] = {
    "step": lambda scope: float(scope.step),
    "epoch": lambda scope: float(scope.epoch),
    "op": lambda scope: float(scope.op),
    "lr": lambda scope: float(scope.lr),
}

TEXTS: Final[Mapping[str, Callable[[Scope], str]]] = {
    "phase": lambda scope: scope.phase,
    "layer": lambda scope: scope.layer,
    "player": lambda scope: scope.player,
}

ANY: Final = ("any_nan", "any_inf")

_ATTENTION_AXES: Final = 4
"""Attention weights are (batch, heads, query, key)."""

PHASES: Final[tuple[str, ...]] = get_args(Phase)

RESERVED: Final = frozenset({*CONSTANTS, *FACTS, *TEXTS, *ANY})
"""Names that mean this even where a tensor has the same."""


@final
class Names:
    """The tensors of a program, and what was meant by a name that is none of them.

    Attributes:
        masked: those in which a −∞ is meant.
    """

    def __init__(self, tensors: Mapping[str, Shape], masked: Collection[str] = ()) -> None:
        self.tensors = tensors
        self.masked = masked

    @cached_property
    def layers(self) -> frozenset[str]:
        """Every layer: what stands before the dots of the names of tensors."""
        layers: set[str] = set()
        for name in self.tensors:
            parts = name.split(".")
            layers.update(".".join(parts[:k]) for k in range(1, len(parts)))
        return frozenset(layers)

    @cached_property
    def ends(self) -> frozenset[str]:
        """The last parts of the layers' names: `hidden` of `generator.hidden`."""
        return frozenset(layer.rpartition(".")[2] for layer in self.layers)

    def alone(self, end: str) -> str:
        """The tensor that alone has this last part of its name: `som.bmu`; empty where none has."""
        found = [name for name in self.tensors if name.rpartition(".")[2] == end]
        return found[0] if len(found) == 1 else ""

    def of_layer(self, layer: str) -> list[str]:
        """The tensors of a layer."""
        return [name for name in self.tensors if name.startswith(f"{layer}.")]

    def weights_of(self, layer: str) -> str:
        """The tensor that an attention layer stands for, its weights; empty for other layers."""
        name = f"{layer}.weights"
        return name if len(self.tensors.get(name, ())) == _ATTENTION_AXES else ""

    def nearest(self, name: str) -> str:
        """The name that was probably meant by one that is not known; empty where none is near."""
        own = [tensor for tensor in self.tensors if tensor.endswith(f".{name}")]
        if own:
            return own[0]
        words = [word for word in (*sorted(RESERVED), *FUNCTIONS, *SPECIAL) if word != name]
        return nearest(name, [*self.tensors, *words])

    def nearest_layer(self, name: str, end: str = "") -> str:
        """The layer (with a tensor `end`) that was probably meant."""
        layers = self.layers - self.tensors.keys()
        return nearest(name, sorted(n for n in layers if not end or n + end in self.tensors))
