"""What stands at each time step of the inputs: the tokens by their names."""

from __future__ import annotations

from collections.abc import Sequence

from nntui.session.column import Column
from nntui.session.frame import Frame, Network


def token_of(column: Column, values: Sequence[float | None]) -> str:
    """What a time step of the inputs is; empty where it is not known yet.

    Args:
        values: the numbers of the time step: a token id, or a one-hot row.
    """
    numbers = [value for value in values if value is not None]
    if not numbers:
        return ""
    which = numbers.index(max(numbers)) if column.names else int(numbers[0])
    return column.tokens[which] if 0 <= which < len(column.tokens) else str(which)


def tokens_of(network: Network, frame: Frame) -> tuple[str, ...]:
    """The token of each time step; empty where the inputs are none, or are not known yet."""
    column = network.columns[0]
    flat, count = frame.row(column.a), max(len(column.names), 1)
    if not flat or not (column.tokens or not column.names):
        return ()
    return tuple(token_of(column, flat[t : t + count]) for t in range(0, len(flat), count))
