"""What gates do with a memory: let through a share of it, write to it, fade from old to new.

An LSTM's cell: c⟨t⟩ = f⟨t⟩ ⊙ c⟨t−1⟩ + i⟨t⟩ ⊙ g⟨t⟩ and h⟨t⟩ = o⟨t⟩ ⊙ tanh c⟨t⟩. On the way back
∂L/∂c⟨t−1⟩ = ∂L/∂c⟨t⟩ ⊙ f⟨t⟩: no weight, no squashing, so a gradient lasts as long as the forget
gate lets it. A GRU's state: h⟨t⟩ = (1 − z⟨t⟩) ⊙ n⟨t⟩ + z⟨t⟩ ⊙ h⟨t−1⟩.
Sources: Hochreiter and Schmidhuber, "Long short-term memory" (1997); Cho et al., "Learning phrase
representations using RNN encoder-decoder" (2014), with the update gate the way PyTorch has it.
"""

from __future__ import annotations

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
    product,
    single,
)
from nntui.engine.ops.places import settle
from nntui.engine.ops.whole import append_whole, step_index
from nntui.engine.program import Op

if TYPE_CHECKING:
    from nntui.engine.autodiff import Tape


def _gated(bench: Bench, op: Op) -> Sequence[Call]:
    gate, memory = (bench[name] for name in op.inputs)
    return [(np.multiply, gate, memory, bench[op.output])]


def _gated_terms(look: Look, op: Op, index: Index) -> Terms:
    term = product(*(cell(look, name, index) for name in op.inputs))
    return single(term, float(look.now(op.output)[index]))


def _gated_gradient(tape: Tape, op: Op) -> None:
    gate, memory = op.inputs
    for name, other in ((gate, memory), (memory, gate)):
        if tape.needs(name):
            _send_product(tape, op, name, other)


def _send_product(tape: Tape, op: Op, tensor: str, local: str) -> None:
    """Send a tensor the upstream gradient times a local derivative that is a tensor itself."""
    tensors = tape.builder.tensors
    symbols = {
        "symbol": tensors[tensor].symbol,
        "upstream": tensors[op.output].symbol,
        "local": tensors[local].symbol,
    }
    tape.send(op, tensor, "product_grad", (tape.upstream(op), local), **symbols)


def _product(bench: Bench, op: Op) -> Sequence[Call]:
    upstream, local = (bench[name] for name in op.inputs)
    return [(np.multiply, upstream, local, bench[op.output])]


def _product_terms(look: Look, op: Op, index: Index) -> Terms:
    upstream, local = op.inputs
    term = product(
        cell(look, upstream, index, "upstream gradient"),
        cell(look, local, index, "local derivative"),
    )
    return single(term, float(look.now(op.output)[index]))


def _write(bench: Bench, op: Op) -> Sequence[Call]:
    kept, new = (bench[name] for name in op.inputs)
    return [(np.add, kept, new, bench[op.output])]


def _write_terms(look: Look, op: Op, index: Index) -> Terms:
    terms = tuple(alone(cell(look, name, index)) for name in op.inputs)
    return Terms(terms, float(look.now(op.output)[index]))


def _write_gradient(tape: Tape, op: Op) -> None:
    tensors = tape.builder.tensors
    for name in op.inputs:
        symbols = {"to_symbol": tensors[name].symbol, "symbol": tensors[op.output].symbol}
        tape.relay(op, name, "same_grad", **symbols)


def _same(bench: Bench, op: Op) -> Sequence[Call]:
    return settle(bench[op.inputs[0]], bench[op.output])


def _same_terms(look: Look, op: Op, index: Index) -> Terms:
    given = cell(look, op.inputs[0], index, "upstream gradient")
    return single(alone(given), float(look.now(op.output)[index]))


def _fade(bench: Bench, op: Op) -> Sequence[Call]:
    """(1 − z) n + z h as n + z (h − n): a product less."""
    z, n, h = (bench[name] for name in op.inputs)
    out = bench[op.output]
    part, other = bench.scratch(*out.shape), bench.scratch(*out.shape)
    return [
        (np.subtract, h, n, part),
        (np.multiply, z, part, other),
        (np.add, n, other, out),
    ]


