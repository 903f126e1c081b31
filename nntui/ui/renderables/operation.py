"""The op at the cursor in words and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from nntui.session.frame import Explanation
from nntui.ui.renderables.figure import drawn
from nntui.ui.renderables.sheet import GOOD_NOTE, LEAST_NOTE, NO_FIGURE, Block, Detail, Sheet
from nntui.ui.spans import BLANK, Line, cut, stack

LEAST_FORMULA = 4
"""Lines that a figure leaves to the op's name and its formula."""

_LEAST = 2
"""Lines of the op's name and of the shortest formula."""


def operation_lines(
    explanation: Explanation,
    cells: int,
    rows: int,
    *,
    shape: tuple[int, ...] = (),
    term: int | None = None,
    stale: str = "",
) -> list[Line]:
    """An explanation in `cells` × `rows`; what comes next stands on the last line.

    Args:
        shape: of the op's output.
        term: the number of the term being worked on, None where the element is done.
        stale: why the result is stale; empty where it is not.
    """
    following: list[Line] = []
    if explanation.following and rows > 4:
        following = [(("next  ", "dim"), (cut(explanation.following, cells - 6), "text"))]
    sheet = Sheet(explanation, cells, shape, term, stale)
    blocks, detail = _fitted(sheet, rows, len(following))
    if not detail.following:
        following = []
    room = rows - len(following)
    while len(blocks) > 1 and _height(blocks) > room:
        least = min(blocks, key=lambda block: block.rank)
        rest = len(least.lines) - (_height(blocks) - room)
        if least.prose and rest > 0:
            blocks[blocks.index(least)] = least.beginning(rest, cells)
        else:
            blocks.remove(least)
    slack = room - _height(blocks)
    out: list[Line] = []
    gaps = sorted((b.rank for b in blocks if b.spaced), reverse=True)[: max(0, slack)]
    for block in blocks:
        if block.spaced and block.rank in gaps and out:
            out.append(BLANK)
        out += block.lines
    return stack(out, room) + following


def _fitted(sheet: Sheet, rows: int, following: int) -> tuple[list[Block], Detail]:
    """The blocks of a sheet, as detailed as there is room for what has to be there.

    The scenario's notes have to have some lines, unless there is no way.

    Args:
        following: the lines that what comes next takes.
    """
    room = rows - following
    figure = partial(drawn, sheet.explanation.figure, sheet.cells)
    large = figure(room - LEAST_FORMULA)
    ways = [(large, 0), (NO_FIGURE, 0)]
    if sheet.explanation.lessons:
        smaller = figure(rows - LEAST_NOTE - _LEAST)
        noted = [(large, LEAST_NOTE), (smaller, LEAST_NOTE), (NO_FIGURE, LEAST_NOTE)]
        ways = [(large, GOOD_NOTE), *noted, *ways]
    for way, least in ways:
        for detail in sheet.details(way, least):
            # Terms that were left out in vain may come back.
            for again in (replace(detail, most=most) for most in (4, 3) if most > detail.most):
                if _fits(blocks := sheet.blocks(again, way, least), again, room, rows):
                    return blocks, again
            if _fits(blocks := sheet.blocks(detail, way, least), detail, room, rows):
                return blocks, detail
    return blocks, detail


def _fits(blocks: Sequence[Block], detail: Detail, room: int, rows: int) -> bool:
    """Whether there is room for what has to be there: `room`, or all rows where nothing follows."""
    needed = sum(block.needed for block in blocks)
    return (_height(blocks) if detail.roomy else needed) <= (room if detail.following else rows)


def _height(blocks: Sequence[Block]) -> int:
    return sum(len(block.lines) for block in blocks)
