"""The order of words: which may follow which, and which bracket closes which.

Python's parser gives the tree; this is run before it, because it says what is missing and where,
the same in every version of Python, and bounds how deep brackets nest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, final

from nntui.scenario.text import quote
from nntui.session.expressions.errors import ExpressionError
from nntui.session.expressions.words import Word

BRACKETS: Final = 32
"""How deep brackets may nest."""

_CLOSES: Final = {")": "(", "]": "["}
_BEFORE_NOT: Final = frozenset({"(", "[", ",", ":", "and", "or", "not", "if", "else"})


@dataclass
class _Level:
    """What is open at one depth of brackets.

    Attributes:
        opening: the bracket, None for the outermost level.
        called: whether it may be empty: `max()`.
        pending: an `if` that waits for its `else`.
        colons: of the slice under way.
    """

    opening: Word | None = None
    called: bool = False
    pending: Word | None = None
    colons: int = 0


def check(text: str, words: list[Word]) -> None:
    """Refuse words in an order that is no expression.

    Raises:
        ExpressionError: pointing at the first word that cannot stand where it does.
    """
    _Reader(text).read(words)


@final
@dataclass
class _Reader:
    """Reads words left to right, and knows what may come next."""

    text: str
    levels: list[_Level] = field(default_factory=lambda: [_Level()])
    last: Word | None = None
    value: bool = True
    """Whether a value is due, rather than an operator."""

    def read(self, words: list[Word]) -> None:
        for word in words:
            (self._start if self.value else self._follow)(word)
            self.last = word
        if self.value:
            raise ExpressionError(self.text, len(self.text.rstrip()), "a value is missing here")
        opening = self.levels[-1].opening
        if opening is not None:
            raise self._error(opening, f"'{opening.text}' is never closed")
        self._no_pending()

    def _error(self, word: Word, message: str) -> ExpressionError:
        return ExpressionError(self.text, word.start, message)

    def _start(self, word: Word) -> None:
        """Take a word where a value is due."""
        level, previous = self.levels[-1], self.last.text if self.last else ""
        if previous == ".":
            if word.role != "name":
                raise self._error(word, "a name is missing after the dot")
            self.value = False
        elif word.role in ("number", "name", "string"):
            self.value = False
        elif word.text == "(":
            self._open(word, called=False)
        elif word.text == "not":
            if previous and previous not in _BEFORE_NOT:
                raise self._error(word, "put the 'not …' in brackets")
        elif word.text in ("+", "-"):
            pass
        elif word.text == ":" and self._sliceable:
            self._colon(word)
        elif word.text in (",", "]") and previous == ":" and self._sliceable:
            self._follow(word)
        elif word.text == ")" and previous == "(" and level.called:
            self._close(word)
        elif word.text == "[":
            raise self._error(word, "lists are not part of an expression")
        else:
            raise self._error(word, f"a value is missing before {quote(word.text)}")

    def _follow(self, word: Word) -> None:
        """Take a word where an operator is due."""
        level = self.levels[-1]
        if word.text in ("(", "["):
            self._open(word, called=word.text == "(")
        elif word.text in (")", "]"):
            self._close(word)
        elif word.text == ",":
            if level.opening is None:
                raise self._error(word, "a comma stands inside brackets only")
            self._no_pending()
            level.colons, self.value = 0, True
        elif word.text == ":":
            self._colon(word)
        elif word.text == ".":
            if self.last is not None and self.last.role == "name":
                raise self._error(word, "write a name without blanks around its dots")
            self.value = True
        elif word.text == "if" and word.role == "keyword":
            self._no_pending()
            level.pending, self.value = word, True
        elif word.text == "else" and word.role == "keyword":
            if level.pending is None:
                raise self._error(word, "'else' without an 'if'")
            level.pending, self.value = None, True
        elif word.role in ("number", "name", "string") or word.text == "not":
            raise self._error(word, f"an operator is missing before {quote(word.text)}")
        else:
            self.value = True

    @property
    def _sliceable(self) -> bool:
        opening = self.levels[-1].opening
        return opening is not None and opening.text == "["

    def _open(self, word: Word, *, called: bool) -> None:
        if len(self.levels) > BRACKETS:
            raise self._error(word, f"brackets nest at most {BRACKETS} deep")
        self.levels.append(_Level(word, called))
        self.value = True

    def _close(self, word: Word) -> None:
        opening = self.levels[-1].opening
        if opening is None or opening.text != _CLOSES[word.text]:
            raise self._error(word, f"'{word.text}' closes nothing")
        self._no_pending()
        self.levels.pop()
        self.value = False

    def _colon(self, word: Word) -> None:
        level = self.levels[-1]
        if not self._sliceable or level.colons == 2:
            raise self._error(word, "a ':' stands in an index only, as in x[0:2]")
        self._no_pending()
        level.colons, self.value = level.colons + 1, True

    def _no_pending(self) -> None:
        pending = self.levels[-1].pending
        if pending is not None:
            raise self._error(pending, "this 'if' has no 'else'; write a if condition else b")
