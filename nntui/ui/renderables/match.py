"""Two players from outside: what they fight over on the left, whose turn it is on the right."""

from __future__ import annotations

from typing import Final

from nntui.session.frame import Frame
from nntui.session.turns import turn_at
from nntui.ui.format import STALE, UNKNOWN, percent
from nntui.ui.renderables.gallery import gallery_lines
from nntui.ui.renderables.plane import Plane, outside, plane_lines
from nntui.ui.renderables.turns import turn_lines, turn_name
from nntui.ui.scene import Match
from nntui.ui.spans import BLANK, Line, Span, pad, width

BESIDE: Final = 32
"""Cells of the turns."""

BETWEEN: Final = 2

LEAST: Final = 30
"""Cells of the samples below which there is no room for the turns."""


def match_lines(match: Match, frame: Frame, cells: int, rows: int, *, bare: bool) -> list[Line]:
    """The samples and the turns in `cells` × `rows`.

    Args:
        bare: whether colours and half-blocks do not come through.
    """
    wide = min(cells - BESIDE - BETWEEN, max(2 * rows + 4, 40))
    if wide < LEAST:
        return _samples(match, frame, cells, rows, bare=bare)
    left = _samples(match, frame, wide, rows, bare=bare)
    room = cells - wide - BETWEEN
    right = turn_lines(match.rivalry, frame, match.duel, min(room, BESIDE + BETWEEN), rows)
    right += [BLANK] * (rows - len(right))
    return [(*pad(a, wide + BETWEEN), *b) for a, b in zip(left, right, strict=True)]


def plane_of(match: Match, frame: Frame) -> Plane | None:
    """The plane with everything in it; None where samples are no points."""
    duel = match.duel
    if match.bounds is None:
        return None
    return Plane(
        bounds=match.bounds,
        field=match.field,
        guess=match.rivalry.guess,
        data=match.rivalry.data,
        reals=duel.reals,
        fakes=duel.fakes,
        pushes=duel.arrows,
        stale=frame.behind(_fakes(match, frame)),
        chosen=(frame.is_fake, frame.sample % frame.batch),
    )


def match_caption(match: Match, frame: Frame) -> Line:
    """Whose turn it is, which sample is shown, and how likely D takes it to be real."""
    turn = turn_at(match.rivalry.turns, frame.position.op)
    kind = "fake" if frame.is_fake else "real"
    number, digits = frame.sample % frame.batch + 1, len(str(frame.batch))
    return (
        (f"  {turn_name(turn) if turn else ''}", "accent"),
        (f"  {kind} {number:>{digits}}/{frame.batch}", "dim"),
        (f"  D says {percent(match.chance) or UNKNOWN:>7}", "dim"),
    )


def legend(match: Match, frame: Frame, cells: int, *, bare: bool) -> Line:
    """What the marks are, and how many fakes are out of sight; in fewer words if need be.

    Args:
        bare: whether colours do not come through.
    """
    plane = plane_of(match, frame)
    if plane is None:
        return ()
    whole = _marks(plane, bare=bare, brief=False)
    return whole if width(whole) <= cells else _marks(plane, bare=bare, brief=True)


def _marks(plane: Plane, *, bare: bool, brief: bool) -> Line:
    spans: list[Span] = [("· real  ", "strong"), ("• fake  ", "accent")]
    if plane.stale:
        spans.append((f"{STALE} stale  ", "error"))
    if plane.pushes:
        spans.append(("↗ −∂L_G/∂x  ", "backward"))
    if not brief:
        spans.append(("D says ", "dim"))
    if bare:
        spans.append(("0 fake … 9 real", "dim"))
    else:
        spans += [(" real ", "text field-positive-1"), (" fake ", "text field-negative-1")]
    missing = outside(plane)
    if missing:
        noun = "" if brief else "fake " if missing == 1 else "fakes "
        spans.insert(0, (f"{missing} {noun}outside  ", "dim"))
    return tuple(spans)


def _fakes(match: Match, frame: Frame) -> str:
    """The tensor of the fakes that are shown: of the pass that was reached last."""
    made = (name for name in match.rivalry.fakes.values() if name in frame.arrays)
    return next((name for name in made if name not in frame.known), "")


def _samples(match: Match, frame: Frame, cells: int, rows: int, *, bare: bool) -> list[Line]:
    plane = plane_of(match, frame)
    if plane is not None:
        return plane_lines(plane, cells, rows, bare=bare)
    return gallery_lines(match.rivalry, frame, cells, rows, bare=bare)
