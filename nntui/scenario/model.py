"""A scenario: a checked file, ready to run."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from nntui.engine.model import Dataset, Model
from nntui.engine.program import Program

MOST_WATCHES: Final = 20
"""Watches that there can be in a run."""

_TIME: Final = re.compile(r"\.t\d+(?=\.|$)")


@dataclass(frozen=True)
class Note:
    """Lesson text shown when the cursor reaches an op.

    Attributes:
        at: a phase and a tensor ("forward hidden.z"); one of a recurrent layer without a time step
            ("forward rnn.z") stands for those of all time steps.
    """

    at: str
    text: str

    def ops(self, program: Program) -> tuple[int, ...]:
        """The numbers of the ops it is shown at; none where there is no such op."""
        places = [f"{op.phase} {op.output}" for op in program.ops]
        exact = tuple(k for k, place in enumerate(places, 1) if place == self.at)
        if exact:
            return exact
        return tuple(k for k, place in enumerate(places, 1) if _TIME.sub("", place) == self.at)


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
