"""A self-organizing map: one large picture of it, and beside that what the step is doing to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Final

from rich.cells import cell_len

from nntui.session.chart import Chart
from nntui.ui.format import STALE, UNKNOWN
from nntui.ui.renderables.chartplan import Plan, beside, plan_for_net, plan_of
from nntui.ui.renderables.chartsides import joined, side_lines
from nntui.ui.renderables.glance import Glance, Picture, picture_of, unit_of
from nntui.ui.renderables.heat import heat_style
from nntui.ui.renderables.mosaic import Mosaic, mosaic_lines, sign, unit_at
from nntui.ui.renderables.net import Point, net_lines, plane_of
from nntui.ui.spans import Line, Span, crop, pad, width

MOST_POINTS: Final = 1000
"""Samples that are drawn under a net."""

_SHADE: Final = 0xF8
"""Of a colour's 8 bits, those that are shown: colours that differ less look the same."""


def chart_lines(it: Glance, chart: Chart, cells: int, rows: int, *, bare: bool) -> list[Line]:
    """The pictures of a map in `cells` × `rows`."""
    plan = plan_of(chart, cells, rows, it.unit, bare=bare)
    picture = picture_of(it, chart)
    if picture.kind == "net":
        plan = plan_for_net(chart, cells, rows, bare=bare)
        _, across = beside(chart, plan.sides, stacked=plan.stacked, bare=bare)
        room = min(cells - across, 2 * (rows - 1) + 8)
        large = [pad(_title("net", room), room), *_net(it, chart, room, rows - 1)]
    else:
        mosaic = mosaic_of(it, chart, picture, bare=bare)
        part = mosaic.part(plan.top, plan.left, plan.rows, plan.cols)
        drawn = mosaic_lines(part, plan.grain)
        title = picture.title + _which(chart, plan)
        room = min(max(cell_len(title), *map(width, drawn)), cells)
        large = [pad(_title(title, room), room), *drawn]
    small = side_lines(it, chart, plan, bare=bare)
    if plan.below:
        return [crop(line, cells) for line in [*large, *small]]
    return [crop(line, cells) for line in joined([large, small] if small else [large])]


def unit_under(
    it: Glance, chart: Chart, cells: int, rows: int, at: tuple[int, int], *, bare: bool
) -> int | None:
    """The unit under a point, (cell, line), of the pictures; None where there is none."""
    picture = picture_of(it, chart)
    if picture.kind == "net":
        return None
    plan = plan_of(chart, cells, rows, it.unit, bare=bare)
    part = mosaic_of(it, chart, picture, bare=bare).part(plan.top, plan.left, plan.rows, plan.cols)
    unit = unit_at(part, plan.grain, at[0], at[1] - 1)
    if unit is None:
        return None
    row, column = divmod(unit, plan.cols)
    return (plan.top + row) * chart.cols + plan.left + column


def legend(it: Glance, chart: Chart, cells: int, rows: int, *, bare: bool) -> Line:
    """What the marks look like in `cells` × `rows`, and where on the grid these units are."""
    net = picture_of(it, chart).kind == "net"
    grain = plan_of(chart, cells, rows, it.unit, bare=bare).grain
    signs = {"best": "●", "second": "○"} if net else {k: sign(k, grain) for k in ("best", "second")}
    spans: list[Span] = []
    for name, tensor in (("best", chart.best), ("second", chart.second)):
        place = it.frame.row(tensor)
        spans.append((f"{signs[name]} {name} ", "dim"))
        if any(it.frame.is_stale(tensor, k) for k in range(len(place))):
            spans.append((STALE, "error"))
        unit = chart.unit(place)
        spans.append((UNKNOWN if unit is None else f"{chart.place(unit)}", "text"))
        spans.append(("  ", "dim"))
    return (*spans, *([("× sample  ", "dim")] if net else []))


def _title(text: str, cells: int) -> Line:
    return crop(((text, "accent"),), cells)


def _which(chart: Chart, plan: Plan) -> str:
    """Which rows and columns are in view, where not all are."""
    text = ""
    if plan.rows < chart.rows:
        text += f"  rows {plan.top}–{plan.top + plan.rows - 1}"
    if plan.cols < chart.cols:
        text += f"  columns {plan.left}–{plan.left + plan.cols - 1}"
    if plan.cut and not plan.has_heading:
        text += f"  {'below' if plan.below else 'beside'}: {plan.cut}"
    return text


# --- the large picture ----------------------------------------------------------------------------


