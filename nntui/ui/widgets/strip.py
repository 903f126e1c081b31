"""The network of sequences: a film strip, time from left to right."""

from __future__ import annotations

from typing import Final, final

from textual import events
from textual.geometry import Offset

from nntui.session.column import Column
from nntui.session.frame import Network
from nntui.ui.format import signed
from nntui.ui.renderables.band import Band
from nntui.ui.renderables.film import Film, film, gated_column
from nntui.ui.renderables.filmrows import is_folded, pages
from nntui.ui.renderables.filmstrip import film_lines, lengths_of
from nntui.ui.renderables.moment import Moment
from nntui.ui.renderables.streamrows import across_at
from nntui.ui.scene import Neuron, Scene
from nntui.ui.spans import Line, Span
from nntui.ui.widgets.networkpane import NetworkPane

_CHOSEN_IN: Final = ("rows", "tokens", "head", "guess")
"""The bands between which the neuron cursor moves up and down."""


@final
class StripView(NetworkPane):
    """The layers of a scene over time; the neuron cursor moves over units and time steps."""

    def __init__(self, network: Network, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(network, id=id)
        self._laid_out: tuple[tuple[object, ...], Film] | None = None

    def body(self, scene: Scene, cells: int, rows: int) -> list[Line]:
        """The bands of the strip."""
        return film_lines(self._moment(scene, cells, rows))

    def caption(self, scene: Scene) -> Line:
        """Which layers there are, or where a number comes from, and which sample is shown."""
        names = " → ".join(self._network.layers)
        parts: list[Span] = [(f"  {names}", "dim")]
        if scene.field:
            column = self._network.columns[scene.neuron.column]
            parts = [(f"  field of {column.called(scene.neuron.unit)}", "accent")]
        if scene.frame.samples > 1:
            parts.append((f"  sample {scene.frame.sample + 1}/{scene.frame.samples}", "dim"))
        return tuple(parts)

    def foot(self, scene: Scene) -> Line:
        """How long what has come back is, and how many time steps are out of view."""
        moment = self._moment(scene, *self._room)
        parts: list[Span] = []
        if before := moment.film.first:
            parts.append((f"‹ {before} earlier  ", "dim"))
        if after := moment.film.time - moment.film.steps.stop:
            parts.append((f"{after} later ›  ", "dim"))
        column = self._network.columns[self._gated(scene)]
        return (*parts, *_returned(column, scene, self._chosen_step(scene)))

    def beside(self, at: Neuron, across: int, down: int) -> Neuron:
        """The same unit a time step away, or the next unit, of the next layer at the edge."""
        column = self._network.columns[at.column]
        unit, step = column.feature(at.unit), max(column.when(at.unit), 1) - 1
        if not column.time:
            return self._in_head(at, across, down)
        step = min(max(step + across, 0), column.time - 1)
        unit += down
        count = self._count(column)
        if not 0 <= unit < count and (shown := self._next(at.column, down)) is not None:
            return self._at(shown, step, 0 if down > 0 else -1)
        return self._at(at.column, step, min(max(unit, 0), count - 1))

    def on_click(self, event: events.Click) -> None:
        """Chooses the neuron under the mouse."""
        if self.scene is None:
            return
        at = event.screen_offset - self.region.offset - Offset(2, 1)
        moment = self._moment(self.scene, *self._room)
        strip, found = moment.film, moment.film.at(at.y)
        step = (at.x - strip.gutter) // strip.wide
        if found is None or not 0 <= step < len(strip.steps):
            return
        band, line = found
        if band.kind == "across" or band.kind == "gaze":
            column = self._network.columns[band.column]
            unit = across_at(moment, band, line, (at.x - strip.gutter) % strip.wide)
            self.post_message(self.Chosen(Neuron(band.column, column.at(strip.steps[step], unit))))
        elif band.kind == "rows" and line < band.lines:
            units = pages(moment, band)
            unit = line * (2 if is_folded(band, bare=self.is_bare) else 1)
            if unit < len(units):
                column = self._network.columns[band.column]
                unit = column.unit((strip.steps[step], units[unit]))
                self.post_message(self.Chosen(Neuron(band.column, unit)))

    @property
    def _room(self) -> tuple[int, int]:
        """(cells, rows) inside the frame."""
        return self.size.width - 4, self.size.height - 2

    def _moment(self, scene: Scene, cells: int, rows: int) -> Moment:
        now = self._now(scene)
        strip = self._film(scene, cells, rows, self._chosen_step(scene) or now)
        return Moment(
            network=self._network,
            frame=scene.frame,
            film=strip,
            now=now,
            column=scene.neuron.column,
            unit=scene.neuron.unit,
            chosen=scene.chosen,
            edited=scene.past.edited,
            origins=scene.field,
            at=self._worked_on(scene),
            bare=self.is_bare,
        )

    def _film(self, scene: Scene, cells: int, rows: int, now: int) -> Film:
        """The layout, made anew only where something that it hangs on has changed."""
        op, gated = scene.frame.op, self._gated(scene)
        backward = op is not None and op.phase in ("backward", "update")
        wanted = (cells, rows, gated, backward, now, self.is_bare)
        if self._laid_out is None or self._laid_out[0] != wanted:
            made = film(
                self._network,
                cells,
                rows,
                gated=gated,
                backward=backward,
                now=now,
                bare=self.is_bare,
            )
            self._laid_out = wanted, made
        return self._laid_out[1]

    def _worked_on(self, scene: Scene) -> int:
        """The column of the current op; -1 where it is of none."""
        op = scene.frame.op
        number = self._network.column_of(op.output) if op else None
        return -1 if number is None else number

    def _gated(self, scene: Scene) -> int:
        """The column whose gates are shown: of the chosen neuron, or of the current op."""
        return gated_column(self._network, scene.neuron.column if scene.chosen else scene.focus)

    def _chosen_step(self, scene: Scene) -> int:
        column = self._network.columns[scene.neuron.column]
        return column.when(scene.neuron.unit) if scene.chosen else 0

    def _now(self, scene: Scene) -> int:
        """The time step that the current op is at, from 1; 0 where it is at none."""
        op = scene.frame.op
        if op is None:
            return 0
        if step := self._network.time_of(op):
            return step
        for cell in scene.frame.writes:
            for column in self._network.columns:
                unit = column.own(cell.tensor, cell.index) if column.time else None
                if unit is not None and cell.tensor not in column.parameters:
                    return column.when(unit)
        return 0

    def _count(self, column: Column) -> int:
        """How many rows the neuron cursor finds in a layer."""
        return 1 if column.tokens else max(len(column.names), 1)

    def _next(self, column: int, down: int) -> int | None:
        """The next layer in view in a direction."""
        moment = self._moment(self.scene, *self._room) if self.scene else None
        bands: tuple[Band, ...] = moment.film.bands if moment else ()
        columns = sorted({band.column for band in bands if band.kind in _CHOSEN_IN})
        if self._network.has_stream:
            columns = list(range(len(self._network.columns)))
        beyond = [k for k in columns if (k > column if down > 0 else k < column)]
        return (beyond[0] if down > 0 else beyond[-1]) if beyond else None

    def _at(self, number: int, step: int, unit: int) -> Neuron:
        """A neuron of a layer; of tokens, that of the token that is there; -1: the last one."""
        column = self._network.columns[number]
        if not column.time:
            return Neuron(number, 0)
        if column.tokens and column.names and self.scene:
            values = [self.scene.frame.value(column.a, step, k) for k in range(len(column.names))]
            unit = next((k for k, value in enumerate(values) if value), 0)
        elif unit < 0:
            unit = len(column.names) - 1
        return Neuron(number, column.at(step, unit))

    def _in_head(self, at: Neuron, across: int, down: int) -> Neuron:
        """From a layer after the last time step: along it, or to the layer above or below."""
        column = self._network.columns[at.column]
        if down:
            shown = self._next(at.column, down)
            last = max(each.time for each in self._network.columns) - 1
            return self._at(shown, last, 0 if down > 0 else -1) if shown is not None else at
        return Neuron(at.column, min(max(at.unit + across, 0), len(column.units) - 1))


def _returned(column: Column, scene: Scene, chosen: int) -> Line:
    """`‖∂h⟨3⟩‖ 0.0123 = 0.04 × ‖∂h⟨20⟩‖`: what has come back last, or to the chosen step."""
    known = [(t, v) for t, v in enumerate(lengths_of(column, scene.frame), 1) if v is not None]
    if not known:
        return ()
    at, value = next(((t, v) for t, v in known if t == chosen), known[0])
    last, first = known[-1]
    written: list[Span] = [(f"‖∂h⟨{at}⟩‖ {signed(value).strip().lstrip('+')}", "backward")]
    if first > 0 and at != last:
        written.append((f" = {value / first:.2g} × ‖∂h⟨{last}⟩‖", "dim"))
    return tuple(written)
