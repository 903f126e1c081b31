"""What is inside the panes, as lines of text."""

import math
from dataclasses import replace

import pytest
from fake_session import NOTE, any_size, exam, fake_curve
from rivals import after, points
from strips import hello
from transformers import reverse

from nntui.session.frame import Cell, Explanation, ParameterRow, Token
from nntui.session.position import Depth
from nntui.ui.renderables.boxes import framed
from nntui.ui.renderables.curve import curve_lines
from nntui.ui.renderables.header import header_line
from nntui.ui.renderables.inspector import inspector_lines
from nntui.ui.renderables.operation import operation_lines
from nntui.ui.renderables.ops import entries, op_lines
from nntui.ui.renderables.plot import Series, plot_lines, usable
from nntui.ui.renderables.table import columns_in, table_header, table_lines
from nntui.ui.scene import Neuron, compose_scene, focus_of
from nntui.ui.spans import plain, width

NAN, INF = math.nan, math.inf


def text(lines):
    return [plain(line).rstrip() for line in lines]


def at(op, depth=Depth.ELEMENT):
    session = exam()
    session.cursor.jump(op - 1)
    session.cursor.forward(depth)
    return session


# -- frames ----------------------------------------------------------------------------------------


def test_a_footer_that_is_too_long_is_cut_and_not_left_out():
    footer = (("· real  • fake  ", "text"), ("D says 0 fake … 9 real", "dim"))
    assert plain(framed([], 30, 3, footer=footer)[-1]) == "╰─ · real  • fake  D says 0… ╯"


def test_a_frame_keeps_its_measure():
    for cells in range(2, 40):
        for rows in range(2, 6):
            lines = framed(
                [(("x" * 50, "text"),)] * 9,
                cells,
                rows,
                title=(("a long title", "text"),),
                corner=(("corner", "dim"),),
                footer=(("foot", "dim"),),
            )
            assert [width(line) for line in lines] == [cells] * rows


def test_a_long_title_is_cut_with_an_ellipsis_between_blanks():
    title = (("6 ", "dim"), ("Neuron", "strong"), ("  block.norm1", "dim"))
    for cells in range(7, 40):
        edge = plain(framed([], cells, 3, title=title)[0])
        assert edge.startswith("╭─ ")
        assert " ─" in edge[3:] or edge.endswith(" ╮")
        assert ("…" in edge) is (cells < 26)

    assert plain(framed([], 20, 3, title=title)[0]) == "╭─ 6 Neuron  bloc… ╮"
    assert plain(framed([], 12, 3, title=title)[0]) == "╭─ 6 Neur… ╮"


def test_a_box_prefers_its_name_to_the_blanks_around_it():
    assert plain(framed([], 8, 3, title=(("hidden", "text"),), snug=True)[0]) == "╭hidden╮"


# -- operation -------------------------------------------------------------------------------------


def test_the_operation_in_full():
    lines = operation_lines(at(3).frame.explanation, 46, 15, shape=(1, 2))

    assert text(lines) == [
        "hidden.z[h1]  pre-activation             1 × 2",
        "Each input times its weight, summed, plus the",
        "bias.",
        "",
        "z = x Wᵀ + b",
        "",
        "z₁ = w₁₁·x₁ + w₁₂·x₂ + b₁",
        "   = 0.2 × 3 + 0.3 × 7 + 0.5",
        "   = 0.6 + 2.1 + 0.5",
        "   = 3.2",
        "",
        "",
        "",
        "",
        "next  a₁ = σ(z₁)",
    ]


def test_a_formula_that_the_line_with_symbols_repeats_is_left_out():
    lines = text(operation_lines(after(points(), "loss").frame.explanation, 46, 15))

    assert [line.strip() for line in lines].count("L = L_D + L_G") == 1


def test_where_room_is_short_the_numbers_stay():
    for rows in range(5, 20):
        lines = text(operation_lines(at(3).frame.explanation, 46, rows))
        assert len(lines) == rows
        assert "   = 3.2" in lines
        assert lines[0].startswith("hidden.z[h1]")


