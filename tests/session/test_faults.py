"""A number that is not finite is named with the op, the index, and the inputs that made it."""

from __future__ import annotations

import math

import pytest

from nntui.engine.ops.kind import Operand, Term, Terms
from nntui.scenario import parse
from nntui.session.blame import culprits
from nntui.session.position import Depth
from nntui.session.session import Session

TEXT = """\
title = "Faults"
[data]
inputs = ["a", "b"]
outputs = ["y"]
rows = [{{ x = {x}, y = [1] }}]
[[layers]]
name = "hidden"
type = "dense"
units = 2
activation = "{activation}"
weight = {weight}
bias = [0, 0]
[[layers]]
name = "output"
type = "dense"
units = 1
weight = [[1, -1]]
[training]
loss = "mse"
optimizer = {{ type = "sgd", lr = 0.1 }}
batch_size = 1
epochs = 3
"""


def fault(x: str, weight: str, activation: str = "linear") -> str:
    """What is said where a run has stopped."""
    text = TEXT.format(x=x, weight=weight, activation=activation)
    session = Session(parse(text, origin="faults.toml"))
    session.player.run(float("inf"))
    return session.frame.fault


def test_an_overflow_names_its_factors() -> None:
    assert fault("[1e200, 1]", "[[1, 1], [1e200, 1]]") == (
        "hidden.z[h2] of sample 1 became inf (op 3, affine)"
        " from hidden.weight[1, 0] = 1·10²⁰⁰, x[0] = 1·10²⁰⁰"
    )


def test_infinity_minus_infinity_names_both() -> None:
    where, _, inputs = fault("[1e200, 1e200]", "[[1e200, -1e200], [1, 1]]").partition(" from ")
    assert where.startswith("hidden.z[h1] of sample 1 became ")
    assert inputs == (
        "hidden.weight[0, 0] = 1·10²⁰⁰, x[0] = 1·10²⁰⁰, "
        "hidden.weight[0, 1] = −1·10²⁰⁰, x[1] = 1·10²⁰⁰"
    )


def test_an_infinity_by_hand_is_the_culprit() -> None:
    session = Session(parse(TEXT.format(x="[1, 2]", weight="[[1, 1], [1, 1]]",
                                        activation="tanh"), origin="faults.toml"))  # fmt: skip
    session.cursor.go(1, 2)
    session.edit("hidden.weight", (0, 1), float("-inf"))
    session.cursor.forward(Depth.OP)
    assert session.frame.fault.endswith("(op 3, affine) from hidden.weight[0, 1] = −∞")


@pytest.mark.parametrize(
    ("x", "weight"),
    [("[1e200, 1]", "[[1, 1], [1e200, 1]]"), ("[1e200, 1e200]", "[[1e200, -1e200], [1, 1]]")],
)
def test_a_fault_that_is_asked_for_later_names_its_inputs_as_they_were(x: str, weight: str) -> None:
    session = Session(
        parse(TEXT.format(x=x, weight=weight, activation="linear"), origin="faults.toml")
    )
    session.cursor.go(1)
    assert not math.isfinite(session.frame.value("hidden.weight", 0, 0))
    assert session.frame.fault == fault(x, weight)
    session.cursor.back(Depth.OP)
    assert session.frame.fault == fault(x, weight)


def test_what_is_edited_after_a_fault_is_not_blamed_for_it() -> None:
    text = TEXT.format(x="[1e200, 1]", weight="[[1, 1], [1e200, 1]]", activation="linear")
    session = Session(parse(text, origin="faults.toml"))
    session.cursor.go(1, 3)
    session.edit("hidden.weight", (1, 0), 3.0)
    assert session.frame.fault == fault("[1e200, 1]", "[[1, 1], [1e200, 1]]")
    session.cursor.go(1)
    assert session.frame.fault == fault("[1e200, 1]", "[[1, 1], [1e200, 1]]")


def cell(value: float, name: str) -> Operand:
    return Operand(value, name, (0,))


def test_the_worst_terms_are_told_from_the_rest() -> None:
    inf, nan = float("inf"), float("nan")
    small, big = cell(1.0, "small"), cell(1e200, "big")
    minus, bad = cell(-1e200, "minus"), cell(nan, "bad")

    def named(*terms: Term) -> list[str]:
        return [c.tensor for c in culprits(Terms(terms, nan))]

    plain = Term((small,), "{0}", 1.0)
    up, down = Term((big, big), "{0} × {1}", inf), Term((minus, big), "{0} × {1}", -inf)
    assert named(plain, up, up, down) == ["big", "minus"]
    assert named(plain, up, Term((bad,), "{0}", nan)) == ["bad"]
    assert named(plain, Term((big,), "{0}", 1e308), Term((minus,), "{0}", 2.0)) == ["big", "minus"]
    hidden = Operand(2.0, origin=Term((small,), "{0}", 1.0))
    assert named(Term((hidden,), "log({0})", -inf)) == ["small"]
