"""What a loss asks of the targets: their shape, their range, and the output layer before it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeGuard

import numpy as np
import numpy.typing as npt

from nntui.engine.layers import Layer, Shape
from nntui.engine.model import Loss
from nntui.engine.tensor import feature_axis
from nntui.scenario.loaded import Floats, Labels, Loaded
from nntui.scenario.output import Output
from nntui.scenario.report import Place
from nntui.scenario.text import enumerate_names

_PROBABILITIES: Final = frozenset({"sigmoid", "softmax"})
_SUM_TOLERANCE: Final = 1e-6


@dataclass(frozen=True, eq=False)
class Targets:
    """Targets as the loss takes them.

    Attributes:
        y: (rows, outputs…) float64, or (rows, …) int64 class indices.
        outputs: a name for each output.
        classes: a name for each class; empty where the outputs are no classes.
    """

    y: Floats | Labels
    outputs: tuple[str, ...]
    classes: tuple[str, ...] = ()


def fit_targets(
    loaded: Loaded, loss: Loss, layers: Sequence[Layer], shapes: Sequence[Shape], root: Place
) -> Targets | None:
    """The targets of `loaded` for `loss`; None after a reported problem.

    Args:
        layers: the network's, all readable.
        shapes: of a sample, before the first of them and after each.
    """
    before = root.report.count
    time = next((shape[0] for shape in shapes if len(shape) == 2), 0)
    place = root.at("layers", len(layers) - 1)
    last = Output(layers[-1], shapes[-1], time, place, root.at("data"))
    if loaded.y is None:
        loaded.row(0).refuse(f"the loss {loss.type} compares the output with y, and there is no y")
        return None
    if loss.type == "cross_entropy":
        targets = _class_targets(loaded, loaded.y, last)
    else:
        targets = _number_targets(loaded, loaded.y, loss.type, last)
    return targets if root.report.count == before else None


def _refuse_rows(
    loaded: Loaded, wrong: npt.NDArray[np.bool_], message: Callable[[int], str]
) -> None:
    """Report each row for which `wrong`, (rows, …), is true somewhere."""
    for i in np.flatnonzero(_any(wrong)):
        row = loaded.row(int(i))
        if row.place.report.full:
            return
        row.refuse(message(int(i)))


def _class_targets(loaded: Loaded, y: Floats | Labels, last: Output) -> Targets | None:
    """Class indices, or rows of probabilities."""
    units, positions = last.units, last.positions
    if units < 2:
        last.refuse(
            "cross_entropy needs an output for each class, so at least 2; for two classes one "
            'sigmoid output with loss = "bce" does as well'
        )
        return None
    if _holds_numbers(y) and y.shape[1:] == last.shape:
        _check_distributions(loaded, y, feature_axis(last.shape) + 1)
        labels: Floats | Labels = y
    elif y.shape[1:] in (positions, (*positions, 1)):
        labels = _class_indices(loaded, y.reshape(len(y), *positions), units, last)
        if positions and len(loaded.outputs) == math.prod(positions):
            # The columns of a table are time steps then, not classes.
            loaded = replace(loaded, outputs=())
    else:
        each = " for each position" if positions else ""
        last.refuse_targets(
            y.shape[1:],
            f": cross_entropy takes a class index{each}, or as many probabilities as there are "
            "outputs",
        )
        return None
    names = _class_names(loaded, units, last.data.at("outputs"))
    return Targets(labels, names, names)


def _class_names(loaded: Loaded, units: int, place: Place) -> tuple[str, ...]:
    """A name for each output: as the file or the source gives them, else its index."""
    if len(loaded.outputs) == units:
        return loaded.outputs
    if len(loaded.outputs) > 1:
        place.refuse(f"{len(loaded.outputs)} names for {units} classes")
    return (*loaded.classes, *map(str, range(len(loaded.classes), units)))


def _class_indices(loaded: Loaded, y: Floats | Labels, units: int, last: Output) -> Labels:
    if len(loaded.classes) > units:
        last.refuse(
            f"the data has {len(loaded.classes)} classes ({enumerate_names(loaded.classes, 6)}), "
            f"but the network has {units} outputs — set units = {len(loaded.classes)}"
        )
    else:
        # A row without a target would be no sample; a time step may be without one.
        lowest = -1 if last.positions else 0
        wrong = (y != np.floor(y)) | (y < lowest) | (y >= units)
        none = ", or −1 for no target" if last.positions else ""
        _refuse_rows(
            loaded,
            wrong,
            lambda i: (
                f"the label {y[i].flat[np.argmax(wrong[i])]:g} is no class: with {units} outputs "
                f"classes are 0 to {units - 1}{none}"
            ),
        )
        empty = np.asarray((y < 0).reshape(len(y), -1).all(axis=1)) & (lowest < 0)
        _refuse_rows(loaded, empty & ~_any(wrong), lambda i: "no position of this row has a target")
    return np.clip(y, -1, units - 1).astype(np.int64)


def _any(wrong: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which rows have something wrong: (rows,)."""
    return np.asarray(wrong.reshape(len(wrong), -1).any(axis=1))


