"""A network that continues a prompt: what has been said so far, and by which chances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nntui.session.generate import Choice
from nntui.ui.renderables.chances import chance_lines
from nntui.ui.spans import BLANK, Line, Span, wrap_words

TEMPERATURES: Final = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
"""From greedy to bold."""


@dataclass(frozen=True)
class Page:
    """What is shown.

    Attributes:
        tokens: the name of each.
        time: how many the network sees at once.
        prompt: the text that is being written, or was.
        said: the tokens of the prompt and those that followed; empty while it is being written.
        choices: how those that followed were chosen.
        level: which of the temperatures.
        problem: why it does not go on; empty where it does.
        suggested: whether the prompt is only offered: what is written takes its place.
    """

    tokens: tuple[str, ...]
    time: int
    prompt: str
    said: tuple[int, ...] = ()
    choices: tuple[Choice, ...] = ()
    level: int = 0
    problem: str = ""
    suggested: bool = False

    @property
    def temperature(self) -> float:
        """How bold the choice is; 0 takes the most probable token."""
        return TEMPERATURES[self.level]

    @property
    def is_written(self) -> bool:
        """Whether the prompt has been finished."""
        return bool(self.said)

    @property
    def manner(self) -> str:
        """How tokens are chosen, in words."""
        return f"temperature {self.temperature:g}" if self.temperature else "greedy"


def generated_lines(page: Page, cells: int, rows: int) -> list[Line]:
    """The page in `cells` × `rows`."""
    text = _text(page, cells)
    below: list[Line] = [BLANK]
    if page.choices:
        last = page.choices[-1]
        below += chance_lines(
            page.tokens, last.chances, cells, marked=last.token, note=f"chosen, {page.manner}"
        )
        below += [BLANK, *wrap_words(_seen(page), cells, "dim")]
    elif not page.is_written:
        known = f"The network knows {' '.join(page.tokens)}"
        below += wrap_words(known, cells, "dim")
        size = f"and sees {page.time} of them at once, the last ones of a longer text."
        below += wrap_words(size, cells, "dim")
    if page.problem:
        below += [BLANK, *wrap_words(page.problem, cells, "error")]
    room = max(rows - len(below), 1)
    return [*text[-room:], *below][:rows]


def _text(page: Page, cells: int) -> list[Line]:
    """The prompt, and in the accent's colour what followed; a cursor where it is written."""
    if not page.is_written:
        style = "dim" if page.suggested else "strong"
        return [((page.prompt[-(cells - 1) :], style), ("█", "accent"))]
    begun = len(page.said) - len(page.choices)
    lines: list[list[Span]] = [[]]
    used = 0
    for k, token in enumerate(page.said):
        name = page.tokens[token]
        if used + len(name) > cells:
            lines.append([])
            used = 0
        newest = k == len(page.said) - 1
        style = "strong" if k < begun else "accent bold reverse" if newest else "accent bold"
        lines[-1].append((name, style))
        used += len(name)
    return [tuple(line) for line in lines]


def _seen(page: Page) -> str:
    """What the network has seen for its last choice."""
    seen, all_ = page.choices[-1].seen, len(page.said) - 1
    if seen < all_:
        return f"It saw the last {seen} of {all_} tokens: it cannot see more at once."
    return f"It saw all {seen} tokens before; it can see {page.time} at once."


def prompt_of(tokens: Sequence[str], asked: int | None) -> str:
    """A prompt to begin with: the tokens of a sample, up to where it first has a target.

    Args:
        asked: the first time step with a target, from 0; None for none, or where all have one.
    """
    return "".join(tokens[: asked + 1 if asked else max(len(tokens) // 2, 1)])
