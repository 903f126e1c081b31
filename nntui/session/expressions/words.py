"""An expression cut into words, before anything else sees it.

Only words of the language come out: what is not ASCII, no number that Python writes otherwise, no
string with a prefix or an escape, no keyword but `and or not if else` is refused here, with its
place. So nothing that Python would normalise, join or continue reaches its parser.
"""

from __future__ import annotations

import keyword
import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

from nntui.scenario.text import quote, spell
from nntui.session.expressions.errors import ExpressionError

LONGEST: Final = 500
"""Characters an expression may have."""

Role = Literal["number", "name", "string", "keyword", "sign"]

_WORD: Final = re.compile(
    r"""(?P<blank>[ \t]+)
    |(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
    |(?P<string>"[^"\\]*"|'[^'\\]*')
    |(?P<sign>\*\*|//|<=|>=|==|!=|[-+*/%<>()\[\],:.])""",
    re.VERBOSE | re.ASCII,
)

_OPERATORS: Final = frozenset({"and", "or", "not", "if", "else"})
_CONSTANTS: Final = frozenset({"True", "False"})

_INSTEAD: Final = {
    "=": "==",
    "&": "and",
    "|": "or",
    "!": "not",
    "~": "not",
    "^": "**",
    "−": "-",
    "–": "-",
    "×": "*",
    "·": "*",
    "÷": "/",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "“": '"',
    "”": '"',
    "∞": "inf",
    "π": "pi",
}
"""What is meant by characters that are not part of the language."""


@dataclass(frozen=True)
class Word:
    """A word of an expression.

    Attributes:
        start: its first character, from 0.
    """

    role: Role
    text: str
    start: int

    @property
    def stop(self) -> int:
        """The character after its last."""
        return self.start + len(self.text)


def split(text: str, layers: Collection[str]) -> list[Word]:
    """The words of an expression; a keyword of Python that is the name of a layer is a name.

    Raises:
        ExpressionError: the text is empty or too long, or a word is not part of the language.
    """
    if len(text) > LONGEST:
        raise ExpressionError(
            text, LONGEST, f"an expression has at most {LONGEST} characters, not {len(text)}"
        )
    words: list[Word] = []
    at = 0
    while at < len(text):
        match = _WORD.match(text, at)
        if match is None:
            raise _stray(text, at)
        role, found = match.lastgroup, match.group()
        if role == "number":
            words.append(Word("number", _number(text, at, found), at))
        elif role == "name":
            words.append(_name(text, at, found, words, layers))
        elif role == "string":
            words.append(_string(text, at, found, words))
        elif role == "sign":
            words.append(Word("sign", found, at))
        at = match.end()
    if not words:
        raise ExpressionError(text, 0, "there is nothing in this expression")
    return words


def mask(text: str, words: list[Word]) -> str:
    """The text with names that are keywords of Python made harmless, every character in place."""
    masked = text.replace("\t", " ")
    for word in words:
        if word.role == "name":
            parts = (f"_{p[1:]}" if keyword.iskeyword(p) else p for p in word.text.split("."))
            masked = masked[: word.start] + ".".join(parts) + masked[word.stop :]
    return masked


def _stray(text: str, at: int) -> ExpressionError:
    character = text[at]
    if character in "\"'":
        message = "this string has no end" if "\\" not in text[at:] else "a string has no escapes"
        return ExpressionError(text, at, message)
    shown = quote(character) if character.isprintable() else spell(character)
    if not character.isascii():
        shown = f"{shown} ({spell(character)})" if character.isprintable() else shown
    nearest = _INSTEAD.get(character, "")
    return ExpressionError(text, at, f"{shown} is not part of an expression", nearest)


def _number(text: str, at: int, found: str) -> str:
    """A number checked: written in decimal, finite, and with nothing stuck to it."""
    after = text[at + len(found) : at + len(found) + 1]
    if after.isalnum() or after in ("_", "."):
        raise ExpressionError(
            text, at + len(found), f"{quote(after)} cannot follow a number; write 12, 0.5 or 1e-6"
        )
    if math.isinf(float(found)):
        raise ExpressionError(text, at, "this number is too large")
    if found.isdigit() and len(found) > 1 and found[0] == "0":
        raise ExpressionError(text, at, "a whole number does not start with 0")
    return found


def _name(text: str, at: int, found: str, words: list[Word], layers: Collection[str]) -> Word:
    if text[at + len(found) : at + len(found) + 1] in ('"', "'"):
        raise ExpressionError(
            text, at, f"a string has nothing before its quote, not {quote(found)}"
        )
    if not keyword.iskeyword(found):
        return Word("name", found, at)
    # `dead(not)`: the one place where the name of a layer stands alone
    layer = found in layers and [w.text for w in words[-2:]] == ["dead", "("]
    if found in _OPERATORS and not layer:
        return Word("keyword", found, at)
    if found in _CONSTANTS or found in layers:
        return Word("name", found, at)
    raise ExpressionError(text, at, f"'{found}' is not part of an expression")


def _string(text: str, at: int, found: str, words: list[Word]) -> Word:
    if words and words[-1].role == "string":
        raise ExpressionError(text, at, "a string cannot follow a string")
    for k, character in enumerate(found):
        if not (character.isascii() and character.isprintable()):
            raise _stray(text, at + k)
    return Word("string", found, at)
