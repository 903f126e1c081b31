"""`text`: which character comes next?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, final

import numpy as np

from nntui.engine.data.sequences import MOST_NUMBERS
from nntui.engine.data.source import MOST_SAMPLES, SampleCount, Source, Table
from nntui.engine.options import Bounds, Passage
from nntui.engine.random import Keyed

MOST_CHARACTERS: Final = 1_000_000

_USUAL_LENGTH: Final = 16


@dataclass(frozen=True, kw_only=True)
class Windows:
    """How a text is cut into windows.

    Attributes:
        length: characters of a window; None for 16, or all but the last of a shorter text.
        stride: characters from the start of one window to that of the next.
        samples: so many of the windows, chosen at random and kept in order; None for all.
        each_step: ask for the next character at each time step, and not only at the end.
    """

    length: Annotated[int, Bounds(ge=1, le=10_000)] | None = None
    stride: Annotated[int, Bounds(ge=1, le=MOST_CHARACTERS)] = 1
    samples: SampleCount | None = None
    each_step: bool = True


@final
@dataclass(frozen=True, kw_only=True)
class Text(Windows, Source):
    """Windows of a text; the target of each character is the one after it.

    Tokens are the characters of the text, numbered as they first occur.

    Attributes:
        text: what to read.
    """

    type: ClassVar[str] = "text"
    text: Annotated[str, Passage(MOST_CHARACTERS)]

    def problem(self) -> tuple[str, str] | None:
        characters = len(self.text)
        if characters < 2:
            return "text", "needs two characters or more: one to see, and one to foretell"
        if self._length() >= characters:
            return "length", (
                f"the text has {characters} characters, so a window has {characters - 1} at most"
            )
        windows = self._windows()
        if self.samples is not None and self.samples > windows:
            return "samples", f"there are only {windows} windows"
        rows = self.samples or windows
        if rows > MOST_SAMPLES or rows * self._length() > MOST_NUMBERS:
            return "samples", (
                f"{rows} windows of {self._length()} characters are too many; at most "
                f"{MOST_SAMPLES} windows and {MOST_NUMBERS} characters fit — set samples, or a "
                "larger stride"
            )
        return None

    def generate(self, random: Keyed) -> Table:
        names = tuple(dict.fromkeys(self.text))
        number = {name: k for k, name in enumerate(names)}
        ids = np.fromiter(map(number.__getitem__, self.text), np.int64, len(self.text))
        windows = np.lib.stride_tricks.sliding_window_view(ids, self._length() + 1)
        windows = windows[:: self.stride]
        if self.samples is not None:
            order = random.permutation("samples", 0, len(windows))
            windows = windows[np.sort(order[: self.samples])]
        return Table(
            x=windows[:, :-1].astype(np.float64),
            y=windows[:, 1:].copy() if self.each_step else windows[:, -1].copy(),
            tokens=names,
            outputs=("next character",),
            classes=names,
        )

    def _length(self) -> int:
        return self.length or min(_USUAL_LENGTH, len(self.text) - 1)

    def _windows(self) -> int:
        return (len(self.text) - 1 - self._length()) // self.stride + 1
