"""The `[[layers]]` of a file: their names, and each one's options."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from nntui.engine.layers import LAYERS, Layer
from nntui.scenario.kinds import Line, describe
from nntui.scenario.options import Tagged, read
from nntui.scenario.report import Place
from nntui.scenario.text import quote

MAX_LAYERS: Final = 1000

RESERVED: Final = frozenset({"x", "y", "loss"})
"""Names of tensors that belong to no layer."""

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TYPES: Final = Tagged("layer type", LAYERS)


def read_layers(value: object, place: Place) -> tuple[list[str], list[Layer | None]]:
    """Names and layers, in order; None for each layer with a reported problem."""
    if isinstance(value, dict):
        place.refuse("expected an array of tables: write [[layers]], with two brackets")
    elif not isinstance(value, list):
        place.refuse(f"expected an array of tables [[layers]], got {describe(value)}")
    elif not value:
        place.refuse("is empty: a network needs at least one layer")
    elif len(value) > MAX_LAYERS:
        place.at(MAX_LAYERS).refuse(f"there are {len(value)} layers; at most {MAX_LAYERS} fit")
    else:
        names = _read_names(value, place)
        pairs = enumerate(zip(value, names, strict=True))
        return names, [_read_layer(table, name, place.at(i)) for i, (table, name) in pairs]
    return [], []


def _read_layer(table: object, name: str, place: Place) -> Layer | None:
    if not isinstance(table, dict):
        place.refuse(f"expected a table, got {describe(table)}")
        return None
    cls = _TYPES.choose(table, place, place.at("type"))
    if cls is None:
        return None
    rest = {key: value for key, value in table.items() if key not in ("name", "type")}
    layer: Layer | None = read(cls, rest, place, but=("name", "type"))
    return layer and dataclasses.replace(layer, name=name)


def _read_names(tables: Sequence[Any], place: Place) -> list[str]:
    """Each layer's name; where none is given, its type and its number among those of its type."""
    numbers: Counter[str] = Counter()
    owners: dict[str, int] = {}
    names = []
    for i, table in enumerate(tables):
        entries = table if isinstance(table, dict) else {}
        kind = entries.get("type")
        default = str(kind) if isinstance(kind, str) else "layer"
        numbers[default] += 1
        name = f"{default}{numbers[default]}"
        at = place.at(i)
        if "name" in entries:
            at = at.at("name")
            name = _read_name(entries["name"], at) or name
        if name in owners:
            given = "" if "name" in entries else " (no name is given, so this is the default)"
            at.refuse(f"layers[{owners[name]}] is called {quote(name)} too{given}")
        owners.setdefault(name, i)
        names.append(name)
    return names


def _read_name(value: object, place: Place) -> str:
    """A layer's name; empty after a reported problem."""
    name = Line(limit=60, empty=False).read(value, place)
    if name is None:
        return ""
    if not _NAME.fullmatch(name):
        place.refuse(f"{quote(name)} is no name: letters, digits and _, no digit first")
    elif name in RESERVED:
        place.refuse(f"{quote(name)} is taken: x and y are the batch, loss is the loss")
    else:
        return str(name)
    return ""
