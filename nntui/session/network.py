"""The static picture of a network: its columns of neurons and its list of ops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal

import numpy as np

from nntui.engine.activations import LINEAR, Activation
from nntui.engine.layers import Layer
from nntui.engine.layers.embedding import Embedding
from nntui.engine.layers.flatten import Flatten
from nntui.engine.models.gan import DISCRIMINATOR, GENERATOR
from nntui.engine.program import Op, Program
from nntui.engine.tensor import Tensor
from nntui.engine.trainer import Trainer
from nntui.engine.window import Window
from nntui.scenario.model import Note
from nntui.session.chart import Chart, chart_of
from nntui.session.column import Column, Row
from nntui.session.frame import Network, OpInfo
from nntui.session.lesson import placed
from nntui.session.numbers import subscript
from nntui.session.parts import Part, parts_of, rows_of, ways_of
from nntui.session.passes import judged, passes
from nntui.session.rivalry import rivalry_of
from nntui.session.sequence import Passage, passage, tokens_of


def picture(trainer: Trainer, title: str, about: str, notes: Sequence[Note] = ()) -> Network:
    """The picture of a trainer's network, with the notes on it."""
    model, data, program = trainer.model, trainer.dataset, trainer.program
    columns, rivalry = _columns(trainer), rivalry_of(trainer)
    if chart := chart_of(trainer):
        columns += (_map_column(trainer, chart),)
    return Network(
        title=title,
        about=about,
        columns=columns,
        ops=op_list(trainer),
        parameters=tuple(p.name for p in program.parameters),
        optimizer=model.rule,
        loss=model.goal,
        steps_per_epoch=trainer.steps_per_epoch,
        epochs=model.epochs,
        targets=(data.classes or data.outputs) if "y" in program.tensors else (),
        target="y" if "y" in program.tensors else "",
        classes=data.class_count > 0,
        chances=_chances(program, columns[-1]),
        lessons=placed(notes, program),
        rivalry=rivalry,
        passes=passes(program, rivalry, columns) if rivalry else (),
    )


def _columns(trainer: Trainer) -> tuple[Column, ...]:
    """What each stack begins with, and its layers; of a layer made of parts, each of these."""
    columns: list[Column] = []
    for player, layers in trainer.model.stacks.items():
        source = _source_column(trainer, trainer.model.source(player))
        columns.append(judged(source) if player == DISCRIMINATOR else source)
        for layer in layers:
            parts = parts_of(trainer.program, layer.name, columns[-1].name)
            if any(part.rail for part in parts) and not columns[-1].rail:
                columns[-1] = replace(columns[-1], rail="stream")
            columns += [_part_column(trainer, layer, part) for part in parts]
            if not parts:
                last = layer is layers[-1]
                columns.append(_column(trainer, layer, columns[-1], player, last=last))
    return tuple(columns) or (_data_column(trainer),)


def op_list(trainer: Trainer) -> tuple[OpInfo, ...]:
    """Every op of a step, with its shape in a full batch."""
    return tuple(_info(trainer.program, op, trainer.batches.size) for op in trainer.program.ops)


def cells(tensor: Tensor, batch: int) -> int:
    """How many elements a tensor has, a batch counted as one sample."""
    shape = tensor.public_shape(batch)
    if tensor.batched:
        shape = shape[1:]
    count = 1
    for n in shape:
        count *= n
    return count


def _info(program: Program, op: Op, batch: int) -> OpInfo:
    tensor = program.tensors[op.output]
    return OpInfo(
        number=op.number,
        phase=op.phase,
        layer=op.layer,
        kind=op.kind.name,
        inputs=op.inputs,
        output=op.output,
        formula=op.formula,
        shape=tensor.public_shape(batch),
        elements=cells(tensor, batch),
        player=op.player,
    )


def _source_column(trainer: Trainer, tensor: str) -> Column:
    """A column of what the first layer of a stack reads: of the data, or of noise."""
    if tensor == "x":
        return _data_column(trainer)
    name = tensor.rpartition(".")[2]
    spec = trainer.program.tensors[tensor]
    shape = _sample_shape(spec)
    return Column(
        name=name,
        title=name,
        type="input",
        units=_numbered(spec.symbol, shape),
        rows=(Row("", tensor),),
        z=tensor,
        a=tensor,
        shape=shape,
    )


def _data_column(trainer: Trainer) -> Column:
    shape = _sample_shape(trainer.program.tensors["x"])
    data = trainer.dataset
    column = Column(
        name="input",
        title="input",
        type="input",
        units=data.inputs if shape == (len(data.inputs),) else _numbered("x", shape),
        rows=(Row("", "x"),),
        z="x",
        a="x",
        shape=shape,
    )
    if not _goes_through_time(trainer):
        return column
    names = data.inputs if shape[1:] == (len(data.inputs),) else _numbered("x", shape[1:])
    tokens = tokens_of(data)
    return replace(_in_time(column, names if shape[1:] else ()), tokens=tokens)


