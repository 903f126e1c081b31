"""Collects what is wrong with a file while it is read, and says where at the end.

Reading goes on after a problem, so that a file's problems come all at once. Positions are looked
up last, and only when there is something to report.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from nntui.errors import Problem, ScenarioError
from nntui.scenario import positions
from nntui.scenario.positions import Path
from nntui.scenario.text import clean, enumerate_names, nearest, quote, shorten

SHOWN: Final = 20
"""Problems listed; the rest are counted."""

_KEPT: Final = 100
"""Problems remembered, out of which the first in the file are shown."""

_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+\Z")


@dataclass(frozen=True)
class _Finding:
    path: Path
    message: str
    nearest: str
    at: Path
    on_key: bool


@dataclass
class Report:
    """The problems found so far.

    Attributes:
        count: how many there are, also those too many to remember.
    """

    count: int = 0
    _findings: list[_Finding] = field(default_factory=list)

    @property
    def full(self) -> bool:
        """Whether further problems are only counted: a reader of many rows may stop."""
        return self.count >= _KEPT

    def clean_since(self, count: int) -> bool:
        """Whether nothing was reported since there were `count` problems, nor passed over."""
        return self.count == count and not self.full

    def _add(self, finding: _Finding) -> None:
        if not self.full:
            self._findings.append(finding)
        self.count += 1

    def error(self, text: str, origin: str) -> ScenarioError:
        """What was found in the file `text`, named `origin`.

        It lists the first problems in file order and counts the rest.
        """
        file = clean(origin)
        spots = positions.locate(text, {f.at for f in self._findings})
        problems = sorted(
            Problem(
                file,
                *(spots[f.at].key if f.on_key else spots[f.at].value),
                dotted(f.path),
                f.message,
                f.nearest,
            )
            for f in self._findings
        )
        if self.count > SHOWN:
            rest = problems[SHOWN - 1]
            least = "at least " if self.full else ""
            more = f"and {least}{self.count - SHOWN} more"
            problems = [*problems[:SHOWN], Problem(file, rest.line, rest.column, "…", more)]
        return ScenarioError(problems)


@dataclass(frozen=True)
class Place:
    """An entry of the file, to say something about it.

    Attributes:
        path: its keys and indices from the top of the file.
    """

    report: Report
    path: Path = ()

    def at(self, *parts: str | int) -> Place:
        """The entry at `parts` inside this one."""
        return Place(self.report, (*self.path, *parts))

    def refuse(self, message: str, nearest: str = "") -> None:
        """Report that this entry's value is wrong."""
        self.report._add(_Finding(self.path, message, nearest, self.path, on_key=False))

    def refuse_key(self, message: str, nearest: str = "") -> None:
        """Report that this entry should not be there."""
        self.report._add(_Finding(self.path, message, nearest, self.path, on_key=True))

    def missing(self, key: str, message: str = "is missing") -> None:
        """Report that this table lacks `key`; the position is the table's own."""
        self.report._add(_Finding((*self.path, key), message, "", self.path, on_key=False))

    def unknown_key(self, key: str, known: Iterable[str]) -> None:
        """Report that this table does not take `key`."""
        self.at(key).refuse_key(*self._unknown("key", key, known))

    def unknown(self, what: str, name: str, known: Iterable[str]) -> None:
        """Report that this entry names a `what` that does not exist."""
        self.refuse(*self._unknown(what, name, known))

    def _unknown(self, what: str, name: str, known: Iterable[str]) -> tuple[str, str]:
        if self.report.full:
            return "", ""
        names = list(dict.fromkeys(known))
        near = nearest(name, names)
        hint = "" if near or not names else f" (known: {enumerate_names(names)})"
        return f"unknown {what} {quote(name)}{hint}", near


def dotted(path: Path) -> str:
    """`layers[0].activation`: a path as messages write it."""
    key = ""
    for part in path:
        if isinstance(part, int):
            key += f"[{part}]"
        elif _BARE_KEY.match(part):
            key += f".{shorten(part)}"
        else:
            key += f'."{shorten(part)}"'
    return key.removeprefix(".")