def test_the_chain_rule_stands_below_the_numbers():
    lines = text(operation_lines(at(9).frame.explanation, 60, 16))

    assert "upstream  ∂L/∂a = -1.213" in lines
    assert any(line.startswith("local     ∂a/∂z = a(1 − a)") for line in lines)


def test_a_sum_of_hundreds_of_terms_fits():
    session = any_size(784, 3, 1)
    session.cursor.jump(2)
    session.cursor.forward(Depth.ELEMENT)

    for cells, rows in [(46, 15), (76, 9), (36, 12)]:
        lines = operation_lines(session.frame.explanation, cells, rows)
        assert max(map(width, lines)) <= cells
        assert "more …" in "\n".join(text(lines))


def test_notes_and_lessons_are_shown():
    explanation = Explanation(
        "x", "t", "s.", "f", ((Token("="), Token("1", "result", 1.0)),),
        note="the mean over the 10 samples of the batch", lessons=(NOTE,),
    )  # fmt: skip

    lines = text(operation_lines(explanation, 40, 20))

    assert "▎ Rounding on the way gives 1.546." in lines
    assert "the mean over the 10 samples of the" in lines


# -- ops -------------------------------------------------------------------------------------------


def test_ops_are_done_now_or_to_come():
    lines = text(op_lines(entries(exam().network.ops), 44, now=4))

    assert lines[:8] == [
        "data ──────────────────────────────────────",
        "✓  1  x                   x ← sample",
        "✓  2  y                   y ← sample",
        "forward ───────────────────────────────────",
        "✓  3  hidden.z            z = x Wᵀ + b",
        "▸  4  hidden.a            a = σ(z)",
        "   5  output.z            z = a Wᵀ + b",
        "   6  output.a            a = σ(z)",
    ]


def test_ops_with_a_note_have_a_bar():
    listed = entries(exam().network.ops)
    bare, noted = (text(op_lines(listed, 44, now=4, noted=noted)) for noted in ((), (3, 7)))

    assert "✓  3  hidden.z           ▎z = x Wᵀ + b" in noted
    assert [a for a, b in zip(bare, noted, strict=True) if a != b] == [bare[4], bare[9]]


def test_ops_fit_any_width():
    listed = entries(any_size(3, 200, 2).network.ops)
    for cells in range(24, 120, 7):
        assert max(map(width, op_lines(listed, cells, now=None))) <= cells


# -- parameters ------------------------------------------------------------------------------------


ROWS = (
    ParameterRow(Cell("w", (0, 0)), "w₁₁", 0.2, -0.0278, None, {"m": 1e-9, "v": INF}),
    ParameterRow(Cell("w", (0, 1)), "w₁₂", NAN, None, 0.5, {"m": 0.0, "v": 1.0}, frozen=True),
)


def test_the_table_of_parameters():
    columns = columns_in(ROWS, 60)

    assert plain(table_header(columns)) == "        value     grad   change        m        v"
    assert text(table_lines(ROWS, columns, frozenset({Cell("w", (0, 0))}))) == [
        "▸w₁₁  +0.2000  −0.0278    ·      +1.0e-9     +inf",
        " w₁₂      nan    ·       frozen   0.0000  +1.0000",
    ]


def test_where_there_is_no_gradient_there_is_no_column_for_it():
    columns = columns_in(ROWS, 60, gradient=False)

    assert plain(table_header(columns)) == "        value   change        m        v"
    assert text(table_lines(ROWS, columns)) == [
        " w₁₁  +0.2000    ·      +1.0e-9     +inf",
        " w₁₂      nan   frozen   0.0000  +1.0000",
    ]


def test_columns_that_do_not_fit_are_reached_by_moving():
    columns = columns_in(ROWS, 30, shift=99)

    assert columns.names[columns.first : columns.last] == ("change", "m", "v")
    for cells in range(4, 80):
        columns = columns_in(ROWS, cells)
        assert columns.last > columns.first
        assert cells < 12 or width(table_header(columns)) <= cells


# -- neuron ----------------------------------------------------------------------------------------


def test_the_curve_has_its_point_and_tangent():
    curve = fake_curve("sigmoid", None, 1.0, 60)
    lines = curve_lines(curve.x, curve.y, 16, 5, point=curve.point, slope=curve.slope)

    assert [width(line) for line in lines] == [16] * 5
    assert any(style == "accent bold" for line in lines for _, style in line)


