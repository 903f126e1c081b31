"""The screen, driven by keys."""

from dataclasses import replace

import pytest
from fake_session import any_size, exam
from on_screen import app_of, text_of
from textual import events

from nntui.session.position import Depth
from nntui.ui.widgets.bars import KeyBar
from nntui.ui.widgets.loss import LossPane
from nntui.ui.widgets.network import NetworkView
from nntui.ui.widgets.ops import OpsPane
from nntui.ui.widgets.pane import Pane
from nntui.ui.widgets.prompt import PromptInput

WIDE, SMALL = (120, 36), (80, 24)


@pytest.mark.asyncio
@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_the_worked_example_is_on_the_screen(size):
    app = app_of(exam())
    async with app.run_test(size=size) as pilot:
        await pilot.press(*"nnnn")
        assert "z₁ = w₁₁·x₁ + w₁₂·x₂ + b₁" in text_of(app)
        assert "= 0.2 × 3 + 0.3 × 7 + 0.5" in text_of(app)
        assert "z  +3.2000" in text_of(app)
        await pilot.press(*"nnnnn")
        assert "0.8242" in text_of(app)
        assert "82.4 %" in text_of(app)


@pytest.mark.asyncio
async def test_at_36_lines_every_pane_is_visible():
    app = app_of(exam())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        text = text_of(app)

        for title in ("1 Network", "2 Operation", "3 Ops", "4 Parameters", "5 Loss", "6 Neuron"):
            assert title in text


@pytest.mark.asyncio
async def test_at_24_lines_digits_switch_the_panes():
    app = app_of(exam())
    async with app.run_test(size=SMALL) as pilot:
        for digit, title in zip("3456", ("Ops", "Parameters", "Loss", "Neuron"), strict=True):
            await pilot.press(digit)
            assert f"─ {digit} {title}" in text_of(app)
            assert "1 Network" in text_of(app)
        await pilot.press("2")
        assert "2 Operation" in text_of(app)


@pytest.mark.asyncio
async def test_below_40_by_12_there_is_a_word():
    app = app_of(exam())
    async with app.run_test(size=(39, 20)) as pilot:
        assert text_of(app).strip() == "nntui needs 40 × 12 cells"
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert "1 Network" in text_of(app)
        await pilot.resize_terminal(80, 11)
        await pilot.pause()
        assert text_of(app).strip() == "nntui needs 40 × 12 cells"


@pytest.mark.asyncio
async def test_any_size_is_survived():
    app = app_of(exam())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"nnnn")
        for size in [
            (1, 1),
            (40, 12),
            (41, 13),
            (300, 12),
            (40, 90),
            (110, 30),
            (109, 29),
            (250, 80),
        ]:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            await pilot.press("n")
            width = max(len(line) for line in text_of(app).split("\n"))
            assert width <= size[0]


@pytest.mark.asyncio
async def test_depth_keys_change_how_far_a_step_goes():
    session = exam()
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("minus", "minus")
        assert session.cursor.depth is Depth.LAYER
        assert "by layer" in text_of(app)
        await pilot.press("plus", "plus", "plus", "plus", "plus", "plus")
        assert session.cursor.depth is Depth.TERM
        await pilot.press(*["minus"] * 9)
        assert session.cursor.depth is Depth.EPOCH


@pytest.mark.asyncio
async def test_into_finish_and_restart():
    session = exam()
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"nnn", "s")
        assert session.frame.position.term == 1
        await pilot.press("r")
        assert session.frame.position.element == 1
        await pilot.press("0")
        assert session.frame.position.op == 0
        assert "Press n to load" in text_of(app)
        await pilot.press("right_parenthesis")
        assert session.seed == 8


@pytest.mark.asyncio
async def test_arrows_choose_a_neuron_and_escape_forgets_it():
    app = app_of(exam())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"nnnn", "h")
        await pilot.press("down")
        assert "6 Neuron  h2" in text_of(app)
        await pilot.press("right")
        assert "6 Neuron  pass" in text_of(app)
        await pilot.press("h", "h")
        assert "6 Neuron  hours studied" in text_of(app)
        await pilot.press("escape")
        assert "6 Neuron  h1" in text_of(app)


@pytest.mark.asyncio
async def test_a_click_chooses_a_neuron():
    app = app_of(exam())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        network = app.screen.query_one(NetworkView)
        placement = network._plan.of(1)
        await pilot.click(NetworkView, offset=(placement.x + 5, placement.top[1] + 3))
        await pilot.pause()
        assert "6 Neuron  h2" in text_of(app)


