"""Watches as lines: the value, how it went over the steps seen, the smallest and the largest."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from rich.cells import cell_len

from nntui.session.watchrow import WatchRow
from nntui.ui.format import WIDTH, label, signed
from nntui.ui.spans import Line, Span, crop, fit, pad, restyle, sign_style

BARS = "▁▂▃▄▅▆▇█"

ROOMY = 48
"""The width from which on a watch has all on one line."""


def watch_lines(rows: Sequence[WatchRow], cells: int, height: int, chosen: int = -1) -> list[Line]:
    """The watches in at most `cells` × `height`; the range on a line of its own where it fits.

    Args:
        chosen: the one under the cursor, from 0.
    """
    if not rows or height < 1:
        return []
    double = cells < ROOMY and 2 * len(rows) <= height
    shown = rows if len(rows) <= height else rows[: height - 1]
    digits = max(len(str(row.number)) for row in rows)
    longest = max(cell_len(row.text) for row in rows)
    room = max(min(longest, cells - digits - WIDTH - 10, cells // 2), 4)
    lines: list[Line] = []
    for k, row in enumerate(shown):
        line = crop(_line(row, cells, digits, room), cells)
        lines.append(restyle(pad(line, cells), "cursor") if k == chosen else line)
        if double:
            lines.append(crop(((" " * (digits + 1) + _range(row), "dim"),), cells))
    if len(shown) < len(rows):
        lines.append(crop(((f"{len(rows) - len(shown)} more watches", "dim"),), cells))
    return lines


def sparkline(values: Sequence[float], cells: int) -> str:
    """The last values as bars between their smallest and largest; × for what is not finite."""
    shown = values[-cells:] if cells > 0 else ()
    finite = [value for value in shown if isfinite(value)]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    bars = []
    for value in shown:
        if not isfinite(value):
            bars.append("×")
            continue
        # Halves, since the span of two finite numbers may be infinite.
        span = high / 2 - low / 2
        share = (value / 2 - low / 2) / span if span else 0.0
        bars.append(BARS[min(int(share * len(BARS)), len(BARS) - 1)])
    return "".join(bars)


def _line(row: WatchRow, cells: int, digits: int, room: int) -> Line:
    value, style = row.value, sign_style(row.value)
    if value is None and row.history:
        value, style = row.history[-1], "dim"
    spans: list[Span] = [
        (f"{row.number:>{digits}} ", "dim"),
        (fit(row.text, room), "text"),
        (f" {signed(value)} ", style),
    ]
    left = cells - digits - 1 - room - WIDTH - 2
    after = f" {_range(row)}" if cells >= ROOMY else ""
    bars = max(left - cell_len(after), 0)
    spans.append((fit(sparkline(row.history, bars), bars), "accent"))
    spans.append((after, "dim"))
    return tuple(spans)


def _range(row: WatchRow) -> str:
    """`+0.12 … +0.69`."""
    if row.low is None or row.high is None:
        return "no step seen yet"
    return f"{label(row.low)} … {label(row.high)}"
