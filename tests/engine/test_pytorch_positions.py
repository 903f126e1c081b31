"""Sequences, token ids and images through the layers, against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nntui.engine.activations import ACTIVATIONS
from nntui.engine.layers import Layer
from nntui.engine.layers.batch_norm import BatchNorm
from nntui.engine.layers.embedding import Embedding
from nntui.engine.layers.flatten import Flatten
from nntui.engine.layers.layer_norm import LayerNorm
from nntui.engine.model import Samples
from nntui.engine.trainer import quiet
from tests.engine.examples import (
    OPTIMIZERS,
    OUTPUTS,
    ROWS,
    TIME,
    VOCABULARY,
    dense,
    distributions,
    example,
    images,
    masked,
    per_step,
    sequences,
    stepwise,
    tokens,
)

torch = pytest.importorskip("torch")

from tests.engine.pytorch import Reference  # noqa: E402 - it imports torch
from tests.engine.test_pytorch import (  # noqa: E402 - it imports torch
    LOSS_CASES,
    _double_precision,
    check_same,
)

__all__ = ["_double_precision"]

SHARES = distributions(ROWS * TIME).reshape(ROWS, TIME, OUTPUTS)

STEP_CASES: dict[str, tuple[str, str, np.ndarray]] = {
    **{
        name: (loss, output, per_step(loss) if y is None else SHARES)
        for name, (loss, output, y) in LOSS_CASES.items()
    },
    "cross_entropy, masked": ("cross_entropy", "linear", masked()),
    "cross_entropy of softmax, masked": ("cross_entropy", "softmax", masked()),
}
"""Losses with a target for each time step."""

NORMS: list[Layer] = [
    dense("h", 4, "tanh"),
    LayerNorm(name="m", eps=1e-3, weight=np.array([0.5, -1.0, 1.5, 2.0])),
    dense("g", 4, "silu", bias=False),
    BatchNorm(name="n", momentum=0.3, bias=np.array([0.1, -0.2, 0.3, 0.4])),
]


@pytest.mark.parametrize("case", STEP_CASES)
@pytest.mark.parametrize("batch_size", [1, 3, 5])
def test_losses_over_time_steps(case: str, batch_size: int) -> None:
    loss, output, y = STEP_CASES[case]
    last = dense("o", OUTPUTS, output)
    options: dict[str, Any] = {"loss": loss, "y": y, "batch_size": batch_size, "shuffle": True}
    check_same(stepwise(*NORMS, last, optimizer=OPTIMIZERS["adam"], **options), steps=20)


@pytest.mark.parametrize("case", LOSS_CASES)
def test_losses_of_the_whole_sequence(case: str) -> None:
    loss, output, y = LOSS_CASES[case]
    layers = *NORMS, Flatten(name="f"), dense("o", OUTPUTS, output)
    check_same(example(*layers, x=sequences(), loss=loss, y=y, batch_size=3), steps=20)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activations_over_time_steps(activation: str) -> None:
    check_same(stepwise(dense("h", 4, activation), dense("o", OUTPUTS), batch_size=3), steps=20)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("every_step", [True, False])
def test_embeddings(optimizer: str, every_step: bool) -> None:
    """One token occurs nowhere; penalties move its row all the same."""
    embedding = Embedding(name="e", units=3, vocabulary=VOCABULARY)
    options: dict[str, Any] = {"loss": "cross_entropy", "l2": 0.01, "batch_size": 3}
    options |= {"x": tokens(), "y": masked() if every_step else None}
    ways: list[Layer] = [] if every_step else [Flatten(name="f")]
    layers = embedding, LayerNorm(name="n"), *ways, dense("o", OUTPUTS)
    check_same(example(*layers, optimizer=OPTIMIZERS[optimizer], **options), steps=20)


def test_an_embedding_of_one_token_a_row() -> None:
    embedding = Embedding(name="e", units=3, vocabulary=VOCABULARY, weight=np.eye(VOCABULARY, 3))
    network = example(
        embedding,
        dense("o", OUTPUTS),
        x=tokens(1),
        y=per_step("cross_entropy", 1),
        loss="cross_entropy",
        batch_size=2,
    )
    check_same(network, steps=20)


@pytest.mark.parametrize("freeze", [True, ("weight",)])
def test_frozen_embeddings(freeze: bool | tuple[str, ...]) -> None:
    embedding = Embedding(name="e", units=3, vocabulary=VOCABULARY, freeze=freeze)
    check_same(stepwise(embedding, *NORMS, dense("o", OUTPUTS), x=tokens(), clip_norm=0.5))


@pytest.mark.parametrize("loss", ["mse", "bce_logits"])
def test_batch_norm_of_images(loss: str) -> None:
    norm = BatchNorm(name="n", weight=np.array([0.5, -1.5]), momentum=0.4)
    layers = norm, Flatten(name="f"), dense("o", OUTPUTS)
    check_same(example(*layers, x=images(), loss=loss, batch_size=3), steps=20)
    check_same(example(norm, x=images(), y=abs(images()) / 9, loss=loss, batch_size=2), steps=20)


def test_classes_of_pixels() -> None:
    classes = np.arange(ROWS * 6).reshape(ROWS, 2, 3) * 7 % 3 - 1
    norm = BatchNorm(name="n", weight=np.array([0.5, -1.5]))
    check_same(example(norm, x=images(), y=classes, loss="cross_entropy", batch_size=3), steps=20)


def test_float32_over_time_steps() -> None:
    """Single precision has seven digits."""
    torch.set_default_dtype(torch.float32)
    try:
        embedding = Embedding(name="e", units=3, vocabulary=VOCABULARY)
        options: dict[str, Any] = {"loss": "cross_entropy", "x": tokens(), "y": masked()}
        layers = embedding, *NORMS, dense("o", OUTPUTS)
        network = stepwise(*layers, batch_size=3, dtype="float32", **options)
        check_same(network, relative=2e-4, floor=1e-5)
    finally:
        torch.set_default_dtype(torch.float64)


@pytest.mark.parametrize("case", STEP_CASES)
def test_evaluation_over_time_steps(case: str) -> None:
    """On data of another size than a batch, with the accuracy over positions that have a target."""
    loss, output, y = STEP_CASES[case]
    network = stepwise(*NORMS, dense("o", OUTPUTS, output), loss=loss, y=y, batch_size=3)
    trainer = network.trainer()
    with quiet():
        run = trainer.runner()
        for step in range(1, 10):
            run(step)
    held_back = Samples(np.roll(sequences(), 1, 0), y)
    reference = Reference(trainer)
    reference.model.eval()
    x, wanted = torch.tensor(held_back.x), torch.tensor(y)
    predicted = reference.model(x).detach()

    score = trainer.evaluate(held_back)

    assert score.loss == pytest.approx(reference.loss(x, wanted).item(), rel=1e-12)
    assert score.accuracy == accuracy(loss, predicted, wanted)
    assert trainer.predict(held_back) == pytest.approx(predicted.numpy(), rel=1e-12)


def accuracy(loss: str, output: Any, y: Any) -> float | None:
    """The share of targets met."""
    if loss in ("mse", "mae", "huber"):
        return None
    if loss == "cross_entropy":
        wanted = y if y.ndim == 2 else y.argmax(2)
        return float((output.argmax(2) == wanted)[wanted >= 0].double().mean())
    border = {"bce": 0.5, "bce_logits": 0.0, "hinge": 0.0}[loss]
    wanted = y > (0.0 if loss == "hinge" else 0.5)
    return float(((output > border) == wanted).all(2).double().mean())
