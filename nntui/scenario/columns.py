"""The columns of a table as sequences and images: `shape = [time, features]`."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Annotated

import numpy as np

from nntui.engine.options import Bounds
from nntui.scenario.kinds import Listing
from nntui.scenario.loaded import Loaded, Row
from nntui.scenario.numbers import Whole
from nntui.scenario.report import Place
from nntui.scenario.rows import spell_shape

Sizes = tuple[int, ...]

Shape = Annotated[Sizes, Listing(Whole(Bounds(ge=1, le=1_000_000)), most=3)]
"""Sizes of a sample's axes, the last of which runs fastest through the columns."""


def in_shape(
    loaded: Loaded, shape: Sizes | None, output_shape: Sizes | None, data: Place
) -> Loaded | None:
    """The columns of x and y put into shapes; None after a problem reported inside `data`."""
    before = data.report.count
    x, y = loaded.x, loaded.y
    if shape is not None and _check_shape(shape, x.shape[1], "inputs", data.at("shape")):
        cell = loaded.cell

        def column(i: int, index: tuple[int, ...]) -> Row:
            return cell(i, (int(np.ravel_multi_index(index, shape)),))

        inputs = loaded.inputs if len(shape) == 1 else ()
        x = x.reshape(len(x), *shape)
        loaded = replace(loaded, x=x, inputs=inputs, cell=column)
    if output_shape is None:
        return loaded if data.report.count == before else None
    at = data.at("output_shape")
    if y is None or y.ndim == 1:
        at.refuse("there are no numbers to predict that could have a shape")
    elif _check_shape(output_shape, y.shape[1], "outputs", at):
        outputs = loaded.outputs if len(output_shape) == 1 else ()
        loaded = replace(loaded, y=y.reshape(len(y), *output_shape), outputs=outputs)
    return loaded if data.report.count == before else None


def _check_shape(shape: Sizes, columns: int, what: str, place: Place) -> bool:
    if math.prod(shape) == columns:
        return True
    place.refuse(
        f"{spell_shape(shape)} makes {math.prod(shape)} numbers, but there are {columns} columns "
        f"of {what}"
    )
    return False
