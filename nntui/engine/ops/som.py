"""A training step of a self-organizing map: find the unit most like the sample, pull its region.

No gradient is computed: the units near the best one on the grid move towards the sample.
Source: Kohonen, "Self-Organized Formation of Topologically Correct Feature Maps" (1982); a step
computes what MiniSom's `update` does (`JustGlowing/minisom: minisom.py`).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any, Final, final

import numpy as np

from nntui.engine.lattice import Lattice
from nntui.engine.ops.coefficients import result_of
from nntui.engine.ops.kind import (
    Bench,
    Call,
    Index,
    Kind,
    Look,
    Operand,
    Term,
    Terms,
    alone,
    cell,
    cell_before,
    constant,
    product,
    single,
    square,
)
from nntui.engine.ops.neighbourhood import NEIGHBOURHOODS
from nntui.engine.ops.update import scheduled, scheduled_all, scheduled_terms
from nntui.engine.options import Array
from nntui.engine.program import Op


def lattice_of(op: Op) -> Lattice:
    """The grid that an op's units lie on."""
    lattice: Lattice = op.attributes["lattice"]
    return lattice


def unit_at(lattice: Lattice, place: Array) -> int:
    """The number of the unit that a tensor of one place, (row, column), tells."""
    row, column = place.tolist()
    return lattice.unit(row, column)


# --- how far every unit is from the sample --------------------------------------------------------


def _difference(bench: Bench, op: Op) -> Sequence[Call]:
    """In the engine's layout, (features, units); copying x out to all units first is quicker."""
    x, weight = (bench[name] for name in op.inputs)
    wide = bench.scratch(*weight.T.shape)
    return [
        (operator.setitem, wide, Ellipsis, x),
        (np.subtract, wide, weight.T, bench[op.output]),
    ]


def _difference_terms(look: Look, op: Op, index: Index) -> Terms:
    x, weight = op.inputs
    own, unit = cell(look, x, (0, index[1])), cell_before(look, weight, index, "weight")
    result = result_of(look, op, index)
    return single(Term((own, unit), "{0} − {1}", own.value - unit.value), result)


def _distance(bench: Bench, op: Op) -> Sequence[Call]:
    """The sum over features is a product with ones: the quickest way to add up a few rows."""
    difference, flat = bench[op.inputs[0]], bench[op.output].reshape(-1)
    squares, ones = bench.scratch(*difference.shape), bench.scratch(len(difference))
    ones[...] = 1.0
    return [
        (np.square, difference, squares),
        (ones.dot, squares, flat),
        (np.sqrt, flat, flat),
    ]


def _distance_terms(look: Look, op: Op, index: Index) -> Terms:
    difference, unit = op.inputs[0], lattice_of(op).unit(*index)
    cells = (cell(look, difference, (unit, k)) for k in range(look.now(difference).shape[1]))
    terms = tuple(Term((own,), "({0})²", square(own.value)) for own in cells)
    return Terms(terms, result_of(look, op, index), "√({})")


# --- which unit is the nearest --------------------------------------------------------------------


def _best(bench: Bench, op: Op) -> Sequence[Call]:
    """In a straight run also what follows from the best unit: the tensors `beside` it.

    Those are its distance from the sample and, where there is a second one, the squares of the
    distances on the grid.
    """
    flat, out = bench[op.inputs[0]].reshape(-1), bench[op.output]
    lattice, nearest, item = lattice_of(op), flat.argmin, flat.item
    places = lattice.places.tolist()

    def find() -> None:
        out[0], out[1] = places[nearest()]

    if "beside" not in op.attributes:
        return [(find,)]
    error, *others = op.attributes["beside"]
    loss = bench[error]

    def find_with_loss() -> None:
        first = nearest()
        out[0], out[1] = places[first]
        loss[0] = item(first)

    if not others:
        return [(find_with_loss,)]
    squares, around = _squares(bench, others[0]), _SquaresFrom(lattice, out.dtype)
    known, compute = around.known, around.compute

    def find_all() -> None:
        first = nearest()
        out[0], out[1] = places[first]
        loss[0] = item(first)
        found = known[first]
        squares[0] = compute(first) if found is None else found

    return [(find_all,)]


@final
class _SquaresFrom:
    """The squares of the distances on the grid from a unit to all of them.

    Attributes:
        known: what has been computed and kept, by the number of the unit.
    """

    def __init__(self, lattice: Lattice, dtype: np.dtype[Any]) -> None:
        self._lattice = lattice
        self._dtype = dtype
        self._room = _MOST_KEPT // lattice.units
        self.known: list[Array | None] = [None] * lattice.units

    def compute(self, unit: Any) -> Array:
        """Of a unit that is not known yet: (rows, cols)."""
        found: Array = np.square(self._lattice.distances(int(unit)).astype(self._dtype))
        if self._room > 0:
            self._room -= 1
            self.known[unit] = found
        return found


