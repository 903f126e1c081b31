"""Small self-organizing maps that between them have every option, on data of several features."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from nntui.engine.decays import DECAYS
from nntui.engine.model import Dataset, Samples
from nntui.engine.models.som import Map, Som
from nntui.engine.ops.neighbourhood import NEIGHBOURHOODS

ROWS: Final = 6
"""Rows of data."""

FEATURES: Final = 3


def points(rows: int = ROWS, features: int = FEATURES) -> np.ndarray:
    """Rows of numbers between 0 and 1."""
    return np.random.default_rng(11).random((rows, features))


def start(rows: int, cols: int, features: int = FEATURES) -> np.ndarray:
    """Weights to start from."""
    return np.random.default_rng(12).random((rows * cols, features))


def som(
    rows: int = 3,
    cols: int = 4,
    *,
    epochs: int = 3,
    x: np.ndarray | None = None,
    shuffle: bool = False,
    dtype: str = "float64",
    **options: Any,
) -> tuple[Som, Dataset]:
    """A map and its data."""
    x = points() if x is None else x
    if "init" not in options:
        options = {"weight": start(rows, cols, x.shape[1]), **options}
    model = Som(map=Map(rows=rows, cols=cols, **options), passes=epochs, seed=5, dtype=dtype)
    return model, Dataset(train=Samples(x, None), shuffle=shuffle)


SOMS: Final[dict[str, tuple[Som, Dataset]]] = {
    **{f"som {shape}": som(neighbourhood=shape, radius=1.7) for shape in NEIGHBOURHOODS},
    **{f"som {decay}": som(decay=decay, topology="hexagonal") for decay in DECAYS},
    "som of 6 features": som(x=points(features=6), init="pca"),
    "som of 1 feature": som(x=points(features=1), init="uniform"),
}
