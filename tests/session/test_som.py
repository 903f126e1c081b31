"""A self-organizing map under the debugger: no gradient, and everything else as for a network."""

from __future__ import annotations

import numpy as np
import pytest
from networks import scenario

from nntui.engine.trainer import Trainer, quiet
from nntui.errors import UsageError
from nntui.scenario import load
from nntui.session.numbers import number
from nntui.session.position import Depth
from nntui.session.session import Session


@pytest.fixture
def session() -> Session:
    return Session(scenario("plane"))


def said(session: Session) -> list[str]:
    """The lines of the explanation at the cursor."""
    explanation = session.frame.explanation
    assert explanation is not None
    return ["".join(token.text for token in line) for line in explanation.lines]


def test_the_ops_of_a_step(session: Session) -> None:
    ops = [(op.phase, op.output) for op in session.network.ops]

    assert ops == [
        ("data", "x"),
        ("forward", "som.difference"),
        ("forward", "som.distance"),
        ("forward", "som.bmu"),
        ("forward", "som.second"),
        ("forward", "som.grid_distance"),
        ("forward", "lr"),
        ("forward", "som.radius"),
        ("forward", "som.neighbourhood"),
        ("loss", "loss"),
        ("update", "som.weight"),
    ]


def test_numbers_stand_in_the_formulas(session: Session) -> None:
    session.cursor.go(1, 11)
    row, column = (int(k) for k in session.reader.look("som.bmu"))
    frame = session.frame
    assert frame.explanation is not None
    assert frame.explanation.name == f"som.weight[({row}, {column}), sepal length]"
    symbols, *_ = said(session)

    place = f"₍{'₀₁₂'[row]},{'₀₁₂'[column]}₎"
    assert symbols == f"w{place}₁w{place}₁ + η·h{place}·d{place}₁"


def test_a_unit_has_its_place_on_the_map_in_every_symbol(session: Session) -> None:
    left = {}
    for op in session.network.ops:
        session.cursor.jump(op.number)
        assert session.frame.explanation is not None
        left[op.output] = session.frame.explanation.lines[0][0].text

    assert (left["som.difference"], left["som.distance"]) == ("d₍₀,₀₎₁", "‖d‖₍₀,₀₎")
    assert left["som.neighbourhood"][1:] == left["som.grid_distance"][1:] == "₍₀,₀₎"
    assert (left["som.bmu"], left["som.radius"], left["loss"]) == ("b₁", "σ", "L")
    rows = session.reader.column_rows(1, 4)
    assert [row.symbol for row in rows] == [f"w₍₁,₁₎{k}" for k in "₁₂₃₄"]


@pytest.mark.parametrize(("output", "skipped"), [("som.bmu", 0), ("som.second", 1)])
def test_the_nearest_units_stand_with_their_places(
    session: Session, output: str, skipped: int
) -> None:
    """The search is over all units: neither a comparison of two nor a number from nowhere."""
    session.cursor.jump(next(op.number for op in session.network.ops if op.output == output))
    distances = np.array(session.reader.look("som.distance"))
    order = distances.argsort(axis=None, kind="stable")[skipped : skipped + 2]
    places = [tuple(map(int, np.unravel_index(k, distances.shape))) for k in order]
    symbols, numbers, result = said(session)

    listed = ", ".join(f"{number(float(distances[place]))} at {place}" for place in places)
    assert numbers == f"=row of argmin({listed}, … {distances.size - skipped - 2} more …)"
    assert symbols.count("‖d‖") == 2
    assert result == f"={places[0][0]}"


@pytest.mark.parametrize("written", ["bmu", "som.bmu"])
def test_a_condition_on_the_best_unit_stops_the_run(session: Session, written: str) -> None:
    session.cursor.go(2)
    place = tuple(int(k) for k in session.reader.look("som.bmu"))
    session.restart()
    session.breakpoints.add(f"{written} == {place}")
    session.player.play(Depth.EPOCH)

    assert session.player.stopped_by is not None
    assert session.frame.op is not None
    assert session.frame.op.output == "som.bmu"
    assert tuple(session.reader.look("som.bmu")) == place


def test_it_says_that_there_is_no_gradient(session: Session) -> None:
    session.cursor.go(1)

    assert session.trust == "no ∇"
    with pytest.raises(UsageError, match="there is no gradient here"):
        session.study.slopes.of("som.weight", (0, 0))


def test_why_a_weight_moved_is_told_from_the_numbers_of_the_step(session: Session) -> None:
    session.cursor.go(2)
    row, column = (int(k) for k in session.reader.look("som.bmu"))
    why = session.reader.why("som.weight", (row * 3 + column, 1))

    assert not why.has_gradient
    assert why.gradient is None
    assert [update.title for update in why.updates] == [
        "difference from the sample",
        "distance on the grid",
        "learning rate",
        "radius",
        "neighbourhood",
        "pulled weights",
    ]
    assert why.parts[0].title == "η · h · d"
    assert why.change_off <= 1e-15
    assert sum(part.value for part in why.parts) == pytest.approx(why.change)


def test_why_tells_each_operation_once_with_all_cells_of_it_that_count() -> None:
    session = Session(load("som_colors"))
    session.cursor.go(2)
    row, column = (int(k) for k in session.reader.look("som.bmu"))
    updates = session.reader.why("som.weight", (row * 12 + column, 0)).updates
    titles = [update.title for update in updates]
    count = {update.title: len(update.numbers) for update in updates}

    assert len(set(titles)) == len(titles)
    assert count["difference from the sample"] == 6
    assert count["distance from the sample"] == 2
    assert count["best matching unit"] == 2
    assert count["pulled weights"] == 1
    for update in updates:
        assert len(set(update.numbers)) == len(update.numbers)


def test_a_weight_set_by_hand_changes_who_wins(session: Session) -> None:
    session.cursor.go(1, 1)
    x = session.reader.look("x")[0].copy()
    for feature, value in enumerate(x):
        session.edit("som.weight", (4, feature), float(value))
    session.cursor.go(1, 11)

    assert tuple(session.reader.look("som.bmu")) == (1, 1)
    assert session.losses.at(1) == 0
    session.cursor.go(1, 0)
    session.cursor.go(2)
    assert session.losses.at(1) == 0


def test_a_winner_set_by_hand_pulls_its_own_neighbours(session: Session) -> None:
    session.cursor.go(1, 4)
    session.edit("som.bmu", (0,), 1.0)
    session.edit("som.bmu", (1,), 2.0)
    session.cursor.go(1, 9)

    assert session.reader.look("som.neighbourhood")[1, 2] == 1.0


def test_the_radius_can_be_held(session: Session) -> None:
    session.cursor.go(2, 8)
    session.edit("som.radius", (), 0.75)
    session.cursor.go(5)

    assert session.reader.look("som.radius") == 0.75
    session.cursor.go(1)
    assert session.reader.look("som.radius") == 1.5


def test_full_speed_ends_with_the_bits_of_single_steps() -> None:
    plan = load("som_square")
    trainer = Trainer(plan.model, plan.data)
    with quiet():
        run = trainer.runner()
        for step in range(1, 101):
            run(step)
    session = Session(plan)
    for _ in range(100):
        session.cursor.forward(Depth.STEP)

    assert np.array_equal(session.trainer.state.vector, trainer.state.vector)
