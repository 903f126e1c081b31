"""A long way through time: shows how far it has come; any key stops it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

from textual import events, work
from textual.app import ComposeResult
from textual.screen import ModalScreen

from nntui.ui.playback import SLICE
from nntui.ui.renderables.boxes import framed
from nntui.ui.spans import Line
from nntui.ui.widgets.painted import Painted

BAR = 30
"""Cells of the bar."""


class Progress(Painted):
    """How far it has come."""

    def __init__(self, step: int) -> None:
        super().__init__()
        self._step = step

    def show(self, share: float) -> None:
        """Draws the bar."""
        done = round(share * BAR)
        body: list[Line] = [
            (
                (" " + "━" * done, "accent"),
                ("─" * (BAR - done), "border"),
                (f" {share:>4.0%} ".replace("%", " %"), "strong"),
            )
        ]
        title: Line = ((f"Going to step {self._step}", "strong bold"),)
        foot: Line = (("any key stops", "dim"),)
        self.paint(framed(body, *self.size, title=title, footer=foot, style="accent"))


class TravelScreen(ModalScreen[bool]):
    """Goes on with a journey; its result is whether it has arrived.

    Args:
        journey: reports shares of the way, from 0 to 1.
    """

    def __init__(self, journey: Iterator[float], step: int) -> None:
        super().__init__()
        self._journey = journey
        self._step = step
        self._over = False

    def compose(self) -> ComposeResult:
        """The bar."""
        yield Progress(self._step)

    def on_mount(self) -> None:
        """Sets out."""
        self._go()

    def on_key(self, event: events.Key) -> None:
        """Stops where it is."""
        event.stop()
        self._end(False)

    @work(exclusive=True)
    async def _go(self) -> None:
        while not self._over:
            end = time.perf_counter() + SLICE
            share = 0.0
            while time.perf_counter() < end:
                try:
                    share = next(self._journey)
                except StopIteration:
                    self._end(True)
                    return
            self.query_one(Progress).show(share)
            await asyncio.sleep(0.001)

    def _end(self, arrived: bool) -> None:
        if not self._over:
            self._over = True
            self.dismiss(arrived)
