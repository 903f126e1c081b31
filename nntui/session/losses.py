"""The losses of a run, and what a plot needs of them."""

from __future__ import annotations

from array import array
from typing import Final, final

import numpy as np

from nntui.session.frame import Curve

_POINTS: Final = 200


@final
class Losses:
    """The loss of every training step, from step 1."""

    def __init__(self) -> None:
        self._values = array("d")

    def __len__(self) -> int:
        return len(self._values)

    def record(self, step: int, loss: float) -> None:
        """Keep the loss of a step; steps come in order, or again after going back."""
        if step <= len(self._values):
            self._values[step - 1] = loss
        else:
            self._values.append(loss)

    def append(self, loss: float) -> None:
        """Keep the loss of the next step."""
        self._values.append(loss)

    def at(self, step: int) -> float | None:
        """The loss of a step, or None where there is none."""
        return self._values[step - 1] if 1 <= step <= len(self._values) else None

    def clear(self) -> None:
        """Forget everything."""
        del self._values[:]

    def curve(self, steps: int) -> Curve:
        """The first `steps` losses, thinned so that no peak is lost."""
        y = np.frombuffer(self._values, np.float64)[:steps] if self._values else np.empty(0)
        x = np.arange(1, len(y) + 1, dtype=np.float64)
        keep = thin(y)
        return Curve(tuple(x[keep].tolist()), tuple(y[keep].tolist()))


def thin(
    y: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Which points to draw: all of a few, of many the smallest and largest of each stretch.

    Non-finite values are kept where they begin.
    """
    count = len(y)
    if count <= 2 * _POINTS:
        return np.arange(count)
    edges = np.linspace(0, count, _POINTS + 1).astype(np.intp)
    filled = np.where(np.isfinite(y), y, np.inf)
    kept = {0, count - 1}
    for start, stop in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        part = filled[start:stop]
        kept.add(start + int(part.argmin()))
        kept.add(start + int(np.where(part == np.inf, -np.inf, part).argmax()))
    bad = np.flatnonzero(~np.isfinite(y))
    if bad.size:
        kept.add(int(bad[0]))
    return np.array(sorted(kept))
