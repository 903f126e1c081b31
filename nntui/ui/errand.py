"""Work that may take long, done in slices between two looks at the keyboard."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator, Iterator
from contextvars import copy_context
from typing import Final, TypeVar

from nntui.ui.playback import SLICE

T = TypeVar("T")

BETWEEN: Final = 0.1
"""Seconds between two reports: to draw one takes longer than a slice."""


async def carry_out(work: Generator[float, None, T], report: Callable[[float], None]) -> T:
    """Does the work and returns what it comes to; cancelled like any coroutine.

    Args:
        work: reports how far it has come, from 0 to 1.
        report: is told so now and then.
    """
    reported = time.perf_counter()
    try:
        while True:
            share, now = 0.0, time.perf_counter()
            while time.perf_counter() < now + SLICE:
                try:
                    share = next(work)
                except StopIteration as over:
                    result: T = over.value
                    return result
            if now >= reported + BETWEEN:
                report(share)
                reported = time.perf_counter()
            # Not 0: keys come in before the next slice.
            await asyncio.sleep(0.001)
    finally:
        work.close()


def in_one_context(work: Iterator[float]) -> Iterator[float]:
    """The same work, each part of it in the context that the first one runs in.

    What it sets for itself while it goes on, such as how numbers that overflow are treated, then
    still holds when another task takes it over, and can be put back in the end.
    """
    context = copy_context()
    try:
        while (share := context.run(next, work, None)) is not None:
            yield share
    finally:
        if isinstance(work, Generator):
            context.run(work.close)
