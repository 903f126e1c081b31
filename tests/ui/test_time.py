"""Time travel on the screen: back, breakpoints, edits and branches, on a real session."""

import asyncio

import pytest
from on_screen import SMALL, WIDE, app_of, exam, said, text_of, top, write

from nntui.scenario.reader import load
from nntui.session.position import Depth, Position
from nntui.session.session import Session
from nntui.ui.past import look_around
from nntui.ui.screens.chooser import Chooser
from nntui.ui.screens.travel import TravelScreen
from nntui.ui.widgets.prompt import PromptInput


@pytest.mark.asyncio
@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_back_is_the_same_screen(size):
    app = app_of(exam())
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        seen = []
        for _ in range(30):
            seen.append(text_of(app))
            await pilot.press("n")
        for expected in reversed(seen):
            await pilot.press("N")
            assert text_of(app) == expected


@pytest.mark.asyncio
async def test_back_is_the_same_screen_in_a_network_wider_than_it():
    session = Session(load("activations"))
    session.cursor.depth = Depth.LAYER
    app = app_of(session)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        seen = []
        for _ in range(25):
            seen.append(text_of(app))
            await pilot.press("n")
        for expected in reversed(seen):
            await pilot.press("N")
            assert text_of(app) == expected


@pytest.mark.asyncio
async def test_capitals_and_arrows_go_back():
    session = exam()
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("right", "right", "right", "left")
        assert session.cursor.position == Position(1, 2, 1)
        await pilot.press("n", "S")
        assert (session.cursor.depth, session.cursor.position) == (Depth.ELEMENT, Position(1, 3, 1))
        await pilot.press("R")
        assert (session.cursor.depth, session.cursor.position) == (Depth.OP, Position(1, 2, 1))


@pytest.mark.asyncio
async def test_arrows_move_where_a_neuron_is_chosen():
    session = exam()
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("n", "n", "n", "j", "right")
        assert session.cursor.position.op == 3
        assert "6 Neuron  pass" in text_of(app)
        await pilot.press("escape", "right")
        assert session.cursor.position.op == 4


@pytest.mark.asyncio
async def test_home_and_end():
    session = exam(5)
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("n", "n")
        farthest = session.cursor.position
        assert "◂ of" not in top(app)
        await pilot.press("home")
        assert session.cursor.position == Position(1)
        assert "step   1/200 ◂ of 5 run" in top(app)
        assert "━ later" in text_of(app)
        await pilot.press("end")
        assert session.cursor.position == farthest
        assert "◂ of" not in top(app)


@pytest.mark.asyncio
async def test_goto_any_op_of_any_step():
    session = exam()
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await write(pilot, "goto step 120")
        assert (session.cursor.position.step, session.cursor.position.op) == (120, 20)
        await write(pilot, "goto step 12 op output.z")
        assert (session.cursor.position.step, session.frame.op.output) == (12, "output.z")
        assert "◂ of 120 run" in top(app)
        await write(pilot, "goto op hidden.z")
        assert (session.cursor.position.step, session.frame.op.output) == (12, "hidden.z")
        await write(pilot, "goto loss.min")
        assert (session.cursor.position.step, session.frame.op.output) == (120, "loss")
        await write(pilot, "goto step 3 op 0")
        assert session.cursor.position == Position(3)
        await write(pilot, "goto start")
        assert session.cursor.position == Position(1)
        await write(pilot, "goto step 201")
        assert said(app) == ["the run has 200 steps"]


@pytest.mark.asyncio
async def test_a_narrow_header_says_it_in_short():
    session = exam(5)
    session.cursor.back(Depth.STEP)
    session.edit("lr", (), 0.1)
    session.cursor.go(1, 0)
    app = app_of(session)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        assert "◂4 main-2 ✎1" in top(app)
        assert "loss" in top(app)


@pytest.mark.asyncio
async def test_a_long_way_can_be_watched_and_stopped(monkeypatch):
    monkeypatch.setattr("nntui.ui.screens.debugger.PATIENCE", 0.0)
    session = exam(3)
    here = session.cursor.position

    def slow(step, op):
        for k in range(50):
            yield k / 50
        yield from ()

    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        seek, session.timeline.seek = session.timeline.seek, forever
        await pilot.press("home")
        await pilot.pause()
        assert isinstance(app.screen, TravelScreen)
        assert "Going to step 1" in text_of(app)
        shown = app.screen_stack[0]._scene
        app.screen_stack[0]._show()
        assert app.screen_stack[0]._scene is shown
        session.timeline.seek = seek
        await pilot.press("x")
        await pilot.pause()
        assert session.cursor.position == here
        session.timeline.seek = slow
        await pilot.press("home")
        session.timeline.seek = seek
        while isinstance(app.screen, TravelScreen):
            await asyncio.sleep(0.01)
        await pilot.pause()
        assert session.cursor.position == Position(1)


