"""Where in a TOML text an entry stands.

`tomllib` gives values without positions. This reads the text a second time, only when there is an
error to report, and only far enough into each value to find where the next one starts. The text is
known to be valid TOML by then, so nothing is checked here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

Path = tuple[str | int, ...]
"""Keys and array indices from the top of the file: ("layers", 0, "units")."""

STRING: Final = (
    r'"""(?:[^\\]|\\.)*?(?:"{3,5}|\Z)'
    r"|'''.*?(?:'{3,5}|\Z)"
    r'|"(?:[^"\\\n]|\\[^\n])*"?'
    r"|'[^'\n]*'?"
)
"""A string of any of TOML's four forms; one that is never closed ends with the line or the text."""

_BLANK: Final = re.compile(r"(?:[ \t\n]+|#[^\n]*)+")
_KEY: Final = re.compile(rf"[ \t]*({STRING}|[A-Za-z0-9_-]+)[ \t]*(\.?)", re.DOTALL)
_SCALAR: Final = re.compile(
    rf"{STRING}|\d{{4}}-\d\d-\d\d[ ]\d\d:[^\s,\]}}#]*|[^\s,\]}}#]+", re.DOTALL
)
_EQUALS: Final = re.compile(r"[ \t]*=[ \t]*")


class Spot(NamedTuple):
    """Where an entry stands: (line, column) of its key and of its value, counted from 1.

    The value of a table is its header or its opening brace.
    """

    key: tuple[int, int]
    value: tuple[int, int]


def locate(text: str, wanted: Collection[Path]) -> dict[Path, Spot]:
    """The spots of the `wanted` entries; of the nearest entry around it for one not in `text`.

    The file as a whole stands in line 1, column 1.
    """
    places = {*(path[:n] for path in wanted for n in range(1, len(path) + 1))}
    found = _Scan(text, places).offsets()
    return {path: _spot(text, path, found) for path in wanted}


def last_statement(text: str) -> tuple[Path, int]:
    """Path and offset of the last key or header of `text`, which may break off after it."""
    scan = _Scan(text, ())
    scan.offsets()
    return scan.last


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column of `offset`."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _spot(text: str, path: Path, found: dict[Path, tuple[int, int]]) -> Spot:
    while path and path not in found:
        path = path[:-1]
    key, value = found.get(path, (0, 0))
    return Spot(position(text, key), position(text, value))


class _Part(NamedTuple):
    """A part of a dotted key, its offset and the offset after it and its dot."""

    name: str
    start: int
    end: int


class _Scan:
    """One pass over a text that remembers where the wanted entries stand.

    Attributes:
        last: path and offset of the last key or header outside inline tables.
    """

    def __init__(self, text: str, wanted: Collection[Path]) -> None:
        self._text = text
        self._wanted = wanted
        self._found: dict[Path, tuple[int, int]] = {}
        self._implied: set[Path] = set()
        self._lengths: dict[Path, int] = {}
        self.last: tuple[Path, int] = (), 0

    def offsets(self) -> dict[Path, tuple[int, int]]:
        """Offsets of key and value for each wanted entry of the text."""
        text, at = self._text, self._skip(0)
        table: Path = ()
        while at < len(text):
            if text[at] == "[":
                start, (at, table) = at, self._header(at)
                self.last = table, start
            else:
                start, (at, path) = at, self._pair(at, table)
                self.last = path, start
            at = self._skip(at)
        return self._found

    def _skip(self, at: int) -> int:
        """The offset after the blanks, line ends and comments at `at`."""
        blank = _BLANK.match(self._text, at)
        return blank.end() if blank else at

    def _note(self, path: Path, key: int, value: int, *, implied: bool = False) -> None:
        """Remember an entry; a table that other headers imply moves to its own header."""
        if path in self._wanted and (path not in self._found or path in self._implied):
            if implied and path in self._found:
                return
            self._found[path] = key, value
            (self._implied.add if implied else self._implied.discard)(path)

    def _keys(self, at: int) -> Iterator[_Part]:
        """The parts of the dotted key at `at`."""
        dot = "."
        while dot and (match := _KEY.match(self._text, at)):
            part, dot = match.groups()
            at = match.end()
            yield _Part(_unquote(part), match.start(1), at)

    def _header(self, at: int) -> tuple[int, Path]:
        """Read `[table]` or `[[table]]`: the offset after it and the path of what follows."""
        double = self._text.startswith("[[", at)
        path: Path = ()
        key = end = at
        for part in self._keys(at + 1 + double):
            self._note(path, at, at, implied=True)
            path, key, end = (*self._newest(path), part.name), part.start, part.end
        if double:
            self._note(path, key, at)
            self._lengths[path] = self._lengths.get(path, 0) + 1
        path = self._newest(path)
        self._note(path, key, at)
        return end + 1 + double, path

    def _newest(self, path: Path) -> Path:
        """`path`, or its last table so far where it is an array of tables."""
        return (*path, self._lengths[path] - 1) if path in self._lengths else path

    def _pair(self, at: int, table: Path) -> tuple[int, Path]:
        """Read `key = value` into `table`: the offset after it and the path of the value."""
        path, key, end = table, at, at
        for part in self._keys(at):
            self._note(path, key, key, implied=True)
            path, key, end = (*path, part.name), part.start, part.end
        equals = _EQUALS.match(self._text, end)
        end = equals.end() if equals else end + 1
        self._note(path, key, end)
        return self._value(end, path), path

    def _value(self, at: int, path: Path) -> int:
        """Pass over the value at `at`: the offset after it."""
        match self._text[at : at + 1]:
            case "[":
                return self._array(at + 1, path)
            case "{":
                return self._inline(at + 1, path)
        scalar = _SCALAR.match(self._text, at)
        return scalar.end() if scalar else at + 1

    def _array(self, at: int, path: Path) -> int:
        text, index, at = self._text, 0, self._skip(at)
        while at < len(text) and text[at] != "]":
            self._note((*path, index), at, at)
            at = self._skip(self._value(at, (*path, index)))
            if text[at : at + 1] == ",":
                at = self._skip(at + 1)
            index += 1
        return at + 1

    def _inline(self, at: int, path: Path) -> int:
        text, at = self._text, self._skip(at)
        while at < len(text) and text[at] != "}":
            at = self._skip(self._pair(at, path)[0])
            if text[at : at + 1] == ",":
                at = self._skip(at + 1)
        return at + 1


def _unquote(key: str) -> str:
    """A key as `tomllib` reads it: quotes and escapes resolved."""
    if key[0] == '"' and "\\" in key:
        return next(iter(tomllib.loads(f"{key} = 0")))
    return key[1:-1] if key[0] in "\"'" else key
