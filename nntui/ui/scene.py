"""`Scene`: everything the panes show at one moment, handed down from the screen."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from nntui.session.atlas import Atlas
from nntui.session.column import Column
from nntui.session.frame import Cell, Frame, Network, OpInfo, ParameterRow
from nntui.session.gan import Duel
from nntui.session.rivalry import Rivalry
from nntui.ui.past import Past, look_around
from nntui.ui.renderables.activation import Curve, CurveMaker
from nntui.ui.stepper import Stepper

MOST_ROWS = 128
"""Parameters of a layer that are listed."""

CURVE_POINTS = 96

FIELD_POINTS = 33
"""Points across and down at which a discriminator is asked."""


@dataclass(frozen=True)
class Neuron:
    """A neuron's address: its column, and its number in it."""

    column: int
    unit: int


@dataclass(frozen=True, eq=False)
class Match:
    """Two players that learn against each other.

    Attributes:
        rivalry: what does not change.
        duel: how they stand.
        bounds: (left, bottom, right, top) of what is in sight of the plane; None for no plane.
        field: what the discriminator says over it.
        chance: how likely the discriminator takes the shown sample to be real; None until it has
            judged it.
        outside: whether the samples are looked at, and not the networks.
    """

    rivalry: Rivalry
    duel: Duel
    bounds: tuple[float, float, float, float] | None
    field: tuple[tuple[float, ...], ...]
    chance: float | None = None
    outside: bool = True


@dataclass(frozen=True, eq=False)
class Scene:
    """A frame and what has been chosen to look at.

    Attributes:
        focus: the column that is being worked on.
        neuron: the neuron that is looked at: the chosen one, or that of the current element.
        chosen: whether the user chose it.
        incoming: the parameters of that neuron.
        layer: the name of what the listed parameters belong to: the layer of the current op, or
            the chosen neuron.
        parameters: its parameters; of many, the first.
        curve: the activation function of that neuron, where it has one.
        log: whether the loss is shown on a logarithmic scale.
        running: whether the session runs by itself.
        past: what lies around the cursor in time.
        field: the cells that the neuron's activation comes from, where that is asked for.
        atlas: the pictures of a self-organizing map; None for any other model.
        picture: which of them is asked for, counted round and round.
        match: two players as they stand, where the network has them.
        unlisted: how many parameters are not among those listed.
    """

    network: Network
    frame: Frame
    focus: int
    neuron: Neuron
    chosen: bool
    incoming: tuple[ParameterRow, ...]
    layer: str
    parameters: tuple[ParameterRow, ...]
    curve: Curve | None
    log: bool = False
    running: bool = False
    past: Past = dataclasses.field(default_factory=Past)
    field: frozenset[Cell] = frozenset()
    atlas: Atlas | None = None
    picture: int = 0
    match: Match | None = None
    unlisted: int = 0

    @property
    def is_outside(self) -> bool:
        """Whether the samples of two players are looked at, and not their networks."""
        return self.match is not None and self.match.outside


def compose_scene(
    session: Stepper,
    curve: CurveMaker,
    *,
    before: Scene | None,
    chosen: Neuron | None,
    log: bool,
    running: bool = False,
    field: bool = False,
    picture: int = 0,
) -> Scene:
    """The scene of a session as it is.

    What the current op says nothing about is as the ops before it left it: the scene depends on
    the position, not on the way there.
    """
    frame = session.frame
    network = session.network.at(frame.position.op, fake=frame.is_fake)
    here = _on_chart(network, frame) or focus_of(network, frame) or _last_focus(network, frame)
    neuron = chosen or _looked_at(network, frame, here)
    incoming = session.reader.column_rows(neuron.column, neuron.unit) if neuron.column else ()
    column = _trained(network, frame)
    layer, parameters, unlisted = column.name if column else "", incoming, 0
    if chosen and incoming:
        named = network.columns[chosen.column]
        layer = named.maker(chosen.unit)
    else:
        rows: list[ParameterRow] = []
        for parameter in column.parameters if column else ():
            rows += session.reader.parameter_rows(parameter, MOST_ROWS - len(rows))
        parameters = tuple(rows)
        unlisted = sum(map(frame.size, column.parameters if column else ())) - len(rows)
    seen = network.columns[neuron.column]
    drawn = None
    if seen.activation != "linear":
        drawn = curve(
            seen.activation, seen.alpha, frame.value(seen.z, *seen.index(neuron.unit)), CURVE_POINTS
        )
    return Scene(
        network=network,
        frame=frame if running else replace(frame, trust=session.trust),
        focus=here.column,
        neuron=neuron,
        chosen=chosen is not None,
        incoming=incoming,
        layer=layer,
        parameters=parameters,
        curve=drawn,
        log=log,
        running=running,
        past=look_around(session, frame, before.past if before else None),
        field=session.study.origins(neuron.column, neuron.unit, frame.sample)
        if field and not running
        else frozenset(),
        atlas=session.study.atlas(frame) if network.chart else None,
        picture=picture,
        match=_match(session, frame, picture),
        unlisted=unlisted,
    )


