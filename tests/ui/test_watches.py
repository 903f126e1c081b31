"""Watches below the loss plot."""

import math

import pytest
from on_screen import SMALL, WIDE, app_of, exam, text_of
from rivals import points

from nntui.errors import UsageError
from nntui.scenario import load
from nntui.session.position import Depth
from nntui.session.session import Session
from nntui.session.watchrow import WatchRow
from nntui.ui.command_line import parse
from nntui.ui.renderables.watches import names_in, sparkline, watch_lines
from nntui.ui.spans import entries, plain, width
from nntui.ui.widgets.loss import LossPane

LOSS = WatchRow(1, "loss", 0.25, 0.25, 2.0, (2.0, 1.0, 0.5, 0.25), (1, 2, 3, 4))
NEW = WatchRow(2, "abs(hidden.weight.grad).max()", None, None, None)


def shown(rows, cells, height):
    lines = watch_lines(rows, cells, height)
    assert len(lines) <= height
    assert all(width(line) <= cells for line in lines)
    return [plain(line).rstrip() for line in lines]


def test_a_wide_line_has_it_all():
    (line,) = shown([LOSS], 60, 3)
    assert line.startswith("1 loss")
    assert "+0.2500 █▄▂▁" in line
    assert line.endswith("+0.25 … +2.00")


def test_a_narrow_one_puts_the_course_and_the_range_below():
    first, second = shown([LOSS], 32, 3)
    assert first == "1 loss                   +0.2500"
    assert second == "  █▄▂▁          +0.25 … +2.00"
    assert len(shown([LOSS], 32, 1)) == 1


NAMES = ["block.attention[0, 5, 4]", "block.attention[0, 6, 4]", "rnn.h.grad.norm[0]"]


