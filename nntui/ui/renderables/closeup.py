"""One map up close: a, ∂a, and of a convolution its filter's w and ∂w, with numbers where they fit.

Above them stand the numbers of the one neuron that is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nntui.session.column import Column
from nntui.session.frame import Cell, Frame
from nntui.ui.format import STALE, power, signed
from nntui.ui.renderables.mapcolumn import channel_of, kernel_tile, maps_of
from nntui.ui.renderables.rows import all_rows
from nntui.ui.renderables.tile import Scale, Tile, tile_lines
from nntui.ui.spans import BLANK, Line, Span, crop, pad, sign_style, width

BETWEEN = 2
"""Cells between two maps."""

NUMBER = 10
"""Cells of a number with its label."""


@dataclass(frozen=True)
class Plate:
    """A map and its title."""

    title: Line
    tile: Tile

    def size(self, scale: Scale) -> tuple[int, int]:
        """(lines, cells) at a scale."""
        rows, columns = len(self.tile.values), len(self.tile.values[0])
        high, wide = scale.size(rows, columns)
        return high + 1, max(wide, width(self._head(scale)))

    def _head(self, scale: Scale) -> Line:
        numbers = scale is Scale.NUMBERS
        return (*self.title, (power(self.tile.exponent), "dim")) if numbers else self.title

    def lines(self, scale: Scale) -> list[Line]:
        """Title and map, all lines of the same width."""
        _, wide = self.size(scale)
        return [pad(line, wide) for line in (self._head(scale), *tile_lines(self.tile, scale))]


Sized = tuple[Plate, Scale]


def closeup_lines(
    column: Column,
    unit: int,
    frame: Frame,
    cells: int,
    rows: int,
    edited: frozenset[Cell] = frozenset(),
    *,
    bare: bool = False,
) -> list[Line]:
    """The map of a neuron in `cells` × `rows`.

    Args:
        edited: numbers that were changed in this step.
        bare: whether colours and half-blocks do not come through.
    """
    numbers = _numbers(column, unit, frame, cells)
    above, below = _maps(column, unit, frame, edited), _kernels(column, unit, frame)
    wide, half = (Scale.DIGITS,) * 2 if bare else (Scale.WIDE, Scale.HALF)
    sized: list[list[Sized]] = []
    for kernel, scale in (
        (Scale.NUMBERS, Scale.NUMBERS),
        (Scale.NUMBERS, wide),
        (Scale.NUMBERS, half),
        (half, half),
    ):
        for lines in _arranged(above, below):
            sized = [[(p, scale if p in above else kernel) for p in line] for line in lines]
            if _fits(sized, cells, rows - len(numbers)):
                return [*numbers, *(line for part in sized for line in _beside(part))]
    return [*numbers, *(line for part in sized for line in _beside(part))][:rows]


def _fits(lines: Sequence[Sequence[Sized]], cells: int, rows: int) -> bool:
    """Whether plates on lines take no more than `cells` × `rows`."""
    sizes = [[plate.size(scale) for plate, scale in line] for line in lines]
    high = sum(max(size[0] for size in line) for line in sizes)
    wide = max(sum(size[1] for size in line) + BETWEEN * (len(line) - 1) for line in sizes)
    return high <= rows and wide <= cells


def _arranged(maps: Sequence[Plate], kernels: Sequence[Plate]) -> Iterator[list[Sequence[Plate]]]:
    """Ways to stand plates: all on one line, each map with its kernel, or a line for each kind."""
    yield [[*maps, *kernels]]
    if len(maps) == len(kernels):
        yield [[plate, kernel] for plate, kernel in zip(maps, kernels, strict=True)]
    yield [maps, kernels] if kernels else [[plate] for plate in maps]


def _beside(plates: Sequence[Sized]) -> list[Line]:
    """Plates side by side."""
    height = max(plate.size(scale)[0] for plate, scale in plates)
    lines: list[list[Span]] = [[] for _ in range(height)]
    for k, (plate, scale) in enumerate(plates):
        drawn = plate.lines(scale)
        blank = pad(BLANK, plate.size(scale)[1])
        for at, line in enumerate(lines):
            line += [(" " * BETWEEN, "text")] * bool(k)
            line += drawn[at] if at < len(drawn) else blank
    return [tuple(line) for line in lines]


def _numbers(column: Column, unit: int, frame: Frame, cells: int) -> list[Line]:
    """The neuron's own numbers, side by side as many as there is room for."""
    index = column.index(unit)
    found = [(row.label or "x", row.tensor, index, row.gradient) for row in all_rows(column)]
    if column.bias:
        found.append(("b", column.bias, (column.feature(unit),), False))
    lines: list[list[Span]] = [[]]
    for label, tensor, at, gradient in found:
        value = frame.value(tensor, *at)
        if lines[-1] and width(tuple(lines[-1])) + NUMBER > cells:
            lines.append([])
        stale = frame.is_stale(tensor, *at)
        lines[-1].append((f"{label:<2}", "backward" if gradient else "dim"))
        lines[-1].append((STALE, "error") if stale else (" ", "text"))
        lines[-1].append((f"{signed(value)}  ", sign_style(value)))
    return [crop(tuple(line), cells) for line in lines]


def _maps(column: Column, unit: int, frame: Frame, edited: frozenset[Cell]) -> list[Plate]:
    """A and ∂a; before the activation has been computed, z and ∂z."""
    first = column.index(0)
    early = frame.value(column.a, *first) is None and frame.value(column.z, *first) is not None
    tensor = column.z if early else column.a
    label = next((row.label for row in column.rows if row.tensor == tensor), "") or "x"
    number = column.feature(unit)
    note = f" {number + 1}" if column.shape[0] > 1 else ""
    shown = [(tensor, label, "text")]
    if any(row.gradient for row in column.rows):
        shown.append((f"{tensor}.grad", f"∂{label}", "backward"))
    plates = []
    for name, title, style in shown:
        maps = maps_of(column, frame, name, unit, edited, names=frozenset((name,)))
        plates.append(Plate(((title, style), (note, "dim")), maps.tile(number)))
    return plates


def _kernels(column: Column, unit: int, frame: Frame) -> list[Plate]:
    """W and ∂w of the neuron's filter, for the channel that is being worked on."""
    if not column.weight or not column.window:
        return []
    number, channel = column.feature(unit), channel_of(column, frame)
    note = f" {number + 1}" + (f" from {channel + 1}" if column.channels > 1 else "")
    return [
        Plate(((title, style), (note, "dim")), kernel_tile(column, frame, tensor, number, channel))
        for tensor, title, style in (
            (column.weight, "w", "text"),
            (f"{column.weight}.grad", "∂w", "backward"),
        )
    ]
