"""A self-organizing map as a file writes it: `[som]`, and for how long in `[training]`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final, final

import numpy as np

from nntui.engine.decays import DECAYS
from nntui.engine.model import Dataset, Model
from nntui.engine.models.som import NAME, Map, Som
from nntui.engine.options import Bounds
from nntui.scenario.data import held_back, split
from nntui.scenario.form import Given
from nntui.scenario.kinds import describe
from nntui.scenario.loaded import Loaded
from nntui.scenario.network import overflow
from nntui.scenario.options import read
from nntui.scenario.report import Place
from nntui.scenario.rows import spell_shape
from nntui.scenario.targets import Targets

MOST_UNITS: Final = 10_000
_MOST_WEIGHTS: Final = 1_000_000
_RATE: Final = "lr"
_FORBIDDEN: Final = ("loss", "optimizer", "schedule", "l1", "l2", "clip_norm")
"""What `[training]` has for a network, and a map has no use for."""


@dataclass(frozen=True, kw_only=True)
class _Length:
    """The `[training]` table of a map.

    Attributes:
        batch_size: a training step is one sample, which a file may say.
    """

    batch_size: int = 1
    epochs: Annotated[int, Bounds(ge=0, le=1_000_000_000)] = 100


@final
class SomForm:
    """The form of `Som`."""

    needs: ClassVar[tuple[str, ...]] = (NAME,)
    takes: ClassVar[tuple[str, ...]] = ("training",)

    def __init__(self, tables: dict[str, Any], root: Place) -> None:
        self._root = root
        self._place = root.at(NAME)
        self.owners: Sequence[str] = (NAME, _RATE)
        self._map = _read_map(tables, self._place)
        self._length = _read_length(tables.get("training", {}), root.at("training"))

    def fit(self, given: Given) -> tuple[Model, Dataset] | None:
        """Model and data, known to go together; None after a reported problem."""
        root, loaded, table = self._root, given.loaded, self._map
        before = root.report.count
        if loaded.x.ndim != 2 or loaded.tokens:
            shape = "token ids" if loaded.tokens else spell_shape(loaded.x.shape[1:])
            root.at("data").refuse(
                f"a self-organizing map takes a row of features, but a sample here is {shape}"
            )
        held = held_back(len(loaded), given.common, root.at("data"))
        if table is None or self._length is None or root.report.count != before:
            return None
        self._check_weight(table, loaded.x.shape[1], given.dtype)
        if root.report.count != before:
            return None
        data = split(loaded, _labels(loaded), given.common, held, given.seed)
        passes = self._length.epochs
        return Som(map=table, passes=passes, seed=given.seed, dtype=given.dtype), data

    def _check_weight(self, table: Map, features: int, dtype: str) -> None:
        units = table.rows * table.cols
        if units * features > _MOST_WEIGHTS:
            self._place.refuse(
                f"{units} units of {features} features have {units * features} weights; at most "
                f"{_MOST_WEIGHTS} fit — use fewer rows and columns"
            )
        if table.weight is None:
            return
        place, got, needed = self._place.at("weight"), table.weight.shape, (units, features)
        if got != needed:
            place.refuse(
                f"has the shape {spell_shape(got)}, but this map needs {spell_shape(needed)} "
                "(a row of features for each unit, row by row of the map)"
            )
        elif message := overflow(table.weight, dtype):
            place.refuse(message)


def _read_map(tables: dict[str, Any], place: Place) -> Map | None:
    table = tables.get(NAME)
    if not isinstance(table, dict):
        place.refuse(f"expected one table [{NAME}], got {describe(table)}")
        return None
    before = place.report.count
    found = read(Map, table, place)
    if found is None:
        return None
    units = found.rows * found.cols
    if units < 2:
        place.refuse("a map of one unit has nothing to organize: use more rows or columns")
    elif units > MOST_UNITS:
        place.refuse(f"{found.rows} × {found.cols} are {units} units; at most {MOST_UNITS} fit")
    if not DECAYS[found.decay].has_end:
        for key in ("final_learning_rate", "final_radius"):
            if key in table:
                place.at(key).refuse_key(
                    f"the decay {found.decay} goes its own way: with linear, exponential or "
                    "inverse a last value can be given"
                )
    if "weight" in table and "init" in table:
        place.at("init").refuse_key("does not go with weight: the values are given")
    return found if place.report.count == before else None


def _read_length(table: object, place: Place) -> _Length | None:
    if not isinstance(table, dict):
        place.refuse(f"expected one table [training], got {describe(table)}")
        return None
    for key in _FORBIDDEN:
        if key in table:
            place.at(key).refuse_key(
                "a self-organizing map takes no such option: it learns without a gradient, sample "
                f"by sample; how it does is said in [{NAME}]"
            )
    allowed = {key: value for key, value in table.items() if key not in _FORBIDDEN}
    length = read(_Length, allowed, place)
    if length and length.batch_size != 1:
        place.at("batch_size").refuse(
            f"must be 1, got {length.batch_size}: a self-organizing map learns sample by sample"
        )
    return length


def _labels(loaded: Loaded) -> Targets | None:
    """Classes, which a map does not learn from but whose names can be shown; else nothing."""
    y = loaded.y
    if y is None or not loaded.classes or y.ndim != 1 or not np.issubdtype(y.dtype, np.integer):
        return None
    return Targets(y, loaded.classes, loaded.classes)
