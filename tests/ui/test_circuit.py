"""A recurrent cell as a circuit: the numbers of one unit at one time step."""

import pytest
from strips import at, hello, recall

from nntui.ui.format import signed
from nntui.ui.renderables.circuit import circuit_lines, is_circuit
from nntui.ui.spans import plain, width


def circuit(session, unit, cells=32, rows=11):
    lines = circuit_lines(session.network, 1, unit, session.frame, cells, rows)
    return [plain(line).rstrip() for line in lines]


def number(session, tensor, unit):
    return signed(float(session.reader.look(tensor)[0, unit]))


def test_an_lstm_keeps_writes_and_shows():
    session = at(hello(), "memory.a.t2")
    column = session.network.columns[1]
    lines = circuit(session, column.unit((1, 2)))

    def of(name):
        return number(session, f"memory.{name}", 2)

    assert lines[:6] == [
        f"c⟨1⟩   {of('c.t1')} ─×──+─▶ {of('c.t2')}╮",
        f"f      {of('f.t2')} ─╯  │    c⟨2⟩  │",
        f"i      {of('i.t2')} ─×──╯          │",
        f"g      {of('g.t2')} ─╯  i·g {of('new.t2')}│",
        f"o     •{of('o.t2')} ─×◀─•{of('tanh_c.t2')} ◀─╯",
        f"h⟨2⟩  ▸{of('a.t2')}◀─╯   tanh c",
    ]
    share = float(session.reader.look("memory.f.t2")[0, 2])
    assert lines[7] == f"keeps  {'█' * round(10 * share):░<10}  {share:.1%}".replace("%", " %")


def test_before_the_first_time_step_the_cell_is_empty():
    session = at(hello(), "memory.f.t1")
    lines = circuit(session, session.network.columns[1].unit((0, 0)))

    assert lines[0].split()[:2] == ["c⟨0⟩", "0.0000"]
    assert lines[5].split()[:2] == ["h⟨1⟩", "·"]


def test_the_way_back_goes_from_right_to_left():
    session = at(hello(), "memory.c.t2.grad.1")
    unit = session.network.columns[1].unit((2, 1))
    lines = circuit(session, unit)

    highway = number(session, "memory.c.t2.grad.1", 1)
    assert lines[0] == f"∂c⟨2⟩ ▸{highway}◀━×━━┿━━ {number(session, 'memory.c.t3.grad', 1)}◀╮"
    assert number(session, "memory.f.t3.grad", 1) in lines[1]
    assert "∂h⟨3⟩" in lines[5]


def test_the_highway_is_the_upstream_gradient_times_the_forget_gate():
    session = hello()
    session.cursor.go(1)
    for t in (2, 3):
        gate, above = (
            session.reader.look(f"memory.f.t{t}"),
            session.reader.look(f"memory.c.t{t}.grad"),
        )
        lines = circuit(session, session.network.columns[1].unit((t - 1, 0)))

        assert signed(float((gate * above)[0, 0])) in lines[0]


def test_a_gru_fades_from_old_to_new():
    session = at(hello("gru"), "memory.a.t3")
    lines = circuit(session, session.network.columns[1].unit((2, 1)))
    shares = session.reader.look("memory.update.t3")[0]

    assert lines[0].startswith(f"h⟨2⟩  •{number(session, 'memory.a.t2', 1)} ─×──+─▶▸")
    assert lines[1].startswith(f"z     •{number(session, 'memory.update.t3', 1)} ─╯")
    assert [line.split()[0] for line in lines[7:]] == ["h₂", "h₁", "h₃", "h₄"]
    assert [line.count("█") for line in lines[7:]] == [round(10 * shares[k]) for k in (1, 0, 2, 3)]


@pytest.mark.parametrize("unit", [0, 3])
def test_a_gru_hands_back_by_its_update_gate(unit):
    session = at(hello("gru"), "memory.a.t2.grad")
    session.cursor.forward()
    gate, above = session.reader.look("memory.update.t3"), session.reader.look("memory.a.t3.grad")
    lines = circuit(session, session.network.columns[1].unit((2, unit)))

    assert lines[0].startswith(f"∂h⟨2⟩  {signed(float((gate * above)[0, unit]))}◀━×")


def test_an_rnn_adds_up_what_it_sees_and_what_it_remembers():
    session = at(hello("rnn"), "memory.a.t2")
    lines = circuit(session, session.network.columns[1].unit((1, 0)))

    assert lines[:4] == [
        "x⟨2⟩  ─Wₓ─╮",
        f"h⟨1⟩  ─Wₕ─+─▶ z⟨2⟩  •{number(session, 'memory.z.t2', 0)}╮",
        "        tanh ◀─────────────╯",
        f"        h⟨2⟩  ▸{number(session, 'memory.a.t2', 0)}",
    ]


def test_with_room_both_ways_are_drawn():
    session = at(hello(), "memory.a.t2")

    assert any("◀━×" in line for line in circuit(session, 4, 76, 30))
    assert not any("◀━×" in line for line in circuit(session, 4, 76, 9))


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("rows", [1, 4, 7, 11, 30])
def test_it_fits(cell, rows):
    session = recall(cell)
    session.cursor.go(1)
    for op in (60, len(session.network.ops)):
        session.cursor.jump(op)
        for cells in (32, 36, 76):
            lines = circuit_lines(session.network, 1, 100, session.frame, cells, rows)
            assert len(lines) <= rows
            assert all(width(line) <= cells for line in lines)


def test_other_layers_have_none():
    session = hello()

    assert [is_circuit(column) for column in session.network.columns] == [False, True, False]
