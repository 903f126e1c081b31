"""The network: columns of neurons, and the edges painted behind them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import final

from rich.cells import cell_len
from textual import events
from textual.geometry import Offset

from nntui.session.frame import Network
from nntui.ui.format import STALE, exponent, power
from nntui.ui.renderables.boxes import room_in
from nntui.ui.renderables.casting import Fold, Shape
from nntui.ui.renderables.column import column_lines, shape_of, shortened
from nntui.ui.renderables.edges import edge_lines
from nntui.ui.renderables.geometry import Placement, Plan, plan
from nntui.ui.renderables.maps import Layout
from nntui.ui.renderables.match import legend, match_caption, match_lines
from nntui.ui.renderables.rows import single
from nntui.ui.renderables.tile import Scale
from nntui.ui.renderables.turns import banner
from nntui.ui.renderables.wires import wires
from nntui.ui.scene import Match, Neuron, Scene, in_view
from nntui.ui.spans import BLANK, Line, Span, pad, width
from nntui.ui.widgets.networkpane import NetworkPane
from nntui.ui.widgets.painted import Painted


class LayerColumn(Painted):
    """One column of neurons, above the edges; narrow, so that little is repainted."""


@final
class NetworkView(NetworkPane):
    """The network of a scene as columns; the neuron cursor moves in it."""

    def __init__(self, network: Network, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(network, id=id)
        self._shapes: list[Shape] = [shape_of(network, k) for k in range(len(network.columns))]
        self._plan = Plan(())
        self._columns = [LayerColumn() for _ in network.columns]

    def compose(self) -> list[LayerColumn]:
        """A widget per column; they are shown and hidden, never made again."""
        return self._columns

    def repaint(self) -> None:
        """Places the columns where that has changed, and draws them and the edges."""
        scene = self.scene
        cells, height = self.size.width - 4, self.size.height - 2 - self._above
        if scene is None or cells < 10 or height < 1:
            return
        if scene.is_outside:
            self._plan = Plan(())
            self._place()
            super().repaint()
            return
        focus = scene.neuron.column if scene.chosen else scene.focus
        placed = plan(self._shapes, cells, height, focus, units=in_view(scene), bare=self.is_bare)
        if placed != self._plan:
            self._plan = placed
            self._place()
        selected = scene.neuron
        for placement in placed.columns:
            unit = selected.unit if selected.column == placement.column else None
            if not scene.chosen:
                unit = None
            lines = column_lines(
                scene.network, scene.frame, placement, unit, scene.past.edited, scene.field
            )
            self._columns[placement.column].paint(lines)
        super().repaint()

    def body(self, scene: Scene, cells: int, rows: int) -> list[Line]:
        """The titles of the columns and the edges between them; or two players from outside."""
        if scene.match and scene.is_outside:
            return match_lines(scene.match, scene.frame, cells, rows, bare=self.is_bare)
        out: list[Line] = [self._titles(cells)]
        if scene.match:
            out.insert(0, self._players(scene.match, cells))
        below = rows - len(out)
        gaps: list[tuple[int, int, Sequence[Line]]] = []
        backward = scene.frame.op is not None and scene.frame.op.phase == "backward"
        shown = self._plan.columns
        for left, right in pairwise(shown):
            start, columns = left.x + left.width, right.x - left.x - left.width
            before, after = self.network.columns[left.column], self.network.columns[right.column]
            at_right = scene.chosen and scene.neuron.column == right.column
            unit = scene.neuron.unit if at_right else None
            if after.is_map:
                continue
            drawn = wires(before, after, left, right, scene.frame, unit)
            lines = edge_lines(drawn, columns, below, backward=backward)
            gaps.append((start, columns, lines))
        for row in range(below):
            line: list[Span] = []
            at = 0
            for start, columns, lines in gaps:
                line += [(" " * (start - at), "text"), *pad(lines[row], columns)]
                at = start + columns
            out.append(tuple(line) if line else BLANK)
        return out

    def caption(self, scene: Scene) -> Line:
        """How much of the network is out of view, and which sample is shown."""
        frame = scene.frame
        parts: list[Span] = []
        if scene.field:
            column = self.network.columns[scene.neuron.column]
            parts.append((f"  field of {column.called(scene.neuron.unit)}", "accent"))
        if scene.match:
            return (*parts, *match_caption(scene.match, frame))
        if frame.samples > 1:
            parts.append((f"  sample {frame.sample + 1}/{frame.samples}", "dim"))
        return tuple(parts)

    def foot(self, scene: Scene) -> Line:
        """Columns out of view on either side; or what the marks in the plane are."""
        if scene.match and scene.is_outside:
            room = room_in(self.size.width)
            return legend(scene.match, scene.frame, room, bare=self.is_bare)
        parts = []
        if self._plan.before:
            parts.append(f"‹ {self._plan.before} more")
        if self._plan.after:
            parts.append(f"{self._plan.after} more ›")
        return (("   ".join(parts), "dim"),) if parts else ()

    def beside(self, at: Neuron, across: int, down: int) -> Neuron:
        """The neuron in the next column, or the next one in its own."""
        placement = self._plan.of(at.column)
        within = self._in_map(at, across, down, placement.maps if placement else None)
        return within or self._in_column(at, across, down)

    def _in_map(self, at: Neuron, across: int, down: int, maps: Layout | None) -> Neuron | None:
        """The neighbour of a neuron that lies in a map, None where that is in another column."""
        if maps is None:
            return None
        unit = maps.neighbour(at.unit, across, down)
        return None if unit is None else Neuron(at.column, unit)

    def _in_column(self, at: Neuron, across: int, down: int) -> Neuron:
        """The neuron up or down in a column, or level with one in the column beside it."""
        shown = [k for k, shape in enumerate(self._shapes) if not shape.hidden]
        here = max((k for k, column in enumerate(shown) if column <= at.column), default=0)
        column = shown[min(max(here + across, 0), len(shown) - 1)]
        units = len(self.network.columns[column].units)
        unit = self._level(at, column) if column != at.column else at.unit
        return Neuron(column, min(max(unit + down, 0), units - 1))

    def on_click(self, event: events.Click) -> None:
        """Chooses the neuron under the mouse."""
        at = event.screen_offset - self.region.offset - Offset(2, 1 + self._above)
        for placement in self._plan.columns:
            x, y = at.x - placement.x, at.y - placement.y
            if 0 <= x < placement.width and 0 <= y < placement.height:
                unit = placement.unit_at(x, y)
                units = len(self.network.columns[placement.column].units)
                if unit is not None and unit < units:
                    self.post_message(self.Chosen(Neuron(placement.column, unit)))

    def _level(self, at: Neuron, column: int) -> int:
        """The neuron of another column that is nearest in height."""
        here, there = self._plan.of(at.column), self._plan.of(column)
        if here is None or there is None:
            return 0
        row = here.middle(at.unit)
        units = range(len(self.network.columns[column].units))
        return min(units, key=lambda unit: abs(there.middle(unit) - row))

    def _place(self) -> None:
        for number, widget in enumerate(self._columns):
            placement = self._plan.of(number)
            widget.display = placement is not None
            if placement:
                widget.styles.offset = (placement.x + 2, placement.y + 1 + self._above)
                widget.styles.width = placement.width
                widget.styles.height = placement.height

    @property
    def _above(self) -> int:
        """Rows above the columns."""
        return 1 if self._network.rivalry is None else 2

    def _players(self, match: Match, cells: int) -> Line:
        """Whose networks the columns are, and who is frozen."""
        areas = [(self.network.columns[p.column], p.x, p.x + p.width) for p in self._plan.columns]
        return banner(areas, match.duel.player, cells)

    def _titles(self, cells: int) -> Line:
        line: list[Span] = []
        at = 0
        shown = self._plan.columns
        for k, placement in enumerate(shown):
            column = self.network.columns[placement.column]
            last = k == len(shown) - 1
            end = placement.x + placement.width
            left = (shown[k - 1].x + shown[k - 1].width + placement.x) // 2 + 1 if k else 0
            right = cells if last else (end + shown[k + 1].x) // 2
            left = max(left, at)
            label = self._row_label(placement)
            if width(label) > right - left:
                label = label[:3]
            extra = width(label)
            text = shortened(column.title, right - left - extra)
            size = cell_len(text) + extra
            start = min(max(left, placement.x + (placement.width - size) // 2), right - size)
            line += [(" " * (start - at), "text"), (text, "dim"), *label]
            at = start + size
        return tuple(line)

    def _row_label(self, placement: Placement) -> Line:
        """What the numbers of a folded column are: its neurons have no room to say it."""
        if self.scene is None or placement.fold not in (Fold.CELL, Fold.HEAT, Fold.MAPS):
            return ()
        row = single(self.network.columns[placement.column], self.scene.frame)
        if row is None or not row.label:
            return ()
        before = (STALE, "error") if row.tensor in self.scene.frame.stale else (" ", "text")
        word = (row.label, "backward" if row.gradient else "text")
        label: Line = ((" ", "text"), before, word)
        if placement.maps is None:
            return label
        numbers = placement.maps.scale is Scale.NUMBERS
        small = power(exponent(self.scene.frame.scale(row.tensor))) if numbers else ""
        return (*label, (small + placement.maps.part, "dim"))
