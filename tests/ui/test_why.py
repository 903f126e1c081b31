"""The page that says why a weight moved."""

import pytest
from on_screen import app_of, text_of

from nntui.scenario import load
from nntui.session.session import Session
from nntui.ui.renderables.why import why_lines
from nntui.ui.spans import plain, width


def page(session, parameter, index, cells=100, sample=None):
    lines = why_lines(session.reader.why(parameter, index, sample), cells)
    assert all(width(line) <= cells for line in lines)
    return "\n".join(plain(line).rstrip() for line in lines)


def test_the_sums_and_the_chain_are_written_out():
    session = Session(load("iris"))
    session.cursor.go(1)
    text = page(session, "output.weight", (0, 2), sample=1)

    assert "The optimizer  w ← w − η m̂ / (√v̂ + ε)" in text
    assert "✓ its parts add up to" in text
    assert "✓ the shares add up to" in text
    assert "▸ sample 2" in text
    assert "From the loss to w₁₃  along sample 2" in text
    assert "the sum of 10" in text


def test_what_has_not_moved_says_so():
    session = Session(load("exam"))
    text = page(session, "hidden.weight", (0, 0))

    assert "w₁₁ has not moved yet in step 1" in text
    assert "The backward pass has not reached it" in text


@pytest.mark.parametrize("cells", [12, 30, 60, 200])
def test_every_width_is_kept(cells):
    session = Session(load("iris"))
    session.cursor.go(3)
    page(session, "hidden.weight", (0, 0), cells)


@pytest.mark.asyncio
@pytest.mark.parametrize("size", [(120, 36), (80, 24), (40, 12)])
async def test_w_opens_it_and_escape_closes_it(size):
    session = Session(load("exam"))
    app = app_of(session)
    session.cursor.go(1)
    async with app.run_test(size=size) as pilot:
        await pilot.press("w")
        await pilot.pause()
        first = text_of(app)
        assert "Why did" in first
        await pilot.press("right")
        await pilot.pause()
        assert text_of(app) != first
        await pilot.press("full_stop", "comma", "down", "up", "y", "escape")
        await pilot.pause()
        assert "Why did" not in text_of(app)


@pytest.mark.asyncio
async def test_the_parameters_pane_gives_its_own_weights():
    session = Session(load("exam"))
    app = app_of(session)
    session.cursor.go(1)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("4", "w")
        await pilot.pause()
        assert "Why did output." in text_of(app)


@pytest.mark.asyncio
async def test_the_check_of_the_gradients_is_in_a_wide_header():
    """It takes what the title leaves, and moves nothing."""
    session = Session(load("exam"))
    session.cursor.go(1)
    app = app_of(session)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        header = text_of(app).splitlines()[0]
        assert "∇✓" in header.replace(" ", "")
        await pilot.press("n")
        after = text_of(app).splitlines()[0]
        assert "∇" not in after
        assert after.index("step") == header.index("step")
        await pilot.resize_terminal(100, 36)
        await pilot.pause()
        assert "∇" not in text_of(app).splitlines()[0]
