"""What lies under a sliding window at every place, as the columns of one matrix.

With the patches of an image side by side, a convolution is one matrix product, and so is the
gradient of its weights. Source: Chellapilla, Puri and Simard, "High performance convolutional
neural networks for document processing" (2006).
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from nntui.engine.ops.kind import Bench, Call
from nntui.engine.options import Array
from nntui.engine.window import Window


@dataclass(frozen=True, eq=False)
class Patches:
    """The patches of an image, and how they come about.

    Attributes:
        matrix: (channels · cells of the window + 1, places · batch), the last row ones.
        calls: gather them from the image.
    """

    matrix: Array
    calls: Sequence[Call]


def patches(bench: Bench, x: str, window: Window) -> Patches:
    """The patches of the image `x`: the same for every op that asks."""

    def gather() -> Patches:
        image = bench[x]
        channels, height, width, batch = image.shape
        rows, columns = window.places((height, width))
        calls: list[Call] = []
        if window.has_border:
            bordered = bench.scratch(channels, *window.bordered((height, width)), batch)
            calls.append((operator.setitem, window.inner(bordered), Ellipsis, image))
            image = bordered
        down, across = window.stride
        # (channels, rows, columns, batch, height and width of the window)
        under: Any = sliding_window_view(image, window.kernel, (1, 2))
        under = under[:, ::down, ::across].transpose(0, 4, 5, 1, 2, 3)
        cells = channels * window.count
        matrix = bench.scratch(cells + 1, rows * columns * batch)
        matrix[cells] = 1.0
        calls.append((operator.setitem, matrix[:cells].reshape(under.shape), Ellipsis, under))
        return Patches(matrix, tuple(calls))

    return bench.shared(f"patches of {x} under {window}", gather)


def spread(bench: Bench, parts: Array, window: Window, image: Array) -> list[Call]:
    """The way back: every cell of `image` becomes the sum of what `parts` has for it.

    Args:
        parts: (channels · cells of the window, places · batch).
        image: (channels, height, width, batch).
    """
    channels, height, width, batch = image.shape
    size = height, width
    places = window.places(size)
    target = image
    if window.has_border:
        target = bench.scratch(channels, *window.bordered(size), batch)
    by_cell = parts.reshape(channels, *window.kernel, *places, batch)
    calls: list[Call] = [(operator.setitem, target, Ellipsis, bench.constant(0.0))]
    for p, q in window.offsets():
        strip = window.strip(target, (p, q), places)
        calls.append((np.add, strip, by_cell[:, p, q], strip))
    if window.has_border:
        calls.append((operator.setitem, image, Ellipsis, window.inner(target)))
    return calls
