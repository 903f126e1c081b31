"""Frames drawn around lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nntui.ui.spans import Line, crop, pad, shortened, stack, width


@dataclass(frozen=True)
class Corners:
    """The characters of a frame."""

    top_left: str
    top_right: str
    bottom_left: str
    bottom_right: str
    horizontal: str
    vertical: str


ROUND = Corners("╭", "╮", "╰", "╯", "─", "│")
HEAVY = Corners("┏", "┓", "┗", "┛", "━", "┃")


def framed(
    body: Sequence[Line],
    cells: int,
    rows: int,
    *,
    title: Line = (),
    corner: Line = (),
    footer: Line = (),
    style: str = "border",
    corners: Corners = ROUND,
    snug: bool = False,
) -> list[Line]:
    """`body` inside a frame of `cells` × `rows`, outer measure.

    Args:
        title: on the left of the upper edge; cut with an ellipsis where it is too long.
        corner: on the right of the upper edge, where there is room for it.
        footer: on the right of the lower edge; cut with an ellipsis where it is too long.
        snug: whether a long title takes the place of the line and of the blanks around it.
    """
    if cells < 2 or rows < 2:
        return stack(body, rows)
    inner = cells - 2
    if not snug or width(title) > inner:
        title = shortened(title, room_in(cells))
    footer = shortened(footer, room_in(cells))
    side = (corners.vertical, style)
    return [
        _edge(inner, title, corner, corners.top_left, corners.top_right, corners, style),
        *((side, *pad(crop(line, inner), inner), side) for line in stack(body, rows - 2)),
        _edge(inner, (), footer, corners.bottom_left, corners.bottom_right, corners, style),
    ]


def room_in(cells: int) -> int:
    """Cells of a title or a footer at most in a frame of `cells`, with a line and blanks around."""
    return cells - 5


def _edge(
    inner: int, left: Line, right: Line, start: str, end: str, corners: Corners, style: str
) -> Line:
    """One horizontal edge with texts set into it."""
    if left and width(left) + 3 <= inner:
        left = ((" ", style), *left, (" ", style))
    if right:
        right = ((" ", style), *right, (" ", style))
    room = inner - width(left) - width(right)
    if right and room < 1:
        right, room = (), inner - width(left)
    lead = min(1, room) if left or right else 0
    tail = min(1, room - lead) if right else 0
    if right and not left:
        rule = (corners.horizontal * (room - tail), style)
        return ((start, style), rule, *right, (corners.horizontal * tail + end, style))
    rule = (corners.horizontal * (room - lead - tail), style)
    return (
        (start + corners.horizontal * lead, style),
        *left,
        rule,
        *right,
        (corners.horizontal * tail + end, style),
    )
