"""Sequences as layers take them: (time, features)."""

from __future__ import annotations

from typing import Final

from nntui.engine.layers.layer import Shape
from nntui.errors import ShapeError

_CURES: Final = {
    1: "put an embedding before token ids, or set return_sequences = true in the layer before it",
    3: "images are for conv2d layers",
}
"""What to do about what is no sequence, by its number of axes."""


def expect_sequence(what: str, incoming: Shape) -> None:
    """See to it that samples are sequences.

    Args:
        what: the layer, for the message: "attention", "a transformer_block".

    Raises:
        ShapeError: they are not.
    """
    if len(incoming) == 2:
        return
    cure = _CURES.get(len(incoming), "")
    raise ShapeError(
        f"{what} takes sequences, a row of features for each time step, but gets "
        f"{'×'.join(map(str, incoming))}" + (f" — {cure}" if cure else "")
    )