@pytest.mark.parametrize(("cells", "height"), [(36, 6), (36, 3), (60, 3)])
def test_names_that_are_alike_can_be_told_apart(cells, height):
    rows = [WatchRow(k, name, 0.5, 0.5, 0.5, (0.5,), (1,)) for k, name in enumerate(NAMES, 1)]
    lines = shown(rows, cells, height)[:: height // 3]
    assert all(end in line for end, line in zip(("5, 4]", "6, 4]", "norm[0]"), lines, strict=True))


def test_names_are_cut_where_they_stay_different():
    assert names_in(["block.attention[0, 5, 4]"], 16) == ["block…n[0, 5, 4]"]
    assert names_in(["first.weights.max()", "other.weights.max()"], 8) == ["fi…max()", "ot…max()"]
    assert names_in(["a.weight.mean()", "a.weights.mean()", "b"], 9) == ["a.…mean()"] * 2 + ["b"]


def test_what_is_not_known_is_a_dot_and_many_are_counted():
    lines = shown([LOSS, NEW], 60, 4)
    assert "·" in lines[1]
    assert shown([LOSS] * 9, 60, 4)[-1] == "6 more watches"


@pytest.mark.parametrize("cells", [1, 8, 20, 47, 48, 200])
def test_every_size_is_kept(cells):
    for height in (0, 1, 2, 5):
        shown([LOSS, NEW], cells, height)


@pytest.mark.parametrize(
    ("values", "bars"),
    [
        ((), ""),
        ((1.0,), "▁"),
        ((0.0, 7.0), "▁█"),
        ((math.nan, 1.0, math.inf, 2.0), "×▁×█"),
        ((-1.7e308, 1.7e308), "▁█"),
        (tuple(map(float, range(8))), "▁▂▃▄▅▆▇█"),
    ],
)
def test_sparklines(values, bars):
    assert sparkline(watched(values), 10) == bars


def watched(values, steps=()):
    """A watch that has had some values, at steps 1, 2, … where nothing else is said."""
    finite = [value for value in values if math.isfinite(value)]
    low, high = min(finite, default=None), max(finite, default=None)
    return WatchRow(1, "x", None, low, high, values, steps or tuple(range(1, len(values) + 1)))


def test_a_sparkline_is_of_all_steps_seen_and_has_the_peaks():
    falling = tuple(math.exp(-k / 30) for k in range(100))
    assert sparkline(watched(falling), 10) == "█▅▃▂▂▁▁▁▁▁"
    peak = (0.0,) * 30 + (7.0,) + (0.0,) * 69
    assert sparkline(watched(peak), 10) == "▁▁▁█▁▁▁▁▁▁"


def test_steps_not_seen_are_as_the_last_one_before():
    assert sparkline(watched((0.0, 7.0), (1, 10)), 10) == "▁▁▁▁▁▁▁▁▁█"
    assert sparkline(watched((0.0, 3.5, 7.0), (1, 51, 100)), 4) == "▁▁▅█"


def test_the_commands():
    assert parse("watch abs(loss) < 3", ()).word == "abs(loss) < 3"
    assert parse("unwatch 2", ()).number == 2
    for line in ("watch", "unwatch", "unwatch two"):
        with pytest.raises(UsageError):
            parse(line, ())


@pytest.mark.asyncio
@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_a_watch_is_written_and_taken_away(size):
    app = app_of(Session(load("exam")))
    async with app.run_test(size=size) as pilot:
        await pilot.press("5", "colon", *"watch loss * 2", "enter")
        for _ in range(3):
            await pilot.press(*"n" * 20)
        await pilot.pause()
        assert "1 loss * 2" in text_of(app)
        await pilot.press("colon", *"watch loss +", "enter")
        await pilot.pause()
        assert "2 loss" not in text_of(app)
        await pilot.press("colon", *"unwatch 1", "enter")
        await pilot.pause()
        assert "1 loss * 2" not in text_of(app)


def pane_of(app):
    return [plain(line) for line in app.screen.query_one(LossPane).lines]


@pytest.mark.asyncio
@pytest.mark.parametrize("size", [SMALL, WIDE])
async def test_both_losses_are_plotted_with_coverage_and_watches(size):
    session = points(watched=True)
    session.watches.add("js")
    for _ in range(6):
        session.cursor.forward(Depth.STEP)
    app = app_of(session)
    async with app.run_test(size=size) as pilot:
        await pilot.press("5")
        await pilot.pause()
        pane = "\n".join(pane_of(app))
        assert "finite" not in pane
        assert "┤" in pane
        assert any(0x2800 < ord(character) <= 0x28FF for character in pane)
        assert "modes" in pane
        assert "generator.loss" in pane


@pytest.mark.asyncio
async def test_a_pane_too_low_for_the_curves_says_where_they_are():
    app = app_of(exam(4))
    async with app.run_test(size=(70, 16)) as pilot:
        await pilot.press("5", "colon", *"watch loss * 2", "enter")
        await pilot.pause()
        assert any("z: the curves" in line for line in pane_of(app))
        await pilot.press("z")
        await pilot.pause()
        assert any("┤" in line for line in pane_of(app))


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("size", "title"),
    [
        (WIDE, "╭─ 5 Loss  ━ train  ━ test 0.6019 ─╮"),
        (
            SMALL,
            "╭─ 5 Loss  ━ train  ━ test 0.6019 ──── 2 operation  3 ops  4 params  6 neuron ─╮",
        ),
    ],
)
async def test_entries_of_the_legend_are_whole_and_leave_room_for_the_other_panes(size, title):
    session = Session(load("exam4"))
    for _ in range(120):
        session.cursor.forward(Depth.STEP)
    session.cursor.go(110)
    app = app_of(session)
    async with app.run_test(size=size) as pilot:
        await pilot.press("5")
        await pilot.pause()
        assert pane_of(app)[0] == title


def test_entries_are_taken_from_the_first_on():
    parts = [(("one", "text"),), (("three", "text"),), (("2", "text"),)]
    assert [plain(entries(parts, cells)) for cells in (2, 3, 8, 9)] == [
        "",
        "one",
        "onethree",
        "onethree2",
    ]
