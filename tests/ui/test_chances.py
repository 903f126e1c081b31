"""The chances of what may come next, and what a network says beside what it should."""

import pytest
from on_screen import app_of, text_of
from strips import at, hello
from transformers import reverse

from nntui.ui.renderables.chances import answer_lines, chance_lines, last_asked, wanted_at
from nntui.ui.spans import plain, width

NAMES = ("a", "b", "c", "d", "e", "f")
CHANCES = (0.1, 0.4, 0.05, 0.25, 0.15, 0.05)


def shown(lines):
    return [plain(line).rstrip() for line in lines]


def test_the_most_probable_come_first_with_bars_and_percentages():
    lines = shown(chance_lines(NAMES, CHANCES, 60))

    assert [line[0] for line in lines] == ["b", "d", "e", "a", "c"]
    assert lines[0] == "b ████████░░░░░░░░░░░░  40.0%"


def test_the_wanted_one_is_marked_wherever_it_stands():
    first = shown(chance_lines(NAMES, CHANCES, 60, marked=1))
    rare = shown(chance_lines(NAMES, CHANCES, 60, marked=5))

    assert first[0].endswith("40.0%  ◂ wanted")
    assert [line[0] for line in rare] == ["b", "d", "e", "a", "f"]
    assert rare[-1].endswith("◂ wanted")
    assert sum("◂" in line for line in (*first, *rare)) == 2


def test_chances_that_are_not_computed_are_no_numbers():
    lines = shown(chance_lines(NAMES, [None] * 6, 60))

    assert lines == ["·", "", "", "", ""]
    assert shown(chance_lines(NAMES, (*CHANCES[:5], None), 60))[0] == "·"


@pytest.mark.parametrize("cells", [12, 20, 34, 76])
def test_lines_stay_in_their_place(cells):
    for lines in (
        chance_lines(("a long name of a class", *NAMES), (0.0, *CHANCES), cells, marked=0),
        answer_lines(reverse().network, at(reverse(), "loss.p").frame, 4, cells),
    ):
        assert max(map(width, lines)) <= cells


def test_what_is_said_stands_beside_what_is_wanted():
    session = at(reverse(), "loss.p")
    network, frame = session.network, session.frame
    lines = shown(answer_lines(network, frame, 5, 50))
    wanted = [int(frame.value("y", t)) for t in range(6)]
    said = []
    for t in range(3, 6):
        chances = [frame.value("loss.p", t, k) for k in range(5)]
        said.append(network.targets[chances.index(max(chances))])

    assert wanted[:3] == [-1] * 3
    assert [wanted_at(network, frame, t) for t in range(3)] == [None] * 3
    assert lines[0].startswith("time step 6 after ")
    assert lines[-2].split() == ["says", *said]
    assert lines[-1].split() == ["wanted", *(network.targets[k] for k in wanted[3:])]
    assert last_asked(network, frame) == 5


@pytest.mark.asyncio
async def test_an_answer_up_close_has_the_chances_of_its_time_step():
    session = at(reverse(), "loss.p")
    column = len(session.network.columns) - 1
    app = app_of(session)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        assert "6 Answer" in text_of(app)
        assert "time step 6 after" in text_of(app)
        app.screen._chosen = type(app.screen._scene.neuron)(column, 15)
        app.screen._show()
        await pilot.pause()
        assert "time step 4 after |" in text_of(app)
        assert "◂ wanted" in text_of(app)


@pytest.mark.asyncio
async def test_letters_of_a_recurrent_network_have_chances_too():
    app = app_of(at(hello(), "loss.p"))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        assert "6 Answer" in text_of(app)
        assert "says " in text_of(app)
