"""The line at the bottom: the keys that matter most, as many as fit."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.cells import cell_len

from nntui.ui.keys import Key
from nntui.ui.spans import Span


def keybar_spans(
    keys: Sequence[Key], status: str, cells: int, *, running: bool = False
) -> list[tuple[Span, str]]:
    """Spans with the action each runs when clicked; the status stands on the right.

    The most important keys that fit, in the order they are given; neighbours with the same number
    share a place: `n/N next/back`.
    """
    room = cells - cell_len(status) - 3
    places = [list(same) for _, same in groupby(keys, key=lambda key: key.footer)]
    chosen: list[list[Key]] = []
    for place in sorted(places, key=lambda place: place[0].footer):
        if _size(place) <= room:
            room -= _size(place)
            chosen.append(place)
    out: list[tuple[Span, str]] = [((" ", "text"), "")]
    for place in places:
        if place in chosen:
            for names, style in ((_keys(place), "strong bold"), (_labels(place), "dim")):
                for k, (key, name) in enumerate(zip(place, names, strict=True)):
                    if k:
                        out.append((("/", "dim"), place[0].action))
                    out.append(((name, style), key.action))
                out.append(((" " if style == "strong bold" else "  ", "dim"), place[0].action))
    out.append(((" " * (room + 1), "text"), ""))
    out.append(((status + " ", "accent bold" if running else "dim"), ""))
    return out


def _keys(place: Sequence[Key]) -> list[str]:
    return [key.shown.split()[0] for key in place]


def _labels(place: Sequence[Key]) -> list[str]:
    return [key.label for key in place]


def _size(place: Sequence[Key]) -> int:
    return cell_len("/".join(_keys(place))) + cell_len("/".join(_labels(place))) + 3
