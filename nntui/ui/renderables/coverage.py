"""How well a generator imitates its data, as a line: the modes it covers, and how far it is off."""

from __future__ import annotations

from math import isfinite, log
from typing import Final

from nntui.session.gan import Duel
from nntui.session.rivalry import Rivalry
from nntui.ui.format import UNKNOWN
from nntui.ui.renderables.bars import long_bar
from nntui.ui.spans import BLANK, Line, crop, width

LARGEST: Final = log(2)
"""The divergence of two clouds that have no place in common."""

_BAR: Final = 8


def coverage_line(rivalry: Rivalry, duel: Duel, cells: int) -> Line:
    """`modes 6/8 ██████░░  JS 0.213 ███░░░░░`; nothing where neither is measured."""
    parts: list[Line] = []
    most = rivalry.modes
    if duel.modes is not None and most:
        known = isfinite(duel.modes)
        share = duel.modes / most if known else None
        style = "accent" if duel.modes == most else "positive"
        digits = len(str(most))
        found = f"{duel.modes:.0f}" if known else UNKNOWN
        text = f"{found:>{digits}}/{most}"
        bar = long_bar(share, min(most, _BAR), style)
        parts.append((("modes ", "dim"), (text, "strong"), (" ", "text"), *bar))
    if duel.divergence is not None:
        known = isfinite(duel.divergence)
        text = f"{duel.divergence:.3f}" if known else UNKNOWN
        room = min(cells - sum(map(width, parts)) - 11, _BAR)
        bar = long_bar(duel.divergence / LARGEST if known else None, max(room, 0), "negative")
        parts.append((("JS ", "dim"), (text, "strong"), (" ", "text"), *bar))
    if not parts:
        return BLANK
    line = parts[0]
    for part in parts[1:]:
        line = (*line, ("  ", "text"), *part)
    return crop(line, cells)
