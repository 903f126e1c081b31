"""Text out of files: what a terminal may be shown, and how the rest is spelled.

A file can carry escape sequences that move the cursor and bidirectional controls that make text
read as something else. Names and titles that hold one are refused; messages spell it (`<U+001B>`).
"""

from __future__ import annotations

import difflib
import itertools
import unicodedata
from collections.abc import Iterable
from typing import Final

_UNSAFE: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Controls, format characters (bidi, zero width), lone surrogates, line and paragraph marks."""

_SIGNS: Final = {" ": "␣", "\n": "⏎", "\t": "⇥"}

_CANDIDATES: Final = 500
_COMPARED: Final = 60
"""Names, and characters of each, that are compared to find the nearest: a cap on the time taken."""


def _is_unsafe(character: str) -> bool:
    return unicodedata.category(character) in _UNSAFE


def first_unsafe(text: str, *, allowed: str = "") -> str:
    """The first character of `text` that must not reach a terminal; empty where all may."""
    if text.isprintable():
        return ""
    return next((c for c in text if c not in allowed and _is_unsafe(c)), "")


def spell(character: str) -> str:
    """`U+001B` for the escape character."""
    return f"U+{ord(character):04X}"


def clean(text: str) -> str:
    """`text` with every unsafe character spelled out."""
    if text.isprintable():
        return text
    return "".join(f"<{spell(c)}>" if _is_unsafe(c) else c for c in text)


def show(character: str) -> str:
    """A character as a name: blanks get a sign of their own, unsafe ones are spelled out."""
    return _SIGNS.get(character) or clean(character)


def strip(text: str) -> str:
    """`text` without its unsafe characters and the blanks around it: a cell of a table.

    Letters with accents are composed (Unicode's NFC), so that equal text compares equal.
    """
    text = text.strip()
    if not text.isprintable():
        text = "".join(c for c in text if not _is_unsafe(c)).strip()
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def shorten(text: str, limit: int = 60) -> str:
    """`text` cleaned and cut to about `limit` characters."""
    return clean(text) if len(text) <= limit else clean(text[: limit - 1]) + "…"


def quote(text: str) -> str:
    """`text` for a message: cleaned, shortened, between quotes."""
    return f"'{shorten(text)}'"


def nearest(name: str, names: Iterable[str]) -> str:
    """The one of `names` that `name` was probably meant to be; empty where none is near."""
    candidates = {
        n[:_COMPARED].casefold(): n for n in reversed(list(itertools.islice(names, _CANDIDATES)))
    }
    matches = difflib.get_close_matches(name[:_COMPARED].casefold(), candidates, n=1)
    return shorten(candidates[matches[0]]) if matches else ""


def enumerate_names(names: Iterable[str], limit: int = 24) -> str:
    """`a, b, c`, cut after `limit` names."""
    shown = [shorten(n) for n in itertools.islice(names, limit + 1)]
    return ", ".join(shown if len(shown) <= limit else [*shown[:limit], "…"])
