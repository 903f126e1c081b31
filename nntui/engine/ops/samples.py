"""Noise, and real and fake samples in one batch."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

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

if TYPE_CHECKING:
    from nntui.engine.autodiff import Tape


def _noise(bench: Bench, op: Op) -> Sequence[Call]:
    return [bench.normal(op.attributes["stream"], bench[op.output])]


def _noise_terms(look: Look, op: Op, index: Index) -> Terms:
    value = float(look.now(op.output)[index])
    return single(alone(constant(value, "z")), value, note="a draw from N(0, 1)")


def _join(bench: Bench, op: Op) -> Sequence[Call]:
    real, fake = (bench[name] for name in op.inputs)
    out, batch = bench[op.output], real.shape[-1]
    return [
        (operator.setitem, out[..., :batch], Ellipsis, real),
        (operator.setitem, out[..., batch:], Ellipsis, fake),
    ]


def _join_terms(look: Look, op: Op, index: Index) -> Terms:
    real, fake = op.inputs
    sample, *rest = index
    batch = len(look.now(real))
    tensor, at = (real, sample) if sample < batch else (fake, sample - batch)
    source = cell(look, tensor, (at, *rest), "input")
    return single(alone(source), float(look.now(op.output)[index]))


def _join_gradient(tape: Tape, op: Op) -> None:
    for part, name in enumerate(op.inputs):
        tape.send(op, name, "join_grad", (tape.upstream(op),), part=part)


def _part_of(bench: Bench, op: Op) -> Sequence[Call]:
    upstream, out = bench[op.inputs[0]], bench[op.output]
    first = op.attributes["part"] * out.shape[-1]
    return [(operator.setitem, out, Ellipsis, upstream[..., first : first + out.shape[-1]])]


def _part_of_terms(look: Look, op: Op, index: Index) -> Terms:
    sample, *rest = index
    first = op.attributes["part"] * len(look.now(op.output))
    source = cell(look, op.inputs[0], (first + sample, *rest), "upstream gradient")
    return single(alone(source), float(look.now(op.output)[index]))


def _part(bench: Bench, op: Op) -> Sequence[Call]:
    return []


def _part_terms(look: Look, op: Op, index: Index) -> Terms:
    sample, *rest = index
    first = op.attributes["part"] * len(look.now(op.output))
    source = cell(look, op.inputs[0], (first + sample, *rest))
    return single(alone(source), float(look.now(op.output)[index]))


KINDS: Final = (
    Kind(
        name="noise",
        title="noise",
        sentence="Draw the numbers that the generator makes samples of.",
        formula="z ~ N(0, 1)",
        calls=_noise,
        terms=_noise_terms,
    ),
    Kind(
        name="join",
        title="real and fake",
        sentence="Put what belongs to the real samples before what belongs to the fake ones.",
        formula="[real; fake]",
        calls=_join,
        terms=_join_terms,
        gradient=_join_gradient,
    ),
    Kind(
        name="part",
        title="answers",
        sentence="What the discriminator says of the samples of one of the two batches.",
        formula="{formula}",
        calls=_part,
        terms=_part_terms,
    ),
    Kind(
        name="join_grad",
        title="gradient, taken apart",
        sentence="Each part takes its own rows of what came back.",
        formula="∂L/∂a = rows of ∂L/∂[real; fake]",
        calls=_part_of,
        terms=_part_of_terms,
    ),
)
