"""Images of two players: rows of real ones, and rows of those a generator has made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nntui.session.frame import Frame
from nntui.session.rivalry import Rivalry
from nntui.ui.renderables.tile import Scale, Tile, tile_lines
from nntui.ui.spans import BLANK, Line, pad, stack

_BETWEEN: Final = 1

Image = Sequence[Sequence[float | None]]


def gallery_lines(
    rivalry: Rivalry, frame: Frame, cells: int, rows: int, *, bare: bool
) -> list[Line]:
    """Real images above, fakes below, as many as there is room for, in `cells` × `rows`.

    Args:
        bare: whether colours and half-blocks do not come through.
    """
    _, high, wide = rivalry.shape
    scale = Scale.DIGITS if bare else Scale.HALF
    tall, broad = scale.size(high, wide)
    across = max((cells + _BETWEEN) // (broad + _BETWEEN), 1)
    down = max((rows // 2 - 1) // (tall + 1), 1)
    lines: list[Line] = []
    for title, tensor, fake in (
        ("real", rivalry.real, False),
        ("fake", rivalry.fakes[_player(rivalry, frame)], True),
    ):
        images = frame.rows(tensor)
        first = _page(frame, across * down, len(images))
        chosen = frame.sample % frame.batch if fake == frame.is_fake else None
        count = f"  {first + 1}–{min(first + across * down, len(images))} of {len(images)}"
        lines.append(((title, "text"), (count if images else "  not made yet", "dim")))
        lines += _shelves(rivalry, images, first, across, down, scale, chosen)
    return stack(lines, rows)


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
    across: int,
    down: int,
    scale: Scale,
    chosen: int | None,
) -> list[Line]:
    """Rows of images, each with its number above."""
    _, high, wide = rivalry.shape
    tall, broad = scale.size(high, wide)
    largest = max((abs(v) for image in images for v in image if v is not None), default=0.0)
    lines: list[Line] = []
    for shelf in range(down):
        start = first + shelf * across
        shown = range(start, min(start + across, len(images)))
        tiles = [tile_lines(_tile(images[k], high, wide, largest), scale) for k in shown]
        labels: Line = tuple(
            (str(k + 1).ljust(broad + _BETWEEN), "strong bold reverse" if k == chosen else "dim")
            for k in shown
        )
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
