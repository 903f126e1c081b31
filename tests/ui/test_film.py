"""The film strip as lines of text: what is in it, how it fills, and how it fits."""

import pytest
from strips import at, hello, recall, stack

from nntui.session.frame import Cell
from nntui.ui.renderables.bars import log_bars, long_bar, share_bar, signed_bar
from nntui.ui.renderables.film import film, gated_column
from nntui.ui.renderables.filmstrip import film_lines, lengths_of
from nntui.ui.renderables.moment import Moment
from nntui.ui.spans import plain, width

WIDE, SMALL = (68, 19), (76, 9)


def moment_of(session, size=WIDE, *, now=0, column=1, unit=0, chosen=False, bare=False, **more):
    frame, network = session.frame, session.network
    op = frame.op
    strip = film(
        network,
        *size,
        gated=gated_column(network, column),
        backward=op is not None and op.phase in ("backward", "update"),
        now=now,
        bare=bare,
    )
    return Moment(network, frame, strip, now, column, unit, chosen, bare=bare, **more)


def strip(session, size=WIDE, **more):
    return [plain(line).rstrip() for line in film_lines(moment_of(session, size, **more))]


# -- bars ------------------------------------------------------------------------------------------


def test_gates_stand():
    assert [share_bar(v, 1)[0] for v in (0.0, 0.001, 0.5, 0.95, 1.0, None)] == list(" ▁▄██·")
    assert share_bar(0.73, 2, bare=True)[0] == "7 "


def test_a_negative_bar_hangs_from_the_top():
    assert signed_bar(0.25, 1.0, 2) == ("▂▂", "positive")
    assert signed_bar(-0.25, 1.0, 2) == ("▆▆", "negative reverse")
    assert signed_bar(-0.001, 1.0, 1) == ("▇", "negative reverse")
    assert signed_bar(-2.0, 1.0, 1) == (" ", "negative reverse")
    assert signed_bar(-0.31, 1.0, 2, bare=True) == ("−3", "negative")
    assert signed_bar(0.0, 0.0, 1)[0] == " "
    assert signed_bar(float("nan"), 1.0, 1) == ("!", "error bold")


def test_a_logarithmic_bar_spans_six_powers_of_ten():
    def bar(value, rows=1):
        return "".join(text for text, _ in log_bars(value, 1.0, 1, rows))

    assert [bar(v) for v in (1.0, 1e-3, 1e-6, 1e-9, 0.0, None)] == list("█▄▁▁ ·")
    assert bar(1e-3, rows=2) == " █"
    assert bar(1.0, rows=2) == "██"
    assert [log_bars(v, 1.0, 2, 1, bare=True)[0][0] for v in (1.0, 1e-3, 1e-9)] == [
        "9 ",
        "4 ",
        "0 ",
    ]


def test_a_long_bar_is_a_share_of_a_line():
    assert plain(long_bar(0.7, 10)) == "███████░░░"
    assert plain(long_bar(None, 10)) == "·" + " " * 9


# -- what is in it ---------------------------------------------------------------------------------


def test_an_lstm_forward():
    lines = strip(at(hello(), "memory.f.t2"), now=2)

    assert lines[:2] == [
        "      time 1        2        3        4",
        "         x h        e        l        l",
    ]
    assert [line[:10].split() for line in lines[2:6]] == [["memory", "h₁"], ["h₂"], ["h₃"], ["h₄"]]
    assert all(line.split()[-3:] == ["·"] * 3 for line in lines[2:6])
    assert [line[9] for line in lines[6:11]] == list("ifgoc")
    assert lines[7][10] == "▸"
    assert lines[7].split()[2:] == ["····", "····"]
    assert lines[8].split()[2:] == ["····"] * 3


def test_the_second_strip_fills_from_the_right():
    session = at(hello(), "memory.a.t3.grad")
    lines = strip(session, now=3)
    gradients = [line for line in lines if "∂h₂" in line]

    assert [word == "·" for word in gradients[0].split()[1:]] == [True, True, False, False]
    lengths = lengths_of(session.network.columns[1], session.frame)
    assert [length is None for length in lengths] == [True, True, False, False]
    session.cursor.back()
    assert [word == "·" for word in strip(session)[12].split()[1:]] == [True, True, True, False]


def test_predictions_stand_above_the_targets():
    session = hello()
    session.cursor.go(9)
    lines = strip(session)
    chances = session.reader.look("loss.p")[0]
    letters = [session.network.targets[int(row.argmax())] for row in chances]

    assert [line.split()[0] for line in lines[-2:]] == ["output", "y"]
    assert lines[-2].split()[2::2] == letters
    assert lines[-2].split()[3::2] == [f"{row.max():.0%}" for row in chances]
    assert lines[-1].split()[1:] == ["e", "l", "l", "o"]


