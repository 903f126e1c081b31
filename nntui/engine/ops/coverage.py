"""How well a generator imitates its data: modes that it covers, and how far two clouds are apart.

Both look at the same samples, made of noise that is always the same. To make and to compare them
takes as long as several training steps, so that is done in every so many steps; in between, the
numbers stay as they are, and so do the counts that they are made of.

Source of the divergence: Lin, "Divergence measures based on the Shannon entropy" (1991).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from nntui.engine.data.source import Modes
from nntui.engine.ops.kind import (
    STEP,
    Bench,
    Call,
    Index,
    Kind,
    Look,
    Operand,
    Term,
    Terms,
    alone,
    constant,
)
from nntui.engine.options import Array
from nntui.engine.program import Op

_SHARE: Final = 0.05
"""Of the samples that would be a mode's if all had as many: those that make it a covered one."""

_BINS: Final = 8
"""Cells of a histogram in each direction."""

_SUBSCRIPTS: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def covered(samples: Array, modes: Modes) -> int:
    """How many modes have samples within reach: a twentieth of what would be their part, or more.

    Args:
        samples: (samples, features).
    """
    return int((near(samples, modes) >= _needed(len(samples), modes)).sum())


def near(samples: Array, modes: Modes) -> Array:
    """How many of (samples, features) each mode has within reach: (modes,)."""
    apart = samples[:, np.newaxis, :] - modes.centres
    counts: Array = (np.square(apart).sum(axis=2) <= modes.reach**2).sum(axis=0)
    return counts


def _needed(samples: int, modes: Modes) -> float:
    """How many samples make a mode a covered one."""
    return max(1.0, _SHARE * samples / len(modes.centres))


