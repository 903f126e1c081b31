"""The neuron that is looked at."""

from __future__ import annotations

from rich.cells import cell_len

from nntui.session.column import Column
from nntui.ui.renderables.attention import Gaze, attention_lines, neighbour
from nntui.ui.renderables.boxes import room_in
from nntui.ui.renderables.chances import answer_lines, last_asked
from nntui.ui.renderables.circuit import circuit_lines, is_circuit
from nntui.ui.renderables.closeup import closeup_lines
from nntui.ui.renderables.inspector import inspector_lines
from nntui.ui.renderables.unit import unit_lines
from nntui.ui.scene import Neuron, Scene
from nntui.ui.spans import BLANK, Line
from nntui.ui.widgets.choosing import ChoosingPane

LEAST = 5
"""Lines below a circuit from which on the activation function is drawn."""


class NeuronPane(ChoosingPane):
    """The chosen neuron, or the one the current element belongs to."""

    NUMBER = 6
    TITLE = "Neuron"

    def body(self, scene: Scene, cells: int, rows: int) -> list[Line]:
        """Its numbers, its curve, its weights; a map and its kernel; a cell as a circuit."""
        columns = scene.network.columns
        number, unit = scene.neuron.column, scene.neuron.unit
        if columns[number].is_attention:
            gaze = Gaze(
                scene.network, columns[number], scene.frame, unit, scene.past.edited, scene.field
            )
            return attention_lines(gaze, cells, rows, bare=self.is_bare)
        if chart := columns[number].chart:
            edited = scene.past.edited
            return unit_lines(chart, unit, scene.frame, scene.incoming, cells, rows, edited)
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
        circuit: list[Line] = []
        if is_circuit(columns[number]):
            circuit = circuit_lines(scene.network, number, unit, scene.frame, cells, rows)
            if scene.curve is None or len(circuit) + LEAST > rows:
                return circuit
            circuit = [*circuit, BLANK]
        answer: list[Line] = []
        if self._answers(scene):
            answer = [*answer_lines(scene.network, scene.frame, self._step(scene), cells), BLANK]
            circuit = answer[:rows]
        before = scene.network.before(number)
        return circuit + inspector_lines(
            columns[number],
            unit,
            scene.frame,
            scene.curve,
            scene.incoming,
            (before.names or before.units) if before else (),
            cells,
            rows - len(circuit),
            scene.past.edited,
        )

    def action_arrow(self, by: int) -> None:
        """Moves in the grid of an attention, where a cell is chosen; elsewhere, steps."""
        if self.scene is not None and self.is_chosen and self._grid(self.scene):
            self.action_move(by, 0)
        else:
            super().action_arrow(by)

    def action_move(self, across: int, down: int) -> None:
        """Moves in the grid of an attention; the first move chooses the cell that is looked at."""
        if self.scene is not None and (column := self._grid(self.scene)):
            self.choose(lambda at: Neuron(at.column, neighbour(column, at.unit, across, down)))

    def _grid(self, scene: Scene) -> Column | None:
        """The attention that is looked at; None where it is something else."""
        column = scene.network.columns[scene.neuron.column]
        return column if column.is_attention else None

    def _answers(self, scene: Scene) -> bool:
        """Whether what is looked at is an answer at a time step, one of several classes."""
        network = scene.network
        last = scene.neuron.column == len(network.columns) - 1
        return last and network.classes and bool(network.chances and network.columns[-1].time)

    def _step(self, scene: Scene) -> int:
        """The time step of the answer, from 0: the last one, where none is looked at."""
        column, shown = scene.network.columns[-1], scene.frame.shown
        batched = shown is not None and shown.tensor in scene.frame.batched
        here = shown and batched and column.own(shown.tensor, shown.index) is not None
        if scene.chosen or here:
            return column.when(scene.neuron.unit) - 1
        return last_asked(scene.network, scene.frame)

    def heading(self, scene: Scene) -> str:
        """Of a layer of images one sees a map, of a recurrent one a cell."""
        column = scene.network.columns[scene.neuron.column]
        if column.is_attention:
            return "Attention"
        if self._answers(scene):
            return "Answer"
        if column.chart:
            return "Unit"
        return "Map" if column.is_map else "Cell" if is_circuit(column) else self.TITLE

    def caption(self, scene: Scene) -> Line:
        """Which neuron it is."""
        column = scene.network.columns[scene.neuron.column]
        if column.is_attention:
            _, query, key = column.index(scene.neuron.unit)
            place = f"  query {query + 1} → key {key + 1}"
            several = sum(each.is_attention for each in scene.network.columns) > 1
            return ((place, "strong"), (f"  {column.layer}" if several else "", "dim"))
        if self._answers(scene):
            return ((f"  at time step {self._step(scene) + 1}", "strong"),)
        if column.is_map or column.time:
            name = column.called(scene.neuron.unit)
            short = name.removeprefix(f"{column.name} ")
            return ((f"  {name if self._has_room(scene, name) else short}", "strong"),)
        name = column.units[scene.neuron.unit]
        if chart := column.chart:
            places = (("best", chart.best), ("second", chart.second))
            found = {word: chart.unit(scene.frame.row(tensor)) for word, tensor in places}
            words = [f"  {word}" for word, unit in found.items() if unit == scene.neuron.unit]
            return ((f"  {name}", "strong"), ("".join(words), "dim"))
        if not scene.neuron.column:
            return ((f"  {name}", "strong"),)
        kind = f" {column.name} · {column.activation}"
        if not self._has_room(scene, name + kind):
            kind = f" {column.name}"
        return ((f"  {name}", "strong"), (kind, "dim"))

    def _has_room(self, scene: Scene, text: str) -> bool:
        """Whether a text fits on the upper edge after the heading."""
        title = f"{self.NUMBER} {self.heading(scene)}  {text}"
        return cell_len(title) <= room_in(self.size.width)