def _goes_through_time(trainer: Trainer) -> bool:
    """Whether the inputs are sequences: of features, or of token ids, which become some."""
    rank = len(_sample_shape(trainer.program.tensors["x"]))
    first = next((layers[0] for layers in trainer.model.stacks.values()), None)
    return rank == _SEQUENCE or (rank == 1 and isinstance(first, Embedding))


def _in_time(column: Column, names: tuple[str, ...]) -> Column:
    """A column of a layer that has its neurons at each time step, with names for these."""
    time, *inner = column.shape
    units = tuple(
        f"{name}⟨{t}⟩" for t in range(1, time + 1) for name in (names if inner else ("x",))
    )
    return replace(column, units=units, time=time, names=names, edges="none")


def _column(trainer: Trainer, layer: Layer, before: Column, player: str, *, last: bool) -> Column:
    program = trainer.program
    name, a = layer.name, f"{layer.name}.a"
    shape = _sample_shape(program.tensors[a])
    outputs = _outputs(trainer, player)
    has_z = f"{name}.z" in program.tensors
    activation: Activation = getattr(layer, "activation", LINEAR) if has_z else LINEAR
    weight, bias = (_known(program, f"{name}.{kind}") for kind in ("weight", "bias"))
    window = getattr(layer, "window", None)
    inner = [row for row in _INNER if _shape_of(program, f"{name}.{row[1]}") == shape]
    rows = [Row(label, f"{name}.{part}") for label, part in inner] + [Row("a", a)]
    gradient = rows[0] if inner and inner[0][1] == "z" else rows[-1]
    back = Row(f"∂{gradient.label}", f"{gradient.tensor}.grad", gradient=True)
    short = name.removeprefix(f"{player}.")
    words = [layer.type] * (layer.type not in name or layer.type == "dense")
    words += [activation.type] * (activation is not LINEAR)
    column = Column(
        name=name,
        title=" · ".join([short, *words]),
        type=layer.type,
        units=outputs if last and shape == (len(outputs),) else _numbered(short[0], shape),
        rows=(*rows, *ways_of(program, back)),
        edges=_edges(program, weight, before.shape, shape),
        weight=weight,
        bias=bias,
        activation=activation.type,
        alpha=activation.alpha,
        z=rows[0].tensor,
        a=a,
        parameters=tuple(p.name for p in program.parameters if p.layer == name),
        shape=shape,
        window=window.kernel if isinstance(window, Window) else (),
        channels=before.shape[0] if weight and isinstance(window, Window) else 0,
        winner=_known(program, f"{name}.winner"),
        reshapes=isinstance(layer, Flatten),
        table=_table(program, name),
        more=_more(program, name, shape) if len(shape) == _SEQUENCE else (),
        player=player,
    )
    if through := passage(program, layer):
        return _recurrent(column, through)
    if len(shape) != _SEQUENCE:
        return column
    named = last and shape[1:] == (len(outputs),)
    return _in_time(column, outputs if named else _numbered(short[0], shape[1:]))


def _part_column(trainer: Trainer, layer: Layer, part: Part) -> Column:
    program, name = trainer.program, part.name
    shape = _sample_shape(program.tensors[part.tensor])
    made = tuple(op.output for op in part.ops)
    rows = rows_of(program, part.ops, shape)
    activation: Activation = getattr(layer, "activation", LINEAR)
    if all(op.kind.name != activation.type for op in part.ops):
        activation = LINEAR
    inner = name.removeprefix(layer.name).removeprefix(".")
    split = tuple(output for output in made if len(_sample_shape(program.tensors[output])) == _MANY)
    attends = len(shape) == _MANY
    column = Column(
        name=name,
        title=name,
        type=layer.type,
        units=_numbered(name, shape),
        rows=rows,
        weight=_known(program, f"{name}.weight"),
        bias=_known(program, f"{name}.bias"),
        activation=activation.type,
        alpha=activation.alpha,
        z=rows[0].tensor,
        a=part.tensor,
        parameters=tuple(p.name for p in program.parameters if p.name.rpartition(".")[0] == name),
        shape=shape,
        part=inner,
        before=part.before,
        rail=part.rail,
        heads=_sample_shape(program.tensors[split[0]])[0] if split else 0,
        masked=next((op.output for op in part.ops if op.kind.name == "mask"), ""),
        split=() if attends else split,
        more=tuple(output for output in made if attends or output not in split),
    )
    letter = (inner or name).rpartition(".")[2][0]
    if not attends:
        return _in_time(column, _numbered(letter, shape[1:]))
    heads, time, _ = shape
    return replace(column, time=time, names=_numbered("α", (heads, time)))


