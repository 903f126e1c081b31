"""A map of numbers, one channel of an image or a kernel, as numbers or as a tile of colours.

A window on it is outlined; the cell that the current op has written, that of the current term, the
winner of a pooled window and the chosen cell are marked. What has not been computed is a dot or
blank, so a map fills as it is computed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from math import isfinite
from typing import Final

from nntui.session.grid import Place
from nntui.ui.format import BRIEF, STALE, UNKNOWN, brief, exponent
from nntui.ui.renderables.heat import heat_style
from nntui.ui.renderables.neuron import MARKS
from nntui.ui.spans import Line, Span, sign_style


class Scale(Enum):
    """How large a cell is: a number, two characters of colour, half of these, or half of one."""

    NUMBERS = "numbers"
    WIDE = "wide"
    DIGITS = "digits"
    LOW = "low"
    HALF = "half"

    def size(self, rows: int, columns: int) -> tuple[int, int]:
        """(lines, cells) of a tile."""
        if self in _FOLDED:
            return -(-rows // 2), columns * (_WIDE if self is Scale.LOW else 1)
        return rows, columns * (_NUMBER if self is Scale.NUMBERS else _WIDE)

    def place(self, x: int, y: int, rows: int, columns: int) -> Place | None:
        """Which cell a point of a tile is in."""
        wide = {Scale.NUMBERS: _NUMBER, Scale.HALF: 1}.get(self, _WIDE)
        row, column = y * (2 if self in _FOLDED else 1), x // wide
        return (row, column) if 0 <= row < rows and 0 <= column < columns else None


_NUMBER: Final = BRIEF + 1
_WIDE: Final = 2
_FOLDED: Final = (Scale.HALF, Scale.LOW)
"""The scales at which two rows share a line."""

MASKED: Final = "╱"
"""Stands where something is left out on purpose."""


@dataclass(frozen=True)
class Tile:
    """What a map shows.

    Attributes:
        values: row by row; None where nothing has been computed yet.
        largest: the magnitude that has the strongest colour.
        outlined: a window, or a receptive field.
        now: what the current term reads.
        written: what the current op has just computed.
        edited: what was changed by hand.
        stale: what a change by hand has left behind.
        chosen: the cell the cursor is on.
        glyphs: a character to put in a cell: the corner a winner came from.
        masked: what is left out on purpose.
        outside: what is left blank, for it is not in a field: at the scales of digits and halves.
    """

    values: Sequence[Sequence[float | None]]
    largest: float
    outlined: frozenset[Place] = frozenset()
    now: frozenset[Place] = frozenset()
    written: frozenset[Place] = frozenset()
    edited: frozenset[Place] = frozenset()
    stale: frozenset[Place] = frozenset()
    chosen: Place | None = None
    glyphs: Mapping[Place, str] = field(default_factory=dict)
    masked: frozenset[Place] = frozenset()
    outside: frozenset[Place] = frozenset()

    def style(self, place: Place) -> str:
        """The colour of a cell, as `heat_style` says it."""
        row, column = place
        if not (0 <= row < len(self.values) and 0 <= column < len(self.values[row])):
            return "none"
        return heat_style(self.values[row][column], self.largest)

    @property
    def exponent(self) -> int:
        """The power of ten that is taken out of its numbers."""
        return exponent(self.largest)

    def part(self, top: int, left: int, rows: int, columns: int) -> Tile:
        """A rectangle of it."""
        if (top, left) == (0, 0) and rows == len(self.values) and columns == len(self.values[0]):
            return self

        def moved(places: Iterable[Place]) -> frozenset[Place]:
            return frozenset((r - top, c - left) for r, c in places)

        return Tile(
            [values[left : left + columns] for values in self.values[top : top + rows]],
            self.largest,
            outlined=moved(self.outlined),
            now=moved(self.now),
            written=moved(self.written),
            edited=moved(self.edited),
            stale=moved(self.stale),
            chosen=(self.chosen[0] - top, self.chosen[1] - left) if self.chosen else None,
            glyphs={(r - top, c - left): glyph for (r, c), glyph in self.glyphs.items()},
            masked=moved(self.masked),
            outside=moved(self.outside),
        )


def tile_lines(tile: Tile, scale: Scale) -> list[Line]:
    """A map at a scale."""
    if scale in _FOLDED:
        size = _WIDE if scale is Scale.LOW else 1
        return [_half(tile, top, size) for top in range(0, len(tile.values), 2)]
    return [
        merged(
            [span for column in range(len(values)) for span in cell_of(tile, (row, column), scale)]
        )
        for row, values in enumerate(tile.values)
    ]


def cell_of(tile: Tile, place: Place, scale: Scale) -> Line:
    """One cell of a map at a scale; of half characters, with the cell below it."""
    if scale is Scale.HALF:
        return (_half_cell(tile, place, tile.outlined, through=True),)
    cell = _number if scale is Scale.NUMBERS else _digit if scale is Scale.DIGITS else _wide
    return cell(tile, place)


def merged(spans: Sequence[Span]) -> Line:
    """A line in which neighbours of one style are one span."""
    out: list[Span] = []
    for text, style in spans:
        if out and out[-1][1] == style:
            out[-1] = (out[-1][0] + text, style)
        else:
            out.append((text, style))
    return tuple(out)


def _mark(tile: Tile, place: Place) -> Span:
    """The character before a number."""
    if place in tile.edited:
        return (MARKS["edited"], "error bold")
    if place in tile.written:
        return (MARKS["written"], "accent bold")
    if place in tile.now or place in tile.outlined:
        return (MARKS["read"], "accent bold" if place in tile.now else "accent")
    if place in tile.stale:
        return (STALE, "error")
    return (tile.glyphs.get(place, " "), "dim")


def _number(tile: Tile, place: Place) -> Line:
    value = tile.values[place[0]][place[1]]
    mark, style = _mark(tile, place)
    known = "faint" if place in tile.masked else sign_style(value)
    if place in tile.outlined or place in tile.written:
        style, known = f"{style} mark", f"{known} mark"
    if place in tile.now or place in tile.written:
        known += " bold"
    elif place in tile.stale:
        known += " italic"
    if place == tile.chosen:
        known += " reverse"
    text = (MASKED * 2).center(BRIEF) if place in tile.masked else brief(value, tile.exponent)
    return ((mark, style), (text, known))


def _wide(tile: Tile, place: Place) -> Line:
    value = tile.values[place[0]][place[1]]
    text = _overlay(tile, place)
    if place in tile.masked:
        text = "".join(MASKED if letter == " " else letter for letter in text)
        return ((text, "accent bold" if text.strip(MASKED) else "faint"),)
    if value is None:
        strong = place == tile.chosen or place in tile.outlined
        style = "accent bold" if strong or place in tile.written else "faint"
        return ((text if text.strip() else f"{UNKNOWN} ", style),)
    bold = " bold" if text.strip() else ""
    return ((text, f"tile-{tile.style(place)}{bold}"),)


def _digit(tile: Tile, place: Place) -> Line:
    """Where there are no colours: a sign, and the magnitude in tenths of the largest."""
    value = tile.values[place[0]][place[1]]
    reverse = " reverse" if place in tile.outlined or place == tile.chosen else ""
    if place in tile.masked:
        return ((MASKED * 2, f"faint{reverse}"),)
    if place in tile.outside:
        return ((" " * _WIDE, f"dim{reverse}"),)
    if value is None:
        return ((f"{UNKNOWN} ", f"dim{reverse}"),)
    if not isfinite(value):
        return (("!!", f"error{reverse}"),)
    tenths = min(int(10 * abs(value) / tile.largest), 9) if tile.largest > 0 else 0
    sign = brief(value).strip()[0] if tenths else " "
    marked = tile.written | tile.edited | tile.now | tile.stale
    if place in marked:
        sign = _mark(tile, place)[0]
    return ((f"{sign}{tenths}", f"{sign_style(value)}{reverse}"),)


def _overlay(tile: Tile, place: Place) -> str:
    """What stands on the colour of a cell."""
    if place == tile.chosen:
        return "[]"
    if place in tile.edited:
        return MARKS["edited"] + " "
    if place in tile.written:
        return MARKS["written"] + tile.glyphs.get(place, " ")
    if place in tile.outlined:
        return _edge(tile, place)
    if place in tile.now:
        return MARKS["read"] + " "
    if place in tile.stale:
        return STALE + tile.glyphs.get(place, " ")
    return tile.glyphs.get(place, " ") + " "


def _edge(tile: Tile, place: Place) -> str:
    """The part of a window's outline that runs through a cell; a dot where the term reads."""
    row, column = place
    window = tile.outlined
    left, right = (row, column - 1) not in window, (row, column + 1) not in window
    above, below = (row - 1, column) not in window, (row + 1, column) not in window
    first = _SIDES[above, below] if left else _ALONG[above or below]
    second = _OTHER_SIDES[above, below] if right else _ALONG[above or below]
    if place in tile.now:
        if left:
            second = MARKS["read"]
        else:
            first = MARKS["read"]
    elif place in tile.glyphs and not (left or above or below):
        first = tile.glyphs[place]
    return first + second


