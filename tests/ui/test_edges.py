"""Edges between columns: lines, arrows, labels."""

from fake_session import any_size, exam

from nntui.session.position import Depth
from nntui.ui.renderables.column import shape_of
from nntui.ui.renderables.edges import Wire, edge_lines
from nntui.ui.renderables.geometry import plan
from nntui.ui.renderables.wires import STRONGEST, wires
from nntui.ui.spans import plain


def text(lines):
    return [plain(line) for line in lines]


def gap_of(session, column, width=66, height=18):
    shapes = [shape_of(session.network, k) for k in range(len(session.network.columns))]
    placed = plan(shapes, width, height, column)
    before, after = session.network.columns[column - 1 : column + 1]
    left, right = placed.of(column - 1), placed.of(column)
    return wires(before, after, left, right, session.frame)


def test_an_edge_at_rest_is_a_thin_line():
    assert text(edge_lines([Wire(0, 2)], 6, 3)) == ["⠢⢄    ", "  ⠑⠢⡀ ", "    ⠈⠑"]


def test_a_lit_edge_is_thick_with_its_number_and_an_arrow():
    lit = Wire(1, 1, "positive", lit=True, label="+0.20", label_style="positive bold")

    assert text(edge_lines([lit], 14, 3))[1] == " +0.20 ⠶⠶⠶⠶⠶⠶▶"


def test_arrows_turn_round_in_the_backward_pass():
    lit = Wire(0, 0, "negative", lit=True)

    assert text(edge_lines([lit], 4, 1, backward=True)) == ["◀⠶⠶⠶"]


def test_labels_never_overlap():
    fan = [Wire(k, 3, "positive", lit=True, label=f"+{k}.00") for k in range(8)]
    lines = text(edge_lines(fan, 20, 8))

    shown = [k for k in range(8) if f" +{k}.00 " in "\n".join(lines)]
    assert len(shown) >= 3
    assert {len(line) for line in lines} == {20}


def test_a_label_is_in_no_row_where_only_another_line_begins():
    """Beside an input, the number is that of its own line: here none fits between the rows."""
    fan = [Wire(k, 1, "positive", lit=True, label=f"+0.{k}{k}") for k in range(4)]

    for size in (12, 16, 20):
        rows = [line.split() for line in text(edge_lines(fan, size, 4))]
        assert [words[0] for words in rows] == ["+0.00", "+0.11", "+0.22", "+0.33"], size


def test_labels_of_lines_that_part_are_beside_where_these_end():
    fan = [Wire(1, k, "positive", lit=True, label=f"+0.{k}{k}") for k in range(4)]

    for backward in (False, True):
        rows = text(edge_lines(fan, 16, 4, backward=backward))
        assert all(f"+0.{k}{k}" in rows[k][8:] for k in range(4)), rows


def test_four_lines_that_cross_all_have_their_numbers():
    """Two inputs and two neurons on a small screen: each number on its line, at its input."""
    crossing = [
        Wire(start, end, "positive", lit=True, label=f"+{start}.0{end}")
        for start in (1, 4)
        for end in (1, 4)
    ]

    rows = text(edge_lines(crossing, 10, 6))

    assert [row.split()[0][:5] for row in rows[1:5]] == ["+1.01", "+1.04", "+4.01", "+4.04"]


def test_no_room_means_no_label_and_no_error():
    lit = Wire(0, 0, "positive", lit=True, label="+0.20")

    for columns in range(8):
        assert len(edge_lines([lit], columns, 1)) == 1


def test_the_edges_that_feed_an_element_are_lit():
    session = exam()
    session.cursor.jump(2)
    session.cursor.forward(Depth.ELEMENT)

    lit = [wire for wire in gap_of(session, 1) if wire.lit]

    assert sorted(wire.label for wire in lit) == ["+0.20", "+0.30"]


def test_the_edge_of_the_current_term_stands_out():
    session = exam()
    session.cursor.jump(2)
    session.cursor.forward(Depth.TERM)

    lit = {wire.label: wire.style for wire in gap_of(session, 1) if wire.lit}

    assert lit == {"+0.20": "positive", "+0.30": "edge-positive-1"}


def test_the_gradient_of_a_weight_is_written_on_its_edge():
    session = exam()
    session.cursor.jump(9)
    session.cursor.forward(Depth.ELEMENT)

    assert session.frame.op.output == "output.weight.grad"
    assert [wire.label for wire in gap_of(session, 2) if wire.lit] == ["−0.17"]


def test_of_many_edges_only_the_strongest_are_drawn():
    session = any_size(16, 12, 2)
    session.cursor.jump(3)

    drawn = gap_of(session, 1)

    assert len(drawn) == STRONGEST
    assert not any(wire.label for wire in drawn)
    assert len(gap_of(any_size(784, 128, 10), 1)) < 100
