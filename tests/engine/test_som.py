"""Self-organizing maps: the numbers of MiniSom, on either grid, at either speed."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from nntui.engine.decays import DECAYS
from nntui.engine.gradcheck import check_gradients
from nntui.engine.lattice import TOPOLOGIES, Lattice
from nntui.engine.model import Dataset, Samples
from nntui.engine.models.som import Map, Som
from nntui.engine.trainer import Trainer, quiet
from tests.engine.examples import Example
from tests.engine.soms import points, som, start
from tests.engine.test_straight import WAYS, check_same

STEPS = 60
ROWS, COLS = 4, 5
LENGTH = 10
"""Epochs of the runs here."""


class Oracle:
    """MiniSom's formulas, as its source has them, on our grid: its y is our row.

    Source: `JustGlowing/minisom: minisom.py`, version 2.3.
    """

    def __init__(self, weight: np.ndarray, topology: str, hat: bool = False) -> None:
        self.weight = weight.reshape(ROWS, COLS, -1).copy()
        self.xx, self.yy = np.meshgrid(np.arange(COLS, dtype=float), np.arange(ROWS, dtype=float))
        if topology == "hexagonal":
            self.xx[::-2] -= 0.5
            self.yy *= 1.5 / math.sqrt(3)
        self.hat = hat

    def step(self, x: np.ndarray, eta: float, sigma: float) -> None:
        """Find the winner, pull its neighbourhood."""
        apart = np.linalg.norm(x - self.weight, axis=-1)
        at = np.unravel_index(apart.argmin(), apart.shape)
        p = (self.xx - self.xx[at]) ** 2 + (self.yy - self.yy[at]) ** 2
        d = 2 * sigma * sigma
        h = np.exp(-p / d) * (1 - 2 / d * p if self.hat else 1)
        self.weight += np.einsum("ij,ijk->ijk", h * eta, x - self.weight)


def trained(model: Som, dataset: Dataset, steps: int = STEPS) -> Trainer:
    """A run straight through."""
    trainer = Trainer(model, dataset)
    with quiet():
        run = trainer.runner()
        for step in range(1, steps + 1):
            run(step)
    trainer.settle(steps)
    return trainer


def weights(trainer: Trainer) -> np.ndarray:
    """(rows, cols, features)."""
    return trainer.memory(1).public("som.weight").reshape(ROWS, COLS, -1)


@pytest.mark.parametrize("shape", ["gaussian", "mexican_hat"])
@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_a_run_has_the_weights_that_minisoms_formulas_give(topology: str, shape: str) -> None:
    options = {"topology": topology, "neighbourhood": shape, "radius": 2.5, "learning_rate": 0.4}
    trainer = trained(*som(ROWS, COLS, epochs=LENGTH, **options))
    oracle = Oracle(start(ROWS, COLS), topology, hat=shape == "mexican_hat")
    length = LENGTH * len(points())
    for t in range(STEPS):
        share = 1 + t / (length / 2)
        oracle.step(points()[t % len(points())], 0.4 / share, 2.5 / share)

    assert weights(trainer) == pytest.approx(oracle.weight, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_a_run_has_the_weights_and_the_errors_of_minisom(topology: str) -> None:
    minisom = pytest.importorskip("minisom")
    model, dataset = som(ROWS, COLS, epochs=LENGTH, topology=topology, radius=2.5)
    trainer = trained(model, dataset)
    other = minisom.MiniSom(COLS, ROWS, 3, sigma=2.5, learning_rate=0.5, topology=topology)
    other._weights = start(ROWS, COLS).reshape(ROWS, COLS, 3).swapaxes(0, 1).copy()
    x = points()
    for t in range(STEPS):
        sample = x[t % len(x)]
        other.update(sample, other.winner(sample), t, LENGTH * len(x))
    score = trainer.evaluate(dataset.train)

    expected = other.get_weights().swapaxes(0, 1)
    assert weights(trainer) == pytest.approx(expected, rel=1e-12, abs=1e-14)
    assert score.loss == pytest.approx(other.quantization_error(x), rel=1e-12)
    assert score.measures["quantisation error"].value == score.loss
    assert score.measures["topographic error"].value == other.topographic_error(x)


@pytest.mark.parametrize(
    ("topology", "place", "expected"),
    [
        ("rectangular", (0, 0), [(0, 1), (1, 0), (1, 1)]),
        ("rectangular", (1, 1), [(r, c) for r in range(3) for c in range(3) if (r, c) != (1, 1)]),
        ("hexagonal", (1, 1), [(0, 1), (0, 2), (1, 0), (1, 2), (2, 1), (2, 2)]),
        ("hexagonal", (0, 0), [(0, 1), (1, 0)]),
    ],
)
def test_neighbours(topology: str, place: tuple[int, int], expected: list[tuple[int, int]]) -> None:
    """In three rows, the first and the last of a hexagonal grid are moved to the left."""
    lattice = Lattice(3, 3, topology)
    found = [lattice.place(k) for k in lattice.neighbours(lattice.unit(*place))]

    assert found == expected


@pytest.mark.parametrize("topology", TOPOLOGIES)
@pytest.mark.parametrize("rows", [3, 4])
def test_distances_on_the_grid_are_those_of_the_points(rows: int, topology: str) -> None:
    lattice = Lattice(rows, 5, topology)
    for unit in range(lattice.units):
        apart = lattice.points - lattice.points[unit]
        expected = np.hypot(apart[:, 0], apart[:, 1]).reshape(rows, 5)

        assert lattice.distances(unit) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("decay", "expected"),
    [
        ("asymptotic", [8.0, 8 / 2, 8 / 3]),
        ("linear", [8.0, 5.0, 2.0]),
        ("exponential", [8.0, 4.0, 2.0]),
        ("inverse", [8.0, 8 / 2.5, 2.0]),
        ("constant", [8.0, 8.0, 8.0]),
    ],
)
def test_decays_go_from_the_first_value_to_the_last(decay: str, expected: list[float]) -> None:
    """At the start, in the middle, and once the run is over."""
    course = DECAYS[decay].course(8.0, 2.0, 100)

    assert [course(step) for step in (1, 51, 101)] == pytest.approx(expected)
    assert course(1000) == course(101)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("gaussian", lambda g: math.exp(-g * g / 8)),
        ("mexican_hat", lambda g: math.exp(-g * g / 8) * (1 - g * g / 4)),
        ("bubble", lambda g: float(g <= 2)),
        ("triangle", lambda g: max(0.0, 1 - g / 2)),
    ],
)
def test_neighbourhoods(shape: str, expected: Callable[[float], float]) -> None:
    options = {"radius": 2.0, "neighbourhood": shape, "decay": "constant"}
    memory = trained(*som(ROWS, COLS, **options), steps=1).memory(1)
    apart, near = (memory.public(f"som.{n}") for n in ("grid_distance", "neighbourhood"))

    assert near.ravel() == pytest.approx([expected(g) for g in apart.ravel()], abs=1e-15)


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_map_steps_as_it_runs(dtype: str, shuffle: bool) -> None:
    check_same(Example(*som(dtype=dtype, shuffle=shuffle)), WAYS)


def test_the_last_of_equally_good_units_is_not_the_best() -> None:
    """The first of several nearest units wins; the next of them comes second."""
    weight = np.array([[9.0], [1.0], [1.0], [1.0]])
    model = Som(map=Map(rows=2, cols=2, weight=weight))
    memory = trained(model, Dataset(train=Samples(np.array([[1.0]]), None)), steps=1).memory(1)

    assert memory.public("som.bmu").tolist() == [0, 1]
    assert memory.public("som.second").tolist() == [1, 0]
    assert memory.public("loss") == 0


def test_a_place_set_by_hand_outside_the_grid_is_its_edge() -> None:
    trainer = Trainer(*som(ROWS, COLS))
    trainer.run_ops(1, 1, 4)
    trainer.memory(1).public("som.bmu")[...] = (np.inf, np.nan)
    trainer.run_ops(1, 5, 6)

    assert trainer.memory(1).public("som.grid_distance")[ROWS - 1, 0] == 0


def test_the_loss_of_a_step_is_that_of_its_sample() -> None:
    model, dataset = som(ROWS, COLS)
    trainer = Trainer(model, dataset)
    expected = trainer.evaluate(Samples(dataset.train.x[:1], None)).loss
    with quiet():
        actual = trainer.runner()(1)

    assert actual == expected


def test_evaluating_many_samples_goes_part_by_part(monkeypatch: pytest.MonkeyPatch) -> None:
    model, dataset = som(ROWS, COLS)
    expected = Trainer(model, dataset).evaluate(dataset.train)
    monkeypatch.setattr("nntui.engine.ops.match._MOST_CELLS", ROWS * COLS * 2)

    assert Trainer(model, dataset).evaluate(dataset.train) == expected


@pytest.mark.parametrize("init", ["samples", "uniform", "pca"])
def test_units_start_where_the_data_is(init: str) -> None:
    x = points(50) * (1.0, 2.0, 3.0) + (0.0, 5.0, -9.0)
    model, dataset = som(ROWS, COLS, x=x, init=init)
    weight = Trainer(model, dataset).memory(1).public("som.weight")

    if init == "samples":
        assert {tuple(w) for w in weight} <= {tuple(row) for row in x}
    elif init == "uniform":
        assert (weight >= x.min(axis=0)).all()
        assert (weight <= x.max(axis=0)).all()
        assert len({tuple(w) for w in weight}) == ROWS * COLS
    else:
        assert weight.mean(axis=0) == pytest.approx(x.mean(axis=0))
        first = weight.reshape(ROWS, COLS, 3)[0]
        steps = np.diff(first, axis=0)
        assert steps == pytest.approx(np.tile(steps[0], (COLS - 1, 1)))
        assert np.linalg.matrix_rank(weight - weight.mean(axis=0), tol=1e-9) == 2


def test_there_is_no_gradient() -> None:
    model, dataset = som()
    trainer = Trainer(model, dataset)

    assert trainer.program.objectives == ()
    assert not check_gradients(model, dataset)
    assert not any(op.phase == "backward" for op in trainer.program.ops)


@pytest.mark.parametrize("shape", ["gaussian", "mexican_hat"])
@pytest.mark.parametrize("radius", [1e-200, 1e-100])
def test_a_radius_of_next_to_nothing_reaches_the_best_unit_alone(shape: str, radius: float) -> None:
    options = {"radius": radius, "neighbourhood": shape, "decay": "constant"}
    trainer = trained(*som(ROWS, COLS, **options), steps=1)
    near = trainer.memory(1).public("som.neighbourhood")

    assert sorted(near.ravel().tolist()) == [0.0] * (ROWS * COLS - 1) + [1.0]
