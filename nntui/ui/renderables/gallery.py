"""Images of two players: rows of real ones, and rows of those a generator has made.

Real ones are above the fakes, or beside them where that is too high for whole images.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nntui.session.frame import Frame
from nntui.session.rivalry import Rivalry
from nntui.ui.renderables.tile import Scale, Tile, tile_lines
from nntui.ui.spans import BLANK, Line, pad, stack

_BETWEEN: Final = 1
_APART: Final = 2
"""Cells between images, and between real and fake ones beside each other."""

Image = Sequence[Sequence[float | None]]


@dataclass(frozen=True)
class Hanging:
    """How images hang: in rows of so many, real ones above the fakes or beside them.

    Attributes:
        beside: whether the fakes are on the right.
        numbered: whether each image has its number above.
        across: images in a row.
        reals, fakes: rows of them.
    """

    beside: bool
    numbered: bool
    across: int
    reals: int
    fakes: int


def hanging(tall: int, broad: int, cells: int, rows: int) -> Hanging | None:
    """The first way in which whole images of `tall` × `broad` fit; None where none does.

    What is left over goes to the fakes.
    """
    for beside, numbered in ((False, True), (True, True), (False, False), (True, False)):
        wide = (cells - _APART) // 2 if beside else cells
        across = (wide + _BETWEEN) // (broad + _BETWEEN)
        high = tall + numbered
        down = (rows - 1) // high if beside else (rows - 2) // high
        if across and down >= (1 if beside else 2):
            reals = down if beside else down // 2
            return Hanging(beside, numbered, across, reals, down if beside else down - reals)
    return None


def gallery_lines(
    rivalry: Rivalry, frame: Frame, cells: int, rows: int, *, bare: bool
) -> list[Line]:
    """Real images and fakes, as many as there is room for, in `cells` × `rows`.

    Args:
        bare: whether colours and half-blocks do not come through.
    """
    _, high, wide = rivalry.shape
    scale = Scale.DIGITS if bare else Scale.HALF
    tall, broad = scale.size(high, wide)
    way = hanging(tall, broad, cells, rows)
    cut = way is None
    way = way or Hanging(cells >= 2 * broad + _APART, False, 1, 1, 1)
    blocks: list[list[Line]] = []
    for title, tensor, fake, down in (
        ("real", rivalry.real, False, way.reals),
        ("fake", rivalry.fakes[_player(rivalry, frame)], True, way.fakes),
    ):
        images = frame.rows(tensor)
        room = way.across * down
        first = _page(frame, room, len(images))
        chosen = frame.sample % frame.batch if fake == frame.is_fake else None
        last = min(first + room, len(images))
        which = f"{first + 1}–{last}" if last > first + 1 else f"{last}"
        count = f"  {which} of {len(images)}{', cut' if cut else ''}"
        head: Line = ((title, "text"), (count if images else "  not made yet", "dim"))
        blocks.append([head, *_shelves(rivalry, images, first, down, way, scale, chosen)])
    real, fakes = blocks
    if not way.beside:
        if cut:
            real = real[: rows // 2]
        return stack([*real, *fakes], rows)
    half = (cells - _APART) // 2
    pairs = zip(stack(real, rows), stack(fakes, rows), strict=True)
    return [(*pad(left, half + _APART), *right) for left, right in pairs]


def _player(rivalry: Rivalry, frame: Frame) -> str:
    """Whose turn it is."""
    return frame.op.player if frame.op and frame.op.player else rivalry.turns[0].player


def _page(frame: Frame, room: int, count: int) -> int:
    """The first image of the page that has the shown sample."""
    return min(frame.sample % frame.batch // room * room, max(count - room, 0))


def _shelves(
    rivalry: Rivalry,
    images: Sequence[Sequence[float | None]],
    first: int,
    down: int,
    way: Hanging,
    scale: Scale,
    chosen: int | None,
) -> list[Line]:
    """Rows of images."""
    _, high, wide = rivalry.shape
    tall, broad = scale.size(high, wide)
    largest = max((abs(v) for image in images for v in image if v is not None), default=0.0)
    lines: list[Line] = []
    for shelf in range(down):
        start = first + shelf * way.across
        shown = range(start, min(start + way.across, len(images)))
        tiles = [tile_lines(_tile(images[k], high, wide, largest), scale) for k in shown]
        labels: Line = tuple(
            (str(k + 1).ljust(broad + _BETWEEN), "strong bold reverse" if k == chosen else "dim")
            for k in shown
        )
        if way.numbered:
            lines.append(labels or BLANK)
        for row in range(tall):
            line: Line = ()
            for tile in tiles:
                line = (*line, *pad(tile[row], broad + _BETWEEN))
            lines.append(line or BLANK)
    return lines


def _tile(image: Sequence[float | None], high: int, wide: int, largest: float) -> Tile:
    """The first channel of an image."""
    return Tile([image[row * wide : (row + 1) * wide] for row in range(high)], largest)
