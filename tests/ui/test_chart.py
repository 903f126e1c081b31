"""A map's pictures: what each shows, and how they share the room."""

import pytest
from soms import at, som

from nntui.session.atlas import Cartographer
from nntui.ui.format import magnitude
from nntui.ui.palette import THEMES, palette
from nntui.ui.renderables.chart import (
    abbreviations,
    chart_lines,
    legend,
    mosaic_of,
    unit_under,
)
from nntui.ui.renderables.chartplan import Window, plan_of
from nntui.ui.renderables.glance import Glance, picture_of, pictures
from nntui.ui.renderables.mosaic import Grain
from nntui.ui.renderables.net import plane_of
from nntui.ui.renderables.unit import unit_lines
from nntui.ui.spans import plain, width


def glance(session, **options):
    """What there is to see of a session's map, and the map."""
    chart = session.network.chart
    frame = session.frame
    return Glance(frame, Cartographer(chart).draw(frame), **{"unit": 0, **options}), chart


def titles(session):
    return [picture.title for picture in pictures(session.network.chart)]


def test_each_kind_of_data_has_its_own_first_picture():
    assert titles(som("colors"))[:3] == ["colours", "U-matrix", "hits"]
    assert titles(som("square"))[:2] == ["net", "U-matrix"]
    assert titles(som("iris"))[0] == "U-matrix"
    assert titles(som("iris"))[-1] == "w of petal width"


def test_pictures_come_round():
    session = som("square")
    count = len(titles(session))
    for k in (0, count, -count):
        it, chart = glance(session, picture=k)
        assert picture_of(it, chart).kind == "net"


def test_colours_are_those_of_the_weights():
    weight = "[[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.5, 0.5]]"
    it, chart = glance(som("colors", 2, 2, weight=weight))
    styles = mosaic_of(it, chart, picture_of(it, chart), bare=False).styles

    assert styles == ["#f80000", "#00f800", "#0000f8", "#808080"]


def test_without_colours_each_unit_names_the_colour_it_is_nearest_to():
    weight = "[[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.5, 0.5]]"
    it, chart = glance(som("colors", 2, 2, weight=weight))

    assert mosaic_of(it, chart, picture_of(it, chart), bare=True).texts == ["re", "gr", "bu", "ge"]


def test_hits_are_told_by_their_class_or_their_number():
    session = som("plain", 2, 2, weight="[[1, 0], [0, 1], [9, 9], [9, 8]]")
    it, chart = glance(session, picture=2)
    assert it.atlas.hits == (2, 1, 0, 0)
    assert mosaic_of(it, chart, picture_of(it, chart), bare=False).texts == [" 2", " 1", "", ""]


def test_the_u_matrix_is_how_far_neighbours_are_apart():
    it, _ = glance(som("plain", 2, 2, weight="[[0, 0], [3, 4], [0, 0], [0, 0]]"))

    assert it.atlas.apart == pytest.approx((5 / 3, 5, 5 / 3, 5 / 3))


def test_how_far_each_unit_is_pulled_is_known_once_its_neighbourhood_is():
    session = at(som(), "som.radius")
    assert set(glance(session)[0].atlas.changes) == {None}
    at(session, "som.neighbourhood")
    changes = glance(session)[0].atlas.changes
    before = session.reader.look("som.weight").copy()
    at(session, "som.weight")
    moved = ((session.reader.look("som.weight") - before) ** 2).sum(axis=1) ** 0.5

    assert changes == pytest.approx(moved.tolist())


@pytest.mark.parametrize("size", [(68, 18), (76, 8), (40, 6), (116, 30)])
@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("data", ["colors", "square", "iris"])
@pytest.mark.parametrize("topology", ["rectangular", "hexagonal"])
def test_pictures_stay_in_their_room(topology, data, bare, size):
    for rows, cols in ((4, 5), (12, 12), (20, 30)):
        session = at(som(data, rows, cols, topology), "som.weight")
        for k in range(4):
            it, chart = glance(session, picture=k, chosen=True, unit=7)
            lines = chart_lines(it, chart, *size, bare=bare)
            assert len(lines) <= size[1]
            assert max(map(width, lines)) <= size[0]


def test_the_best_and_the_second_unit_are_marked():
    session = at(som(), "som.second")
    it, chart = glance(session)
    text = "\n".join(plain(line) for line in chart_lines(it, chart, 68, 18, bare=False))

    assert text.count("└──┘") == text.count("└··┘") == 1
    assert "‖d‖ ≤ " in text
    assert "|Δ| not yet" in text


def test_a_small_picture_tells_its_largest_number():
    session = at(som(weight=[[k / 20, 0, 0.1] for k in range(20)]), "som.weight")
    it, chart = glance(session)
    largest = [
        magnitude(it.frame.largest(f"som.{name}"), 6) for name in ("distance", "neighbourhood")
    ]
    largest.append(magnitude(max(it.atlas.changes), 6))
    lines = [plain(line) for line in chart_lines(it, chart, 68, 18, bare=False)]

    assert [line[22:].strip() for line in lines if "≤" in line] == [
        f"‖d‖ ≤ {largest[0]}",
        f"h ≤ {largest[1]}",
        f"|Δ| ≤ {largest[2]}",
    ]


