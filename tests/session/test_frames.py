"""Frames: what has been computed at a position is there, and nothing else."""

from __future__ import annotations

import pytest
from networks import TEXTS, scenario

from nntui.engine.machine import parameters_of
from nntui.engine.trainer import Trainer, quiet
from nntui.session.column import Column
from nntui.session.frame import Cell
from nntui.session.position import Depth
from nntui.session.session import Session

FOREVER = float("inf")


def column(session: Session, name: str) -> tuple[int, Column]:
    return next((k, c) for k, c in enumerate(session.network.columns) if c.name == name)


@pytest.mark.parametrize("name", [n for n in TEXTS if n != "diverging"])
@pytest.mark.parametrize("steps", [0, 1, 4])
def test_what_later_ops_compute_is_not_there_yet(name: str, steps: int) -> None:
    session = Session(scenario(name))
    for _ in range(steps):
        session.cursor.forward(Depth.STEP)
    state = set(session.trainer.state.names())
    ops = session.network.ops

    for number in range(1, len(ops) + 1):
        session.cursor.forward(Depth.OP)
        frame = session.frame
        done = {info.output for info in ops[:number]}
        for info in ops:
            if info.output in state:
                continue
            values = frame.row(info.output)
            if info.output in done:
                assert values
                assert None not in values
            else:
                assert values == ()
                assert frame.value(info.output, *([0] * len(info.shape[1:]))) is None
                assert frame.largest(info.output) == 0.0


def test_inside_an_op_the_first_elements_are_there() -> None:
    session = Session(scenario("exam"))
    session.cursor.forward(Depth.STEP)
    session.cursor.jump(2)

    session.cursor.forward(Depth.ELEMENT)
    frame = session.frame
    assert frame.row("hidden.z")[1] is None
    assert frame.value("hidden.z", 0) is not None
    assert frame.value("hidden.z", 1) is None
    assert frame.value("hidden.a", 0) is None
    assert frame.largest("hidden.z") == abs(frame.value("hidden.z", 0) or 0.0)

    session.cursor.forward(Depth.TERM)
    assert session.frame.value("hidden.z", 1) is None
    session.cursor.forward(Depth.ELEMENT)
    assert session.frame.value("hidden.z", 1) is not None


def test_an_update_under_way_shows_new_values_before_old_ones() -> None:
    session = Session(scenario("exam"))
    before = dict(zip(range(4), session.frame.row("hidden.weight"), strict=True))
    session.cursor.jump(16)
    for done in range(1, 5):
        session.cursor.forward(Depth.ELEMENT)
        row = session.frame.row("hidden.weight")
        rows = session.reader.parameter_rows("hidden.weight", 4)
        assert [row[k] == before[k] for k in range(4)] == [k >= done for k in range(4)]
        assert [r.value for r in rows] == list(row)
        assert [r.change is not None for r in rows] == [k < done for k in range(4)]


def test_a_term_under_way_changes_nothing_yet() -> None:
    session = Session(scenario("exam"))
    session.cursor.jump(16)
    session.cursor.forward(Depth.TERM)

    assert session.cursor.position.term == 1
    assert session.frame.row("hidden.weight") == (0.2, 0.3, 0.1, 0.4)


@pytest.mark.parametrize("name", ["classes", "curve", "exam"])
def test_a_parameter_shows_gradient_change_and_moments_as_they_come(name: str) -> None:
    session = Session(scenario(name))
    parameter = session.network.parameters[0]
    ops = session.network.ops
    gradient = next(i.number for i in ops if i.output == f"{parameter}.grad")
    update = next(i.number for i in ops if i.output == parameter)
    moments = {i.output: i.number for i in ops if i.output.startswith(f"{parameter}.")}

    seen: list[float | None] = []
    for step in (1, 2):
        for number in range(1, len(ops) + 1):
            session.cursor.forward(Depth.OP)
            (row, *_) = session.reader.parameter_rows(parameter, 1)
            assert (row.gradient is not None) == (number >= gradient)
            assert (row.change is not None) == (step == 2 or number >= update)
            for moment, value in row.moments.items():
                fresh = number < moments[f"{parameter}.{moment}"] and step == 1
                assert (value == 0.0) or not fresh
        seen.append(row.change)
    assert seen[0] != seen[1]


def test_the_last_change_survives_a_straight_run_and_a_jump_back() -> None:
    session, stepped = Session(scenario("classes")), Session(scenario("classes"))
    session.cursor.forward(Depth.EPOCH)
    session.cursor.jump(0)
    while stepped.cursor.position.step < session.cursor.position.step or stepped.cursor.position.op:
        stepped.cursor.forward(Depth.STEP)
        if stepped.cursor.position.step == session.cursor.position.step:
            stepped.cursor.jump(0)

    for name in session.network.parameters:
        assert session.reader.parameter_rows(name, 99) == stepped.reader.parameter_rows(name, 99)
        assert all(row.change is not None for row in session.reader.parameter_rows(name, 99))


def test_the_loss_never_shows_the_future() -> None:
    session = Session(scenario("classes"))
    session.player.run(FOREVER)
    last = session.cursor.position.step
    losses = session.frame.train
    loss_op = next(i.number for i in session.network.ops if i.output == "loss")

    session.cursor.jump(loss_op - 1)
    frame = session.frame
    assert frame.train.x == losses.x[:-1]
    assert (frame.loss, frame.previous_loss) == losses.y[-2:-4:-1]
    session.cursor.jump(loss_op)
    frame = session.frame
    assert frame.train == losses
    assert (frame.loss, frame.previous_loss) == losses.y[-1:-3:-1]
    assert len(losses.x) == last


