"""The parameters of a layer."""

from __future__ import annotations

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
        written = frozenset(
            row.cell
            for row in parameters
            for name in (row.cell.tensor, f"{row.cell.tensor}.grad")
            if scene.frame.is_written(name, *row.cell.index)
        )
        lines = table_lines(parameters, columns, written)
        keep = None
        if len(written) == 1:
            keep = next(k for k, row in enumerate(parameters) if row.cell in written)
        return [table_header(columns), *self.window(lines, rows - 1, keep)]

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

    def action_move(self, across: int, down: int) -> None:
        """Scrolls, to the columns of the moments too."""
        self._shift = max(self._shift + across, 0)
        super().action_move(across, down)