class Histogram:
    """Real samples counted in a grid over the field they lie in, to compare others with.

    Args:
        real: (samples, features), one feature or two.

    Attributes:
        real: the share of them in each cell, (cells,); outside of the field is a rim of cells.
    """

    def __init__(self, real: Array) -> None:
        low, high = real.min(axis=0), real.max(axis=0)
        # A hair wider than the field, so that the largest sample is in it.
        self._low, self._width = low, np.maximum(high - low, 1e-12) * (1.0 + 1e-9) / _BINS
        self._axes = real.shape[1]
        self.real: Array = self.counts(real) / len(real)

    def divergence(self, samples: Array) -> float:
        """Jensen and Shannon's divergence to (samples, features), in nats: 0 to ln 2."""
        return self.apart(self.counts(samples))

    def apart(self, counts: Array) -> float:
        """The divergence to samples that have been counted, (cells,)."""
        p, q = self.real, counts / counts.sum()
        middle = (p + q) / 2
        return (_relative(p, middle) + _relative(q, middle)) / 2

    def counts(self, samples: Array) -> Array:
        """How many of (samples, features) are in each cell: (cells,)."""
        place = np.clip(np.floor((samples - self._low) / self._width), -1, _BINS) + 1
        place = np.nan_to_num(place).astype(np.int64)
        flat = place @ (_BINS + 2) ** np.arange(self._axes)
        return np.bincount(flat, minlength=(_BINS + 2) ** self._axes)

    def place(self, cell: int) -> Index:
        """Where a cell is in each direction: 0 and 9 are the rim."""
        return tuple(cell // (_BINS + 2) ** axis % (_BINS + 2) for axis in range(self._axes))


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


Tally = Callable[[Array], Array]
"""Counts samples, (samples, features), in one way or another."""

Verdict = Callable[[Array], float]
"""What the counts come to."""


def _measured(method: Callable[[Op], tuple[Tally, Verdict]]) -> Callable[..., Sequence[Call]]:
    """The calls of an op that counts samples; it keeps what it has counted `beside` its output."""

    def calls(bench: Bench, op: Op) -> Sequence[Call]:
        out, counts = bench[op.output].reshape(()), bench[op.attributes["beside"]]
        columns, (count, judge) = bench[op.attributes["samples"]], method(op)
        rows = columns.reshape(-1, columns.shape[-1]).T

        def look(step: int) -> None:
            if _due(op, step):
                found = count(rows)
                counts[...], out[()] = found, judge(found)

        return [_samples(bench, op), (look, STEP)]

    return calls


def _modes(op: Op) -> tuple[Tally, Verdict]:
    modes: Modes = op.attributes["modes"]
    needed = _needed(op.attributes["rows"], modes)
    return lambda samples: near(samples, modes), lambda counts: float((counts >= needed).sum())


def _modes_terms(look: Look, op: Op, index: Index) -> Terms:
    """A 1 for each covered mode, under its name."""
    counts, rows = look.now(op.attributes["beside"]), int(op.attributes["rows"])
    needed = _needed(rows, op.attributes["modes"])
    terms = [alone(constant(1.0, f"mode {k}")) for k, n in enumerate(counts, 1) if n >= needed]
    listed = ", ".join(f"{n:.0f}" for n in counts)
    note = (
        f"of {rows} samples, {listed} are near modes 1 to {len(counts)}, and {math.ceil(needed)} "
        f"make one covered; {_kept(look, op)}"
    )
    none = alone(constant(0.0, "none"))
    return Terms(tuple(terms) or (none,), float(look.now(op.output)), note=note)


def _divergence(op: Op) -> tuple[Tally, Verdict]:
    histogram: Histogram = op.attributes["histogram"]
    return histogram.counts, histogram.apart


def _divergence_terms(look: Look, op: Op, index: Index) -> Terms:
    """A term for each cell of the grid that has samples: the shares of the real, of the fakes."""
    histogram: Histogram = op.attributes["histogram"]
    counts = look.now(op.attributes["beside"]).astype(np.float64)
    fakes = counts / counts.sum()
    terms = [
        _cell_term(float(histogram.real[k]), float(fakes[k]), histogram.place(k))
        for k in np.flatnonzero(histogram.real + fakes).tolist()
    ]
    note = (
        f"p and q are the shares of samples in a cell of a grid, from 1 to {_BINS} each way; 0 and "
        f"{_BINS + 1} are outside; {_kept(look, op)}"
    )
    return Terms(tuple(terms), float(look.now(op.output)), "({}) / 2", note)


def _cell_term(p: float, q: float, place: Index) -> Term:
    """`p₃₄ × ln(p₃₄/m₃₄) + q₃₄ × ln(q₃₄/m₃₄)`: a share of nothing has no part in it."""
    mark = "".join(map(str, place)).translate(_SUBSCRIPTS)
    m = (p + q) / 2
    middle = Term((constant(p, f"p{mark}"), constant(q, f"q{mark}")), "({0} + {1}) / 2", m)
    shares = [constant(share, f"{name}{mark}") for share, name in ((p, "p"), (q, "q")) if share]
    operands = (*shares, Operand(m, symbol=f"m{mark}", origin=middle))
    last = len(shares)
    template = " + ".join(f"{{{k}}} × ln({{{k}}}/{{{last}}})" for k in range(last))
    return Term(operands, template, sum(o.value * math.log(o.value / m) for o in shares))


def _kept(look: Look, op: Op) -> str:
    """Which step the numbers are from."""
    every = int(op.attributes["every"])
    step = look.step - (look.step - 1) % every
    return f"as it was found in training step {step}, and is in every {every}th"


KINDS: Final = (
    Kind(
        name="modes",
        title="modes covered",
        sentence="How many of the places where real samples crowd the generator has found.",
        formula="modes = those of {of} with samples of G within {reach:g}",
        calls=_measured(_modes),
        terms=_modes_terms,
    ),
    Kind(
        name="divergence",
        title="Jensen–Shannon divergence",
        sentence="How far the fake samples (q) are from the real ones (p), counted in a grid: from "
        "0, where both lie alike, to ln 2, where they do not overlap.",
        formula="JS = ½ Σ p ln(p/m) + ½ Σ q ln(q/m),  m = (p + q)/2",
        calls=_measured(_divergence),
        terms=_divergence_terms,
    ),
)
