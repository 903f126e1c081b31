"""Which numbers of a neuron are shown."""

from dataclasses import replace

from fake_session import exam

from nntui.session.column import Row
from nntui.session.position import Depth
from nntui.ui.renderables import rows


def column_of(session):
    """The hidden layer as the session pictures it: without a row for ∂a."""
    column = session.network.columns[1]
    kept = tuple(row for row in column.rows if row.label != "∂a")
    return replace(column, rows=kept)


def labels(groups):
    return [[row.label for row in group] for group in groups]


def at(op):
    session = exam()
    if op:
        session.cursor.jump(op - 1)
        session.cursor.forward(Depth.ELEMENT)
    return session


def test_a_box_shows_the_gradient_that_came_last():
    shown = {}
    for op in (0, 12, 13):
        session = at(op)
        shown[op] = labels(rows.full(column_of(session), session.frame, 0))

    assert shown == {
        0: [["z"], ["a"], ["∂z"]],
        12: [["z"], ["a"], ["∂a"]],
        13: [["z"], ["a"], ["∂z"]],
    }


def test_a_neuron_that_is_not_reached_yet_keeps_what_it_had():
    session = at(13)

    assert labels(rows.full(column_of(session), session.frame, 1))[-1] == ["∂a"]


def test_side_by_side_each_number_has_its_gradient():
    session = at(0)

    assert labels(rows.paired(column_of(session))) == [["z", "∂z"], ["a", "∂a"]]


def test_a_short_box_has_the_newest_of_each():
    seen = []
    for op in (0, 3, 4, 12):
        session = at(op)
        seen.append(labels(rows.short(column_of(session), session.frame, 0)))

    assert seen == [
        [["z"], ["∂z"]],
        [["z"], ["∂z"]],
        [["a"], ["∂z"]],
        [["a"], ["∂a"]],
    ]


def test_a_line_shows_what_the_op_makes():
    seen = []
    for op in (0, 3, 4, 5, 12, 13, 16):
        session = at(op)
        row = rows.single(column_of(session), session.frame)
        seen.append(row.label)

    assert seen == ["a", "z", "a", "a", "∂a", "∂z", "∂z"]


def test_inputs_have_no_gradient_rows():
    column = exam().network.columns[0]

    assert rows.all_rows(column) == (Row("", "x"),)
    assert labels(rows.short(column, exam().frame, 0)) == [[""]]
