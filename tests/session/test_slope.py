"""The gradient of one number, checked on request."""

from __future__ import annotations

import math

import numpy as np
import pytest
from answers import answer
from networks import LEARNING, TEXTS, scenario
from pictures import picture, state

from nntui.errors import UsageError
from nntui.scenario import parse
from nntui.session.session import Session

RELU = (
    TEXTS["exam"]
    .replace('units = 2\nactivation = "sigmoid"', 'units = 2\nactivation = "relu"')
    .replace(
        "weight = [[0.2, 0.3], [0.1, 0.4]]\nbias = [0.5, 0.1]",
        "weight = [[0.7, -0.3], [0.1, 0.4]]\nbias = [0.0, 0.1]",
    )
)


@pytest.mark.parametrize("name", LEARNING)
@pytest.mark.parametrize("step", [1, 4])
def test_every_gradient_is_right_in_every_network(name: str, step: int) -> None:
    session = Session(scenario(name))
    session.cursor.go(step)
    for parameter in session.network.parameters:
        for slope in answer(session.study.slopes.all(parameter)).slopes:
            assert slope.verdict in ("right", "kink"), slope
            assert slope.verdict == "kink" or slope.off < (1e-5 if name == "curve" else 1e-6)


def test_the_numbers_are_those_of_the_formula() -> None:
    session = Session(scenario("exam"))
    session.cursor.go(1)
    slope = session.study.slopes.of("hidden.weight", (0, 1))
    found = slope.found

    assert (slope.symbol, slope.value, slope.step) == ("w₁₂", 0.3, 1)
    assert found.distances == (1e-4, 5e-5)
    assert found.coarse == (found.above[0] - found.below[0]) / 2e-4
    assert found.slope == (4 * found.fine - found.coarse) / 3
    assert slope.gradient == session.reader.look("hidden.weight.grad")[0, 1]
    assert slope.off == abs(slope.gradient - found.slope) / slope.scale

    moved = Session(parse(TEXTS["exam"].replace("0.3]", "0.3001]"), origin="x.toml"))
    moved.cursor.go(1)
    assert found.above[0] == moved.losses.at(1)
    assert found.here == session.losses.at(1)


def test_a_wrong_gradient_is_found() -> None:
    session = Session(scenario("exam"))
    session.cursor.go(2)
    session.reader.look("output.weight.grad")[0, 1] += 1e-3

    assert session.study.slopes.of("output.weight", (0, 1)).verdict == "wrong"
    assert session.study.slopes.of("output.weight", (0, 0)).verdict == "right"


def test_the_worst_come_first() -> None:
    session = Session(scenario("classes"))
    session.cursor.go(2)
    session.reader.look("hidden.weight.grad")[1, 2] *= 1.5
    slopes = answer(session.study.slopes.all("hidden.weight")).slopes
    rest = [slope.off for slope in slopes[1:] if slope.verdict == "right"]

    assert (slopes[0].verdict, slopes[0].index) == ("wrong", (1, 2))
    assert rest == sorted(rest, reverse=True)


def test_a_kink_is_told_with_its_op_and_its_cell() -> None:
    session = Session(parse(RELU, origin="relu.toml"))
    session.cursor.go(1)
    slope = session.study.slopes.of("hidden.weight", (0, 1))
    op = next(i for i in session.network.ops if i.output == "hidden.a")
    (kink,) = slope.kinks

    assert slope.verdict == "kink"
    assert (kink.op, kink.formula, kink.cell) == (op.number, op.formula, "hidden.a[h1] of sample 1")
    assert kink.reason.startswith("hidden.z[h1] of sample 1 changes sign, from −7")
    survey = answer(session.study.slopes.all("hidden.weight"))
    assert [one.verdict for one in survey.slopes] == ["kink", "kink", "right", "right"]
    assert (survey.size, survey.count("kink"), survey.count("wrong")) == (4, 2, 0)