def forever(step, op):
    while True:
        yield 0.5


@pytest.mark.asyncio
async def test_b_stops_a_run_at_the_op():
    session = exam()
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("b")
        assert said(app) == ["there is no op at the cursor yet: press n, or choose one in the ops"]
        await pilot.press("n", "n", "n", "b", "n")
        assert "✓  3● hidden.z" in text_of(app)
        await pilot.press("c")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert (session.cursor.position.step, session.cursor.position.op) == (2, 3)
        assert said(app)[-1] == "Stopped at breakpoint 1: hidden.z"
        await pilot.press("n", "n", "C")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert (session.cursor.position.step, session.cursor.position.op) == (2, 3)
        await pilot.press("b")
        assert "●" not in text_of(app)


@pytest.mark.asyncio
async def test_b_takes_the_op_chosen_in_the_list():
    session = exam()
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("n", "3", "j", "j", "j", "b")
        assert [one.text for one in session.breakpoints] == ["hidden.a"]


@pytest.mark.asyncio
async def test_a_slow_run_stops_at_a_breakpoint_too():
    session = exam()
    session.breakpoints.add("y")
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await write(pilot, "speed 32")
        await pilot.press("space")
        await app.workers.wait_for_complete()
        assert session.frame.op.output == "y"


@pytest.mark.asyncio
async def test_running_back_without_breakpoints_is_the_start():
    session = exam(3)
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("C")
        assert session.cursor.position == Position(1)


@pytest.mark.asyncio
async def test_running_back_can_be_stopped():
    session = exam(30)
    session.breakpoints.add("loss > 1000")
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        session.player.run_back = lambda deadline: session.cursor.back(Depth.OP) or True
        await pilot.press("C")
        assert "◀ running back" in text_of(app)
        await pilot.press("space")
        await app.workers.wait_for_complete()
        assert "paused" in text_of(app)
        assert session.cursor.position < Position(30, 20, 1)


@pytest.mark.asyncio
async def test_conditions_and_their_list():
    session = exam()
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await write(pilot, "break loss < 0.1")
        await write(pilot, "break lss < 0.1")
        assert said(app)[0] == "Breakpoint 1: loss < 0.1"
        assert "\n  lss < 0.1\n  ^" in said(app)[1]
        await write(pilot, "break")
        assert isinstance(app.screen, Chooser)
        assert "●  1  loss < 0.1" in text_of(app)
        await pilot.press("enter")
        await pilot.pause()
        assert "○  1  loss < 0.1" in text_of(app)
        assert not session.breakpoints.enabled
        await pilot.press("escape")
        await write(pilot, "enable 1")
        assert session.breakpoints.enabled
        await write(pilot, "disable 1")
        await write(pilot, "delete 1")
        assert not tuple(session.breakpoints)
        await write(pilot, "delete 7")
        assert said(app)[-1] == "there is no breakpoint 7"


@pytest.mark.asyncio
async def test_the_scenario_brings_its_breakpoints():
    session = exam()
    asked = type("Plan", (), {"breakpoints": ("hidden.a",)})
    session.scenario = asked
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        assert [one.text for one in session.breakpoints] == ["hidden.a"]
        assert " 4● hidden.a" in text_of(app)


@pytest.mark.asyncio
async def test_an_edit_in_the_middle_of_a_pass():
    session = exam()
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"nnnn", "j", "e")
        assert app.screen.query_one(PromptInput).value == "set hidden.a[0] = "
        await pilot.press("0", "enter")
        await pilot.pause()
        assert said(app) == ["hidden.a[0] was 0.960834, is 0."]
        assert "✎a   0.0000" in text_of(app)
        assert "1 edit" in top(app)
        await pilot.press("n")
        assert "0.6 × 0 + 0.8 × 0.961 + 0.2" in text_of(app)
        await pilot.press("ctrl+z")
        assert said(app)[-1] == "Took back hidden.a[0] = 0."
        assert "0.6 × 0.961 + 0.8 × 0.961 + 0.2" in text_of(app)
        assert "✎" not in text_of(app)
        await write(pilot, "undo")
        assert said(app)[-1] == "There is no change to take back."


