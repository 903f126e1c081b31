"""Numbers of the optimizer that follow the count of updates, and what its ops share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from nntui.engine.ops.kind import STEP, Bench, Call, Index, Kind, Look, Terms, attribute
from nntui.engine.options import Array
from nntui.engine.program import Op

_FLUSH_EVERY: Final = 512

Coefficient = Callable[[int, Op], float]
"""A number that depends on t, the count of updates, and the op's options."""


def updates(step: int, op: Op) -> int:
    """T of an op in a training step: how often its target is updated up to there, from 1."""
    turn, turns = op.attributes["turn"]
    return int((step - 1) * turns + turn)


def beta_correction(t: int, op: Op) -> float:
    """1 / (1 − βᵗ)."""
    return 1.0 / (1.0 - attribute(op, "beta") ** t)


def coefficient_calls(bench: Bench, op: Op, coefficient: Coefficient) -> tuple[Array, Call]:
    """A scalar that follows the count of updates, and the call that sets it."""
    target = bench.scratch()

    def follow(step: int) -> None:
        target[()] = coefficient(updates(step, op), op)

    return target, (follow, STEP)


def flush(array: Array, step: int) -> None:
    """Set denormal moments to 0 now and then: they never decay away, and make computing slow."""
    if step % _FLUSH_EVERY == 0:
        array[np.abs(array) < np.finfo(array.dtype).tiny] = 0.0


def result_of(look: Look, op: Op, index: Index) -> float:
    """The engine's value of a cell of the op's output."""
    return float(look.now(op.output)[index])


def update_kind(
    name: str,
    title: str,
    sentence: str,
    formula: str,
    calls: Callable[[Bench, Op], Sequence[Call]],
    terms: Callable[[Look, Op, Index], Terms],
) -> Kind:
    """A row of the update phase."""
    return Kind(
        name=name, title=title, sentence=sentence, formula=formula, calls=calls, terms=terms
    )
