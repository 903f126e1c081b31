"""The turns of two players, as lines: what is done, under way and frozen, and whose columns are."""

import numpy as np
from rivals import after, points, strokes

from nntui.ui.renderables.coverage import coverage_line
from nntui.ui.renderables.turns import banner, turn_lines, turn_name
from nntui.ui.spans import plain


def lines(session, cells=32, rows=20):
    network, duel = session.network, session.arena.duel
    drawn = turn_lines(network.rivalry, session.frame, duel, cells, rows)
    return [plain(line).rstrip() for line in drawn]


def test_nothing_is_done_at_the_beginning():
    assert lines(points()) == [
        "D step            real label 0.9",
        "  draw x and z",
        "  make fakes G(z)     ▨ G frozen",
        "  judge: D(x), D(G(z))",
        "  loss L_D                     ·",
        "    real      · + fake      ·",
        "  ∂ back through D",
        "  update D",
        "",
        "G step",
        "  draw z",
        "  make fakes G(z)",
        "  judge: D(G(z))      ▨ D frozen",
        "  loss L_G                     ·",
        "  ∂ back through D    ▨ D frozen",
        "  ∂ back through G",
        "  update G",
    ]


def test_what_is_done_is_ticked_and_losses_have_their_numbers():
    session = after(points(), "generator.loss")
    shown, look = lines(session), session.reader.look
    p, q = look("discriminator.real"), look("discriminator.fake")
    real = -(0.9 * np.log(p) + 0.1 * np.log(1 - p)).mean()
    fake = -np.log(1 - q).mean()

    assert shown[1] == "✓ draw x and z"
    assert shown[4].startswith("✓ loss L_D")
    assert shown[5] == f"    real {real:.4f} + fake {fake:.4f}"
    assert shown[13].startswith("▸ loss L_G")
    assert "·" not in shown[4] + shown[5] + shown[13]
    assert shown[14].startswith("  ∂ back through D")


def test_where_there_is_no_room_only_the_turn_at_hand_is_shown():
    shown = lines(after(points(), "generator.hidden.z"), rows=9)

    assert shown[0] == "G step"
    assert len(shown) == 8
    assert not any("D step" in line for line in shown)


def test_several_turns_of_a_player_are_counted():
    session = strokes()
    assert [turn_name(turn) for turn in session.network.turns] == [
        "D step 1/2",
        "D step 2/2",
        "G step",
    ]
    assert lines(session)[0] == "D step 1/2"  # without smoothing nothing is said of labels


def test_nothing_jumps_from_op_to_op():
    session = points()
    seen = set()
    for op in session.network.ops:
        session.cursor.go(2, op.number)
        seen.add(tuple(len(line) > 0 for line in lines(session)))
    assert len(seen) == 1


def test_the_frozen_network_is_hatched():
    session = after(points(), "discriminator.x")
    network = session.network.at(session.frame.position.op, fake=False)
    areas = [(column, 10 * k, 10 * k + 8) for k, column in enumerate(network.columns)]

    drawn = plain(banner(areas, "discriminator", 60))
    assert drawn == " " * 10 + "▨▨ G frozen ▨▨▨▨▨▨" + " " * 12 + "── D learns ──────"


def test_a_narrow_banner_still_says_who_is_frozen():
    session = after(points(), "discriminator.x")
    network = session.network.at(session.frame.position.op, fake=False)
    generator = [column for column in network.columns if column.player == "generator"][:1]

    assert [plain(banner([(generator[0], 0, n)], "discriminator", n)) for n in (14, 10, 8, 4)] == [
        "▨▨ G frozen ▨▨",
        "▨ G frozen",
        "G frozen",
        "▨ G▨",
    ]


def test_modes_and_divergence_are_bars():
    session = after(points(), "js", 2)
    rivalry, duel = session.network.rivalry, session.arena.duel
    drawn = plain(coverage_line(rivalry, duel, 40))

    assert drawn.startswith(f"modes {duel.modes:.0f}/8 ")
    assert f"JS {duel.divergence:.3f}" in drawn
    assert len(plain(coverage_line(rivalry, duel, 20))) <= 20


def test_what_is_not_measured_has_no_bar():
    session = strokes()
    assert coverage_line(session.network.rivalry, session.arena.duel, 40) == ()
