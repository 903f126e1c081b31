"""The loss phase: which ops each loss is made of."""

from __future__ import annotations

from typing import Any

from nntui.engine.builder import Builder
from nntui.engine.model import Dataset, Training
from nntui.engine.ops.penalty import penalty_formula


def append_loss(builder: Builder, training: Training, output: str, dataset: Dataset) -> None:
    """Append the ops from the network's output to `loss`.

    A penalty on the weights makes the loss a sum of two: `loss.data` and `loss.penalty`.
    """
    builder.phase, builder.layer = "loss", ""
    penalised = [p.name for p in builder.parameters.values() if p.penalised]
    has_penalty = bool(training.l1 or training.l2) and bool(penalised)
    name = "loss.data" if has_penalty else "loss"
    builder.tensor(name, (1,), "L_data" if has_penalty else "L", scalar=True)
    _data_loss(builder, training, output, dataset, name)
    if has_penalty:
        builder.tensor("loss.penalty", (1,), "penalty", scalar=True)
        l1, l2 = training.l1, training.l2
        formula = penalty_formula(l1, l2)
        builder.op("penalty", penalised, "loss.penalty", l1=l1, l2=l2, formula=formula)
        builder.tensor("loss", (1,), "L", scalar=True)
        builder.op("total", (name, "loss.penalty"), "loss")


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
