"""`source = "csv"`: a table with a header row, of numbers, or of class names to predict."""

from __future__ import annotations

import csv
import math
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol, TextIO

import numpy as np

from nntui.scenario.columns import Shape, in_shape
from nntui.scenario.folder import Folder, reason
from nntui.scenario.loaded import (
    MAX_BYTES,
    MAX_CELLS,
    FilePath,
    Floats,
    Labels,
    Loaded,
    Row,
    Sampling,
)
from nntui.scenario.report import Place
from nntui.scenario.text import enumerate_names, nearest, quote, shorten, strip

MAX_COLUMNS: Final = 10_000

_DELIMITERS: Final = ",;\t"


class _Rows(Protocol):
    """What `csv.reader` gives."""

    @property
    def line_num(self) -> int: ...

    def __iter__(self) -> Iterator[list[str]]: ...


@dataclass(frozen=True, kw_only=True)
class Csv(Sampling):
    """Options of a CSV file.

    Attributes:
        path: relative to the scenario file.
        shape: of what the input columns of a row make up, the last axis running fastest:
            [time, features] or [channels, height, width]; a row of features where not given.
        output_shape: of what the output columns make up, likewise: [time, outputs].
    """

    path: FilePath
    shape: Shape | None = None
    output_shape: Shape | None = None


@dataclass(frozen=True)
class Columns:
    """Which columns to read.

    Attributes:
        inputs: by name; None for all that are no outputs.
        outputs: by name; None for the last column.
    """

    inputs: Sequence[str] | None
    outputs: Sequence[str] | None


@dataclass
class _Column:
    """A chosen column.

    Attributes:
        index: in the file.
        place: where the scenario names it.
    """

    name: str
    index: int
    place: Place


@dataclass
class _Cells:
    """What was read so far.

    Attributes:
        inputs: numbers of the input columns, row after row.
        outputs: cells of the output columns, row after row.
        lines: the line of each row.
    """

    inputs: array[float] = field(default_factory=lambda: array("d"))
    outputs: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


def read_csv(options: Csv, columns: Columns, data: Place, folder: Folder) -> Loaded | None:
    """The chosen columns of a CSV file; None after a problem reported inside `data`.

    An output column without a single number holds the names of classes.
    """
    at = data.at("path")
    file = folder.find(options.path, at, MAX_BYTES)
    if file is None:
        return None
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            loaded = _Table(shorten(file.name), columns, data).read(text)
    except UnicodeDecodeError:
        at.refuse(_encoding_problem(file))
    except (OSError, csv.Error) as error:
        at.refuse(f"cannot read {quote(file.name)}: {reason(error)}")
    else:
        return loaded and in_shape(loaded, options.shape, options.output_shape, data)
    return None


def _encoding_problem(file: Path) -> str:
    data = file.read_bytes()
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        byte = f"the byte 0x{error.object[error.start]:02X}"
        return f"{shorten(file.name)} line {line} is not UTF-8 ({byte}) — save it as CSV UTF-8"
    return f"{shorten(file.name)} changed while it was read"


