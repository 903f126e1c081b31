"""The line that opens at the bottom for a command or a search."""

from __future__ import annotations

from collections.abc import Iterable

from textual import events
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input


class Prompt(Input):
    """An input that is hidden until it is opened, and again when it is done."""

    class Entered(Message):
        """A line was entered; `kind` is ":" or "/"."""

        def __init__(self, kind: str, text: str) -> None:
            super().__init__()
            self.kind = kind
            self.text = text

    class Left(Message):
        """The prompt was closed."""

    def __init__(self) -> None:
        super().__init__(compact=True)
        self._kind = ":"
        self.display = False

    def open(self, kind: str, suggestions: Iterable[str]) -> None:
        """Shows the prompt; what is typed goes to it."""
        self._kind = kind
        self.placeholder = "command" if kind == ":" else "part of an op's name"
        self.suggester = SuggestFromList(suggestions, case_sensitive=False)
        self.value = ""
        self.display = True
        self.focus()

    def close(self) -> None:
        """Hides it."""
        self.display = False
        self.post_message(self.Left())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hands the line on."""
        event.stop()
        text = event.value.strip()
        self.close()
        if text:
            self.post_message(self.Entered(self._kind, text))

    def on_key(self, event: events.Key) -> None:
        """Closes on Escape, and on Backspace when there is nothing left."""
        if event.key == "escape" or (event.key == "backspace" and not self.value):
            event.stop()
            event.prevent_default()
            self.close()
        elif event.key == "tab":
            event.stop()
            event.prevent_default()
            self.action_cursor_right()

    def on_blur(self, _: events.Blur) -> None:
        """Closes when something else is focused."""
        if self.display:
            self.close()
