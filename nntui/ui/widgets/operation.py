"""The operation at the cursor, explained."""

from __future__ import annotations

from nntui.session.frame import Network
from nntui.ui.edits import stale_text
from nntui.ui.renderables.notes import note_lines, notes_foot
from nntui.ui.renderables.operation import operation_lines
from nntui.ui.scene import Scene
from nntui.ui.spans import Line, plain, wrap_words
from nntui.ui.widgets.pane import Pane


class OperationPane(Pane):
    """What the current op does, in words, symbols and numbers."""

    NUMBER = 2
    TITLE = "Operation"
    _told = True
    """Whether the notes are shown to their end."""

    def body(self, scene: Scene, cells: int, rows: int) -> list[Line]:
        """The explanation; before the first op, what the scenario is about."""
        frame = scene.frame
        message = f"Not finite: {frame.fault}" if frame.fault else ""
        fault = wrap_words(message, cells, "error bold")
        if frame.explanation is None:
            about = wrap_words(scene.network.about, cells)
            start = wrap_words(_start(scene.network), cells, "dim")
            return [*fault, *about, (), *start]
        term = frame.position.term - 1 if frame.position.term else None
        shape = frame.op.shape if frame.op else ()
        lessons = frame.explanation.lessons
        lines = operation_lines(
            frame.explanation,
            cells,
            rows - len(fault),
            shape=shape,
            term=term,
            stale=stale_text(frame.explanation.stale, frame),
        )
        self._told = all(line in lines for line in note_lines(lessons, cells))
        return [*fault, *lines]

    def foot(self, scene: Scene) -> Line:
        """Which of the notes are shown."""
        explanation = scene.frame.explanation
        return notes_foot(explanation.lessons, whole=self._told) if explanation else ()

    def as_text(self) -> str:
        """The operation as text, for the clipboard."""
        if self.scene is None or self.scene.frame.explanation is None:
            return ""
        frame, explanation = self.scene.frame, self.scene.frame.explanation
        lines = operation_lines(explanation, 100, 60, stale=stale_text(explanation.stale, frame))
        return "\n".join(plain(line).rstrip() for line in lines).strip() + "\n"


def _start(network: Network) -> str:
    """What to press first."""
    start = "Press n to load the first sample, and n again for each step."
    count = len(network.lessons)
    if not count:
        return start
    notes = "A note comes" if count == 1 else f"{count} notes come"
    return f"{start} {notes} up on the way; o shows {'it' if count == 1 else 'them all'}."