def _recurrent(column: Column, through: Passage) -> Column:
    """A column of a layer that takes a state along: the states, whatever it hands on."""
    time, units = through.shape
    values = [row.tensor for row in through.rows if not row.gradient]
    column = replace(
        column,
        rows=through.rows,
        z=values[0],
        a=values[-1],
        shape=(time, units),
        lanes=through.lanes,
        steps=through.steps,
        blocks=through.blocks,
    )
    return _in_time(column, tuple(subscript("h", [k]) for k in range(units)))


def _map_column(trainer: Trainer, chart: Chart) -> Column:
    """A self-organizing map: its units row by row, called after their places, from 0."""
    rows = [Row(label, tensor) for label, tensor in chart.on_grid.items()]
    size = f"{chart.rows}×{chart.cols}"
    name = chart.weight.partition(".")[0]
    return Column(
        name=name,
        title=f"{name} · {size} · {chart.topology}",
        type=name,
        units=tuple(str(chart.place(k)) for k in range(len(chart.points))),
        rows=tuple(rows),
        weight=chart.weight,
        z=chart.on_grid["d"],
        a=chart.on_grid["h"],
        parameters=(chart.weight,),
        shape=(chart.rows, chart.cols),
        chart=chart,
    )


def _outputs(trainer: Trainer, player: str) -> tuple[str, ...]:
    """Names of what a network makes: of fakes, of the one answer about them, or of the targets."""
    data = trainer.dataset
    own = {GENERATOR: data.inputs, DISCRIMINATOR: ("D",)}
    return own.get(player, data.classes or data.outputs)


def _chances(program: Program, last: Column) -> str:
    """The tensor of the probabilities of the classes; nothing where there are none."""
    if "loss.p" in program.tensors:
        return "loss.p"
    return last.a if last.activation == "softmax" else ""


_SEQUENCE: Final = 2
"""Axes of a sample that is a sequence of features."""

_MANY: Final = 3
"""Axes of a sample of a sequence that is dealt out among heads, or of weights of attention."""

_TABLES: Final[Mapping[str, Literal["token", "place"]]] = {
    "embedding": "token",
    "add_positions": "place",
}
"""What the weights of a layer are looked up by, by the kind of op that does it."""

_INNER: Final = (("z", "z"), ("m", "mask"), ("x̂", "normalized"))
"""What a neuron may have beside its activation: a label, and the last part of the tensor's name."""


def _edges(
    program: Program, weight: str, before: tuple[int, ...], after: tuple[int, ...]
) -> Literal["all", "one", "none"]:
    """How a layer hangs on the one before, whose shapes these are."""
    parameter = program.tensors[weight].public_shape(0) if weight else ()
    if len(before) == len(after) == 1 and parameter == (*after, *before):
        return "all"
    if len(parameter) > 1:
        return "none"
    return "one" if before == after else "none"


def _table(program: Program, layer: str) -> Literal["", "token", "place"]:
    """What a layer's weights are looked up by; nothing where they are no table."""
    kinds = {op.kind.name for op in program.ops if op.layer == layer}
    return next((by for kind, by in _TABLES.items() if kind in kinds), "")


def _more(program: Program, layer: str, shape: tuple[int, ...]) -> tuple[str, ...]:
    """Tensors of a layer that have its shape, or a number for each of its time steps."""
    made = (op.output for op in program.ops if op.layer == layer and op.phase == "forward")
    return tuple(name for name in made if _shape_of(program, name) in (shape, shape[:1]))


def _known(program: Program, tensor: str) -> str:
    """The tensor, or nothing where there is none."""
    return tensor if tensor in program.tensors else ""


def _shape_of(program: Program, tensor: str) -> tuple[int, ...] | None:
    """The shape of a sample of a tensor; None where there is no such tensor."""
    return _sample_shape(program.tensors[tensor]) if tensor in program.tensors else None


def _sample_shape(tensor: Tensor) -> tuple[int, ...]:
    return tensor.public_shape(0)[1:]


def _numbered(letter: str, shape: tuple[int, ...]) -> tuple[str, ...]:
    """`h1`, `h2`; `c1,1,1`: a name for each cell of a sample."""
    return tuple(letter + ",".join(str(k + 1) for k in index) for index in np.ndindex(*shape))


def in_time(network: Network) -> Mapping[str, Column]:
    """By op's output, the column in time that its elements belong to; also of data and loss."""
    first, last = network.data, network.columns[-1]
    owners: dict[str, Column] = {}
    for op in network.ops:
        number = network.column_of(op.output)
        about_loss = op.output == "y" or op.output.partition(".")[0] == "loss"
        column = last if about_loss else first if number is None else network.columns[number]
        if column.time and (number is not None or about_loss):
            owners[op.output] = column
    return owners
