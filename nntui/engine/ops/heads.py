"""Splitting the features of a sequence among heads, and joining what the heads have found.

Nothing is computed: of F features, head h has those from h·d on, d = F / heads. In memory each
head of each sample becomes a matrix of its own, (batch, heads, time, d), so that one product per
head can follow; its gradient goes the same way in reverse.
Source: Vaswani et al., "Attention is all you need" (2017), section 3.2.2.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from nntui.engine.ops.kind import Bench, Call, Index, Kind, Look, Terms, alone, cell, single
from nntui.engine.options import Array
from nntui.engine.program import Op

if TYPE_CHECKING:
    from nntui.engine.autodiff import Tape


def _by_head(whole: Array, heads: int) -> Array:
    """(features, time, batch) seen as (batch, heads, time, d): a view."""
    features, time, batch = whole.shape
    return whole.reshape(heads, features // heads, time, batch).transpose(3, 0, 2, 1)


def _split(bench: Bench, op: Op) -> Sequence[Call]:
    whole, out = bench[op.inputs[0]], bench[op.output]
    return [(operator.setitem, out, Ellipsis, _by_head(whole, out.shape[1]))]


def _join(bench: Bench, op: Op) -> Sequence[Call]:
    split, out = bench[op.inputs[0]], bench[op.output]
    return [(operator.setitem, _by_head(out, split.shape[1]), Ellipsis, split)]


def _source_of_split(look: Look, op: Op, index: Index, role: str) -> Terms:
    sample, head, time, k = index
    feature = head * look.now(op.output).shape[3] + k
    source = cell(look, op.inputs[0], (sample, time, feature), role)
    return single(alone(source), float(look.now(op.output)[index]))


def _source_of_join(look: Look, op: Op, index: Index, role: str) -> Terms:
    sample, time, feature = index
    head, k = divmod(feature, look.now(op.inputs[0]).shape[3])
    source = cell(look, op.inputs[0], (sample, head, time, k), role)
    return single(alone(source), float(look.now(op.output)[index]))


def _split_terms(look: Look, op: Op, index: Index) -> Terms:
    return _source_of_split(look, op, index, "input")


def _split_backward_terms(look: Look, op: Op, index: Index) -> Terms:
    return _source_of_join(look, op, index, "upstream gradient")


def _join_terms(look: Look, op: Op, index: Index) -> Terms:
    return _source_of_join(look, op, index, "input")


def _join_backward_terms(look: Look, op: Op, index: Index) -> Terms:
    return _source_of_split(look, op, index, "upstream gradient")


def _split_gradient(tape: Tape, op: Op) -> None:
    tape.send(op, op.inputs[0], "split_heads_grad", (tape.upstream(op),))


def _join_gradient(tape: Tape, op: Op) -> None:
    tape.send(op, op.inputs[0], "join_heads_grad", (tape.upstream(op),))


KINDS: Final = (
    Kind(
        name="split_heads",
        title="split among the heads",
        sentence="Deal out the features among the heads, in order; none of the numbers changes.",
        formula="the {features} features of each position, {width} to a head",
        calls=_split,
        terms=_split_terms,
        gradient=_split_gradient,
    ),
    Kind(
        name="split_heads_grad",
        title="gradient, heads joined",
        sentence="Each gradient goes back to the feature that was dealt out.",
        formula="∂L/∂z = ∂L/∂(heads), in the shape of z",
        calls=_join,
        terms=_split_backward_terms,
    ),
    Kind(
        name="join_heads",
        title="heads joined",
        sentence="Put what the heads have found side by side, in order; nothing is computed.",
        formula="c = [c of head 1, c of head 2, …]",
        calls=_join,
        terms=_join_terms,
        gradient=_join_gradient,
    ),
    Kind(
        name="join_heads_grad",
        title="gradient, by head",
        sentence="Each head gets the gradients of the features it has found.",
        formula="∂L/∂c of a head = its part of ∂L/∂c",
        calls=_split,
        terms=_join_backward_terms,
    ),
)
