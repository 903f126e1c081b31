"""The neuron that is looked at."""

from __future__ import annotations

from nntui.ui.renderables.closeup import closeup_lines
from nntui.ui.renderables.inspector import inspector_lines
from nntui.ui.scene import Scene
from nntui.ui.spans import Line
from nntui.ui.widgets.pane import Pane


class NeuronPane(Pane):
    """The chosen neuron, or the one the current element belongs to."""

    NUMBER = 6
    TITLE = "Neuron"

    def body(self, scene: Scene, cells: int, rows: int) -> list[Line]:
        """Its numbers, its curve, its weights; of a map, the map and its kernel."""
        columns = scene.network.columns
        number, unit = scene.neuron.column, scene.neuron.unit
        if columns[number].is_map:
            return closeup_lines(
                columns[number],
                unit,
                scene.frame,
                cells,
                rows,
                scene.past.edited,
                bare=self.is_bare,
            )
        sources = columns[number - 1].units if number else ()
        return inspector_lines(
            columns[number],
            unit,
            scene.frame,
            scene.curve,
            scene.incoming,
            sources,
            cells,
            rows,
            scene.past.edited,
        )

    def heading(self, scene: Scene) -> str:
        """Of a layer of images one sees a map."""
        return "Map" if scene.network.columns[scene.neuron.column].is_map else self.TITLE

    def caption(self, scene: Scene) -> Line:
        """Which neuron it is."""
        column = scene.network.columns[scene.neuron.column]
        if column.is_map:
            return ((f"  {column.called(scene.neuron.unit)}", "strong"),)
        name = column.units[scene.neuron.unit]
        kind = f" {column.name} · {column.activation}" if scene.neuron.column else ""
        return ((f"  {name}", "strong"), (kind, "dim"))
