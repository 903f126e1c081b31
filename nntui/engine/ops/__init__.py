"""The op table: one op, one row, by the name a record gives it."""

from typing import Final

from nntui.engine.ops import (
    activation,
    attention,
    binary,
    conv,
    coverage,
    cross_entropy,
    data,
    directions,
    dropout,
    embedding,
    encoding,
    flatten,
    gate,
    gradient,
    heads,
    linear,
    loss,
    match,
    max_pool,
    moments,
    norm,
    penalty,
    pool,
    remember,
    samples,
    skip,
    softmax,
    som,
    step_affine,
    unroll,
    update,
    verdict,
)
from nntui.engine.ops.kind import Kind

__all__ = ["TABLE", "Kind"]

TABLE: Final[dict[str, Kind]] = {
    kind.name: kind
    for family in (
        data, samples, linear, conv, max_pool, pool, unroll, step_affine, gate, remember, embedding,
        encoding, heads, attention, skip, flatten, activation, softmax, norm, dropout, loss, binary,
        cross_entropy, verdict, penalty, coverage, gradient, moments, directions, update, som,
        match,
    )
    for kind in family.KINDS
}  # fmt: skip
