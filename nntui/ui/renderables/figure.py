"""A figure: small matrices side by side, with the operators between them.

Numbers where there is room, tiles of colour with the current numbers below where there is not; in
a narrow place the matrices stand below each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

from rich.cells import cell_len

from nntui.session.grid import Figure, Grid
from nntui.session.numbers import number
from nntui.ui.format import BRIEF, brief, exponent, label, power
from nntui.ui.renderables.tile import MASKED, Scale, Tile, tile_lines
from nntui.ui.spans import BLANK, Line, Span, centred, pad, sign_style, width

OPERATOR: Final = 3
"""Cells of an operator between two grids."""


@dataclass(frozen=True)
class Way:
    """How the grids of a figure are drawn: with numbers, or as tiles.

    Attributes:
        scale: of a tile; None for numbers, which have a cell between them.
    """

    scale: Scale | None = None

    def title(self, grid: Grid) -> str:
        """What stands above a grid."""
        return grid.title if self.scale else grid.title + power(exponent(grid.largest))

    def cells(self, grid: Grid) -> int:
        """How wide a grid is, with what stands above and below it."""
        rows, columns = grid.size
        wide = columns * (BRIEF + 1) - 1
        if self.scale:
            wide = self.scale.size(rows, columns)[1]
        return max(wide, cell_len(self.title(grid)), cell_len(grid.note))

    def rows(self, pieces: Sequence[Grid | str]) -> int:
        """How many lines the numbers of the tallest grid take."""
        grids = [piece for piece in pieces if isinstance(piece, Grid)]
        sizes = [self.scale.size(*g.size)[0] if self.scale else g.size[0] for g in grids]
        return max(sizes, default=1)

    def height(self, pieces: Sequence[Grid | str]) -> int:
        """How many lines pieces side by side take, titles and notes included."""
        noted = any(piece.note for piece in pieces if isinstance(piece, Grid))
        return self.rows(pieces) + 1 + noted

    def width(self, pieces: Sequence[Grid | str]) -> int:
        """How many cells pieces side by side take."""
        return sum(self.cells(piece) if isinstance(piece, Grid) else OPERATOR for piece in pieces)

    def draw(self, grid: Grid) -> list[Line]:
        """The rows of a grid."""
        if self.scale:
            tile = Tile(grid.values, grid.largest, chosen=grid.current, masked=grid.masked)
            return tile_lines(tile, self.scale)
        small = exponent(grid.largest)
        rows = []
        for r, values in enumerate(grid.values):
            spans: list[Span] = []
            for c, value in enumerate(values):
                text, style = _number(value, small, (r, c) in grid.masked)
                if (r, c) == grid.current:
                    style += " bold reverse"
                elif (r, c) in grid.lit:
                    style += " mark"
                spans += [(" ", "text")] * bool(c) + [(text, style)]
            rows.append(tuple(spans))
        return rows


_WAYS: Final = (Way(), Way(scale=Scale.WIDE), Way(scale=Scale.HALF))


def _number(value: float | None, small: int, masked: bool) -> Span:
    """A number of a matrix, which may have been left out by a mask."""
    if value is None or not masked:
        text = brief(value, small) if value is None or isfinite(value) else _endless(value)
        return (text.rjust(BRIEF), sign_style(value))
    return ((MASKED * 2).center(BRIEF), "faint")


def _endless(value: float) -> str:
    """What is not finite, as the formula beside it writes that: `+∞`, `−∞`, `nan`."""
    return ("+" if value > 0 else "") + number(value)


def figure_lines(figure: Figure, cells: int, rows: int) -> list[Line]:
    """A figure in `cells` × `rows`, as large as it fits; empty where it does not fit at all.

    Matrices of a single row stand below each other.
    """
    return drawn(figure, cells, rows)[0]


def drawn(figure: Figure, cells: int, rows: int) -> tuple[list[Line], bool]:
    """The lines of a figure, and whether its numbers can be read in them."""
    flat = len(figure) > 1 and all(isinstance(g, str) or g.size[0] == 1 for g in figure)
    for way in _WAYS if figure else ():
        caption = _caption(figure) if way.scale else []
        if flat:
            for stacked in (_stacked(figure, way), _headed(figure, way)):
                lines = stacked + caption
                if len(lines) <= rows and all(width(line) <= cells for line in lines):
                    return lines, way.scale is None
            continue
        for chunks in ([list(figure)], _broken(figure)):
            high = sum(way.height(chunk) for chunk in chunks)
            if high + len(caption) <= rows and all(way.width(chunk) <= cells for chunk in chunks):
                lines = [line for chunk in chunks for line in _beside(chunk, way)]
                return [*lines, *caption], way.scale is None
    return [], False


def _stacked(figure: Figure, way: Way) -> list[Line]:
    """Matrices of a row each: operators and titles on the left, notes on lines of their own."""
    lines: list[Line] = []
    notes: list[Line] = []
    operator = ""
    room = max(cell_len(grid.title) for grid in figure if isinstance(grid, Grid)) + OPERATOR
    for piece in figure:
        if isinstance(piece, str):
            operator = piece
            continue
        # What a title says of the numbers, such as a power of ten, comes after them.
        scaled = way.title(piece).removeprefix(piece.title)
        left = pad(((f"{operator:<2}{piece.title}", "dim"),), room)
        lines.append((*left, *way.draw(piece)[0], (scaled, "dim")))
        notes += [(*pad(BLANK, room), *_note(piece))] if piece.note else []
    return lines + notes


def _headed(figure: Figure, way: Way) -> list[Line]:
    """Matrices of a row each, as wide as it gets: operators, titles and notes above them."""
    lines: list[Line] = []
    operator = ""
    for piece in figure:
        if isinstance(piece, str):
            operator = piece
            continue
        title: Line = ((f"{operator} {way.title(piece)}".strip(), "dim"),)
        note = _note(piece)
        lines.append((*title, ("   ", "text"), *note) if note else title)
        lines.append(way.draw(piece)[0])
    return lines


def _broken(pieces: Figure) -> list[list[Grid | str]]:
    """The pieces on two lines, the second beginning with the last operator."""
    operators = [k for k, piece in enumerate(pieces) if isinstance(piece, str)]
    at = operators[-1] if operators else len(pieces)
    return [list(pieces[:at]), list(pieces[at:])] if 0 < at < len(pieces) else [list(pieces)]


def _beside(pieces: Sequence[Grid | str], way: Way) -> list[Line]:
    """Pieces on one line, operators in the middle of the rows."""
    height = way.rows(pieces)
    lines: list[list[Span]] = [[] for _ in range(way.height(pieces))]
    for piece in pieces:
        if isinstance(piece, str):
            for k, line in enumerate(lines):
                text = piece if k == (height + 1) // 2 else ""
                line += centred(((text, "dim"),), OPERATOR)
        else:
            wide = way.cells(piece)
            drawn = way.draw(piece)
            body = [*drawn, *[BLANK] * (height - len(drawn))]
            title = ((way.title(piece), "dim"),)
            for line, part in zip(lines, [title, *body, _note(piece)], strict=False):
                line += centred(part, wide)
    return [tuple(line) for line in lines]


def _note(grid: Grid) -> Line:
    return ((grid.note, f"{sign_style(grid.total)} bold"),) if grid.note else ()


def _caption(figure: Figure) -> list[Line]:
    """The current numbers of a figure without numbers: `+.12 × −1.0 = −.12`."""
    line: list[Span] = []
    for piece in figure:
        if isinstance(piece, str):
            line.append((f" {'×' if piece == '⊙' else piece} ", "dim"))
        elif piece.current is None:
            return []
        else:
            value = piece.at(piece.current)
            text = "·" if value is None else label(value) if isfinite(value) else _endless(value)
            line.append((text, "dim" if piece.current in piece.masked else sign_style(value)))
    return [tuple(line)]
