"""The loss curves, drawn by plotext. The only file that imports it, on first use: 40 ms."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nntui.ui.format import signed
from nntui.ui.spans import Line, Span

LEAST: Final = (16, 4)
"""The columns and rows below which there is no plot."""

LARGEST = 1e100
"""Losses are drawn up to here."""

_SGR = re.compile(r"\x1b\[([0-9;]*)m")


@dataclass(frozen=True)
class Series:
    """A curve: its points and its style."""

    x: Sequence[float]
    y: Sequence[float]
    style: str


def usable(series: Series, *, log: bool, most: int) -> Series:
    """The points that can be drawn: finite ones (positive ones on a log scale), thinned.

    What plotext's arithmetic cannot bear is left out too.
    """
    pairs = [
        (x, y if abs(y) > 1 / LARGEST else 0.0)
        for x, y in zip(series.x, series.y, strict=False)
        if abs(y) < LARGEST and (y > 1 / LARGEST or not log)
    ]
    pairs = _thin(pairs, most)
    return Series([x for x, _ in pairs], [y for _, y in pairs], series.style)


def plot_lines(
    series: Sequence[Series], columns: int, rows: int, *, log: bool = False
) -> list[Line]:
    """The curves in `columns` × `rows` cells, with ticks; empty where there is nothing to draw.

    Nor is there in fewer cells than the `LEAST`.
    """
    from plotext._figure import _figure_class  # a figure of our own: plotext's own is global

    drawn = [usable(one, log=log, most=max(8, columns)) for one in series]
    if columns < LEAST[0] or rows < LEAST[1] or not any(one.x for one in drawn):
        return []
    figure = _figure_class()
    figure.theme("clear")
    figure.plotsize(columns, rows)
    figure.xaxes(True, False)
    figure.yaxes(True, False)
    if log:
        figure.yscale("log")
    for number, one in enumerate(drawn, 1):
        if one.x:
            figure.plot(list(one.x), list(one.y), marker="braille", color=number)
    steps = [x for one in drawn for x in one.x]
    figure.xlim(*_limits(steps))
    figure.xticks(*_step_ticks(min(steps), max(steps), columns // 12))
    losses = [y for one in drawn for y in one.y]
    figure.yticks(*_loss_ticks(min(losses), max(losses), max(2, min(6, rows // 2)), log=log))
    styles = {f"38;5;{number}": one.style for number, one in enumerate(drawn, 1)}
    return [_line(text, styles) for text in str(figure.build()).rstrip("\n").split("\n")]


def _limits(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _step_ticks(low: float, high: float, count: int) -> tuple[list[float], list[str]]:
    """Ticks at whole steps, the first and the last among them."""
    count = max(1, min(count, int(high - low)))
    ticks = sorted({round(low + (high - low) * k / count) for k in range(count + 1)})
    return [float(tick) for tick in ticks], [str(tick) for tick in ticks]


def _loss_ticks(low: float, high: float, count: int, *, log: bool) -> tuple[list[float], list[str]]:
    """Ticks at even distances on the scale, with labels of one width."""
    shares = [k / (count - 1) for k in range(count)]
    if log:
        ticks = [low * (high / low) ** share for share in shares]
    else:
        ticks = [low + (high - low) * share for share in shares]
    return ticks, [f"{signed(tick, 6).replace('+', ' ').strip():>6}" for tick in ticks]


def _thin(pairs: list[tuple[float, float]], most: int) -> list[tuple[float, float]]:
    """At most `most` buckets of points, each reduced to its lowest and its highest."""
    if len(pairs) <= 2 * most:
        return pairs
    out: list[tuple[float, float]] = []
    for bucket in range(most):
        part = pairs[bucket * len(pairs) // most : (bucket + 1) * len(pairs) // most]
        extremes = {min(part, key=lambda p: p[1]), max(part, key=lambda p: p[1])}
        out += sorted(extremes)
    return out


def _line(text: str, styles: dict[str, str]) -> Line:
    """A line of plotext's output, whose colour numbers stand for styles."""
    spans: list[Span] = []
    style = "dim"
    at = 0
    for match in _SGR.finditer(text):
        if match.start() > at:
            spans.append((text[at : match.start()], style))
        style = styles.get(match[1], "dim")
        at = match.end()
    if at < len(text):
        spans.append((text[at:], style))
    return tuple(spans)
