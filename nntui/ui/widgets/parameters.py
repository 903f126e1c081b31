"""The parameters of a layer."""

from __future__ import annotations

from nntui.session.frame import ParameterRow
from nntui.ui.edits import of_row
from nntui.ui.renderables.table import columns_in, table_header, table_lines
from nntui.ui.scene import Scene
from nntui.ui.spans import Line
from nntui.ui.widgets.listing import Listing


class ParametersPane(Listing):
    """Each number of the layer's parameters: value, gradient, last change, moments."""

    NUMBER = 4
    TITLE = "Parameters"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._shift = 0
        self._hidden = (0, 0)
        self._cursor: int | None = None

    @property
    def chosen(self) -> ParameterRow | None:
        """The row under the pane's own cursor."""
        rows = self.scene.parameters if self.scene else ()
        return rows[self._cursor] if self._cursor is not None and rows else None

    def show(self, scene: Scene) -> None:
        """Shows the parameters of a scene; of others, the cursor starts anew."""
        if self.scene is None or self.scene.layer != scene.layer:
            self._cursor = None
        super().show(scene)

    def body(self, scene: Scene, cells: int, rows: int) -> list[Line]:
        """A header and the rows in view; the one written stays in view."""
        parameters = scene.parameters
        columns = columns_in(parameters, cells, self._shift, gradient=scene.network.has_gradient)
        self._shift = columns.first
        self._hidden = (columns.first, len(columns.names) - columns.last)
        written = [k for k, row in enumerate(parameters) if self._is_written(scene, row)]
        keep = written[0] if len(written) == 1 else None
        shown = self.window(parameters, rows - 1, keep if self._cursor is None else self._cursor)
        marked = frozenset(parameters[k].cell for k in written)
        chosen = self.chosen.cell if self.chosen and self.has_focus else None
        numbers = (cell for row in shown for cell in of_row(row))
        stale = frozenset(c for c in numbers if scene.frame.is_stale(c.tensor, *c.index))
        lines = table_lines(shown, columns, marked, scene.past.edited, stale, chosen)
        return [table_header(columns), *lines]

    def _is_written(self, scene: Scene, row: ParameterRow) -> bool:
        cell, frame = row.cell, scene.frame
        return frame.is_written(cell.tensor, *cell.index) or frame.is_written(
            f"{cell.tensor}.grad", *cell.index
        )

    def caption(self, scene: Scene) -> Line:
        """Whose parameters they are, and where there is no gradient that there is none."""
        if not scene.layer:
            return ()
        none = "" if scene.network.has_gradient else "  no gradient"
        return ((f"  {scene.layer}{none}", "dim"),)

    def foot(self, scene: Scene) -> Line:
        """Which rows are in view, of how many, and whether there are more columns."""
        left, right = self._hidden
        noun = "column" if left + right == 1 else "columns"
        more = f"{'‹ ' if left else ''}{left + right} more {noun}{' ›' if right else ''}"
        parts: Line = ((more, "dim"),) if left or right else ()
        rows = self.range_text()
        if scene.unlisted:
            listed = len(scene.parameters)
            some = rows or ((f"{listed} listed", "dim"),)
            rows = (*some, (f", of {listed + scene.unlisted} in all", "dim"))
        return (*parts, ("   ", "dim"), *rows) if parts and rows else parts or rows

    def action_arrow(self, by: int) -> None:
        """Scrolls to the columns that are out of view; where all are in view, steps."""
        if any(self._hidden):
            self.action_move(by, 0)
        else:
            super().action_arrow(by)

    def action_move(self, across: int, down: int) -> None:
        """Moves the cursor; scrolls to the columns of the moments too."""
        self._shift = max(self._shift + across, 0)
        rows = len(self.scene.parameters) if self.scene else 0
        if down and rows:
            at = self._first if self._cursor is None else self._cursor + down
            self._cursor = min(max(at, 0), rows - 1)
        self.repaint()

    @property
    def _first(self) -> int:
        """Where the cursor starts: the row in view that the op has written, or the first."""
        scene = self.scene
        rows = scene.parameters if scene else ()
        shown = range(self._top, min(self._top + self._rows, len(rows)))
        written = (k for k in shown if scene and self._is_written(scene, rows[k]))
        return next(written, self._top)
