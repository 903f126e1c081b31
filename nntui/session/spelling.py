"""Which signs and brackets a formula needs, and which of its terms and lines are worth showing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Final

from nntui.engine.ops.kind import Term
from nntui.session.frame import Line
from nntui.session.numbers import MINUS, number

_SHOWN_FIRST: Final = 6
_SHOWN_LAST: Final = 3
_SHOWN_ALL: Final = 12
_FEWEST_PARTS: Final = 3
_JOINTS: Final = (" + ", f" {MINUS} ", ", ")

MOST_FAULTS: Final = 3
"""The most numbers that are not finite that a long sum writes out for that reason."""

_BARE: Final = ("(", "[", "|", ",", "where")
"""After these a negative number needs no brackets."""


def select(
    count: int,
    current: int | None,
    faults: Collection[int] = (),
    hidden: Collection[int] = (),
) -> list[int]:
    """Which terms to write; a negative number stands for that many left out.

    Args:
        faults: those that are not finite: the first of them are always written.
        hidden: those behind a mask, which are not counted; but for the current one.
    """
    terms = [k for k in range(count) if k not in hidden or k == current]
    if len(terms) <= _SHOWN_ALL:
        return terms
    kept = {*terms[:_SHOWN_FIRST], *terms[-_SHOWN_LAST:], *sorted(faults)[:MOST_FAULTS]}
    if current is not None:
        at = terms.index(current)
        kept |= set(terms[max(at - 1, 0) : at + 2])
    shown: list[int] = []
    missing = 0
    for k in terms:
        if k not in kept:
            missing += 1
            continue
        shown += [-missing] * bool(missing) + [k]
        missing = 0
    return shown


def gap_text(count: int, faults: int = 0) -> str:
    """What stands for terms that are left out: so many, of which so many are not finite."""
    return f"… {count} more{f', {faults} not finite' if faults else ''} …"


def parted(template: str) -> list[tuple[str, int]]:
    """A template cut into the parts of its longest sum or list in brackets, each with its number.

    What stands before and after them has the number -1.

    >>> parted("2 / ({0} + {1} + {2})")
    [('2 / (', -1), ('{0}', 0), (' + {1}', 1), (' + {2}', 2), (')', -1)]
    """
    longest: list[int] = []
    opened: list[list[int]] = []
    for at, sign in enumerate(template):
        if sign == "(":
            opened.append([at + 1])
        elif sign == ")" and opened:
            cuts = [*opened.pop(), at]
            longest = max(longest, cuts, key=len)
        elif opened and template.startswith(_JOINTS, at):
            opened[-1].append(at)
    if len(longest) <= _FEWEST_PARTS:
        return [(template, -1)]
    parts = [(template[a:b], k) for k, (a, b) in enumerate(pairwise(longest))]
    return [(template[: longest[0]], -1), *parts, (template[longest[-1] :], -1)]


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