def test_a_test_loss_is_there_when_its_step_is_done() -> None:
    session = Session(scenario("classes"))
    test = scenario("classes").data.test
    assert test is not None
    while not session.frame.test.x:
        session.cursor.forward(Depth.STEP)
    step = session.cursor.position.step
    assert session.frame.test.x == (step,)
    assert step % session.network.steps_per_epoch == 0
    assert session.frame.test.y == (session.trainer.evaluate(test).loss,)

    session.cursor.jump(len(session.network.ops) - 1)
    assert session.frame.test.x == ()
    session.cursor.forward(Depth.ELEMENT)
    whole = session.cursor.position.element == session.network.ops[-1].elements
    assert bool(session.frame.test.x) is whole
    session.cursor.forward(Depth.OP)
    assert session.frame.test.x == (step,)


def test_the_rate_is_that_of_the_step_even_before_the_schedule_has_run() -> None:
    session = Session(scenario("curve"))
    for step in range(1, 8):
        epoch = (step - 1) // 3
        for _ in session.network.ops:
            session.cursor.forward(Depth.OP)
            assert session.frame.rates["lr"] == pytest.approx(0.1 * 0.8**epoch, rel=1e-6)


def test_reads_writes_and_the_cells_of_the_term() -> None:
    session = Session(scenario("exam"))
    session.cursor.jump(2)
    session.cursor.forward(Depth.TERM)
    frame = session.frame
    assert frame.now == {Cell("hidden.weight", (0, 0)), Cell("x", (0,))}
    assert frame.now < frame.reads
    assert frame.writes == {Cell("hidden.z", (0,))}
    assert frame.is_now("x", 0)
    assert not frame.is_now("x", 1)

    session.cursor.forward(Depth.ELEMENT)
    frame = session.frame
    assert frame.now == frozenset()
    assert frame.reads == {
        Cell("hidden.weight", (0, 0)), Cell("hidden.weight", (0, 1)), Cell("hidden.bias", (0,)),
        Cell("x", (0,)), Cell("x", (1,)),
    }  # fmt: skip
    assert frame.is_read("x", 1)
    assert not frame.is_written("hidden.z", 1)
    assert frame.reads_all == frame.writes_all == frozenset()

    session.cursor.forward(Depth.OP)
    session.cursor.depth = Depth.OP
    frame = session.frame
    assert frame.reads_all == {"x", "hidden.weight", "hidden.bias"}
    assert frame.writes_all == {"hidden.z"}
    assert frame.is_written("hidden.z", 1)


@pytest.mark.parametrize(
    ("layer", "unit", "output", "name"),
    [
        ("hidden", 1, "hidden.z", "hidden.z[h2]"),
        ("hidden", 1, "hidden.a.grad", "hidden.a.grad[h2]"),
        ("hidden", 1, "hidden.weight", "hidden.weight[h2, hours studied]"),
        ("output", 0, "output.weight.grad", "output.weight.grad[pass, h1]"),
        ("input", 1, "x", "x[previous knowledge]"),
        ("output", 0, "hidden.a.grad", "hidden.a.grad[h1]"),
        ("nowhere", 5, "hidden.z", "hidden.z[h1]"),
    ],
)
def test_a_focused_neuron_is_the_one_explained(
    layer: str, unit: int, output: str, name: str
) -> None:
    session = Session(scenario("exam"))
    session.reader.focus = (layer, unit)
    session.cursor.jump(next(i.number for i in session.network.ops if i.output == output))

    explanation = session.frame.explanation
    assert explanation is not None
    assert explanation.name == name


def test_the_table_of_a_neuron_holds_its_weights_and_bias() -> None:
    session = Session(scenario("exam"))
    k, _ = column(session, "hidden")

    rows = session.reader.column_rows(k, 1)

    assert [(row.symbol, row.value) for row in rows] == [("w₂₁", 0.1), ("w₂₂", 0.4), ("b₂", 0.1)]
    assert session.reader.column_rows(0, 0) == ()


def test_tables_of_layers_that_are_not_dense() -> None:
    session = Session(scenario("classes"))
    norm, _ = column(session, "norm")
    drop, _ = column(session, "drop")

    assert [row.symbol for row in session.reader.column_rows(norm, 2)] == ["γ₃", "β₃"]
    assert session.reader.column_rows(drop, 0) == ()
    assert session.reader.parameter_rows("norm.weight", 2)[1].cell == Cell("norm.weight", (1,))
    assert session.reader.parameter_rows("norm.weight", 0) == ()


def test_frozen_parameters_are_marked_and_stay() -> None:
    session = Session(scenario("curve"))
    session.cursor.forward(Depth.EPOCH)

    (row,) = session.reader.parameter_rows("output.bias", 5)
    assert (row.frozen, row.change) == (True, 0.0)


@pytest.mark.parametrize("name", [n for n in TEXTS if n != "diverging"])
def test_a_run_ends_where_the_engine_alone_ends(name: str) -> None:
    session = Session(scenario(name))
    session.cursor.forward(Depth.OP)
    session.player.run(FOREVER)

    trainer = Trainer(scenario(name).model, scenario(name).data)
    run = trainer.runner()
    with quiet():
        for step in range(1, session.cursor.position.step + 1):
            run(step)
    assert session.trainer.state.vector.tobytes() == trainer.state.vector.tobytes()
    for parameter, array in parameters_of(trainer.state).items():
        assert session.frame.row(parameter) == tuple(array.ravel().tolist())
