"""A residual stream as bands of a film strip: a band for each layer, and for each part of one.

The stream runs down beside the bands, like a bus: a part taps it, what the part and those after it
have found is added to it. The layer that is worked on is in view whole, up to the next sum; of what
does not fit, what is farthest from it is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from nntui.session.column import Column, Row
from nntui.session.frame import Network
from nntui.ui.renderables.band import EXTRA, Band, Kind

RAIL: Final = 4
"""Cells of the stream, with a blank one before it."""

_NEAR: Final = 10
_FAR: Final = 30
"""Ranks of the bands between the same two sums, and of those beyond them."""


def stream_bands(network: Network, focus: int) -> Iterator[Band]:
    """All there is to show, from the top.

    Args:
        focus: the column that is worked on.
    """
    yield Band("axis", label="time", rank=_NEAR + 1)
    last = len(network.columns) - 1
    here = _section(network.columns, focus)
    for k, column in enumerate(network.columns):
        if not column.time:
            continue
        rank = _NEAR if k in here else _FAR + min(_distance(here, k), EXTRA - _FAR - 1)
        if k == focus:
            rank -= 1
        if k == 0:
            kind: Kind = "tokens" if column.tokens or not column.names else "rows"
            yield Band(
                kind,
                0,
                column.a,
                "x",
                column.names,
                rank=_NEAR - 2,
                units=max(len(column.names), 1),
            )
        elif k == last and network.classes and network.chances:
            yield _band(column, k, EXTRA, opened=k == focus)
            yield Band("guess", k, network.chances, "ŷ", rank=20, beside=RAIL)
            yield Band("target", k, network.target, "y", rank=25)
        else:
            yield _band(column, k, rank, opened=k == focus)
            yield _band(column, k, rank, opened=k == focus, gradient=True)
    for k, column in enumerate(network.columns):
        if not column.time and not (column.reshapes and k < last):
            yield Band("head", k, column.a, "a", rank=20)
            if network.target and k == last:
                yield Band("goal", k, network.target, "y", rank=25)


def rows_of(column: Column, *, gradient: bool) -> Sequence[Row]:
    """What a band of a column may show: numbers, or what comes back to them."""
    return [row for row in column.rows if row.gradient is gradient]


def _band(column: Column, k: int, rank: int, *, opened: bool, gradient: bool = False) -> Band:
    rows = rows_of(column, gradient=gradient)
    labels = sorted((row.label for row in rows), key=len)
    return Band(
        "gaze" if column.is_attention else "across",
        k,
        rows[-1].tensor if rows else "",
        labels[-1] if labels else "",
        rank=rank,
        phase="backward" if gradient else "forward",
        units=len(column.names),
        beside=RAIL,
        opened=opened and not column.is_attention,
    )


def _section(columns: Sequence[Column], focus: int) -> range:
    """The columns from after the last sum before one up to the next one."""
    first = last = focus
    while first > 1 and columns[first - 1].rail in ("tap", "branch") and columns[first].rail:
        first -= 1
    while columns[last].rail in ("tap", "branch") and last + 1 < len(columns):
        last += 1
    return range(first, last + 1)


def _distance(here: range, k: int) -> int:
    """How far a column is from some others."""
    return here.start - k if k < here.start else k - here.stop + 1
