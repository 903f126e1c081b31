"""What layers with a sliding window share: the sizes in their options, and whether they fit."""

from __future__ import annotations

from typing import Annotated

from nntui.engine.layers.layer import Shape
from nntui.engine.options import Bounds
from nntui.engine.window import Pair, Window
from nntui.errors import ShapeError

Size = Annotated[int, Bounds(ge=1, le=1000)]
Extent = Size | tuple[Size, Size]
"""A height and a width; one number for both."""


def pair(extent: Extent) -> Pair:
    """The (height, width) that an option stands for."""
    return extent if isinstance(extent, tuple) else (extent, extent)


def spell(size: tuple[int, ...]) -> str:
    """`3×3`."""
    return "×".join(map(str, size))


def image_shape(type_: str, incoming: Shape) -> tuple[int, Pair]:
    """(channels, (height, width)) of the image that comes in.

    Raises:
        ShapeError: it is no image.
    """
    if len(incoming) != 3:
        raise ShapeError(
            f"a {type_} layer takes an image (channels × height × width), but gets "
            f"{spell(incoming)} — put it before flatten and dense layers, and give it data whose x "
            "is nested three deep"
        )
    channels, height, width = incoming
    return channels, (height, width)


def places(window: Window, size: Pair, cure: str) -> Pair:
    """How many (rows, columns) of places the window has on an image of a size.

    Raises:
        ShapeError: the window is larger than the image.
    """
    rows, columns = window.places(size)
    if not rows or not columns:
        image = f"an image of {spell(size)}"
        if window.has_border:
            image += f" ({spell(window.bordered(size))} with its padding)"
        raise ShapeError(
            f"a window of {spell(window.kernel)} does not fit into {image} — {cure}", "kernel_size"
        )
    return rows, columns