def mosaic_of(it: Glance, chart: Chart, picture: Picture, *, bare: bool) -> Mosaic:
    """A picture with a colour for each unit."""
    left = None
    if chart.is_hexagonal:
        left = frozenset(r for r in range(chart.rows) if chart.points[r * chart.cols][1] < 0)
    values = _values(it, chart, picture)
    if picture.kind == "colours":
        flat = it.frame.row(chart.weight)
        styles = [_colour(flat[3 * k : 3 * k + 3]) for k in range(len(chart.points))]
    else:
        largest = max((abs(v) for v in values if v is not None and isfinite(v)), default=0.0)
        styles = [heat_style(value, largest) for value in values]
    return Mosaic(
        chart.rows,
        chart.cols,
        styles,
        list(_texts(it, chart, picture, values, bare=bare)),
        {unit: tuple(marks) for unit, marks in _marks(it, chart)},
        left,
    )


def _values(it: Glance, chart: Chart, picture: Picture) -> Sequence[float | None]:
    """Of each unit the number that its colour is of."""
    atlas, count = it.atlas, len(chart.features)
    if picture.kind == "feature":
        return it.frame.row(chart.weight)[picture.feature :: count]
    if atlas is None:
        return (None,) * len(chart.points)
    return atlas.apart if picture.kind == "U-matrix" else tuple(map(float, atlas.hits))


def _texts(
    it: Glance, chart: Chart, picture: Picture, values: Sequence[float | None], *, bare: bool
) -> Iterator[str]:
    """What stands in each unit: the samples it stands for, or where there is no colour a number."""
    atlas, names = it.atlas, abbreviations(chart.labels)
    largest = max((abs(v) for v in values if v is not None and isfinite(v)), default=0.0)
    for unit in range(len(chart.points)):
        label = None
        if atlas and picture.kind in ("colours", "hits"):
            label = atlas.classes[unit]
        if atlas and picture.kind == "colours" and bare:
            label = atlas.nearest[unit]
        if picture.kind in ("colours", "hits") and label is not None:
            yield names[label]
        elif picture.kind == "hits" and atlas:
            yield f"{min(atlas.hits[unit], 99):>2}" if atlas.hits[unit] else ""
        elif bare and picture.kind != "colours":
            value = values[unit]
            tenths = min(int(10 * abs(value) / largest), 9) if value and largest else 0
            yield UNKNOWN if value is None else f"{'-' if value < 0 else ' '}{tenths}"
        else:
            yield ""


def abbreviations(names: Sequence[str]) -> tuple[str, ...]:
    """Two letters for each name, no two alike where that can be: `bl`, `nv`, `sk`."""
    taken: list[str] = []
    for name in names:
        letters = name.strip() or UNKNOWN
        tries = [letters[:2], *(letters[0] + letter for letter in letters[2:])]
        taken.append(next((short for short in tries if short not in taken), letters[:2]))
    return tuple(taken)


def _colour(shares: Sequence[float | None]) -> str:
    """`#ff8000`: red, green and blue from 0 to 1, cut off where they are outside."""
    if any(share is None or share != share for share in shares):
        return "fault"
    levels = [round(255 * min(max(share or 0.0, 0.0), 1.0)) for share in shares]
    return "#" + "".join(f"{min(level + 4, 255) & _SHADE:02x}" for level in levels)


def _marks(it: Glance, chart: Chart) -> Iterator[tuple[int, list[str]]]:
    """What stands out, by unit; the best unit first."""
    frame = it.frame
    found: dict[int, list[str]] = {}
    for name, tensor in (("best", chart.best), ("second", chart.second)):
        unit = chart.unit(frame.row(tensor))
        if unit is not None:
            found.setdefault(unit, []).append(name)
    for cell in frame.writes:
        unit = unit_of(chart, cell)
        if unit is not None:
            found.setdefault(unit, []).append("written")
    for cell in it.edited:
        unit = unit_of(chart, cell)
        if unit is not None:
            found.setdefault(unit, []).append("edited")
    if it.chosen:
        found.setdefault(it.unit, []).append("chosen")
    yield from found.items()


def _net(it: Glance, chart: Chart, cells: int, rows: int) -> list[Line]:
    frame = it.frame
    flat = frame.row(chart.weight)
    knots: list[Point] = [(flat[k] or 0.0, flat[k + 1] or 0.0) for k in range(0, len(flat) - 1, 2)]
    every = max(1, len(chart.samples) // MOST_POINTS)
    points: list[Point] = [(row[0], row[1]) for row in chart.samples[::every]]
    marks = [
        (name, knots[unit])
        for unit, names in _marks(it, chart)
        for name in names
        if name in ("best", "second", "chosen")
    ]
    sample = frame.row("x")
    if len(sample) == 2 and None not in sample:
        marks.append(("sample", (sample[0] or 0.0, sample[1] or 0.0)))
    return net_lines(chart, plane_of(points, cells, rows), knots, points, marks)
