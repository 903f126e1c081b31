"""Progress bars on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

_PATIENCE: Final = 0.3
"""Seconds before a bar appears for something that is usually done by then."""
_PARTS: Final = 200
"""Steps of such a bar."""


@contextmanager
def training(steps: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error, where that is a terminal."""
    if not sys.stderr.isatty() or not steps:
        yield lambda _: None
        return
    with click.progressbar(
        length=steps, label="training", file=sys.stderr, update_min_steps=max(1, steps // 500)
    ) as bar:
        yield bar.update


@contextmanager
def lasting(label: str) -> Iterator[Callable[[float], None]]:
    """A progress bar on standard error, where that is a terminal and it takes long enough."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    start = time.monotonic()
    with ExitStack() as stack:
        bars: list[ProgressBar[int]] = []

        def report(part: float) -> None:
            if not bars and time.monotonic() > start + _PATIENCE:
                bar = click.progressbar(length=_PARTS, label=label, file=sys.stderr)
                bars.append(stack.enter_context(bar))
            for bar in bars:
                bar.update(round(_PARTS * part) - bar.pos)

        yield report