def _holds_numbers(y: Floats | Labels) -> TypeGuard[Floats]:
    return y.dtype == np.float64


def _check_distributions(loaded: Loaded, y: Floats, axis: int) -> None:
    """Report each row with shares along `axis` that are no probabilities."""
    sums = y.sum(axis=axis).reshape(len(y), -1)
    off = np.abs(sums - 1) > _SUM_TOLERANCE
    _refuse_rows(
        loaded,
        off,
        lambda i: f"probabilities must sum to 1, not {sums[i][np.argmax(off[i])]:g}",
    )
    _refuse_rows(loaded, _any(y < 0) & ~_any(off), lambda i: "a probability is below 0")


def _number_targets(
    loaded: Loaded, raw: Floats | Labels, loss: str, last: Output
) -> Targets | None:
    y = _as_numbers(loaded, raw, last)
    if y is None:
        return None
    if last.units == 1 and y.shape[1:] == last.positions:
        y = y.reshape(len(y), *last.shape)
        loaded = replace(loaded, outputs=())
    if y.shape[1:] != last.shape:
        names = f" ({enumerate_names(loaded.outputs, 6)})" if loaded.outputs else ""
        last.refuse_targets(y.shape[1:], names)
        return None
    if loss in ("bce", "bce_logits"):
        _check_unit_interval(loaded, y, loss)
    if loss == "bce" and last.activation not in _PROBABILITIES:
        last.place.at("activation").refuse(
            "bce needs an output that is a probability: give the last layer "
            'activation = "sigmoid", or use loss = "bce_logits"'
        )
    if loss == "hinge":
        y = _signs(loaded, y)
    count = last.units
    outputs = loaded.outputs
    if len(outputs) != count and len(loaded.classes) == count:
        outputs = loaded.classes
    elif outputs and len(outputs) != count:
        last.data.at("outputs").refuse(f"{len(outputs)} names for {count} outputs")
    return Targets(y, outputs or tuple(f"y{i + 1}" for i in range(count)), loaded.classes)


def _as_numbers(loaded: Loaded, y: Floats | Labels, last: Output) -> Floats | None:
    """Y as float64; class indices become 0 and 1: one column, or one for each class."""
    classes = loaded.classes
    if _holds_numbers(y):
        return y
    labels = y.astype(np.int64)
    if (labels < 0).any():
        last.data.refuse(
            "y leaves targets out, at some time steps, which only cross_entropy takes — set "
            f'loss = "cross_entropy" and units = {len(classes)}'
        )
        return None
    if last.units == len(classes) and last.positions == y.shape[1:]:
        return np.moveaxis(np.eye(len(classes))[labels], -1, feature_axis(last.shape) + 1)
    if last.units == 1 and last.positions == y.shape[1:] and len(classes) == 2:
        return y.astype(np.float64).reshape(len(y), *last.shape)
    last.refuse(
        f"y names {len(classes)} classes ({enumerate_names(classes, 6)}), which takes "
        f'units = {len(classes)} and, best, loss = "cross_entropy"'
    )
    return None


def _check_unit_interval(loaded: Loaded, y: Floats, loss: str) -> None:
    flat = y.reshape(len(y), -1)
    wrong = np.asarray((flat < 0) | (flat > 1))
    _refuse_rows(
        loaded,
        wrong,
        lambda i: f"{loss} takes targets from 0 to 1, not {flat[i][np.argmax(wrong[i])]:g}",
    )


def _signs(loaded: Loaded, y: Floats) -> Floats:
    """Targets of −1 and 1; 0 and 1 are read as −1 and 1."""
    flat = y.reshape(len(y), -1)
    low = -1 if (y == -1).any() else 0
    wrong = np.asarray((flat != low) & (flat != 1))
    _refuse_rows(
        loaded,
        wrong,
        lambda i: (
            f"hinge takes targets of −1 and 1, or 0 and 1, not {flat[i][np.argmax(wrong[i])]:g}"
        ),
    )
    return y if low else 2 * y - 1