@pytest.mark.asyncio
async def test_enter_in_the_ops_runs_up_to_one():
    session = exam()
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("3", "j", "j", "j", "j", "enter")
        assert session.frame.position.op == 5
        await pilot.press("G", "enter")
        assert session.frame.position.op == 19


@pytest.mark.asyncio
async def test_finding_puts_the_cursor_of_the_list_there():
    session = exam()
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("slash", *"loss", "enter")
        await pilot.pause()
        assert app.screen.focused is app.screen.query_one(OpsPane)
        await pilot.press("enter")
        assert session.frame.op.output == "loss"


@pytest.mark.asyncio
async def test_the_command_line_obeys_and_explains():
    session = exam()
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("colon", *"depth op", "enter")
        await pilot.pause()
        assert session.cursor.depth is Depth.OP
        await pilot.press("colon", *"goto op output.z", "enter")
        await pilot.pause()
        assert session.frame.op.output == "output.z"
        await pilot.press("colon", *"dpth", "enter")
        await pilot.pause()
        assert [n.message for n in app._notifications] == [
            "unknown command 'dpth' — did you mean 'depth'?"
        ]
        assert app.screen.focused is app.screen.query_one(NetworkView)


@pytest.mark.asyncio
@pytest.mark.parametrize("way_out", ["escape", "backspace"])
async def test_the_prompt_can_be_left(way_out):
    app = app_of(exam())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("colon")
        assert "n/N next" not in text_of(app)
        await pilot.press(way_out)
        await pilot.pause()
        assert "n/N next" in text_of(app)
        await pilot.press("n")
        assert "x₁ = 3" in text_of(app)


@pytest.mark.asyncio
async def test_a_prompt_opened_again_stays_though_news_of_its_closing_comes_late():
    app = app_of(exam())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("colon", *"depth op", "enter", "colon")
        line = app.screen.query_one(PromptInput)
        line.post_message(events.Blur())
        await pilot.pause()
        assert "n/N next" not in text_of(app)
        line.screen.set_focus(app.screen.query_one(NetworkView))
        await pilot.pause()
        assert "n/N next" in text_of(app)


@pytest.mark.asyncio
async def test_what_is_typed_in_the_prompt_does_not_step():
    session = exam()
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("colon", *"nnsrc0q")
        assert session.frame.position.op == 0
        assert app.is_running


@pytest.mark.asyncio
async def test_continue_trains_to_the_end_and_says_so():
    session = exam(epochs=20)
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("c")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert session.at_end
        assert "paused" in text_of(app)
        assert any("The run is over" in n.message for n in app._notifications)
        await pilot.press("space")
        assert not app.screen._playback.running


@pytest.mark.asyncio
async def test_space_runs_and_pauses_and_a_step_pauses_too():
    app = app_of(exam())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("space")
        assert "▶ running 4/s" in text_of(app)
        await pilot.press("right_square_bracket", "right_square_bracket")
        assert "▶ running 16/s" in text_of(app)
        await pilot.press("space")
        assert "paused 16/s" in text_of(app)
        await pilot.press("space", "n")
        assert "paused 16/s" in text_of(app)
        app.workers.cancel_all()


@pytest.mark.asyncio
async def test_the_loss_is_plotted_and_can_be_logarithmic():
    session = exam()
    for _ in range(30):
        session.cursor.forward(Depth.STEP)
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        assert "linear" in text_of(app)
        assert any(
            "⠉" <= c <= "⣿" for line in app.screen.query_one(LossPane).lines for c, _ in line
        )
        await pilot.press("L")
        assert "linear" not in text_of(app)


@pytest.mark.asyncio
async def test_samples_of_a_batch_can_be_looked_at():
    session = any_size(3, 2, 1)
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("n", "full_stop", "full_stop")
        assert "sample 3/4" in text_of(app)
        await pilot.press(*["full_stop"] * 9, "comma")
        assert "sample 3/4" in text_of(app)


@pytest.mark.asyncio
async def test_tab_goes_round_the_visible_panes():
    app = app_of(exam())
    async with app.run_test(size=WIDE) as pilot:
        seen = []
        for _ in range(6):
            seen.append(app.screen.focused.NUMBER)
            await pilot.press("tab")
        assert seen == [1, 2, 3, 4, 5, 6]
        await pilot.press("shift+tab")
        assert app.screen.focused.NUMBER == 6
    app = app_of(exam())
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("tab", "tab")
        assert app.screen.focused.NUMBER == 1