def test_an_answer_after_the_last_time_step_stands_below():
    session = at(recall(), "output.a")
    lines = strip(session, now=0)

    assert lines[-2].split()[:2] == ["outp…", "a"]
    assert f"{session.reader.look('output.a')[0, 0]:+.4f}" in lines[-2]
    assert lines[-1].split()[0] == "y"


def test_tokens_without_a_target_have_a_line():
    session = stack()
    session.cursor.go(1)
    lines = strip(session, (68, 24))
    targets = session.reader.look("y")[0]

    assert [word == "–" for word in lines[-1].split()[1:]] == [t < 0 for t in targets.tolist()]
    assert [n for n in (line.split()[0] for line in lines) if n in ("words", "first", "second")]


def test_one_layer_shows_its_gates():
    session = stack()
    first, second = (strip(session, (68, 30), column=k) for k in (2, 3))

    assert [line.split()[0] for line in first if line.endswith("···")] == list("ifgoc")
    assert [line.split()[0] for line in second if line.endswith("··")][:3] == list("rzn")
    assert gated_column(session.network, 1) == gated_column(session.network, 2) == 2
    assert gated_column(session.network, 4) == 3


def test_gates_and_gradients_take_turns_where_there_is_little_room():
    forward = strip(at(hello(), "memory.f.t2"), SMALL)
    backward = strip(at(hello(), "memory.a.t3.grad"), SMALL)

    assert any(line.lstrip().startswith("f▸") for line in forward)
    assert not any("∂h" in line for line in forward)
    assert any("‖∂h‖" in line for line in backward)
    assert not any(line.lstrip().startswith("f") for line in backward)
    assert len(forward) <= 9
    assert len(backward) <= 9


def test_long_sequences_are_turned_page_by_page():
    session = recall(length=200, units=2)
    session.cursor.go(1)
    views = [moment_of(session, (60, 12), now=now).film for now in (0, 1, 60, 200)]

    assert [view.first for view in views[:2]] == [0, 0]
    assert all(now - 1 in view.steps for now, view in zip((1, 60, 200), views[1:], strict=True))
    assert len({(view.wide, view.gutter, view.bands) for view in views}) == 1


def test_layers_with_many_units_are_turned_too():
    session = recall(units=40)
    session.cursor.go(1)
    size, column = (68, 14), session.network.columns[1]
    top = moment_of(session, size)
    low = moment_of(session, size, unit=column.unit((0, 39)), chosen=True)

    def label(moment):
        return next(line for line in map(plain, film_lines(moment)) if "–" in line).split()[0]

    assert label(top).startswith("1–")
    assert label(low).endswith("–40")


@pytest.mark.parametrize("make", [hello, recall, stack, lambda: recall("rnn", 200, 40)])
@pytest.mark.parametrize("bare", [False, True])
def test_it_fits(make, bare):
    session = make()
    session.cursor.go(1)
    for cells in (20, 30, 44, 68, 76, 116):
        for rows in (1, 2, 3, 5, 9, 14, 19, 32):
            lines = film_lines(moment_of(session, (cells, rows), now=3, bare=bare))
            assert len(lines) <= rows
            assert all(width(line) <= cells for line in lines if "began" not in plain(line))


def test_nothing_moves_from_op_to_op():
    session = hello()
    seen = set()
    for op in session.network.ops:
        session.cursor.jump(op.number)
        layout = moment_of(session, now=2).film
        seen.add((layout.gutter, layout.wide, tuple((b.kind, b.lines) for b in layout.bands)))

    assert len(seen) == 1


def test_a_field_leaves_only_what_a_number_comes_from():
    session = recall("rnn", 4, 2)
    session.cursor.go(1)
    column = session.network.columns[1]
    unit = column.unit((1, 0))
    origins = session.study.origins(1, unit, 0)
    lines = strip(session, column=1, unit=unit, chosen=True, origins=origins)

    assert [line.count("•") for line in lines[1:4]] == [2, 2, 1]


def test_bare_terminals_get_digits():
    session = at(recall(), "output.a")
    lines = strip(session, bare=True)

    assert not any(set("▀▄▁▂▃▅▆▇") & set(line) for line in lines)
    assert lines[2].split("h")[1].lstrip()[1] in "0123456789"


def test_what_was_edited_is_marked():
    session = at(hello(), "memory.a.t2")
    edited = frozenset({Cell("memory.a.t2", (1,))})

    assert "✎" in strip(session, edited=edited)[3]
