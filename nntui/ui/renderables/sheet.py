"""What the operation pane sets: an explanation in blocks, in more detail or in less.

Where not all of it fits, a line of the calculation is shortened or left out as a whole: a part of
it would say something else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, final

from nntui.session.frame import Explanation
from nntui.ui.format import STALE
from nntui.ui.renderables.formula import MOST_TERMS, equation, labelled, some
from nntui.ui.renderables.notes import note_lines
from nntui.ui.spans import Line, cut, plain, width, wrap_words

LEAST_NOTE: Final = 2
"""Lines of the scenario's notes that lines of the calculation make room for."""

GOOD_NOTE: Final = 4
"""Lines of the scenario's notes that long sums make room for."""

Drawn = tuple[list[Line], bool]
"""A figure as it is drawn, and whether its numbers can be read."""

NO_FIGURE: Final[Drawn] = ([], False)


@final
@dataclass(frozen=True)
class Block:
    """Lines that stand together; of blocks that do not all fit, the least important go first.

    Attributes:
        needed: how many of its first lines have to be there.
        spaced: whether a blank line goes before it where there is room.
        prose: whether its beginning is shown where not all of it fits.
    """

    lines: list[Line]
    rank: int
    needed: int = 0
    spaced: bool = True
    prose: bool = False

    def beginning(self, rows: int, cells: int) -> Block:
        """Its first lines, with a sign that there is more."""
        *before, (text, style) = self.lines[rows - 1]
        last: Line = (*before, (cut(f"{text} …", cells - width(tuple(before))), style))
        return replace(self, lines=[*self.lines[: rows - 1], last])


@final
@dataclass(frozen=True)
class Detail:
    """How much of an explanation is written out.

    Attributes:
        most: the most terms of a sum.
        lines: the numbers of the lines of the calculation that are there.
        chain: whether the chain rule is there.
        following: whether what comes next is.
        roomy: whether there has to be room for all that is said in words, too.
    """

    most: int
    lines: tuple[int, ...]
    chain: bool = True
    following: bool = True
    roomy: bool = False

    def without(self, line: int) -> Detail:
        """The same but for a line of the calculation."""
        return replace(self, lines=tuple(k for k in self.lines if k != line))


@final
class Sheet:
    """An explanation in so many cells.

    Args:
        shape: of the op's output.
        term: the number of the term being worked on, None where the element is done.
        stale: why the result is stale; empty where it is not.
    """

    def __init__(
        self,
        explanation: Explanation,
        cells: int,
        shape: tuple[int, ...],
        term: int | None,
        stale: str,
    ) -> None:
        self.explanation = explanation
        self.cells = cells
        self._shape = shape
        self._term = term
        self._stale = stale
        self._calculations: dict[tuple[int, tuple[int, ...]], Block] = {}

    def blocks(self, detail: Detail, drawn: Drawn, least: int) -> list[Block]:
        """What there is to show, from top to bottom.

        Args:
            drawn: the figure.
            least: how many lines of a note have to be there.
        """
        figure = [_whole(drawn[0], 8)] if drawn[0] else []
        chain = self._chain if detail.chain else []
        notes = [replace(b, needed=min(least, len(b.lines))) for b in self._notes]
        calculation = self._calculation(detail)
        repeated = self.explanation.formula in map(plain, calculation.lines[:1])
        formula = [] if repeated else self._formula
        return [*self._before, *formula, *figure, calculation, *chain, *self._remark, *notes]

    def details(self, drawn: Drawn, least: int) -> Iterator[Detail]:
        """Ways to write it, from the one that takes the most room to the smallest.

        First long sums lose their middles. Then goes what says little more than the rest does: the
        chain rule of one term among many, the lines of the calculation between its numbers and its
        result, what comes next. Then the symbols go, and at last the numbers; before them where
        they are in a figure, and never where a figure has colours only.

        Args:
            drawn: the figure.
            least: how many lines of a note have to be there; for a good many, only sums get short.
        """
        figure, legible = drawn
        count = len(self.explanation.lines)
        every = tuple(range(count))
        for most in (6, 4) if figure else (MOST_TERMS, 8, 6, 4):
            yield Detail(most, every, roomy=True)
        yield Detail(4, every)
        detail = Detail(3, every)
        yield detail
        if self.explanation.terms > 1:
            yield (detail := replace(detail, chain=False))
        if least > LEAST_NOTE:
            return
        if self.explanation.faults:  # which the terms worked out show best
            yield (detail := replace(detail, most=1))
        for k in range(count - 2, 0 if legible else 1, -1):
            yield (detail := detail.without(k))
        if not legible:
            yield (detail := replace(detail, most=1))
        if least:
            yield (detail := replace(detail, following=False))
        yield (detail := replace(detail, most=1, chain=False))
        for k in range(min(count - 1, 1) if figure else count - 1):
            yield (detail := detail.without(k))

    def _calculation(self, detail: Detail) -> Block:
        key = (detail.most, detail.lines)
        if key not in self._calculations:
            explanation = self.explanation
            lines = some(explanation.lines, detail.lines)
            written = equation(lines, self.cells, self._term, detail.most, explanation.faults)
            self._calculations[key] = _whole(written, 12)
        return self._calculations[key]

    @cached_property
    def _before(self) -> list[Block]:
        """What stands at the top: the op's name, and what it does."""
        explanation, cells = self.explanation, self.cells
        head = _head(explanation, cells, self._shape)
        blocks = [Block(head, 10, len(head), spaced=False, prose=True)]
        if self._stale:
            blocks.append(_whole(_stale(self._stale, cells), 11))
        if explanation.sentence:
            blocks.append(Block(wrap_words(explanation.sentence, cells, "dim"), 3, spaced=False))
        return blocks

    @cached_property
    def _formula(self) -> list[Block]:
        formula = self.explanation.formula
        return [Block([((cut(formula, self.cells), "text italic"),)], 5)] if formula else []

    @cached_property
    def _chain(self) -> list[Block]:
        chain = self.explanation.chain
        return [_whole(labelled(chain, self.cells), 7)] if chain else []

    @cached_property
    def _remark(self) -> list[Block]:
        note = self.explanation.note
        return [Block(wrap_words(note, self.cells, "dim italic"), 4)] if note else []

    @cached_property
    def _notes(self) -> list[Block]:
        lessons = self.explanation.lessons
        return [Block(note_lines(lessons, self.cells), 6, prose=True)] if lessons else []


def _whole(lines: list[Line], rank: int) -> Block:
    """A block of which all lines have to be there."""
    return Block(lines, rank, len(lines))


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
