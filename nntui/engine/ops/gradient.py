"""Where gradients start, and where several paths meet."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Final

import numpy as np

from nntui.engine.ops.kind import (
    Bench,
    Call,
    Index,
    Kind,
    Look,
    Terms,
    alone,
    cell,
    constant,
    single,
)
from nntui.engine.program import Op


def _seed(bench: Bench, op: Op) -> Sequence[Call]:
    # The memory starts with the 1; setting it again undoes what anyone has put there.
    return [(operator.setitem, bench[op.output], Ellipsis, bench.constant(1.0))]


def _seed_terms(look: Look, op: Op, index: Index) -> Terms:
    return single(alone(constant(1.0, "1")), float(look.now(op.output)[index]))


def _sum(bench: Bench, op: Op) -> Sequence[Call]:
    first, second, *rest = (bench[name] for name in op.inputs)
    out = bench[op.output]
    return [(np.add, first, second, out), *((np.add, out, part, out) for part in rest)]


def _sum_terms(look: Look, op: Op, index: Index) -> Terms:
    terms = tuple(alone(cell(look, part, index, "upstream gradient")) for part in op.inputs)
    return Terms(
        terms,
        float(look.now(op.output)[index]),
        note="the loss depends on it along several paths; their gradients add up",
    )


KINDS: Final = (
    Kind(
        name="seed_grad",
        title="where the backward pass starts",
        sentence="The loss changes with itself one to one. From here the chain rule goes back.",
        formula="∂L/∂L = 1",
        calls=_seed,
        terms=_seed_terms,
    ),
    Kind(
        name="sum_grad",
        title="gradient over all paths",
        sentence="Add up what came back along each path.",
        formula="∂L/∂t = Σ of the parts",
        calls=_sum,
        terms=_sum_terms,
    ),
)
