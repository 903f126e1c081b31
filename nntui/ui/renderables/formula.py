"""Formulas: lines of tokens, wrapped at their operators and aligned on the equals sign.

Long sums lose their middle, never the current term.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from nntui.session.frame import Token
from nntui.ui.spans import Line, Span, sign_style

INFIX = frozenset("+-−×·*/÷=←≈")
"""Operators that stand between two things, with a space on each side."""

BREAK = frozenset("+-−×·*/÷")
"""Operators a line may break before."""

MOST_TERMS = 8
"""A sum of more terms than this loses its middle."""

_OPEN = ("", "(", "[", "[(", "=", "e^", "√(", "exp(", "ln(", "σ(")


@dataclass(frozen=True)
class Piece:
    """A token ready to set: its text with its spaces, its style, and whether a line may break
    before it."""

    text: str
    style: str
    breakable: bool


def equation(
    lines: Sequence[Sequence[Token]], cells: int, current: int | None = None
) -> list[Line]:
    """Lines of a calculation in `cells`, one equals sign under the other.

    Args:
        current: the number of the term being worked on, None where the element is done.
    """
    heads: list[list[Token]] = []
    tails: list[list[Token]] = []
    for tokens in lines:
        head, tail = _split(elide(tokens, current))
        heads.append(head)
        tails.append(tail)
    sets = [_pieces(head, current) for head in heads]
    left = max((_width(pieces) for pieces in sets), default=0)
    if left > cells // 3:
        left = 0
    out: list[Line] = []
    for pieces, tail in zip(sets, tails, strict=True):
        own = _width(pieces)
        start: list[Span] = [(piece.text, piece.style) for piece in pieces]
        if own < left:
            start.append((" " * (left - own), "text"))
        indent = max(left, 0)
        used = max(own, left)
        body = _pieces(tail, current, after_equals=True)
        if own > left and used + _width(body) + 3 > cells:
            out.append(tuple(start))
            start, used = [(" " * 2, "text")], 2
            indent = 2
        start.append((" = " if used else "= ", "dim"))
        out += _wrap(tuple(start), body, cells, indent + (3 if used else 2))
    return out


def plain_line(tokens: Sequence[Token], cells: int, current: int | None = None) -> list[Line]:
    """One line of tokens, wrapped."""
    return _wrap((), _pieces(elide(tokens, current), current), cells, 2)


def elide(tokens: Sequence[Token], current: int | None, most: int = MOST_TERMS) -> list[Token]:
    """A sum without its middle: the first terms, those around the current one, and the last."""
    terms = sorted({token.term for token in tokens if token.term >= 0})
    if len(terms) <= most:
        return list(tokens)
    keep = {*terms[:3], terms[-1], terms[-2]}
    if current is not None and current in terms:
        at = terms.index(current)
        keep |= set(terms[max(0, at - 1) : at + 2])
    out: list[Token] = []
    missing: set[int] = set()
    for token in tokens:
        if token.term < 0 or token.term in keep:
            if missing:
                out += _gap(len(missing))
                missing = set()
            out.append(token)
        else:
            missing.add(token.term)
    return out + (_gap(len(missing)) if missing else [])


def _gap(count: int) -> list[Token]:
    return [Token("+"), Token(f"… {count} more …", "word")]


def _split(tokens: Sequence[Token]) -> tuple[list[Token], list[Token]]:
    """What stands before the first equals sign, and what after it."""
    for at, token in enumerate(tokens):
        if token.text.strip() in ("=", "≈", "←"):
            return list(tokens[:at]), list(tokens[at + 1 :])
    return [], list(tokens)


def _pieces(
    tokens: Iterable[Token], current: int | None, *, after_equals: bool = False
) -> list[Piece]:
    out: list[Piece] = []
    before = "=" if after_equals else ""
    for token in tokens:
        text = token.text.strip()
        style = _style(token, current)
        infix = text in INFIX and token.role == "operator" and before not in _OPEN
        if infix:
            text = f" {text} "
        elif token.text.startswith(" ") and out:
            text = f" {text}"
        out.append(Piece(text, style, infix and text.strip() in BREAK))
        before = token.text.strip()
    return out


def _style(token: Token, current: int | None) -> str:
    if token.value is not None and token.role != "operator":
        style = sign_style(token.value)
    else:
        style = {"symbol": "text", "operator": "dim", "word": "dim italic"}.get(token.role, "text")
    if token.role == "result":
        return f"{style} bold mark"
    if current is not None and token.term >= 0:
        if token.term == current:
            return f"{style} bold mark"
        if token.term > current:
            return "faint"
    return style


def _width(pieces: Sequence[Piece]) -> int:
    return sum(cell_len(piece.text) for piece in pieces)


def _wrap(start: Line, pieces: Sequence[Piece], cells: int, indent: int) -> list[Line]:
    """Pieces after a start, broken before operators where they do not fit."""
    out: list[Line] = []
    line = list(start)
    used = sum(cell_len(text) for text, _ in start)
    for chunk in _chunks(pieces):
        size = _width(chunk)
        text_size = cell_len("".join(p.text for p in chunk).rstrip())
        if used + text_size > cells and used > indent:
            out.append(tuple(line))
            line = [(" " * indent, "text")]
            used = indent
            head = chunk[0]
            chunk = [Piece(head.text.lstrip(), head.style, False), *chunk[1:]]
            size = _width(chunk)
        line += [(piece.text, piece.style) for piece in chunk]
        used += size
    out.append(tuple(line))
    return out


def _chunks(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Pieces that belong on one line together: up to the next `+` or `−`.

    Products stay together, so a line breaks between terms.
    """
    out: list[list[Piece]] = []
    for piece in pieces:
        if not out or (piece.breakable and piece.text.strip() in "+-−"):
            out.append([])
        out[-1].append(piece)
    return out
