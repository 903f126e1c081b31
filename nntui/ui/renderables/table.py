"""Parameters as a table: value, gradient, last change, the optimizer's moments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from nntui.session.frame import Cell, ParameterRow
from nntui.ui.format import STALE, signed
from nntui.ui.spans import Line, Span, fit, restyle, sign_style

NUMBER = 7
LONGEST_SYMBOL = 8

_SUFFIXES = {"value": "", "change": "", "grad": ".grad"}
"""The tensors of the columns, after the parameter's name."""


@dataclass(frozen=True)
class Columns:
    """Which columns of numbers are in view.

    Attributes:
        names: of all columns.
        first, last: those in view, `last` not included.
        symbol: cells of the column of symbols.
        gap: cells between numbers.
    """

    names: tuple[str, ...]
    first: int
    last: int
    symbol: int
    gap: int


def columns_in(
    rows: Sequence[ParameterRow], cells: int, shift: int = 0, *, gradient: bool = True
) -> Columns:
    """The columns that fit in `cells`, from column `shift` on.

    Args:
        gradient: whether there is one.
    """
    moments = dict.fromkeys(name for row in rows for name in row.moments)
    names = ("value", *(("grad",) if gradient else ()), "change", *moments)
    symbol = min(max((cell_len(row.symbol) for row in rows), default=2), LONGEST_SYMBOL)
    room = cells - symbol - 1
    gap = 2 if len(names) * (NUMBER + 2) <= room else 1
    count = max(1, min(len(names), room // (NUMBER + gap)))
    first = min(max(shift, 0), len(names) - count)
    return Columns(names, first, first + count, symbol, gap)


def table_header(columns: Columns) -> Line:
    """The names of the columns in view, and a mark where there are more."""
    spans: list[Span] = [(" " * (columns.symbol + 1), "text")]
    for name in columns.names[columns.first : columns.last]:
        spans.append((" " * columns.gap + f"{name[:NUMBER]:>{NUMBER}}", "dim"))
    return tuple(spans)


def table_lines(
    rows: Sequence[ParameterRow],
    columns: Columns,
    written: frozenset[Cell] = frozenset(),
    edited: frozenset[Cell] = frozenset(),
    stale: frozenset[Cell] = frozenset(),
    chosen: Cell | None = None,
) -> list[Line]:
    """A line for each row; those that the current op wrote, or that were edited, are marked.

    Args:
        stale: numbers that a change by hand has left behind, gradients and moments among them.
        chosen: the row under the pane's cursor.
    """
    lines = []
    for row in rows:
        marked = row.cell in written
        line = _line(row, columns, stale, marked, _is_edited(row, edited))
        if row.cell == chosen:
            line = restyle(line, "cursor")
        lines.append(restyle(line, "mark") if marked and row.cell != chosen else line)
    return lines


def _is_edited(row: ParameterRow, edited: frozenset[Cell]) -> bool:
    cell = row.cell
    return bool(edited) and (cell in edited or Cell(f"{cell.tensor}.grad", cell.index) in edited)


def _line(
    row: ParameterRow, columns: Columns, stale: frozenset[Cell], written: bool, edited: bool
) -> Line:
    numbers = {"value": row.value, "grad": row.gradient, "change": row.change, **row.moments}
    spans: list[Span] = [
        ("✎", "error bold") if edited else ("▸" if written else " ", "accent bold"),
        (fit(row.symbol, columns.symbol), "dim italic" if row.frozen else "text"),
    ]
    for name in columns.names[columns.first : columns.last]:
        number, gap = numbers.get(name), " " * columns.gap
        tensor = row.cell.tensor + _SUFFIXES.get(name, f".{name}")
        behind = Cell(tensor, row.cell.index) in stale
        if row.frozen and name == "change":
            spans.append((f"{gap}{'frozen':>{NUMBER}}", "dim"))
        else:
            before = (gap[1:] + STALE, "error") if behind else (gap, "text")
            style = f"{sign_style(number)} italic" if behind else sign_style(number)
            spans += [before, (signed(number, NUMBER), style)]
    return tuple(spans)
