"""What is said about an expression that cannot be used: the sentence, and where."""

from __future__ import annotations

import unicodedata
from typing import Final

from nntui.errors import UsageError

_SHOWN: Final = 72
"""Characters of the expression that are shown around the one the error points at."""


class ExpressionError(UsageError):
    """An expression that breaks the language.

    As text, it is the message and below it the expression with a caret.

    Attributes:
        text: the whole expression.
        offset: the character the error points at, from 0; the length of the text for its end.
        message: what is wrong, in a sentence without the hint.
        nearest: what was probably meant, or empty.
    """

    def __init__(self, text: str, offset: int, message: str, nearest: str = "") -> None:
        self.text = text
        self.offset = max(0, min(offset, len(text)))
        self.message = message
        self.nearest = nearest
        super().__init__(f"{self.summary}\n{self._picture()}")

    @property
    def summary(self) -> str:
        """The message with its hint, on one line."""
        return f"{self.message} — did you mean '{self.nearest}'?" if self.nearest else self.message

    def _picture(self) -> str:
        """The part of the expression around the error, and a caret below it."""
        start = max(0, min(self.offset - _SHOWN // 2, len(self.text) - _SHOWN))
        stop = start + _SHOWN
        before = ("…" if start else "") + _printable(self.text[start : self.offset])
        after = _printable(self.text[self.offset : stop]) + ("…" if stop < len(self.text) else "")
        return f"  {before}{after}\n  {' ' * sum(map(_columns, before))}^"


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " if c == "\t" else "?" for c in text)


def _columns(character: str) -> int:
    """How many columns of a terminal a character takes."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
