"""Numbers as text of a fixed width, so that nothing on the screen jumps from step to step."""

from __future__ import annotations

import math
import re

UNKNOWN = "·"
"""What stands for a number that has not been computed yet; never 0."""

STALE = "~"
"""What stands before a stale number: one that is older than what it hangs on."""

MINUS = "−"

WIDTH = 7
"""Cells of a number in a neuron or a table: `+3.2000`, `−0.0123`, `+1.2e-4`."""


_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

BRIEF = 4
"""Cells of a number in a matrix."""


def signed(value: float | None, width: int = WIDTH) -> str:
    """A number with its sign, right-aligned in `width` cells (at least 5).

    The minus is a real one, as wide as the plus. As many decimals as fit; very small and very
    large magnitudes as `+1.2e-4`. A number that is not known is a dot where its decimal point
    would be; an exact zero has no sign.
    """
    if value is None:
        return f"{UNKNOWN:>3}".ljust(width)
    if math.isnan(value):
        return "nan".rjust(width)
    if math.isinf(value):
        return ("+inf" if value > 0 else f"{MINUS}inf").rjust(width)
    if value == 0:
        return f"{0:.{width - 3}f}".rjust(width)
    if abs(value) >= 10.0 ** (4 - width):
        for decimals in range(width - 3, -1, -1):
            text = f"{value:+.{decimals}f}".replace("-", MINUS)
            if len(text) <= width:
                return text.rjust(width)
    for decimals in (3, 2, 1, 0):
        text = _short_exponent(f"{value:+.{decimals}e}")
        if len(text) <= width:
            return text.rjust(width)
    return text


def magnitude(value: float, width: int) -> str:
    """A size without a sign in at most `width` cells (at least 5): `0.549`, `1`, `2e-14`."""
    text = signed(abs(value), width + 1).strip().lstrip("+")
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def label(value: float) -> str:
    """A number short enough for an edge, at most 6 cells: `+0.20`, `−1.35`, `+12.4`, `+2e-4`."""
    if not math.isfinite(value) or value == 0 or abs(value) < 0.005:
        return signed(value, 5).strip()
    text = f"{value:+.2f}".replace("-", MINUS)
    return text if abs(value) < 10 else signed(value, 5).strip()


def exponent(largest: float) -> int:
    """The power of ten to take out of small numbers, the largest of which this is; 0 for none."""
    if not 0 < largest < 0.0995 or largest < 1e-300:
        return 0
    return math.floor(math.log10(largest))


def power(exponent: int) -> str:
    """What stands beside numbers from which a power of ten was taken out: ` ·10⁻³`; or nothing."""
    return f" ·10{str(exponent).translate(_SUPERSCRIPTS)}" if exponent else ""


def brief(value: float | None, exponent: int = 0) -> str:
    """A number in the 4 cells of a matrix: `+.52`, `−1.3`, `+120`, `+2e4`; `·` where unknown.

    Args:
        exponent: a power of ten to leave out.
    """
    if value is None:
        return f" {UNKNOWN}  "
    value /= 10.0**exponent
    if not math.isfinite(value):
        return "nan".rjust(BRIEF) if math.isnan(value) else f"{'+' if value > 0 else MINUS}inf"
    if value == 0:
        return "0".rjust(BRIEF)
    size = abs(value)
    if size < 0.995:
        text = f"{value:+.2f}".replace("0.", ".", 1)
    elif size < 9.95:
        text = f"{value:+.1f}"
    elif size < 999.5:
        text = f"{value:+.0f}"
    else:
        text = _short_exponent(f"{value:+.0e}") if size < 9.5e9 else f"{value:+.0e}"[0] + "big"
    return text.replace("-", MINUS).rjust(BRIEF)


def loss(value: float | None) -> str:
    """A loss, without a sign where it is not negative, in 7 cells."""
    text = signed(value)
    return text.replace("+", " ", 1) if text.lstrip().startswith("+") else text


def written(value: float) -> str:
    """A number as one writes it, to six digits: `0.7`, `−1.5e-07`."""
    return f"{value:.6g}".replace("-", MINUS, 1) if value < 0 else f"{value:.6g}"


def percent(value: float | None) -> str:
    """A probability as a percentage; empty where it is not one."""
    if value is None or not 0 <= value <= 1:
        return ""
    return f"{value:.1%}".replace("%", " %")


def _short_exponent(text: str) -> str:
    """`+1.2e-04` as `+1.2e-4`, `+1.2e+04` as `+1.2e4`."""
    text = re.sub(r"e([+-])0*(\d)", lambda m: "e" + m[1].strip("+") + m[2], text)
    return text.replace("-", MINUS, 1) if text.startswith("-") else text
