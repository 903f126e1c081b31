"""A self-organizing map: its units on their grid, and what the step is doing to them."""

from __future__ import annotations

from typing import final

from textual import events
from textual.geometry import Offset

from nntui.session.chart import Chart
from nntui.session.frame import Network
from nntui.ui.renderables.chart import chart_lines, legend, unit_under
from nntui.ui.renderables.glance import Glance, pictures
from nntui.ui.scene import Neuron, Scene
from nntui.ui.spans import Line, Span
from nntui.ui.widgets.networkpane import NetworkPane


@final
class MapView(NetworkPane):
    """The map of a scene; the cursor moves from unit to unit."""

    TITLE = "Map"

    def __init__(self, network: Network, chart: Chart, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(network, id=id)
        self._chart = chart

    def body(self, scene: Scene, cells: int, rows: int) -> list[Line]:
        """The pictures."""
        return chart_lines(glance_of(scene), self._chart, cells, rows, bare=self.is_bare)

    def caption(self, scene: Scene) -> Line:
        """How the map lies, and which sample it sees."""
        chart, frame = self._chart, scene.frame
        parts: list[Span] = [(f"  {chart.rows}×{chart.cols} {chart.topology}", "dim")]
        if frame.sample_row is not None and frame.value("x", 0) is not None:
            name = f"row {frame.sample_row + 1}"
            if chart.of_class:
                name = chart.labels[chart.of_class[frame.sample_row]]
            parts.append((f"  x = {name}", "strong"))
        return tuple(parts)

    def foot(self, scene: Scene) -> Line:
        """What the marks mean and where they are, and which picture comes next."""
        known = pictures(self._chart)
        after = known[(scene.picture + 1) % len(known)].title
        cells, rows = self._room
        marks = legend(glance_of(scene), self._chart, cells, rows, bare=self.is_bare)
        return (*marks, (f"u {after}", "dim"))

    @property
    def _room(self) -> tuple[int, int]:
        """Cells and rows inside the frame."""
        return self.size.width - 4, self.size.height - 2

    def beside(self, at: Neuron, across: int, down: int) -> Neuron:
        """The unit beside one on the grid."""
        column = len(self._network.columns) - 1
        if at.column != column:
            return Neuron(column, 0)
        row, place = self._chart.place(at.unit)
        row = min(max(row + down, 0), self._chart.rows - 1)
        place = min(max(place + across, 0), self._chart.cols - 1)
        return Neuron(column, row * self._chart.cols + place)

    def on_click(self, event: events.Click) -> None:
        """Chooses the unit under the mouse."""
        if self.scene is None:
            return
        at = event.screen_offset - self.region.offset - Offset(2, 1)
        cells, rows = self._room
        glance = glance_of(self.scene)
        unit = unit_under(glance, self._chart, cells, rows, (at.x, at.y), bare=self.is_bare)
        if unit is not None:
            self.post_message(self.Chosen(Neuron(len(self._network.columns) - 1, unit)))


def glance_of(scene: Scene) -> Glance:
    """What of a scene is to be seen of its map."""
    neuron = scene.neuron
    on_map = scene.network.columns[neuron.column].chart is not None
    return Glance(
        frame=scene.frame,
        atlas=scene.atlas,
        unit=neuron.unit if on_map else 0,
        chosen=scene.chosen and on_map,
        edited=scene.past.edited,
        picture=scene.picture,
    )
