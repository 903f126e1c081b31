"""A map as a mosaic: how large units are, what marks them, and what is under a point."""

import pytest

from nntui.ui.renderables.mosaic import Grain, Mosaic, mosaic_lines, sign, unit_at
from nntui.ui.spans import plain, width

MARKS = {0: ("best",), 4: ("second",), 5: ("chosen",)}


def mosaic(marks=None, left=None, texts=None):
    """Two rows of three units."""
    styles = ["#ff8000", "none", "positive-1", "negative-2", "fault", "#000000"]
    return Mosaic(2, 3, styles, texts or [""] * 6, marks or {}, left)


def drawn(*arguments):
    return [plain(line) for line in mosaic_lines(*arguments)]


@pytest.mark.parametrize("grain", Grain)
@pytest.mark.parametrize("left", [None, frozenset({1})])
def test_a_mosaic_is_as_large_as_it_says(grain, left):
    lines = mosaic_lines(mosaic(MARKS, left), grain)
    high, wide = grain.size(2, 3, moved=left is not None)

    assert len(lines) == high
    assert max(map(width, lines)) == wide


def test_the_best_unit_stands_in_a_box_and_the_second_in_a_dotted_one():
    assert drawn(mosaic(MARKS), Grain.WIDE) == ["[]    ", "  ::<>"]
    assert drawn(mosaic(MARKS), Grain.BOX) == [
        "┌──┐        ",
        "└──┘        ",
        "    ┌··┐◤  ◥",
        "    └··┘◣  ◢",
    ]


def test_a_unit_with_two_marks_has_a_half_of_each():
    assert drawn(mosaic({1: ("best", "chosen")}), Grain.WIDE)[0] == "  [>  "
    assert drawn(mosaic({1: ("best", "chosen")}), Grain.BOX)[:2] == [
        "    ┌──◥    ",
        "    └──┘    ",
    ]


@pytest.mark.parametrize(("mark", "glyph"), [("written", "▸"), ("edited", "✎"), ("stale", "~")])
def test_a_second_mark_is_seen_beside_the_box(mark, glyph):
    assert drawn(mosaic({1: ("best", mark)}), Grain.WIDE)[0] == f"  [{glyph}  "
    assert drawn(mosaic({1: ("best", mark)}), Grain.BOX)[:2] == [
        f"    ┌──{glyph}    ",
        "    └──┘    ",
    ]


def test_every_second_row_of_a_hexagonal_grid_is_moved():
    assert drawn(mosaic(MARKS, frozenset({1})), Grain.WIDE) == [" []    ", "  ::<>"]


def test_names_stand_in_units():
    texts = ["bl", "re", "", "or", "", ""]
    assert drawn(mosaic(texts=texts), Grain.WIDE) == ["blre  ", "or    "]
    assert drawn(mosaic({0: ("best",)}, texts=texts), Grain.BOX)[0] == "┌bl┐ re     "


def test_units_of_half_a_line_keep_their_colour_and_have_dots_in_their_half():
    assert mosaic_lines(mosaic({0: ("best",)}), Grain.DOT) == [
        (
            ("⠛", "tile-#ff8000 bold"),
            ("▀", "heat-none under-fault"),
            ("▀", "heat-positive-1 under-#000000"),
        )
    ]
    assert drawn(mosaic({0: ("best",)}), Grain.FLAT) == ["▀⠛▀▀▀▀"]
    assert drawn(mosaic({3: ("best",)}), Grain.DOT) == ["⣤▀▀"]
    assert drawn(mosaic({0: ("second",), 1: ("chosen",)}), Grain.DOT) == ["⠃⠉▀"]
    assert drawn(mosaic({3: ("second",), 4: ("chosen",)}), Grain.DOT) == ["⡄⣀▀"]
    assert drawn(mosaic({0: ("best",), 3: ("second",)}), Grain.DOT) == ["⡟▀▀"]
    assert drawn(mosaic({4: ("written",)}), Grain.DOT) == ["▀▸▀"]


def test_units_of_half_a_line_that_look_alike_are_one():
    alike = Mosaic(2, 1, ["none", "none"], ["", ""])

    assert mosaic_lines(alike, Grain.DOT) == [(("█", "heat-none"),)]


@pytest.mark.parametrize("mark", ["best", "second", "chosen"])
@pytest.mark.parametrize("grain", [Grain.WIDE, Grain.FLAT, Grain.DOT])
def test_a_legend_shows_what_a_mark_looks_like(grain, mark):
    assert sign(mark, grain) in drawn(mosaic({1: (mark,)}), grain)[0]


def test_a_part_keeps_its_marks():
    part = mosaic(MARKS).part(1, 1, 1, 2)

    assert drawn(part, Grain.WIDE) == ["::<>"]
    assert part.styles == ["fault", "#000000"]


@pytest.mark.parametrize(
    ("grain", "left", "point", "unit"),
    [
        (Grain.WIDE, None, (3, 1), 4),
        (Grain.WIDE, frozenset({1}), (2, 0), 0),
        (Grain.WIDE, frozenset({1}), (2, 1), 4),
        (Grain.BOX, None, (8, 3), 5),
        (Grain.DOT, None, (2, 0), 2),
        (Grain.WIDE, None, (6, 0), None),
        (Grain.WIDE, None, (0, 2), None),
    ],
)
def test_what_is_under_a_point(grain, left, point, unit):
    assert unit_at(mosaic(left=left), grain, *point) == unit
