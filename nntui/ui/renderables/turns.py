"""The turns of two players, part by part: what is done, what is under way, who is frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final

from rich.cells import cell_len

from nntui.session.column import Column
from nntui.session.frame import Frame
from nntui.session.gan import Duel
from nntui.session.rivalry import Rivalry, Stage, short_name
from nntui.session.turns import Turn, turn_at
from nntui.ui.format import UNKNOWN
from nntui.ui.format import loss as loss_text
from nntui.ui.spans import BLANK, Line, Span, crop, cut, width

HATCH: Final = "▨"
"""What a network is marked with that is gone through and stays as it is."""


def turn_name(turn: Turn) -> str:
    """`D step`, or `D step 1/2` of several."""
    count = f" {turn.number}/{turn.of}" if turn.of > 1 else ""
    return f"{short_name(turn.player)} step{count}"


def turn_lines(rivalry: Rivalry, frame: Frame, duel: Duel, cells: int, rows: int) -> list[Line]:
    """The turns of a training step in `cells` × `rows`; where they do not fit, the one at hand."""
    here = turn_at(rivalry.turns, frame.position.op)
    blocks = {turn: _turn(rivalry, frame, duel, turn, cells) for turn in rivalry.turns}
    whole = sum(map(len, blocks.values()))
    if whole > rows:
        return blocks[here][:rows] if here else []
    gap = [BLANK] if whole + len(blocks) - 1 <= rows else []
    lines: list[Line] = []
    for block in blocks.values():
        lines += [*(gap if lines else ()), *block]
    return lines


def banner(areas: Sequence[tuple[Column, int, int]], player: str, cells: int) -> Line:
    """A line over the columns of two networks: `── G learns ── ▨▨ D frozen ▨▨▨▨▨▨▨`.

    Args:
        areas: the columns in view, and from where to where they stand.
        player: whose turn it is; empty for no one's.
    """
    line: list[Span] = []
    at = 0
    for name, group in groupby(areas, key=lambda area: area[0].player):
        shown = list(group)
        start, stop = max(shown[0][1], at), min(shown[-1][2], cells)
        if not name:
            continue
        frozen = shown[0][0].frozen
        word = "frozen" if frozen else "learns" if name == player else ""
        rule, style = (HATCH, "backward") if frozen else ("─", "accent")
        said = " ".join(filter(None, (short_name(name), word)))
        room = stop - start
        texts = (f"{rule * 2} {said} ", f"{rule} {said}", said, f"{rule} {short_name(name)}")
        text = next((text for text in texts if cell_len(text) <= room), cut(said, room))
        text += rule * (room - cell_len(text))
        line += [(" " * (start - at), "text"), (text, style)]
        at = stop
    return tuple(line)


def _turn(rivalry: Rivalry, frame: Frame, duel: Duel, turn: Turn, cells: int) -> list[Line]:
    op = frame.position.op
    style = "accent bold" if turn.first <= op <= turn.last else "text"
    real = rivalry.labels[0]
    judged = rivalry.answers[0].startswith(f"{turn.player}.")
    smooth: Line = ((f"real label {real:g}", "dim"),) if judged and real != 1.0 else ()
    lines = [_spread(((turn_name(turn), style),), smooth, cells)]
    number = rivalry.turns.index(turn)
    # What a turn has computed is gone once the same player has another.
    kept = turn.first <= op and (op <= turn.last or turn.number == turn.of)
    gone = turn.last < op and not kept
    for stage in (stage for stage in rivalry.stages if stage.turn == number):
        loss = duel.losses[turn.player] if kept else None
        lines.append(_stage(stage, "" if gone else _number(loss), op, cells))
        if judged and stage.loss:
            parts = dict(zip(("real", "fake"), duel.halves, strict=True))
            if rivalry.penalty:
                parts["penalty"] = duel.penalty
            lines.append(BLANK if gone else _parts(parts, kept, cells))
    return lines


def _stage(stage: Stage, loss: str, op: int, cells: int) -> Line:
    begun = op >= stage.first
    mark, style = "  ", "dim"
    if begun:
        under_way = op <= stage.last
        mark, style = ("▸ ", "strong bold") if under_way else ("✓ ", "text")
    left: Line = ((mark, "accent bold"), (stage.text, style))
    right: Line = ()
    if stage.frozen:
        word = f"{HATCH} {short_name(stage.frozen)} frozen"
        right = ((word, "backward" if begun else "dim"),)
    elif stage.loss:
        right = ((loss, "strong" if begun else "dim"),)
    return _spread(left, right, cells)


def _parts(parts: Mapping[str, float | None], kept: bool, cells: int) -> Line:
    """What L_D is the sum of: `real 0.71 + fake 0.64`, and the penalty where there is one."""
    shown = (f"{name} {_number(part if kept else None):>6}" for name, part in parts.items())
    return crop(((f"    {' + '.join(shown)}", "dim"),), cells)


def _number(value: float | None) -> str:
    return UNKNOWN if value is None else loss_text(value).strip()


def _spread(left: Line, right: Line, cells: int) -> Line:
    """One part at the left edge, one at the right."""
    gap = max(cells - width(left) - width(right), 1)
    return crop((*left, (" " * gap, "text"), *right), cells)
