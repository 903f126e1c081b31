"""The parameters of a layer."""

from __future__ import annotations

from nntui.session.frame import ParameterRow
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

    def body(self, scene: Scene, cells: int, rows: int) -> list[Line]:
        """A header and the rows in view; the one written stays in view."""
        parameters = scene.parameters
        columns = columns_in(parameters, cells, self._shift)
        self._shift = columns.first
        self._hidden = (columns.first, len(columns.names) - columns.last)
        written = [k for k, row in enumerate(parameters) if self._is_written(scene, row)]
        shown = self.window(parameters, rows - 1, written[0] if len(written) == 1 else None)
        marked = frozenset(parameters[k].cell for k in written)
        return [table_header(columns), *table_lines(shown, columns, marked, scene.past.edited)]

    def _is_written(self, scene: Scene, row: ParameterRow) -> bool:
        cell, frame = row.cell, scene.frame
        return frame.is_written(cell.tensor, *cell.index) or frame.is_written(
            f"{cell.tensor}.grad", *cell.index
        )

    def caption(self, scene: Scene) -> Line:
        """Whose parameters they are."""
        return ((f"  {scene.layer}", "dim"),) if scene.layer else ()

    def foot(self, scene: Scene) -> Line:
        """Which rows are in view, and whether there are more columns."""
        left, right = self._hidden
        noun = "column" if left + right == 1 else "columns"
        more = f"{'‹ ' if left else ''}{left + right} more {noun}{' ›' if right else ''}"
        parts: Line = ((more, "dim"),) if left or right else ()
        rows = self.range_text()
        return (*parts, ("   ", "dim"), *rows) if parts and rows else parts or rows

    def action_arrow(self, by: int) -> None:
        """Scrolls to the columns that are out of view; where all are in view, steps."""
        if any(self._hidden):
            self.action_move(by, 0)
        else:
            super().action_arrow(by)

    def action_move(self, across: int, down: int) -> None:
        """Scrolls, to the columns of the moments too."""
        self._shift = max(self._shift + across, 0)
        super().action_move(across, down)
