"""`Pane`: a numbered part of the screen with a frame around it."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import BindingType
from textual.message import Message

from nntui.ui.keys import bindings
from nntui.ui.renderables.boxes import framed
from nntui.ui.scene import Scene
from nntui.ui.spans import Line, width
from nntui.ui.widgets.painted import Painted


class Pane(Painted, can_focus=True):
    """Abstract: a pane shows one part of a scene. Subclasses say what is in it with `body`."""

    NUMBER = 0
    TITLE = ""
    ALLOW_MAXIMIZE = True
    BINDINGS: ClassVar[list[BindingType]] = bindings("pane")

    class Stepped(Message):
        """Asks to step on (1) or back (-1)."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.scene: Scene | None = None
        self.tabs: Line = ()
        """What is written on the right of the upper edge: the other panes in this place."""

    def show(self, scene: Scene) -> None:
        """Shows its part of a scene."""
        self.scene = scene
        self.repaint()

    def repaint(self) -> None:
        """Draws again, frame and all."""
        cells, rows = self.size
        if self.scene is None or not self.display or cells < 4 or rows < 3:
            return
        body = self.body(self.scene, cells - 4, rows - 2)
        inside = [((" ", "text"), *line) for line in body]
        style = "accent" if self.has_focus else "border"
        title: Line = (
            (f"{self.NUMBER} ", "dim"),
            (self.heading(self.scene), "strong bold" if self.has_focus else "text"),
            *self.caption(self.scene),
        )
        self.paint(
            framed(
                inside,
                cells,
                rows,
                title=title,
                corner=self.tabs,
                footer=self.foot(self.scene),
                style=style,
            )
        )

    def body(self, scene: Scene, cells: int, rows: int) -> list[Line]:
        """What is inside the frame, in at most `cells` × `rows`."""
        raise NotImplementedError

    def heading(self, scene: Scene) -> str:
        """The title."""
        return self.TITLE

    def caption(self, scene: Scene) -> Line:
        """What follows the title."""
        return ()

    def room_for_caption(self, scene: Scene) -> int:
        """Cells of a caption at most, with the title before it and the other panes after it."""
        # Beside a title there are corners, a line and blanks; and beside the other panes again.
        around = 5 + (width(self.tabs) + 2 if self.tabs else 0)
        return self.size.width - around - cell_len(f"{self.NUMBER} {self.heading(scene)}")

    def foot(self, scene: Scene) -> Line:
        """What is written on the lower edge."""
        return ()

    def action_arrow(self, by: int) -> None:
        """Asks to step, where the pane has no use of its own for a left or right arrow."""
        self.post_message(self.Stepped(by))

    def action_move(self, across: int, down: int) -> None:
        """Moves the pane's own cursor, where it has one."""

    def action_end(self, which: int) -> None:
        """To the first line (-1) or the last (1)."""
        self.action_move(0, which * 1_000_000)

    def action_activate(self) -> None:
        """Does what Enter does here."""

    def on_resize(self, _: events.Resize) -> None:
        """Draws again for the new size."""
        self.repaint()

    def on_focus(self, _: events.Focus) -> None:
        """Shows that keys go here."""
        self.repaint()

    def on_blur(self, _: events.Blur) -> None:
        """Shows that keys go elsewhere."""
        self.repaint()

    def on_show(self, _: events.Show) -> None:
        """Draws what changed while it was hidden."""
        self.repaint()