@pytest.mark.asyncio
async def test_zoom_and_back():
    app = app_of(exam())
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("z")
        await pilot.pause()
        assert "2 Operation" not in text_of(app)
        await pilot.press("z")
        await pilot.pause()
        assert "2 Operation" in text_of(app)


@pytest.mark.asyncio
async def test_copying_takes_the_operation_as_text():
    app = app_of(exam())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"nnnn", "y")
        assert "= 0.2 × 3 + 0.3 × 7 + 0.5\n" in app.clipboard
        assert "\x1b" not in app.clipboard


@pytest.mark.asyncio
async def test_themes_go_round():
    app = app_of(exam())
    async with app.run_test(size=WIDE) as pilot:
        seen = []
        for _ in range(4):
            seen.append(app.theme)
            await pilot.press("t")
        assert seen == ["nntui-dark", "nntui-light", "nntui-contrast", "nntui-dark"]


@pytest.mark.asyncio
async def test_help_opens_and_closes():
    app = app_of(exam())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        assert "Go to the next stop at the current depth." in text_of(app)
        await pilot.press("escape")
        await pilot.pause()
        assert "Go to the next stop" not in text_of(app)


@pytest.mark.asyncio
async def test_every_action_is_in_the_palette_and_runs():
    app = app_of(exam())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("ctrl+p")
        await pilot.pause()
        assert "Search for commands" in text_of(app)
        await pilot.press("escape")
        commands = {c.title: c.callback for c in app.get_system_commands(app.screen)}
        assert "Step: next" in commands
        await commands["Step: next"]()
        await pilot.pause()
        assert "x₁ = 3" in text_of(app)
        await commands["Look: down"]()


@pytest.mark.asyncio
async def test_only_what_changed_is_painted_again():
    app = app_of(any_size(4, 4, 4, 1))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"nnnnnnn")
        await pilot.pause()
        network = app.screen.query_one(NetworkView)
        before = [list(column.lines) for column in network._columns]
        await pilot.press("n")
        await pilot.pause()
        after = [list(column.lines) for column in network._columns]
        changed = sum(
            a != b for x, y in zip(before, after, strict=True) for a, b in zip(x, y, strict=True)
        )
        assert 0 < changed <= 24


@pytest.mark.asyncio
async def test_names_from_files_are_no_markup():
    session = any_size(2, 2, 1)
    network = session.network
    columns = list(network.columns)
    columns[0] = replace(columns[0], units=("[bold red]x[/]", "[@click=app.quit]y[/]"))
    session.network = replace(network, columns=tuple(columns), title="[reverse]t[/reverse] [a")
    app = app_of(session)
    async with app.run_test(size=(160, 40)) as pilot:
        await pilot.press("n", "left")
        assert "[bold red]x[/]" in text_of(app)
        assert "[reverse]t[/reverse] [a" in text_of(app)


@pytest.mark.asyncio
async def test_panes_of_every_shape_of_network():
    for units in [(1, 1), (784, 128, 10), (2, *[8] * 8, 1), (30, 70, 3)]:
        app = app_of(any_size(*units))
        async with app.run_test(size=SMALL) as pilot:
            await pilot.press(*"nnn", "minus", *"nnnn", "left", "right", "down")
            assert app.screen.query(Pane)


@pytest.mark.asyncio
async def test_the_key_bar_can_be_clicked():
    session = exam()
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.click(KeyBar, offset=(2, 0))
        await pilot.pause()
        assert session.frame.position.op == 1


@pytest.mark.asyncio
async def test_ops_can_be_clicked_twice():
    session = exam()
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.click(OpsPane, offset=(8, 5))
        await pilot.pause()
        assert session.frame.position.op == 0
        await pilot.click(OpsPane, offset=(8, 5))
        await pilot.pause()
        assert session.frame.position.op == 3


@pytest.mark.asyncio
async def test_a_run_stops_at_a_number_that_is_not_finite():
    session = exam()
    made = type(session).frame.fget

    class Broken(type(session)):
        @property
        def frame(self):
            frame = made(self)
            fault = "hidden.z[0, 0] became nan in affine (op 3)" if frame.position.op > 2 else ""
            return replace(frame, fault=fault)

    session.__class__ = Broken
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*["right_square_bracket"] * 5, "space")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert not session.at_end
        assert "Not finite: hidden.z[0, 0] became nan" in text_of(app)
        assert any("Stopped" in n.message for n in app._notifications)


@pytest.mark.asyncio
async def test_an_interrupt_has_its_exit_code():
    app = app_of(exam())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("ctrl+c")
    assert app.return_code == 130
