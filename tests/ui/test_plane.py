"""Points in the plane, as lines: the field, the marks on it, and what is out of sight."""

from colorsys import rgb_to_hsv
from dataclasses import replace

import pytest
from fake_session import fake_curve
from rivals import points

from nntui.session.position import Depth
from nntui.ui.palette import FIELD_STEPS, THEMES
from nntui.ui.renderables.match import legend, plane_of
from nntui.ui.renderables.plane import Plane, arrow, outside, plane_lines, shade
from nntui.ui.scene import compose_scene
from nntui.ui.spans import plain, width

FLAT = tuple((0.5,) * 4 for _ in range(4))
SLOPE = tuple((0.0, 1 / 3, 2 / 3, 1.0) for _ in range(4))


def plane(**given):
    values = {"field": FLAT, "data": (), "reals": (), "fakes": (), "pushes": (), "chosen": None}
    return Plane(bounds=(-1.0, -1.0, 1.0, 1.0), **{**values, **given})


def text(one, cells=8, rows=4, *, bare=False):
    return [plain(line) for line in plane_lines(one, cells, rows, bare=bare)]


def styles(one, cells=8, rows=4):
    """The style of each character, line by line."""
    lines = plane_lines(one, cells, rows, bare=False)
    return [[style for part, style in line for _ in part] for line in lines]


def test_points_are_where_they_belong():
    one = plane(reals=((-0.99, 0.99), (0.99, -0.99)), fakes=((0.1, 0.1),))

    assert text(one) == ["·       ", "    •   ", "        ", "       ·"]


def test_what_is_out_of_sight_is_counted_and_not_drawn():
    nan = float("nan")
    one = plane(fakes=((0.0, 3.0), (-1.01, 0.0), (nan, 0.0), (1.0, 1.0)))

    assert outside(one) == 3
    assert "".join(text(one)).count("•") == 1


def test_fakes_lie_on_real_samples_and_arrows_take_their_place():
    at = (0.1, 0.1)
    assert text(plane(data=(at,), reals=(at,), fakes=(at,)))[1] == "    •   "
    assert text(plane(fakes=(at,), pushes=((1.0, 0.0),)))[1] == "    →   "
    assert text(plane(fakes=(at,), pushes=((0.0, 0.0),)))[1] == "    •   "


@pytest.mark.parametrize(
    ("push", "drawn"),
    [
        ((1, 0), "→"), ((1, 1), "↗"), ((0, 1), "↑"), ((-1, 1), "↖"),
        ((-1, 0), "←"), ((-1, -1), "↙"), ((0, -1), "↓"), ((1, -1), "↘"),
        ((1, 0.3), "→"), ((1e-13, 0), ""), ((float("nan"), 0), ""),
    ],
)  # fmt: skip
def test_arrows(push, drawn):
    assert arrow(push) == drawn


def test_arrows_point_the_way_the_plane_is_drawn():
    assert arrow((1.0, 0.5)) == "↗"
    assert arrow((1.0, 0.5), tall=0.5) == "→"


def test_the_field_is_orange_where_d_says_real_and_blue_where_it_says_fake():
    drawn = styles(plane(field=SLOPE))[0]

    assert drawn[0] == "text field-negative-1"
    assert drawn[-1] == "text field-positive-1"
    assert shade(0.5) == shade(0.54) == ""
    assert (shade(0.56), shade(0.44)) == ("field-positive-0", "field-negative-0")


def test_the_middle_is_what_d_says_where_it_can_only_guess():
    assert shade(0.45, 0.45) == shade(0.44, 0.45) == shade(0.49, 0.45) == ""
    assert shade(0.395, 0.45) == "field-negative-0"
    assert (shade(0.0, 0.1), shade(0.2, 0.1)) == ("field-negative-1", "field-positive-1")

    match = compose_scene(points(), fake_curve, before=None, chosen=None, log=False).match
    assert plane_of(match, points().frame).guess == 0.45
    flat = plane(field=tuple((0.445,) * 4 for _ in range(4)), guess=0.45)
    assert {style for line in styles(flat) for style in line} == {"text"}


def test_shades_of_a_field_are_of_one_hue():
    for colours in THEMES.values():
        for shades in (colours.field_positive, colours.field_negative):
            hues = [rgb_to_hsv(*(int(c[k : k + 2], 16) for k in (1, 3, 5)))[0] for c in shades]
            assert len(shades) == len(FIELD_STEPS)
            assert max(hues) - min(hues) < 1 / 24


def test_marks_keep_the_shade_below_them():
    one = plane(field=SLOPE, fakes=((-0.99, 0.99),), reals=((0.99, 0.99),))

    assert styles(one)[0][0] == "accent bold field-negative-1"
    assert styles(one)[0][-1] == "strong bold field-positive-1"


def test_the_chosen_sample_stands_out():
    points = {"fakes": ((-0.9, 0.9),), "reals": ((0.9, 0.9),)}
    assert "reverse" in styles(plane(**points, chosen=(True, 0)))[0][0]
    assert "reverse" in styles(plane(**points, chosen=(False, 0)))[0][-1]
    assert not any("reverse" in s for s in styles(plane(**points, chosen=(True, 5)))[0])


def test_stale_fakes_are_marked():
    one = plane(fakes=((-0.9, 0.9), (0.9, 0.9)), pushes=((1, 0), (1, 0)), stale=frozenset((1,)))

    assert text(one)[0] == "→      ~"


def test_without_colours_the_field_is_written_in_tenths():
    assert text(plane(field=SLOPE), bare=True) == ["0   5   ", " " * 8, "0   5   ", " " * 8]
    assert text(plane(field=()), bare=True) == [" " * 8] * 4


@pytest.mark.parametrize("bare", [True, False])
def test_the_legend_is_in_fewer_words_where_it_is_too_long(bare):
    session = points()
    for _ in range(3):
        session.cursor.forward(Depth.STEP)
    match = compose_scene(session, fake_curve, before=None, chosen=None, log=False).match
    far = tuple((100.0 + k, 0.0) for k in range(11))
    match = replace(match, duel=replace(match.duel, fakes=far, arrows=far))
    whole = legend(match, session.frame, 200, bare=bare)
    brief = legend(match, session.frame, width(whole) - 1, bare=bare)

    assert plain(whole).startswith("11 fakes outside  · real  • fake  ↗ −∂L_G/∂x  D says ")
    assert plain(brief).startswith("11 outside  · real  • fake  ↗ −∂L_G/∂x  ")
    assert plain(brief).endswith("0 fake … 9 real" if bare else " real  fake ")
    assert legend(match, session.frame, width(whole), bare=bare) == whole
