"""Which inputs made a number that is not finite."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice
from typing import Final

from nntui.engine.ops.kind import Operand, Term, Terms

_MOST: Final = 4
"""Inputs that are named."""


def culprits(terms: Terms) -> list[Operand]:
    """The cells that made a cell what it is, a few at most.

    Those that are not finite themselves, where there are any. Else those of the terms that became
    infinite or NaN: one of either sign, where ∞ − ∞ is what went wrong. Else the largest terms.
    """
    cells = [cell for term in terms.terms for cell in _cells(term)]
    ill = [cell for cell in cells if not math.isfinite(cell.value)]
    if ill:
        return _different(ill)
    return _different([cell for term in _worst(terms) for cell in _cells(term)])


def _worst(terms: Terms) -> list[Term]:
    """The terms that a result which is not finite comes from, each finite by its inputs."""
    nan = [term for term in terms.terms if math.isnan(term.value)]
    if nan:
        return nan[:1]
    infinite = [term for term in terms.terms if math.isinf(term.value)]
    if infinite:
        other = [term for term in infinite if term.value != infinite[0].value]
        return infinite[:1] + other[:1]
    return sorted(terms.terms, key=lambda term: -abs(term.value))[:2]


def _cells(term: Term) -> Iterator[Operand]:
    """The cells of a term, those that its derived numbers are made of among them."""
    for operand in term.operands:
        if operand.tensor:
            yield operand
        elif operand.origin is not None:
            yield from _cells(operand.origin)


def _different(cells: list[Operand]) -> list[Operand]:
    """The first few, each once."""
    return list(islice({(c.tensor, c.index): c for c in cells}.values(), _MOST))
