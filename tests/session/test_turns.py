"""Whose turn it is: stepping from turn to turn, the parts of a turn, and who is frozen in them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from networks import TEXTS, scenario

from nntui.scenario import parse
from nntui.session.position import Depth
from nntui.session.session import Session
from nntui.session.turns import turn_at


def players(session: Session) -> list[tuple[str, int, int]]:
    return [(turn.player, turn.number, turn.of) for turn in session.network.turns]


def test_a_network_by_itself_has_no_turns() -> None:
    session = Session(scenario("exam"))

    assert session.network.turns == ()
    assert Depth.TURN not in session.network.depths
    session.cursor.depth = Depth.PHASE
    session.cursor.deepen(1)
    assert session.cursor.depth is Depth.STEP
    session.cursor.deepen(-1)
    assert session.cursor.depth is Depth.PHASE


def test_each_update_of_a_player_is_a_turn() -> None:
    assert players(Session(scenario("adversaries"))) == [
        ("discriminator", 1, 1),
        ("generator", 1, 1),
    ]
    assert players(Session(scenario("rivals"))) == [
        ("discriminator", 1, 2),
        ("discriminator", 2, 2),
        ("generator", 1, 1),
    ]


@pytest.mark.parametrize("name", ["adversaries", "rivals"])
def test_turns_are_stepped_over_and_back(name: str) -> None:
    session = Session(scenario(name))
    ends = [turn.last for turn in session.network.turns]
    assert ends[-1] == len(session.network.ops)
    expected = [(step, op) for step in (1, 2) for op in ends]
    seen = []
    for _ in expected:
        session.cursor.forward(Depth.TURN)
        seen.append((session.cursor.position.step, session.cursor.position.op))
    assert seen == expected

    for place in reversed(expected[:-1]):
        session.cursor.back(Depth.TURN)
        assert (session.cursor.position.step, session.cursor.position.op) == place


def test_into_and_finish_pass_through_the_turn() -> None:
    session = Session(scenario("adversaries"))
    session.cursor.depth = Depth.PHASE
    session.cursor.forward()
    session.cursor.finish()

    assert session.cursor.depth is Depth.TURN
    assert session.cursor.position.op == session.network.turns[0].last
    session.cursor.into()
    assert session.cursor.depth is Depth.PHASE


def test_the_parts_of_both_turns() -> None:
    session = Session(scenario("adversaries"))
    rivalry = session.network.rivalry
    assert rivalry is not None

    assert [(s.turn, s.text, s.frozen) for s in rivalry.stages] == [
        (0, "draw x and z", ""),
        (0, "make fakes G(z)", "generator"),
        (0, "judge: D(x), D(G(z))", ""),
        (0, "loss L_D", ""),
        (0, "∂ back through D", ""),
        (0, "update D", ""),
        (1, "draw z", ""),
        (1, "make fakes G(z)", ""),
        (1, "judge: D(G(z))", "discriminator"),
        (1, "loss L_G", ""),
        (1, "∂ back through D", "discriminator"),
        (1, "∂ back through G", ""),
        (1, "update G", ""),
    ]


@pytest.mark.parametrize("name", ["adversaries", "rivals"])
def test_the_parts_are_all_ops_of_a_turn_in_order(name: str) -> None:
    session = Session(scenario(name))
    rivalry = session.network.rivalry
    assert rivalry is not None
    for number, turn in enumerate(rivalry.turns):
        parts = [stage for stage in rivalry.stages if stage.turn == number]
        assert parts[0].first == turn.first
        assert all(a.last + 1 == b.first for a, b in pairwise(parts))
        assert session.network.ops[parts[-1].last - 1].phase == "update"
        assert {op.phase for op in session.network.ops[parts[-1].last : turn.last]} <= {"loss"}


def test_what_the_rivals_fight_over() -> None:
    rivalry = Session(scenario("adversaries")).network.rivalry
    assert rivalry is not None

    assert rivalry.is_plane
    assert rivalry.fakes == {
        "generator": "generator.output.a",
        "discriminator": "generator.output.frozen.a",
    }
    assert rivalry.labels == (0.9, 0.0)
    assert rivalry.judged == "discriminator.output.frozen.a"
    assert rivalry.losses == {
        "discriminator": "discriminator.loss",
        "generator": "generator.loss",
    }
    assert len(rivalry.data) == 7


def test_before_the_first_op_it_is_the_first_players_turn() -> None:
    turns = Session(scenario("adversaries")).network.turns

    assert turn_at(turns, 0) is turns[0]
    assert turn_at(turns, turns[0].last) is turns[0]
    assert turn_at(turns, turns[1].first) is turns[1]
    assert turn_at((), 3) is None


def test_the_halves_of_the_loss_of_d_add_up_to_it() -> None:
    session = Session(scenario("adversaries"))
    assert session.arena is not None
    assert session.arena.duel.halves == (None, None)
    op = next(op.number for op in session.network.ops if op.output == "discriminator.loss")
    session.cursor.go(3, op)
    real, fake = session.arena.duel.halves

    assert real is not None
    assert fake is not None
    assert real + fake == pytest.approx(float(session.reader.look("discriminator.loss")), rel=1e-12)
    assert real > 0.3  # with a label of 0.9 there is always some surprise left


def test_the_halves_and_the_penalty_add_up_to_the_loss_of_d() -> None:
    plan = parse(f"{TEXTS['adversaries']}l1 = 0.03\nl2 = 0.2\n", origin="penalty.toml")
    session = Session(plan)
    assert session.arena is not None
    assert session.arena.duel.penalty is None
    op = next(op.number for op in session.network.ops if op.output == "discriminator.loss")
    session.cursor.go(3, op)
    duel = session.arena.duel
    weights = [session.reader.look(f"discriminator.{name}.weight") for name in ("hidden", "output")]

    assert duel.penalty is not None
    assert duel.penalty == pytest.approx(
        sum(0.03 * np.abs(w).sum() + 0.1 * np.square(w).sum() for w in weights), rel=1e-12
    )
    assert None not in duel.halves
    assert sum(duel.halves) + duel.penalty == pytest.approx(
        float(session.reader.look("discriminator.loss")), rel=1e-12
    )


def test_the_chance_is_what_d_says_of_the_shown_sample() -> None:
    session = Session(scenario("rivals"))  # its D answers with logits
    assert session.arena is not None
    batch, look = 4, session.reader.look
    judged = {op.output: op.number for op in session.network.ops}
    first = next(op.number for op in session.network.ops if op.output == "discriminator.real")
    session.cursor.go(2, first - 1)
    assert session.arena.chance(0) is None
    session.cursor.go(2, judged["discriminator.fake"])
    for sample in range(2 * batch):
        answers = look("discriminator.real" if sample < batch else "discriminator.fake")
        expected = 1 / (1 + np.exp(-answers[sample % batch, 0]))
        assert session.arena.chance(sample) == pytest.approx(float(expected), rel=1e-12)

    session.cursor.go(2, judged["generator.latent"])
    assert session.arena.chance(1) is None
    session.cursor.go(2, judged["generator.loss"])
    expected = 1 / (1 + np.exp(-look("discriminator.output.frozen.a")[1, 0]))
    assert session.arena.chance(1) == session.arena.chance(1 + batch)
    assert session.arena.chance(1) == pytest.approx(float(expected), rel=1e-12)


def test_the_field_changes_when_d_learns_and_only_then() -> None:
    session = Session(scenario("adversaries"))
    assert session.arena is not None
    first, second = session.network.turns
    seen = []
    for step, op in ((1, 0), (1, first.first + 3), (1, first.last), (1, second.last), (2, 3)):
        session.cursor.go(step, op)
        seen.append(session.arena.field(5, 4))

    assert seen[0] == seen[1] != seen[2]
    assert seen[2] == seen[3] == seen[4]
    session.cursor.go(1, 0)
    assert session.arena.field(5, 4) == seen[0]
