"""Layers that go through time: their columns, elements in words, figures, fields and shares."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from networks import scenario

from nntui.session.column import Lane, Row, step_of
from nntui.session.frame import Cell
from nntui.session.grid import Grid
from nntui.session.position import Depth
from nntui.session.session import Session


@pytest.fixture
def memory() -> Session:
    """An LSTM of two units, then a GRU that hands on its last state, over three time steps."""
    return Session(scenario("memory"))


def number_of(session: Session, output: str) -> int:
    return next(op.number for op in session.network.ops if op.output == output)


def after(session: Session, output: str) -> Session:
    session.cursor.jump(number_of(session, output))
    return session


def last_element(session: Session, output: str) -> Session:
    """With the last element of an op shown."""
    session.cursor.depth = Depth.ELEMENT
    return after(session, output)


def test_a_recurrent_column_has_its_states_whatever_it_hands_on(memory: Session) -> None:
    _, lstm, gru, output = memory.network.columns

    assert (lstm.shape, lstm.time, lstm.names) == ((3, 2), 3, ("h₁", "h₂"))
    assert (gru.shape, gru.time) == ((3, 2), 3)
    assert lstm.rows == (Row("h", "hidden.h"), Row("∂h", "hidden.h.grad", gradient=True))
    assert lstm.units[:3] == ("h₁⟨1⟩", "h₂⟨1⟩", "h₁⟨2⟩")
    assert (output.shape, output.time) == ((1,), 0)
    assert memory.network.has_time
    assert not Session(scenario("exam")).network.has_time


def test_gates_come_in_the_order_of_the_weights_and_the_cell_last(memory: Session) -> None:
    _, lstm, gru, _ = memory.network.columns

    assert lstm.lanes == (
        Lane("i", "hidden.i", "share"),
        Lane("f", "hidden.f", "share"),
        Lane("g", "hidden.g", "signed"),
        Lane("o", "hidden.o", "share"),
        Lane("c", "hidden.c", "open"),
    )
    assert [lane.label for lane in gru.lanes] == ["r", "z", "n"]
    assert (lstm.blocks, gru.blocks) == (4, 3)


def test_numbers_belong_to_a_unit_at_a_time_step(memory: Session) -> None:
    lstm, gru = memory.network.columns[1:3]

    assert lstm.own("hidden.f.t2", (1,)) == lstm.unit((1, 1))
    assert lstm.own("hidden.z.t3", (5,)) == lstm.unit((2, 1))
    assert lstm.own("hidden.a.t1.grad.2", (0,)) == lstm.unit((0, 0))
    assert lstm.own("hidden.h.grad", (2, 1)) == lstm.unit((2, 1))
    assert gru.own("gru.a", (1,)) == gru.unit((2, 1))
    assert gru.own("gru.weight_ih", (3, 0)) == gru.unit((0, 1))
    assert gru.own("hidden.f.t2", (1,)) is None
    assert lstm.place("hidden.h", lstm.unit((1, 0))) == ("hidden.a.t2", (0,))


def test_time_steps_are_read_off_the_names_of_tensors() -> None:
    assert step_of("L", "L.a.t3") == 3
    assert step_of("L", "L.weight_ih.grad.t12") == 12
    assert step_of("L", "L.z.t4.f.grad") == 4
    assert step_of("L", "L.tanh_c") == 0
    assert step_of("t1", "t1.a") == 0
    assert step_of("M", "L.a.t3") == 0


def test_tokens_are_ids_or_one_hot_rows() -> None:
    letters = Session(scenario("letters")).network.columns
    signals = Session(scenario("signals")).network.columns

    assert letters[0].tokens == ("a", "b", "|")
    assert (letters[0].shape, letters[0].time, letters[0].names) == ((4,), 4, ())
    assert (letters[2].time, letters[2].names) == (4, ("n1", "n2"))
    assert signals[0].tokens == ()
    assert signals[0].units == ("signal⟨1⟩", "signal⟨2⟩", "signal⟨3⟩")


def test_elements_are_named_by_unit_and_time_step(memory: Session) -> None:
    def name(output: str) -> str:
        explanation = last_element(memory, output).frame.explanation
        assert explanation is not None
        return explanation.name

    assert name("hidden.f.t2") == "hidden.f.t2[unit 2 at time step 2]"
    assert name("hidden.z.t3") == "hidden.z.t3[gate o, unit 2 at time step 3]"
    assert name("x") == "x[signal at time step 3]"
    assert name("gru.a") == "gru.a[unit 2 at time step 3]"


def test_classes_are_named_at_a_time_step() -> None:
    explanation = last_element(Session(scenario("letters")), "output.z").frame.explanation

    assert explanation is not None
    assert explanation.name == "output.z[| at time step 4]"


def test_the_unit_that_is_looked_at_is_shown_at_every_time_step(memory: Session) -> None:
    lstm = memory.network.columns[1]
    memory.reader.focus = ("hidden", lstm.unit((2, 1)))
    explanation = after(memory, "hidden.f.t1").frame.explanation

    assert explanation is not None
    assert explanation.name == "hidden.f.t1[unit 2 at time step 1]"


def test_incoming_weights_are_those_of_all_gates(memory: Session) -> None:
    rows = memory.reader.column_rows(1, memory.network.columns[1].unit((1, 1)))
    cells = [row.cell for row in rows]

    assert [c.index[0] for c in cells if c.tensor == "hidden.weight_ih"] == [1, 3, 5, 7]
    assert len([c for c in cells if c.tensor == "hidden.weight_hh"]) == 8
    assert {c.tensor for c in cells} == set(memory.network.columns[1].parameters)


# -- figures ---------------------------------------------------------------------------------------


def grids(session: Session) -> list[Grid]:
    assert session.frame.explanation is not None
    return [piece for piece in session.frame.explanation.figure if isinstance(piece, Grid)]


def test_a_pre_activation_is_a_row_of_weights_times_inputs_and_states(memory: Session) -> None:
    session = last_element(memory, "hidden.z.t2")
    weights, seen, products = grids(session)

    row = [
        *session.reader.look("hidden.weight_ih")[7].tolist(),
        *session.reader.look("hidden.weight_hh")[7].tolist(),
    ]
    column = [
        *session.reader.look("x")[0, 1].tolist(),
        *session.reader.look("hidden.a.t1")[0].tolist(),
    ]
    assert (weights.title, seen.title) == ("wₓ₈,wₕ₈", "x⟨2⟩,h⟨1⟩")
    assert weights.values == (tuple(row),)
    assert seen.values == (tuple(column),)
    assert products.values == (tuple(w * x for w, x in zip(row, column, strict=True)),)
    assert products.total == pytest.approx(math.fsum(v or 0.0 for v in products.values[0]))


def test_a_row_fills_product_by_product(memory: Session) -> None:
    session = after(memory, "hidden.x")
    session.cursor.jump(number_of(session, "hidden.z.t2") - 1)
    # x, its bias, and the first of two states.
    for _ in range(3):
        session.cursor.forward(Depth.TERM)
    weights, _, products = grids(session)

    assert weights.current == (0, 1)
    assert weights.lit == {(0, 0), (0, 1)}
    assert [value is None for value in products.values[0]] == [False, False, True]


def test_other_products_have_no_row_figure(memory: Session) -> None:
    assert grids(after(memory, "hidden.kept.t2")) == []
    assert grids(after(memory, "output.z")) == []


# -- where from, and why ---------------------------------------------------------------------------


def test_a_state_comes_from_all_time_steps_before_it(memory: Session) -> None:
    session = after(memory, "loss")
    cells = session.study.origins(1, session.network.columns[1].unit((1, 0)), 0)

    assert {c.index for c in cells if c.tensor == "x"} == {(0, 0), (1, 0)}
    assert {c for c in cells if c.tensor.startswith("hidden.a.t")} == {
        Cell("hidden.a.t0", (0,)),
        Cell("hidden.a.t0", (1,)),
        Cell("hidden.a.t1", (0,)),
        Cell("hidden.a.t1", (1,)),
        Cell("hidden.a.t2", (0,)),
    }
    assert not any(c.tensor.startswith("gru.") for c in cells)


def weights(session: Session, names: tuple[str, ...]) -> Iterator[tuple[str, tuple[int, ...]]]:
    for name in names:
        yield from ((name, index) for index in np.ndindex(*session.reader.look(name).shape))


def test_the_shares_of_the_time_steps_add_up_to_the_gradient(memory: Session) -> None:
    memory.cursor.go(2)
    names = ("hidden.weight_ih", "hidden.bias_hh", "gru.weight_hh")
    for name, index in weights(memory, names):
        why = memory.reader.why(name, index)
        parts = [memory.reader.look(f"{name}.grad.t{share.time}")[index] for share in why.times]

        assert [share.time for share in why.times] == [1, 2, 3]
        assert [share.value for share in why.times] == pytest.approx(parts, abs=1e-15)
        assert why.gradient is not None
        assert math.fsum(s.value for s in why.times) == pytest.approx(why.gradient, abs=1e-15)


def test_a_dense_layer_over_time_has_shares_of_time_steps_too() -> None:
    session = Session(scenario("letters"))
    session.cursor.go(1)
    why = session.reader.why("output.weight", (1, 0))
    upstream, a = session.reader.look("output.z.grad"), session.reader.look("norm.a")

    parts = {t: float((upstream[:, t - 1, 1] * a[:, t - 1, 0]).sum()) for t in range(1, 5)}

    assert {share.time: share.value for share in why.times} == pytest.approx(parts, abs=1e-15)
    assert Session(scenario("exam")).reader.why("output.weight", (0, 0)).times == ()


# -- lengths ---------------------------------------------------------------------------------------


def test_the_length_of_a_gradient_is_known_when_all_of_it_is(memory: Session) -> None:
    session = after(memory, "hidden.a.t2.grad")
    frame = session.frame

    assert frame.length("hidden.a.t1.grad") is None
    assert frame.length("hidden.a.t2.grad") == pytest.approx(
        float(np.linalg.norm(session.reader.look("hidden.a.t2.grad")))
    )
    session.cursor.go(1)
    norms = session.reader.look("hidden.h.grad.norm")
    assert [session.frame.length(f"hidden.a.t{t}.grad") for t in (1, 2, 3)] == pytest.approx(
        norms.tolist()
    )
    session.cursor.jump(number_of(session, "hidden.a.t2.grad") - 1)
    assert session.frame.length("hidden.a.t2.grad") is None
