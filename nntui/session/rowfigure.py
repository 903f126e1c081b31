"""The figure of what a unit adds up at a time step: its weights ⊙ [x; h] = products, row by row.

A recurrent unit reads two vectors with two rows of weights, of which a formula shows a part only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from nntui.engine.ops.kind import Operand, Term, Terms
from nntui.engine.program import Program
from nntui.session.grid import Figure, Grid, Place
from nntui.session.numbers import number, subscript


def row_figure(program: Program, terms: Terms, *, done: int | None) -> Figure:
    """The figure of a sum of weights times the numbers of a time step; empty for any other.

    Args:
        done: how many terms have been computed; None for all.
    """
    numbers = [k for k, term in enumerate(terms.terms) if _is_product(term)]
    members = [terms.terms[k] for k in numbers]
    inputs = {term.operands[1].tensor for term in members}
    steps = {step for tensor in program.tensors.values() for step in tensor.steps}
    if len(members) < 2 or not inputs & steps:
        return ()
    count = len(terms.terms) if done is None else done
    current = None if done is None else _place(numbers, done - 1)
    lit = frozenset((0, c) for c, k in enumerate(numbers) if done is not None and k < done)
    weights, seen = ([term.operands[slot] for term in members] for slot in range(2))
    products = [term.value if k < count else None for k, term in zip(numbers, members, strict=True)]
    total = math.fsum(value for value in products if value is not None)
    return (
        Grid(_title(program, weights, row=True), _row(weights), current, lit),
        "⊙",
        Grid(_title(program, seen, row=False), _row(seen), current, lit),
        "=",
        Grid("products", (tuple(products),), current, lit, f"Σ = {number(total)}", total),
    )


def _is_product(term: Term) -> bool:
    return len(term.operands) > 1 and term.operands[0].role == "weight"


def _place(numbers: Sequence[int], k: int) -> Place | None:
    return (0, numbers.index(k)) if k in numbers else None


def _row(operands: Sequence[Operand]) -> tuple[tuple[float, ...]]:
    return (tuple(operand.value for operand in operands),)


def _title(program: Program, operands: Sequence[Operand], *, row: bool) -> str:
    """`x⟨3⟩,h⟨2⟩`: the vectors that the numbers are of; of weights, with the row."""
    firsts = [operands[0], *(b for a, b in pairwise(operands) if a.tensor != b.tensor)]
    return ",".join(
        subscript(program.tensors[o.tensor].symbol, [o.index[0]] if row else []) for o in firsts
    )