@pytest.mark.parametrize("point", [None, (NAN, NAN), (1e300, 1.0), (INF, 1.0), (-1e9, 0.0)])
def test_a_curve_survives_any_point(point):
    xs = tuple(k / 10 for k in range(-60, 61))
    for ys in (xs, tuple(NAN for _ in xs), tuple(0.0 for _ in xs), tuple(1e300 * x for x in xs)):
        lines = curve_lines(xs, ys, 12, 4, point=point, slope=NAN)
        assert len(lines) == 4


def test_the_inspector_shows_numbers_and_incoming_weights():
    session = at(7)
    frame, column = session.frame, session.network.columns[1]
    curve = fake_curve("sigmoid", None, frame.value("hidden.z", 1), 60)
    lines = text(
        inspector_lines(
            column, 1, frame, curve, session.reader.column_rows(1, 1), ("hours", "previous"), 34, 11
        )
    )

    assert len(lines) == 11
    assert lines[0].endswith("z   +3.2000")
    assert lines[-1] == "b₂  +0.1000  ∂   ·      bias"
    assert "w₂₁ +0.1000  ∂   ·      hours" in lines


def weights_of(session, name, unit=0):
    number = next(k for k, c in enumerate(session.network.columns) if c.name == name)
    column, before = session.network.columns[number], session.network.before(number)
    rows = session.reader.column_rows(number, unit)
    sources = before.names or before.units
    return text(inspector_lines(column, unit, session.frame, None, rows, sources, 40, 40))


def test_the_numbers_of_a_norm_come_from_no_neuron():
    lines = weights_of(reverse(), "block.norm1", 2)

    assert "γ₃  +1.0000  ∂   ·" in lines
    assert "β₃   0.0000  ∂   ·" in lines


def test_each_gate_has_the_sources_of_its_own_weights():
    lines = weights_of(hello("lstm"), "memory", 1)
    named = [line.split()[-1] for line in lines if line.startswith("wₓ")]

    assert named == ["h", "e", "l", "o"] * 4
    assert all(line.endswith("·") for line in lines if line.startswith("wₕ"))
    assert all(line.endswith("bias") for line in lines if line.startswith("b"))


@pytest.mark.parametrize(("cells", "rows"), [(34, 11), (76, 7)])
def test_a_few_weights_are_all_there_before_the_curve_is_tall(cells, rows):
    """As pane 6 is at 120×36 and at 80×24: four weights, the bias, and the numbers."""
    session = any_size(4, 1, 1)
    column = session.network.columns[1]
    curve = fake_curve("sigmoid", None, 1.0, 60)
    incoming = session.reader.column_rows(1, 0)
    names = ("hours", "smart", "knowledge", "name")
    lines = text(inspector_lines(column, 0, session.frame, curve, incoming, names, cells, rows))

    assert len(lines) <= rows
    assert all(len(line) <= cells for line in lines)
    for row, name in zip(incoming, (*names, "bias"), strict=True):
        assert any(f"{row.symbol} " in line and line.endswith(name) for line in lines), row.symbol
    assert any("f′" in line for line in lines)


def test_many_weights_lose_their_middle():
    session = any_size(40, 3, 1)
    lines = text(
        inspector_lines(
            session.network.columns[1], 0, session.frame, None, session.reader.column_rows(1, 0),
            session.network.columns[0].units, 34, 12,
        )
    )  # fmt: skip

    assert "… 35 more …" in lines
    assert lines[-1].startswith("b₁")


# -- header ----------------------------------------------------------------------------------------


def test_the_header_keeps_its_places():
    session = any_size(3, 4, 1, steps_per_epoch=8)
    lines = set()
    for _ in range(30):
        session.cursor.forward()
        line = plain(header_line(session.network, session.frame, 120))
        lines.add((line.rindex(" op "), line.rindex("loss "), len(line)))

    assert len(lines) == 1


def test_the_header_fits():
    session = exam()
    session.cursor.forward(Depth.STEP)
    for cells in range(46, 200):
        line = header_line(session.network, session.frame, cells)
        assert width(line) <= cells
        assert "0.1933" in plain(line)
    assert "Will I pass the exam?" in plain(header_line(session.network, session.frame, 120))


