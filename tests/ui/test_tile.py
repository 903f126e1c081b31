"""A map as numbers, as a tile of colours, as digits, and as half-blocks."""

import pytest

from nntui.ui.renderables.mapcolumn import winner_glyph
from nntui.ui.renderables.tile import Scale, Tile, tile_lines
from nntui.ui.spans import plain, width

VALUES = [[0.0, 1.0, None], [-2.0, 0.5, 0.1], [0.0, 0.0, 2.0]]
WINDOW = frozenset({(0, 0), (0, 1), (1, 0), (1, 1)})


def text(tile, scale):
    return [plain(line) for line in tile_lines(tile, scale)]


def styles(line):
    return [style for _, style in line]


def test_numbers_keep_their_signs_and_what_is_missing_is_a_dot():
    assert text(Tile(VALUES, 2.0), Scale.NUMBERS) == [
        "    0 +1.0  ·  ",
        " −2.0 +.50 +.10",
        "    0    0 +2.0",
    ]


def test_a_power_of_ten_is_taken_out_of_small_numbers():
    tile = Tile([[0.0031, -0.02]], 0.02)

    assert tile.exponent == -2
    assert text(tile, Scale.NUMBERS) == [" +.31 −2.0"]


def test_numbers_have_marks_before_them():
    tile = Tile(
        VALUES,
        2.0,
        outlined=WINDOW,
        written=frozenset({(2, 2)}),
        edited=frozenset({(2, 0)}),
        glyphs={(1, 2): "◢"},
    )

    assert text(tile, Scale.NUMBERS) == [
        "•   0•+1.0  ·  ",
        "•−2.0•+.50◢+.10",
        "✎   0    0▸+2.0",
    ]


def test_a_window_is_outlined_on_the_colours():
    lines = tile_lines(Tile(VALUES, 2.0, outlined=WINDOW), Scale.WIDE)

    assert [plain(line) for line in lines] == ["┌──┐· ", "└──┘  ", "      "]
    assert styles(lines[1]) == ["tile-negative-3 bold", "tile-positive-0 bold", "tile-none"]


@pytest.mark.parametrize(
    ("window", "shown"),
    [
        ({(1, 1)}, ["      ", "  []  ", "      "]),
        ({(0, 0), (1, 0), (2, 0)}, ["┌┐    ", "││    ", "└┘    "]),
        ({(1, 0), (1, 1), (1, 2)}, ["      ", "[────]", "      "]),
        ({(r, c) for r in range(3) for c in range(3)}, ["┌────┐", "│    │", "└────┘"]),
    ],
)
def test_outlines_of_every_form(window, shown):
    tile = Tile([[0.0] * 3] * 3, 1.0, outlined=frozenset(window))

    assert text(tile, Scale.WIDE) == shown


def test_the_term_the_result_and_the_chosen_cell_are_marked():
    tile = Tile(
        [[0.0] * 4] * 3,
        1.0,
        outlined=WINDOW,
        now=frozenset({(0, 1)}),
        written=frozenset({(2, 3)}),
        edited=frozenset({(2, 0)}),
        chosen=(0, 3),
    )

    assert text(tile, Scale.WIDE) == ["┌─•┐  []", "└──┘    ", "✎     ▸ "]


def test_without_colours_there_is_a_sign_and_a_digit():
    tile = Tile(VALUES, 2.0, outlined=WINDOW)
    lines = tile_lines(tile, Scale.DIGITS)

    assert [plain(line) for line in lines] == [" 0+5· ", "−9+2 0", " 0 0+9"]
    assert "reverse" in styles(lines[0])[0]
    assert "reverse" not in styles(lines[2])[0]


def test_two_rows_share_a_line_of_half_blocks_and_what_is_missing_is_blank():
    lines = tile_lines(Tile(VALUES, 2.0), Scale.HALF)

    assert [plain(line) for line in lines] == ["▀▀▄", "▀▀▀"]
    assert styles(lines[0]) == [
        "heat-none under-negative-3",
        "heat-positive-1 under-positive-0",
        "heat-none",
    ]
    assert text(Tile([[None, None]] * 2, 0.0), Scale.HALF) == ["  "]


def test_numbers_show_through_a_window_of_half_blocks_unless_it_would_be_lost():
    through = tile_lines(Tile(VALUES, 2.0, outlined=WINDOW), Scale.HALF)
    solid = tile_lines(Tile([[1.0] * 3] * 2, 1.0, outlined=WINDOW), Scale.HALF)
    whole = tile_lines(Tile([[1.0] * 2] * 2, 1.0, outlined=WINDOW), Scale.HALF)

    assert styles(through[0])[:2] == [
        "accent under-negative-3",
        "heat-positive-1 under-positive-0",
    ]
    assert styles(solid[0]) == ["accent", "heat-positive-3"]
    assert styles(whole[0]) == ["heat-positive-3"]


def test_a_number_that_is_not_finite_is_seen_at_every_scale():
    tile = Tile([[float("nan"), float("inf")]] * 2, 1.0)

    assert text(tile, Scale.NUMBERS)[0] == "  nan +inf"
    assert text(tile, Scale.DIGITS)[0] == "!!!!"
    assert styles(tile_lines(tile, Scale.WIDE)[0]) == ["tile-fault"]
    assert styles(tile_lines(tile, Scale.HALF)[0]) == ["heat-fault"]


def test_a_part_keeps_its_marks():
    tile = Tile(VALUES, 2.0, outlined=WINDOW, chosen=(2, 2), glyphs={(1, 1): "◤"})
    part = tile.part(1, 1, 2, 2)

    assert part.values == [[0.5, 0.1], [0.0, 2.0]]
    assert part.outlined & {(r, c) for r in range(2) for c in range(2)} == {(0, 0)}
    assert part.chosen == (1, 1)
    assert part.glyphs == {(0, 0): "◤"}
    assert text(part, Scale.WIDE) == ["─┘  ", "  []"]


@pytest.mark.parametrize("scale", list(Scale))
def test_the_size_is_what_is_drawn_and_every_cell_is_found(scale):
    lines = tile_lines(Tile([[1.0] * 5] * 3, 1.0), scale)
    high, wide = scale.size(3, 5)

    assert len(lines) == high
    assert {width(line) for line in lines} == {wide}
    found = {scale.place(x, y, 3, 5) for x in range(wide) for y in range(high)}
    columns = range(5)
    rows = (0, 2) if scale in (Scale.HALF, Scale.LOW) else range(3)
    assert found == {(r, c) for r in rows for c in columns}
    assert scale.place(wide, 0, 3, 5) is None
    assert scale.place(0, high, 3, 5) is None


def test_the_corner_of_a_winner():
    assert [winner_glyph(k, (2, 2)) for k in range(4)] == list("◤◥◣◢")
    assert [winner_glyph(k, (3, 3)) for k in range(9)] == list("↖↑↗←•→↙↓↘")
    assert [winner_glyph(k, (1, 3)) for k in range(3)] == list("←•→")
    assert winner_glyph(15, (4, 4)) == "↘"
