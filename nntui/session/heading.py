"""The first entry of a session file: which scenario it carries, and what computed its numbers."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict, dataclass, fields
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import numpy as np

from nntui import __version__
from nntui.engine.model import Dataset
from nntui.engine.options import Array
from nntui.errors import UsageError
from nntui.scenario.model import Scenario
from nntui.session.entries import Entry

FORMAT: Final = 1
"""Of session files; one of another number cannot be read."""
_PROBE: Final = 40
"""Rows and columns of the matrix that the arithmetic is tried on."""


@dataclass(frozen=True)
class Heading:
    """What a session is of.

    Attributes:
        arithmetic: what the bits of a number depend on: NumPy, BLAS, the processor.
        source: the scenario, in full.
        origin: what to call the scenario.
        folder: what the scenario's paths are relative to.
        outside: whether they may leave it.
        data: checksum of the data the scenario had.
    """

    nntui: str
    arithmetic: str
    source: str
    origin: str
    folder: str
    outside: bool
    dtype: str
    seed: int
    data: str

    @classmethod
    def of(cls, scenario: Scenario, folder: Path, *, outside: bool) -> Heading:
        """That of a scenario read from a folder."""
        return cls(
            nntui=__version__,
            arithmetic=arithmetic(),
            source=scenario.source,
            origin=scenario.origin,
            folder=str(folder.absolute()),
            outside=outside,
            dtype=scenario.model.dtype,
            seed=scenario.model.seed,
            data=data_digest(scenario.data),
        )

    def run(self, seed: int) -> str:
        """A checksum of all that the numbers of a run depend on but changes by hand."""
        parts = [self.nntui, self.arithmetic, self.source, self.dtype, self.data, seed]
        return blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()

    @property
    def entry(self) -> Entry:
        """As it is written."""
        return {"format": FORMAT, **asdict(self)}


def read_heading(path: Path, entry: Entry) -> Heading:
    """The heading a file begins with.

    Raises:
        UsageError: it is not one of ours, or of another format.
    """
    version = entry.get("format")
    if isinstance(version, int) and version != FORMAT:
        raise UsageError(
            f"{path}: is a session file of format {version} "
            f"(written by nntui {entry.get('nntui', '?')}); nntui {__version__} reads {FORMAT}"
        )
    values: dict[str, Any] = {}
    for field in fields(Heading):
        value = entry.get(field.name)
        if type(value).__name__ != field.type:
            raise UsageError(f"{path}: is no session file of nntui")
        values[field.name] = value
    return Heading(**values)


@cache
def arithmetic() -> str:
    """What the bits of a result depend on besides the program, in words.

    The last part is a checksum of some results themselves: it also tells apart what has no name
    here, such as which of its kernels a BLAS has chosen.
    """
    config: Any = np.show_config(mode="dicts")
    blas = config.get("Build Dependencies", {}).get("blas", {})
    simd = config.get("SIMD Extensions", {}).get("found", [])
    parts = [
        f"NumPy {np.__version__}",
        f"{blas.get('name', 'BLAS')} {blas.get('version', '')}".strip(),
        f"{platform.machine()} {simd[-1] if simd else ''}".strip(),
        f"results {_results()}",
    ]
    return ", ".join(parts)


def _results() -> str:
    """A checksum of sums, products and functions, in whose last bits kernels differ."""
    found = blake2b(digest_size=4)
    for dtype in ("float64", "float32"):
        numbers: Array = np.sin(np.arange(_PROBE * _PROBE, dtype=np.float64)).astype(dtype)
        square: Array = numbers.reshape(_PROBE, _PROBE)
        for result in (
            square @ square.T,
            square[:, :7] @ square[:7, : _PROBE // 2],
            square @ square[0],
            numbers.sum(),
            square.sum(0),
            np.exp(numbers),
            np.log(np.abs(numbers) + 1),
            np.tanh(numbers),
            np.cos(numbers),
        ):
            found.update(np.asarray(result).tobytes())
    return found.hexdigest()


def data_digest(dataset: Dataset) -> str:
    """A checksum of all data of a run."""
    found = blake2b(digest_size=8)
    for part in (dataset.train, dataset.test):
        if part is not None:
            found.update(part.x.tobytes())
            found.update(b"" if part.y is None else part.y.tobytes())
    return found.hexdigest()
