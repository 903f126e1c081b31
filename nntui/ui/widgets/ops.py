"""The ops of a training step."""

from __future__ import annotations

from textual import events
from textual.message import Message

from nntui.session.frame import Network
from nntui.ui.renderables.ops import entries, op_lines
from nntui.ui.scene import Scene
from nntui.ui.spans import Line
from nntui.ui.widgets.listing import Listing


class OpsPane(Listing):
    """The list of ops, which follows the session; its own cursor chooses one to run up to."""

    NUMBER = 3
    TITLE = "Ops"

    class Jumped(Message):
        """An op was chosen to run up to."""

        def __init__(self, op: int) -> None:
            super().__init__()
            self.op = op

    def __init__(self, network: Network, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._entries = entries(network.ops)
        self._noted = frozenset(op for lesson in network.lessons for op in lesson.ops)
        self._cursor: int | None = None

    @property
    def chosen(self) -> int | None:
        """The op under the list's own cursor."""
        return self._cursor

    def show(self, scene: Scene) -> None:
        """Follows the session's cursor."""
        before = self.scene.frame.position if self.scene else None
        if before != scene.frame.position:
            self._cursor = None
        super().show(scene)

    def body(self, scene: Scene, cells: int, rows: int) -> list[Line]:
        """The part of the list around the cursor."""
        now = scene.frame.op.number if scene.frame.op else 0
        lines = op_lines(
            self._entries,
            cells,
            now=now,
            cursor=self._cursor,
            stops=scene.past.stops,
            stale=scene.frame.stale,
            noted=self._noted,
        )
        keep = self._index(self._cursor or now)
        return list(self.window(lines, rows, keep))

    def foot(self, scene: Scene) -> Line:
        """Which part of the list is in view."""
        return self.range_text()

    def action_move(self, across: int, down: int) -> None:
        """Moves the list's cursor."""
        if self.scene is None:
            return
        now = self.scene.frame.op.number if self.scene.frame.op else 1
        numbers = [entry.op for entry in self._entries if entry.op]
        self._cursor = min(max((self._cursor or now) + down, numbers[0]), numbers[-1])
        self.repaint()

    def choose(self, op: int) -> None:
        """Puts the list's cursor on an op."""
        self._cursor = op
        self.repaint()

    def on_click(self, event: events.Click) -> None:
        """Puts the list's cursor under the mouse; a second click runs up to there."""
        line = event.y - 1 + self._top
        if 0 < event.y < self.size.height - 1 and line < len(self._entries):
            op = self._entries[line].op
            if op and op == self._cursor:
                self.action_activate()
            elif op:
                self.choose(op)

    def action_activate(self) -> None:
        """Asks to run up to the chosen op."""
        if self._cursor is not None:
            self.post_message(self.Jumped(self._cursor))

    def _index(self, op: int) -> int:
        return next((k for k, entry in enumerate(self._entries) if entry.op == op), 0)