@pytest.mark.asyncio
async def test_a_weight_is_offered_where_the_op_is_elsewhere():
    app = app_of(exam())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("n", "j", "l", "j", "e")
        assert app.screen.query_one(PromptInput).value == "set hidden.weight[1, 0] = "
        await pilot.press(*"-2", "enter")
        await pilot.pause()
        assert "✎w₂₁ −2.0000" in text_of(app) or "w₂₁✎−2.0000" in text_of(app)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("set hidden.a[1] = 0", "hidden.a has not been computed yet in this step"),
        ("set hiden.a[1] = 0", "there is no tensor 'hiden.a'"),
        ("set hidden.weight[2, 0] = 0", "hidden.weight has no cell [2, 0]: its shape is (2, 2)"),
        ("set hidden.weight = 0", "hidden.weight has no cell []: its shape is (2, 2)"),
        ("set lr", "write :set TENSOR[INDEX] = NUMBER"),
        ("set lr = much", "'much' is not a number; write :set TENSOR[INDEX] = NUMBER"),
    ],
)
async def test_edits_that_cannot_be_made(line, message):
    app = app_of(exam())
    async with app.run_test(size=WIDE) as pilot:
        await write(pilot, line)
        assert said(app) == [message]


@pytest.mark.asyncio
async def test_what_if_the_learning_rate_were_smaller_from_here():
    session = exam(30)
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await write(pilot, "goto step 10")
        await write(pilot, "set lr = 0.1")
        assert said(app) == ["lr was 0.5, is 0.1. The old future stays on main; this is main-2."]
        assert "on main-2  1 edit" in top(app)
        await write(pilot, "goto step 20")
        assert "━ main" in text_of(app)
        await write(pilot, "branches")
        text = text_of(app)
        assert "▸ main-2   from main in step 10" in text
        assert "main     from the beginning" in text
        await pilot.press("enter")
        await pilot.pause()
        assert session.branch == "main"
        await write(pilot, "branch main-2")
        await write(pilot, "edits")
        assert "step 10" in text_of(app)
        assert "lr = 0.1" in text_of(app)
        await pilot.press("enter")
        await pilot.pause()
        assert (session.branch, session.cursor.position.step) == ("main-2", 10)


@pytest.mark.asyncio
async def test_what_a_command_says_stands_where_the_cursor_has_gone():
    app = app_of(exam(3))
    async with app.run_test(size=WIDE) as pilot:
        await write(pilot, "seed 9")
        assert said(app) == ["New weights from seed 9. That of seed 7 is at :seed 7."]


async def toasted(pilot):
    """What is said has been drawn: a toast comes and goes in a few rounds of messages."""
    for _ in range(6):
        await pilot.pause()


@pytest.mark.asyncio
async def test_what_was_said_of_a_place_goes_when_the_cursor_does():
    app = app_of(exam())
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await pilot.press("c")
        await app.workers.wait_for_complete()
        await pilot.pause()
        app.notify("not saved", severity="warning")
        for _ in range(2):
            await pilot.press("space")
            await toasted(pilot)
            told = ["not saved", "The run is over. N goes back, 0 starts again."]
            assert said(app) == told
            assert text_of(app).count("The run is over") == 1
        await pilot.press("N")
        await toasted(pilot)
        assert said(app) == ["not saved"]
        assert "The run is over" not in text_of(app)


@pytest.mark.asyncio
async def test_what_is_said_again_takes_the_place_of_what_was_said_before():
    app = app_of(exam())
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await pilot.press("n", "y")
        await toasted(pilot)
        await pilot.press("y")
        await toasted(pilot)
        assert said(app) == ["Copied."]
        assert text_of(app).count("Copied.") == 1


@pytest.mark.asyncio
async def test_forks_have_names():
    session = exam(3)
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await write(pilot, "fork")
        await write(pilot, "fork careful")
        await write(pilot, "fork careful")
        await write(pilot, "fork not this")
        await write(pilot, "branch nowhere")
        assert session.branches == ("main", "main-2", "careful")
        assert said(app) == [
            "This is main-2, a branch of main.",
            "This is careful, a branch of main-2.",
            "there is a branch 'careful' already",
            "the name of a branch has no spaces",
            "there is no branch 'nowhere' (there are main, main-2, careful)",
        ]


def test_the_losses_after_the_cursor_are_thinned_once():
    session = exam(50)
    session.cursor.go(1, 0)
    first = look_around(session, session.frame, None)
    session.cursor.forward(Depth.STEP)
    second = look_around(session, session.frame, first)

    assert len(first.whole.y) == 50
    assert second.whole is first.whole