def _fade_terms(look: Look, op: Op, index: Index) -> Terms:
    z, n, h = (cell(look, name, index) for name in op.inputs)
    new = Term((z, n), "(1 − {0}) × {1}", (1.0 - z.value) * n.value)
    return Terms((new, product(z, h)), float(look.now(op.output)[index]))


def _fade_gradient(tape: Tape, op: Op) -> None:
    builder, z, n, h = tape.builder, *op.inputs
    wholes, t = op.attributes["wholes"], op.attributes["t"]
    layer = op.layer
    change, rest = f"{layer}.change", f"{layer}.rest"
    if change not in builder.tensors:
        # The local derivatives of all time steps, before the way back begins.
        append_whole(builder, "difference", (wholes["h"], wholes["n"]), change, "(h − n)")
        append_whole(builder, "complement", (wholes["z"],), rest, "(1 − z)")
    _send_product(tape, op, z, f"{change}.t{t}")
    _send_product(tape, op, n, f"{rest}.t{t}")
    if tape.needs(h):
        _send_product(tape, op, h, z)


def _difference(bench: Bench, op: Op) -> Sequence[Call]:
    h, n = (bench[name] for name in op.inputs)
    return [(np.subtract, h, n, bench[op.output])]


def _difference_terms(look: Look, op: Op, index: Index) -> Terms:
    h, n = (cell(look, *step_index(op, k, index)) for k in range(2))
    return single(Term((h, n), "{0} − {1}", h.value - n.value), float(look.now(op.output)[index]))


def _complement(bench: Bench, op: Op) -> Sequence[Call]:
    return [(np.subtract, bench.constant(1.0), bench[op.inputs[0]], bench[op.output])]


def _complement_terms(look: Look, op: Op, index: Index) -> Terms:
    z = cell(look, *step_index(op, 0, index))
    return single(Term((z,), "1 − {0}", 1.0 - z.value), float(look.now(op.output)[index]))


KINDS: Final = (
    Kind(
        name="gated",
        title="what the gate lets through",
        sentence="{sentence}",
        formula="{formula}",
        calls=_gated,
        terms=_gated_terms,
        gradient=_gated_gradient,
    ),
    Kind(
        name="product_grad",
        title="gradient through a product",
        sentence="What came back at the product, times what this number was multiplied with.",
        formula="∂L/∂{symbol} = ∂L/∂{upstream} ⊙ {local}",
        calls=_product,
        terms=_product_terms,
    ),
    Kind(
        name="remember",
        title="cell state",
        sentence="The memory after this time step: what it kept, and what was written to it.",
        formula="{formula}",
        calls=_write,
        terms=_write_terms,
        gradient=_write_gradient,
    ),
    Kind(
        name="same_grad",
        title="gradient, passed on",
        sentence="A sum passes the gradient on to each of its parts unchanged.",
        formula="∂L/∂{to_symbol} = ∂L/∂{symbol}",
        calls=_same,
        terms=_same_terms,
    ),
    Kind(
        name="cross_fade",
        title="hidden state",
        sentence="Fade from the candidate to the old state: where the update gate is 1 the old "
        "state stays, where it is 0 the candidate takes its place.",
        formula="{formula}",
        calls=_fade,
        terms=_fade_terms,
        gradient=_fade_gradient,
    ),
    Kind(
        name="difference",
        title="old state less candidate, at all time steps",
        sentence="How the state changes with the update gate: from the candidate to the old state.",
        formula="∂h/∂z = h⟨t−1⟩ − n⟨t⟩",
        calls=_difference,
        terms=_difference_terms,
    ),
    Kind(
        name="complement",
        title="share of the candidate, at all time steps",
        sentence="How the state changes with the candidate: by what the update gate leaves.",
        formula="∂h/∂n = 1 − z⟨t⟩",
        calls=_complement,
        terms=_complement_terms,
    ),
)
