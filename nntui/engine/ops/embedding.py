"""Looking up rows of a table by token id, and the gradient of that: adding up by row.

a = W[x], so a row's gradient is the sum of ∂L/∂a over all positions that hold its token, and 0
where none does. An id outside the table, which only an edit can make, reads the nearest row.
Source: Mikolov et al. (2013); the layout is that of PyTorch's `nn.Embedding`.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from nntui.engine.ops.kind import (
    Bench,
    Call,
    Index,
    Kind,
    Look,
    Term,
    Terms,
    alone,
    cell,
    single,
)
from nntui.engine.options import Array
from nntui.engine.program import Op
from nntui.engine.tensor import columns

if TYPE_CHECKING:
    from nntui.engine.autodiff import Tape


def _row(token: float, rows: int) -> int:
    """The row that a token id names."""
    return int(np.fmin(np.fmax(token, 0.0), rows - 1))


def _rows(bench: Bench, ids: Array, rows: int) -> tuple[Array, list[Call]]:
    """The rows that token ids name, (columns,) integers, and the calls that find them."""
    flat = ids.real.reshape(-1)
    inside = bench.scratch(*flat.shape, dtype=flat.dtype)
    found = bench.scratch(*flat.shape, dtype=np.intp)
    return found, [
        (np.fmax, flat, np.array(0.0, flat.dtype), inside),
        (np.fmin, inside, np.array(rows - 1, flat.dtype), inside),
        (operator.setitem, found, Ellipsis, inside),
    ]


def _forward(bench: Bench, op: Op) -> Sequence[Call]:
    weight, out = bench[op.inputs[1]], columns(bench[op.output])
    found, calls = _rows(bench, bench[op.inputs[0]], len(weight))
    taken = bench.scratch(*out.T.shape)
    return [
        *calls,
        (weight.take, found, 0, taken, "clip"),
        (operator.setitem, out, Ellipsis, taken.T),
    ]


def _forward_terms(look: Look, op: Op, index: Index) -> Terms:
    x, weight = op.inputs
    *position, unit = index
    token = cell(look, x, tuple(position), "token")
    row = _row(token.value, len(look.now(weight)))
    own = cell(look, weight, (row, unit), "weight")
    result = float(look.now(op.output)[index])
    return single(
        Term((own, token), "{0}", own.value), result, f"token {{1}}: row {row + 1} of the table"
    )


def _gradient(tape: Tape, op: Op) -> None:
    x, weight = op.inputs
    tape.send(op, weight, "embedding_grad", (tape.upstream(op), x))


def _backward(bench: Bench, op: Op) -> Sequence[Call]:
    upstream, out = columns(bench[op.inputs[0]]), bench[op.output]
    values = upstream.reshape(-1)
    assert np.may_share_memory(values, upstream)
    rows, units = out.shape
    found, calls = _rows(bench, bench[op.inputs[1]], rows)
    start = bench.scratch(*found.shape, dtype=np.intp)
    cells = bench.scratch(*upstream.shape, dtype=np.intp)
    unit = np.arange(units)[:, np.newaxis]
    return [
        *calls,
        (np.multiply, found, np.array(units), start),
        (np.add, unit, start, cells),
        (out.fill, 0.0),
        (np.add.at, out.reshape(-1), cells.reshape(-1), values),
    ]


def _backward_terms(look: Look, op: Op, index: Index) -> Terms:
    upstream, x = op.inputs
    row, unit = index
    ids = look.now(x)
    rows = len(look.now(op.output))
    hits = [at for at in np.ndindex(*ids.shape) if _row(float(ids[at]), rows) == row]
    result = float(look.now(op.output)[index])
    if not hits:
        return single(Term((), "0", 0.0), result, "no position of the batch holds this token")
    terms = tuple(alone(cell(look, upstream, (*at, unit), "upstream gradient")) for at in hits)
    return Terms(terms, result, note=_hits(hits))


def _hits(hits: Sequence[Index]) -> str:
    """Which positions of the batch hold the token."""
    samples = len({at[0] for at in hits})
    where = f"{len(hits)} positions" if len(hits) > 1 else "one position"
    return f"the token stands at {where}, in {samples} of the samples"


KINDS: Final = (
    Kind(
        name="embedding",
        title="embedding",
        sentence="Look up the token's row in the table: the numbers that stand for it.",
        formula="a = W[x]",
        calls=_forward,
        terms=_forward_terms,
        gradient=_gradient,
    ),
    Kind(
        name="embedding_grad",
        title="gradient of the table",
        sentence="Add up what came back at every position that holds a token, in the token's row.",
        formula="∂L/∂W[k] = Σ ∂L/∂a where x = k",
        calls=_backward,
        terms=_backward_terms,
    ),
)
