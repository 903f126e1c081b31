"""The line on top and the line at the bottom."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.strip import Strip

from nntui.ui.keys import footer_keys
from nntui.ui.renderables.header import header_line
from nntui.ui.renderables.keybar import keybar_spans
from nntui.ui.scene import Scene
from nntui.ui.widgets.painted import Painted


class Header(Painted):
    """Where the cursor stands."""

    def __init__(self) -> None:
        super().__init__()
        self._scene: Scene | None = None

    def show(self, scene: Scene) -> None:
        """Shows the position of a scene."""
        self._scene = scene
        self.paint([header_line(scene.network, scene.frame, self.size.width, scene.past)])

    def on_resize(self, _: events.Resize) -> None:
        """Fits the new width."""
        if self._scene:
            self.show(self._scene)


class KeyBar(Painted):
    """The most important keys, each of which can be clicked, and whether the session runs."""

    def __init__(self) -> None:
        super().__init__()
        self._status, self._active = "", False

    def show(self, status: str, *, running: bool) -> None:
        """Shows what the session is doing."""
        if (status, running) != (self._status, self._active):
            self._status, self._active = status, running
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The bar."""
        spans = keybar_spans(footer_keys(), self._status, self.size.width, running=self._active)
        colours = self.palette
        segments = [
            Segment(text, self._clickable(style, action) if action else colours[style])
            for (text, style), action in spans
        ]
        return Strip(segments).adjust_cell_length(self.size.width, colours["text"])

    def _clickable(self, style: str, action: str) -> Style:
        name = action if action.startswith("app.") else f"screen.{action}"
        return self.palette.clickable(style, name)
