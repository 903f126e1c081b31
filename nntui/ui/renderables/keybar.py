"""The line at the bottom: the keys that matter most, as many as fit."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from nntui.ui.keys import Key
from nntui.ui.spans import Span


def keybar_spans(
    keys: Sequence[Key], status: str, cells: int, *, running: bool = False
) -> list[tuple[Span, str]]:
    """Spans with the action each runs when clicked; the status stands on the right.

    Args:
        keys: the most important first.
    """
    out: list[tuple[Span, str]] = [((" ", "text"), "")]
    room = cells - 1 - cell_len(status) - 2
    for key in keys:
        size = cell_len(key.shown.split()[0]) + 1 + cell_len(key.label) + 2
        if size > room:
            continue
        room -= size
        out.append(((key.shown.split()[0], "strong bold"), key.action))
        out.append(((f" {key.label}  ", "dim"), key.action))
    out.append(((" " * (room + 1), "text"), ""))
    out.append(((status + " ", "accent bold" if running else "dim"), ""))
    return out