def test_the_title_is_whole_where_epoch_and_brand_can_give_way_to_it():
    session = any_size(3, 4, 1, steps_per_epoch=8)
    network = replace(session.network, title="A map of colours")
    shown = {}
    for _ in range(30):
        session.cursor.forward()
        for cells in range(100, 161):
            line = plain(header_line(network, replace(session.frame, trust="no ∇"), cells))
            shown.setdefault(cells, set()).add((line.find("A map"), "colours" in line))
            assert "colours" in line or not ("nntui" in line or "epoch" in line)
            assert ("no ∇" in line) == (cells >= 120)
    assert all(len(places) == 1 for places in shown.values())
    assert shown[105] == {(1, True)}
    assert shown[120] == shown[160] == {(7, True)}


def test_a_narrow_header_has_the_title_at_the_start():
    session = exam()
    assert "Will I pass the exam?" in plain(header_line(session.network, session.frame, 80))
    session.cursor.forward()
    line = plain(header_line(session.network, session.frame, 80))
    assert "Will" not in line
    assert "▸" in line


def test_what_two_players_lose_together_has_no_arrow():
    session, said = points(), set()
    for _ in range(4):
        session.cursor.forward(Depth.STEP)
        said.add(session.frame.improving)
        line = plain(header_line(session.network, session.frame, 120))
        assert not set(line) & {"↑", "↓"}
    assert said - {None}


# -- loss ------------------------------------------------------------------------------------------


def test_the_plot_fills_its_place():
    series = Series(list(range(50)), [1 / (k + 1) for k in range(50)], "accent")
    for log in (False, True):
        lines = plot_lines([series, Series([], [], "backward")], 40, 10, log=log)
        assert len(lines) == 10
        assert max(map(width, lines)) <= 40
        assert any(style == "accent" for line in lines for _, style in line)


@pytest.mark.parametrize("log", [True, False])
@pytest.mark.parametrize(
    "ys",
    [
        [NAN] * 3,
        [INF, -INF, NAN],
        [0.0, 0.0, 0.0],
        [-1.0, -2.0, -3.0],
        [1.0, NAN, 2.0],
        [5e-324, 1e308, 1.0],
        [1e-300, 1e-300, 1e-300],
        [5e-324, 0.0, 1e-310],
        [1.0],
        [],
    ],
)
def test_no_loss_breaks_the_plot(ys, log):
    plot_lines([Series(range(len(ys)), ys, "accent")], 40, 10, log=log)


def test_thinning_keeps_the_extremes():
    ys = [1.0] * 10_000
    ys[5000], ys[7000] = 99.0, -7.0
    thinned = usable(Series(range(10_000), ys, "accent"), log=False, most=50)

    assert len(thinned.x) <= 100
    assert {99.0, -7.0} <= set(thinned.y)
    assert list(thinned.x) == sorted(thinned.x)


# -- scenes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("op", "neuron"),
    [
        (1, Neuron(0, 0)),
        (3, Neuron(1, 0)),
        (7, Neuron(2, 0)),
        (10, Neuron(2, 0)),
        (12, Neuron(1, 0)),
        (14, Neuron(1, 0)),
        (16, Neuron(1, 0)),
    ],
)
def test_the_cursor_is_at_a_neuron(op, neuron):
    for depth in (Depth.ELEMENT, Depth.OP):
        session = at(op, depth)
        assert focus_of(session.network, session.frame) == neuron


def test_a_chosen_neuron_brings_its_own_parameters():
    session = at(3)
    scene = compose_scene(session, fake_curve, before=None, chosen=Neuron(1, 1), log=False)

    assert scene.layer == "hidden h2"
    assert [row.symbol for row in scene.parameters] == ["w₂₁", "w₂₂", "b₂"]
    assert scene.curve is not None


def test_a_layer_without_activation_has_no_curve():
    session = at(3)
    columns = list(session.network.columns)
    columns[1] = replace(columns[1], activation="linear")
    session.network = replace(session.network, columns=tuple(columns))

    assert compose_scene(session, fake_curve, before=None, chosen=None, log=False).curve is None
