"""Formulas: lines of tokens, aligned on the equals sign, broken between terms.

Long sums lose their middle, never the current term.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import isfinite

from rich.cells import cell_len

from nntui.session.frame import Token
from nntui.session.spelling import MOST_FAULTS, gap_text
from nntui.ui.spans import Line, Span, sign_style

MOST_TERMS = 12
"""A sum of more terms than this loses its middle."""

_NEIGHBOURS = 4
"""A sum of at least so many terms shows those beside the current one."""

_GAP = re.compile(r"… (\d+) more(?:, (\d+) not finite)? …")
_EQUALS = frozenset({"=", "≈", "←"})
_JOINTS = frozenset({"+", "-", "−", "/", "="})
_BREAKS = re.compile(r"(?= [+−/=] )|(?<=, )(?=… )")
"""Where a token of several signs may be broken."""


@dataclass(frozen=True)
class Piece:
    """A token, or a part of one, ready to set.

    Attributes:
        joint: how deep in parentheses it joins two terms, or follows a comma, so that a line may
            break before it; None where it does not.
    """

    text: str
    style: str
    joint: int | None = None


@dataclass(frozen=True)
class Row:
    """A line of a calculation: what stands left of its equals sign, and what to the right."""

    head: tuple[Token, ...]
    tail: tuple[Token, ...]


def equation(
    lines: Sequence[Sequence[Token]],
    cells: int,
    current: int | None = None,
    most: int = MOST_TERMS,
    faults: Collection[int] = (),
) -> list[Line]:
    """Lines of a calculation in `cells`, one equals sign under the other.

    Args:
        current: the number of the term being worked on, None where the element is done.
        most: the most terms of a sum to write out.
        faults: the terms that are not finite.
    """
    rows = [_row(elide(line, current, most, faults)) for line in lines]
    return _aligned([((), row) for row in rows], cells, current)


def some(lines: Sequence[Sequence[Token]], numbers: Sequence[int]) -> list[tuple[Token, ...]]:
    """Some of the lines of a calculation, by their numbers; the left side goes to the first."""
    out = [tuple(lines[k]) for k in numbers]
    if out and numbers[0] > 0:
        left, (first, *rest) = lines[0][0], out[0]
        word = (replace(first, text=f"  {first.text}"),) if first.role == "word" else ()
        out[0] = (left, *rest, *word)
    return out


def labelled(lines: Sequence[Sequence[Token]], cells: int) -> list[Line]:
    """Equations with a word in front of each, in a column of their own."""
    words = [line[0].text for line in lines]
    column = max((cell_len(word) for word in words), default=0) + 2
    rows = []
    for line in lines:
        word = line[0].text
        label: Line = ((word + " " * (column - cell_len(word)), "backward"),)
        rows.append((label, _split(line[1:])))
    return _aligned(rows, cells, None)


def elide(
    tokens: Sequence[Token],
    current: int | None,
    most: int = MOST_TERMS,
    faults: Collection[int] = (),
) -> tuple[Token, ...]:
    """A sum without its middle: its first terms, those around the current one, and its last.

    A sum or list in brackets within a term loses its middle likewise.

    Args:
        faults: the terms that are not finite, which are the last to go.
    """
    out: list[Token] = []
    for k, group in groupby(tokens, key=_term):
        term = tuple(group)
        bad = {t.part for t in term if t.role in ("number", "symbol") and not _is_finite(t.value)}
        out += (replace(token, term=k) for token in _without_middle(term, _part, None, most, bad))
    return _without_middle(out, _term, current, most, faults)


def _term(token: Token) -> int:
    return token.term


def _part(token: Token) -> int:
    return token.part


def _left_out(token: Token, number: Callable[[Token], int]) -> re.Match[str] | None:
    """How many a token stands for that are left out: of terms, or of the parts of one."""
    return None if number is _term and token.term >= 0 else _GAP.search(token.text)


def _without_middle(
    tokens: Sequence[Token],
    number: Callable[[Token], int],
    current: int | None,
    most: int,
    faults: Collection[int],
) -> tuple[Token, ...]:
    """Tokens without those of most of the numbers that they have: terms, or parts of a term."""
    numbers = _numbers(tokens, number)
    last = _last(tokens, number, most)
    if len(numbers) + (not last) <= most:
        return tuple(tokens)
    keep = _kept(numbers, current, most, last if most > 1 else 0)
    keep |= {*sorted(set(faults).intersection(numbers))[: min(most, MOST_FAULTS)]}
    out: list[Token] = []
    missing: dict[int, str] = {}
    counted, guilty = 0, 0
    for token in tokens:
        gap = _left_out(token, number)
        if gap:
            counted += int(gap[1])
            guilty += int(gap[2] or 0)
        elif number(token) >= 0 and number(token) not in keep:
            missing.setdefault(number(token), token.text)
        else:
            if missing or counted:
                out.append(_gap(missing, counted, guilty, faults))
                missing, counted, guilty = {}, 0, 0
            out.append(token)
    return (*out, _gap(missing, counted, guilty, faults)) if missing or counted else tuple(out)


def _numbers(tokens: Iterable[Token], number: Callable[[Token], int]) -> list[int]:
    """The numbers that tokens have; what stands for others that are left out has none."""
    counted = (token for token in tokens if not _left_out(token, number))
    return sorted({n for token in counted if (n := number(token)) >= 0})


def _last(tokens: Sequence[Token], number: Callable[[Token], int], most: int) -> int:
    """How many numbers to keep from the end: not more than follow what is left out already."""
    gaps = [at for at, token in enumerate(tokens) if _left_out(token, number)]
    after = _numbers(tokens[gaps[-1] :] if gaps else tokens, number)
    return min(2 if most > 4 else 1, len(after) if gaps else max(len(after), 1))


def _kept(numbers: Sequence[int], current: int | None, most: int, last: int) -> set[int]:
    """The first, the last and the current number, the latter with its neighbours if it may be."""
    keep = {*numbers[: max(1, most - last - 1)], *numbers[len(numbers) - last :]}
    if current is not None and current in numbers:
        at = numbers.index(current)
        keep |= {current} if most < _NEIGHBOURS else set(numbers[max(0, at - 1) : at + 2])
    return keep


def _gap(missing: Mapping[int, str], counted: int, guilty: int, faults: Collection[int]) -> Token:
    """What stands for numbers that are missing, and for what the session has left out there."""
    joint = "," if any(text.startswith(",") for text in missing.values()) else " +"
    guilty += len(set(faults).intersection(missing))
    return Token(f"{joint} {gap_text(len(missing) + counted, guilty)}", "word")


def _is_finite(value: float | None) -> bool:
    return value is None or isfinite(value)


def _row(tokens: Sequence[Token]) -> Row:
    """A line's first token is its left side or an equals sign; a word goes to the end instead."""
    if not tokens:
        return Row((), ())
    first, rest = tokens[0], tokens[1:]
    if first.text.strip() in _EQUALS:
        return Row((), tuple(rest))
    if rest and rest[0].text.strip() in _EQUALS:
        rest = rest[1:]
    if first.role == "word":
        return Row((), (*rest, replace(first, text=f"  {first.text}")))
    return Row((first,), tuple(rest))


