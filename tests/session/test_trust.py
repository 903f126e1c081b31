"""The check of the current step's gradients: right, wrong, bent, edited, and quick."""

from __future__ import annotations

import math

import numpy as np
import pytest
from networks import LEARNING, TEXTS, scenario

from nntui.engine.trainer import Trainer
from nntui.scenario import load, parse
from nntui.session import shadow
from nntui.session.now import Now
from nntui.session.position import Depth
from nntui.session.session import Session
from nntui.session.trust import Checker, difference


def backward_done(session: Session, step: int) -> None:
    """Go to the end of a step's backward pass."""
    last = max(i.number for i in session.network.ops if i.phase == "backward")
    session.cursor.go(step, last)


@pytest.mark.parametrize("name", LEARNING)
@pytest.mark.parametrize("step", [1, 2, 5])
def test_gradients_are_right_in_every_network(name: str, step: int) -> None:
    session = Session(scenario(name))
    backward_done(session, step)

    assert session.trust.startswith("∇ ✓ ")
    off = float(session.trust.split()[2])
    assert off < (1e-6 if name == "curve" else 1e-8)


def test_it_is_silent_until_the_backward_pass_is_complete() -> None:
    session = Session(scenario("exam"))
    last = max(i.number for i in session.network.ops if i.phase == "backward")
    said = []
    for op in range(len(session.network.ops) + 1):
        session.cursor.go(1, op)
        said.append(bool(session.trust))

    assert said == [op >= last for op in range(len(said))]


def test_a_wrong_gradient_is_found() -> None:
    session = Session(scenario("exam"))
    backward_done(session, 2)
    session.reader.look("hidden.weight.grad")[0, 0] += 1e-3

    assert session.trust.startswith("∇ ✗ ")


def test_every_element_comes_up_in_time() -> None:
    session = Session(scenario("classes"))
    seen = set()
    for step in range(1, 16):
        backward_done(session, step)
        checker = Checker(session.timeline.now, lambda _: True)
        parameters = session.trainer.program.parameters
        seen |= {(p.name, index) for p, index in checker._elements(parameters)}

    assert len(seen) == session.trainer.program.size


def test_an_edit_in_the_middle_of_the_pass_is_said() -> None:
    session = Session(scenario("exam"))
    numbers = {info.output: info.number for info in session.network.ops}
    session.cursor.go(1, numbers["hidden.z"])
    session.edit("hidden.z", (0,), 1.0)
    backward_done(session, 1)
    assert session.trust == "∇ edited"

    session.undo()
    backward_done(session, 1)
    assert session.trust.startswith("∇ ✓ ")


@pytest.mark.parametrize("output", ["hidden.weight", "output.weight"])
def test_an_edit_after_the_gradients_leaves_them_right(output: str) -> None:
    """Before the update of what is edited, between the updates, and after all of them."""
    backward = max(i.number for i in Session(scenario("exam")).network.ops if i.phase == "backward")
    for later in range(5):
        session = Session(scenario("exam"))
        backward_done(session, 1)
        found = session.trust
        session.cursor.go(1, backward + later)
        session.edit(output, (0, 0), 2.5)
        assert session.trust == found
        session.cursor.go(1)
        assert session.trust == found
        assert session.study.slopes.of("hidden.weight", (0, 0)).verdict == "right"


def test_a_gradient_that_is_edited_is_that_of_no_loss() -> None:
    session = Session(scenario("exam"))
    backward_done(session, 1)
    session.edit("hidden.weight.grad", (0, 0), 2.5)
    assert session.trust == "∇ edited"
    session.cursor.go(1)
    assert session.trust == "∇ edited"


def test_shadows_of_one_run_share_a_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    monkeypatch.setattr(shadow, "Trainer", lambda *given: made.append(given) or Trainer(*given))
    session = Session(scenario("adversaries"))
    for player in ("discriminator", "generator"):
        turn = (i for i in session.network.ops if i.phase == "backward" and i.player == player)
        session.cursor.go(1, max(i.number for i in turn))
        assert session.trust.startswith("∇ ✓ ")

    assert len(made) == 1


def test_an_edit_before_the_step_is_part_of_it() -> None:
    session = Session(scenario("exam"))
    session.edit("hidden.weight", (0, 0), 2.0)
    backward_done(session, 1)
    assert session.trust.startswith("∇ ✓ ")


def test_kinks_are_left_out_and_counted() -> None:
    text = TEXTS["exam"].replace(
        'units = 2\nactivation = "sigmoid"', 'units = 2\nactivation = "relu"'
    )
    text = text.replace("weight = [[0.2, 0.3], [0.1, 0.4]]\nbias = [0.5, 0.1]",
                        "weight = [[0.7, -0.3], [0.1, 0.4]]\nbias = [0.0, 0.1]")  # fmt: skip
    session = Session(parse(text, origin="exam.toml"))
    backward_done(session, 1)

    assert session.reader.look("hidden.z")[0, 0] == pytest.approx(0.0, abs=1e-12)
    assert session.trust.startswith("∇ ✓ ")
    assert session.trust.endswith("(3 kinks)")


def test_a_run_that_diverges_is_not_blamed_on_the_gradient() -> None:
    session = Session(scenario("diverging"))
    for step in range(1, 6):
        backward_done(session, step)
        assert "✗" not in session.trust


def test_the_training_is_not_touched() -> None:
    watched, plain = Session(load("iris")), Session(load("iris"))
    for step in range(1, 8):
        for session in (watched, plain):
            session.cursor.go(step)
        assert watched.trust
        assert np.array_equal(watched.trainer.state.vector, plain.trainer.state.vector)
        assert np.array_equal(watched.reader.look("hidden.a"), plain.reader.look("hidden.a"))


def test_an_answer_is_kept_for_its_step(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(scenario("exam"))
    backward_done(session, 1)
    first = session.trust
    monkeypatch.setattr(Checker, "_check", lambda *_: pytest.fail("checked again"))
    session.cursor.forward(Depth.OP)

    assert session.trust == first


def test_a_change_that_is_still_to_come_says_nothing_of_the_gradients_before_it() -> None:
    session = Session(scenario("exam"))
    backward_done(session, 1)
    op, first = session.cursor.position.op, session.trust
    session.cursor.forward(Depth.OP)
    session.edit("output.weight", (0, 0), 1.0)
    session.cursor.go(1, op)

    assert session.trust == first
    assert session.study.slopes.of("output.weight", (0, 0)).verdict == "right"


def test_nothing_to_compare_is_no_answer() -> None:
    run = scenario("scores")
    trainer = Trainer(run.model, run.data)
    now = Now(trainer)
    now.advance(len(trainer.program.ops))
    checker = Checker(now, lambda _: True)
    trainer.gradients[...] = math.nan

    assert checker.check(()) == "∇ –"


@pytest.mark.parametrize(
    ("f", "slope"),
    [(math.exp, 1.0), (lambda x: 3 * x + 1, 3.0), (lambda x: x * x, 0.0), (math.sin, 1.0)],
)
def test_differences_of_what_is_smooth(f, slope: float) -> None:
    found = difference(f, 1e-4, 1.0)

    assert not found.kink
    assert abs(found.slope - slope) < 1e-10


@pytest.mark.parametrize("at", [0.0, 1e-5, -6e-5])
def test_kinks_close_by_are_seen(at: float) -> None:
    assert difference(lambda x: max(x - at, 0.0), 1e-4, 1.0).kink


def test_a_kink_further_away_does_not_matter() -> None:
    found = difference(lambda x: max(x - 2e-4, 0.0), 1e-4, 1.0)

    assert (found.kink, found.slope) == (False, 0.0)
