"""Plain characters for terminals that cannot show the others: a filter over every line.

Each character is replaced by one of the same width, so nothing moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_ASCII: Mapping[str, str] = {
    **dict.fromkeys("╭╮╰╯┌┐└┘┏┓┗┛┣┼┬┴├┤┿", "+"),
    **dict.fromkeys("─╌┄▔▁▂▃", "-"),
    **dict.fromkeys("━═", "="),
    **dict.fromkeys("│┃║▎▌▐▏", "|"),
    **dict.fromkeys("▶▸›→»", ">"),
    **dict.fromkeys("◀◂‹←«", "<"),
    **dict.fromkeys("·∘", "."),
    **dict.fromkeys("•●", "*"),
    **dict.fromkeys("×⊙", "x"),
    **dict.fromkeys("−–—⁻", "-"),
    **dict.fromkeys("▀▄█▓▅▆▇", "#"),
    **dict.fromkeys("▒░", ":"),
    **dict(zip("₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹", "01234567890123456789", strict=True)),
    **dict(zip("αβγδεζηθλμνξπρστφχψωΔΠΣΦ∇∂√∞", "abgdezetlmnxprstfxpwDPSFVdVo", strict=True)),
    **dict(zip("ᵢⱼₖₜₓₕᵖᵗᵀ₊₍₎⁽⁾", "ijktxhptT+()()", strict=True)),
    "⊕": "+",
    "╱": "/",
    "╲": "\\",
    "⟨": "<",
    "⟩": ">",
    "‖": "|",
    **dict(zip("◤◥◣◢", "F7LJ", strict=True)),
    # Slanted as they are: upwards the strokes, downwards marks that hang like a tail.
    **dict(zip("↖↗↙↘", "\\/,`", strict=True)),
    "⋆": "*",
    "▨": "#",
    "✓": "v",
    "✗": "x",
    "◆": "*",
    "⌊": "[",
    "⌋": "]",
    "≠": "!",
    "␣": "_",
    "⏎": "$",
    "⇥": ">",
    "○": "o",
    "✎": "*",
    "↓": "v",
    "↑": "^",
    "▴": "^",
    "…": ".",
    "÷": "/",
    "′": "'",
    **dict.fromkeys("″“”", '"'),
    "ŷ": "y",
    "≈": "~",
    "≤": "<",
    "≥": ">",
    "½": "h",
    "¼": "q",
    "±": "+",
}


@cache
def plain_character(character: str, ascii_only: bool) -> str:
    """What stands for a character: braille becomes the stroke it looks like.

    Args:
        ascii_only: whether everything outside ASCII is replaced, not only braille.
    """
    code = ord(character)
    if 0x2800 <= code <= 0x28FF:
        return _stroke(code - 0x2800)
    if code < 0x80 or not ascii_only:
        return character
    return _ASCII.get(character, "?" * cell_len(character))


def _stroke(bits: int) -> str:
    """The ASCII character most like a braille pattern."""
    if not bits:
        return " "
    left = [row for row, bit in enumerate((0x01, 0x02, 0x04, 0x40)) if bits & bit]
    right = [row for row, bit in enumerate((0x08, 0x10, 0x20, 0x80)) if bits & bit]
    rows = left + right
    if not left or not right:
        return "|" if max(rows) - min(rows) > 1 else "."
    slope = sum(right) / len(right) - sum(left) / len(left)
    if abs(slope) < 0.75:
        return "-" if max(rows) - min(rows) <= 1 else "x"
    return "\\" if slope > 0 else "/"


class PlainText(LineFilter):
    """Replaces what the terminal cannot show."""

    def __init__(self, *, ascii_only: bool) -> None:
        super().__init__()
        self._ascii_only = ascii_only

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments in plain characters."""
        return [
            Segment("".join(plain_character(c, self._ascii_only) for c in text), style, control)
            for text, style, control in segments
        ]
