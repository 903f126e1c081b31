"""What may come next: the most probable classes with bars, the wanted one marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nntui.session.frame import Frame, Network
from nntui.ui.format import UNKNOWN
from nntui.ui.renderables.bars import long_bar
from nntui.ui.renderables.tokens import tokens_of
from nntui.ui.spans import BLANK, Line, crop, cut, fit

MOST: Final = 5
"""Classes that are listed."""

NAME: Final = 8
"""Cells of a name at most."""

_BAR: Final = 20
_SHARE: Final = 9
"""Cells of a percentage, with the blanks around it."""


def chance_lines(
    names: Sequence[str],
    chances: Sequence[float | None],
    cells: int,
    *,
    marked: int | None = None,
    note: str = "wanted",
    most: int = MOST,
) -> list[Line]:
    """The most probable classes, a line each, and the marked one among them wherever it stands.

    Args:
        marked: the class that is wanted, or that was chosen.
        note: what stands beside it.
    """
    size = min(max(map(len, names), default=1), NAME)
    known = [(chance, k) for k, chance in enumerate(chances) if chance is not None]
    if len(known) < len(names):
        return [((UNKNOWN, "faint"),), *[BLANK] * (min(most, len(names)) - 1)]
    order = [k for _, k in sorted(known, key=lambda pair: (-pair[0], pair[1]))]
    shown = order[:most]
    if marked is not None and marked not in shown:
        shown[-1] = marked
    bar = max(min(_BAR, cells - size - 1 - _SHARE - len(note) - 2), 4)
    lines: list[Line] = []
    for k in shown:
        chance, here = chances[k], k == marked
        style = "accent bold" if here else "text"
        share = 0.0 if chance is None else chance
        line: Line = (
            (fit(names[k], size + 1), style),
            *long_bar(share, bar, "accent" if here else "dim"),
            (f" {share:>6.1%}".ljust(_SHARE), style),
            (f"◂ {note}" if here else "", "accent"),
        )
        lines.append(crop(line, cells))
    return lines


def answer_lines(network: Network, frame: Frame, step: int, cells: int) -> list[Line]:
    """What the network says at a time step, from 0, and all it says beside what it should.

    At time steps that have no target there is nothing that it should say.
    """
    names, wanted = network.targets, wanted_at(network, frame, step)
    count = len(names)
    flat = frame.row(network.chances)
    chances = flat[step * count : (step + 1) * count] if flat else [None] * count
    tokens = tokens_of(network, frame)
    after = f" after {tokens[step]}" if tokens else ""
    lines: list[Line] = [((cut(f"time step {step + 1}{after}", cells), "dim"),)]
    lines += chance_lines(names, chances, cells, marked=wanted)
    said, should = _sequences(network, frame)
    if said:
        lines += [BLANK, *_beside(names, said, should, cells)]
    return lines


def wanted_at(network: Network, frame: Frame, step: int) -> int | None:
    """The class that is the target at a time step; None where there is none, or not yet."""
    targets = frame.row(network.target) if network.target else ()
    value = targets[step] if step < len(targets) else None
    return None if value is None or value < 0 else int(value)


def last_asked(network: Network, frame: Frame) -> int:
    """The last time step that has a target, from 0."""
    time = network.columns[-1].time
    asked = [t for t in range(time) if wanted_at(network, frame, t) is not None]
    return asked[-1] if asked else time - 1


def _sequences(network: Network, frame: Frame) -> tuple[list[int], list[int]]:
    """What is most probable wherever there is a target, and the targets."""
    count, flat = len(network.targets), frame.row(network.chances)
    said: list[int] = []
    should: list[int] = []
    for t in range(network.columns[-1].time if flat else 0):
        values = [value for value in flat[t * count : (t + 1) * count] if value is not None]
        wanted = wanted_at(network, frame, t)
        if wanted is not None and len(values) == count:
            said.append(values.index(max(values)))
            should.append(wanted)
    return said, should


def _beside(
    names: Sequence[str], said: Sequence[int], should: Sequence[int], cells: int
) -> list[Line]:
    """`says   a b c` and below it `wanted a b d`, what is right standing out."""
    words = ("says", "wanted")
    room = cells - max(map(len, words)) - 1
    size = min(max(len(names[k]) for k in (*said, *should)), NAME) + 1
    first = max(len(said) - max(room // size, 1), 0)
    lines: list[Line] = []
    for word, row in zip(words, (said, should), strict=True):
        spans = [(fit(word, len(words[1]) + 1), "dim")]
        for k, other in zip(row[first:], should[first:], strict=True):
            style = "text" if word == "wanted" else "accent bold" if k == other else "error"
            spans.append((fit(cut(names[k], size - 1), size), style))
        lines.append(crop(tuple(spans), cells))
    return lines
