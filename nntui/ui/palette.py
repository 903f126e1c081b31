"""The colours: three themes, and the styles that the names in spans stand for.

Every colour lies on the xterm palette of 256, so nothing shifts over SSH or in tmux. Orange is
positive and blue is negative, which is safe for colour-blind eyes; signs are printed anyway.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache

from rich.style import Style
from textual.theme import Theme


@dataclass(frozen=True)
class Colours:
    """The colours of one theme, by the name of their style."""

    background: str
    text: str
    strong: str
    dim: str
    faint: str
    border: str
    accent: str
    backward: str
    positive: str
    negative: str
    error: str
    mark: str
    cursor: str
    edge_positive: tuple[str, str]
    edge_negative: tuple[str, str]
    heat_positive: tuple[str, ...]
    heat_negative: tuple[str, ...]
    field_positive: tuple[str, ...]
    field_negative: tuple[str, ...]
    dark: bool = True


THEMES: Mapping[str, Colours] = {
    "nntui-dark": Colours(
        background="#121212",
        text="#d0d0d0",
        strong="#ffffff",
        dim="#8a8a8a",
        faint="#4e4e4e",
        border="#444444",
        accent="#5fd7af",
        backward="#d787d7",
        positive="#ffaf5f",
        negative="#5fafff",
        error="#ff5f5f",
        mark="#303030",
        cursor="#3a3a3a",
        edge_positive=("#4e4e4e", "#875f00"),
        edge_negative=("#4e4e4e", "#005f87"),
        heat_positive=("#875f00", "#d78700", "#ffaf5f", "#ffd7af"),
        heat_negative=("#005f87", "#0087d7", "#5fafff", "#afd7ff"),
        field_positive=("#875f00", "#af5f00"),
        field_negative=("#005f87", "#0087af"),
    ),
    "nntui-light": Colours(
        background="#ffffff",
        text="#303030",
        strong="#000000",
        dim="#6c6c6c",
        faint="#bcbcbc",
        border="#bcbcbc",
        accent="#00875f",
        backward="#870087",
        positive="#af5f00",
        negative="#005faf",
        error="#d70000",
        mark="#e4e4e4",
        cursor="#dadada",
        edge_positive=("#bcbcbc", "#ffaf5f"),
        edge_negative=("#bcbcbc", "#87afff"),
        heat_positive=("#ffd7af", "#ffaf5f", "#d78700", "#875f00"),
        heat_negative=("#afd7ff", "#5fafff", "#0087d7", "#005f87"),
        field_positive=("#ffd7af", "#ffaf5f"),
        field_negative=("#afd7ff", "#5fafff"),
        dark=False,
    ),
    "nntui-contrast": Colours(
        background="#000000",
        text="#ffffff",
        strong="#ffffff",
        dim="#d0d0d0",
        faint="#8a8a8a",
        border="#b2b2b2",
        accent="#00ff87",
        backward="#ff87ff",
        positive="#ffaf00",
        negative="#5fd7ff",
        error="#ff5f5f",
        mark="#444444",
        cursor="#585858",
        edge_positive=("#8a8a8a", "#d78700"),
        edge_negative=("#8a8a8a", "#0087d7"),
        heat_positive=("#875f00", "#d78700", "#ffaf00", "#ffffaf"),
        heat_negative=("#005f87", "#0087d7", "#5fd7ff", "#d7ffff"),
        field_positive=("#875f00", "#af5f00"),
        field_negative=("#005f87", "#0087af"),
    ),
}

HEAT_LEVELS = 4
"""Shades of a heat tile per sign."""

FIELD_STEPS = (0.05, 0.2)
"""How far from the middle of a field, as shares of its width, each of its shades begins; per sign.