def test_a_kink_of_the_loss_is_found_in_the_same_way() -> None:
    text = TEXTS["scores"].replace('loss = "cross_entropy"', 'loss = "mae"')
    text = text.replace("y = 0", "y = [1, 0]").replace("y = 1", "y = [0, 1]")
    text = text.replace("bias = false", "weight = [[0.4, 0.3], [0.1, 0.2]]\nbias = false")
    session = Session(parse(text, origin="mae.toml"))
    session.cursor.go(1)
    slope = session.study.slopes.of("output.weight", (0, 1))

    assert slope.verdict == "kink"
    (kink,) = slope.kinks
    assert kink.cell == "loss"
    assert "of sample 1 changes sign" in kink.reason


def test_a_kink_of_the_penalty_is_the_weight_itself() -> None:
    text = TEXTS["exam"].replace("[[0.6, 0.8]]", "[[0.0, 0.8]]") + "l1 = 0.1\n"
    session = Session(parse(text, origin="l1.toml"))
    session.cursor.go(1)
    slope = session.study.slopes.of("output.weight", (0, 0))

    assert slope.verdict == "kink"
    assert slope.kinks[0].reason.startswith("output.weight[0, 0] changes sign")


def test_a_kink_in_a_summand_names_the_summand() -> None:
    text = TEXTS["scores"].replace('loss = "cross_entropy"', 'loss = "hinge"')
    text = text.replace("y = 0", "y = [1, -1]").replace("y = 1", "y = [-1, 1]")
    # The margin of sample 1, first output: 1 − 1 × (0.4 × 1 + 0.3 × 2) = 0.
    text = text.replace("bias = false", "weight = [[0.4, 0.3], [0.1, 0.2]]\nbias = false")
    session = Session(parse(text, origin="hinge.toml"))
    session.cursor.go(1)
    (kink,) = session.study.slopes.of("output.weight", (0, 1)).kinks

    assert kink.cell == "loss"
    assert kink.reason.startswith("its slope is −")
    assert kink.reason.endswith("from output.a[left] of sample 1 and y[left] of sample 1"), (
        kink.reason
    )


def test_before_the_backward_pass_only_differences_are_known() -> None:
    session = Session(scenario("exam"))
    session.cursor.go(3, 4)
    slope = session.study.slopes.of("hidden.weight", (1, 0))
    assert (slope.gradient, slope.verdict) == (None, "pending")
    session.cursor.go(3)

    assert session.study.slopes.of("hidden.weight", (1, 0)).found.slope == pytest.approx(
        slope.found.slope, rel=1e-9
    )
    assert session.reader.look("hidden.weight.grad")[1, 0] == pytest.approx(
        slope.found.slope, rel=1e-9
    )


def test_after_a_change_in_the_middle_it_says_why_not() -> None:
    session = Session(scenario("exam"))
    numbers = {info.output: info.number for info in session.network.ops}
    session.cursor.go(1, numbers["hidden.z"])
    session.edit("hidden.z", (0,), 1.0)
    session.cursor.go(1)
    with pytest.raises(UsageError, match=r"hidden\.z was changed by hand after op 3 of this step"):
        session.study.slopes.of("hidden.weight", (0, 0))
    session.cursor.go(2)

    assert session.study.slopes.of("hidden.weight", (0, 0)).verdict == "right"


def test_what_is_no_number_of_a_parameter_is_refused() -> None:
    slopes = Session(scenario("exam")).study.slopes
    with pytest.raises(UsageError, match=r"no parameter 'hidden.wait' \(there are hidden.weight,"):
        slopes.of("hidden.wait", (0,))
    with pytest.raises(UsageError, match=r"has no cell \[2, 0\]: its shape is \(2, 2\)"):
        slopes.of("hidden.weight", (2, 0))


def test_numbers_gone_wrong_are_not_blamed_on_the_gradient() -> None:
    session = Session(scenario("diverging"))
    for step in range(1, 6):
        session.cursor.go(step)
        for slope in answer(session.study.slopes.all("output.weight")).slopes:
            assert slope.verdict != "wrong"


def test_the_session_is_as_it_was() -> None:
    session = Session(scenario("classes"))
    session.cursor.go(4, 20)
    before = picture(session), state(session), session.reader.look("loss").tobytes()
    for parameter in session.network.parameters:
        answer(session.study.slopes.all(parameter))
        session.study.slopes.of(parameter, (0,) * np.ndim(session.reader.look(parameter)))

    assert (picture(session), state(session), session.reader.look("loss").tobytes()) == before
    assert not math.isnan(float(session.reader.look("loss")))
