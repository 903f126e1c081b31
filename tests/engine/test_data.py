"""The data sources: shapes, geometry, and the published rows of iris."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import numpy as np
import pytest

from nntui.engine.data import SOURCES, Table
from nntui.engine.data.logic import And, Or, Xor
from nntui.engine.data.points import Circles, Gaussians, Moons, Spiral
from nntui.engine.data.regression import Plane, Sine
from nntui.engine.data.tables import Exam, Iris
from nntui.engine.options import Bounds, Passage
from nntui.engine.random import Keyed

SHAPES = {
    "and": (4, 2),
    "or": (4, 2),
    "xor": (4, 2),
    "circles": (200, 2),
    "gaussians": (200, 2),
    "moons": (200, 2),
    "spiral": (200, 2),
    "plane": (200, 2),
    "sine": (200, 1),
    "exam": (200, 4),
    "iris": (150, 4),
    "digits": (1797, 1, 8, 8),
    "bars": (480, 1, 8, 8),
    "recall": (512, 20, 1),
    "flip_flop": (512, 12, 1),
    "parity": (512, 8, 1),
    "adding": (512, 20, 2),
    "sine_wave": (512, 20, 1),
    "text": (37 - 16, 16),
    "copy": (512, 10),
    "reverse": (512, 10),
    "sort": (512, 12),
    "gaussian": (1000, 2),
    "ring": (1000, 2),
    "line": (1000, 2),
    "colors": (15, 3),
    "square": (200, 2),
}
REQUIRED = {"text": {"text": "how much wood would a woodchuck chuck"}}
NOISY = [name for name, source in SOURCES.items() if "noise" in {f.name for f in fields(source)}]
TWO_CLASSES = ["circles", "gaussians", "moons", "spiral"]


def table(source: str, seed: int = 0, **options: float) -> Table:
    return SOURCES[source](**REQUIRED.get(source, {}), **options).generate(Keyed(seed))


def noise(source: str, size: float) -> dict[str, float]:
    """The option, for a source that has it."""
    return {"noise": size} if source in NOISY else {}


def radius(x: np.ndarray) -> np.ndarray:
    return np.hypot(x[:, 0], x[:, 1])


def test_every_source_has_an_expected_shape() -> None:
    assert list(SOURCES) == list(SHAPES)


@pytest.mark.parametrize("source", SOURCES)
def test_table_agrees_with_its_names(source: str) -> None:
    made = table(source)

    assert made.x.shape == SHAPES[source]
    assert made.x.dtype == np.float64
    assert len(made) == len(made.x)
    assert made.y is None or len(made) == len(made.y)
    assert np.isfinite(made.x).all()
    if made.tokens:
        assert made.inputs == ()
        assert set(np.unique(made.x)) == set(range(len(made.tokens)))
        assert made.classes == made.tokens
    else:
        pixels = made.x.ndim == 4
        assert len(made.inputs) == (0 if pixels else made.x.shape[-1])
    if made.y is None:
        assert not made.outputs
    elif made.classes:
        assert made.y.dtype == np.int64
        assert made.y.shape == (made.x.shape if made.tokens else (len(made),))
        assert set(np.unique(made.y)) <= set(range(-1 if made.tokens else 0, len(made.classes)))
    else:
        assert made.y.dtype == np.float64
        assert made.y.shape[-1] == len(made.outputs)
        assert made.y.shape[:-1] in ((len(made),), made.x.shape[:2])


@pytest.mark.parametrize("source", SOURCES)
def test_every_option_is_bounded(source: str) -> None:
    """A file must not be able to ask for more rows than memory holds."""
    hints = get_type_hints(SOURCES[source], include_extras=True)
    options = {field.name: hints[field.name] for field in fields(SOURCES[source])}
    limits = {
        name: limit(part)
        for name, hint in options.items()
        for part in (get_args(hint) if get_origin(hint) is tuple else (hint,))
        if hint is not bool
    }

    assert all(isinstance(limit, Bounds | Passage) for limit in limits.values())
    assert limits["samples"].ge == 1
    assert limits["samples"].le <= 100_000
    assert source not in NOISY or limits["noise"].ge == 0


def limit(hint: Any) -> object:
    """What an annotation says beside the type; of one that may be None, of the rest."""
    for part in get_args(hint) if get_origin(hint) is Union else (hint,):
        if get_origin(part) is Annotated:
            return part.__metadata__[0]
    return None


@pytest.mark.parametrize("source", SOURCES)
def test_same_options_and_seed_give_the_same_table(source: str) -> None:
    random = Keyed(3)
    random.normal("data.noise", 5, 11)

    options = REQUIRED.get(source, {}) | noise(source, 0.1)
    first, second = table(source, 3, **noise(source, 0.1)), SOURCES[source](**options)
    second = second.generate(random)

    assert first.x.tobytes() == second.x.tobytes()
    assert np.array_equal(first.y, second.y)


@pytest.mark.parametrize("source", SOURCES)
def test_another_seed_gives_another_table(source: str) -> None:
    options = {"samples": 20} | noise(source, 0.1)
    first, second = table(source, 0, **options), table(source, 1, **options)

    assert first.x.tobytes() != second.x.tobytes()


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("samples", [1, 2, 7, 20])
def test_samples_is_the_number_of_rows(source: str, samples: int) -> None:
    assert len(table(source, samples=samples, **noise(source, 0.5))) == samples


@pytest.mark.parametrize("source", TWO_CLASSES)
@pytest.mark.parametrize("samples", [2, 20, 201])
def test_both_classes_are_as_large_and_take_turns(source: str, samples: int) -> None:
    y = table(source, samples=samples).y[:, 0]

    assert y.tolist() == [row % 2 for row in range(samples)]


@pytest.mark.parametrize("source", TWO_CLASSES)
def test_scale_and_noise_are_in_units_of_the_field(source: str) -> None:
    small = table(source, scale=1, noise=0.3)
    large = table(source, scale=5, noise=0.3)

    np.testing.assert_allclose(large.x, 5 * small.x)


@pytest.mark.parametrize("source", [*TWO_CLASSES, "and", "or", "xor"])
def test_noise_moves_points_by_its_standard_deviation(source: str) -> None:
    options = {} if source in ("and", "or", "xor") else {"scale": 1}
    still = table(source, samples=4000, **options)
    moved = table(source, samples=4000, noise=0.3, **options)

    assert (moved.x - still.x).std() == pytest.approx(0.3, rel=0.03)
    assert moved.y.tolist() == still.y.tolist()


@pytest.mark.parametrize(
    ("source", "outputs"), [(And(), [0, 0, 0, 1]), (Or(), [0, 1, 1, 1]), (Xor(), [0, 1, 1, 0])]
)
def test_truth_tables(source: And | Or | Xor, outputs: list[int]) -> None:
    made = source.generate(Keyed(0))

    assert made.x.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert made.y[:, 0].tolist() == outputs


def test_circles_leave_a_gap_between_disc_and_ring() -> None:
    made = Circles(samples=1000).generate(Keyed(0))
    inside = made.y[:, 0] == 1

    assert radius(made.x[inside]).max() <= 2.5
    assert radius(made.x[~inside]).min() >= 3.5
    assert radius(made.x).max() <= 5


def test_gaussians_lie_about_two_and_minus_two() -> None:
    made = Gaussians(samples=20_000).generate(Keyed(0))

    for label, centre in ((0, -2), (1, 2)):
        cloud = made.x[made.y[:, 0] == label]
        np.testing.assert_allclose(cloud.mean(axis=0), centre, atol=0.03)
        np.testing.assert_allclose(cloud.std(axis=0), math.sqrt(0.5), rtol=0.03)


def test_moons_are_half_circles() -> None:
    made = Moons(scale=1.5).generate(Keyed(0))
    x = made.x + np.array([0.5, 0.25])
    lower = made.y[:, 0] == 1

    np.testing.assert_allclose(radius(x[~lower]), 1)
    np.testing.assert_allclose(radius(x[lower] - (1, 0.5)), 1)
    assert x[~lower, 1].min() >= -1e-12
    assert x[lower, 1].max() <= 0.5 + 1e-12


def test_spiral_arms_are_half_a_turn_apart() -> None:
    made = Spiral(samples=100, turns=1.75).generate(Keyed(0))
    first, second = (made.x[made.y[:, 0] == label] for label in (1, 0))
    first, second = first[radius(first).argsort()], second[radius(second).argsort()]

    np.testing.assert_allclose(first, -second, atol=1e-12)
    np.testing.assert_allclose(radius(first), 5 * np.arange(1, 51) / 50)
    turned = np.unwrap(np.arctan2(first[:, 0], first[:, 1]))
    assert turned[-1] - turned[0] == pytest.approx(1.75 * 2 * math.pi * 49 / 50)


def test_plane_is_the_playgrounds() -> None:
    made = Plane().generate(Keyed(0))

    np.testing.assert_allclose(made.y[:, 0], made.x.sum(axis=1) / 10)
    assert np.abs(made.x).max() <= 5


def test_sine_is_one_period() -> None:
    made = Sine(samples=101).generate(Keyed(0))

    np.testing.assert_allclose(made.y, np.sin(made.x))
    np.testing.assert_allclose(np.sort(made.x[:, 0]), np.linspace(-math.pi, math.pi, 101))
    assert not np.array_equal(np.sort(made.x[:, 0]), made.x[:, 0])


@pytest.mark.parametrize("source", ["plane", "sine"])
def test_regression_noise_is_on_the_output(source: str) -> None:
    still, moved = table(source, samples=4000), table(source, samples=4000, noise=0.3)

    assert moved.x.tolist() == still.x.tolist()
    assert (moved.y - still.y).std() == pytest.approx(0.3, rel=0.03)


def test_exam_is_decided_by_merit_and_not_by_name() -> None:
    made = Exam(samples=20_000, noise=0).generate(Keyed(0))
    merit = np.rint(10 * made.x) @ [5, 3, 2, 0]

    assert made.y[:, 0].tolist() == (merit > 500).tolist()
    assert made.y.mean() == pytest.approx(0.5, abs=0.02)
    assert set(made.x[:, 3]) == set(range(1, 27))
    correlations = [np.corrcoef(column, made.y[:, 0])[0, 1] for column in made.x.T]
    assert correlations[0] > correlations[1] > correlations[2] > 0.2
    assert abs(correlations[3]) < 0.02


def test_exam_luck_turns_few_results() -> None:
    sure = Exam(samples=5000, noise=0).generate(Keyed(0))
    lucky = Exam(samples=5000).generate(Keyed(0))

    assert 0.01 < (sure.y != lucky.y).mean() < 0.08


def test_iris_is_fishers() -> None:
    made = Iris().generate(Keyed(0))

    np.testing.assert_allclose(made.x.sum(axis=0), [876.5, 458.6, 563.7, 179.9])
    np.testing.assert_allclose(made.x.min(axis=0), [4.3, 2.0, 1.0, 0.1])
    np.testing.assert_allclose(made.x.max(axis=0), [7.9, 4.4, 6.9, 2.5])
    assert made.classes == ("setosa", "versicolor", "virginica")
    assert np.bincount(made.y).tolist() == [50, 50, 50]
    rows = [(*lengths, label) for lengths, label in zip(made.x.tolist(), made.y, strict=True)]
    assert rows.count((4.9, 3.1, 1.5, 0.2, 0)) == 1  # the 35th flower as Fisher printed it
    assert rows.count((4.9, 3.6, 1.4, 0.1, 0)) == 1  # the 38th
    assert rows.count((4.9, 3.1, 1.5, 0.1, 0)) == 1  # the 10th: three times in UCI's file
    assert rows.count((5.9, 3.0, 5.1, 1.8, 2)) == 1  # the last


def test_iris_comes_out_mixed() -> None:
    first = Iris(samples=30).generate(Keyed(0)).y

    assert np.bincount(first, minlength=3).min() >= 3


def test_the_ring_has_clouds_of_equal_size_around_known_centres() -> None:
    made = table("ring", samples=800, modes=5, radius=2.0, noise=0.01)
    assert made.modes is not None

    assert np.hypot(*made.modes.centres.T) == pytest.approx(np.full(5, 2.0))
    assert np.bincount(made.y).tolist() == [160] * 5
    away = np.linalg.norm(made.x - made.modes.centres[made.y], axis=1)
    assert away.max() < 0.05
    assert (away <= made.modes.reach).mean() > 0.98


def test_the_line_is_a_segment() -> None:
    made = table("line", start=(0.0, 1.0), end=(3.0, 1.0), noise=0.0)

    assert np.allclose(made.x[:, 1], 1.0)
    assert made.x[:, 0].min() > 0.0
    assert made.x[:, 0].max() < 3.0
    assert made.x[:, 0].mean() == pytest.approx(1.5, abs=0.1)


def test_the_gaussian_is_one_cloud() -> None:
    made = table("gaussian", samples=20_000, centre=(1.0, -2.0), noise=0.5)

    assert made.x.mean(axis=0) == pytest.approx([1.0, -2.0], abs=0.02)
    assert made.x.std(axis=0) == pytest.approx([0.5, 0.5], abs=0.02)
