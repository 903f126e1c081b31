"""Parts: layers that are made of smaller ones, whose parameters a scenario names by part.

`query.weight` of a layer `attention` is its part `query`'s weight.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import final

from nntui.engine.layers.layer import ParameterSpec
from nntui.engine.options import Values


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class Part:
    """Initial values of one part: `query = { weight = [[…]], bias = […] }`.

    Attributes:
        weight, bias: the values; None where not given.
    """

    weight: Values | None = None
    bias: Values | None = None

    def given(self) -> dict[str, Values]:
        """The values that are given."""
        given = {"weight": self.weight, "bias": self.bias}
        return {name: values for name, values in given.items() if values is not None}


def prefixed(part: str, given: Mapping[str, Values]) -> dict[str, Values]:
    """Values of a part by the names that the whole layer knows them under."""
    return {f"{part}.{name}": values for name, values in given.items()}


def specs_of(part: str, specs: Iterable[ParameterSpec]) -> Sequence[ParameterSpec]:
    """Parameters of a part under the names that the whole layer knows them under."""
    return tuple(replace(spec, name=f"{part}.{spec.name}") for spec in specs)


def freeze_of(part: str, freeze: bool | tuple[str, ...]) -> bool | tuple[str, ...]:
    """What a layer's `freeze` says about one of its parts."""
    if isinstance(freeze, bool):
        return freeze
    start = f"{part}."
    return tuple(name.removeprefix(start) for name in freeze if name.startswith(start))