def test_a_small_picture_that_a_change_has_left_behind_is_marked():
    session = at(som(), "som.neighbourhood")
    session.edit("som.radius", (), 0.5)
    it, chart = glance(session)
    text = "\n".join(plain(line) for line in chart_lines(it, chart, 68, 18, bare=False))

    assert "‖d‖ ≤ " in text
    assert "h ≤~1" in text
    assert "|Δ| ≤~" in text


@pytest.mark.parametrize(("size", "signs"), [((68, 18), ("[]", "::")), ((40, 3), ("⠛", "⠃"))])
def test_the_legend_tells_what_marks_look_like_and_where_they_are(size, signs):
    session = at(som(weight=[[k / 20, 0, 0.1] for k in range(20)]), "som.bmu")
    it, chart = glance(session)
    row, column = (int(k) for k in session.reader.look("som.bmu"))

    assert plain(legend(it, chart, *size, bare=False)) == (
        f"{signs[0]} best ({row}, {column})  {signs[1]} second ·  "
    )


def test_the_place_of_a_best_unit_left_behind_by_a_change_is_marked():
    session = at(som(weight=[[k / 20, 0, 0.1] for k in range(20)]), "som.bmu")
    row, column = (int(k) for k in session.reader.look("som.bmu"))
    session.edit("som.weight", (5 * row + column, 0), 9.0)
    it, chart = glance(session)

    assert f"best ~({row}, {column})" in plain(legend(it, chart, 68, 18, bare=False))


def seen(session, size, **options):
    """The lines of a map's pictures."""
    it, chart = glance(session, **options)
    return [plain(line).rstrip() for line in chart_lines(it, chart, *size, bare=False)]


def test_small_pictures_that_do_not_fit_show_the_part_around_the_unit():
    chart = som(rows=20, cols=30).network.chart
    plan = plan_of(chart, 68, 18, 10 * 30 + 29, bare=False)

    assert (plan.grain, plan.rows, plan.cols) == (Grain.FLAT, 20, 30)
    assert (plan.sides, plan.below) == (3, True)
    assert plan.cut == Window(top=4, left=9, rows=12, cols=21)


def test_small_pictures_in_part_stand_below_beside_or_one_above_the_other():
    session = at(som(rows=20, cols=30), "som.weight")
    below, beside, above = (seen(session, size, unit=0) for size in ((68, 18), (76, 9), (76, 21)))

    assert below[0] == "colours  below: rows 0–11, columns 0–20"
    assert [line.count("≤") for line in below].index(3) == 11
    assert beside[0].split() == ["colours", "rows", "0–15", "rows", "0–13,", "columns", "0–12"]
    assert beside[1].count("≤") == 3
    assert above[0].startswith("colours  beside: rows 0–11, columns 0–13")
    assert [line.count("≤") for line in above].count(1) == 3
    for lines, rows in ((below, 18), (beside, 9), (above, 21)):
        assert len(lines) == rows


def test_the_part_in_small_pictures_does_not_change_their_scale():
    session = at(som(rows=20, cols=30), "som.weight")
    largest = magnitude(session.frame.largest("som.distance"), 6)

    for unit in (0, 599):
        assert any(f"‖d‖ ≤ {largest}" in line for line in seen(session, (68, 18), unit=unit))


def test_of_a_map_too_large_the_part_around_the_unit_is_shown():
    chart = som(rows=40, cols=70).network.chart
    plan = plan_of(chart, 60, 10, 20 * 70 + 35, bare=False)

    assert plan.grain is Grain.DOT
    assert (plan.rows, plan.cols) == (18, 60)
    assert plan.top <= 20 < plan.top + plan.rows
    assert plan.left <= 35 < plan.left + plan.cols


def test_a_click_finds_the_unit():
    it, chart = glance(som())
    assert unit_under(it, chart, 68, 18, (5, 3), bare=False) == 6
    assert unit_under(it, chart, 68, 18, (60, 3), bare=False) is None
    it, chart = glance(som("square"))
    assert unit_under(it, chart, 68, 18, (5, 3), bare=False) is None


def test_a_net_lies_over_its_points():
    plane = plane_of([(0.0, 0.0), (1.0, 2.0)], 10, 5)

    assert plane.cell((0.0, 0.0)) == (0, 4)
    assert plane.cell((1.0, 2.0)) == (9, 0)
    assert plane.cell((5.0, 0.0)) is None
    assert plane.cell((float("nan"), 0.0)) is None


def test_a_net_shows_its_knots():
    session = at(som("square"), "som.weight")
    it, chart = glance(session, chosen=True, unit=3)
    text = "\n".join(plain(line) for line in chart_lines(it, chart, 68, 18, bare=False))

    assert "◆" in text
    assert any("\u2801" <= c <= "\u28ff" for c in text)


