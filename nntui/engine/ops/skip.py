"""The residual connection: what a part of a network has found is added to what it was given.

a = x + f, so the gradient goes to both unchanged: it forks.
Source: He et al., "Deep residual learning for image recognition" (2016).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from nntui.engine.ops.kind import Bench, Call, Index, Kind, Look, Terms, alone, cell, single
from nntui.engine.program import Op

if TYPE_CHECKING:
    from nntui.engine.autodiff import Tape


def _forward(bench: Bench, op: Op) -> Sequence[Call]:
    given, found = op.inputs
    return [(np.add, bench[given], bench[found], bench[op.output])]


def _forward_terms(look: Look, op: Op, index: Index) -> Terms:
    terms = tuple(alone(cell(look, name, index, "input")) for name in op.inputs)
    return Terms(terms, float(look.now(op.output)[index]))


def _gradient(tape: Tape, op: Op) -> None:
    for name in op.inputs:
        if tape.needs(name):
            tape.relay(op, name, "skip_grad")


def _nothing(bench: Bench, op: Op) -> Sequence[Call]:
    return []


def _backward_terms(look: Look, op: Op, index: Index) -> Terms:
    given = cell(look, op.inputs[0], index, "upstream gradient")
    return single(alone(given), float(look.now(op.output)[index]))


KINDS: Final = (
    Kind(
        name="skip",
        title="residual",
        sentence="Add what this part has found to what it was given.",
        formula="a = x + f(x)",
        calls=_forward,
        terms=_forward_terms,
        gradient=_gradient,
    ),
    Kind(
        name="skip_grad",
        title="gradient, forked",
        sentence="A sum passes its gradient on to both of its summands unchanged.",
        formula="∂L/∂x = ∂L/∂a,  ∂L/∂f = ∂L/∂a",
        calls=_nothing,
        terms=_backward_terms,
    ),
)
