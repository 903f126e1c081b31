"""The bundled scenarios in which something goes wrong: it does, and in the way they say."""

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from nntui.engine.machine import parameters_of
from nntui.engine.trainer import Trainer, quiet
from nntui.scenario import Scenario, load, parse
from nntui.session.session import Session

LN2 = math.log(2)


def run(scenario: Scenario) -> Trainer:
    """A run after its own epochs."""
    trainer = Trainer(scenario.model, scenario.data)
    step = trainer.runner()
    with quiet():
        for k in range(1, scenario.model.epochs * trainer.steps_per_epoch + 1):
            step(k)
    return trainer


@cache
def finished(name: str) -> Trainer:
    return run(load(name))


def loss(trainer: Trainer) -> float:
    return trainer.evaluate(trainer.dataset.train).loss


def weights(trainer: Trainer, name: str) -> np.ndarray:
    return parameters_of(trainer.state)[name]


def look(session: Session, expression: str) -> float:
    """The value of an expression where a session stands."""
    value = session.breakpoints.parse(expression).scalar(session.scene)
    assert value is not None
    return value


def changed(name: str, tensor: str, index: tuple[int, ...], value: float, step: int) -> Session:
    """A session in which a number was changed, before the first step or after another one."""
    session = Session(load(name))
    session.cursor.go(max(step, 1), None if step else 0)
    session.edit(tensor, index, value)
    return session


# -- dying relu ------------------------------------------------------------------------------------


def test_dying_relu_stops_where_seven_die() -> None:
    session = Session(load("dying_relu"))
    for text in session.scenario.breakpoints:
        session.breakpoints.add(text)
    session.player.run(math.inf)

    assert session.cursor.position.step == 4
    assert session.frame.op is not None
    assert session.frame.op.output == "hidden.a"
    assert look(session, "dead(hidden)") == 7


def test_dying_relu_was_well_before_and_never_is_again() -> None:
    session = Session(load("dying_relu"))
    losses = []
    for step in (1, 2, 3, 4):
        session.cursor.go(step)
        losses.append(round(look(session, "loss"), 2))
        assert look(session, "dead(hidden)") == (7 if step == 4 else 0)
    assert losses == [0.62, 0.51, 1.12, 2.29]

    for step in (20, 199, 200):
        session.cursor.go(step)
        assert look(session, "dead(hidden)") == 8
        assert look(session, "hidden.weight.grad.norm()") == 0
        assert look(session, "loss") == pytest.approx(1.044, abs=1e-3)
    assert abs(look(session, "output.bias[0]")) == pytest.approx(1.776, abs=1e-3)


def test_dying_relu_is_pushed_down_by_one_update() -> None:
    session = Session(load("dying_relu"))
    session.cursor.go(3)

    assert look(session, "hidden.bias.grad.min()") > 0.155
    assert look(session, "hidden.bias.grad.max()") < 0.585
    assert look(session, "hidden.bias.min()") == pytest.approx(-5.2, abs=0.05)
    assert look(session, "hidden.bias.max()") == pytest.approx(-1.6, abs=0.05)


def test_dying_relu_is_not_cured_by_a_smaller_rate_afterwards() -> None:
    session = changed("dying_relu", "lr", (), 1.0, step=20)
    session.cursor.go(100)

    assert look(session, "dead(hidden)") == 8
    assert look(session, "loss") == pytest.approx(LN2, abs=1e-6)


def test_dying_relu_is_cured_by_a_smaller_rate_from_the_start() -> None:
    session = changed("dying_relu", "lr", (), 1.0, step=0)
    session.cursor.go(200)

    assert look(session, "dead(hidden)") == 0
    assert look(session, "loss") < 0.06


def test_dying_relu_can_be_compared_as_its_last_note_says() -> None:
    session = Session(load("dying_relu"))
    for text in session.scenario.breakpoints:
        session.breakpoints.add(text)
    note = session.scenario.notes[-1].text
    assert note.index("0, :disable 1 and c; then 0, :whatif lr = 1 and c.") > 0

    session.breakpoints.toggle(1)
    session.player.run(math.inf)
    session.restart()
    session.edit("lr", (), 1.0, "lr=1")
    session.player.run(math.inf)

    assert [branch.frontier[0] for branch in session.timeline.branches.values()] == [200, 200]


# -- explosion -------------------------------------------------------------------------------------


