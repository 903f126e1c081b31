"""The list of a step's ops: done, now, to come, with the phases as headings."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from nntui.session.frame import OpInfo
from nntui.ui.format import STALE
from nntui.ui.spans import Line, fit, restyle, width

DONE, NOW, AHEAD = "✓", "▸", " "
STOP, PASS = "●", "○"
"""A breakpoint, enabled or not."""

NOTE = "▎"
"""An op with a note."""


@dataclass(frozen=True)
class Entry:
    """A line of the list: an op's number, or 0 for the heading of a phase."""

    op: int
    text: str
    formula: str = ""


def entries(ops: Sequence[OpInfo]) -> list[Entry]:
    """Ops in order, with a heading wherever the phase or the player changes."""
    out: list[Entry] = []
    heading = ""
    for op in ops:
        if op.heading != heading:
            heading = op.heading
            out.append(Entry(0, heading))
        out.append(Entry(op.number, op.output, op.formula))
    return out


def op_lines(
    listed: Sequence[Entry],
    cells: int,
    *,
    now: int | None,
    cursor: int | None = None,
    stops: Sequence[tuple[int, bool]] = (),
    stale: Collection[str] = (),
    noted: Collection[int] = (),
) -> list[Line]:
    """The lines of the list.

    Args:
        now: the op at the cursor of the session.
        cursor: the op at the cursor of the list, where the list has the focus.
        stops: ops with a breakpoint, and whether it is enabled.
        stale: tensors with numbers that a change by hand has left behind.
        noted: the numbers of the ops with a note.
    """
    marks = {op: STOP if enabled else PASS for op, enabled in stops}
    digits = len(str(max((entry.op for entry in listed), default=0)))
    names = min(max((len(e.text) for e in listed if e.op), default=0), max(8, cells // 2 - 4))
    return [
        _line(
            entry,
            cells,
            digits,
            names,
            now or 0,
            cursor,
            marks.get(entry.op, " "),
            stale=entry.text in stale and entry.op <= (now or 0),
            noted=entry.op in noted,
        )
        for entry in listed
    ]


def _line(
    entry: Entry,
    cells: int,
    digits: int,
    names: int,
    now: int,
    cursor: int | None,
    stop: str,
    *,
    stale: bool,
    noted: bool,
) -> Line:
    if not entry.op:
        rule = max(0, cells - len(entry.text) - 2)
        return ((entry.text + " ", "dim"), ("─" * rule, "border"))
    if entry.op == now:
        mark, style = NOW, "strong bold"
    elif entry.op < now:
        mark, style = DONE, "dim"
    else:
        mark, style = AHEAD, "text"
    line: Line = (
        (mark, "accent bold" if mark == NOW else "accent"),
        (STALE, "error") if stale else (" ", "text"),
        (f"{entry.op:>{digits}}", "dim"),
        (f"{stop} ", "error"),
        (fit(entry.text, names), style),
        (f" {NOTE}", "accent") if noted else ("  ", "text"),
    )
    rest = cells - width(line)
    line = (*line, (fit(entry.formula, rest), "text" if entry.op == now else "dim"))
    if entry.op == cursor:
        return restyle(line, "cursor")
    return restyle(line, "mark") if entry.op == now else line
