"""Neurons as boxes, lines and tiles."""

from nntui.ui.renderables.heat import heat_lines, heat_style
from nntui.ui.renderables.neuron import BOX, PAIRED_BOX, Picture, Reading, boxed, celled
from nntui.ui.spans import plain, width

Z, A = Reading("z", 3.2), Reading("a", None)
DZ = Reading("∂z", -0.004, gradient=True)


def text(lines):
    return [plain(line) for line in lines]


def test_a_box_has_a_line_per_number():
    assert text(boxed(Picture("h1", ((Z,), (A,), (DZ,))), BOX)) == [
        "╭─ h1 ───────╮",
        "│ z  +3.2000 │",
        "│ a    ·     │",
        "│ ∂z −0.0040 │",
        "╰────────────╯",
    ]


def test_what_the_op_wrote_is_heavy_and_pointed_at():
    written = Picture(
        "h1", ((Reading("z", 3.2, "written"),), (Reading("a", 1.0, "read"),)), "written"
    )

    assert text(boxed(written, BOX)) == [
        "┏━ h1 ━━━━━━━┓",
        "┃▸z  +3.2000 ┃",
        "┃•a  +1.0000 ┃",
        "┗━━━━━━━━━━━━┛",
    ]


def test_a_paired_box_has_the_gradient_beside_its_number():
    lines = text(boxed(Picture("h1", ((Z, DZ), (A,))), PAIRED_BOX))

    assert lines[1] == "│ z  +3.2000  ∂ −0.0040 │"
    assert lines[2] == "│ a    ·                │"
    assert {len(line) for line in lines} == {PAIRED_BOX}


def test_long_and_wide_names_stay_in_the_frame():
    for name in ("previous knowledge", "名前が長いです", "[bold]x[/bold]", "a"):
        lines = boxed(Picture(name, ((Z,),), below="82.4 %"), BOX)
        assert [width(line) for line in lines] == [BOX] * 3


def test_a_cell_is_one_line():
    assert plain(celled(Picture("h12", ((Z,),)), 13)) == " h12 +3.2000 "
    assert plain(celled(Picture("versicolor", ((Reading("a", 0.5, "written"),),)), 15)) == (
        "▸vers… +0.5000 "
    )


def test_a_tile_has_two_neurons_a_character():
    lines = heat_lines([1.0, -1.0, 0.0, None, 0.5], 2, 1.0, cell=2)

    assert text(lines) == ["▀▀▀▀", "▀▀  "]
    assert lines[0][0][1] == "heat-positive-3 under-none"
    assert lines[0][1][1] == "heat-negative-3 under-none"


def test_colours_of_a_tile_survive_any_number():
    for value in ("nan", "inf", "-inf"):
        for scale in (0.0, 1.0):
            assert heat_style(float(value), scale) == "fault"
    assert heat_style(1.0, 0.0) == "none"
    assert heat_style(None, 1.0) == "none"
