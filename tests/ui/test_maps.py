"""How maps are arranged, how one moves in them, and how they share the pane with other columns."""

import pytest

from nntui.ui.renderables.casting import Fold, Shape
from nntui.ui.renderables.geometry import plan
from nntui.ui.renderables.maps import Layout, MapShape, arrangements
from nntui.ui.renderables.tile import Scale

INPUT = MapShape(1, 8, 8)
CONV = MapShape(4, 6, 6, (3, 3))
POOL = MapShape(4, 3, 3)


def shape_of(maps, hidden=False):
    return Shape(maps.maps * maps.rows * maps.columns, 5, 4, 4, maps=maps, hidden=hidden)


NETWORK = [
    shape_of(INPUT),
    shape_of(CONV),
    shape_of(POOL),
    Shape(36, 4, 4, 4, hidden=True),
    Shape(3, 6, 5, 5, 10, 8),
]


def scales(placed):
    return [p.maps.scale if p.maps else p.fold for p in placed.columns]


def test_the_arrangements_go_from_large_to_small():
    ways = arrangements(CONV, 116, 30, bare=False)

    assert [(w.scale, w.kernels, w.across) for w in ways] == [
        (Scale.NUMBERS, True, 1),
        (Scale.WIDE, True, 1),
        (Scale.HALF, True, 1),
        (Scale.HALF, False, 1),
        (Scale.HALF, False, 1),
    ]
    assert [w.size for w in ways[:3]] == [(28, 46), (28, 19), (16, 10)]


def test_in_a_low_pane_maps_stand_side_by_side():
    way = next(w for w in arrangements(CONV, 76, 8, bare=False) if w.scale is Scale.HALF)

    assert (way.across, way.down) == (2, 2)
    assert [(n, y, x) for n, y, x in way.shown()] == [(0, 0, 0), (1, 0, 12), (2, 4, 0), (3, 4, 12)]


def test_bare_terminals_get_no_half_blocks():
    assert {w.scale for w in arrangements(CONV, 116, 30, bare=True)} <= {
        Scale.NUMBERS,
        Scale.DIGITS,
    }


@pytest.mark.parametrize("shape", [INPUT, CONV, POOL, MapShape(32, 26, 26, (5, 5))])
@pytest.mark.parametrize(("width", "height"), [(20, 3), (68, 18), (116, 32), (10, 1)])
def test_every_cell_can_be_brought_into_view_and_found_there(shape, width, height):
    for way in arrangements(shape, width, height, bare=False):
        for unit in range(0, shape.maps * shape.rows * shape.columns, 7):
            layout = way.at(unit)
            high, wide = layout.size
            seen = {layout.unit_at(x, y) for x in range(wide) for y in range(high)}
            row = unit // shape.columns % shape.rows
            # Of two half-blocks in a character the upper one is found.
            odd = way.scale is Scale.HALF and (row - layout.top) % 2
            assert (unit - shape.columns * odd) in seen
            assert 0 <= layout.line(unit) < high


def test_pages_of_maps_follow_the_neuron():
    way = Layout(MapShape(10, 3, 3), Scale.WIDE, 2, 2, False, 3, 3)

    assert [way.at(9 * number).first for number in (0, 3, 4, 9)] == [0, 0, 4, 8]
    assert way.at(0).part == "  1–4/10"
    assert way.at(89).part == "  9–10/10"
    assert [number for number, *_ in way.at(89).shown()] == [8, 9]


def test_one_moves_from_map_to_map_and_out_at_the_edge():
    way = Layout(MapShape(4, 3, 3), Scale.WIDE, 2, 2, False, 3, 3)

    assert way.neighbour(4, 1, 0) == 5
    assert way.neighbour(5, 1, 0) == 9 + 3
    assert way.neighbour(9 + 5, 1, 0) is None
    assert way.neighbour(3, -1, 0) is None
    assert way.neighbour(7, 0, 1) == 18 + 1
    assert way.neighbour(18 + 1, 0, -1) == 7
    assert way.neighbour(1, 0, -1) == 1
    assert way.neighbour(18 + 7, 0, 1) == 18 + 7
    assert way.neighbour(0, 0, 10) == 6
    assert way.neighbour(4, 0, -1_000_000) == 1


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (116, 32, [Scale.NUMBERS, Scale.WIDE, Scale.NUMBERS, Fold.FULL]),
        (68, 18, [Scale.WIDE, Scale.HALF, Scale.WIDE, Fold.FULL]),
        (76, 8, [Scale.WIDE, Scale.HALF, Scale.HALF, Fold.CELL]),
    ],
)
def test_maps_are_as_large_as_all_columns_fit(width, height, expected):
    for focus in range(len(NETWORK)):
        placed = plan(NETWORK, width, height, focus)
        assert scales(placed) == expected
        assert (placed.before, placed.after) == (0, 0)
        assert [p.column for p in placed.columns] == [0, 1, 2, 4]


@pytest.mark.parametrize("width", range(30, 150, 9))
@pytest.mark.parametrize("height", [1, 4, 8, 18, 32])
@pytest.mark.parametrize("bare", [False, True])
def test_nothing_leaves_the_pane_and_nothing_overlaps(width, height, bare):
    shapes = [*NETWORK[:2], shape_of(MapShape(16, 28, 28, (5, 5))), *NETWORK[2:]]
    for focus in range(len(shapes)):
        placed = plan(shapes, width, height, focus, units={2: 9000}, bare=bare)
        shown = [p.column for p in placed.columns]
        assert focus in shown or (shapes[focus].hidden and focus - 1 in shown)
        end = 0
        for column in placed.columns:
            assert column.x >= end
            end = column.x + column.width
            assert column.y + column.height <= max(height, 2)
        assert end <= width or len(placed.columns) == 1


def test_of_many_columns_the_page_in_view_is_as_large_as_it_can_be():
    shapes = [shape_of(INPUT), *[shape_of(MapShape(12, 8, 8, (3, 3)))] * 6, Shape(10, 5, 4, 4)]
    placed = plan(shapes, 68, 18, 0)

    assert placed.after
    assert all(p.maps.part == "" for p in placed.columns if p.maps)


def test_a_neuron_out_of_view_is_paged_into_it():
    shapes = [shape_of(MapShape(64, 12, 12))]
    number = 144 * 40
    placed = plan(shapes, 30, 12, 0, units={0: number})
    layout = placed.columns[0].maps

    assert layout.first <= 40 < layout.first + layout.page
    assert placed.columns[0].middle(number) < 12