def test_names_are_shortened_so_that_they_differ():
    assert abbreviations(("black", "blue", "red")) == ("bl", "bu", "re")
    assert abbreviations(("a", "a", " ")) == ("a", "a", "·")


@pytest.mark.parametrize("theme", THEMES)
def test_colours_out_of_data_can_be_shown_in_every_theme(theme):
    look = palette(theme)

    assert look["heat-#ff8000"].color.name == "#ff8000"
    assert look["under-#0000f8"].bgcolor.name == "#0000f8"
    assert look["tile-#f8f8f8 bold"].color.name == "#000000"
    assert look["tile-#000000"].color.name == "#ffffff"


def unit(session, number, cells=34, rows=11):
    rows_of = session.reader.column_rows(1, number)
    lines = unit_lines(session.network.chart, number, session.frame, rows_of, cells, rows)
    return [plain(line).rstrip() for line in lines]


def test_a_unit_up_close():
    session = som("plain", 2, 2, weight="[[0, 0], [3, 4], [0, 0], [1, 2]]")
    at(session, "som.weight")

    assert unit(session, 0, cells=48) == [
        "               x       w   x − w       Δ      w′",
        "x1       +1.0000  0.0000 +1.0000 +0.5000 +0.5000",
        "x2        0.0000  0.0000  0.0000  0.0000  0.0000",
        "",
        "‖d‖ = √(1² + 0²) = 1",
        "g 0     σ 1.5   h 1     η 0.5",
        "Δ = η·h·(x − w)   no gradient",
    ]


def test_the_weights_of_a_unit_are_those_that_its_distance_was_taken_from():
    session = som("plain", 2, 2, weight="[[0, 0], [3, 4], [0, 0], [1, 2]]")
    before = unit(at(session, "loss"), 1, cells=32)
    after = unit(at(session, "som.weight"), 1, cells=32)

    assert before[:2] == [
        "          x      w  x − w     w′",
        "x1   +1.000 +3.000 −2.000   ·",
    ]
    assert after[1].startswith("x1   +1.000 +3.000 −2.000 +2.1")
    assert after[4:6] == before[4:6]


def test_small_weights_have_as_many_decimals_as_the_others():
    session = som("plain", 2, 2, weight="[[0.993, 0.0001], [3, 4], [0, 0], [1, 2]]")
    lines = unit(at(session, "som.difference"), 0, cells=32)

    assert lines[1] == "x1   +1.000 +0.993 +0.007   ·"
    assert lines[2] == "x2    0.000  +1e-4  −1e-4   ·"


def test_names_of_features_that_are_too_long_can_be_told_apart():
    session = at(som("iris"), "som.weight")
    names = [line.split()[0] for line in unit(session, 0, cells=32)[1:5]]

    assert names == ["s.l…", "s.w…", "p.l…", "p.w…"]


def test_of_a_unit_whatever_a_change_by_hand_has_left_behind_is_marked():
    session = at(som("plain", 2, 2, weight="[[0, 0], [3, 4], [0, 0], [1, 2]]"), "som.neighbourhood")
    session.edit("som.radius", (), 0.5)
    near = unit(session, 1)
    session.edit("som.weight", (1, 0), 2.0)
    far = unit(session, 1)

    assert near[5].startswith("g 1     σ 0.5   h~0.801 η 0.5")
    assert near[1].split()[-2:] == ["−2.000", "·"]
    assert "~−2.000" in far[1]
    assert far[4] == "‖d‖ = √((−2)² + (−4)²) = ~4.472"


def test_a_small_number_is_squared_in_brackets():
    session = som("plain", 2, 2, weight="[[0.99999, 0], [3, 4], [0, 0], [1, 2]]")

    assert unit(at(session, "som.weight"), 0)[4].startswith("‖d‖ = √((1·10⁻⁵)² + 0²)")


def test_all_features_come_before_the_rule_and_before_a_line_between():
    session = at(som("plain", 2, 2, weight="[[0, 0], [3, 4], [0, 0], [1, 2]]"), "som.weight")
    full = unit(session, 0, rows=7)

    assert unit(session, 0, rows=6) == [*full[:3], *full[4:]]
    assert unit(session, 0, rows=5) == [*full[:3], *full[4:6]]


def test_what_is_not_known_yet_of_a_unit_is_a_dot():
    session = som("plain", 2, 2, weight="[[0, 0], [3, 4], [0, 0], [1, 2]]")
    lines = unit(session, 0)

    assert lines[1].split() == ["x1", "·", "0.000", "·", "·"]
    assert lines[4] == "‖d‖ = √(Σ d²) = ·"
    assert lines[5].startswith("g ·     σ 1.5   h ·")


def test_of_many_features_those_that_fit_are_shown():
    session = at(som("iris"), "som.weight")

    assert "… 3 more features" in unit(session, 0, rows=6)[2]
