"""The `[data]` of a file: where rows come from, what their columns are called, and the split."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Annotated, Any, Final

import numpy as np

from nntui.engine.data import SOURCES, Source
from nntui.engine.data.text import Text
from nntui.engine.model import Dataset, Samples
from nntui.engine.options import Bounds
from nntui.engine.random import Keyed
from nntui.engine.tensor import feature_axis
from nntui.scenario.csv_file import Columns, Csv, read_csv
from nntui.scenario.folder import Folder
from nntui.scenario.kinds import describe
from nntui.scenario.loaded import ColumnName, Loaded, Row, Sampling
from nntui.scenario.network import overflow
from nntui.scenario.npz_file import Npz, read_npz
from nntui.scenario.options import Entries, Tagged, field_kinds, read
from nntui.scenario.report import Place
from nntui.scenario.rows import Rows, read_rows, spell_shape
from nntui.scenario.targets import Targets
from nntui.scenario.text import quote, show
from nntui.scenario.text_file import TextFile, read_text, text_options


@dataclass(frozen=True, kw_only=True)
class Common:
    """What every source takes.

    Attributes:
        inputs: names of the features; of a CSV file, the columns to read.
        outputs: names of the targets; likewise.
        test_fraction: of the rows, held back from training.
        shuffle: whether every epoch has its own order.
    """

    inputs: tuple[ColumnName, ...] | None = None
    outputs: tuple[ColumnName, ...] | None = None
    test_fraction: Annotated[float, Bounds(ge=0, lt=1)] = 0.0
    shuffle: bool = False


_MOST_AXES: Final = 3

_SOURCES: Final[dict[str, type[Any]]] = {"rows": Rows, "csv": Csv, "npz": Npz, **SOURCES}
_KIND: Final = Tagged("source", _SOURCES)


def read_data(
    data: object, place: Place, *, seed: int, dtype: str, folder: Folder
) -> tuple[Common, Loaded] | None:
    """The rows of `[data]` with their names; None after a reported problem."""
    if not isinstance(data, dict):
        place.refuse(f"expected one table [data], got {describe(data)}")
        return None
    before = place.report.count
    shared = field_kinds(Common)
    common = read(Common, {key: v for key, v in data.items() if key in shared}, place)
    cls = _choose(data, place)
    if cls is None:
        return None
    mine = {key: v for key, v in data.items() if key not in shared and key != "source"}
    inline = ("rows",) if cls is Rows else ()
    options = read(cls, mine, place, but=("source", *shared, *inline))
    if options is None or common is None:
        return None
    _check_unique(common, place)
    if place.report.count != before:
        return None
    loaded = _load(options, common, data, place, folder, seed)
    if loaded is None or not _check_range(loaded, dtype, place) or not _check_rank(loaded, place):
        return None
    named = loaded if cls is Csv else _rename(loaded, common, place)
    return None if named is None else (common, named)


def _choose(data: Entries, place: Place) -> type[Any] | None:
    """The options of the source that the table names; None after a reported problem."""
    if "source" not in data and "path" in data:
        place.missing("source", 'is missing: write source = "csv" or source = "npz" for a path')
        return None
    name = data.get("source", "rows")
    cls = _KIND.choose({"type": name}, place, place.at("source"))
    return text_options(data, place) if cls is Text else cls


def _load(
    options: object, common: Common, data: Entries, place: Place, folder: Folder, seed: int
) -> Loaded | None:
    random = Keyed(seed)
    if isinstance(options, TextFile):
        options = read_text(options, place, folder)
    match options:
        case None:
            return None
        case Source():
            return _generate(options, random, place)
        case Csv():
            loaded = read_csv(options, Columns(common.inputs, common.outputs), place, folder)
        case Npz():
            loaded = read_npz(options, place, folder)
        case _:
            loaded = read_rows(data, place)
    if loaded is None or not isinstance(options, Sampling):
        return loaded
    return _sample(loaded, options, random, place)


def _generate(source: Source, random: Keyed, place: Place) -> Loaded | None:
    if problem := source.problem():
        option, message = problem
        place.at(option).refuse(message)
        return None
    table = source.generate(random)
    return Loaded(
        x=table.x,
        y=table.y,
        inputs=table.inputs,
        tokens=tuple(map(show, table.tokens)),
        outputs=table.outputs,
        classes=tuple(map(show, table.classes)),
        modes=table.modes,
        row=lambda i: Row(place.at("source"), f"row {i}: "),
        cell=lambda i, index: Row(place.at("source"), f"row {i}: "),
    )


def _sample(loaded: Loaded, options: Sampling, random: Keyed, place: Place) -> Loaded | None:
    """Some of the rows, with noise, as the options say."""
    rows, samples = len(loaded), options.samples
    if samples is not None and samples > rows:
        place.at("samples").refuse(f"there are only {rows} rows")
        return None
    if samples is not None:
        chosen = np.sort(random.permutation("samples", 0, rows)[:samples])
        y, row, cell = loaded.y, loaded.row, loaded.cell
        loaded = dataclasses.replace(
            loaded,
            x=loaded.x[chosen],
            y=None if y is None else y[chosen],
            row=lambda i: row(int(chosen[i])),
            cell=lambda i, index: cell(int(chosen[i]), index),
        )
    if options.noise:
        noise = random.normal("noise", 0, loaded.x.size).reshape(loaded.x.shape)
        loaded = dataclasses.replace(loaded, x=loaded.x + options.noise * noise)
    return loaded


def _check_unique(common: Common, place: Place) -> None:
    seen: set[str] = set()
    for key, names in (("inputs", common.inputs), ("outputs", common.outputs)):
        for i, name in enumerate(names or ()):
            if name in seen:
                place.at(key, i).refuse(f"the column {quote(name)} is named twice")
            seen.add(name)


def _check_range(loaded: Loaded, dtype: str, place: Place) -> bool:
    """Whether all numbers fit into `dtype`."""
    before = place.report.count
    for name, values in (("x", loaded.x), ("y", loaded.y)):
        if values is not None and (message := overflow(values.astype(np.float64), dtype)):
            place.refuse(f"{name}: {message}")
    return place.report.count == before


def _check_rank(loaded: Loaded, place: Place) -> bool:
    """Whether samples are rows, sequences or images."""
    sample = loaded.x.shape[1:]
    if len(sample) <= _MOST_AXES:
        return True
    place.refuse(
        f"x: a sample has the shape {spell_shape(sample)}; it may be features, (time, features) "
        "or (channels, height, width)"
    )
    return False


def _rename(loaded: Loaded, common: Common, place: Place) -> Loaded | None:
    """`loaded` with the names the file gives its columns.

    How many outputs there are is known only from the loss and the network.
    """
    what, count = "inputs", loaded.x.shape[1:][feature_axis(loaded.x.shape[1:])]
    if loaded.tokens:
        what, count = "tokens", len(loaded.tokens)
    if common.inputs is not None and len(common.inputs) != count:
        place.at("inputs").refuse(f"{len(common.inputs)} names for {count} {what}")
        return None
    if common.inputs is not None and loaded.tokens:
        loaded = dataclasses.replace(loaded, tokens=common.inputs)
    elif common.inputs is not None:
        loaded = dataclasses.replace(loaded, inputs=common.inputs)
    if common.outputs is not None:
        loaded = dataclasses.replace(loaded, outputs=common.outputs)
    return loaded


def held_back(rows: int, common: Common, place: Place) -> int:
    """How many of the rows are held back: at least one where any are, and never all."""
    if not common.test_fraction:
        return 0
    if rows == 1:
        place.at("test_fraction").refuse("there is one row, so none can be held back")
        return 0
    return min(max(round(rows * common.test_fraction), 1), rows - 1)


def split(loaded: Loaded, targets: Targets | None, common: Common, held: int, seed: int) -> Dataset:
    """The data of a run, `held` rows of it chosen at random for testing; rows keep their order.

    Args:
        targets: None where there is nothing to predict.
    """
    rows = len(loaded)
    chosen = np.sort(Keyed(seed).permutation("split", 0, rows)[:held])
    test = np.zeros(rows, dtype=np.bool_)
    test[chosen] = True
    inputs = loaded.inputs
    if not inputs and not loaded.tokens and loaded.x.ndim in (2, 3):
        inputs = tuple(f"x{i + 1}" for i in range(loaded.x.shape[-1]))
    train, kept = (
        Samples(loaded.x[rows], None if targets is None else targets.y[rows])
        for rows in (~test, test)
    )
    return Dataset(
        train=train,
        test=kept if held else None,
        inputs=inputs,
        tokens=loaded.tokens,
        outputs=() if targets is None else targets.outputs,
        classes=() if targets is None else targets.classes,
        shuffle=common.shuffle,
        modes=loaded.modes,
    )
