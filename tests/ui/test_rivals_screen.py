"""Two players on the screen: both pictures, fakes, real samples, turns, edits, the way back."""

import pytest
from fake_session import exam
from on_screen import app_of, said, text_of, top, write
from rivals import after, points, strokes

from nntui.session.position import Depth
from nntui.ui.widgets.network import NetworkView

WIDE, SMALL = (120, 36), (80, 24)


@pytest.mark.asyncio
@pytest.mark.parametrize("size", [WIDE, SMALL])
@pytest.mark.parametrize("outside", [True, False])
async def test_a_step_is_gone_through_and_back(size, outside):
    app = app_of(points())
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        if not outside:
            await pilot.press("u")
        app.screen._session.cursor.depth = Depth.LAYER
        seen = [text_of(app)]
        for _ in range(24):
            await pilot.press("n")
            seen.append(text_of(app))
        assert len(set(seen)) == len(seen)
        for before in reversed(seen[1:-1]):
            await pilot.press("N")
            assert text_of(app).splitlines()[1:] == before.splitlines()[1:]


@pytest.mark.asyncio
async def test_turns_have_keys_of_their_own():
    app = app_of(points())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        session = app.screen._session
        ends = [turn.last for turn in session.network.turns]
        await pilot.press("d")
        assert session.frame.position.op == ends[0]
        assert "D step" in top(app)
        await pilot.press("d")
        assert session.frame.position.op == ends[1]
        assert "G step" in top(app)
        await pilot.press("D")
        assert session.frame.position.op == ends[0]
        assert session.cursor.depth is Depth.OP
        await write(pilot, "depth turn")
        await pilot.press("n")
        assert session.frame.position.op == ends[1]


@pytest.mark.asyncio
async def test_arrows_come_with_the_gradient_at_the_fakes():
    session = after(points(), "generator.out.a")
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        assert "•" in text_of(app)
        assert "−∂L_G/∂x" not in text_of(app)
        after(session, "generator.out.a.grad")
        await pilot.press("full_stop")
        shown = text_of(app)

        assert "↗ −∂L_G/∂x" in shown
        inside = "\n".join(line[:36] for line in shown.splitlines()[2:20])
        assert any(arrow in inside for arrow in "←↖↑↗→↘↓↙")
        assert "•" not in inside


@pytest.mark.asyncio
async def test_samples_are_real_ones_and_then_fakes():
    app = app_of(after(points(), "discriminator.hidden.z"))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        assert "real 1/8" in text_of(app)
        await pilot.press(*["full_stop"] * 8)
        assert "fake 1/8" in text_of(app)
        await pilot.press("u")
        assert "fake G(z)" in text_of(app)
        await pilot.press("comma")
        assert "real 8/8" in text_of(app)
        assert "real x" in text_of(app)


@pytest.mark.asyncio
async def test_the_networks_say_who_learns_and_who_is_frozen():
    app = app_of(after(points(), "generator.hidden.frozen.a"))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        assert "▨ G frozen" in text_of(app)
        await pilot.press("u")
        assert "▨▨ G frozen ▨▨▨" in text_of(app)
        after(app.screen._session, "discriminator.hidden.frozen.a")
        await pilot.press("full_stop")
        shown = text_of(app)
        assert "▨▨ D frozen ▨▨▨" in shown
        assert "▨▨ G" not in shown


@pytest.mark.asyncio
async def test_neurons_are_chosen_in_the_networks_only():
    app = app_of(after(points(), "generator.hidden.z"))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        op = app.screen._session.frame.position.op
        await pilot.press("j")
        assert app.screen._chosen is None
        await pilot.press("right")
        assert app.screen._session.frame.position.op == op + 1
        await pilot.press("u", "j", "right")
        assert app.screen._chosen is not None
        assert app.screen._session.frame.position.op == op + 1


@pytest.mark.asyncio
async def test_a_neuron_of_the_frozen_network_is_edited_under_the_name_of_its_pass():
    session = after(points(), "discriminator.hidden.frozen.z")
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await pilot.press("u", "j", "e")
        assert "set discriminator.hidden.frozen.z[0] =" in text_of(app)
        await pilot.press(*"0.5", "enter")
        assert session.reader.look("discriminator.hidden.frozen.z")[0, 0] == 0.5
        assert "1 edit" in text_of(app)
        await pilot.press("ctrl+z")
        assert "1 edit" not in text_of(app)


@pytest.mark.asyncio
async def test_fakes_that_an_edit_has_left_behind_are_marked_stale():
    session = after(points(), "generator.out.a", 3)
    left, bottom, right, above = session.arena.bounds
    inside = [left < x < right and bottom < y < above for x, y in session.arena.duel.fakes]
    session.reader.sample = inside.index(True)
    session.edit("generator.hidden.a", (0,), 0.4)
    session.reader.sample = inside.index(False)
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        assert "~ stale" in text_of(app)
        plane = "".join(line[:36] for line in text_of(app).splitlines()[2:20])
        assert plane.count("~") == 1  # the other fakes hang on other numbers


@pytest.mark.asyncio
async def test_both_losses_are_plotted_once_they_are_watched():
    app = app_of(points())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        assert "━ train" in text_of(app)
        await write(pilot, "watch discriminator.loss")
        await write(pilot, "watch generator.loss")
        for _ in range(3):
            app.screen._session.cursor.forward(Depth.STEP)
        await pilot.press("full_stop")

        assert "━ L_D  ━ L_G" in text_of(app)
        assert "modes" in text_of(app)


@pytest.mark.asyncio
@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_images_stand_in_rows(size):
    app = app_of(strokes())
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert text_of(app).count("not made yet") == 2
        after(app.screen._session, "generator.fakes.frozen")
        await pilot.press("full_stop")
        shown = text_of(app)

        assert "real  1–3 of 3" in shown
        assert "fake  1–3 of 3" in shown
        assert "not made yet" not in shown


@pytest.mark.asyncio
async def test_a_network_by_itself_has_no_turns_to_step_over():
    app = app_of(exam())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await write(pilot, "depth turn")
        assert "no one takes turns here" in said(app)[-1]
        before = text_of(app)
        await pilot.press("u")
        assert text_of(app).splitlines()[:20] == before.splitlines()[:20]


@pytest.mark.asyncio
async def test_one_op_repaints_little_of_the_plane():
    app = app_of(after(points(), "generator.hidden.z"))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        view = app.screen.query_one(NetworkView)
        before = list(view.lines)
        await pilot.press("n")
        changed = [k for k, line in enumerate(view.lines) if line != before[k]]

        assert len(changed) <= 2
