"""Layers of images: how their cells are called, and what is shown of them."""

from __future__ import annotations

import pytest
from networks import scenario
from stacked import stacked

from nntui.session.frame import Cell
from nntui.session.position import Depth
from nntui.session.session import Session


def named(session: Session, output: str, elements: int) -> str:
    """What an element of an op is called."""
    number = next(op.number for op in session.network.ops if op.output == output)
    session.cursor.jump(number - 1)
    for _ in range(elements):
        session.cursor.forward(Depth.ELEMENT)
    explanation = session.frame.explanation
    assert explanation is not None
    return explanation.name


@pytest.mark.parametrize(
    ("output", "elements", "name"),
    [
        ("x", 6, "x[row 2, column 2]"),
        ("conv.z", 11, "conv.z[filter 2, row 1, column 2]"),
        ("pool.a", 5, "pool.a[channel 2, row 1, column 1]"),
        ("conv.weight.grad", 7, "conv.weight.grad[filter 2, row 2, column 1]"),
        ("fold.weight", 6, "fold.weight[channel 2, row 1, column 2]"),
        ("conv.bias.grad", 1, "conv.bias.grad[filter 1]"),
        ("flat.a", 3, "flat.a[f3]"),
    ],
)
def test_cells_are_called_by_filter_row_and_column(output: str, elements: int, name: str) -> None:
    assert named(stacked(), output, elements) == name


def test_columns_say_what_they_are() -> None:
    data, conv, pool, fold, flat, output = stacked().network.columns

    assert [c.is_map for c in (data, conv, pool, fold, flat, output)] == [True] * 4 + [False] * 2
    assert [c.reshapes for c in (pool, flat, output)] == [False, True, False]
    assert [c.window for c in (data, conv, pool, fold, flat)] == [(), (2, 2), (2, 2), (2, 2), ()]
    assert [c.channels for c in (data, conv, pool, fold)] == [0, 1, 0, 2]
    assert [c.winner for c in (conv, pool)] == ["", "pool.winner"]
    assert conv.called(conv.unit((1, 0, 2))) == "conv 2, row 1, column 3"
    assert data.called(5) == "input, row 2, column 2"
    assert output.called(1) == "output falling"
    assert conv.maker(conv.unit((1, 0, 2))) == "conv filter 2"
    assert pool.maker(4) == "pool 2, row 1, column 1"


def test_of_an_op_done_whole_the_chosen_cell_is_shown() -> None:
    session = stacked()
    conv = session.network.columns[1]
    session.reader.focus = ("conv", conv.unit((1, 2, 1)))
    shown = {}
    while session.cursor.position.step == 1 and not session.at_end:
        session.cursor.forward(Depth.OP)
        frame = session.frame
        if frame.op is None or frame.explanation is None or frame.position.step > 1:
            break
        shown[frame.op.output] = frame.explanation.name

    assert shown["conv.z"] == "conv.z[filter 2, row 3, column 2]"
    assert shown["conv.z.grad"] == "conv.z.grad[filter 2, row 3, column 2]"
    assert shown["conv.weight.grad"] == "conv.weight.grad[filter 2, row 1, column 1]"
    assert shown["conv.bias.grad"] == "conv.bias.grad[filter 2]"


def test_of_neurons_the_chosen_one_is_shown_as_ever() -> None:
    session = Session(scenario("exam"))
    session.reader.focus = ("hidden", 1)
    names = []
    for _ in range(3):
        session.cursor.forward(Depth.OP)
    names.append(session.frame.explanation)
    session.cursor.jump(
        next(o.number for o in session.network.ops if o.output == "hidden.weight.grad")
    )
    names.append(session.frame.explanation)

    assert [found.name for found in names if found] == [
        "hidden.z[h2]",
        "hidden.weight.grad[h2, hours studied]",
    ]


def test_the_parameters_of_a_cell_are_those_of_its_filter() -> None:
    session = stacked()
    conv = session.network.columns[1]
    rows = session.reader.column_rows(1, conv.unit((1, 2, 1)))

    assert [row.cell for row in rows] == [
        *(Cell("conv.weight", (1, 0, r, c)) for r in (0, 1) for c in (0, 1)),
        Cell("conv.bias", (1,)),
    ]


def test_the_measure_of_colours_stays_while_a_map_is_computed_and_is_that_of_the_sample() -> None:
    session = stacked()
    session.cursor.jump(next(o.number for o in session.network.ops if o.output == "conv.z") - 1)
    seen = set()
    for _ in range(18):
        session.cursor.forward(Depth.ELEMENT)
        seen.add(session.frame.scale("conv.z"))
    assert seen == {max(abs(v) for v in session.frame.row("conv.z") if v is not None)}

    session.reader.sample = 1
    assert session.frame.scale("conv.z") == max(
        abs(v) for v in session.frame.row("conv.z") if v is not None
    )
    assert session.frame.scale("conv.a") == 0.0