def test_explosion_and_its_cure_differ_in_the_rate() -> None:
    sick, cured = Session(load("explode")), Session(load("explode_cured"))
    for session in (sick, cured):
        session.cursor.go(1)

    assert sick.frame.loss == cured.frame.loss
    for name in ("hidden.weight.grad", "output.bias.grad"):
        assert np.array_equal(sick.reader.look(name), cured.reader.look(name))


def test_explosion_triples_the_digits_of_the_loss() -> None:
    session = Session(load("explode"))
    digits = []
    for step in range(2, 7):
        session.cursor.go(step)
        digits.append(math.log10(look(session, "loss")))

    assert all(2.5 < later / earlier < 3.6 for earlier, later in pairwise(digits))


def test_explosion_can_be_stopped_before() -> None:
    session = Session(load("explode"))
    session.breakpoints.add("loss > 3 * prev(loss)")
    session.player.run(math.inf)

    assert session.cursor.position.step == 2
    assert not session.frame.fault


def test_explosion_cured_learns() -> None:
    assert finished("explode_cured").is_finite
    assert loss(finished("explode_cured")) == pytest.approx(0.197, abs=1e-3)


@pytest.mark.parametrize(("rate", "finite"), [(0.1, True), (0.2, False)])
def test_explosion_has_an_edge(rate: float, finite: bool) -> None:
    source = load("explode_cured").source
    assert "lr = 0.01" in source
    trainer = run(parse(source.replace("lr = 0.01", f"lr = {rate}"), origin="edge"))

    assert trainer.is_finite is finite


# -- symmetry --------------------------------------------------------------------------------------


def test_symmetry_of_zeros_moves_nothing() -> None:
    trainer = finished("symmetry")

    assert not trainer.state.vectors["theta"].any()
    assert loss(trainer) == LN2


def test_symmetry_of_halves_keeps_four_copies() -> None:
    trainer = finished("symmetry_half")
    hidden = weights(trainer, "hidden.weight")

    assert len(np.unique(hidden)) == 1
    assert hidden[0, 0] != 0.5
    assert len(np.unique(weights(trainer, "output.weight"))) == 1
    assert loss(trainer) == pytest.approx(0.4863, abs=1e-4)


def test_symmetry_is_broken_by_one_number() -> None:
    session = changed("symmetry_half", "hidden.weight", (0, 0), 0.6, step=0)
    session.cursor.go(500)
    assert look(session, "loss") < 0.012

    session = changed("symmetry_half", "hidden.weight", (0, 0), 0.501, step=0)
    session.cursor.go(500)
    assert look(session, "loss") > 0.48


# -- local minimum ---------------------------------------------------------------------------------


def test_local_minimum_is_half_of_ln2() -> None:
    trainer = finished("local_minimum")
    answers = trainer.predict(trainer.dataset.train)[:, 0]

    assert LN2 / 2 < loss(trainer) < LN2 / 2 + 0.002
    np.testing.assert_allclose(answers, [0, 1, 0.5, 0.5], atol=0.002)


def test_local_minimum_depends_on_the_seed() -> None:
    source = load("local_minimum").source
    comment = next(line for line in source.splitlines() if line.startswith("seed "))
    named = [int(word) for word in comment.partition("learn it:")[2].split()]
    learned = []
    for seed in range(20):
        trainer = run(parse(source.replace(comment, f"seed = {seed}"), origin="seeds"))
        if trainer.evaluate(trainer.dataset.train).accuracy == 1:
            learned.append(seed)

    assert learned == named
    assert 1 in learned
    assert 20 - len(learned) == 11


# -- input scale -----------------------------------------------------------------------------------


def test_input_scale_is_all_that_differs_from_spiral() -> None:
    small, large = load("input_scale"), load("spiral")

    assert repr(small.model) == repr(large.model)
    np.testing.assert_allclose(5 * small.data.train.x, large.data.train.x)
    assert np.array_equal(small.data.train.y, large.data.train.y)


def test_input_scale_decides() -> None:
    small, large = finished("input_scale"), finished("spiral")

    assert 0.5 < (small.evaluate(small.dataset.train).accuracy or 0) < 0.65
    assert (large.evaluate(large.dataset.train).accuracy or 0) > 0.98


def test_input_scale_keeps_tanh_straight() -> None:
    for name, spread in (("input_scale", 0.06), ("spiral", 6.1)):
        session = Session(load(name))
        session.cursor.go(3000)
        beyond = (np.abs(session.reader.look("hidden1.a")) > 0.9).mean()

        assert look(session, "hidden1.z.std()") == pytest.approx(spread, rel=0.1)
        assert (beyond > 0.4) if name == "spiral" else beyond == 0
