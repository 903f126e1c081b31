"""A network continues a prompt, over the screen."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from nntui.errors import UsageError
from nntui.session.generate import Speaker
from nntui.ui.renderables.boxes import framed
from nntui.ui.renderables.generated import TEMPERATURES, Page, generated_lines
from nntui.ui.spans import Line
from nntui.ui.widgets.painted import Painted


class GeneratedText(Painted):
    """The page as a widget."""

    page: Page
    place = ""
    """Where in the run the parameters are from."""

    def show(self, page: Page) -> None:
        """Draws another page, or the same otherwise."""
        self.page = page
        self.draw()

    def on_resize(self) -> None:
        """Fits the size."""
        self.draw()

    def draw(self) -> None:
        """Draws the page in its frame."""
        cells, rows = self.size
        if cells < 20 or rows < 5:
            return
        title: Line = (("Generate", "strong bold"), (f"  {self.place}", "dim"))
        keys = "type a prompt   Enter begins   Esc closes"
        if self.page.suggested:
            keys = "type a prompt, or Enter for this one   Esc closes"
        elif self.page.is_written:
            keys = "Enter next   + - temperature   Backspace takes back   Esc"
        corner: Line = ((self.page.manner, "accent"),)
        body = [((" ", "text"), *line) for line in generated_lines(self.page, cells - 4, rows - 2)]
        foot: Line = ((keys, "dim"),)
        self.paint(
            framed(body, cells, rows, title=title, corner=corner, footer=foot, style="accent")
        )


class GenerateScreen(ModalScreen[str]):
    """Lets a network speak: first the prompt is written, then each key is one token more."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("backspace", "erase", show=False),
        Binding("enter", "go_on", show=False),
    ]

    def __init__(self, speaker: Speaker, prompt: str, place: str) -> None:
        super().__init__()
        self._speaker = speaker
        self._text = GeneratedText(id="generated")
        self._text.place = place
        self._text.page = Page(speaker.tokens, speaker.time, prompt, suggested=bool(prompt))

    def compose(self) -> ComposeResult:
        """The page."""
        yield self._text

    def on_key(self, event: events.Key) -> None:
        """Writes the prompt; once it is finished, goes on, or makes the choice bolder or surer."""
        page, character = self._text.page, event.character or ""
        if not event.is_printable or not character:
            return
        event.stop()
        if not page.is_written:
            self._show(prompt=character if page.suggested else page.prompt + character)
        elif character == " ":
            self.action_go_on()
        elif character in "+=-":
            last = len(TEMPERATURES) - 1
            by = -1 if character == "-" else 1
            self._show(level=min(max(page.level + by, 0), last))

    def action_go_on(self) -> None:
        """One token more."""
        page = self._text.page
        try:
            said = page.said or self._speaker.read(page.prompt)
            choice = self._speaker.go_on(said, page.temperature)
        except UsageError as error:
            self._show(problem=str(error), suggested=page.suggested)
            return
        self._show(said=(*said, choice.token), choices=(*page.choices, choice))

    def action_erase(self) -> None:
        """Takes back the last token, or the last character of the prompt."""
        page = self._text.page
        if not page.is_written:
            self._show(prompt=page.prompt[:-1])
            return
        choices = page.choices[:-1]
        self._show(said=page.said[:-1] if choices else (), choices=choices)

    def action_leave(self) -> None:
        """Leaves; the run is as it was."""
        self.dismiss("")

    def _show(self, **changes: object) -> None:
        """Shows the page otherwise; what was suggested has been taken, or has been replaced."""
        told = {"problem": "", "suggested": False, **changes}
        self._text.show(replace(self._text.page, **told))  # type: ignore[arg-type]
