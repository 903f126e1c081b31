"""Which signs and brackets a formula needs, and which of its terms and lines are worth showing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nntui.engine.ops.kind import Term
from nntui.session.frame import Line
from nntui.session.numbers import MINUS, number

_SHOWN_FIRST: Final = 6
_SHOWN_LAST: Final = 3
_SHOWN_ALL: Final = 12
_BARE: Final = ("(", "[", "|", ",", "where")
"""After these a negative number needs no brackets."""


def select(count: int, current: int | None) -> list[int]:
    """Which terms to write; a negative number stands for that many left out."""
    if count <= _SHOWN_ALL:
        return list(range(count))
    kept = set(range(_SHOWN_FIRST)) | set(range(count - _SHOWN_LAST, count))
    if current is not None:
        kept |= {k for k in (current - 1, current, current + 1) if 0 <= k < count}
    shown: list[int] = []
    for k in sorted(kept):
        gap = k - (shown[-1] if shown else -1) - 1
        if gap:
            shown.append(-gap)
        shown.append(k)
    return shown


def sign_of(term: Term, template: str, *, symbolic: bool) -> tuple[str, str]:
    """The sign that joins a term to those before it, and the template without it.

    An empty sign: the term keeps its own, and is joined with a plus.
    """
    if template.startswith(MINUS):
        return MINUS, template.removeprefix(MINUS)
    if template == "{0}" and not symbolic and number(term.operands[0].value).startswith(MINUS):
        return MINUS, template
    return "", template


def needs_brackets(text: str, before: str, *, first: bool) -> bool:
    """Whether a number would be misread after what stands before it."""
    if "·" in text and before.endswith(("√", "/ ")):
        return True
    negative = text.startswith(MINUS) and bool(before or not first)
    return negative and not before.rstrip().endswith(_BARE)


def is_loose(template: str) -> bool:
    """Whether a formula needs brackets as a factor: a sum, a sign, or a choice at its top level."""
    depth = 0
    for k, sign in enumerate(template):
        depth += (sign == "(") - (sign == ")")
        if not depth and (template.startswith((" + ", f" {MINUS} ", " where "), k)):
            return True
    return template.startswith(MINUS)


def distinct(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines without those that the next one repeats, and without `x₁ = x₁`."""
    kept: list[Line] = []
    for line in lines:
        if kept and _right(line) == _right(kept[-1]):
            line = (kept.pop()[0], *line[1:])
        kept.append(line)
    if len(kept) > 1 and _right(kept[0]) == kept[0][0].text:
        kept[:2] = [(kept[0][0], *kept[1][1:])]
    return tuple(kept)


def _right(line: Line) -> str:
    """The right side of a line, remarks in words left out."""
    return "".join(t.text for t in line[1:] if t.role != "word")
