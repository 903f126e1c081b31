"""The figure beside a formula: terms laid out as their numbers lie, with exact expectations."""

from __future__ import annotations

import math

import pytest
from stacked import stacked

from nntui.session.frame import Cell
from nntui.session.grid import Figure, Grid
from nntui.session.position import Depth
from nntui.session.session import Session


def at(output: str, steps: int = 1) -> Session:
    """A session just before an op of the network of maps."""
    session = stacked()
    for _ in range(steps - 1):
        session.cursor.forward(Depth.STEP)
    number = next(op.number for op in session.network.ops if op.output == output)
    session.cursor.go(steps, number - 1)
    return session


def figure_of(session: Session) -> Figure:
    explanation = session.frame.explanation
    assert explanation is not None
    return explanation.figure


def grids(figure: Figure) -> list[Grid]:
    return [piece for piece in figure if isinstance(piece, Grid)]


def numbers(session: Session, tensor: str, *index: object) -> list[list[float]]:
    """A part of a tensor, the batch left in."""
    values: list[list[float]] = session.reader.look(tensor)[index].tolist()
    return values


def test_a_convolution_is_kernel_times_patch() -> None:
    session = at("conv.z")
    for _ in range(5):
        session.cursor.forward(Depth.ELEMENT)
    weight, patch, products = grids(figure_of(session))

    # The fifth cell is the one in the second row, second column: 3 × 3 places in the first map.
    assert session.frame.writes == {Cell("conv.z", (0, 1, 1))}
    assert [piece for piece in figure_of(session) if isinstance(piece, str)] == ["⊙", "="]
    assert [list(row) for row in weight.values] == numbers(session, "conv.weight", 0, 0)
    assert [list(row) for row in patch.values] == numbers(
        session, "x", 0, 0, slice(1, 3), slice(1, 3)
    )
    assert (weight.title, patch.title) == ("w₁", "x")
    expected = [
        [w * x for w, x in zip(ws, xs, strict=True)]
        for ws, xs in zip(weight.values, patch.values, strict=True)
        if None not in (*ws, *xs)
    ]
    assert [list(row) for row in products.values] == expected
    assert products.total == pytest.approx(sum(map(sum, expected)))
    assert products.current is None


def test_the_current_term_is_marked_in_all_three_and_later_products_are_not_there() -> None:
    session = at("conv.z")
    session.cursor.forward(Depth.ELEMENT)
    for _ in range(3):
        session.cursor.forward(Depth.TERM)
    weight, patch, products = grids(figure_of(session))

    assert weight.current == patch.current == products.current == (1, 0)
    assert weight.lit == {(0, 0), (0, 1), (1, 0)}
    assert [value is None for row in products.values for value in row] == [False] * 3 + [True]
    assert None not in (*weight.values[1], *patch.values[1])


def test_the_bias_is_in_no_matrix_and_the_figure_stays() -> None:
    session = at("conv.z")
    for _ in range(4):
        session.cursor.forward(Depth.TERM)
    weight, _, products = grids(figure_of(session))

    assert weight.current == (1, 1)
    assert products.total is not None
    assert math.isfinite(products.total)
    session.cursor.forward(Depth.TERM)
    assert grids(figure_of(session))[0].current is None


def test_of_several_channels_the_one_of_the_current_term_is_shown() -> None:
    session = at("fold.z")
    for _ in range(3):
        session.cursor.forward(Depth.ELEMENT)
    titles = []
    # The last cell reads one number of each of two channels, and then the bias.
    for _ in range(2):
        session.cursor.forward(Depth.TERM)
        weight, patch, _ = grids(figure_of(session))
        titles.append((weight.title, patch.title))

    assert titles == [("w₁", "a₁"), ("w₂", "a₂")]


def test_outside_the_image_there_is_nothing_but_the_kernel_keeps_its_size() -> None:
    session = at("fold.z")
    session.cursor.forward(Depth.ELEMENT)
    weight, patch, products = grids(figure_of(session))

    assert weight.size == patch.size == products.size == (2, 2)
    assert [value is None for row in patch.values for value in row] == [True, True, True, False]
    assert weight.title == "w₁"
    assert patch.title == "a₁"


