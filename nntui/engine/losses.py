"""The loss phase: which ops each loss is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from nntui.engine.builder import Builder
from nntui.engine.model import Dataset, Training
from nntui.engine.ops.penalty import penalty_formula
from nntui.engine.program import Parameter


def append_loss(builder: Builder, training: Training, output: str, dataset: Dataset) -> None:
    """Append the ops from the network's output to `loss`."""

    def data_loss(name: str, symbol: str) -> None:
        _data_loss(builder, training, output, dataset, name)

    parameters = builder.parameters.values()
    append_penalised(builder, "loss", "L", parameters, data_loss, l1=training.l1, l2=training.l2)


def append_penalised(
    builder: Builder,
    loss: str,
    symbol: str,
    parameters: Iterable[Parameter],
    data_loss: Callable[[str, str], None],
    *,
    l1: float,
    l2: float,
) -> None:
    """Append the ops of a loss on the data and of a penalty on those parameters that are weights.

    A penalty makes the loss a sum of two: `loss.data` and `loss.penalty`.

    Args:
        data_loss: appends the loss on the data, given the name and the symbol of its tensor.
    """
    builder.phase, builder.layer = "loss", ""
    weights = [p.name for p in parameters if p.penalised]
    has_penalty = bool(l1 or l2) and bool(weights)
    name = f"{loss}.data" if has_penalty else loss
    own = f"{symbol}_data" if has_penalty else symbol
    builder.tensor(name, (1,), own, scalar=True)
    data_loss(name, own)
    if has_penalty:
        penalty = builder.tensor(f"{loss}.penalty", (1,), "penalty", scalar=True)
        formula = penalty_formula(l1, l2)
        builder.op("penalty", weights, penalty, l1=l1, l2=l2, formula=formula)
        builder.tensor(loss, (1,), symbol, scalar=True)
        builder.op("total", (name, penalty), loss, symbol=symbol)


def _data_loss(
    builder: Builder, training: Training, output: str, dataset: Dataset, name: str
) -> None:
    loss = training.loss
    probabilities = builder.ops[-1].kind.name == "softmax"
    target = "y.one_hot" if "y.one_hot" in builder.tensors else "y"
    options: dict[str, Any] = {"target": target, "soft": target == "y", "count": ""}
    counted: tuple[str, ...] = ()
    if dataset.is_masked and loss.type == "cross_entropy":
        counted = (builder.tensor("loss.count", (1,), "B", scalar=True),)
        builder.op("target_count", ("y",), *counted, target=target)
        options["count"] = "loss.count"
    if loss.type in ("mse", "mae", "huber"):
        residual = builder.like("loss.residual", output, "r")
        builder.op("residual", (output, target), residual)
        delta = {"delta": loss.delta or 1.0} if loss.type == "huber" else {}
        builder.op(loss.type, (residual,), name, **delta)
    elif loss.type == "cross_entropy" and not probabilities:
        total = builder.single("loss.log_total", builder.positions(output), "l")
        builder.op("log_total", (output,), total)
        p = builder.like("loss.p", output, "p")
        builder.op("probability", (output, total), p)
        inputs = (output, p, total, "y", *counted)
        builder.op("cross_entropy_logits", inputs, name, p=1, **options)
    elif loss.type == "cross_entropy":
        builder.op("cross_entropy", (output, "y", *counted), name, p=0, **options)
    else:
        builder.op(loss.type, (output, "y"), name, **options)
