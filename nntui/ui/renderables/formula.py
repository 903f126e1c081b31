"""Formulas: lines of tokens, aligned on the equals sign, broken between terms.

Long sums lose their middle, never the current term.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len

from nntui.session.frame import Token
from nntui.ui.spans import Line, Span, sign_style

MOST_TERMS = 12
"""A sum of more terms than this loses its middle."""

_GAP = re.compile(r"… (\d+) more …")
_EQUALS = frozenset({"=", "≈", "←"})
_JOINTS = frozenset({"+", "-", "−", "/", "="})
_BREAKS = re.compile(r"(?= [+−/=] )")
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
) -> list[Line]:
    """Lines of a calculation in `cells`, one equals sign under the other.

    Args:
        current: the number of the term being worked on, None where the element is done.
        most: the most terms of a sum to write out.
    """
    rows = [_row(elide(line, current, most)) for line in lines]
    return _aligned([((), row) for row in rows], cells, current)


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
    tokens: Sequence[Token], current: int | None, most: int = MOST_TERMS
) -> tuple[Token, ...]:
    """A sum without its middle: its first terms, those around the current one, and its last."""
    terms = sorted({token.term for token in tokens if token.term >= 0})
    if len(terms) <= most:
        return tuple(tokens)
    gaps = [at for at, token in enumerate(tokens) if _GAP.search(token.text)]
    after = {token.term for token in tokens[gaps[-1] :] if token.term >= 0} if gaps else terms
    last = min(2 if most > 4 else 1, max(len(after), 1))
    keep = {*terms[: max(1, most - last - 1)], *terms[-last:]}
    if current in terms:
        at = terms.index(current)
        keep |= set(terms[max(0, at - 1) : at + 2])
    out: list[Token] = []
    missing: set[int] = set()
    counted = 0
    for token in tokens:
        gap = _GAP.search(token.text)
        if gap:
            counted += int(gap[1])
        elif token.term >= 0 and token.term not in keep:
            missing.add(token.term)
        else:
            if missing or counted:
                out.append(_gap(len(missing) + counted))
                missing, counted = set(), 0
            out.append(token)
    return (*out, _gap(len(missing) + counted)) if missing or counted else tuple(out)


def _gap(count: int) -> Token:
    return Token(f" + … {count} more …", "word")


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


def _style(token: Token, current: int | None) -> str:
    if token.role in ("number", "result"):
        style = sign_style(token.value)
    else:
        style = {"symbol": "text", "operator": "dim"}.get(token.role, "dim italic")
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
