"""A neuron as a box or as a single line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len

from nntui.ui.format import STALE, label, signed
from nntui.ui.renderables.boxes import HEAVY, ROUND, framed
from nntui.ui.spans import Line, Span, cut, fit, pad, restyle, sign_style, width

Mark = Literal["", "read", "written", "edited"]

MARKS: dict[Mark, str] = {"": " ", "read": "•", "written": "▸", "edited": "✎"}
"""What stands before a number that the current op reads or has written, or that was edited."""

NUMBER = 7
BOX = 14
"""Cells of a box with one number a line."""

PAIRED_BOX = 25
"""Cells of a box with a number and its gradient on a line."""

CELL = 10
"""Cells of a neuron on a single line, without its name."""


@dataclass(frozen=True)
class Reading:
    """One number of a neuron."""

    label: str
    value: float | None
    mark: Mark = ""
    gradient: bool = False
    stale: bool = False


@dataclass(frozen=True)
class Picture:
    """What one neuron shows.

    Attributes:
        rows: its lines; the second reading of a line stands to the right of the first.
        mark: whether the current op reads or writes it.
        selected: whether the neuron cursor is on it.
        below: a word for the lower edge of the box: a probability in percent.
    """

    name: str
    rows: tuple[tuple[Reading, ...], ...]
    mark: Mark = ""
    selected: bool = False
    below: str = ""


def boxed(picture: Picture, cells: int) -> list[Line]:
    """A neuron in a frame; heavy where the current op wrote it."""
    written = picture.mark == "written"
    style = "accent" if written else "dim" if picture.mark == "read" else "border"
    name = cut(picture.name, cells - 2)
    name_style = "strong bold" if written or picture.selected else "text"
    if picture.selected:
        name_style += " reverse"
    body = [_row(row, cells - 2) for row in picture.rows]
    below: Line = ((picture.below, "text bold"),) if picture.below else ()
    return framed(
        body,
        cells,
        len(body) + 2,
        title=((name, name_style),),
        footer=below,
        style=style,
        corners=HEAVY if written else ROUND,
        snug=True,
    )


def celled(picture: Picture, cells: int) -> Line:
    """A neuron in one line: mark, name, its first reading, and briefly the second."""
    reading = picture.rows[0][0] if picture.rows else Reading("", None)
    mark = _mark(reading.mark or picture.mark)
    beside = _beside(picture.rows[0][1]) if picture.rows and len(picture.rows[0]) > 1 else ()
    room = cells - CELL - width(beside)
    name = cut(picture.name, room)
    style = "strong bold" if picture.selected or reading.mark == "written" else "dim"
    line: Line = (
        mark,
        (name, f"{style} reverse" if picture.selected else style),
        (" " * (room - cell_len(name)), "text"),
        _before(reading),
        _number(reading),
        (" ", "text"),
    )
    line = restyle(line, "mark") if reading.mark == "written" else line
    return (*line, *beside)


def _beside(reading: Reading) -> Line:
    """A second number: `  y +1.00`."""
    value = "  ·  " if reading.value is None else f"{label(reading.value):>5}"
    style = sign_style(reading.value) + (" bold" if reading.mark else "")
    return ((f" {reading.label} ", "dim"), (fit(value, 5), style))


def _row(row: tuple[Reading, ...], cells: int) -> Line:
    spans: list[Span] = []
    for k, reading in enumerate(row):
        word = reading.label if k == 0 else reading.label[:1]
        name = fit(word, 2 if k == 0 else 1)
        part: Line = (
            _mark(reading.mark),
            (name, "backward" if reading.gradient else "dim"),
            _before(reading),
            _number(reading),
            (" ", "text"),
        )
        if len(row) == 1:
            part = pad(part, cells)
        spans += restyle(part, "mark") if reading.mark == "written" else part
    return tuple(spans)


def _mark(mark: Mark) -> Span:
    styles = {"written": "accent bold", "edited": "error bold"}
    return (MARKS[mark], styles.get(mark, "accent"))


def _before(reading: Reading) -> Span:
    """What stands right before the number."""
    return (STALE, "error") if reading.stale else (" ", "text")


def _number(reading: Reading) -> Span:
    bold = " italic" if reading.stale else " bold" if reading.mark else ""
    return (signed(reading.value, NUMBER), sign_style(reading.value) + bold)
