"""A figure: small matrices side by side, with the operators between them.

Numbers where there is room, tiles of colour with the current numbers below where there is not; in
a narrow place the matrices stand below each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

from rich.cells import cell_len

from nntui.session.grid import Figure, Grid
from nntui.ui.format import BRIEF, brief, exponent, label, power
from nntui.ui.renderables.tile import Scale, Tile, tile_lines
from nntui.ui.spans import BLANK, Line, Span, centred, pad, sign_style, width

OPERATOR: Final = 3
"""Cells of an operator between two grids."""


@dataclass(frozen=True)
class Picture:
    """A grid drawn: its title, its rows, and what stands below it; all of the same width."""

    cells: int
    title: str
    rows: list[Line]
    note: Line

    def lines(self, height: int) -> list[Line]:
        """Title, rows and note, `height` + 2 lines."""
        body = [*self.rows, *[BLANK] * (height - len(self.rows))]
        title = centred(((self.title, "dim"),), self.cells)
        return [title, *(pad(row, self.cells) for row in body), centred(self.note, self.cells)]


def figure_lines(figure: Figure, cells: int, rows: int) -> list[Line]:
    """A figure in `cells` × `rows`, as large as it fits; empty where it does not fit at all."""
    for draw in _WAYS if figure else ():
        pictures = [draw(piece) if isinstance(piece, Grid) else piece for piece in figure]
        for chunks in ([pictures], _broken(pictures)):
            lines = [line for chunk in chunks for line in _beside(chunk)]
            fits = all(width(line) <= cells for line in lines)
            if fits and len(lines) + bool(_caption(figure, draw)) <= rows:
                return lines + _caption(figure, draw)
    return []


def _broken(pieces: Sequence[Picture | str]) -> list[list[Picture | str]]:
    """The pieces on two lines, the second beginning with the last operator."""
    operators = [k for k, piece in enumerate(pieces) if isinstance(piece, str)]
    at = operators[-1] if operators else len(pieces)
    return [list(pieces[:at]), list(pieces[at:])] if 0 < at < len(pieces) else [list(pieces)]


def _beside(pieces: Sequence[Picture | str]) -> list[Line]:
    """Pieces on one line, operators in the middle of the rows."""
    height = max((len(p.rows) for p in pieces if isinstance(p, Picture)), default=1)
    lines: list[list[Span]] = [[] for _ in range(height + 2)]
    for piece in pieces:
        if isinstance(piece, str):
            for k, line in enumerate(lines):
                text = piece if k == (height + 1) // 2 else ""
                line += centred(((text, "dim"),), OPERATOR)
        else:
            for line, drawn in zip(lines, piece.lines(height), strict=True):
                line += drawn
    bare = all(not piece.note for piece in pieces if isinstance(piece, Picture))
    return [tuple(line) for line in (lines[:-1] if bare else lines)]


def _numbers(grid: Grid, gap: int) -> Picture:
    """A grid with its numbers."""
    rows, small = [], exponent(_largest(grid))
    for r, values in enumerate(grid.values):
        spans: list[Span] = []
        for c, value in enumerate(values):
            style = sign_style(value)
            if (r, c) == grid.current:
                style += " bold reverse"
            elif (r, c) in grid.lit:
                style += " mark"
            spans += [(" " * gap, "text")] * bool(c) + [(brief(value, small), style)]
        rows.append(tuple(spans))
    columns = grid.size[1]
    cells = columns * BRIEF + (columns - 1) * gap
    return _framed(cells, grid, rows, grid.title + power(small))


def _tile(grid: Grid, scale: Scale) -> Picture:
    """A grid as a tile of colours."""
    tile = Tile(grid.values, _largest(grid), chosen=grid.current)
    return _framed(scale.size(*grid.size)[1], grid, tile_lines(tile, scale), grid.title)


def _largest(grid: Grid) -> float:
    found = [abs(v) for row in grid.values for v in row if v is not None and isfinite(v)]
    return max(found, default=0.0)


def _framed(cells: int, grid: Grid, rows: list[Line], title: str) -> Picture:
    """A drawn grid with what stands above and below it."""
    wide = max(cells, cell_len(title), cell_len(grid.note))
    return Picture(wide, title, [centred(row, wide) for row in rows], _note(grid))


def _note(grid: Grid) -> Line:
    return ((grid.note, f"{sign_style(grid.total)} bold"),) if grid.note else ()


def _roomy(grid: Grid) -> Picture:
    return _numbers(grid, 1)


def _close(grid: Grid) -> Picture:
    return _numbers(grid, 0)


def _wide(grid: Grid) -> Picture:
    return _tile(grid, Scale.WIDE)


def _half(grid: Grid) -> Picture:
    return _tile(grid, Scale.HALF)


_WAYS: Final[tuple[Callable[[Grid], Picture], ...]] = (_roomy, _close, _wide, _half)


def _caption(figure: Figure, draw: Callable[[Grid], Picture]) -> list[Line]:
    """The current numbers of a figure without numbers: `+.12 ⊙ −1.0 = −.12`."""
    if draw not in (_wide, _half):
        return []
    line: list[Span] = []
    for piece in figure:
        if isinstance(piece, str):
            line.append((f" {'×' if piece == '⊙' else piece} ", "dim"))
        elif piece.current is None:
            return []
        else:
            value = piece.at(piece.current)
            line.append((label(value) if value is not None else "·", sign_style(value)))
    return [tuple(line)]
