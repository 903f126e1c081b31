"""One unit of a self-organizing map up close: its distance from the sample, and its pull."""

from __future__ import annotations

from collections.abc import Sequence

from nntui.session.chart import Chart
from nntui.session.frame import Cell, Frame, ParameterRow
from nntui.session.numbers import number
from nntui.ui.format import STALE, UNKNOWN, signed
from nntui.ui.spans import BLANK, Line, Span, crop, fit, sign_style, wrap_words

NAME = 6
"""Cells of a feature's name at least."""

NUMBER = 8
"""Cells of a number and the room before it."""


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
    place = chart.place(unit)
    below = [BLANK, *_distance(chart, unit, frame, cells), *_pull(chart, place, frame, cells)]
    room = max(rows - len(below) - 1, 1)
    columns = min(4, (cells - NAME) // NUMBER)
    table = [_feature(chart, k, frame, row, cells, columns, edited)
             for k, row in enumerate(incoming)]  # fmt: skip
    if len(table) > room:
        hidden = len(table) - room + 1
        table = [*table[: room - 1], ((f"… {hidden} more features", "dim italic"),)]
    return [_head(columns, cells), *table, *below][:rows]


def _head(columns: int, cells: int) -> Line:
    name = cells - columns * NUMBER
    titles = ("x", "w", "x − w", "Δ")[:columns]
    return ((" " * name, "dim"), *((f"{title:>{NUMBER}}", "dim") for title in titles))


def _feature(
    chart: Chart,
    feature: int,
    frame: Frame,
    row: ParameterRow,
    cells: int,
    columns: int,
    edited: frozenset[Cell],
) -> Line:
    at = row.cell.index
    values = (
        (frame.value("x", feature), False),
        (row.value, frame.is_stale(row.cell.tensor, *at)),
        (frame.value(chart.difference, *at), frame.is_stale(chart.difference, *at)),
        (row.change, False),
    )
    spans: list[Span] = [(fit(chart.features[feature], cells - columns * NUMBER), "text")]
    for k, (value, stale) in enumerate(values[:columns]):
        mark: Span = (" ", "text")
        if k == 1 and row.cell in edited:
            mark = ("✎", "error bold")
        elif stale:
            mark = (STALE, "error")
        spans += [mark, (signed(value), sign_style(value))]
    return tuple(spans)


def _distance(chart: Chart, unit: int, frame: Frame, cells: int) -> list[Line]:
    """`‖d‖ = √(0.12² + 0.3²) = 0.323`."""
    place = chart.place(unit)
    length = frame.value(chart.on_grid["d"], *place)
    parts = [frame.value(chart.difference, unit, k) for k in range(len(chart.features))]
    if None in parts:
        return [((f"‖d‖ = √(Σ d²) = {UNKNOWN}", "dim"),)]
    shown = [_squared(part) for part in parts]
    if len(shown) > 4:
        shown = [*shown[:3], "…", shown[-1]]
    result = UNKNOWN if length is None else number(length)
    text = f"‖d‖ = √({' + '.join(shown)}) = {result}"
    return wrap_words(text, cells)


def _squared(value: float | None) -> str:
    text = UNKNOWN if value is None else number(value)
    return f"({text})²" if text.startswith("−") else f"{text}²"


def _pull(chart: Chart, place: tuple[int, int], frame: Frame, cells: int) -> list[Line]:
    """How far it is from the best unit on the grid, and how much it is pulled along."""
    apart, near = (frame.value(chart.on_grid[k], *place) for k in ("g", "h"))
    radius = frame.value(chart.radius)
    said = [("g", apart), ("σ", radius), ("h", near), ("η", frame.rates.get(chart.rate))]
    spans: list[Span] = []
    for name, value in said:
        text = UNKNOWN if value is None else number(value)
        spans += [(f"{name} ", "dim"), (f"{text:<5} ", "text" if value is not None else "dim")]
    rule: Line = (("Δ = η·h·(x − w)", "accent"), ("   no gradient", "dim"))
    return [crop(tuple(spans), cells), crop(rule, cells)]