_MOST_KEPT: Final = 1 << 21
"""The most squares of distances on the grid that are kept."""


def _squares(bench: Bench, distance: str) -> list[Array]:
    """Where a straight run that finds distances on the grid leaves their squares."""
    return bench.shared(f"{distance}²", lambda: [bench.scratch(*bench[distance].shape)])


def _best_terms(look: Look, op: Op, index: Index) -> Terms:
    return _found(look, op, index, _order(look.now(op.inputs[0]).reshape(-1)))


def _second(bench: Bench, op: Op) -> Sequence[Call]:
    distance, best = (bench[name] for name in op.inputs)
    flat, out, lattice = distance.reshape(-1), bench[op.output], lattice_of(op)
    places = lattice.places.astype(out.dtype)

    def find() -> None:
        first = unit_at(lattice, best)
        kept, flat[first] = flat[first], math.inf
        out[...] = places[flat.argmin()]
        flat[first] = kept

    return [(find,)]


def _second_terms(look: Look, op: Op, index: Index) -> Terms:
    best = unit_at(lattice_of(op), look.now(op.inputs[1]))
    flat = look.now(op.inputs[0]).flatten()
    flat[best] = math.inf
    nearest, *others = _order(flat)
    return _found(look, op, index, [nearest, *(unit for unit in others if unit != best)])


def _order(distances: Array) -> list[int]:
    """Units from the nearest on; what is no number counts as the nearest, as `argmin` has it."""
    first = int(distances.argmin())
    rest = np.argsort(distances, kind="stable").tolist()
    return [first, *(unit for unit in rest if unit != first)]


_WRITTEN: Final = 2
"""The distances that the search for the nearest unit is written with."""


def _found(look: Look, op: Op, index: Index, order: Sequence[int]) -> Terms:
    """The row or column of the first unit in an order of distances, with those that come next."""
    lattice, distance, result = lattice_of(op), op.inputs[0], result_of(look, op, index)
    axis = index[0]
    places = [lattice.place(unit) for unit in order[:_WRITTEN]]
    operands: list[Operand] = []
    written = []
    for place in places:
        first = len(operands)
        operands.append(cell(look, distance, place))
        operands += [constant(float(k), str(k)) for k in place]
        written.append(f"{{{first}}} at ({{{first + 1}}}, {{{first + 2}}})")
    more = len(order) - len(written)
    if more:
        written.append(f"… {more} more …")
    template = f"{('row', 'column')[axis]} of argmin({', '.join(written)})"
    note = f"the smallest of {len(order)} distances is that of the unit at {places[0]}"
    return single(Term(tuple(operands), template, float(places[0][axis])), result, note)


# --- how near every unit is to that one on the grid -----------------------------------------------


def _grid_distance(bench: Bench, op: Op) -> Sequence[Call]:
    best, out, lattice = bench[op.inputs[0]], bench[op.output], lattice_of(op)

    def measure() -> None:
        out[...] = lattice.distances(unit_at(lattice, best))

    return [(measure,)]


def _grid_distance_terms(look: Look, op: Op, index: Index) -> Terms:
    lattice, result = lattice_of(op), result_of(look, op, index)
    best = unit_at(lattice, look.now(op.inputs[0]))
    one, other = lattice.point(*index), lattice.point(*lattice.place(best))
    hexagonal = lattice.is_hexagonal
    names = ("y", "x") if hexagonal else ("row", "column")
    pairs = []
    for axis, name in enumerate(names):
        here = constant(one[axis], name)
        there = constant(other[axis], f"{name}*")
        if not hexagonal:
            there = cell(look, op.inputs[0], (axis,))
        pairs.append(Term((here, there), "({0} − {1})²", square(here.value - there.value)))
    note = "in the plane, where rows of a hexagonal grid lie √3/2 apart" if hexagonal else ""
    return Terms(tuple(pairs), result, "√({})", note)


def _neighbourhood(bench: Bench, op: Op) -> Sequence[Call]:
    """In a straight run also the settings `beside` it, from grid distances already squared."""
    distance, radius = (bench[name] for name in op.inputs)
    kernel = NEIGHBOURHOODS[op.attributes["shape"]].kernel
    if "beside" not in op.attributes:
        return kernel(bench, distance, radius.reshape(()), bench[op.output], None)
    squares = _squares(bench, op.inputs[0])
    calls = kernel(bench, distance, radius.reshape(()), bench[op.output], squares)
    return [*scheduled_all(bench, op.attributes["beside"]), *calls]


