"""Finding the best and the second best unit of a map for many samples at once, to evaluate it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from nntui.engine.lattice import Lattice
from nntui.engine.ops.coefficients import result_of
from nntui.engine.ops.kind import Bench, Call, Index, Kind, Look, Term, Terms, alone, cell, constant
from nntui.engine.ops.loss import mean_calls
from nntui.engine.ops.som import lattice_of
from nntui.engine.options import Array
from nntui.engine.program import Op

_MOST_CELLS: Final = 1 << 20
"""The most distances that are held at once."""


def distances(x: Array, weight: Array) -> Array:
    """Of every unit from every sample: (units, samples).

    The squares of each are added up in the order of the features, as a training step does it.

    Args:
        x: (features, samples).
        weight: (units, features).
    """
    total = np.zeros((len(weight), x.shape[1]), x.dtype)
    for feature, values in zip(weight.T, x, strict=True):
        total += np.square(values - feature[:, np.newaxis])
    return np.sqrt(total)


def _match(bench: Bench, op: Op) -> Sequence[Call]:
    """Fills the second best units and the distances of the best too; their ops come after it."""
    x, weight = (bench[name] for name in op.inputs)
    best, second, nearest = bench[op.output], *(bench[n] for n in op.attributes["beside"])
    places = lattice_of(op).places.T
    size = max(1, _MOST_CELLS // len(weight))

    def find() -> None:
        for start in range(0, x.shape[1], size):
            part = slice(start, start + size)
            far = distances(x[:, part], weight)
            columns = np.arange(far.shape[1])
            first = far.argmin(0)
            nearest[part] = far[first, columns]
            best[:, part] = places[:, first]
            far[first, columns] = np.inf
            second[:, part] = places[:, far.argmin(0)]

    return [(find,)]


def _done(bench: Bench, op: Op) -> Sequence[Call]:
    """It has been computed together with the best unit."""
    return []


def _place_terms(look: Look, op: Op, index: Index) -> Terms:
    axis = constant(result_of(look, op, index), ("row", "column")[index[1]])
    return Terms((alone(axis),), axis.value)


def _nearest_terms(look: Look, op: Op, index: Index) -> Terms:
    x, weight, best = op.inputs
    lattice: Lattice = lattice_of(op)
    unit = lattice.unit(*look.now(best)[index].tolist())
    terms = []
    for k in range(look.now(x).shape[1]):
        own, other = cell(look, x, (*index, k)), cell(look, weight, (unit, k), "weight")
        value = (own.value - other.value) * (own.value - other.value)
        terms.append(Term((own, other), "({0} − {1})²", value))
    return Terms(tuple(terms), result_of(look, op, index), "√({})")


def _mean(bench: Bench, op: Op) -> Sequence[Call]:
    nearest = bench[op.inputs[0]]
    return mean_calls(bench, nearest, bench[op.output], nearest.size)


def _mean_terms(look: Look, op: Op, index: Index) -> Terms:
    nearest = op.inputs[0]
    count = len(look.now(nearest))
    terms = tuple(alone(cell(look, nearest, (k,))) for k in range(count))
    note = f"the mean over the {count} samples" if count > 1 else ""
    return Terms(terms, result_of(look, op, index), f"({{}}) / {count}" if count > 1 else "", note)


KINDS: Final = (
    Kind(
        name="match",
        title="best matching units",
        sentence="The unit nearest to each sample: its row and its column.",
        formula="b = argmin ‖x − w‖",
        calls=_match,
        terms=_place_terms,
    ),
    Kind(
        name="match_second",
        title="second best units",
        sentence="The nearest unit but one of each sample.",
        formula="s = argmin ‖x − w‖ without b",
        calls=_done,
        terms=_place_terms,
    ),
    Kind(
        name="match_distance",
        title="distances of the best units",
        sentence="How far each sample is from the unit that stands for it.",
        formula="d = ‖x − w‖ at b",
        calls=_done,
        terms=_nearest_terms,
    ),
    Kind(
        name="quantisation_mean",
        title="quantisation error",
        sentence="How far samples are from the units that stand for them, on average.",
        formula="loss = mean d",
        calls=_mean,
        terms=_mean_terms,
    ),
)
