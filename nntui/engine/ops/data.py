"""Loading a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nntui.engine.ops.kind import Bench, Call, Index, Kind, Look, Terms, alone, cell, single
from nntui.engine.program import Op


def _calls(bench: Bench, op: Op) -> Sequence[Call]:
    return [bench.loader(op.output)]


def _terms(look: Look, op: Op, index: Index) -> Terms:
    own = cell(look, op.output, index)
    return single(alone(own), own.value)


KINDS: Final = (
    Kind(
        name="batch",
        title="inputs",
        sentence="Take the next samples of the training data as the network's inputs.",
        formula="x = rows of the data",
        calls=_calls,
        terms=_terms,
    ),
    Kind(
        name="targets",
        title="targets",
        sentence="Take what the network should answer for these samples.",
        formula="y = targets of the same rows",
        calls=_calls,
        terms=_terms,
    ),
)
