"""The parameters of a layer."""

from __future__ import annotations

from rich.cells import cell_len

from nntui.ui.renderables.table import moment_names, table_header, table_lines
from nntui.ui.scene import Scene
from nntui.ui.spans import Line
from nntui.ui.widgets.listing import Listing


class ParametersPane(Listing):
    """Each number of the layer's parameters: value, gradient, last change, moments."""

    NUMBER = 4
    TITLE = "Parameters"

    def body(self, scene: Scene, cells: int, rows: int) -> list[Line]:
        """A header and the rows in view; the one written stays in view."""
        parameters = scene.parameters
        moments = moment_names(parameters)
        symbols = min(max((cell_len(row.symbol) for row in parameters), default=2), 8)
        written = frozenset(
            row.cell
            for row in parameters
            for name in (row.cell.tensor, f"{row.cell.tensor}.grad")
            if scene.frame.is_written(name, *row.cell.index)
        )
        lines = table_lines(parameters, cells, symbols, moments, written)
        keep = None
        if len(written) == 1:
            keep = next(k for k, row in enumerate(parameters) if row.cell in written)
        header = table_header(cells, symbols, moments)
        return [header, *self.window(lines, rows - 1, keep)]

    def caption(self, scene: Scene) -> Line:
        """Whose parameters they are."""
        return ((f"  {scene.layer}", "dim"),) if scene.layer else ()

    def foot(self, scene: Scene) -> Line:
        """Which rows are in view."""
        return self.range_text()
