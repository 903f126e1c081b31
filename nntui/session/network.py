"""The static picture of a network: its columns of neurons and its list of ops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from nntui.engine.layers import Layer
from nntui.engine.layers.dense import Dense
from nntui.engine.layers.dropout import Dropout
from nntui.engine.program import Op, Program
from nntui.engine.tensor import Tensor
from nntui.engine.trainer import Trainer
from nntui.session.frame import Column, Network, OpInfo, Row


def picture(trainer: Trainer, title: str, about: str) -> Network:
    """The picture of a trainer's network."""
    model, data, program = trainer.model, trainer.dataset, trainer.program
    columns = [_data_column(trainer)]
    for layer in trainer.layers:
        columns.append(_column(trainer, layer, last=layer is trainer.layers[-1]))
    return Network(
        title=title,
        about=about,
        columns=tuple(columns),
        ops=op_list(trainer),
        parameters=tuple(p.name for p in program.parameters),
        optimizer=_describe(model.training.optimizer),
        loss=model.training.loss.type,
        steps_per_epoch=trainer.steps_per_epoch,
        epochs=model.training.epochs,
        targets=data.classes or data.outputs,
        target="y" if "y" in program.tensors else "",
        classes=data.class_count > 0,
    )


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
    )


def _data_column(trainer: Trainer) -> Column:
    size = cells(trainer.program.tensors["x"], trainer.batches.size)
    names = trainer.dataset.inputs
    units = names if len(names) == size else tuple(f"x{k + 1}" for k in range(size))
    return Column(
        name="input", title="input", type="input", units=units, rows=(Row("", "x"),), z="x", a="x"
    )


def _column(trainer: Trainer, layer: Layer, *, last: bool) -> Column:
    program = trainer.program
    name, a = layer.name, f"{layer.name}.a"
    size = cells(program.tensors[a], trainer.batches.size)
    outputs = trainer.dataset.classes or trainer.dataset.outputs
    units = tuple(f"{name[0]}{k + 1}" for k in range(size))
    if last and len(outputs) == size:
        units = outputs
    parameters = tuple(p.name for p in program.parameters if p.layer == name)
    if isinstance(layer, Dense):
        activation = layer.activation
        shape = activation.type
        z = f"{name}.z"
        rows = (Row("z", z), Row("a", a), Row("∂z", f"{z}.grad", gradient=True))
        return Column(
            name=name,
            title=f"{name} · dense" + ("" if shape == "linear" else f" · {shape}"),
            type=layer.type,
            units=units,
            rows=rows,
            edges="all",
            weight=f"{name}.weight",
            bias=f"{name}.bias" if f"{name}.bias" in program.tensors else "",
            activation=shape,
            alpha=activation.alpha,
            z=z,
            a=a,
            parameters=parameters,
        )
    inner = (
        Row("m", f"{name}.mask") if isinstance(layer, Dropout) else Row("x̂", f"{name}.normalized")
    )
    return Column(
        name=name,
        title=f"{name} · {layer.type}" if layer.type not in name else name,
        type=layer.type,
        units=units,
        rows=(inner, Row("a", a), Row("∂a", f"{a}.grad", gradient=True)),
        edges="one",
        weight=f"{name}.weight" if f"{name}.weight" in program.tensors else "",
        bias=f"{name}.bias" if f"{name}.bias" in program.tensors else "",
        z=inner.tensor,
        a=a,
        parameters=parameters,
    )


def _describe(optimizer: object) -> str:
    """`adam(lr=0.05)`: the optimizer with the options that are not its defaults."""
    kind = type(optimizer)
    options: Sequence[str] = [
        f"{f.name}={getattr(optimizer, f.name)}"
        for f in fields(kind)  # type: ignore[arg-type]
        if f.name == "lr" or getattr(optimizer, f.name) != f.default
    ]
    return f"{getattr(kind, 'type', '')}({', '.join(options)})"
