"""The losses of two adversaries, out of what one of them says of real and of fake samples.

A discriminator D gives each sample the probability that it is real; a generator G makes samples
G(z) of noise z. D minimises L_D = −mean ln D(x) − mean ln(1 − D(G(z))); G minimises
L_G = −mean ln D(G(z)), or mean ln(1 − D(G(z))) in the saturating form. Both compare D's answers
with labels, one for each batch of samples that was judged: binary cross-entropy summed over the
batches, with PyTorch's guards against log 0.

Source: Goodfellow et al., "Generative adversarial nets" (2014); smooth labels: Salimans et al.,
"Improved techniques for training GANs" (2016).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from nntui.engine.ops.binary import LOG_FLOOR, SLOPE_FLOOR, floored
from nntui.engine.ops.kernels import clip, logistic, softplus
from nntui.engine.ops.kind import (
    Bench,
    Call,
    Index,
    Kind,
    Look,
    Term,
    Terms,
    alone,
    attribute,
    cell,
    constant,
)
from nntui.engine.ops.loss import derivative_terms, scaled
from nntui.engine.options import Array
from nntui.engine.program import Op

if TYPE_CHECKING:
    from nntui.engine.autodiff import Tape


VERDICT: Final = "verdict"
LOGITS_VERDICT: Final = "verdict_logits"
VERDICTS: Final = (VERDICT, LOGITS_VERDICT)
"""The kinds of loss: out of probabilities, and out of logits."""


def verdict_formula(about: Sequence[str], labels: Sequence[float], sign: float, answer: str) -> str:
    """The loss as a textbook writes it: `−mean ln D(x) − mean ln(1 − D(G(z)))`.

    Args:
        about: what each batch consists of: "x", "G(z)".
        answer: how an answer becomes a probability: "D({})", or "σ(D({}))" of a logit.
    """
    parts = []
    for samples, label in zip(about, labels, strict=True):
        p = answer.format(samples)
        yes, no = f"ln {p}", f"ln(1 − {p})"
        if label in (0.0, 1.0):
            parts.append(f"mean {yes if label else no}")
        else:
            parts.append(f"mean({label:g} {yes} + {1.0 - label:g} {no})")
    return " + ".join(parts) if sign < 0 else f"−{' − '.join(parts)}"


def _labels(bench: Bench, op: Op, a: Array) -> Array:
    """The label of each answer, in the shape of the answers."""
    y, labels = bench.scratch(*a.shape), op.attributes["labels"]
    batch = a.shape[-1] // len(labels)
    for k, label in enumerate(labels):
        y[..., k * batch : (k + 1) * batch] = label
    return y


def _label(look: Look, op: Op, index: Index) -> float:
    labels: Sequence[float] = op.attributes["labels"]
    return labels[index[0] // _batch(look, op)]


def _batch(look: Look, op: Op) -> int:
    """Samples in each of the batches that were judged."""
    return len(look.now(op.attributes["answers"])) // len(op.attributes["labels"])


def _summed(bench: Bench, op: Op, a: Array, logs: Array, factor: float) -> list[Call]:
    """The loss out of ln p and ln(1 − p) of each answer, (2, …), each times `factor`."""
    y, weights = _labels(bench, op, a), bench.scratch(*logs.shape)
    weights[0], weights[1] = y, 1.0 - y
    total = bench.scratch(1)
    factor *= -attribute(op, "sign") * len(op.attributes["labels"]) / a.size
    return [
        (weights.reshape(-1).dot, logs.reshape(-1), total.reshape(())),
        (np.multiply, total, bench.constant(factor), bench[op.output]),
    ]


def _verdict(bench: Bench, op: Op) -> Sequence[Call]:
    a = bench[op.inputs[0]]
    logs, kept = bench.scratch(2, *a.shape), bench.scratch(2, *a.shape)
    return [
        (np.log, a, logs[0]),
        (np.negative, a, logs[1]),
        (np.log1p, logs[1], logs[1]),
        (clip, logs, bench.constant(LOG_FLOOR), bench.constant(math.inf), kept),
        *_summed(bench, op, a, kept, 1.0),
    ]


def _verdict_logits(bench: Bench, op: Op) -> Sequence[Call]:
    # ln σ(z) = −softplus(−z) and ln(1 − σ(z)) = −softplus(z): exact at both ends.
    z = bench[op.inputs[0]]
    logs = bench.scratch(2, *z.shape)
    return [
        (np.negative, z, logs[0]),
        (operator.setitem, logs, 1, z),
        *softplus(bench, logs, logs),
        *_summed(bench, op, z, logs, -1.0),
    ]


def _verdict_terms(look: Look, op: Op, index: Index) -> Terms:
    def logarithms(a: float) -> tuple[tuple[float, str], tuple[float, str]]:
        with np.errstate(all="ignore"):
            yes, no = float(np.log(a)), float(np.log1p(-a))
        return floored(yes, "ln({0})"), floored(no, "ln(1 − {0})")

    return _loss_terms(look, op, logarithms)


def _verdict_logits_terms(look: Look, op: Op, index: Index) -> Terms:
    def logarithms(z: float) -> tuple[tuple[float, str], tuple[float, str]]:
        yes, no = -float(np.logaddexp(-z, 0)), -float(np.logaddexp(z, 0))
        return (yes, "ln(σ({0}))"), (no, "ln(1 − σ({0}))")

    return _loss_terms(look, op, logarithms)


def _loss_terms(
    look: Look, op: Op, logarithms: Callable[[float], tuple[tuple[float, str], tuple[float, str]]]
) -> Terms:
    """A summand for each answer; `logarithms` are ln p and ln(1 − p), with how they are written."""
    minus, sign = ("−", -1.0) if attribute(op, "sign") > 0 else ("", 1.0)
    terms = []
    for i in np.ndindex(*look.now(op.inputs[0]).shape):
        own, label = cell(look, op.inputs[0], i), _label(look, op, i)
        (yes, yes_written), (no, no_written) = logarithms(own.value)
        if label in (0.0, 1.0):
            value, written = (yes, yes_written) if label else (no, no_written)
            terms.append(Term((own,), minus + written, sign * value))
        else:
            written = f"{minus}({{1}} × {yes_written} + (1 − {{1}}) × {no_written})"
            value = sign * (label * yes + (1.0 - label) * no)
            terms.append(Term((own, constant(label, "y")), written, value))
    batch = _batch(look, op)
    wrap = f"({{}}) / {batch}" if batch > 1 else ""
    return Terms(tuple(terms), float(look.now(op.output)), wrap, _note(batch, len(terms)))


def _note(batch: int, answers: int) -> str:
    if batch == 1:
        return ""
    both = " real samples and the as many fake ones, each" if answers > batch else " samples"
    return f"the mean over the {batch}{both} of the batch"


def _verdict_gradient(tape: Tape, op: Op) -> None:
    (a,) = op.inputs
    options = {key: op.attributes[key] for key in ("labels", "sign", "answers")}
    options["minus"] = "" if attribute(op, "sign") > 0 else "−"
    tape.send(op, a, f"{op.kind.name}_grad", (tape.upstream(op), a), **options)


def _factor(op: Op, a: Array) -> float:
    return attribute(op, "sign") * len(op.attributes["labels"]) / a.size


def _verdict_backward(bench: Bench, op: Op) -> Sequence[Call]:
    a, out = bench[op.inputs[1]], bench[op.output]
    rest, slope, ratio = (bench.scratch(*a.shape) for _ in range(3))
    floor = bench.constant(SLOPE_FLOOR)
    return [
        (np.subtract, bench.constant(1.0), a, rest),
        (np.multiply, rest, a, rest),
        (clip, rest, floor, bench.constant(math.inf), slope),
        (np.subtract, a, _labels(bench, op, a), ratio),
        (np.divide, ratio, slope, ratio),
        *scaled(bench, op, ratio, out, _factor(op, a)),
    ]


def _verdict_backward_terms(look: Look, op: Op, index: Index) -> Terms:
    a = cell(look, op.inputs[1], index)
    near = a.value * (1.0 - a.value) < SLOPE_FLOOR
    divisor = f"{SLOPE_FLOOR:g}" if near else "({0} × (1 − {0}))"
    return _derivative(look, op, index, f"({{0}} − {{1}}) / {divisor}")


def _verdict_logits_backward(bench: Bench, op: Op) -> Sequence[Call]:
    z, out = bench[op.inputs[1]], bench[op.output]
    p = bench.scratch(*z.shape)
    return [
        *logistic(bench, z, p),
        (np.subtract, p, _labels(bench, op, z), p),
        *scaled(bench, op, p, out, _factor(op, z)),
    ]


def _verdict_logits_backward_terms(look: Look, op: Op, index: Index) -> Terms:
    return _derivative(look, op, index, "σ({0}) − {1}")


def _derivative(look: Look, op: Op, index: Index, written: str) -> Terms:
    operands = (cell(look, op.inputs[1], index), constant(_label(look, op, index), "y"))
    written = written if attribute(op, "sign") > 0 else f"−({written})"
    return derivative_terms(look, op, index, _batch(look, op), written, operands)


# --- the sum of the players' losses ---------------------------------------------------------------


def _sum(bench: Bench, op: Op) -> Sequence[Call]:
    one, other = (bench[name] for name in op.inputs)
    return [(np.add, one, other, bench[op.output])]


def _sum_terms(look: Look, op: Op, index: Index) -> Terms:
    terms = tuple(alone(cell(look, name, ())) for name in op.inputs)
    return Terms(terms, float(look.now(op.output)))


def _verdict_kinds(
    name: str,
    back: str,
    calls: Callable[[Bench, Op], Sequence[Call]],
    terms: Callable[[Look, Op, Index], Terms],
    back_calls: Callable[[Bench, Op], Sequence[Call]],
    back_terms: Callable[[Look, Op, Index], Terms],
) -> tuple[Kind, Kind]:
    """The rows of a loss of answers and of its gradient."""
    return (
        Kind(
            name=name,
            title="loss",
            sentence="How surprised one would be by the labels, were the discriminator's answers "
            "right.",
            formula="{formula}",
            calls=calls,
            terms=terms,
            gradient=_verdict_gradient,
        ),
        Kind(
            name=f"{name}_grad",
            title="gradient of the loss",
            sentence="How the loss changes with each answer: y is the label it is compared with.",
            formula=back,
            calls=back_calls,
            terms=back_terms,
        ),
    )


KINDS: Final = (
    *_verdict_kinds(
        VERDICT,
        "∂L/∂a = {minus}(a − y) / (a (1 − a)) / B",
        _verdict,
        _verdict_terms,
        _verdict_backward,
        _verdict_backward_terms,
    ),
    *_verdict_kinds(
        LOGITS_VERDICT,
        "∂L/∂z = {minus}(σ(z) − y) / B",
        _verdict_logits,
        _verdict_logits_terms,
        _verdict_logits_backward,
        _verdict_logits_backward_terms,
    ),
    Kind(
        name="sum_losses",
        title="loss",
        sentence="Both losses together. Each player minimises its own; no one minimises the sum.",
        formula="L = L_D + L_G",
        calls=_sum,
        terms=_sum_terms,
    ),
)