_SIDES: Final = {
    (True, True): "[",
    (True, False): "┌",
    (False, True): "└",
    (False, False): "│",
}
_OTHER_SIDES: Final = {
    (True, True): "]",
    (True, False): "┐",
    (False, True): "┘",
    (False, False): "│",
}
_ALONG: Final = {True: "─", False: " "}


def _half(tile: Tile, top: int, size: int) -> Line:
    spans: list[Span] = []
    whole = len(tile.outlined) == sum(map(len, tile.values))
    window = frozenset[Place]() if whole else tile.outlined
    # Numbers show through a window, unless there would be nothing to see of it.
    through = any(tile.style(place) == "none" for place in window)
    for column in range(len(tile.values[top])):
        text, style = _half_cell(tile, (top, column), window, through=through)
        spans.append((text * size, style))
    return merged(spans)


def _half_cell(tile: Tile, place: Place, window: frozenset[Place], *, through: bool) -> Span:
    """A cell and the one below it in one character."""
    row, column = place
    upper = _shade(tile, place, window, through)
    has_lower = row + 1 < len(tile.values)
    lower = _shade(tile, (row + 1, column), window, through) if has_lower else ""
    return _pair(upper, lower)


def _shade(tile: Tile, place: Place, window: frozenset[Place], through: bool) -> str:
    """The style of half a character: a mark's, a colour's, or none where nothing is known."""
    if place == tile.chosen or place in tile.written or place in tile.now:
        return "strong"
    if place in tile.masked:
        return "faint"
    if place in tile.outside:
        return ""
    value = tile.values[place[0]][place[1]]
    style = "" if value is None else f"heat-{tile.style(place)}"
    if place in window and not (through and style not in ("", "heat-none")):
        return "accent"
    return style


def _pair(upper: str, lower: str) -> Span:
    if upper == lower:
        return ("█", upper) if upper else (" ", "text")
    if not upper:
        return ("▄", lower)
    if not lower:
        return ("▀", upper)
    return ("▀", f"{upper} under-{lower.removeprefix('heat-')}")
