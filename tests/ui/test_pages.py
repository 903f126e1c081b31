"""The pages over the screen: two branches compared, a number's history, a gradient checked."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from fake_session import exam
from fake_study import KINK, LONG, FakeStudy, found, slope
from on_screen import app_of, text_of

from nntui.errors import UsageError
from nntui.scenario.reader import load
from nntui.session.course import Course
from nntui.session.losses import Losses
from nntui.session.position import Depth, Position
from nntui.session.session import Session
from nntui.ui.command_line import parse
from nntui.ui.renderables import comparison, course
from nntui.ui.renderables.slope import slope_lines, survey_lines
from nntui.ui.screens.compare import CompareScreen, pair
from nntui.ui.screens.course import CourseScreen
from nntui.ui.screens.debugger import DebuggerScreen
from nntui.ui.screens.slope import SlopeScreen
from nntui.ui.spans import plain, width
from nntui.ui.widgets.prompt import PromptInput

SIZES = [(120, 36), (80, 24), (40, 12)]


def shown(lines, cells):
    assert all(width(line) <= cells for line in lines)
    return "\n".join(plain(line).rstrip() for line in lines)


def faked(reports=0, branches=("main",)):
    session = exam()
    session.study = FakeStudy(reports)
    for name in branches[1:]:
        session.timeline.branches[name] = SimpleNamespace(
            name=name, parent=session.timeline.branch, edits=[], losses=Losses()
        )
    return session


async def opened(pilot, *keys):
    await pilot.press(*keys)
    await pilot.pause()
    await pilot.pause()
    return text_of(pilot.app)


async def write(pilot, line):
    await pilot.press("colon")
    pilot.app.screen.query_one(PromptInput).value = line
    return await opened(pilot, "enter")


def said(app):
    return [notice.message for notice in app._notifications]


# --- what they look like --------------------------------------------------------------------------


def page(**changes):
    ops = exam().network.ops
    return comparison.Page(found(), ops, ((), ("hidden.z[1] = 1.5",)), **changes)


def test_two_branches_side_by_side():
    text = shown(comparison.comparison_lines(page(cursor=1), 100, 34), 100)

    assert "Forked off main in step 2, after op 3, hidden.z" in text
    assert "hidden.z[1] = 1.5" in text
    assert "▸ step 2  op 3  hidden.z" in text
    assert "changed by hand" in text
    assert "hidden.z[h2] of sample 1  3.2 and 1.5   Δ −1.7000   1 of 2 numbers differ" in text
    assert "4 of 9 numbers after step 4, by |Δ|" in text
    assert "hidden.weight[0, 0]  w0      +1.0000  +2.0000  Δ +1.0000     50 %  ██████████" in text
    assert "loss at 4" in text


def test_a_long_symbol_is_not_cut():
    of_map = tuple(replace(one, symbol="w₍₁₀,₁₁₎₁") for one in found().by_size)
    ops = exam().network.ops
    wide = comparison.Page(replace(found(), by_size=of_map), ops, ((), ()))

    assert "w₍₁₀,₁₁₎₁  +1.0000" in shown(comparison.comparison_lines(wide, 100, 34), 100)


def test_what_is_not_known_yet_shows_how_far_it_is():
    known = FakeStudy().compare("main", "main-2")
    lines = comparison.comparison_lines(
        comparison.Page(known, exam().network.ops, ((), ()), share=0.4), 80, 24
    )
    text = shown(lines, 80)
    assert "looking" in text
    assert "40 %" in text


def test_no_difference_says_why():
    same = replace(found(), first=None, by_size=(), differing=0)
    ops = exam().network.ops
    text = shown(comparison.comparison_lines(comparison.Page(same, ops, ((), ())), 80, 24), 80)
    assert "there is none up to step 5: the change has no effect" in text
    assert "there is no difference" in text
    never = comparison.Page(replace(same, parted=None), ops, ((), ()))
    assert "nothing was changed on either" in shown(comparison.comparison_lines(never, 80, 24), 80)


@pytest.mark.parametrize("cells", [20, 36, 76, 200])
@pytest.mark.parametrize("rows", [8, 19, 22, 60])
def test_a_comparison_keeps_every_size(cells, rows):
    for cursor in range(page().entries):
        lines = comparison.comparison_lines(page(cursor=cursor), cells, rows)
        assert len(lines) == rows
        shown(lines, cells)


def test_the_chosen_number_stays_in_view():
    many = replace(found(), by_size=found().by_size * 20)
    for cursor in (2, 40, 81):
        chosen = comparison.Page(many, exam().network.ops, ((), ()), cursor=cursor)
        assert "▸ hidden" in shown(comparison.comparison_lines(chosen, 80, 24), 80)


def followed(text="hidden.weight[0, 1]"):
    study = FakeStudy()
    found_out = study.course(text)
    list(study.follow(found_out))
    return found_out


def test_a_history_has_its_extremes_and_where_one_is():
    text = shown(course.course_lines(course.Page(followed(), 2, 4), 90, 24), 90)

    assert "at the line  3 in step 2     now  0 in step 4" in text
    assert "smallest     −2 in step 3     largest  5 in step 8" in text
    assert "place in the batch" not in text
    sampled = course.Page(followed("hidden.z[0, 1]"), 2, 4)
    assert "place in the batch" in shown(course.course_lines(sampled, 90, 24), 90)


def test_a_history_of_nothing_says_so():
    empty = Course("loss", "main", op=7, steps=0, sampled=False)
    assert "no step has been completed yet" in shown(
        course.course_lines(course.Page(empty, 1, 1), 60, 16), 60
    )


@pytest.mark.parametrize("cells", [20, 40, 76, 200])
@pytest.mark.parametrize("rows", [6, 14, 40])
def test_a_history_keeps_every_size(cells, rows):
    for share in (None, 0.5):
        lines = course.course_lines(course.Page(followed(), 2, 4, share=share), cells, rows)
        assert len(lines) == rows
        shown(lines, cells)


def test_a_gradient_with_the_numbers_in_the_formula():
    text = shown(slope_lines(slope(), 96), 96)

    assert "hidden.weight[0, 1]   w₁₂ = 0.3   as step 3 began" in text
    assert "h = 0.0001   (0.499975 − 0.500025) / 0.0002 = −0.25" in text
    assert "(4 × (−0.25) − (−0.25)) / 3 = −0.25" in text
    assert "✓ they agree: the difference is 0 of the largest gradient in hidden.weight" in text


def test_a_kink_names_the_op_and_the_cell():
    text = shown(slope_lines(slope(verdict="kink", kinks=(KINK,)), 80), 80)

    assert "– left out: the loss has a kink between w − h and w + h" in text
    assert "op 4  hidden.a[h2] of sample 3   a = max(0, z)" in text
    assert "hidden.z[h2] of sample 3 changes sign" in text


def test_the_other_verdicts():
    assert "✗ they do not agree" in shown(slope_lines(slope(verdict="wrong"), 90), 90)
    assert "too few digits" in shown(slope_lines(slope(verdict="rounding"), 90), 90)
    pending = shown(slope_lines(slope(verdict="pending", gradient=None), 90), 90)
    assert "not computed yet in this step" in pending


@pytest.mark.parametrize("cells", [16, 40, 76, 200])
def test_a_gradient_keeps_every_width(cells):
    shown(slope_lines(slope(verdict="kink", kinks=(KINK,)), cells), cells)
    work = FakeStudy().slopes.all("hidden.weight")
    next(work)
    with pytest.raises(StopIteration) as over:
        next(work)
    text = shown(survey_lines(over.value.value, cells, 0), cells)
    assert "wrong" in text or cells < 76


# --- what they do ---------------------------------------------------------------------------------


@pytest.mark.asyncio
@pytest.mark.parametrize("size", SIZES)
async def test_v_compares_and_escape_leaves_it_all(size):
    app = app_of(faked(branches=("main", "main-2")))
    async with app.run_test(size=size) as pilot:
        await pilot.press("n", "n", "n")
        before = text_of(app)
        text = await opened(pilot, "v")
        assert isinstance(app.screen, CompareScreen)
        assert "Compare main-2 and main" in text
        await pilot.press("down", "down", "tab", "r", "L", "s", "y", "G", "g", "left", "right")
        assert await opened(pilot, "escape") == before


@pytest.mark.asyncio
async def test_one_branch_alone_says_how_to_make_another():
    app = app_of(faked())
    async with app.run_test(size=(120, 36)) as pilot:
        text = await opened(pilot, "v")
        assert "There is only one branch, main" in text
        assert ":fork" in text
        await pilot.press("escape")
        assert isinstance(app.screen, DebuggerScreen)


@pytest.mark.asyncio
async def test_a_long_search_shows_how_far_it_is_and_can_be_left():
    app = app_of(faked(LONG, ("main", "main-2")))
    async with app.run_test(size=(120, 36)) as pilot:
        assert "looking" in await opened(pilot, "v")
        await pilot.press("escape")
        assert isinstance(app.screen, DebuggerScreen)
        assert not app.screen.workers


@pytest.mark.asyncio
async def test_other_branches_take_their_turn():
    app = app_of(faked(branches=("main", "one", "two")))
    async with app.run_test(size=(120, 36)) as pilot:
        await write(pilot, "compare one")
        assert "Compare one and main" in text_of(app)
        assert "Compare one and two" in await opened(pilot, "right")
        assert "Compare main and two" in await opened(pilot, "tab", "left")


@pytest.mark.asyncio
@pytest.mark.parametrize("size", SIZES)
async def test_the_history_of_the_number_at_the_cursor(size):
    app = app_of(faked())
    async with app.run_test(size=size) as pilot:
        await pilot.press("n", "n", "n", "n", "n")
        before = text_of(app)
        text = await opened(pilot, "H")
        assert isinstance(app.screen, CourseScreen)
        assert "hidden.z[0, 1]" in text
        await pilot.press("right", "left", "up", "down", "pageup", "pagedown", "home", "end")
        await pilot.press("tab", "shift+tab", "less_than_sign", "greater_than_sign")
        assert await opened(pilot, "escape") == before


@pytest.mark.asyncio
async def test_the_step_where_it_was_that():
    app = app_of(faked())
    async with app.run_test(size=(120, 36)) as pilot:
        await write(pilot, "history hidden.weight[0, 1]")
        assert "at the line  1 in step 1" in text_of(app)
        assert "5 in step 8     now" in await opened(pilot, "greater_than_sign")
        assert "−2 in step 3     now" in await opened(pilot, "less_than_sign")
        assert "go to where it was 2.5" in await opened(pilot, "2", "full_stop", "5")
        assert "3 in step 5     now" in await opened(pilot, "enter")
        assert "5 in step 8     now" in await opened(pilot, "n")
        assert "3 in step 2     now" in await opened(pilot, "n")
        assert "5 in step 8     now" in await opened(pilot, "N")
        text = await opened(pilot, "backspace", "backspace", "backspace", "minus", "9", "enter")
        assert "it was never there in 8 steps" in text
        assert "write a number" in await opened(pilot, "escape")
        await pilot.press("home", "right", "right", "enter")
        await pilot.pause()
        assert isinstance(app.screen, DebuggerScreen)
        assert "step  3/200" in text_of(app).replace("step   ", "step  ")


@pytest.mark.asyncio
async def test_a_history_that_takes_long_is_drawn_as_it_comes():
    app = app_of(faked(LONG))
    async with app.run_test(size=(120, 36)) as pilot:
        assert "running step 0 of 8 again" in await write(pilot, "history loss")
        await pilot.press("escape")
        assert not app.screen.workers


@pytest.mark.asyncio
@pytest.mark.parametrize("size", SIZES)
async def test_x_checks_the_weights_of_the_neuron(size):
    app = app_of(faked())
    async with app.run_test(size=size) as pilot:
        await pilot.press("n", "n", "n", "n", "n")
        before = text_of(app)
        text = await opened(pilot, "x")
        assert isinstance(app.screen, SlopeScreen)
        assert "Is the gradient" in text
        await opened(pilot, "right", "left", "down", "up", "y", "a", "down", "enter")
        assert await opened(pilot, "escape") == before


@pytest.mark.asyncio
async def test_a_whole_parameter_with_the_worst_first():
    app = app_of(faked())
    async with app.run_test(size=(120, 36)) as pilot:
        text = await write(pilot, "check hidden.weight")
        assert "4 of 4 numbers: 2 right, 1 wrong, 1 with a kink, left out" in text
        assert text.index("✗ hidden.weight[1, 0]") < text.index("– hidden.weight[0, 1]")
        closer = await opened(pilot, "down", "enter")
        assert "hidden.a[h2] of sample 3" in closer
        assert "4 of 4 numbers" in await opened(pilot, "a")
        assert "4 of 4 numbers" not in await opened(pilot, "a")


@pytest.mark.asyncio
async def test_what_cannot_be_is_said():
    app = app_of(faked())
    async with app.run_test(size=(120, 36)) as pilot:
        await write(pilot, "history hidden?")
        await write(pilot, "check output.weight[0, 0]")
        await write(pilot, "compare a b c")
        assert isinstance(app.screen, DebuggerScreen)
        assert said(app)[-3:] == [
            "this is no expression",
            "there is no parameter 'output.weight'",
            "two branches can be compared: write :compare BRANCH BRANCH",
        ]


def test_the_commands():
    assert parse("check hidden.weight[0, 1]", ()).cell.index == (0, 1)
    assert parse("check hidden.weight", ()).cell.index == ()
    assert parse("history abs(loss) + 1", ()).word == "abs(loss) + 1"
    assert parse("compare one two", ()).word == "one two"
    for name in ("check", "history", "compare"):
        assert parse(name, ()).name == name
    for line in ("check hidden.weight[0, b]", "check a = 3", "check ]"):
        with pytest.raises(UsageError):
            parse(line, ())


def test_which_two_are_compared():
    session = faked(branches=("main", "one", "two"))
    assert pair(session, []) == ("two", "main")
    assert pair(session, ["one"]) == ("one", "main")
    assert pair(session, ["main"]) == ("two", "main")
    assert pair(session, ["one", "two"]) == ("one", "two")
    session.timeline.branch = session.timeline.branches["one"]
    assert pair(session, []) == ("main", "one")


# --- in a real session ----------------------------------------------------------------------------


def branched():
    session = Session(load("exam"))
    session.cursor.go(12)
    session.cursor.go(4, 3)
    session.edit("hidden.z", (1,), -1.0)
    session.cursor.go(9)
    return session


@pytest.mark.asyncio
async def test_enter_goes_to_the_first_difference_on_the_chosen_branch():
    session = branched()
    app = app_of(session)
    async with app.run_test(size=(120, 36)) as pilot:
        text = await opened(pilot, "v")
        assert "step 4  op 3  hidden.z" in text
        await pilot.press("tab", "enter")
        await pilot.pause()
        assert (session.branch, session.cursor.position.step, session.cursor.position.op) == (
            "main",
            4,
            3,
        )
        assert session.frame.value("hidden.z", 1) != -1.0


@pytest.mark.asyncio
async def test_enter_on_a_watch_opens_its_history():
    session = Session(load("exam"))
    for _ in range(6):
        session.cursor.forward(Depth.STEP)
    app = app_of(session)
    async with app.run_test(size=(120, 36)) as pilot:
        await write(pilot, "watch output.weight[0, 1] * 2")
        await pilot.press("5")
        assert "loss  step by step" in await opened(pilot, "enter")
        await pilot.press("escape", "down", "enter")
        text = await opened(pilot)
        assert "output.weight[0, 1] * 2  step by step" in text
        await pilot.press("home", "right", "enter")
        await pilot.pause()
        op = next(
            i for i in session.network.ops if (i.output, i.phase) == ("output.weight", "update")
        )
        assert session.cursor.position == Position(2, op.number, op.elements)


@pytest.mark.asyncio
async def test_the_parameters_pane_means_its_own_numbers():
    session = Session(load("iris"))
    session.cursor.go(3)
    app = app_of(session)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("4")
        assert "output." in await opened(pilot, "H")
        turned = [text_of(app).split("step by step")[0][-30:]]
        for _ in range(3):
            turned.append((await opened(pilot, "tab")).split("step by step")[0][-30:])
        assert any(".m[" in text for text in turned)
        await pilot.press("escape")
        assert "Is the gradient of output." in await opened(pilot, "x")


@pytest.mark.asyncio
async def test_why_leads_to_the_check():
    session = Session(load("exam"))
    session.cursor.go(1)
    app = app_of(session)
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot, "w")
        assert "✓ they agree" in await opened(pilot, "x")
        assert "Why did" in await opened(pilot, "escape")
