"""Do the layers fit together: shapes, given values, sizes, all before anything is allocated."""

from __future__ import annotations

import difflib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from nntui.engine.layers import Layer, ParameterSpec, Shape
from nntui.engine.layers.batch_norm import BatchNorm
from nntui.engine.optimizers import Optimizer, Sgd
from nntui.engine.options import Values
from nntui.engine.tensor import feature_axis
from nntui.errors import ShapeError
from nntui.scenario.report import Place
from nntui.scenario.rows import spell_shape
from nntui.scenario.text import clean, enumerate_names, quote

MAX_PARAMETERS: Final = 20_000_000
MAX_ACTIVATION_BYTES: Final = 200_000_000
"""Numbers to learn in a network, and memory of one batch's activations."""


@dataclass(frozen=True)
class Walk:
    """What the layers make of a sample.

    Attributes:
        shapes: of the sample before the first layer, and after each.
        work: numbers that the layers need beside, for each sample.
    """

    shapes: tuple[Shape, ...]
    work: int


def walk(layers: Sequence[Layer | None], features: Shape, place: Place, dtype: str) -> Walk | None:
    """Follow a sample of shape `features` through the layers; None after a reported problem.

    It ends at the first layer that is None, or that the shapes do not fit.
    """
    shapes, parameters, work = [features], 0, 0
    for i, layer in enumerate(layers):
        at = place.at(i)
        if layer is None:
            return None
        try:
            shape = layer.shape(shapes[-1])
        except ShapeError as error:
            (at.at(error.key) if error.key else at).refuse(clean(str(error)))
            return None
        specs = layer.parameters(shapes[-1])
        parameters += sum(math.prod(spec.shape) for spec in specs)
        if parameters > MAX_PARAMETERS:
            at.refuse(
                f"the network has {parameters} parameters up to here; at most {MAX_PARAMETERS} fit "
                "— use fewer units"
            )
            return None
        _check_given(layer, specs, at, dtype)
        _check_freeze(layer, specs, at)
        work += layer.work(shapes[-1])
        shapes.append(shape)
    return Walk(tuple(shapes), work)


def _check_given(layer: Layer, specs: Sequence[ParameterSpec], place: Place, dtype: str) -> None:
    expected = {spec.name: spec for spec in specs}
    for name, values in layer.given().items():
        at = place.at(*name.split("."))
        if values.shape != expected[name].shape:
            at.refuse(_shape_problem(values.shape, expected[name]))
        elif message := overflow(values, dtype):
            at.refuse(message)


def _shape_problem(got: Shape, spec: ParameterSpec) -> str:
    needed = spell_shape(spec.shape)
    message = f"has the shape {spell_shape(got)}, but this layer needs {needed}"
    if len(spec.shape) == 2 and got == spec.shape[::-1]:
        return f"{message} — one row for each unit, one column for each input"
    return f"{message} ({spec.axes})" if spec.axes else message


def overflow(values: Values, dtype: str) -> str:
    """Why finite numbers do not fit into `dtype`; empty where they do."""
    largest = float(np.abs(values).max(initial=0.0))
    if largest <= float(np.finfo(dtype).max):
        return ""
    return f"{largest:g} is too large for {dtype}"


def check_optimizer(optimizer: Optimizer, place: Place) -> None:
    """Report options of an optimizer that do not go together."""
    if isinstance(optimizer, Sgd) and optimizer.nesterov and not optimizer.momentum:
        place.at("nesterov").refuse("needs a momentum above 0")


def _check_freeze(layer: Layer, specs: Sequence[ParameterSpec], place: Place) -> None:
    freeze = getattr(layer, "freeze", False)
    if isinstance(freeze, bool):
        return
    names = [spec.name for spec in specs]
    for i, name in enumerate(freeze):
        if name not in names:
            near = difflib.get_close_matches(name[:60], names, n=1)
            known = f"it has {enumerate_names(names)}" if names else "it has none"
            place.at("freeze", i).refuse(
                f"this layer has no parameter {quote(name)} ({known})", near[0] if near else ""
            )


def check_batch(
    layers: Sequence[Layer | None],
    walk: Walk,
    rows: int,
    batch_size: int | None,
    root: Place,
    stack: Place | None = None,
) -> None:
    """Report a batch too large for memory, or too small for `batch_norm`.

    Args:
        rows: of the training data.
        batch_size: as the file gives it.
        stack: where the layers stand, if not at the top of the file.
    """
    at = stack or root.at("layers")
    batch = min(batch_size or 32, rows)
    place = root.at("training") if batch_size is None else root.at("training", "batch_size")
    size = 8 * batch * (walk.work + sum(math.prod(shape) for shape in walk.shapes))
    if size > MAX_ACTIVATION_BYTES:
        place.refuse(
            f"a batch of {batch} rows needs {size // 1_000_000} MB of activations; at most "
            f"{MAX_ACTIVATION_BYTES // 1_000_000} MB fit — use smaller batches or fewer units"
        )
    for i, (layer, shape) in enumerate(zip(layers, walk.shapes, strict=False)):
        columns = math.prod(shape) // shape[feature_axis(shape)]
        if not isinstance(layer, BatchNorm) or columns > 1:
            continue
        if rows == 1:
            at.at(i).refuse(
                "batch_norm needs batches of two rows or more, and there is one row to train on"
            )
        elif batch == 1:
            place.refuse(f"batch_norm ({quote(layer.name)}) needs batches of two rows or more")
        elif rows % batch == 1:
            place.refuse(
                f"the last batch of an epoch has one row ({rows} rows in batches of {batch}), and "
                f"batch_norm ({quote(layer.name)}) needs two — choose another batch_size"
            )
