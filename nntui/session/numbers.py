"""How numbers and symbols are written in formulas."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

MINUS: Final = "−"
_SUBSCRIPTS: Final = str.maketrans("0123456789()", "₀₁₂₃₄₅₆₇₈₉₍₎")
_SUPERSCRIPTS: Final = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def number(value: float) -> str:
    """A number as a textbook writes it: three decimals, or three digits where it is small.

    >>> number(0.9608342772), number(-1.54516798), number(3.2000000000000006)
    ('0.961', '−1.545', '3.2')
    >>> number(0.00043857), number(1234567.0), number(0.0)
    ('4.39·10⁻⁴', '1.23·10⁶', '0')
    """
    if math.isnan(value):
        return "nan"
    sign = MINUS if value < 0 else ""
    size = abs(value)
    if math.isinf(size):
        return f"{sign}∞"
    if size == 0.0:
        return "0"
    if size >= 99_999.5 or size < 0.000_999_5:
        mantissa, exponent = f"{size:.2e}".split("e")
        return f"{sign}{_trim(mantissa)}·10{str(int(exponent)).translate(_SUPERSCRIPTS)}"
    digits = 3 if size >= 0.0995 else 4 if size >= 0.00995 else 5
    return sign + _trim(f"{size:.{digits}f}")


def percent(value: float) -> str:
    """A probability in percent: `82.4 %`."""
    return f"{100 * value:.1f} %"


def subscript(symbol: str, index: Sequence[int]) -> str:
    """A symbol with its indices, counted from 1: `w₁₂`; a comma where one has two digits."""
    if not index:
        return symbol
    separator = "," if max(index) >= 9 else ""
    return symbol + separator.join(str(k + 1) for k in index).translate(_SUBSCRIPTS)


def of_place(row: int, column: int) -> str:
    """The mark of a unit of a map, by its place, counted from 0: `₍₃,₄₎`."""
    return f"({row},{column})".translate(_SUBSCRIPTS)


def of_sample(sample: int) -> str:
    """The mark of a sample of the batch, counted from 1: `⁽²⁾`."""
    return f"⁽{str(sample + 1).translate(_SUPERSCRIPTS)}⁾"


def _trim(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
