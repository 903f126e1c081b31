"""`source = "npz"`: arrays `x` and `y` in a NumPy archive.

An archive may be hostile: sizes are read from its headers before anything is unpacked, and arrays
of Python objects, which would have to be unpickled, are refused.
"""

from __future__ import annotations

import math
import zipfile
from dataclasses import dataclass
from typing import IO, Final

import numpy as np
from numpy.lib import format as npy

from nntui.scenario.folder import Folder, reason
from nntui.scenario.loaded import MAX_BYTES, MAX_CELLS, FilePath, Floats, Loaded, Row, Sampling
from nntui.scenario.report import Place
from nntui.scenario.rows import spell_shape
from nntui.scenario.text import enumerate_names, nearest, quote, shorten

_MAX_DIMENSIONS: Final = 8
_NUMERIC: Final = "biuf"


@dataclass(frozen=True, kw_only=True)
class Npz(Sampling):
    """Options of a NumPy archive.

    Attributes:
        path: relative to the scenario file.
    """

    path: FilePath


def read_npz(options: Npz, data: Place, folder: Folder) -> Loaded | None:
    """The arrays of an archive; None after a problem reported inside `data`."""
    at = data.at("path")
    file = folder.find(options.path, at, MAX_BYTES)
    if file is None:
        return None
    before = at.report.count
    name = shorten(file.name)
    try:
        with zipfile.ZipFile(file) as archive:
            x = _read_array(archive, "x", name, at)
            has_y = "y.npy" in archive.namelist()
            y = _read_array(archive, "y", name, at) if has_y else None
    except Exception as error:
        # A damaged archive fails in more ways than zipfile, zlib and NumPy document.
        at.refuse(f"cannot read {quote(file.name)}: {shorten(reason(error), 200)}")
    if at.report.count != before or x is None:
        return None
    if y is not None and len(x) != len(y):
        at.refuse(f"{name}: x has {len(x)} rows, y has {len(y)}")
        return None
    return Loaded(
        x=x,
        y=y,
        row=lambda i: Row(at, f"{name} row {i}: "),
        cell=lambda i, index: Row(at, f"{name}: x{''.join(f'[{k}]' for k in (i, *index))}: "),
    )


def _read_array(archive: zipfile.ZipFile, name: str, file: str, place: Place) -> Floats | None:
    """One array as (rows, …) float64; None after a reported problem."""
    member = f"{name}.npy"
    if member not in archive.namelist():
        names = [n.removesuffix(".npy") for n in archive.namelist()]
        known = f" (it holds {enumerate_names(names)})" if names else ""
        place.refuse(f"{file} has no array {quote(name)}{known}", nearest(name, names))
        return None
    with archive.open(member) as stream:
        shape, dtype = _read_header(stream)
    if message := _header_problem(shape, dtype):
        place.refuse(f"{file}: {name} {message}")
        return None
    with archive.open(member) as stream:
        raw = npy.read_array(stream, allow_pickle=False)
    with np.errstate(all="ignore"):
        values = raw.astype(np.float64)
    if not np.isfinite(values).all():
        index = np.argwhere(~np.isfinite(values))[0]
        at = "".join(f"[{i}]" for i in index)
        place.refuse(f"{file}: {name}{at} is {values[tuple(index)]}; numbers must be finite")
        return None
    return values.reshape(-1, 1) if values.ndim == 1 else values


def _read_header(stream: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[np.generic]]:
    version = npy.read_magic(stream)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(stream)
    return shape, dtype


def _header_problem(shape: tuple[int, ...], dtype: np.dtype[np.generic]) -> str:
    """Why an array is not read, going by its header; empty where it is."""
    if dtype.kind not in _NUMERIC:
        return f"holds {shorten(str(dtype))}, not numbers"
    if not 1 <= len(shape) <= _MAX_DIMENSIONS or min(shape) < 1:
        return f"has the shape {spell_shape(shape) or '()'}; its first axis must be the rows"
    if math.prod(shape) > MAX_CELLS:
        return f"has {math.prod(shape)} numbers; at most {MAX_CELLS} are read"
    return ""
