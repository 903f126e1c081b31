"""Tasks on letters: `copy`, `reverse`, `sort`.

A row is letters, a separator, and the answer: `a c b | b c a`. At each time step the network is
asked for the next token; before the answer begins there is no target (−1), since letters drawn at
random cannot be foretold.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, final

import numpy as np

from nntui.engine.data.sequences import MOST_NUMBERS
from nntui.engine.data.source import Labels, SampleCount, Source, Table
from nntui.engine.options import Bounds
from nntui.engine.random import Keyed

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_SEPARATOR: Final = "|"

SymbolCount = Annotated[int, Bounds(ge=1, le=len(_LETTERS))]
LetterCount = Annotated[int, Bounds(ge=1, le=5_000)]


@dataclass(frozen=True, kw_only=True)
class LetterTask(Source, ABC):
    """Letters in, an answer of as many letters out.

    A sequence has 2 · length tokens: the letters, the separator, the answer but for its last.

    Attributes:
        samples: sequences.
        length: letters before the separator.
        symbols: different letters.
    """

    samples: SampleCount = 512
    length: LetterCount = 5
    symbols: SymbolCount = 4

    @abstractmethod
    def answer(self, letters: Labels) -> Labels:
        """The right answers, of the shape (rows, length) that `letters` have."""

    def problem(self) -> tuple[str, str] | None:
        if self.samples * 2 * self.length <= MOST_NUMBERS:
            return None
        return "length", (
            f"{self.samples} sequences of {2 * self.length} tokens are too many; at most "
            f"{MOST_NUMBERS} tokens fit, all together"
        )

    def generate(self, random: Keyed) -> Table:
        count = self.samples * self.length
        letters = random.integers("data.letters", 0, count, self.symbols)
        letters = letters.reshape(self.samples, self.length)
        separator = np.full((self.samples, 1), self.symbols)
        whole = np.concatenate([letters, separator, self.answer(letters)], axis=1)
        y = whole[:, 1:].astype(np.int64)
        y[:, : self.length] = -1
        names = (*_LETTERS[: self.symbols], _SEPARATOR)
        return Table(
            x=whole[:, :-1].astype(np.float64),
            y=y,
            tokens=names,
            outputs=("next token",),
            classes=names,
        )


@final
@dataclass(frozen=True, kw_only=True)
class Copy(LetterTask):
    """The same letters again."""

    type: ClassVar[str] = "copy"

    def answer(self, letters: Labels) -> Labels:
        return letters


@final
@dataclass(frozen=True, kw_only=True)
class Reverse(LetterTask):
    """The letters from the last to the first."""

    type: ClassVar[str] = "reverse"

    def answer(self, letters: Labels) -> Labels:
        return letters[:, ::-1]


@final
@dataclass(frozen=True, kw_only=True)
class Sort(LetterTask):
    """The letters in alphabetical order."""

    type: ClassVar[str] = "sort"
    length: LetterCount = 6
    symbols: SymbolCount = 3

    def answer(self, letters: Labels) -> Labels:
        return np.sort(letters, axis=1)