def _neighbourhood_terms(look: Look, op: Op, index: Index) -> Terms:
    distance, radius = op.inputs
    operands = (cell(look, distance, index), cell(look, radius, ()))
    result = result_of(look, op, index)
    written = NEIGHBOURHOODS[op.attributes["shape"]].written
    return single(Term(operands, written, result), result)


# --- the sample's loss, and the pull --------------------------------------------------------------


def _quantisation(bench: Bench, op: Op) -> Sequence[Call]:
    distance, best = (bench[name] for name in op.inputs)
    flat, out, lattice = distance.reshape(-1), bench[op.output], lattice_of(op)

    def look_up() -> None:
        out[0] = flat[unit_at(lattice, best)]

    return [(look_up,)]


def _quantisation_terms(look: Look, op: Op, index: Index) -> Terms:
    distance, best = op.inputs
    lattice = lattice_of(op)
    place = lattice.place(unit_at(lattice, look.now(best)))
    own = cell(look, distance, place)
    return single(alone(own), own.value, "the distance of the best unit")


def _pull(bench: Bench, op: Op) -> Sequence[Call]:
    """In the engine's layout, (features, units), the shares copied out to all features."""
    rate, neighbourhood, difference = (bench[name] for name in op.inputs)
    weight = bench[op.output].T
    shares, change = bench.scratch(neighbourhood.size), bench.scratch(*difference.shape)
    return [
        (np.multiply, neighbourhood.reshape(-1), rate.reshape(()), shares),
        (operator.setitem, change, Ellipsis, shares),
        (np.multiply, difference, change, change),
        (np.add, weight, change, weight),
    ]


def _pull_terms(look: Look, op: Op, index: Index) -> Terms:
    rate, neighbourhood, difference = op.inputs
    lattice, (unit, _) = lattice_of(op), index
    before = cell_before(look, op.output, index, "weight")
    operands: tuple[Operand, ...] = (
        cell(look, rate, ()),
        cell(look, neighbourhood, lattice.place(unit)),
        cell(look, difference, index),
    )
    return Terms((alone(before), product(*operands)), result_of(look, op, index))


KINDS: Final = (
    Kind(
        name="unit_difference",
        title="difference from the sample",
        sentence="How far each unit's weights are from the sample, feature by feature.",
        formula="d = x − w",
        calls=_difference,
        terms=_difference_terms,
    ),
    Kind(
        name="unit_distance",
        title="distance from the sample",
        sentence="How far each unit is from the sample: the length of the difference.",
        formula="‖d‖ = √(Σ d²)",
        calls=_distance,
        terms=_distance_terms,
    ),
    Kind(
        name="best_unit",
        title="best matching unit",
        sentence="The unit that is nearest to the sample wins: its row and its column.",
        formula="b = argmin ‖d‖",
        calls=_best,
        terms=_best_terms,
    ),
    Kind(
        name="second_unit",
        title="second best unit",
        sentence="The nearest unit but one: on a good map it lies next to the best.",
        formula="s = argmin ‖d‖ without b",
        calls=_second,
        terms=_second_terms,
    ),
    Kind(
        name="grid_distance",
        title="distance on the grid",
        sentence="How far each unit is from the best one on the grid, whatever its weights are.",
        formula="g = ‖place − b‖",
        calls=_grid_distance,
        terms=_grid_distance_terms,
    ),
    Kind(
        name="radius",
        title="radius",
        sentence="How far the pull reaches on the grid in this step.",
        formula="{formula}",
        calls=scheduled,
        terms=scheduled_terms,
    ),
    Kind(
        name="neighbourhood",
        title="neighbourhood",
        sentence="How much each unit is pulled along: 1 for the best, less the farther from it.",
        formula="h = {formula}",
        calls=_neighbourhood,
        terms=_neighbourhood_terms,
    ),
    Kind(
        name="quantisation",
        title="quantisation error",
        sentence="How far the sample is from the unit that stands for it.",
        formula="loss = ‖d‖ at b",
        calls=_quantisation,
        terms=_quantisation_terms,
    ),
    Kind(
        name="pull",
        title="pulled weights",
        sentence="There is no gradient: each unit moves towards the sample, neighbours along.",
        formula="w ← w + η · h · d",
        calls=_pull,
        terms=_pull_terms,
    ),
)
