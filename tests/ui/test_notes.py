"""Notes beside the operation, and all of them to read again."""

from dataclasses import replace

import pytest
from on_screen import SMALL, WIDE, app_of, exam, text_of

from nntui.scenario.reader import load
from nntui.session.lesson import Lesson
from nntui.session.session import Session
from nntui.ui.renderables.notes import BAR, nearest_note, note_blocks, notes_foot
from nntui.ui.renderables.operation import operation_lines
from nntui.ui.screens.notes import NotesText
from nntui.ui.spans import plain, width
from nntui.ui.widgets.operation import OperationPane

WORDS = tuple(f"word{k}" for k in range(40))
LONG = Lesson(2, 3, "backward output.z.grad", (10,), " ".join(WORDS))
THREE = (
    Lesson(1, 3, "data x", (1,), "First the data."),
    LONG,
    Lesson(3, 3, "update hidden.weight", (17,), "Last the weights."),
)


def text(lines):
    return [plain(line).rstrip() for line in lines]


def words_in(app, kind):
    """What a widget shows, its frame and line breaks taken away."""
    lines = app.screen.query_one(kind).lines
    return " ".join(" ".join(plain(line) for line in lines).replace("│", " ").split())


def explanation(*lessons):
    session = exam()
    session.cursor.go(1, 10)
    return replace(session.frame.explanation, lessons=lessons)


# -- beside the operation --------------------------------------------------------------------------


@pytest.mark.parametrize("cells", [36, 46, 76])
def test_a_note_never_hides_the_numbers(cells):
    numbers = [line for line in text(operation_lines(explanation(), cells, 30)) if "=" in line]
    for rows in range(len(numbers) + 3, 40):
        lines = text(operation_lines(explanation(LONG), cells, rows))

        assert len(lines) == rows
        assert lines[0].startswith("output.z.grad[pass]")
        assert any(line.startswith("      = −0.176") for line in lines)
        assert "upstream  ∂L/∂a = −1.213" in lines


@pytest.mark.parametrize("cells", [36, 46, 76])
def test_of_a_note_too_long_the_beginning_is_shown(cells):
    whole = None
    for rows in range(30, 8, -1):
        lines = text(operation_lines(explanation(LONG), cells, rows))
        note = " ".join(line.removeprefix(BAR) for line in lines if line.startswith(BAR.strip()))
        whole = whole or note
        words = note.split()

        assert max(map(len, lines)) <= cells
        if rows < 13 and not words:
            continue
        assert words[-1] == WORDS[-1] or words[-1].endswith("…")
        assert words[:-1] == list(WORDS[: len(words) - 1])
    assert whole == LONG.text


def test_several_notes_at_an_op_stand_one_below_the_other():
    lines = text(operation_lines(explanation(THREE[0], THREE[2]), 60, 30))

    assert [line for line in lines if BAR in line] == [
        f"{BAR}First the data.",
        f"{BAR}Last the weights.",
    ]


def test_the_foot_says_which_notes_these_are_and_whether_there_is_more():
    assert plain(notes_foot((THREE[0], THREE[2]), whole=True)) == "notes 1, 3 of 3   o all"
    assert plain(notes_foot(THREE[1:2], whole=False)) == "note 2 of 3   o reads on"
    assert notes_foot((), whole=True) == ()


@pytest.mark.asyncio
async def test_a_note_that_has_no_room_says_how_to_read_it():
    session = exam()
    app = app_of(session)
    of = len(session.network.lessons)
    async with app.run_test(size=SMALL) as pilot:
        for number, foot in ((5, "o all"), (8, "o reads on")):
            session.cursor.go(1, session.network.lessons[number - 1].ops[0])
            await pilot.press("n", "N")
            await pilot.pause()
            assert f"note {number} of {of}   {foot}" in text_of(app)


# -- all of them -----------------------------------------------------------------------------------


def test_the_notes_are_listed_with_their_ops():
    blocks = note_blocks(THREE, 40, op=17, chosen=0)

    assert text(blocks[0]) == ["  1  data x", "     First the data.", ""]
    assert text(blocks[2]) == ["▸ 3  update hidden.weight", "     Last the weights.", ""]
    assert all("cursor" in style for _, style in blocks[0][0])
    assert not any("cursor" in style for block in blocks[1:] for line in block for _, style in line)
    for cells in range(12, 100, 7):
        listed = note_blocks(THREE, cells, op=1, chosen=2)
        assert max(width(line) for block in listed for line in block) <= cells


@pytest.mark.parametrize(
    ("op", "place"), [(0, 0), (1, 0), (9, 0), (10, 1), (16, 1), (17, 2), (20, 2)]
)
def test_the_list_opens_at_the_last_note_passed(op, place):
    assert nearest_note(THREE, op) == place


# -- on the screen ---------------------------------------------------------------------------------


@pytest.mark.asyncio
@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_a_note_says_which_it_is(size):
    session = exam()
    app = app_of(session)
    count = len(session.network.lessons)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert f"{count} notes come up on the way" in words_in(app, OperationPane)
        await pilot.press(*"nnn")
        assert f"note 2 of {count}" in text_of(app)
        assert "= 0.2 × 3 + 0.3 × 7 + 0.5" in text_of(app)
        await pilot.press("n", "N", "S", "S")
        assert session.frame.op.output == "hidden.z"
        assert f"note 2 of {count}" in text_of(app)


@pytest.mark.asyncio
@pytest.mark.parametrize("size", [WIDE, SMALL, (40, 12)])
async def test_the_notes_can_be_read_again_and_gone_to(size):
    session = exam()
    app = app_of(session)
    lessons = session.network.lessons
    async with app.run_test(size=size) as pilot:
        await pilot.press("o")
        await pilot.pause()
        for lesson in lessons:
            shown = words_in(app, NotesText)
            assert lesson.at in shown
            assert size == (40, 12) or lesson.text in shown
            await pilot.press("j")
        await pilot.press("k", "enter")
        await pilot.pause()
        assert session.frame.op.number == lessons[-2].ops[0]
        assert session.frame.position.step == 1


@pytest.mark.asyncio
async def test_a_scenario_without_notes_says_so():
    session = Session(replace(load("exam"), notes=()))
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        assert "notes come up" not in words_in(app, OperationPane)
        await pilot.press("o")
        await pilot.pause()
        assert "This scenario has no notes." in text_of(app)
