"""Where the neurons go."""

import pytest

from nntui.ui.renderables.casting import GAP, Fold, Shape
from nntui.ui.renderables.geometry import plan


def shapes(*units):
    return [Shape(n, 5, 4, 4) for n in units]


def test_few_neurons_are_boxes():
    placed = plan(shapes(2, 2, 1), 66, 18, 0)

    assert [p.fold for p in placed.columns] == [Fold.FULL] * 3
    assert placed.columns[1].top == (3, 10)


@pytest.mark.parametrize(
    ("units", "fold"),
    [(3, Fold.FULL), (4, Fold.PAIRED), (5, Fold.CELL), (18, Fold.CELL), (19, Fold.HEAT)],
)
def test_columns_fold_when_they_grow(units, fold):
    placed = plan(shapes(2, units, 1), 90, 18, 0)

    assert placed.columns[1].fold is fold


def test_of_a_big_network_only_small_layers_are_boxes():
    placed = plan(shapes(60, 3, 8), 66, 40, 0)

    assert [p.fold for p in placed.columns] == [Fold.HEAT, Fold.FULL, Fold.CELL]


@pytest.mark.parametrize("width", range(10, 160, 13))
@pytest.mark.parametrize("height", [1, 3, 9, 18, 50])
def test_nothing_leaves_the_pane_and_nothing_overlaps(width, height):
    for units in [(2, 2, 1), (16, 8, 4, 2), (784, 128, 10), (2, *[8] * 6, 1), (5000, 3)]:
        for focus in range(len(units)):
            placed = plan(shapes(*units), width, height, focus)
            assert placed.of(focus)
            assert placed.before + len(placed.columns) + placed.after == len(units)
            end = 0
            for k, column in enumerate(placed.columns):
                assert column.x >= end + (GAP if k else 0) or len(placed.columns) == 1
                end = column.x + column.width
                rows = [column.middle(u) for u in range(units[column.column])]
                assert min(rows) >= 0
                assert max(rows) < max(height, 1)
            assert end <= width or len(placed.columns) == 1


@pytest.mark.parametrize("width", [10, 30, 66, 90])
def test_the_view_moves_in_pages_that_show_the_neighbours(width):
    network = shapes(2, *[8] * 6, 1)
    last = len(network) - 1
    views = []
    for focus in range(last + 1):
        placed = plan(network, width, 12, focus)
        views.append([column.column for column in placed.columns])
        if len(placed.columns) > 2:
            assert {max(focus - 1, 0), focus, min(focus + 1, last)} <= set(views[-1])

    assert views == sorted(views)
    assert views[0][0] == 0
    assert views[-1][-1] == last


def test_a_point_finds_its_neuron():
    placed = plan(shapes(2, 2, 1), 66, 18, 0)
    column = placed.columns[1]

    assert column.unit_at(3, 0) == 0
    assert column.unit_at(3, column.height - 1) == 1
    assert column.unit_at(3, 6) is None
