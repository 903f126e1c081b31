"""Work that may take long, done in slices between two looks at the keyboard."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator
from typing import TypeVar

from nntui.ui.playback import SLICE

T = TypeVar("T")


async def carry_out(work: Generator[float, None, T], report: Callable[[float], None]) -> T:
    """Does the work and returns what it comes to; cancelled like any coroutine.

    Args:
        work: reports how far it has come, from 0 to 1.
        report: is told so after each slice.
    """
    try:
        while True:
            end, share = time.perf_counter() + SLICE, 0.0
            while time.perf_counter() < end:
                try:
                    share = next(work)
                except StopIteration as over:
                    result: T = over.value
                    return result
            report(share)
            # Not 0: keys come in before the next slice.
            await asyncio.sleep(0.001)
    finally:
        work.close()
