"""The op at the cursor in words and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from nntui.session.frame import Explanation
from nntui.ui.format import STALE
from nntui.ui.renderables.figure import figure_lines
from nntui.ui.renderables.formula import MOST_TERMS, equation, labelled
from nntui.ui.renderables.notes import note_lines
from nntui.ui.spans import BLANK, Line, cut, plain, stack, width, wrap_words

LEAST_FORMULA = 4
"""Lines that a figure leaves to the op's name and its formula."""


@dataclass(frozen=True)
class Block:
    """Lines that stand together; of blocks that do not all fit, the least important go first."""

    lines: list[Line]
    rank: int
    spaced: bool = True
    """Whether a blank line goes before it where there is room."""
    prose: bool = False
    """Whether its beginning is shown where not all of it fits."""


def operation_lines(
    explanation: Explanation,
    cells: int,
    rows: int,
    *,
    shape: tuple[int, ...] = (),
    term: int | None = None,
    stale: str = "",
) -> list[Line]:
    """An explanation in `cells` × `rows`; what comes next stands on the last line.

    Args:
        shape: of the op's output.
        term: the number of the term being worked on, None where the element is done.
        stale: why the result is stale; empty where it is not.
    """
    following: list[Line] = []
    if explanation.following and rows > 4:
        following = [(("next  ", "dim"), (cut(explanation.following, cells - 6), "text"))]
    room = rows - len(following)
    drawn = figure_lines(explanation.figure, cells, room - LEAST_FORMULA)
    for most in (MOST_TERMS, 8, 6, 4) if not drawn else (6, 4):
        blocks = _blocks(explanation, cells, shape, term, most, drawn)
        if stale:
            blocks.insert(1, Block(_stale(stale, cells), 11))
        if _height(blocks) <= room:
            break
    while len(blocks) > (3 if drawn else 2) and _height(blocks) > room:
        least = min(blocks, key=lambda block: block.rank)
        rest = len(least.lines) - (_height(blocks) - room)
        if least.prose and rest > 0:
            blocks[blocks.index(least)] = _beginning(least, rest, cells)
        else:
            blocks.remove(least)
    if _height(blocks) > room:
        blocks[-1] = _shortened(blocks[-1], room - _height(blocks[:-1]))
    slack = room - _height(blocks)
    out: list[Line] = []
    gaps = sorted((b.rank for b in blocks if b.spaced), reverse=True)[: max(0, slack)]
    for block in blocks:
        if block.spaced and block.rank in gaps and out:
            out.append(BLANK)
        out += block.lines
    return stack(out, room) + following


def _height(blocks: Sequence[Block]) -> int:
    return sum(len(block.lines) for block in blocks)


def _shortened(block: Block, rows: int) -> Block:
    """Its first line and its last ones: the result is never lost."""
    if rows < 2:
        return Block(block.lines[-max(rows, 1) :], block.rank, block.spaced)
    return Block([block.lines[0], *block.lines[1 - rows :]], block.rank, block.spaced)


def _beginning(block: Block, rows: int, cells: int) -> Block:
    """Its first lines, with a sign that there is more."""
    *before, (text, style) = block.lines[rows - 1]
    last: Line = (*before, (cut(f"{text} …", cells - width(tuple(before))), style))
    return replace(block, lines=[*block.lines[: rows - 1], last])


def _blocks(
    explanation: Explanation,
    cells: int,
    shape: tuple[int, ...],
    term: int | None,
    most: int,
    drawn: list[Line],
) -> list[Block]:
    blocks = [Block(_head(explanation, cells, shape), 10, spaced=False)]
    if explanation.sentence:
        blocks.append(Block(wrap_words(explanation.sentence, cells, "dim"), 3, spaced=False))
    worked = equation(explanation.lines, cells, term, most)
    if explanation.formula and explanation.formula not in map(plain, worked[:1]):
        blocks.append(Block([((cut(explanation.formula, cells), "text italic"),)], 5))
    if drawn:
        blocks.append(Block(drawn, 8))
    blocks.append(Block(worked, 9))
    if explanation.chain:
        blocks.append(Block(labelled(explanation.chain, cells), 7))
    if explanation.note:
        blocks.append(Block(wrap_words(explanation.note, cells, "dim italic"), 4))
    if explanation.lessons:
        blocks.append(Block(note_lines(explanation.lessons, cells), 6, prose=True))
    return blocks


def _stale(text: str, cells: int) -> list[Line]:
    words = f"{text}: now it would come out differently."
    lines = wrap_words(words, cells - 2, "error")
    return [
        ((f"{STALE} " if k == 0 else "  ", "error bold"), *line) for k, line in enumerate(lines)
    ]


def _head(explanation: Explanation, cells: int, shape: tuple[int, ...]) -> list[Line]:
    name: Line = ((cut(explanation.name, cells), "strong bold"),)
    title = explanation.title
    sizes = " × ".join(map(str, shape)) if shape else ""
    line: Line = (*name, ("  ", "text"), (title, "accent")) if title else name
    if width(line) > cells:
        return [name, ((cut(title, cells), "accent"),)]
    room = cells - width(line) - len(sizes)
    return [(*line, (" " * room, "text"), (sizes, "dim"))] if sizes and room >= 2 else [line]
