"""One unit of a self-organizing map up close: its distance from the sample, and its pull."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len

from nntui.session.chart import Chart
from nntui.session.frame import Cell, Frame, ParameterRow
from nntui.session.numbers import MINUS, number
from nntui.ui.format import STALE, UNKNOWN, signed
from nntui.ui.spans import BLANK, Line, Span, crop, fit, sign_style, wrap_words

NAME: Final = 4
"""Cells of a feature's name at least."""

NUMBER: Final = 8
"""Cells of a number and the mark before it, where there is room; else one less."""

_TITLES: Final = ("x", "w", "x − w", "Δ", "w′")
"""The columns: the old weight up to the pull, and what the pull has made of it."""

_OPTIONAL: Final = 3
"""The column that is the first to be left out."""


def unit_lines(
    chart: Chart,
    unit: int,
    frame: Frame,
    incoming: Sequence[ParameterRow],
    cells: int,
    rows: int,
    edited: frozenset[Cell] = frozenset(),
) -> list[Line]:
    """A unit in `cells` × `rows`: a line for each feature, then what they add up to.

    Args:
        incoming: its weights, with what the last update changed.
        edited: numbers that were changed in this step.
    """
    columns, wide = _columns(cells)
    name = cells - len(columns) * wide
    pull, rule = _pull(chart, chart.place(unit), frame, cells)
    below = [*_distance(chart, unit, frame, cells), pull]
    room = max(rows - 1 - len(below), 1)
    table = [
        (_name(chart, k, name), *_spans(_feature(chart, k, frame, row, edited), columns, wide))
        for k, row in enumerate(incoming)
    ]
    if len(table) < room:
        below.append(rule)
    if len(table) + 1 < room:
        below.insert(0, BLANK)
    if len(table) > room:
        hidden = len(table) - room + 1
        table = [*table[: room - 1], ((f"… {hidden} more features", "dim italic"),)]
    return [_head(columns, name, wide), *table, *below][:rows]


def _columns(cells: int) -> tuple[Sequence[int], int]:
    """Which columns there is room for, and how many cells each has."""
    every = range(len(_TITLES))
    if len(every) * NUMBER <= cells - NAME:
        return every, NUMBER
    kept = [k for k in every if k != _OPTIONAL]
    wide = NUMBER if len(kept) * NUMBER <= cells - NAME else NUMBER - 1
    return kept[: max((cells - NAME) // wide, 1)], wide


def _head(columns: Sequence[int], name: int, wide: int) -> Line:
    return ((" " * name, "dim"), *((f"{_TITLES[k]:>{wide}}", "dim") for k in columns))


def _name(chart: Chart, feature: int, cells: int) -> Span:
    """A feature's name; where it is too long, `s.width` for `sepal width`."""
    text = chart.features[feature]
    if cell_len(text) > cells:
        *words, last = text.split() or [text]
        text = "".join([*(f"{word[0]}." for word in words), last])
    return fit(text, cells), "text"


_Marked = tuple[float | None, Span]
"""A number, and the mark before it."""

_NO_MARK: Final = (" ", "text")


def _feature(
    chart: Chart, feature: int, frame: Frame, row: ParameterRow, edited: frozenset[Cell]
) -> tuple[_Marked, ...]:
    """A number for each column.

    Up to the pull there is one weight; after it that which x − w was taken from, and the new one.
    """
    tensor, at = row.cell.tensor, row.cell.index
    weight = (row.value, _mark(frame.is_stale(tensor, *at), row.cell in edited))
    moved = row.before is not None
    return (
        (frame.value("x", feature), _mark(frame.is_stale("x", feature))),
        (row.before, _NO_MARK) if moved else weight,
        (frame.value(chart.difference, *at), _mark(frame.is_stale(chart.difference, *at))),
        (row.change if moved else None, _NO_MARK),
        weight if moved else (None, _NO_MARK),
    )


def _mark(stale: bool, edited: bool = False) -> Span:
    if edited:
        return "✎", "error bold"
    return (STALE, "error") if stale else _NO_MARK


def _spans(values: Sequence[_Marked], columns: Sequence[int], wide: int) -> Line:
    spans: list[Span] = []
    for value, mark in (values[k] for k in columns):
        spans += [mark, (_written(value, wide - 1), sign_style(value))]
    return tuple(spans)


def _written(value: float | None, cells: int) -> str:
    """A number with as many decimals as its neighbours, as long as that leaves anything of it."""
    text = signed(value, cells)
    if value is None or "e" not in text:
        return text
    plain = f"{value:+.{cells - 3}f}".replace("-", MINUS)
    return plain if any(digit in plain for digit in "123456789") and len(plain) <= cells else text


def _distance(chart: Chart, unit: int, frame: Frame, cells: int) -> list[Line]:
    """`‖d‖ = √(0.12² + 0.3²) = 0.323`."""
    tensor, place = chart.on_grid["d"], chart.place(unit)
    length = frame.value(tensor, *place)
    parts = [frame.value(chart.difference, unit, k) for k in range(len(chart.features))]
    if None in parts:
        return [((f"‖d‖ = √(Σ d²) = {UNKNOWN}", "dim"),)]
    shown = [_squared(part) for part in parts]
    if len(shown) > 4:
        shown = [*shown[:3], "…", shown[-1]]
    result = UNKNOWN if length is None else number(length)
    mark = STALE if frame.is_stale(tensor, *place) else ""
    lines = wrap_words(f"‖d‖ = √({' + '.join(shown)}) = {mark}{result}", cells)
    return [_in_colour(line) for line in lines]


def _in_colour(line: Line) -> Line:
    """A line with the mark of what is stale in its own colour."""
    spans: list[Span] = []
    for text, style in line:
        before, mark, after = text.partition(STALE)
        spans += [(before, style), (mark, "error"), (after, style)]
    return tuple(span for span in spans if span[0])


def _squared(value: float | None) -> str:
    text = UNKNOWN if value is None else number(value)
    return f"({text})²" if text.startswith(MINUS) or "·10" in text else f"{text}²"


def _pull(chart: Chart, place: tuple[int, int], frame: Frame, cells: int) -> tuple[Line, Line]:
    """How far it is from the best unit on the grid, how much it is pulled along; and the rule."""
    apart, near, rate = chart.on_grid["g"], chart.on_grid["h"], chart.rate
    numbers: Line = (
        *_term("g", frame.value(apart, *place), frame.is_stale(apart, *place)),
        *_term("σ", frame.value(chart.radius), frame.is_stale(chart.radius)),
        *_term("h", frame.value(near, *place), frame.is_stale(near, *place)),
        *_term("η", frame.rates.get(rate), frame.is_stale(rate)),
    )
    rule: Line = (("Δ = η·h·(x − w)", "accent"), ("   no gradient", "dim"))
    return crop(numbers, cells), crop(rule, cells)


def _term(name: str, value: float | None, stale: bool) -> Line:
    """`h 0.971 `."""
    text = UNKNOWN if value is None else number(value)
    mark = (STALE, "error") if stale else (" ", "dim")
    return (name, "dim"), mark, (f"{text:<5} ", "dim" if value is None else "text")
