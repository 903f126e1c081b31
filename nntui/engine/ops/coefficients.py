"""Numbers of the optimizer that follow the training step, and what its ops share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import numpy as np

from nntui.engine.ops.kind import STEP, Bench, Call, Index, Kind, Look, Terms, attribute
from nntui.engine.options import Array
from nntui.engine.program import Op

_FLUSH_EVERY: Final = 512

Coefficient = Callable[[int, Op], float]
"""A number that depends on the step and the op's options."""


def beta_correction(step: int, op: Op) -> float:
    """1 / (1 − βᵗ)."""
    return 1.0 / (1.0 - attribute(op, "beta") ** step)


def set_scalar(target: Array, coefficient: Coefficient, op: Op, step: int) -> None:
    """Set a 0-d array to what the coefficient is at a step."""
    target[()] = coefficient(step, op)


def coefficient_calls(bench: Bench, op: Op, coefficient: Coefficient) -> tuple[Array, Call]:
    """A scalar that follows the step, and the call that sets it."""
    target = bench.scratch()
    return target, (partial(set_scalar, target, coefficient, op), STEP)


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
