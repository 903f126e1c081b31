"""The neuron that is looked at."""

from __future__ import annotations

from nntui.ui.renderables.inspector import inspector_lines
from nntui.ui.scene import Scene
from nntui.ui.spans import Line
from nntui.ui.widgets.pane import Pane


class NeuronPane(Pane):
    """The chosen neuron, or the one the current element belongs to."""

    NUMBER = 6
    TITLE = "Neuron"

    def body(self, scene: Scene, cells: int, rows: int) -> list[Line]:
        """Its numbers, its curve, its weights."""
        columns = scene.network.columns
        number, unit = scene.neuron.column, scene.neuron.unit
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

    def caption(self, scene: Scene) -> Line:
        """Which neuron it is."""
        column = scene.network.columns[scene.neuron.column]
        kind = f" {column.name} · {column.activation}" if scene.neuron.column else ""
        return ((f"  {column.units[scene.neuron.unit]}", "strong"), (kind, "dim"))
