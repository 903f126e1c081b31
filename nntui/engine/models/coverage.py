"""`Coverage`: how well a generator imitates its data, while it trains and once it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, final

from nntui.engine.builder import Builder
from nntui.engine.model import Dataset, Measure
from nntui.engine.ops.coverage import Histogram, covered
from nntui.engine.options import Array
from nntui.engine.program import Op
from nntui.engine.tensor import Record

MODES: Final = "modes"
DIVERGENCE: Final = "js"

_MOST_FEATURES: Final = 2
"""Of samples whose density can be told by counting them in a grid."""


@final
class Coverage:
    """What can be measured of fake samples, with the data they are to be like.

    Attributes:
        modes, histogram: None where the data has no known modes, or too many features to count in.
    """

    def __init__(self, dataset: Dataset) -> None:
        x = dataset.train.x
        flat = x.reshape(len(x), -1)
        self.modes = dataset.modes
        self.histogram = Histogram(flat) if flat.shape[1] <= _MOST_FEATURES else None

    def __bool__(self) -> bool:
        return self.modes is not None or self.histogram is not None

    def measures(self, samples: Array) -> Mapping[str, Measure]:
        """Of some samples, (samples, features…)."""
        flat = samples.reshape(len(samples), -1)
        found: dict[str, Measure] = {}
        if self.modes is not None:
            found[MODES] = Measure(covered(flat, self.modes))
        if self.histogram is not None:
            found[DIVERGENCE] = Measure(self.histogram.divergence(flat))
        return found

    def append(self, builder: Builder, making: Sequence[Op], samples: str, every: int) -> None:
        """Append the ops that measure `samples` in every so many training steps.

        Args:
            making: the ops that make the samples; they run only then.
        """
        rows = builder.tensors[samples].shape[-1]
        options = {"pass": tuple(making), "samples": samples, "every": every, "rows": rows}
        if self.modes is not None:
            count, reach = len(self.modes.centres), self.modes.reach
            options |= {"modes": self.modes, "of": count, "reach": reach}
            self._append(builder, "modes", MODES, "modes", count, options)
        if self.histogram is not None:
            options |= {"histogram": self.histogram}
            count = len(self.histogram.real)
            self._append(builder, "divergence", DIVERGENCE, "JS", count, options)

    def _append(
        self,
        builder: Builder,
        kind: str,
        output: str,
        symbol: str,
        count: int,
        options: Mapping[str, Any],
    ) -> None:
        """Append an op, with its output and with as many counts as it is made of."""
        builder.tensor(output, (1,), symbol, Record(0.0), scalar=True)
        beside = builder.tensor(f"{output} counts", (count,), "n", Record(0.0))
        builder.op(kind, (), output, beside=beside, **options)
