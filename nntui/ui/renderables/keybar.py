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

    The most important keys that fit, in the order they are given.
    """
    room = cells - cell_len(status) - 3
    chosen: list[Key] = []
    for key in sorted(keys, key=lambda key: key.footer):
        if _size(key) <= room:
            room -= _size(key)
            chosen.append(key)
    out: list[tuple[Span, str]] = [((" ", "text"), "")]
    for key in keys:
        if key in chosen:
            out.append(((key.shown.split()[0], "strong bold"), key.action))
            out.append(((f" {key.label}  ", "dim"), key.action))
    out.append(((" " * (room + 1), "text"), ""))
    out.append(((status + " ", "accent bold" if running else "dim"), ""))
    return out


def _size(key: Key) -> int:
    return cell_len(key.shown.split()[0]) + cell_len(key.label) + 3
