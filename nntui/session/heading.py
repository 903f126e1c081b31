"""The first entry of a session file: which scenario it carries, and what computed its numbers."""

from __future__ import annotations

import platform
from dataclasses import asdict, dataclass, fields
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import numpy as np

from nntui import __version__
from nntui.engine.model import Dataset
from nntui.errors import UsageError
from nntui.scenario.model import Scenario
from nntui.session.entries import Entry

FORMAT: Final = 1
"""Of session files; one of another number cannot be read."""


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


def arithmetic() -> str:
    """What the bits of a result depend on besides the program, in words."""
    config: Any = np.show_config(mode="dicts")
    blas = config.get("Build Dependencies", {}).get("blas", {})
    simd = config.get("SIMD Extensions", {}).get("found", [])
    parts = [
        f"NumPy {np.__version__}",
        f"{blas.get('name', 'BLAS')} {blas.get('version', '')}".strip(),
        f"{platform.machine()} {simd[-1] if simd else ''}".strip(),
    ]
    return ", ".join(parts)


def data_digest(dataset: Dataset) -> str:
    """A checksum of all data of a run."""
    found = blake2b(digest_size=8)
    for part in (dataset.train, dataset.test):
        if part is not None:
            found.update(part.x.tobytes())
            found.update(b"" if part.y is None else part.y.tobytes())
    return found.hexdigest()
