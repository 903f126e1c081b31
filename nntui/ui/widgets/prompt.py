"""The line that opens at the bottom for a command or a search."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static


class PromptInput(Input):
    """The input of a prompt: Tab completes; Escape leaves, and so does Backspace when empty.

    The arrows up and down go through the lines that it was opened with.

    Args:
        entered: what to do once the line is complete.
        abandoned: what to do where the user wants out.
    """

    # They go before all else, so that keys typed right behind them are no letters of the line.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "enter", "Enter", show=False, priority=True),
        Binding("escape", "abandon", "Leave", show=False, priority=True),
    ]

    def __init__(self, entered: Callable[[], None], abandoned: Callable[[], None]) -> None:
        super().__init__(compact=True, select_on_focus=False)
        self._entered = entered
        self._abandoned = abandoned
        self._lines: Sequence[str] = ("",)
        self._at = 0

    def begin(self, lines: Sequence[str]) -> None:
        """Starts with the first of some lines to be completed."""
        self._lines = lines
        self._turn_to(0)

    async def action_enter(self) -> None:
        """Ends the line."""
        await self._written()
        self._entered()

    async def action_abandon(self) -> None:
        """Leaves."""
        await self._written()
        self._abandoned()

    async def _written(self) -> None:
        """Wait until the letters typed before have come to be in the line."""
        written = asyncio.Event()
        self.call_later(written.set)
        await written.wait()

    def _turn_to(self, number: int) -> None:
        self._at = number % len(self._lines)
        self.value = self._lines[self._at]
        self.cursor_position = len(self.value)

    async def on_key(self, event: events.Key) -> None:
        """Catches the keys that a prompt has of its own."""
        if event.key == "backspace" and not self.value:
            self._abandoned()
        elif event.key == "tab":
            self.action_cursor_right()
        elif event.key in ("up", "down"):
            self._turn_to(self._at + (1 if event.key == "down" else -1))
        else:
            return
        event.stop()
        event.prevent_default()

    def on_blur(self, _: events.Blur) -> None:
        """Leaves when something else has got the focus, unless it has come back meanwhile."""
        if self.screen.focused is not self:
            self._abandoned()


class Prompt(Horizontal):
    """Hidden until it is opened, and again when it is done.

    Args:
        left: called when it has been closed.
    """

    def __init__(self, left: Callable[[], None]) -> None:
        super().__init__()
        self._left = left
        self._obey: Callable[[str], None] | None = None
        self.display = False

    def compose(self) -> ComposeResult:
        """What kind of prompt it is, and the input."""
        yield Static(":", id="kind", markup=False)
        yield PromptInput(self._enter, self._close)

    def open(
        self,
        kind: str,
        obey: Callable[[str], None],
        suggestions: Iterable[str],
        lines: Sequence[str] = ("",),
    ) -> None:
        """Shows the prompt; what is typed goes to it.

        Args:
            obey: does what a line says that has been entered.
            lines: to go on from, the first of them first.
        """
        self._obey = obey
        self.query_one("#kind", Static).update(kind, layout=False)
        line = self.query_one(PromptInput)
        line.placeholder = "depth op" if kind == ":" else "part of an op's name"
        line.suggester = SuggestFromList(suggestions, case_sensitive=False)
        line.begin(lines)
        self.display = True
        self.screen.set_focus(line)

    def _close(self) -> None:
        if self.display:
            self.display = False
            self._left()

    def _enter(self) -> None:
        """Closes the prompt and does what its line says, before any other key is looked at."""
        text, obey = self.query_one(PromptInput).value.strip(), self._obey
        self._close()
        if text and obey is not None:
            obey(text)
