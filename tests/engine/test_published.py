"""Networks whose numbers others have published, or anyone can compute on paper."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pytest

from nntui.engine.activations import Activation
from nntui.engine.layers.dense import Dense
from nntui.engine.model import Dataset, Loss, Samples, Training
from nntui.engine.models.sequential import Sequential
from nntui.engine.optimizers import Sgd
from nntui.engine.trainer import Trainer, quiet

SIGMOID: Final = Activation("sigmoid")


def network(
    layers: list[dict[str, Any]], x: list[float], y: list[float], loss: str, lr: float
) -> Trainer:
    """Sigmoid layers on one sample."""
    dense = [
        Dense(
            name=options["name"],
            units=len(options["bias"]),
            activation=SIGMOID,
            weight=np.array(options["weight"]),
            bias=np.array(options["bias"]),
            freeze=("bias",),
        )
        for options in layers
    ]
    training = Training(loss=Loss(loss), optimizer=Sgd(lr=lr), batch_size=1)
    return Trainer(
        Sequential(layers=tuple(dense), training=training),
        Dataset(train=Samples(np.array([x]), np.array([y]))),
    )


def mazur() -> Trainer:
    """Mazur, "A step by step backpropagation example" (2015): biases stay as they are.

    His error, ½ Σ (target − out)² over two outputs, is the mean squared error.
    """
    hidden = {"name": "h", "weight": [[0.15, 0.20], [0.25, 0.30]], "bias": [0.35, 0.35]}
    output = {"name": "o", "weight": [[0.40, 0.45], [0.50, 0.55]], "bias": [0.60, 0.60]}
    return network([hidden, output], [0.05, 0.10], [0.01, 0.99], "mse", 0.5)


def exam() -> Trainer:
    """The worked example of the documentation: will I pass the exam?"""
    hidden = {"name": "hidden", "weight": [[0.2, 0.3], [0.1, 0.4]], "bias": [0.5, 0.1]}
    output = {"name": "output", "weight": [[0.6, 0.8]], "bias": [0.2]}
    return network([hidden, output], [3.0, 7.0], [1.0], "bce", 0.5)


def step_through(trainer: Trainer) -> dict[str, np.ndarray]:
    """Every tensor after one training step, op by op."""
    for op in trainer.program.ops:
        trainer.execute(op, 1)
    memory = trainer.memory(1)
    return {name: memory.public(name).copy() for name in trainer.program.tensors}


def test_mazur_forward() -> None:
    at = step_through(mazur())

    assert at["h.z"] == pytest.approx(np.array([[0.3775, 0.3925]]), abs=1e-12)
    assert at["h.a"] == pytest.approx(np.array([[0.59326999, 0.59688438]]), abs=5e-9)
    assert at["o.a"] == pytest.approx(np.array([[0.75136507, 0.77292847]]), abs=5e-9)
    assert float(at["loss"]) == pytest.approx(0.2983711087600027, rel=1e-15)


def test_mazur_backward() -> None:
    at = step_through(mazur())
    output = np.array([[0.08216704, 0.08266763], [-0.02260254, -0.02274024]])
    hidden = np.array([[0.00043857, 0.00087714], [0.00049771, 0.00099543]])

    assert at["o.weight.grad"] == pytest.approx(output, abs=5e-9)
    assert at["h.weight.grad"] == pytest.approx(hidden, abs=5e-9)


def test_mazur_update() -> None:
    at = step_through(mazur())
    output = np.array([[0.35891648, 0.408666186], [0.511301270, 0.561370121]])
    hidden = np.array([[0.149780716, 0.19956143], [0.24975114, 0.29950229]])

    assert at["o.weight"] == pytest.approx(output, abs=5e-9)
    assert at["h.weight"] == pytest.approx(hidden, abs=5e-9)
    assert at["o.bias"].tolist() == [0.60, 0.60]
    assert at["h.bias"].tolist() == [0.35, 0.35]


def test_mazur_training() -> None:
    trainer = mazur()
    with quiet():
        run = trainer.runner()
        losses = [run(step) for step in range(1, 10_002)]

    assert losses[1] == pytest.approx(0.29102777369359933, rel=1e-15)
    assert losses[10_000] == pytest.approx(3.5102e-05, abs=5e-10)


def test_exam() -> None:
    at = step_through(exam())

    assert at["hidden.z"] == pytest.approx(np.array([[3.2, 3.2]]), rel=1e-15)
    assert at["hidden.a"] == pytest.approx(np.full((1, 2), 0.9608342772032357), rel=1e-15)
    assert at["output.z"] == pytest.approx(np.array([[1.54516798808453]]), rel=1e-14)
    assert at["output.a"] == pytest.approx(np.array([[0.8242147431567693]]), rel=1e-15)
