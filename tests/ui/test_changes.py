"""Changing numbers on the screen: what is offered, what is stale, what if, and taking it back."""

import pytest
from on_screen import SMALL, WIDE, app_of, exam, said, text_of, top, write

from nntui.scenario.reader import load
from nntui.session.session import Session
from nntui.ui.screens.chooser import Chooser
from nntui.ui.widgets.prompt import PromptInput


def asked(app):
    return app.screen.query_one(PromptInput).value


@pytest.mark.asyncio
@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_what_a_change_has_left_behind_is_marked(size):
    app = app_of(exam())
    async with app.run_test(size=size) as pilot:
        await pilot.press(*"nnnnnnn")
        before = text_of(app)
        assert "~" not in before
        await write(pilot, "set hidden.weight[0, 1] = 0.7")
        text = text_of(app)
        assert "~+3.2000" in text
        assert " +3.2000" in text
        assert "loss~ 0.1933" in top(app)
        assert "~ computed before hidden.weight[0, 1] was" in text
        await pilot.press("ctrl+z")
        assert text_of(app).splitlines()[1:20] == before.splitlines()[1:20]
        assert top(app).split() == before.splitlines()[0].split()
        await pilot.press("ctrl+y", "3")
        assert "▸~ 7  loss" in text_of(app)
        await pilot.press("2", *"nnnnnnnnnnnnn")
        assert "loss~" in top(app)
        await pilot.press(*"nnnnnnn")
        assert "~" not in text_of(app)


@pytest.mark.asyncio
async def test_back_is_the_same_screen_with_changes_too():
    app = app_of(exam())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"nnnnn")
        await write(pilot, "set hidden.z[0] = 0.25")
        app.clear_notifications()
        await pilot.pause()
        seen = []
        for _ in range(30):
            seen.append(text_of(app))
            await pilot.press("n")
        for expected in reversed(seen):
            await pilot.press("N")
            assert text_of(app) == expected


@pytest.mark.asyncio
async def test_a_class_of_numbers_can_be_changed_from_the_neuron():
    session = Session(load("iris"))
    app = app_of(session)
    made = {info.output: info.number for info in session.network.ops}
    async with app.run_test(size=WIDE) as pilot:
        for tensor, line in {
            "hidden.z": "set hidden.z[0] = ",
            "hidden.a": "set hidden.a[0] = ",
            "hidden.z.grad": "set hidden.z.grad[0] = ",
            "hidden.weight.grad": "set hidden.weight.grad[0, 0] = ",
            "hidden.weight.m": "set hidden.weight.m[0, 0] = ",
            "hidden.weight.v": "set hidden.weight.v[0, 0] = ",
            "hidden.weight": "set hidden.weight[0, 0] = ",
            "hidden.bias": "set hidden.bias[0] = ",
        }.items():
            session.cursor.go(1, made[tensor])
            app.screen._show()
            await pilot.press("e")
            assert asked(app) == line
            await pilot.press(*"0.125", "enter")
            await pilot.pause()
            name, _, index = line.removeprefix("set ").removesuffix("] = ").partition("[")
            assert session.frame.value(name, *map(int, index.split(","))) == 0.125
        session.cursor.go(2, 1)
        app.screen._show()
        await pilot.press("e")
        assert asked(app) == "set x[0] = "
        await pilot.press("up")
        assert asked(app) == "set lr = "
        await pilot.press(*"0.25", "enter")
        await pilot.pause()
        assert session.frame.rates["lr"] == 0.25


@pytest.mark.asyncio
async def test_what_a_number_is_stands_there_as_a_suggestion():
    app = app_of(exam())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"nnn", "e")
        await pilot.pause()
        assert asked(app) == "set hidden.z[0] = "
        await app.workers.wait_for_complete()
        await pilot.press("tab")
        assert asked(app) == "set hidden.z[0] = 3.2"
        await pilot.press("down")
        assert asked(app) == "set hidden.weight[0, 0] = "
        await pilot.press(*"x", "enter")
        await pilot.pause()
        assert said(app) == ["'x' is not a number; write :set TENSOR[INDEX] = NUMBER"]


@pytest.mark.asyncio
async def test_the_chosen_row_of_the_parameters_is_offered():
    app = app_of(exam())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"nnn", "4", "j", "j", "j", "e")
        assert asked(app) == "set hidden.weight[1, 0] = "
        await pilot.press(*"-2", "enter")
        await pilot.pause()
        assert said(app) == ["hidden.weight[1, 0] was 0.1, is −2."]


@pytest.mark.asyncio
async def test_what_if_in_three_keys():
    session = exam(30)
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await write(pilot, "goto step 10")
        await pilot.press("i")
        await pilot.pause()
        assert isinstance(app.screen, Chooser)
        assert "4  lr ÷ 10      0.05   it is 0.5" in text_of(app)
        await pilot.press("4")
        await pilot.pause()
        assert session.branch == "lr=0.05"
        assert said(app)[-1].startswith("lr was 0.5. This is lr=0.05, a branch of main")
        await pilot.press("c")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "━ main" in text_of(app)
        assert session.frame.rates["lr"] == 0.05
        await pilot.press("ctrl+z")
        assert session.branches == ("main", "lr=0.05")
        assert (session.branch, session.cursor.position.step) == ("main", 30)
        assert said(app)[-1] == (
            "Took back lr = 0.05. With it the run stays on lr=0.05; this is main."
        )
        await pilot.press("ctrl+y")
        assert (session.branch, session.cursor.position.step) == ("lr=0.05", 30)


@pytest.mark.asyncio
async def test_what_if_with_a_number_of_ones_own():
    session = exam()
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"nnnn", "i", "5")
        await pilot.pause()
        assert asked(app) == "whatif lr = "
        await pilot.press(*"0.2", "enter")
        await pilot.pause()
        await pilot.press("i", "6")
        await pilot.pause()
        assert session.branches == ("main", "lr=0.2", "hidden.a[0]=0")
        await write(pilot, "branch lr=0.2")
        assert session.branch == "lr=0.2"


@pytest.mark.asyncio
async def test_starting_again_loses_nothing():
    session = exam(5)
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("0")
        assert "◂ of 5 run" in top(app)
        await pilot.press("right_parenthesis")
        assert session.seed == 8
        assert said(app) == ["New weights from seed 8. That of seed 7 is at :seed 7."]
        await write(pilot, "seed 7")
        assert "◂ of 5 run" in top(app)
        assert (
            said(app)[-1] == "The run of seed 7, where it was left. That of seed 8 is at :seed 8."
        )
        await pilot.press("right_parenthesis")
        assert session.seed == 9


@pytest.mark.asyncio
async def test_b_on_a_chosen_parameter_stops_a_run_when_that_number_changes():
    session = exam()
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("4", "down", "b")
        assert [b.text for b in session.breakpoints] == ["changed(hidden.weight[0, 0])"]

        session.player.run(float("inf"))

        assert session.player.stopped_by is next(iter(session.breakpoints))
        assert session.cursor.position.step == 1
        assert session.frame.op.output == "hidden.weight"
        await pilot.press("b")
        assert list(session.breakpoints) == []