There are no more of them: darker colours of the palette are of another hue.
"""


class Palette:
    """Turns names of styles into styles, each with the theme's background."""

    def __init__(self, colours: Colours) -> None:
        self.colours = colours
        self._parts = _parts(colours)
        self._cache: dict[str, Style] = {}

    def __getitem__(self, names: str) -> Style:
        """The style of a span; a name no theme knows is an error of the program."""
        style = self._cache.get(names)
        if style is None:
            style = Style(color=self.colours.text, bgcolor=self.colours.background)
            painted = False
            for name in names.split():
                style += _painted(name) if "-#" in name else self._parts[name]
                painted = painted or "-#" in name
            if not painted:  # colours out of data are too many to keep
                self._cache[names] = style
        return style

    def clickable(self, names: str, action: str) -> Style:
        """A style that runs an action when it is clicked."""
        return self[names] + Style.from_meta({"@click": action})


@cache
def palette(theme: str) -> Palette:
    """The palette of a theme; a theme that is not ours gets the dark one."""
    return Palette(THEMES.get(theme, THEMES["nntui-dark"]))


def textual_themes() -> list[Theme]:
    """The same themes for Textual's own widgets (palette, input, toasts)."""
    return [
        Theme(
            name=name,
            primary=c.accent,
            secondary=c.dim,
            accent=c.accent,
            warning=c.positive,
            error=c.error,
            success=c.accent,
            foreground=c.text,
            background=c.background,
            surface=c.background,
            panel=c.mark,
            dark=c.dark,
        )
        for name, c in THEMES.items()
    ]


def _parts(colours: Colours) -> dict[str, Style]:
    parts = {
        field.name: Style(color=getattr(colours, field.name))
        for field in fields(colours)
        if isinstance(getattr(colours, field.name), str)
    }
    for sign in ("positive", "negative"):
        for level, colour in enumerate(getattr(colours, f"edge_{sign}")):
            parts[f"edge-{sign}-{level}"] = Style(color=colour)
        for level, colour in enumerate(getattr(colours, f"field_{sign}")):
            parts[f"field-{sign}-{level}"] = Style(bgcolor=colour)
        for level, colour in enumerate(getattr(colours, f"heat_{sign}")):
            parts[f"heat-{sign}-{level}"] = Style(color=colour)
            parts[f"under-{sign}-{level}"] = Style(bgcolor=colour)
            parts[f"tile-{sign}-{level}"] = Style(color=_ink(colour), bgcolor=colour)
    parts["heat-fault"] = Style(color=colours.error)
    parts["under-fault"] = Style(bgcolor=colours.error)
    parts["heat-none"] = Style(color=colours.mark)
    parts["under-strong"] = Style(bgcolor=colours.strong)
    parts["under-accent"] = Style(bgcolor=colours.accent)
    parts["under-faint"] = Style(bgcolor=colours.faint)
    parts["under-backward"] = Style(bgcolor=colours.backward)
    parts["under-none"] = Style(bgcolor=colours.mark)
    parts["tile-fault"] = Style(color=_ink(colours.error), bgcolor=colours.error)
    parts["tile-none"] = Style(color=_ink(colours.mark), bgcolor=colours.mark)
    parts["mark"] = Style(bgcolor=colours.mark)
    parts["cursor"] = Style(bgcolor=colours.cursor)
    parts |= {
        "bold": Style(bold=True),
        "italic": Style(italic=True),
        "underline": Style(underline=True),
        "reverse": Style(reverse=True),
    }
    return parts


def _painted(name: str) -> Style:
    """A colour out of data: `heat-#ff8000` as ink, `under-#ff8000` below it, `tile-…` to write on.

    A terminal without so many colours shows the nearest it has.
    """
    kind, colour = name.split("-")
    if kind == "heat":
        return Style(color=colour)
    return Style(bgcolor=colour) if kind == "under" else Style(color=_ink(colour), bgcolor=colour)


def _ink(colour: str) -> str:
    """Black or white: what can be read on a colour (luma of ITU-R BT.601)."""
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return "#000000" if 0.299 * red + 0.587 * green + 0.114 * blue > 127 else "#ffffff"
