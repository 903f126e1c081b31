"""The screen on which a network continues a prompt."""

import pytest
from on_screen import app_of, said, text_of
from strips import at
from transformers import alone, reverse, trained

from nntui.session.generate import Choice
from nntui.ui.renderables.generated import Page, generated_lines, prompt_of
from nntui.ui.screens.generate import GenerateScreen
from nntui.ui.spans import plain, width

TOKENS = ("a", "b", "|")
CHOICE = Choice(1, (0.2, 0.7, 0.1), 2)


def shown(page, cells=50, rows=20):
    return [plain(line).rstrip() for line in generated_lines(page, cells, rows)]


def test_a_prompt_is_written_with_a_cursor_after_it():
    lines = shown(Page(TOKENS, 4, "ab"))

    assert lines[0] == "ab█"
    assert "The network knows a b |" in lines
    assert any("sees 4 of them at once" in line for line in lines)


def test_what_was_chosen_stands_after_the_prompt_with_its_chances():
    page = Page(TOKENS, 4, "a|", (0, 2, 1), (CHOICE,))
    lines = shown(page)

    assert lines[0] == "a|b"
    assert lines[2].endswith("70.0%  ◂ chosen, greedy")
    assert lines[-1] == "It saw all 2 tokens before; it can see 4 at once."


def test_a_window_that_is_too_short_for_all_is_told():
    page = Page(TOKENS, 2, "abab", (0, 1, 0, 1, 1), (CHOICE,))

    assert shown(page, 70)[-1] == "It saw the last 2 of 4 tokens: it cannot see more at once."


def test_a_problem_is_told_below():
    assert "no token 'x'" in shown(Page(TOKENS, 2, "x", problem="there is no token 'x'"))[-1]


@pytest.mark.parametrize(("cells", "rows"), [(24, 6), (40, 10), (80, 16)])
def test_the_newest_token_stays_in_view(cells, rows):
    page = Page(TOKENS, 2, "a", (0, *[1] * 900), (CHOICE,) * 900)
    lines = generated_lines(page, cells, rows)

    assert len(lines) <= rows
    assert max(map(width, lines)) <= cells
    assert any("reverse" in style for line in lines for _, style in line)


@pytest.mark.parametrize(("asked", "expected"), [(3, "abc|"), (None, "abc"), (0, "abc")])
def test_a_sample_is_a_prompt_up_to_where_it_is_asked(asked, expected):
    assert prompt_of(["a", "b", "c", "|", "c", "b"], asked) == expected


@pytest.mark.asyncio
@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_a_trained_network_is_watched_reversing(size):
    session = trained(300)
    before = session.trainer.state.vector.tobytes()
    app = app_of(session)
    async with app.run_test(size=size) as pilot:
        await pilot.press("p", *"dcbaa|")
        assert "dcbaa|█" in text_of(app)
        await pilot.press("enter")
        assert "dcbaa|a" in text_of(app)
        assert "◂ chosen, greedy" in text_of(app)
        await pilot.press("space", "enter", "space", "enter")
        assert "dcbaa|aabcd" in text_of(app)
        await pilot.press("backspace")
        assert "dcbaa|aabc" in text_of(app)
        assert "dcbaa|aabcd" not in text_of(app)
        await pilot.press("escape")
        assert not isinstance(app.screen, GenerateScreen)
    assert session.trainer.state.vector.tobytes() == before


@pytest.mark.asyncio
async def test_the_prompt_of_the_sample_is_there_to_begin_with():
    session = at(reverse(causal=True), "block.a")
    tokens = session.network.columns[0].tokens
    prompt = "".join(tokens[int(value)] for value in session.frame.row("x")[:4])
    app = app_of(session)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("p")
        assert f"{prompt}█" in text_of(app)
        await pilot.press("backspace", "a")
        assert f"{prompt[:-1]}a█" in text_of(app)


@pytest.mark.asyncio
async def test_what_is_written_takes_the_place_of_the_suggestion():
    app = app_of(at(reverse(causal=True), "block.a"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("p")
        offered = app.screen.query_one("#generated").lines[1]
        assert "dim" in [style for text, style in offered if text.strip(" │█")]
        assert "type a prompt, or Enter for this one" in text_of(app)
        await pilot.press("x", "enter")
        assert "there is no token 'x'" in text_of(app)
        await pilot.press("backspace", "d", "c")
        assert "│ dc█" in text_of(app)
        assert "Enter for this one" not in text_of(app)


@pytest.mark.asyncio
async def test_enter_takes_the_suggestion():
    session = at(reverse(causal=True), "block.a")
    tokens = session.network.columns[0].tokens
    prompt = "".join(tokens[int(value)] for value in session.frame.row("x")[:4])
    app = app_of(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("p", "enter")
        assert f"│ {prompt}" in text_of(app)
        assert "◂ chosen, greedy" in text_of(app)


@pytest.mark.asyncio
async def test_the_choice_gets_bolder_and_surer():
    app = app_of(reverse(causal=True))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("p", "a", "enter", "plus", "plus", "enter")
        assert "◂ chosen, temperature 0.5" in text_of(app)
        await pilot.press("minus", "minus", "minus", "enter")
        assert "◂ chosen, greedy" in text_of(app)


@pytest.mark.asyncio
async def test_what_is_no_token_is_refused_and_can_be_corrected():
    app = app_of(reverse(causal=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("p", "enter")
        assert "write a token or more first" in text_of(app)
        await pilot.press("x", "enter")
        assert "there is no token 'x'" in text_of(app)
        await pilot.press("backspace", "a", "enter")
        assert "chosen" in text_of(app)
        await pilot.press("backspace")
        assert "a█" in text_of(app)


@pytest.mark.asyncio
async def test_a_network_that_cannot_generate_says_so():
    app = app_of(alone())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("p")
        assert said(app) == [
            "this network cannot continue a prompt: its inputs are no tokens with names"
        ]
