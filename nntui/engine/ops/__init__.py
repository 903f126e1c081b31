"""The op table: one op, one row, by the name a record gives it."""

from typing import Final

from nntui.engine.ops import (
    activation,
    binary,
    conv,
    cross_entropy,
    data,
    directions,
    dropout,
    embedding,
    flatten,
    gradient,
    linear,
    loss,
    max_pool,
    moments,
    norm,
    penalty,
    pool,
    softmax,
    update,
)
from nntui.engine.ops.kind import Kind

__all__ = ["TABLE", "Kind"]

TABLE: Final[dict[str, Kind]] = {
    kind.name: kind
    for family in (
        data, linear, conv, max_pool, pool, embedding, flatten, activation, softmax, norm, dropout,
        loss, binary, cross_entropy, penalty, gradient, moments, directions, update,
    )
    for kind in family.KINDS
}  # fmt: skip
