"""Time steps of a sequence at a position: what is known of the whole, and how it is written."""

from __future__ import annotations

import numpy as np
import pytest
from networks import scenario

from nntui.session.position import Depth
from nntui.session.session import Session


@pytest.fixture
def session() -> Session:
    return Session(scenario("memory"))


def number(session: Session, output: str) -> int:
    """Of the op that computes a tensor."""
    return next(info.number for info in session.network.ops if info.output == output)


@pytest.mark.parametrize("whole", ["hidden.c", "hidden.f", "hidden.z", "hidden.h"])
def test_of_a_sequence_the_time_steps_done_are_known(session: Session, whole: str) -> None:
    """Even in the second training step, whose memory holds the numbers of the first."""
    session.cursor.forward(Depth.STEP)
    for t in (1, 2, 3):
        step = whole.replace(".h", ".a") + f".t{t}"
        session.cursor.go(2, number(session, step))
        frame = session.frame
        values = np.array(frame.row(whole), dtype=object).reshape(3, -1)

        assert [all(v is None for v in row) for row in values] == [k > t for k in (1, 2, 3)]
        assert tuple(values[t - 1]) == frame.row(step)


def test_going_back_in_time_forgets_the_time_steps_after(session: Session) -> None:
    session.cursor.go(1, number(session, "hidden.c.t3"))
    session.cursor.go(1, number(session, "hidden.c.t1"))

    assert session.frame.value("hidden.c", 0, 0) is not None
    assert session.frame.value("hidden.c", 1, 0) is None


def test_an_expression_over_all_time_steps_waits_for_the_last(session: Session) -> None:
    session.watches.add("hidden.f.mean()")
    session.cursor.go(1, number(session, "hidden.f.t2"))
    assert session.frame.watches[0].value is None

    session.cursor.go(1, number(session, "hidden.f.t3"))
    assert session.frame.watches[0].value == session.reader.look("hidden.f").mean()


def test_the_size_of_the_gradient_can_be_watched(session: Session) -> None:
    session.watches.add("hidden.h.grad.norm[0] / hidden.h.grad.norm[2]")
    session.cursor.forward(Depth.STEP)
    value = session.frame.watches[0].value

    assert value is not None
    assert value > 0


@pytest.mark.parametrize(
    ("output", "start"),
    [
        ("hidden.z.t2", "z⟨2⟩₁ = "),
        ("hidden.f.t2", "f⟨2⟩₁ = σ("),
        ("hidden.c.t3", "c⟨3⟩₁ = "),
        ("gru.update.t1", "z⟨1⟩₁ = σ("),
        ("gru.a.t2", "h⟨2⟩₁ = (1 − "),
        ("hidden.c.t1.grad", "∂L/∂c⟨1⟩₁ = "),
        ("hidden.weight_hh.grad.t3", "∂L/∂wₕ⟨3⟩₁₁ = "),
        ("hidden.weight_hh.grad", "∂L/∂wₕ₁₁ = "),
    ],
)
def test_formulas_say_which_time_step_they_are_of(
    session: Session, output: str, start: str
) -> None:
    session.cursor.forward(Depth.STEP)

    assert session.reader.one_line(number(session, output), 0, 0).startswith(start)


def test_a_formula_in_symbols_tells_the_time_steps_apart(session: Session) -> None:
    session.cursor.go(1, number(session, "hidden.kept.t2"))
    explanation = session.frame.explanation

    assert explanation is not None
    assert "".join(token.text for token in explanation.lines[0]) == "kept⟨2⟩₁f⟨2⟩₁·c⟨1⟩₁"


def test_a_change_to_a_state_goes_on_through_time(session: Session) -> None:
    session.cursor.go(1, number(session, "hidden.a.t1"))
    session.edit("hidden.a.t1", (0,), 5.0)
    session.cursor.go(1, number(session, "hidden.z.t2"))
    z, x, h = (session.reader.look(f"hidden.{name}") for name in ("z.t2", "x.t2", "a.t1"))
    weights = [session.reader.look(f"hidden.{name}") for name in ("weight_ih", "weight_hh")]
    biases = session.reader.look("hidden.bias_ih") + session.reader.look("hidden.bias_hh")

    assert h[session.reader.sample, 0] == 5.0
    assert np.allclose(z, x @ weights[0].T + h @ weights[1].T + biases)
