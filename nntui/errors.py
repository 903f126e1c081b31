"""The exceptions of nntui: each carries data, a sentence for people, and an exit code.

`cli` is the only place that turns one into text and a process exit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class NntuiError(Exception):
    """Anything nntui reports without a traceback."""

    exit_code = 1


class RunError(NntuiError):
    """A run that started and could not go on."""


class UsageError(NntuiError):
    """A command line or an input that cannot be used."""

    exit_code = 2


class ShapeError(UsageError):
    """A layer that cannot take what the layer before it gives.

    `key` names the option to change, where one does.
    """

    def __init__(self, message: str, key: str = "") -> None:
        super().__init__(message)
        self.key = key


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in a file.

    Written `file:line:column: key: message — did you mean 'nearest'?`.

    Lines and columns count from 1; `key` is the path of the entry (`layers[0].activation`), empty
    for the file as a whole.
    """

    file: str
    line: int
    column: int
    key: str
    message: str
    nearest: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}: "
        key = f"{self.key}: " if self.key else ""
        hint = f" — did you mean '{self.nearest}'?" if self.nearest else ""
        return f"{where}{key}{self.message}{hint}"


class ScenarioError(UsageError):
    """A scenario that breaks the contract, with all its problems in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))
