"""Initial weights: the variances, bounds and shapes that the formulas promise."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nntui.engine.initializers import (
    INITIALIZERS,
    Constant,
    HeNormal,
    HeUniform,
    Initializer,
    Normal,
    Orthogonal,
    Uniform,
    XavierNormal,
    XavierUniform,
    Zeros,
    fans,
)
from nntui.engine.random import Keyed

OUT, IN = 300, 200


def draw(initializer: Initializer, shape: tuple[int, ...] = (OUT, IN)) -> np.ndarray:
    return initializer.draw(Keyed(0), "hidden.weight", shape)


def of(name: str) -> Initializer:
    return Constant(value=0.5) if name == "constant" else INITIALIZERS[name]()


@pytest.mark.parametrize(
    ("shape", "expected"), [((3, 5), (5, 3)), ((4, 2, 3, 3), (18, 36)), ((7,), (7, 7))]
)
def test_fans_are_pytorchs(shape: tuple[int, ...], expected: tuple[int, int]) -> None:
    assert fans(shape) == expected


@pytest.mark.parametrize("name", INITIALIZERS)
@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (1, 1), (4, 2, 3, 3)])
def test_weights_have_the_shape_asked_and_repeat(name: str, shape: tuple[int, ...]) -> None:
    first, second = draw(of(name), shape), draw(of(name), shape)

    assert first.shape == shape
    assert first.dtype == np.float64
    assert first.flags.c_contiguous
    assert first.tobytes() == second.tobytes()


@pytest.mark.parametrize("name", sorted(set(INITIALIZERS) - {"zeros", "constant"}))
def test_each_stream_has_its_own_weights(name: str) -> None:
    one, other = (of(name).draw(Keyed(0), stream, (4, 4)) for stream in ("a.weight", "b.weight"))

    assert not np.array_equal(one, other)


def test_zeros_and_constant() -> None:
    assert not draw(Zeros()).any()
    assert (draw(Constant(value=-0.25)) == -0.25).all()


@pytest.mark.parametrize(
    ("initializer", "bound"),
    [
        (Uniform(bound=0.3), 0.3),
        (XavierUniform(), math.sqrt(6 / (IN + OUT))),
        (XavierUniform(gain=2), 2 * math.sqrt(6 / (IN + OUT))),
        (HeUniform(), math.sqrt(6 / IN)),
        (HeUniform(gain=0.5), 0.5 * math.sqrt(6 / IN)),
    ],
)
def test_uniform_weights_fill_their_bounds(initializer: Initializer, bound: float) -> None:
    weight = draw(initializer)

    assert np.abs(weight).max() <= bound
    assert np.abs(weight).max() == pytest.approx(bound, rel=1e-3)
    assert weight.mean() == pytest.approx(0, abs=bound / 100)
    assert weight.var() == pytest.approx(bound**2 / 3, rel=0.02)


@pytest.mark.parametrize(
    ("initializer", "std"),
    [
        (Normal(std=0.3), 0.3),
        (XavierNormal(), math.sqrt(2 / (IN + OUT))),
        (XavierNormal(gain=2), 2 * math.sqrt(2 / (IN + OUT))),
        (HeNormal(), math.sqrt(2 / IN)),
        (HeNormal(gain=0.5), 0.5 * math.sqrt(2 / IN)),
    ],
)
def test_normal_weights_have_their_deviation(initializer: Initializer, std: float) -> None:
    weight = draw(initializer)

    assert weight.mean() == pytest.approx(0, abs=std / 50)
    assert weight.std() == pytest.approx(std, rel=0.01)
    assert (weight**4).mean() == pytest.approx(3 * std**4, rel=0.05)


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (5, 5), (3, 2, 2, 2)])
@pytest.mark.parametrize("gain", [1.0, 1.5])
def test_orthogonal_rows_or_columns(shape: tuple[int, ...], gain: float) -> None:
    weight = draw(Orthogonal(gain=gain), shape).reshape(shape[0], -1)
    product = weight.T @ weight if weight.shape[0] >= weight.shape[1] else weight @ weight.T

    np.testing.assert_allclose(product, gain**2 * np.eye(len(product)), atol=1e-12)


def test_orthogonal_is_not_biased_towards_a_sign() -> None:
    """Without the sign correction of Mezzadri (2007) the diagonal would be mostly negative."""
    diagonals = [
        Orthogonal().draw(Keyed(seed), "w", (3, 3)).diagonal().mean() for seed in range(400)
    ]

    assert np.mean(diagonals) == pytest.approx(0, abs=0.07)


@pytest.mark.parametrize("name", ["xavier_normal", "he_normal", "xavier_uniform", "he_uniform"])
def test_variance_equals_pytorchs(name: str) -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    weight = torch.empty(OUT, IN, dtype=torch.float64)
    init = torch.nn.init
    {
        "xavier_normal": init.xavier_normal_,
        "xavier_uniform": init.xavier_uniform_,
        "he_normal": lambda w: init.kaiming_normal_(w, nonlinearity="relu"),
        "he_uniform": lambda w: init.kaiming_uniform_(w, nonlinearity="relu"),
    }[name](weight)

    assert draw(INITIALIZERS[name]()).std() == pytest.approx(float(weight.std()), rel=0.02)
