"""Watches as lines: the value, how it went over the steps seen, the smallest and the largest."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Final

from rich.cells import cell_len

from nntui.session.watchrow import WatchRow
from nntui.ui.format import WIDTH, label, signed
from nntui.ui.spans import Line, Span, crop, cut_inside, fit, pad, restyle, sign_style

BARS = "▁▂▃▄▅▆▇█"

ROOMY = 48
"""The width from which on a watch has all on one line."""

_RANGE: Final = 16
"""Cells of the smallest and the largest value, or of the words that stand for them."""

_LEAST: Final = 8
"""Cells of bars that a name leaves free."""


def watch_lines(rows: Sequence[WatchRow], cells: int, height: int, chosen: int = -1) -> list[Line]:
    """The watches in at most `cells` × `height`.

    Where a line is too short for all of a watch, and there are lines enough, its course and its
    range stand below its name and its value.

    Args:
        chosen: the one under the cursor, from 0.
    """
    if not rows or height < 1:
        return []
    roomy = cells >= ROOMY
    double = not roomy and 2 * len(rows) <= height
    shown = rows if len(rows) <= height else rows[: height - 1]
    digits = max(len(str(row.number)) for row in rows)
    free = cells - digits - WIDTH - 2
    if not double:
        longest = max(cell_len(row.text) for row in rows)
        free = min(longest, free - _LEAST - (_RANGE if roomy else 0), cells // 2)
    room = max(free, 4)
    names = names_in([row.text for row in rows], room)
    left = cells - digits - 1 - (0 if double else room + WIDTH + 2)
    lines: list[Line] = []
    for k, row in enumerate(shown):
        named: Line = ((f"{row.number:>{digits}} ", "dim"), (fit(names[k], room), "text"))
        course = _course(row, left, ranged=double or roomy)
        if double:
            parts = [(*named, _value(row)), ((" " * (digits + 1), "text"), *course)]
        else:
            parts = [(*named, _value(row), (" ", "text"), *course)]
        for part in parts:
            line = crop(part, cells)
            lines.append(restyle(pad(line, cells), "cursor") if k == chosen else line)
    if len(shown) < len(rows):
        lines.append(crop(((f"{len(rows) - len(shown)} more watches", "dim"),), cells))
    return lines


def names_in(texts: Sequence[str], cells: int) -> list[str]:
    """Names in at most so many cells: cut inside, where that leaves each one different."""
    ways = sorted(range(1, max(cells - 1, 2)), key=lambda end: abs(end - 2 * cells // 3))
    for end in ways:
        names = [cut_inside(text, cells, end) for text in texts]
        if len(set(names)) == len(set(texts)):
            return names
    return [cut_inside(text, cells, ways[0]) for text in texts]


def sparkline(row: WatchRow, cells: int) -> str:
    """All of a watch's course in at most `cells` bars, between its smallest and largest value.

    A bar is a stretch of steps: its last value, or the smallest or the largest of all where that is
    in it, and of both the one farther from the bar before; that bar again, where no step of it has
    been seen. × is what is not finite.
    """
    if not row.steps or cells < 1:
        return ""
    first, length = row.steps[0], row.steps[-1] - row.steps[0] + 1
    count = min(cells, length)
    stretches: list[list[float]] = [[] for _ in range(count)]
    for step, value in zip(row.steps, row.history, strict=True):
        stretches[(step - first) * count // length].append(value)
    bar, bars = row.history[0], []
    for values in stretches:
        ends = [value for value in values if value in (row.low, row.high)]
        if ends:
            before = bar if isfinite(bar) else values[-1]
            # Halves, since the distance of two finite numbers may be infinite.
            bar = max(ends, key=lambda end: abs(end / 2 - before / 2))
        elif values:
            bar = values[-1]
        bars.append(_bar(bar, row.low, row.high))
    return "".join(bars)


def _bar(value: float, low: float | None, high: float | None) -> str:
    if not isfinite(value) or low is None or high is None:
        return "×"
    span = high / 2 - low / 2
    share = (value / 2 - low / 2) / span if span else 0.0
    return BARS[min(int(share * len(BARS)), len(BARS) - 1)]


def _value(row: WatchRow) -> Span:
    """The value; while it is not known in this step, that of the last one seen."""
    if row.value is None and row.history:
        return f" {signed(row.history[-1])}", "dim"
    return f" {signed(row.value)}", sign_style(row.value)


def _course(row: WatchRow, cells: int, *, ranged: bool) -> Line:
    """How it went in `cells`, and between what."""
    room = max(cells - (_RANGE + 1 if ranged else 0), 0)
    bars: Line = ((fit(sparkline(row, room), room), "accent"),)
    return (*bars, (f" {_range(row)}", "dim")) if ranged else bars


def _range(row: WatchRow) -> str:
    """`+0.12 … +0.69`."""
    if row.low is None or row.high is None:
        return "no step seen yet"
    return f"{label(row.low)} … {label(row.high)}"
