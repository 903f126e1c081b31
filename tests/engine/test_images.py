"""The sources of images: `bars` and `digits`."""

from __future__ import annotations

import numpy as np
import pytest

from nntui.engine.data.images import Bars, Digits
from nntui.engine.random import Keyed

STEPS = {"vertical": (1, 0), "horizontal": (0, 1), "diagonal": (1, 1)}


def bars(samples: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    made = Bars(samples=samples, noise=0).generate(Keyed(seed))
    return made.x[:, 0], made.y, made.classes


def test_every_bar_is_a_line_of_its_class() -> None:
    images, labels, classes = bars(3000)
    lengths, places = set(), set()
    for image, label in zip(images, labels, strict=True):
        lit = np.argwhere(image == 1.0)
        lengths.add(len(lit))
        places.add((label, *lit[0]))
        assert set(np.unique(image)) == {0.0, 1.0}
        assert (np.diff(lit, axis=0) == STEPS[classes[label]]).all()

    assert lengths == {4, 5, 6, 7, 8}
    # A bar of 4 has 5 places along its direction, and 8 across; a diagonal has 5 both ways.
    assert len(places) == 5 * 8 + 5 * 8 + 5 * 5


def test_the_three_directions_take_turns() -> None:
    _, labels, _ = bars(100)

    assert labels.tolist() == [row % 3 for row in range(100)]


@pytest.mark.parametrize("source", [Bars, Digits])
def test_noise_is_added_to_every_pixel(source: type[Bars | Digits]) -> None:
    clean, noisy = (source(samples=400, noise=n).generate(Keyed(1)) for n in (0.0, 0.3))

    assert (noisy.x - clean.x).std() == pytest.approx(0.3, rel=0.02)
    assert (noisy.x - clean.x).mean() == pytest.approx(0.0, abs=0.01)
    assert noisy.y.tolist() == clean.y.tolist()


def test_digits_are_those_of_uci() -> None:
    """Counts of each digit and the ink of all of them, as the repository's file has them."""
    made = Digits().generate(Keyed(0))
    counts = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]

    assert np.bincount(made.y).tolist() == counts
    assert (made.x.min(), made.x.max()) == (0.0, 1.0)
    assert (16 * made.x).sum() == 561_718
    assert made.classes == tuple("0123456789")


def test_the_first_digit_of_the_file_is_a_zero() -> None:
    made = Digits().generate(Keyed(0))
    zero = [
        [0, 0, 5, 13, 9, 1, 0, 0],
        [0, 0, 13, 15, 10, 15, 5, 0],
        [0, 3, 15, 2, 0, 11, 8, 0],
        [0, 4, 12, 0, 0, 8, 8, 0],
        [0, 5, 8, 0, 0, 9, 8, 0],
        [0, 4, 11, 0, 1, 12, 7, 0],
        [0, 2, 14, 5, 10, 12, 0, 0],
        [0, 0, 6, 13, 10, 0, 0, 0],
    ]
    same = (16 * made.x[:, 0] == zero).all((1, 2))

    assert same.sum() == 1
    assert made.y[same].tolist() == [0]


def test_digits_come_out_mixed() -> None:
    first = Digits(samples=100).generate(Keyed(0)).y

    assert np.bincount(first, minlength=10).min() >= 3
