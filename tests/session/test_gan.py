"""Two adversaries at the cursor: whose turn it is, what the picture shows, what one can ask."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from networks import TEXTS, scenario

from nntui.scenario import load, parse
from nntui.session.position import Depth
from nntui.session.session import Session
from nntui.session.turns import turn_at, turns_of


def after(session: Session, output: str, step: int = 2) -> Session:
    """The session, gone to right after the last op that computes a tensor."""
    op = max(i.number for i in session.network.ops if i.output == output)
    session.cursor.go(step, op)
    return session


def test_a_feed_forward_network_has_no_arena() -> None:
    assert Session(scenario("exam")).arena is None


def test_the_picture_knows_no_more_than_the_cursor_has_reached() -> None:
    session = Session(scenario("adversaries"))
    session.cursor.go(1, 0)
    start = session.arena.duel
    assert (start.player, start.reals, start.fakes, start.arrows) == ("", (), (), ())
    assert start.losses == {"generator": None, "discriminator": None}

    real = after(session, "x", 1).arena.duel
    assert (real.player, len(real.reals), real.fakes) == ("discriminator", 3, ())

    judged = after(session, "discriminator.loss", 1).arena.duel
    assert len(judged.fakes) == 3
    assert judged.losses["discriminator"] is not None
    assert judged.losses["generator"] is None
    assert judged.arrows == ()


def test_arrows_point_downhill_from_the_fakes_of_the_generator() -> None:
    session = after(Session(scenario("adversaries")), "generator.output.a.grad")
    duel = session.arena.duel

    assert duel.player == "generator"
    np.testing.assert_array_equal(duel.fakes, session.reader.look("generator.output.a"))
    np.testing.assert_array_equal(duel.arrows, -session.reader.look("generator.output.a.grad"))


@pytest.mark.parametrize("name", ["adversaries", "rivals"])
def test_the_field_is_what_d_says_at_the_cursor(name: str) -> None:
    session = Session(scenario(name))
    session.cursor.go(3, 0)
    left, bottom, right, top = session.arena.bounds
    field = session.arena.field(4, 3)
    x = np.array([[left + (right - left) / 8, top - (top - bottom) / 6]])
    a = x
    stack = session.trainer.model.stacks["discriminator"]
    for layer in (each for each in stack if each.type == "dense"):
        weight = session.trainer.state.vectors["theta"]
        of = {p.name: p.view(weight) for p in session.trainer.program.parameters}
        z = a @ of[f"{layer.name}.weight"].T + of[f"{layer.name}.bias"]
        kinds = {"tanh": np.tanh, "leaky_relu": lambda z: np.maximum(z, 0.01 * z)}
        a = kinds.get(layer.activation.type, lambda z: 1 / (1 + np.exp(-z)))(z)

    assert len(field) == 3
    assert {len(row) for row in field} == {4}
    assert field[0][0] == pytest.approx(a.item(), rel=1e-12)


def test_looking_at_the_field_changes_nothing() -> None:
    looked, plain = Session(scenario("rivals")), Session(scenario("rivals"))
    for session in (looked, plain):
        session.cursor.go(3, 20)
        if session is looked:
            session.arena.field(5, 5)
        session.cursor.go(9, 0)

    assert looked.trainer.state.vector.tobytes() == plain.trainer.state.vector.tobytes()


def test_the_turn_is_counted_where_a_player_has_several() -> None:
    session = Session(scenario("rivals"))
    noise = [i.number for i in session.network.ops if i.kind == "noise"]
    seen = []
    for number in noise:
        session.cursor.go(1, number)
        turn = turn_at(session.network.rivalry.turns, number)
        seen.append((session.arena.duel.player, turn.number))

    assert seen == [("discriminator", 1), ("discriminator", 2), ("generator", 1)]


def test_a_turn_is_several_phases_and_a_step_both_turns() -> None:
    session = Session(scenario("adversaries"))
    session.cursor.go(1, 0)
    seen = []
    while session.cursor.position.step == 1 and not session.cursor.boundaries.whole(
        session.cursor.position
    ):
        session.cursor.forward(Depth.PHASE)
        info = session.network.ops[session.cursor.position.op - 1]
        seen.append((info.player, info.phase))
    phases = ["data", "forward", "loss", "backward", "update"]

    assert seen == [
        *(("discriminator", phase) for phase in phases),
        *(("generator", phase) for phase in [*phases, "loss"]),
    ]


def test_measures_are_kept_from_step_to_step_and_travel_in_time() -> None:
    session = Session(scenario("adversaries"))
    ends = {}
    for step in range(1, 10):
        session.cursor.go(step, len(session.network.ops))
        ends[step] = session.arena.duel.divergence
    assert len(set(ends.values())) > 1
    for step in (1, 5, 9):
        measured = [ends[s] for s in range(step, min(step + 4, 10))]
        assert len(set(measured)) == 1
    session.cursor.go(3, 0)
    assert session.arena.duel.divergence == ends[2]


def test_an_edit_of_a_players_rate_counts_for_that_player_only() -> None:
    session, plain = Session(scenario("adversaries")), Session(scenario("adversaries"))
    session.cursor.go(1, 0)
    session.edit("generator.lr", (), 0.0)
    for each in (session, plain):
        each.cursor.go(1, len(each.network.ops))
    read, other = session.reader.look, plain.reader.look

    assert session.frame.rates == {"discriminator.lr": 0.05, "generator.lr": 0.0}
    np.testing.assert_array_equal(
        read("discriminator.hidden.weight"), other("discriminator.hidden.weight")
    )
    assert not np.array_equal(read("generator.hidden.weight"), other("generator.hidden.weight"))
    np.testing.assert_array_equal(
        read("generator.hidden.weight"),
        Session(scenario("adversaries")).reader.look("generator.hidden.weight"),
    )


def test_a_frozen_player_is_not_moved_in_the_others_turn() -> None:
    session = Session(scenario("adversaries"))
    ops = session.network.ops
    for info in ops:
        if info.phase in ("backward", "update") and info.output.endswith((".weight", ".bias")):
            assert info.output.startswith(info.player)
    gradients = {i.output for i in ops if i.phase == "backward" and i.player == "generator"}
    assert not any(g.startswith("discriminator.") and ".weight" in g for g in gradients)
    assert "generator.output.a.grad" in gradients


def test_a_breakpoint_on_a_player_stops_at_each_of_its_turns() -> None:
    session = Session(scenario("adversaries"))
    session.breakpoints.add("generator")
    noise = next(i.number for i in session.network.ops if i.output == "generator.latent")
    for step in (1, 2, 3):
        session.player.run(float("inf"))
        assert (session.cursor.position.step, session.cursor.position.op) == (step, noise)


@pytest.mark.parametrize("name", ["adversaries", "rivals"])
@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_a_weight_moved_because_of_its_own_players_loss(name: str, player: str) -> None:
    """Also through a discriminator that has been updated in the same step."""
    session = Session(scenario(name))
    session.cursor.go(3, len(session.network.ops))
    loss = f"L_{player[0].upper()}"
    for index in np.ndindex(2, 1):
        why = session.reader.why(f"{player}.hidden.weight", tuple(map(int, index)))

        assert why.moved
        assert loss in why.chain[1].written
        assert why.gradient_off <= 1e-15
        for hop in why.chain:
            if hop.paths == 1 and hop.part is not None:
                assert hop.part == pytest.approx(1.0, rel=1e-12), hop


def test_why_is_told_from_the_numbers_of_the_turn_at_hand() -> None:
    """Wherever in a step with several turns of a player one asks."""
    rule = 'optimizer = { type = "adagrad", lr = 0.1, lr_decay = 0.2 }'
    session = Session(parse(re.sub("optimizer = .*", rule, TEXTS["rivals"]), origin="a.toml"))
    second = next(t for t in turns_of(session.network.ops) if t.number == 2)
    for op in range(len(session.network.ops) + 1):
        session.cursor.go(2, op)
        for parameter in ("discriminator.hidden.weight", "generator.hidden.weight"):
            why = session.reader.why(parameter, (0, 0))

            assert max(why.change_off, why.gradient_off) <= 1e-15, (op, parameter)
            for hop in why.chain:
                if hop.paths == 1 and hop.part is not None:
                    assert hop.part == pytest.approx(1.0, rel=1e-12), (op, hop)
    session.cursor.go(2, second.first)
    why = session.reader.why("discriminator.hidden.weight", (0, 0))
    now = session.reader.look("discriminator.hidden.weight")[0, 0]
    assert (why.gradient, why.moved, why.before) == (None, False, now)


def test_a_gradient_is_checked_in_the_turn_that_computes_it() -> None:
    rule = 'optimizer = { type = "sgd", lr = 0.3 }'
    session = Session(parse(re.sub("optimizer = .*", rule, TEXTS["rivals"]), origin="a.toml"))
    turns = [t for t in turns_of(session.network.ops) if t.player == "discriminator"]
    for name, index in (
        ("discriminator.output.weight", (0, 1)),
        ("discriminator.output.bias", (0,)),
    ):
        for turn in turns:
            made = session.network.ops[turn.first - 1 : turn.last]
            made_at = max(op.number for op in made if op.output == f"{name}.grad")
            for op in range(turn.first, turn.last + 1):
                session.cursor.go(2, op)
                verdict = session.study.slopes.of(name, index).verdict

                assert verdict == ("pending" if op < made_at else "right"), (name, op)


def test_what_an_earlier_turn_has_found_is_not_what_a_later_one_finds() -> None:
    session = Session(scenario("rivals"))
    second = next(t for t in turns_of(session.network.ops) if t.number == 2)
    session.cursor.go(2, second.first - 1)
    assert None not in session.arena.duel.halves
    assert session.arena.chance(0) is not None

    session.cursor.go(2, second.first)
    assert session.arena.duel.halves == (None, None)
    assert session.arena.duel.losses["discriminator"] is None
    assert session.arena.chance(0) is None

    session.cursor.go(2, second.last)
    assert None not in session.arena.duel.halves
    session.cursor.go(2, second.last + 1)
    assert None not in session.arena.duel.halves


def test_nothing_is_said_of_samples_that_have_not_been_measured() -> None:
    session = Session(scenario("adversaries"))
    session.watches.add("js")
    session.breakpoints.add("modes < 4")
    session.cursor.forward(Depth.OP)
    assert session.frame.watches[0].value is None
    assert math.isnan(session.arena.duel.divergence)

    session.player.play(Depth.STEP)
    assert session.network.ops[session.cursor.position.op - 1].output == "modes"
    session.cursor.go(2, 0)
    assert session.frame.watches[0].value is not None


def test_a_number_gone_wrong_is_blamed_on_the_turn_that_made_it() -> None:
    text = re.sub("optimizer = .*", 'optimizer = { type = "sgd", lr = 1e160 }', TEXTS["rivals"])
    text = re.sub("(schedule|clip_norm) = .*\n", "", text).replace("leaky_relu", "linear")
    runs = []
    for depth in (Depth.OP, Depth.TURN, Depth.STEP):
        session = Session(parse(text, origin="big.toml"))
        while session.frame.fault == "" and session.cursor.position.step < 4:
            session.cursor.forward(depth)
        runs.append(session.frame.fault.partition(" from ")[0])

    assert runs[0]
    assert runs == [runs[0]] * 3


def _lines(session: Session) -> list[str]:
    explanation = session.frame.explanation
    assert explanation is not None
    return ["".join(token.text for token in line) for line in explanation.lines]


def test_what_is_measured_is_explained_from_what_was_counted_whenever_that_was() -> None:
    session = Session(load("gan_ring"))
    told = {}
    for step in (1, 60, 101):
        told[step] = [_lines(after(session, name, step)) for name in ("modes", "js")]
    for step in (60, 1):
        assert [_lines(after(session, name, step)) for name in ("modes", "js")] == told[1]

    assert told[60] == told[1] != told[101]
    modes, js = told[101]
    covered = modes[0].removeprefix("modes").split(" + ")
    assert all(re.fullmatch(r"mode [1-8]", name) for name in covered)
    assert modes[-1] == f"={len(covered)}"
    assert "p₄₁·ln(p₄₁/m₄₁)" in js[0]
    assert "q" in js[0]
    assert len(js) == 4


def test_the_shares_of_each_cell_make_the_divergence() -> None:
    session = after(Session(load("gan_line")), "js", 51)
    op = next(op for op in session.trainer.program.ops if op.output == "js")
    terms = session.timeline.now.terms(op, ())
    shares = dict.fromkeys("pq", 0.0)
    for term in terms.terms:
        for operand in term.operands[:-1]:
            shares[operand.symbol[0]] += operand.value

    assert sum(term.value for term in terms.terms) / 2 == pytest.approx(terms.result, rel=1e-12)
    assert shares == pytest.approx({"p": 1.0, "q": 1.0})
