"""How well a generator imitates its data: modes that it covers, and how far two clouds are apart.

Both look at the same samples, made of noise that is always the same. To make and to compare them
takes as long as several training steps, so that is done in every so many steps; in between, the
numbers stay as they are.

Source of the divergence: Lin, "Divergence measures based on the Shannon entropy" (1991).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from nntui.engine.data.source import Modes
from nntui.engine.ops.kind import (
    STEP,
    Bench,
    Call,
    Index,
    Kind,
    Look,
    Terms,
    alone,
    constant,
    single,
)
from nntui.engine.options import Array
from nntui.engine.program import Op

_SHARE: Final = 0.05
"""Of the samples that would be a mode's if all had as many: those that make it a covered one."""

_BINS: Final = 8
"""Cells of a histogram in each direction."""


def covered(samples: Array, modes: Modes) -> int:
    """How many modes have samples within reach: a twentieth of what would be their part, or more.

    Args:
        samples: (samples, features).
    """
    apart = samples[:, np.newaxis, :] - modes.centres
    near = (np.square(apart).sum(axis=2) <= modes.reach**2).sum(axis=0)
    return int((near >= max(1.0, _SHARE * len(samples) / len(modes.centres))).sum())


class Histogram:
    """Real samples counted in a grid over the field they lie in, to compare others with.

    Args:
        real: (samples, features), one feature or two.
    """

    def __init__(self, real: Array) -> None:
        low, high = real.min(axis=0), real.max(axis=0)
        # A hair wider than the field, so that the largest sample is in it.
        self._low, self._width = low, np.maximum(high - low, 1e-12) * (1.0 + 1e-9) / _BINS
        self._cells = (_BINS + 2) ** real.shape[1]
        self._real = self._shares(real)

    def divergence(self, samples: Array) -> float:
        """Jensen and Shannon's divergence to (samples, features), in nats: 0 to ln 2."""
        p, q = self._real, self._shares(samples)
        middle = (p + q) / 2
        return (_relative(p, middle) + _relative(q, middle)) / 2

    def _shares(self, samples: Array) -> Array:
        """The share of samples in each cell; outside of the field there is a rim of cells."""
        place = np.clip(np.floor((samples - self._low) / self._width), -1, _BINS) + 1
        place = np.nan_to_num(place).astype(np.int64)
        flat = place @ (_BINS + 2) ** np.arange(samples.shape[1])
        return np.bincount(flat, minlength=self._cells) / len(samples)


def _relative(p: Array, q: Array) -> float:
    """Σ p ln (p / q), over the cells where p is above 0."""
    some = p > 0
    return float((p[some] * np.log(p[some] / q[some])).sum())


def _due(op: Op, step: int) -> bool:
    return (step - 1) % int(op.attributes["every"]) == 0


def _samples(bench: Bench, op: Op) -> Call:
    """The call that makes the samples, where they are due: one for all that look at them."""

    def make() -> Call:
        calls = [call for part in op.attributes["pass"] for call in part.kind.calls(bench, part)]

        def run(step: int) -> None:
            if _due(op, step):
                for function, *arguments in calls:
                    function(*(0 if a is STEP else a for a in arguments))

        return (run, STEP)

    return bench.shared("samples to measure", make)


def _measured(measure: Callable[[Op], Callable[[Array], float]]) -> Callable[..., Sequence[Call]]:
    """The calls of an op that measures samples."""

    def calls(bench: Bench, op: Op) -> Sequence[Call]:
        out, judge = bench[op.output].reshape(()), measure(op)
        columns = bench[op.attributes["samples"]]
        rows = columns.reshape(-1, columns.shape[-1]).T

        def look(step: int) -> None:
            if _due(op, step):
                out[()] = judge(rows)

        return [_samples(bench, op), (look, STEP)]

    return calls


def _count(op: Op) -> Callable[[Array], float]:
    modes: Modes = op.attributes["modes"]
    return lambda samples: float(covered(samples, modes))


def _divergence(op: Op) -> Callable[[Array], float]:
    histogram: Histogram = op.attributes["histogram"]
    return histogram.divergence


def _terms(look: Look, op: Op, index: Index) -> Terms:
    value, every = float(look.now(op.output)), int(op.attributes["every"])
    step = look.step - (look.step - 1) % every
    note = f"as it was found in training step {step}, and is in every {every}th"
    return single(alone(constant(value, op.output)), value, note)


def _kind(name: str, title: str, formula: str, sentence: str, calls: Any) -> Kind:
    return Kind(
        name=name, title=title, sentence=sentence, formula=formula, calls=calls, terms=_terms
    )


KINDS: Final = (
    _kind(
        "modes",
        "modes covered",
        "modes = those of {of} with samples of G within {reach:g}",
        "How many of the places where real samples crowd the generator has found.",
        _measured(_count),
    ),
    _kind(
        "divergence",
        "Jensen–Shannon divergence",
        "JS = ½ Σ p ln(p/m) + ½ Σ q ln(q/m),  m = (p + q)/2",
        "How far the fake samples (q) are from the real ones (p), counted in a grid: from 0, where "
        "both lie alike, to ln 2, where they do not overlap.",
        _measured(_divergence),
    ),
)
