"""Watches below the loss plot."""

import math

import pytest
from on_screen import app_of, text_of

from nntui.errors import UsageError
from nntui.scenario import load
from nntui.session.session import Session
from nntui.session.watchrow import WatchRow
from nntui.ui.command_line import parse
from nntui.ui.renderables.watches import sparkline, watch_lines
from nntui.ui.spans import plain, width

LOSS = WatchRow(1, "loss", 0.25, 0.25, 2.0, (2.0, 1.0, 0.5, 0.25))
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


def test_a_narrow_one_puts_the_range_below():
    first, second = shown([LOSS], 32, 3)
    assert "+0.2500 █▄▂▁" in first
    assert second == "  +0.25 … +2.00"
    assert len(shown([LOSS], 32, 1)) == 1


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
    assert sparkline(values, 10) == bars


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
