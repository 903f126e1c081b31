"""Parameters as a table: value, gradient, last change, the optimizer's moments."""

from __future__ import annotations

from collections.abc import Sequence

from nntui.session.frame import Cell, ParameterRow
from nntui.ui.format import signed
from nntui.ui.spans import Line, Span, fit, restyle, sign_style

NUMBER = 7


def moment_names(rows: Sequence[ParameterRow]) -> list[str]:
    """The optimizer's moments, in the order they first appear."""
    return list(dict.fromkeys(name for row in rows for name in row.moments))


def table_header(cells: int, symbols: int, moments: Sequence[str]) -> Line:
    """The names of the columns that fit."""
    names = ["value", "gradient", "change", *moments][: _columns(cells, symbols, len(moments))]
    return (
        (" " * (symbols + 1), "text"),
        *((f" {name[:8]:>{NUMBER + 1}}", "dim") for name in names),
    )


def table_lines(
    rows: Sequence[ParameterRow],
    cells: int,
    symbols: int,
    moments: Sequence[str],
    written: frozenset[Cell] = frozenset(),
) -> list[Line]:
    """A line for each row; those that the current op wrote are marked."""
    columns = _columns(cells, symbols, len(moments))
    return [_line(row, columns, symbols, moments, row.cell in written) for row in rows]


def _line(
    row: ParameterRow, columns: int, symbols: int, moments: Sequence[str], written: bool
) -> Line:
    numbers = [row.value, row.gradient, row.change, *(row.moments.get(name) for name in moments)]
    spans: list[Span] = [
        ("▸" if written else " ", "accent bold"),
        (fit(row.symbol, symbols), "dim italic" if row.frozen else "text"),
    ]
    for k, number in enumerate(numbers[:columns]):
        if row.frozen and k == 2:
            spans.append((f"  {'frozen':>{NUMBER}}", "dim"))
        else:
            spans.append((f"  {signed(number, NUMBER)}", sign_style(number)))
    return restyle(tuple(spans), "mark") if written else tuple(spans)


def _columns(cells: int, symbols: int, moments: int) -> int:
    return max(1, min(3 + moments, (cells - symbols - 1) // (NUMBER + 2)))