def _on_chart(network: Network, frame: Frame) -> Neuron | None:
    """The unit of a map that is being worked on, or else the best one; None without a map."""
    chart = network.chart
    if chart is None:
        return None
    column = len(network.columns) - 1
    for cell in frame.writes:
        unit = network.columns[column].own(cell.tensor, cell.index)
        if unit is not None:
            return Neuron(column, unit)
    return Neuron(column, chart.unit(frame.row(chart.best)) or 0)


def _match(session: Stepper, frame: Frame, picture: int) -> Match | None:
    """The two players of a session, where it has them."""
    arena, rivalry = session.arena, session.network.rivalry
    if arena is None or rivalry is None:
        return None
    seen = rivalry.is_seen and picture % 2 == 0
    field = arena.field(FIELD_POINTS, FIELD_POINTS) if seen else ()
    chance = arena.chance(frame.sample)
    return Match(rivalry, arena.duel, arena.bounds, field, chance, seen)


def _done(network: Network, frame: Frame) -> Iterator[OpInfo]:
    """The ops of this step up to the cursor, the last one first."""
    return reversed(network.ops[: frame.op.number if frame.op else 0])


def _trained(network: Network, frame: Frame) -> Column | None:
    """The layer of the current op; where that has no parameters, the one before, or the first."""
    for op in _done(network, frame):
        number = network.column_of(op.output)
        if number is not None and network.columns[number].parameters:
            return network.columns[number]
    return next((column for column in network.columns if column.parameters), None)


def _last_focus(network: Network, frame: Frame) -> Neuron:
    """The neuron of the last op that belongs to one."""
    for op in _done(network, frame):
        made = _owner(network, Cell(op.output, (0,)))
        if made:
            return _in_step(network, op, made)
    return Neuron(0, 0)


def focus_of(network: Network, frame: Frame) -> Neuron | None:
    """The neuron the current element belongs to; None where it belongs to none."""
    if frame.shown and (neuron := _owner(network, frame.shown)):
        return _in_step(network, frame.op, neuron)
    read = [neuron for cell in frame.reads if (neuron := _owner(network, cell))]
    read += [neuron for name in frame.reads_all if (neuron := _owner(network, Cell(name, (0,))))]
    return max(read, key=lambda neuron: neuron.column, default=None)


def _looked_at(network: Network, frame: Frame, here: Neuron) -> Neuron:
    """The neuron that says most of where the cursor is: the one there, once it has a number.

    What a head has found is no neuron's number before the heads are joined. Until then it is the
    weight of attention that has the largest part in it.
    """
    column = network.columns[here.column]
    if frame.value(column.a, *column.index(here.unit)) is not None:
        return here
    weights = [
        (value, neuron.column, neuron.unit)
        for cell in frame.reads
        if (neuron := _owner(network, cell)) and network.columns[neuron.column].is_attention
        if (value := frame.value(cell.tensor, *cell.index)) is not None
    ]
    return Neuron(*max(weights)[1:]) if weights and column.split else here


def _in_step(network: Network, op: OpInfo | None, neuron: Neuron) -> Neuron:
    """The same unit at the time step that an op works on, where it works on one."""
    column, time = network.columns[neuron.column], network.time_of(op) if op else 0
    if not time or not column.steps:
        return neuron
    return Neuron(neuron.column, column.unit((time - 1, column.feature(neuron.unit))))


def _owner(network: Network, cell: Cell) -> Neuron | None:
    """The neuron that a number belongs to."""
    for number, column in enumerate(network.columns):
        unit = column.own(cell.tensor, cell.index)
        if unit is not None:
            return Neuron(number, unit)
    return None


def in_next_head(scene: Scene, by: int) -> Neuron | None:
    """The same query and key in another head of the attention looked at; None where none is."""
    column = scene.network.columns[scene.neuron.column]
    if not column.is_attention:
        return None
    head, *place = column.index(scene.neuron.unit)
    return Neuron(scene.neuron.column, column.unit(((head + by) % column.heads, *place)))


def in_view(scene: Scene) -> Mapping[int, int]:
    """By column of maps, the neuron to have in view: the chosen one, or one being worked on."""
    frame, found = scene.frame, dict[int, int]()
    owners = {
        tensor: number
        for number, column in enumerate(scene.network.columns)
        if column.is_map
        for name in (column.z, column.a)
        for tensor in (name, f"{name}.grad")
    }
    for cells in (frame.reads, frame.now, frame.writes):
        first: dict[int, tuple[int, ...]] = {}
        for cell in cells:
            number = owners.get(cell.tensor)
            if number is not None:
                first[number] = min(first.get(number, cell.index), cell.index)
        for number, index in first.items():
            found[number] = scene.network.columns[number].unit(index)
    if scene.chosen:
        found[scene.neuron.column] = scene.neuron.unit
    return found
