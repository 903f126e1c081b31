"""Windows: where they lie, and what the terms of convolution and pooling say about their cells."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest

from nntui.engine.layers import Layer
from nntui.engine.layers.flatten import Flatten
from nntui.engine.layers.pool2d import AvgPool2d, MaxPool2d
from nntui.engine.ops.kind import Index, Terms
from nntui.engine.window import Window
from nntui.session.now import Now
from tests.engine.convolutions import convolution
from tests.engine.examples import OUTPUTS, dense, example, images

WINDOWS = [
    Window(kernel, stride, before, after)
    for kernel, stride, (before, after) in itertools.product(
        [(1, 1), (3, 2), (2, 5)],
        [(1, 1), (2, 3), (4, 1)],
        [((0, 0), (0, 0)), ((1, 2), (1, 2)), ((0, 1), (1, 2))],
    )
]
SIZE = (5, 6)


@pytest.mark.parametrize("window", WINDOWS)
def test_places_cells_and_strips_agree(window: Window) -> None:
    """What lies under a place, which places reach a cell, and the views: three ways to say it."""
    image = np.arange(1.0, 31.0).reshape(1, *SIZE, 1)
    bordered = np.zeros((1, *window.bordered(SIZE), 1))
    window.inner(bordered)[...] = image
    places = window.places(SIZE)
    found = set()
    for place in np.ndindex(*places):
        for offset, cell in window.under((place[0], place[1]), SIZE):
            value = window.strip(bordered, offset, places)[0, place[0], place[1], 0]
            assert value == (image[0, *cell, 0] if cell else 0.0)
            if cell:
                found.add((cell, place, offset))

    reached = {
        ((row, column), place, offset)
        for row, column in np.ndindex(*SIZE)
        for place, offset in window.reaching((row, column), places)
    }
    assert reached == found


@pytest.mark.parametrize(
    ("kernel", "size", "places"),
    [((3, 3), (8, 8), (6, 6)), ((9, 1), (8, 8), (0, 8)), ((8, 8), (8, 8), (1, 1))],
)
def test_a_window_fits_so_often(
    kernel: tuple[int, int], size: tuple[int, int], places: tuple[int, int]
) -> None:
    assert Window(kernel, (1, 1)).places(size) == places


def terms(layers: Sequence[Layer], output: str, index: Index, batch: int = 5) -> tuple[Now, Terms]:
    """The terms of a cell once the whole step has been computed up to it."""
    network = example(
        *layers, Flatten(name="f"), dense("o", OUTPUTS), x=images(2, 5, 6), batch_size=batch
    )
    now = Now(network.trainer())
    op = now.trainer.program.find(output)
    assert op is not None
    now.advance(op.number)
    return now, now.terms(op, index)


def test_a_cell_of_a_convolution_names_weights_and_pixels_channel_by_channel() -> None:
    _, found = terms([convolution("c", 3, (2, 1), stride=2)], "c.z", (4, 1, 1, 2))
    operands = [[(o.tensor, o.index) for o in term.operands] for term in found.terms]

    assert operands == [
        [("c.weight", (1, 0, 0, 0)), ("x", (4, 0, 2, 4))],
        [("c.weight", (1, 0, 1, 0)), ("x", (4, 0, 3, 4))],
        [("c.weight", (1, 1, 0, 0)), ("x", (4, 1, 2, 4))],
        [("c.weight", (1, 1, 1, 0)), ("x", (4, 1, 3, 4))],
        [("c.bias", (1,))],
    ]
    assert found.note == ""


def test_the_padding_is_no_pixel() -> None:
    _, corner = terms([convolution("c", 2, 3, padding=1)], "c.z", (0, 0, 0, 0))
    _, inside = terms([convolution("c", 2, 3, padding=1)], "c.z", (0, 0, 2, 2))

    assert len(corner.terms) == 2 * 4 + 1
    assert corner.note == "5 of the 9 cells of the window lie outside the image and count 0"
    assert len(inside.terms) == 2 * 9 + 1
    assert inside.note == ""


def test_an_infinite_weight_shows_on_the_padding() -> None:
    """0 times it is no longer 0: the sum must show where the NaN comes from."""
    weight = np.ones((1, 2, 1, 2))
    weight[0, 1, 0, 0] = np.inf
    layer = convolution("c", 1, (1, 2), padding=(0, 1), weight=weight)
    _, found = terms([layer], "c.z", (0, 0, 0, 0))
    operands = [[o.value for o in term.operands] for term in found.terms]

    assert operands[1] == [np.inf, 0.0]
    assert np.isnan(found.terms[1].value)
    assert np.isnan(found.result)


def test_a_place_in_the_padding_is_its_bias() -> None:
    layers = [convolution("c", 2, 1, padding=1), convolution("d", 2, 1, padding=1, bias=False)]
    _, with_bias = terms(layers[:1], "c.z", (0, 1, 0, 3))
    _, without = terms(layers, "d.z", (0, 1, 0, 3))

    assert [[o.tensor for o in term.operands] for term in with_bias.terms] == [["c.bias"]]
    assert [[o.symbol for o in term.operands] for term in without.terms] == [["0"]]
    assert without.result == 0.0


def test_the_gradient_of_a_weight_is_over_samples_and_places() -> None:
    _, found = terms([convolution("c", 2, 3)], "c.weight.grad", (1, 0, 2, 2))
    pairs = [tuple(o.index for o in term.operands) for term in found.terms]

    assert pairs == [
        ((s, 1, r, c), (s, 0, r + 2, c + 2)) for s in range(5) for r in range(3) for c in range(4)
    ]
    assert found.note == "the sum over the 5 samples of the batch and 12 places of the filter"


@pytest.mark.parametrize("output", ["c.weight.grad", "c.bias.grad"])
def test_a_very_long_sum_is_shown_by_sample(output: str, monkeypatch: pytest.MonkeyPatch) -> None:
    index = (1, 1, 0, 2) if output == "c.weight.grad" else (1,)
    _, full = terms([convolution("c", 2, 3)], output, index)
    monkeypatch.setattr("nntui.engine.ops.conv._MOST", 10)
    _, short = terms([convolution("c", 2, 3)], output, index)

    assert len(full.terms) == 5 * 12
    by_sample = np.array([term.value for term in full.terms]).reshape(5, 12).sum(1)
    np.testing.assert_allclose([term.value for term in short.terms], by_sample, rtol=1e-12)
    assert short.note.endswith("shown is what each sample adds")


def test_a_maximum_shows_all_candidates_and_marks_the_winner() -> None:
    layers = [convolution("c", 2, 1), MaxPool2d(name="p", kernel_size=2)]
    now, found = terms(layers, "p.a", (3, 1, 1, 2))
    (term,) = found.terms
    window = now.now("c.a")[3, 1, 2:4, 4:6].ravel()

    assert [o.index for o in term.operands] == [
        (3, 1, 2, 4), (3, 1, 2, 5), (3, 1, 3, 4), (3, 1, 3, 5),
    ]  # fmt: skip
    assert [o.value for o in term.operands] == window.tolist()
    assert [o.role for o in term.operands].index("winner") == window.argmax()
    assert term.value == window.max()
    row, column = divmod(int(window.argmax()), 2)
    assert found.note == f"the largest is in row {row + 1}, column {column + 1} of the window"


def test_the_winner_is_the_number_of_its_cell() -> None:
    layers = [convolution("c", 2, 1), MaxPool2d(name="p", kernel_size=(2, 3), stride=1)]
    now, found = terms(layers, "p.winner", (3, 1, 2, 1))
    window = now.now("c.a")[3, 1, 2:4, 1:4]

    assert found.result == window.argmax()
    assert now.now("p.a")[3, 1, 2, 1] == window.max()


def test_the_gradient_of_a_maximum_goes_to_the_winner_alone() -> None:
    layers = [convolution("c", 2, 1), MaxPool2d(name="p", kernel_size=3, stride=2)]
    now, shared = terms(layers, "c.a.grad", (0, 0, 2, 2))
    winner = now.now("p.winner")[0, 0]
    locals_ = [term.operands[1].value for term in shared.terms]

    # The cell is the last of its first window, and the first of its last one.
    assert locals_ == [float(winner[r, c] == 8 - 6 * r - 2 * c) for r in (0, 1) for c in (0, 1)]
    assert shared.note == "4 windows share this cell"


@pytest.mark.parametrize("pool", [MaxPool2d, AvgPool2d])
def test_a_cell_that_no_window_reaches_gets_0(pool: type[MaxPool2d | AvgPool2d]) -> None:
    layers = [convolution("c", 2, 1), pool(name="p", kernel_size=2)]
    now, found = terms(layers, "c.a.grad", (0, 0, 4, 3))

    assert found.result == 0.0
    assert found.note == "no window reaches this cell"
    assert not now.now("c.a.grad")[:, :, 4].any()
