"""A recurrent network on the screen: time steps, the neuron cursor, edits, and the way back."""

import pytest
from on_screen import app_of, text_of
from strips import at, hello, recall, stack

from nntui.ui.scene import Neuron
from nntui.ui.widgets.strip import StripView

WIDE, SMALL = (120, 36), (80, 24)


def chosen(app):
    return app.screen._chosen


@pytest.mark.asyncio
@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_an_lstm_is_stepped_forward_and_back(size):
    app = app_of(at(hello(), "memory.a.t0"))
    async with app.run_test(size=size) as pilot:
        seen = []
        for _ in range(14):
            await pilot.press("n")
            seen.append(text_of(app))
        assert "memory.f.t2" in seen[-1]
        for before in reversed(seen[:-1]):
            await pilot.press("N")
            assert text_of(app) == before


@pytest.mark.asyncio
async def test_the_cursor_moves_over_units_and_time_steps():
    app = app_of(at(hello(), "memory.a.t2"))
    async with app.run_test(size=WIDE) as pilot:
        column = app.screen._session.network.columns[1]
        await pilot.press("l")
        assert chosen(app) == Neuron(1, column.unit((1, 0)))
        await pilot.press("l", "j")
        assert chosen(app) == Neuron(1, column.unit((2, 1)))
        await pilot.press("h", "h", "h", "h")
        assert chosen(app) == Neuron(1, column.unit((0, 1)))
        await pilot.press("k", "k")
        assert chosen(app) == Neuron(0, 0)
        assert "─ 6 Neuron  h at time step 1 ─" in text_of(app)
        await pilot.press("right", "down", "down")
        assert chosen(app) == Neuron(1, column.unit((1, 1)))
        await pilot.press("down", "down", "down")
        assert chosen(app) == Neuron(2, app.screen._session.network.columns[2].unit((1, 0)))
        await pilot.press("escape")
        assert chosen(app) is None


@pytest.mark.asyncio
async def test_a_unit_is_looked_at_up_close_wherever_it_is_chosen():
    app = app_of(at(hello(), "memory.a.t2"))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("l", "h", "j", "enter")
        shown = text_of(app)

        assert "6 Cell  memory h₂ at time step 1" in shown
        assert "c⟨0⟩" in shown
        assert "keeps" in shown
        await pilot.press("z")
        assert "∂c⟨0⟩" in text_of(app)


@pytest.mark.asyncio
async def test_the_cursor_goes_down_to_an_answer_after_the_last_time_step():
    app = app_of(at(recall(length=5, units=2), "output.a"))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("k", "k")
        assert chosen(app).column == 1
        await pilot.press("j", "j", "j")
        assert chosen(app) == Neuron(2, 0)
        await pilot.press("h", "k")
        assert chosen(app).column == 1


@pytest.mark.asyncio
async def test_a_state_is_edited_and_what_follows_computed_with_it():
    session = at(hello(), "memory.a.t2")
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("l", "j", "e")
        assert "set memory.a.t2[1] =" in text_of(app)
        await pilot.press(*"0.5", "enter")
        assert session.reader.look("memory.a.t2")[0, 1] == 0.5
        assert "✎+.50" in text_of(app)
        await pilot.press("ctrl+z")
        assert "✎" not in text_of(app)


@pytest.mark.asyncio
async def test_what_an_edit_has_left_behind_is_marked_stale():
    session = at(hello(), "memory.i.t4")
    session.edit("memory.a.t2", (1,), 0.5)
    app = app_of(session)
    async with app.run_test(size=WIDE):
        rows = [line for line in text_of(app).splitlines() if " h₁ " in line or " h₂ " in line]

        assert "✎+.50" in rows[1]
        assert [row.split("│")[1].count("~") for row in rows[:2]] == [1, 1]
        assert "~" in next(line for line in text_of(app).splitlines() if "c⟨3⟩  ~" in line)


@pytest.mark.asyncio
async def test_a_gate_is_edited_where_it_has_just_been_made():
    session = at(hello(), "memory.f.t2")
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("l", "e")

        assert "set memory.f.t2[0] =" in text_of(app)


@pytest.mark.asyncio
async def test_the_field_of_a_state_reaches_back_through_time():
    app = app_of(at(recall("rnn", 5, 2), "memory.a.t3"))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("l", "f")
        shown = text_of(app).splitlines()

        assert "field of memory h₁ at time step 3" in shown[1]
        assert shown[3].split("│")[1].count("•") == 3
        await pilot.press("f")
        assert "field of" not in text_of(app)


@pytest.mark.asyncio
async def test_why_tells_the_shares_of_the_time_steps():
    session = hello()
    session.cursor.go(1)
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("l", "w")
        shown = " ".join(strip_text(app).split())

        assert "the same weight at 4 time steps" in shown
        assert "time step 4" in shown


def strip_text(app):
    return "\n".join(
        "".join(text for text, _ in line) for line in app.screen.query_one("WhyText").lines
    )


@pytest.mark.asyncio
async def test_another_sample_has_other_states():
    app = app_of(at(recall(), "memory.a.t20"))
    async with app.run_test(size=WIDE) as pilot:
        first = app.screen.query_one(StripView).lines[3:8]
        first = [tuple(line) for line in first]
        await pilot.press("full_stop")
        second = [tuple(line) for line in app.screen.query_one(StripView).lines[3:8]]

        assert "sample 2/3" in text_of(app)
        assert first != second


@pytest.mark.asyncio
async def test_a_cell_is_chosen_with_the_mouse():
    session = at(hello(), "memory.a.t3")
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        # The third time step, the second unit: below the time and the letters.
        await pilot.click(StripView, offset=(2 + 10 + 2 * 9 + 1, 1 + 3))

        assert chosen(app) == Neuron(1, session.network.columns[1].unit((2, 1)))


@pytest.mark.asyncio
async def test_an_op_repaints_little():
    app = app_of(at(stack(), "first.a.t2"))
    async with app.run_test(size=WIDE) as pilot:
        view = app.screen.query_one(StripView)
        before = list(view.lines)
        await pilot.press("n")
        changed = [k for k, line in enumerate(view.lines) if line != before[k]]

        assert 0 < len(changed) <= 6


@pytest.mark.asyncio
async def test_how_much_has_come_back_is_said_below():
    session = at(recall(), "memory.a.t18.grad")
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        shown = text_of(app)

        assert "‖∂h⟨18⟩‖" in shown
        assert "× ‖∂h⟨20⟩‖" in shown
