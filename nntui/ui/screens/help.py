"""All keys, from the key table."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from nntui.session.expressions import LANGUAGE
from nntui.ui.command_line import FORMS
from nntui.ui.keys import groups
from nntui.ui.renderables.boxes import framed
from nntui.ui.spans import BLANK, Line, fit, wrap_words
from nntui.ui.widgets.painted import Painted

LEGEND: tuple[Line, ...] = (
    (("Signs", "accent bold"),),
    (("  ▸ ", "accent bold"), ("written by the current op", "text")),
    (("  • ", "accent"), ("read by it", "text")),
    (("  ✎ ", "error bold"), ("changed by hand in this step", "text")),
    (("  ~ ", "error"), ("stale: older than what it hangs on", "text")),
    (("  ● ", "error"), ("a breakpoint", "text")),
    (("  ▎ ", "accent"), ("a note: a lesson of the scenario", "text")),
    (("  · ", "text"), ("not computed yet", "text")),
    (("  ∂z ", "backward"), ("the gradient of the loss by z", "text")),
    (
        ("  +0.20 ", "positive"),
        ("positive   ", "text"),
        ("−0.20 ", "negative"),
        ("negative", "text"),
    ),
)


def help_lines(cells: int) -> list[Line]:
    """The key table in `cells`: a heading per group, a line per key."""
    keys_width = max(cell_len(shown) for _, keys in groups() for shown, _ in keys) + 2
    out: list[Line] = []
    for name, keys in groups():
        out += [((name, "accent bold"),)]
        for shown, help_ in keys:
            for text in wrap_words(help_, max(cells - keys_width - 2, 10)):
                out.append((("  ", "text"), (fit(shown, keys_width), "strong bold"), *text))
                shown = ""
        out.append(BLANK)
    out.append((("Commands", "accent bold"),))
    for form in FORMS.values():
        for text in wrap_words(f":{form.text}", max(cells - 2, 10), "strong bold"):
            out.append((("  ", "text"), *text))
        for text in wrap_words(form.help, max(cells - 6, 10)):
            out.append((("      ", "text"), *text))
    return [*out, BLANK, *_language(cells), BLANK, *LEGEND]


def _language(cells: int) -> list[Line]:
    """What conditions and watches are made of, each with an example."""
    out: list[Line] = [(("Conditions and watches", "accent bold"),)]
    form_width = max(cell_len(entry.form) for entry in LANGUAGE) + 2
    for entry in LANGUAGE:
        form, text = entry.form, f"{entry.help}: {entry.example}"
        for line in wrap_words(text, max(cells - form_width - 2, 10)):
            out.append((("  ", "text"), (fit(form, form_width), "strong bold"), *line))
            form = ""
    return out


class HelpText(Painted):
    """The table as a widget."""

    def on_resize(self) -> None:
        """Fits the width."""
        lines = help_lines(self.size.width - 6)
        inside = [((" " * 2, "text"), *line) for line in [BLANK, *lines]]
        title: Line = (("Keys", "strong bold"),)
        foot: Line = (("Esc closes", "dim"),)
        self.paint(
            framed(
                inside, self.size.width, len(inside) + 3, title=title, footer=foot, style="accent"
            )
        )
        self.styles.height = len(inside) + 3


class HelpScreen(ModalScreen[None]):
    """Shows the keys over the screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "dismiss", "Close", show=False),
        Binding("j", "focused.scroll_down", show=False),
        Binding("k", "focused.scroll_up", show=False),
    ]

    def compose(self) -> ComposeResult:
        """The table, scrollable where the terminal is small."""
        with VerticalScroll(id="help"):
            yield HelpText()