def test_a_pool_shows_its_window_and_the_winner() -> None:
    session = at("pool.a")
    session.cursor.forward(Depth.ELEMENT)
    (window,) = grids(figure_of(session))
    a = session.reader.look("conv.a")[0, 0]

    assert [list(row) for row in window.values] == a[:2, :2].tolist()
    assert window.current is not None
    assert window.at(window.current) == a[:2, :2].max() == window.total
    assert window.note.startswith("max = ")


def test_the_gradient_of_a_weight_lays_gradients_on_what_it_was_laid_on() -> None:
    session = at("conv.weight.grad")
    session.cursor.forward(Depth.ELEMENT)
    delta, patch, products = grids(figure_of(session))

    assert [list(row) for row in delta.values] == numbers(session, "conv.z.grad", 0, 0)
    assert [list(row) for row in patch.values] == numbers(
        session, "x", 0, 0, slice(0, 3), slice(0, 3)
    )
    assert (delta.title, patch.title) == ("∂L/∂z₁⁽¹⁾", "x⁽¹⁾")
    both = [[p for row in grids(figure_of(session))[2].values for p in row] for _ in (products,)]
    assert None not in both[0]

    session.reader.sample = 1
    delta, *_ = grids(figure_of(session))
    assert [list(row) for row in delta.values] == numbers(session, "conv.z.grad", 1, 0)
    assert delta.title == "∂L/∂z₁⁽²⁾"


def test_at_depth_term_the_sample_of_the_term_is_shown() -> None:
    session = at("conv.weight.grad")
    for _ in range(10):
        session.cursor.forward(Depth.TERM)
    delta, *_ = grids(figure_of(session))

    assert delta.title == "∂L/∂z₁⁽²⁾"
    assert delta.current == (0, 0)


def test_the_gradient_of_an_image_meets_the_kernel_turned_round() -> None:
    session = at("pool.a.grad")
    session.cursor.forward(Depth.ELEMENT)
    delta, weight, _ = grids(figure_of(session))

    # Stride 2 and a border of 1: the first cell is read once, by the last weight of the kernel.
    assert delta.size == weight.size == (1, 1)
    assert weight.values[0][0] == session.reader.look("fold.weight")[0, 0, 1, 1]


def test_numbers_in_no_plane_have_no_figure() -> None:
    for output in ("y", "conv.a", "flat.a", "output.z", "loss", "conv.bias", "conv.weight"):
        session = at(output)
        session.cursor.forward(Depth.ELEMENT)
        assert figure_of(session) == ()


def test_the_figure_depends_on_the_position_only() -> None:
    session = at("conv.weight.grad")
    seen = {}
    for _ in range(12):
        session.cursor.forward(Depth.TERM)
        seen[session.cursor.position] = figure_of(session)
    for _ in range(11):
        session.cursor.back(Depth.TERM)
        assert figure_of(session) == seen[session.cursor.position]


def test_numbers_that_are_not_finite_are_in_the_figure_too() -> None:
    session = at("conv.z")
    session.edit("conv.weight", (0, 0, 0, 0), math.inf)
    session.edit("conv.weight", (0, 0, 0, 1), 1e308)
    session.edit("x", (0, 0, 0), -1.0)
    session.edit("x", (0, 0, 1), 1e10)
    session.cursor.forward(Depth.ELEMENT)
    weight, _, products = grids(figure_of(session))

    assert weight.values[0][0] == math.inf
    assert weight.largest == 1e308
    assert products.values[0] == (-math.inf, math.inf)
    assert products.total is not None
    assert math.isnan(products.total)
    assert products.note == "Σ = nan"


def test_colours_and_powers_of_ten_do_not_change_while_an_element_is_computed() -> None:
    session = at("conv.z")
    seen = set()
    for _ in range(4):
        session.cursor.forward(Depth.TERM)
        seen.add(tuple(grid.largest for grid in grids(figure_of(session))))

    assert len(seen) == 1
