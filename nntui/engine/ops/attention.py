"""Attention: how much each position of a sequence takes from every other, and what it takes.

Head by head, queries q, keys k and values v being matrices of (time, d):
S = q kᵀ, A = softmax(S / √d) row by row, c = A v; so for upstream gradient G = ∂L/∂c
∂L/∂A = G vᵀ, ∂L/∂v = Aᵀ G, and with D = ∂L/∂S: ∂L/∂q = D k, ∂L/∂k = Dᵀ q.
A causal mask makes the score of each later position −∞, which is a weight of 0.
Source: Vaswani et al., "Attention is all you need" (2017), section 3.2.1.

Tensors are (batch, heads, time, d), scores and weights (batch, heads, query, key). In memory the
latter have the keys in front, (key, batch, heads, query): so a softmax takes whole rows of numbers
at once, and each head of a sample still is a matrix that a product can read and write in place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from nntui.engine.ops.kind import (
    Bench,
    Call,
    Index,
    Kind,
    Look,
    Operand,
    Term,
    Terms,
    alone,
    attribute,
    cell,
    constant,
    product,
    single,
)
from nntui.engine.ops.softmax import softmax_calls, softmax_grad_calls, subscript
from nntui.engine.options import Array
from nntui.engine.program import Op

if TYPE_CHECKING:
    from nntui.engine.autodiff import Tape

_UPSTREAM: Final = "upstream gradient"
_LOCAL: Final = "local derivative"


Matrices = Callable[[Array], Array]
"""How an array is seen as a stack of matrices, (batch, heads, rows, columns): a view."""


def _as_is(heads: Array) -> Array:
    return heads


def _turned(heads: Array) -> Array:
    return heads.swapaxes(-1, -2)


def _by_query(weights: Array) -> Array:
    return weights.transpose(1, 2, 3, 0)


def _by_key(weights: Array) -> Array:
    return weights.transpose(1, 2, 0, 3)


def _product(
    first: Matrices, second: Matrices, out: Matrices = _as_is
) -> Callable[[Bench, Op], Sequence[Call]]:
    """The calls of an op that multiplies two stacks of matrices."""

    def calls(bench: Bench, op: Op) -> Sequence[Call]:
        left, right = (bench[name] for name in op.inputs)
        return [(np.matmul, first(left), second(right), out(bench[op.output]))]

    return calls


def _product_terms(
    first_turned: bool, second_turned: bool, roles: tuple[str, str]
) -> Callable[[Look, Op, Index], Terms]:
    """How a cell of such a product came about: a row times a column."""

    def terms(look: Look, op: Op, index: Index) -> Terms:
        first, second = op.inputs
        *head, i, j = index
        over = look.now(first).shape[2 if first_turned else 3]
        found = []
        for m in range(over):
            left = (*head, m, i) if first_turned else (*head, i, m)
            right = (*head, j, m) if second_turned else (*head, m, j)
            term = product(cell(look, first, left, roles[0]), cell(look, second, right, roles[1]))
            # A key that comes after the query has a weight of 0: nothing of its value is taken.
            void = bool(op.attributes.get("causal")) and left[-1] > left[-2]
            found.append(replace(term, void=void))
        return Terms(tuple(found), float(look.now(op.output)[index]))

    return terms


def _scores_gradient(tape: Tape, op: Op) -> None:
    query, key = op.inputs
    upstream = tape.upstream(op)
    tape.send(op, query, "query_grad", (upstream, key))
    tape.send(op, key, "key_grad", (upstream, query))


def _mix_gradient(tape: Tape, op: Op) -> None:
    weights, value = op.inputs
    upstream = tape.upstream(op)
    tape.send(op, weights, "attention_weights_grad", (upstream, value))
    tape.send(op, value, "value_grad", (weights, upstream))


def _scale(bench: Bench, op: Op) -> Sequence[Call]:
    factor = bench.constant(1.0 / math.sqrt(attribute(op, "width")))
    return [(np.multiply, bench[op.inputs[0]], factor, bench[op.output])]


def _scale_terms(look: Look, op: Op, index: Index) -> Terms:
    result = float(look.now(op.output)[index])
    operands = (cell(look, op.inputs[0], index, "input"), constant(attribute(op, "width"), "d"))
    return single(Term(operands, "{0} / √{1}", result), result)


def _scale_backward_terms(look: Look, op: Op, index: Index) -> Terms:
    width = constant(attribute(op, "width"), "d")
    factor = 1.0 / math.sqrt(width.value)
    origin = Term((width,), "(1 / √{0})", factor)
    local = Operand(factor, symbol="1/√d", role=_LOCAL, origin=origin)
    upstream = cell(look, op.inputs[0], index, _UPSTREAM)
    return single(product(upstream, local), float(look.now(op.output)[index]))


def _scale_gradient(tape: Tape, op: Op) -> None:
    tape.send(op, op.inputs[0], "scale_scores_grad", (tape.upstream(op),), **op.attributes)


def _later(shape: tuple[int, ...]) -> Array:
    """(key, batch, heads, query): whether the key stands after the query."""
    time = shape[0]
    later = np.tril(np.ones((time, time), dtype=bool), -1)
    return np.ascontiguousarray(np.broadcast_to(later[:, np.newaxis, np.newaxis], shape))


def _mask(bench: Bench, op: Op) -> Sequence[Call]:
    return _put_where_later(bench, op, -math.inf)


def _put_where_later(bench: Bench, op: Op, value: float) -> Sequence[Call]:
    """A copy of the input with `value` wherever the key stands after the query."""
    given, out = bench[op.inputs[0]], bench[op.output]
    return [
        (np.copyto, out, given),
        (np.putmask, out, _later(out.shape), bench.constant(value)),
    ]


def _mask_terms(look: Look, op: Op, index: Index) -> Terms:
    *_, query, key = index
    result = float(look.now(op.output)[index])
    if key <= query:
        return single(alone(cell(look, op.inputs[0], index, "input")), result)
    return single(Term((), "−∞", result), result, "the position comes later: it may not be seen")


def _mask_gradient(tape: Tape, op: Op) -> None:
    tape.send(op, op.inputs[0], "mask_grad", (tape.upstream(op),))


def _mask_backward(bench: Bench, op: Op) -> Sequence[Call]:
    return _put_where_later(bench, op, 0.0)


def _mask_backward_terms(look: Look, op: Op, index: Index) -> Terms:
    *_, query, key = index
    result = float(look.now(op.output)[index])
    if key <= query:
        return single(alone(cell(look, op.inputs[0], index, _UPSTREAM)), result)
    return single(Term((), "0", 0.0), result, "nothing comes back through a masked score")


def _weigh(bench: Bench, op: Op) -> Sequence[Call]:
    return softmax_calls(bench, bench[op.inputs[0]], bench[op.output])


def _weigh_terms(look: Look, op: Op, index: Index) -> Terms:
    (scores,) = op.inputs
    *row, key = index
    time = look.now(scores).shape[3]
    cells = tuple(cell(look, scores, (*row, j), "input") for j in range(time))
    total = " + ".join(f"e^({{{j}}})" for j in range(time))
    result = float(look.now(op.output)[index])
    return single(Term(cells, f"e^({{{key}}}) / ({total})", result), result)


def _weigh_gradient(tape: Tape, op: Op) -> None:
    tape.send(op, op.inputs[0], "attend_grad", (tape.upstream(op), op.output))


def _weigh_backward(bench: Bench, op: Op) -> Sequence[Call]:
    upstream, weights = (bench[name] for name in op.inputs)
    return softmax_grad_calls(bench, upstream, weights, bench[op.output])


def _weigh_backward_terms(look: Look, op: Op, index: Index) -> Terms:
    upstream, weights = op.inputs
    *row, key = index
    own = cell(look, weights, index)
    terms = []
    for j in range(look.now(weights).shape[3]):
        other = cell(look, weights, (*row, j))
        value = own.value * ((j == key) - other.value)
        local = Operand(
            value,
            symbol=f"∂α{subscript(j)}/∂s{subscript(key)}",
            role=_LOCAL,
            origin=Term((own, other), "{0} × (1 − {0})" if j == key else "−{0} × {1}", value),
        )
        terms.append(product(cell(look, upstream, (*row, j), _UPSTREAM), local))
    return Terms(
        tuple(terms),
        float(look.now(op.output)[index]),
        note="the weights of a query add up to 1, so each depends on all its scores: "
        "a row of the softmax's Jacobian",
    )


KINDS: Final = (
    Kind(
        name="attention_scores",
        title="scores",
        sentence="How well the query of one position fits the key of another: multiply them "
        "feature by feature and add up.",
        formula="s = q kᵀ",
        calls=_product(_as_is, _turned, _by_query),
        terms=_product_terms(False, True, ("query", "key")),
        gradient=_scores_gradient,
    ),
    Kind(
        name="query_grad",
        title="gradient of the queries",
        sentence="What came back at each score of the query, times the key it was compared with.",
        formula="∂L/∂q = ∂L/∂s · k",
        calls=_product(_by_query, _as_is),
        terms=_product_terms(False, False, (_UPSTREAM, _LOCAL)),
    ),
    Kind(
        name="key_grad",
        title="gradient of the keys",
        sentence="What came back at each score of the key, times the query that asked.",
        formula="∂L/∂k = (∂L/∂s)ᵀ · q",
        calls=_product(_by_key, _as_is),
        terms=_product_terms(True, False, (_UPSTREAM, _LOCAL)),
    ),
    Kind(
        name="scale_scores",
        title="scores, scaled",
        sentence="Divide by the root of the number of features, so that long vectors do not make "
        "the softmax too sure.",
        formula="s / √{width}",
        calls=_scale,
        terms=_scale_terms,
        gradient=_scale_gradient,
    ),
    Kind(
        name="scale_scores_grad",
        title="gradient of the scores",
        sentence="What came back, divided by the same root.",
        formula="∂L/∂s = ∂L/∂(s / √{width}) / √{width}",
        calls=_scale,
        terms=_scale_backward_terms,
    ),
    Kind(
        name="mask",
        title="scores, masked",
        sentence="No position may look at a later one: those scores become −∞.",
        formula="s where key ≤ query, else −∞",
        calls=_mask,
        terms=_mask_terms,
        gradient=_mask_gradient,
    ),
    Kind(
        name="mask_grad",
        title="gradient before the mask",
        sentence="What came back passes where nothing was masked; elsewhere it is 0.",
        formula="∂L/∂s where key ≤ query, else 0",
        calls=_mask_backward,
        terms=_mask_backward_terms,
    ),
    Kind(
        name="attend",
        title="attention weights",
        sentence="Turn the scores of each query into shares that add up to 1: how much it takes "
        "from each position.",
        formula="αₖ = e^sₖ / Σⱼ e^sⱼ, over the keys",
        calls=_weigh,
        terms=_weigh_terms,
        gradient=_weigh_gradient,
    ),
    Kind(
        name="attend_grad",
        title="gradient through the softmax",
        sentence="What came back at each weight of the query, times how that weight changes with "
        "this score.",
        formula="∂L/∂sₖ = Σⱼ ∂L/∂αⱼ · ∂αⱼ/∂sₖ,  ∂αⱼ/∂sₖ = αₖ ([j = k] − αⱼ)",
        calls=_weigh_backward,
        terms=_weigh_backward_terms,
    ),
    Kind(
        name="mix",
        title="what each head has found",
        sentence="Take from the value of every position as much as the weights say, and add up.",
        formula="c = α v",
        calls=_product(_by_query, _as_is),
        terms=_product_terms(False, False, ("weight", "value")),
        gradient=_mix_gradient,
    ),
    Kind(
        name="attention_weights_grad",
        title="gradient of the attention weights",
        sentence="What came back at each feature the head has found, times the value that was "
        "weighed.",
        formula="∂L/∂α = ∂L/∂c · vᵀ",
        calls=_product(_as_is, _turned, _by_query),
        terms=_product_terms(False, True, (_UPSTREAM, _LOCAL)),
    ),
    Kind(
        name="value_grad",
        title="gradient of the values",
        sentence="What came back at every position that took from this value, times how much it "
        "took.",
        formula="∂L/∂v = αᵀ · ∂L/∂c",
        calls=_product(_by_key, _as_is),
        terms=_product_terms(True, False, (_LOCAL, _UPSTREAM)),
    ),
)