class _Table:
    """A CSV file being read."""

    def __init__(self, name: str, columns: Columns, data: Place) -> None:
        self._name = name
        self._columns = columns
        self._data = data
        self._path = data.at("path")

    def read(self, text: TextIO) -> Loaded | None:
        first = text.readline(1 << 16)
        text.seek(0)
        # The one that occurs most; a comma where none does.
        delimiter = max(_DELIMITERS, key=first.count)
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        header = [strip(cell) for cell in next(reader, [])]
        if not self._check_header(header):
            return None
        before = self._data.report.count
        named = [name for name in header if name]
        outputs = self._choose("outputs", self._columns.outputs, header, named[-1:])
        targets = {column.name for column in outputs}
        others = [name for name in named if name not in targets]
        inputs = self._choose("inputs", self._columns.inputs, header, others)
        if not self._data.report.clean_since(before):
            return None
        cells = self._read_rows(reader, len(header), inputs, outputs)
        if not self._data.report.clean_since(before):
            return None
        return self._load(cells, inputs, outputs)

    def _check_header(self, header: list[str]) -> bool:
        if not any(header):
            self._path.refuse(f"{self._name} is empty, or its first line is")
        elif len(header) > MAX_COLUMNS:
            self._path.refuse(f"{self._name} has {len(header)} columns; at most {MAX_COLUMNS} fit")
        elif all(_number(name) is not None for name in header):
            self._path.refuse(
                f"the first line of {self._name} holds numbers; it must hold the columns' names"
            )
        else:
            return True
        return False

    def _choose(
        self, key: str, names: Sequence[str] | None, header: list[str], default: list[str]
    ) -> list[_Column]:
        """The columns called `names`, or `default` where there are none given."""
        columns = []
        indices = {name: i for i, name in enumerate(header)}
        counts = Counter(header)
        for i, name in enumerate(default if names is None else names):
            place = self._path if names is None else self._data.at(key, i)
            header_name = strip(name)
            if counts[header_name] == 1:
                columns.append(_Column(name, indices[header_name], place))
            elif header_name in counts:
                place.refuse(f"{self._name} has {counts[header_name]} columns {quote(name)}")
            else:
                near = nearest(name, header)
                hint = "" if near else f" (it has {enumerate_names(filter(None, header))})"
                place.refuse(f"{self._name} has no column {quote(name)}{hint}", near)
        if key == "inputs" and not (default if names is None else names):
            place = self._path if names is None else self._data.at(key)
            place.refuse("a network needs at least one input column")
        return columns

    def _read_rows(
        self, reader: _Rows, width: int, inputs: list[_Column], outputs: list[_Column]
    ) -> _Cells:
        cells = _Cells()
        before = self._data.report.count
        most_rows = MAX_CELLS // (len(inputs) + len(outputs))
        for row in reader:
            if self._data.report.full:
                break
            if not any(row):
                continue
            line = reader.line_num
            if len(cells.lines) == most_rows:
                self._path.refuse(f"{self._name} has more than {most_rows} rows")
                break
            if len(row) != width:
                self._path.refuse(
                    f"{self._name} line {line} has {len(row)} cells, the header {width}"
                )
                continue
            cells.inputs.extend(self._read_number(row[c.index], c, line) for c in inputs)
            cells.outputs.extend(strip(row[c.index]) for c in outputs)
            cells.lines.append(line)
        if not cells.lines and self._data.report.clean_since(before):
            self._path.refuse(f"{self._name} has a header but no rows")
        return cells

    def _read_number(self, cell: str, column: _Column, line: int) -> float:
        """The number in a cell; 0 after a reported problem."""
        number = _number(cell)
        if number is not None and math.isfinite(number):
            return number
        column.place.refuse(self._prefix(column, line) + _number_problem(cell))
        return 0.0

    def _prefix(self, column: _Column, line: int) -> str:
        return f"{self._name} line {line}, column {quote(column.name)}: "

    def _load(self, cells: _Cells, inputs: list[_Column], outputs: list[_Column]) -> Loaded | None:
        rows = len(cells.lines)
        before = self._data.report.count
        y: Floats | Labels | None = None
        classes: tuple[str, ...] = ()
        if len(outputs) == 1 and all(cell and _number(cell) is None for cell in cells.outputs):
            names, labels = np.unique(cells.outputs, return_inverse=True)
            y, classes = labels.astype(np.int64), tuple(map(str, names))
        elif outputs:
            y = self._read_targets(cells, outputs)
        if not self._data.report.clean_since(before):
            return None

        def row(i: int) -> Row:
            if not outputs:
                return Row(self._path, f"{self._name} line {cells.lines[i]}: ")
            return Row(outputs[0].place, self._prefix(outputs[0], cells.lines[i]))

        def cell(i: int, index: tuple[int, ...]) -> Row:
            column = inputs[index[0]]
            return Row(column.place, self._prefix(column, cells.lines[i]))

        return Loaded(
            x=np.array(cells.inputs, dtype=np.float64).reshape(rows, len(inputs)),
            y=y,
            inputs=tuple(c.name for c in inputs),
            outputs=tuple(c.name for c in outputs),
            classes=classes,
            row=row,
            cell=cell,
        )

    def _read_targets(self, cells: _Cells, outputs: list[_Column]) -> Floats:
        numbers = array("d")
        for i, cell in enumerate(cells.outputs):
            if self._data.report.full:
                break
            row, column = divmod(i, len(outputs))
            numbers.append(self._read_number(cell, outputs[column], cells.lines[row]))
        return np.array(numbers[: len(cells.outputs)], dtype=np.float64).reshape(-1, len(outputs))


def _number(cell: str) -> float | None:
    """The number a cell holds, finite or not; None where it holds none."""
    if "_" in cell:  # Python takes 1_000 for a number; a table does not.
        return None
    try:
        return float(cell)
    except ValueError:
        return None


def _number_problem(cell: str) -> str:
    cell = strip(cell)
    if not cell:
        return "the cell is empty"
    if _number(cell) is not None:
        return f"{quote(cell)} is not finite"
    if _number(cell.replace(",", ".")) is not None:
        return f"{quote(cell)} is not a number — write a decimal point"
    return f"{quote(cell)} is not a number"