def _split(tokens: Sequence[Token]) -> Row:
    """What stands before the first equals sign, and what after it."""
    for at, token in enumerate(tokens):
        if token.text.strip() in _EQUALS:
            return Row(tuple(tokens[:at]), tuple(tokens[at + 1 :]))
    return Row((), tuple(tokens))


def _aligned(rows: Sequence[tuple[Line, Row]], cells: int, current: int | None) -> list[Line]:
    heads = [_pieces(row.head, current) for _, row in rows]
    left = max((_size(head) for head in heads), default=0)
    out: list[Line] = []
    for (label, row), head in zip(rows, heads, strict=True):
        start: list[Span] = [*label, *((piece.text, piece.style) for piece in head)]
        start.append((" " * (left - _size(head)), "text"))
        start.append((" = " if left else "= ", "dim"))
        indent = sum(cell_len(text) for text, _ in start)
        if indent > cells // 2:
            indent = 2
        out += _wrap(tuple(start), _pieces(row.tail, current), cells, indent)
    return out


def _pieces(tokens: Sequence[Token], current: int | None) -> list[Piece]:
    out: list[Piece] = []
    depth = 0
    for token in tokens:
        style = _style(token, current)
        for text in _BREAKS.split(token.text):
            if text:
                joint = text[:1] == " " and text.strip()[:1] in _JOINTS
                joint |= bool(out) and out[-1].text.endswith(", ")
                out.append(Piece(text, style, max(depth, 0) if joint else None))
                depth += text.count("(") - text.count(")")
    return out


_STYLES = {"symbol": "text", "operator": "dim", "masked": "dim"}


def _style(token: Token, current: int | None) -> str:
    if token.role in ("number", "result"):
        style = sign_style(token.value)
    else:
        style = _STYLES.get(token.role, "dim italic")
        gap = _GAP.search(token.text)
        if gap and gap[2]:
            style = "error"
    if token.role == "result":
        return f"{style} bold mark"
    if current is not None and token.term == current and token.text.strip() not in _JOINTS:
        return f"{style} bold mark"
    if current is not None and token.term > current:
        return "faint"
    return style


def _size(pieces: Sequence[Piece]) -> int:
    return sum(cell_len(piece.text) for piece in pieces)


def _wrap(start: Line, pieces: Sequence[Piece], cells: int, indent: int) -> list[Line]:
    """Pieces after a start, broken before the joints of terms that do not fit any more."""
    out: list[Line] = []
    line = list(start)
    used = sum(cell_len(text) for text, _ in start)
    chunks = _chunks(pieces, 0)
    if any(_size(chunk) > cells - indent for chunk in chunks):
        chunks = _chunks(pieces, 9)
    for chunk in chunks:
        if used + _size(chunk) > cells and used > indent:
            out.append(tuple(line))
            line, used = [(" " * indent, "text")], indent
            chunk = [replace(chunk[0], text=chunk[0].text.lstrip()), *chunk[1:]]
        line += [(piece.text, piece.style) for piece in chunk]
        used += _size(chunk)
    out.append(tuple(line))
    return out


def _chunks(pieces: Sequence[Piece], deepest: int) -> list[list[Piece]]:
    """Pieces that stay on one line together: a term with the sign before it.

    Args:
        deepest: how deep in parentheses a line may break.
    """
    out: list[list[Piece]] = []
    for piece in pieces:
        if not out or (piece.joint is not None and piece.joint <= deepest):
            out.append([])
        out[-1].append(piece)
    return out
