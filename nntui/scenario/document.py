"""From bytes to the values of a TOML document, or to the place where it is none."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from typing import Final

from nntui.errors import Problem, ScenarioError
from nntui.scenario.positions import STRING, last_statement, position
from nntui.scenario.report import dotted
from nntui.scenario.text import clean, spell

MAX_BYTES: Final = 1 << 20
"""Size of the largest scenario file; more data than that belongs into a CSV or NPZ beside it."""

_MAX_DEPTH: Final = 64
_MAX_PARTS: Final = 32
"""Levels of nested brackets, and parts of a dotted key: far more than any scenario has, far fewer
than make the parser recurse too deeply or take quadratic time."""

_TOKEN: Final = re.compile(rf"{STRING}|#[^\n]*|[\[\]{{}}.=,\n]", re.DOTALL)
_PARSER_POSITION: Final = re.compile(
    r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)\Z"
)
_LONG_NUMBER: Final = re.compile(r"[0-9_]{4000,}")
_WORDS: Final = {
    "Invalid value": "not a TOML value: text needs quotes, and yes or no is true or false",
}
"""Messages of `tomllib` that can be said more plainly."""


def decode(data: bytes, origin: str) -> str:
    """The text of a file, with its line ends as line feeds.

    Raises:
        ScenarioError: it is too large or not UTF-8.
    """
    if len(data) > MAX_BYTES:
        message = "the file is larger than 1 MiB — put the data into a CSV or NPZ file beside it"
        raise ScenarioError([Problem(clean(origin), 1, 1, "", message)])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # `error.object` lacks the byte order mark, so offsets count from it and not from `data`.
        before = error.object[: error.start].decode("utf-8")
        byte = error.object[error.start]
        message = f"not UTF-8: the byte 0x{byte:02X} — save the file as UTF-8"
        raise ScenarioError([_at(before, len(before), origin, message)]) from None
    return text.replace("\r\n", "\n")


def parse(text: str, origin: str) -> dict[str, object]:
    """The values of a TOML text.

    Raises:
        ScenarioError: it is not TOML, or nested too deeply.
    """
    _check_nesting(text, origin)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError([_syntax_problem(str(error), text, origin)]) from None
    except ValueError:
        # Python refuses to read integers of more than some thousand digits.
        number = _LONG_NUMBER.search(text)
        offset = number.start() if number else 0
        raise ScenarioError([_at(text, offset, origin, "a number with too many digits")]) from None


def _check_nesting(text: str, origin: str) -> None:
    depth = parts = 0
    for token in _TOKEN.finditer(text):
        match token[0]:
            case "[" | "{":
                depth, parts = depth + 1, 0
            case "]" | "}":
                depth, parts = depth - 1, 0
            case ".":
                parts += 1
            case "=" | "," | "\n":
                parts = 0
        if depth > _MAX_DEPTH or parts > _MAX_PARTS:
            what = "brackets" if depth > _MAX_DEPTH else "a key"
            limit = _MAX_DEPTH if depth > _MAX_DEPTH else _MAX_PARTS
            message = f"{what} nested more than {limit} levels deep"
            raise ScenarioError([_at(text, token.start(), origin, message)])


def _syntax_problem(message: str, text: str, origin: str) -> Problem:
    where = _PARSER_POSITION.search(message)
    words = message[: where.start()] if where else message
    offset = len(text.rstrip())
    if where and where["line"]:
        offset = _offset(text, int(where["line"]), int(where["column"]))
    if words.startswith(("Cannot overwrite", "Cannot declare")):
        # The parser notices only after the second value: go back to its key.
        path, offset = last_statement(text[:offset])
        return replace(_at(text, offset, origin, "is given twice"), key=dotted(path))
    if words.startswith(("Found invalid character", "Illegal character")):
        return _at(text, offset, origin, f"the character {spell(text[offset])} must not stand here")
    words = _WORDS.get(words, words[:1].lower() + words[1:])
    return _at(text, offset, origin, clean(words))


def _offset(text: str, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = text.index("\n", start) + 1
    return start + column - 1


def _at(text: str, offset: int, origin: str, message: str) -> Problem:
    return Problem(clean(origin), *position(text, offset), "", message)
