"""A scenario: a checked file, ready to run."""

from __future__ import annotations

from dataclasses import dataclass, field

from nntui.engine.model import Dataset, Model


@dataclass(frozen=True)
class Note:
    """Lesson text shown when the cursor reaches an op.

    Attributes:
        at: a phase and a tensor ("forward hidden.z").
    """

    at: str
    text: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Scenario:
    """Everything a scenario file says.

    Attributes:
        source: the file's text, so that a session can carry it along.
        origin: what to call it in messages: the path, or a bundled name.
    """

    title: str
    about: str = ""
    model: Model
    data: Dataset
    notes: tuple[Note, ...] = ()
    breakpoints: tuple[str, ...] = ()
    watches: tuple[str, ...] = ()
    origin: str = ""
    source: str = field(default="", repr=False)
