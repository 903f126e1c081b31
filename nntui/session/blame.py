"""Which inputs made a number that is not finite."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice
from typing import Final, final

from nntui.engine.ops.kind import Operand, Term, Terms
from nntui.engine.trainer import Trainer
from nntui.session.now import Fault, Now

_MOST: Final = 4
"""Inputs that are named."""


@final
class Witness:
    """Tells how a number that is not finite came about, whatever has happened in the step since.

    What its op has read may have been updated or changed by hand: then the step is run once more up
    to that op, on a machine of its own.
    """

    def __init__(self, now: Now) -> None:
        self._now = now
        self._beside: Now | None = None
        self._key: object = None
        self._terms: Terms | None = None

    def terms(self, fault: Fault) -> Terms:
        """How the number came about, from its inputs as they were."""
        now, op = self._now, fault.op
        if now.done == op.number and not any(edit.op == op.number for edit in now.edits):
            return now.terms(op, fault.index)
        key = now.step, op.number, fault.index, now.edits, now.start.tobytes()
        if self._terms is None or key != self._key:
            self._key, self._terms = key, self._run_again(fault)
        return self._terms

    def _run_again(self, fault: Fault) -> Terms:
        now, op = self._now, fault.op
        if self._beside is None:
            self._beside = Now(Trainer(now.trainer.model, now.trainer.dataset))
        beside = self._beside
        beside.trainer.state.vector[...] = now.start
        beside.resume(now.step, now.edits)
        beside.advance(op.number, inside=True)
        return beside.terms(op, fault.index)


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
