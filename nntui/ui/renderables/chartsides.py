"""The small pictures of a self-organizing map: what the step is doing to its units."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from nntui.session.chart import Chart
from nntui.ui.format import STALE, magnitude
from nntui.ui.renderables.chartplan import BETWEEN, LARGEST, SIDES, TITLE, Plan, scale_of
from nntui.ui.renderables.glance import Glance, unit_of
from nntui.ui.renderables.tile import Tile, tile_lines
from nntui.ui.spans import BLANK, Line, pad, width


def side_lines(it: Glance, chart: Chart, plan: Plan, *, bare: bool) -> list[Line]:
    """The small pictures; none where there is no room for them."""
    drawn = [_side(it, chart, plan, *side, bare=bare) for side in _wanted(it, plan.sides)]
    if not drawn or plan.stacked:
        return [line for picture in drawn for line in picture]
    heading: list[Line] = [((f"{plan.cut}", "dim"),)] if plan.has_heading else []
    return [*heading, *joined(drawn)]


def _wanted(it: Glance, count: int) -> Sequence[tuple[str, str]]:
    """Which of them: where there is no room for all, those that the step has come to."""
    op = it.frame.op
    update = op is not None and op.phase == "update"
    near = it.atlas is not None and it.atlas.changes[0] is not None
    first = 2 if update else 1 if near else 0
    kept = sorted(range(len(SIDES)), key=lambda k: (k - first) % len(SIDES))[:count]
    return [SIDES[k] for k in sorted(kept)]


def _side(it: Glance, chart: Chart, plan: Plan, title: str, what: str, *, bare: bool) -> list[Line]:
    frame = it.frame
    tensor = chart.on_grid.get(what, chart.weight)
    values: Sequence[float | None] = ()
    if what in chart.on_grid:
        values = frame.row(tensor)
    elif it.atlas:
        values = it.atlas.changes
    values = values or (None,) * len(chart.points)
    known = [abs(v) for v in values if v is not None and isfinite(v)]
    largest = max(known, default=0.0)
    made_of = (tensor,) if what in chart.on_grid else (chart.on_grid["h"], chart.on_grid["d"])
    stale = frozenset(
        place
        for place in map(chart.place, range(len(chart.points)))
        if any(name in frame.stale and frame.is_stale(name, *place) for name in made_of)
    )
    written = [unit_of(chart, cell) for cell in frame.writes if cell.tensor == tensor]
    tile = Tile(
        [values[r * chart.cols : (r + 1) * chart.cols] for r in range(chart.rows)],
        largest,
        written=frozenset(chart.place(unit) for unit in written if unit is not None),
        stale=stale,
        chosen=chart.place(it.unit) if it.chosen else None,
    )
    if plan.cut:
        tile = tile.part(plan.cut.top, plan.cut.left, plan.cut.rows, plan.cut.cols)
    head: Line = ((title, "accent"), (" not yet", "dim"))
    if known:
        mark = (STALE, "error") if stale else (" ", "dim")
        head = ((title, "accent"), (" ≤", "dim"), mark, (magnitude(largest, LARGEST), "dim"))
    return [pad(head, TITLE), *tile_lines(tile, scale_of(bare=bare))]


def joined(columns: Sequence[Sequence[Line]]) -> list[Line]:
    """Pictures side by side."""
    wide = [max(map(width, column)) for column in columns]
    lines = []
    for k in range(max(map(len, columns))):
        line: Line = ()
        for column, cells in zip(columns, wide, strict=True):
            part = column[k] if k < len(column) else BLANK
            line = (*line, *pad(part, cells), (" " * BETWEEN, "text"))
        lines.append(line)
    return lines
