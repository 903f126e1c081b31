"""Bars of a character's height or of a line's length: gates, cells, gradients, probabilities.

A negative bar hangs from the top where a positive one stands on the bottom, so that the sign can be
seen without colours.
"""

from __future__ import annotations

from math import isfinite, log10
from typing import Final

from nntui.ui.format import MINUS, UNKNOWN
from nntui.ui.spans import Line, Span, sign_style

EIGHTHS: Final = " ▁▂▃▄▅▆▇█"

DECADES: Final = 6.0
"""Powers of ten that a logarithmic bar spans: what is smaller is the least bar there is."""

_LEAST: Final = 1 / 8
"""Lines of the lowest bar."""

_FAULT: Final = ("!", "error bold")


def share_bar(value: float | None, cells: int, *, bare: bool = False) -> Span:
    """A number between 0 and 1, standing.

    Args:
        bare: whether it is written as tenths: `7` for 0.7.
    """
    if value is None or not isfinite(value):
        return _missing(value, cells)
    share = min(max(value, 0.0), 1.0)
    glyph = str(min(int(10 * share), 9)) if bare else _eighth(share)
    return glyph * cells if not bare else glyph.ljust(cells), "accent"


def signed_bar(value: float | None, largest: float, cells: int, *, bare: bool = False) -> Span:
    """A number with a sign, standing or hanging, on the scale of the largest magnitude."""
    if value is None or not isfinite(value):
        return _missing(value, cells)
    share = min(abs(value) / largest, 1.0) if largest > 0 else 0.0
    style = sign_style(value)
    if bare:
        tenths = min(int(10 * share), 9)
        sign = " " if not tenths else "+" if value > 0 else MINUS
        return f"{sign}{tenths}"[:cells].ljust(cells), style
    if value >= 0:
        return _eighth(share) * cells, style
    # The upper part of a cell is the lower one's complement, with its colours turned around.
    return EIGHTHS[min(round(8 * (1.0 - share)), 7)] * cells, f"{style} reverse"


def log_bars(
    value: float | None, largest: float, cells: int, rows: int, *, bare: bool = False
) -> list[Span]:
    """A magnitude on a logarithmic scale, from the top line to the bottom one.

    Args:
        bare: whether it is written as a digit: 9 for the largest, 0 for the least.
    """
    above = [(" " * cells, "text")] * (rows - 1)
    if value is None or not isfinite(value):
        return [*above, _missing(value, cells)]
    share = log_share(value, largest)
    if bare:
        return [*above, (str(int(9 * share)).ljust(cells), "backward")]
    size = max(share * rows, _LEAST if value else 0.0)
    shares = (min(max(size - k, 0.0), 1.0) for k in reversed(range(rows)))
    return [(_eighth(share) * cells, "backward") for share in shares]


def log_share(value: float, largest: float) -> float:
    """How much of a logarithmic bar a magnitude fills, of which the largest fills it all."""
    if not 0 < value <= largest:
        return 1.0 if value > 0 else 0.0
    return max(0.0, 1.0 + log10(value / largest) / DECADES)


def long_bar(share: float | None, cells: int, style: str = "accent") -> Line:
    """A share of a line: `████░░░░`."""
    if share is None or not isfinite(share):
        return (_missing(share, cells),)
    full = round(min(max(share, 0.0), 1.0) * cells)
    return (("█" * full, style), ("░" * (cells - full), "dim"))


def _eighth(share: float) -> str:
    """The block of a share; the smallest one where there is little, but not nothing."""
    return EIGHTHS[max(round(share * 8), 1 if share > 0 else 0)]


def _missing(value: float | None, cells: int) -> Span:
    if value is None:
        return UNKNOWN.ljust(cells), "faint"
    return _FAULT[0].ljust(cells), _FAULT[1]
