"""Which terms of a cell a formula writes out, and what it says of the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import final

from nntui.engine.ops.kind import Terms
from nntui.session.frame import Token
from nntui.session.masks import Masks
from nntui.session.spelling import gap_text, select


@final
@dataclass(frozen=True)
class Selection:
    """The terms that are written out.

    Attributes:
        terms: their numbers from 0; a negative number stands for that many left out.
        faults: the terms that are not finite, written out or not.
        masked: how many are left out because they are behind a mask.
    """

    terms: tuple[int, ...]
    faults: frozenset[int]
    masked: int

    @classmethod
    def of(cls, terms: Terms, current: int | None, masks: Masks) -> Selection:
        """What to write of a sum: its ends, the current term, those that are not finite."""
        faults = {k for k, term in enumerate(terms.terms) if not isfinite(term.value)}
        hidden = {k for k, term in enumerate(terms.terms) if masks.hides_term(term)} - faults
        if len(hidden) == len(terms.terms):
            hidden = set()
        shown = select(len(terms.terms), current, faults, hidden)
        return cls(tuple(shown), frozenset(faults), len(hidden) - (current in hidden))

    def items(self) -> Iterator[tuple[int, int | Token]]:
        """(place, term) of each; a token in the place of those left out, guilty ones counted."""
        for place, k in enumerate(self.terms):
            if k >= 0:
                yield place, k
                continue
            first, last = self.terms[place - 1], self.terms[place + 1]
            faults = sum(first < fault < last for fault in self.faults)
            yield place, Token(f" {gap_text(-k, faults)}", "word")

    @property
    def first(self) -> int:
        """The term that is written first; 0 where there is none."""
        return next((k for k in self.terms if k >= 0), 0)

    @property
    def end(self) -> list[Token]:
        """What stands after the last term: how many are behind a mask."""
        return masked(self.masked)


def masked(count: int, term: int = -1) -> list[Token]:
    """`+ 23 masked`: what a mask has left out of a sum; of a sum within a term, which that is."""
    return [Token(f" + {count} masked", "word", term=term)] if count else []
