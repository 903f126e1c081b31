"""Every gradient, moment and parameter over many steps, against PyTorch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nntui.engine.activations import ACTIVATIONS, Activation
from nntui.engine.layers import Layer
from nntui.engine.layers.batch_norm import BatchNorm
from nntui.engine.layers.dropout import Dropout
from nntui.engine.layers.layer_norm import LayerNorm
from nntui.engine.model import Loss, Samples
from nntui.engine.schedules import Cosine, Exponential, Schedule, Step
from nntui.engine.trainer import quiet
from tests.engine.examples import (
    OPTIMIZERS,
    OUTPUTS,
    Example,
    dense,
    distributions,
    example,
    inputs,
    targets,
)

torch = pytest.importorskip("torch")

from tests.engine.pytorch import Arrays, Reference, numbers_of  # noqa: E402 - it imports torch

STEPS = 12
RELATIVE = 1e-9
FLOOR = 1e-12
"""Of a tensor's largest element: what is left where larger numbers cancel is rounding."""
ROUNDING = 1e-15
"""Of the largest gradient: what is left where a whole gradient cancels."""


@pytest.fixture(autouse=True, scope="module")
def _double_precision() -> Iterator[None]:
    """PyTorch's optimizers keep their own scalars in the default dtype."""
    before, threads = torch.get_default_dtype(), torch.get_num_threads()
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    yield
    torch.set_default_dtype(before)
    torch.set_num_threads(threads)


def differences(
    ours: Arrays, theirs: Arrays, relative: float = RELATIVE, floor: float = FLOOR
) -> dict[str, float]:
    """Tensors that differ, with their largest difference."""
    assert ours.keys() == theirs.keys()
    found = {}
    steepest = max(np.abs(a).max() for name, a in theirs.items() if name.endswith(".grad"))
    for name, a in ours.items():
        b = theirs[name]
        assert a.shape == b.shape, name
        sizes = np.maximum(np.abs(a), np.abs(b))
        allowed = relative * sizes + floor * sizes.max()
        if name.endswith(".grad"):
            allowed += ROUNDING * steepest
        if not (np.abs(a - b) <= allowed).all():
            found[name] = float(np.abs(a - b).max())
    return found


def check_same(network: Example, steps: int = STEPS, **tolerance: float) -> None:
    trainer = network.trainer()
    reference = Reference(trainer)
    with quiet():
        run = trainer.runner()
        for step in range(1, steps + 1):
            loss = run(step)
            found = differences(numbers_of(trainer, loss), reference.step(step), **tolerance)
            assert found == {}, f"step {step}"


LOSS_CASES: dict[str, tuple[str, str, np.ndarray | None]] = {
    "mse": ("mse", "linear", None),
    "mae": ("mae", "linear", None),
    "huber": ("huber", "linear", None),
    "bce": ("bce", "sigmoid", None),
    "bce of softmax": ("bce", "softmax", None),
    "bce_logits": ("bce_logits", "linear", None),
    "hinge": ("hinge", "linear", None),
    "cross_entropy": ("cross_entropy", "linear", None),
    "cross_entropy of shares": ("cross_entropy", "linear", distributions()),
    "cross_entropy of softmax": ("cross_entropy", "softmax", None),
    "cross_entropy of softmax, shares": ("cross_entropy", "softmax", distributions()),
}
"""Loss, activation of the output layer, targets where they are not the loss's usual ones."""

MAIN = [
    "sgd momentum", "adagrad options", "rmsprop all", "adadelta options", "adam options",
    "adamw amsgrad", "adamax options", "nadam options",
]  # fmt: skip
"""One optimizer of each type, with its options."""


@pytest.mark.parametrize("case", LOSS_CASES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activations_losses_and_optimizers(activation: str, case: str) -> None:
    """Shuffled, with a smaller last batch."""
    loss, output, y = LOSS_CASES[case]
    for optimizer in MAIN:
        network = example(
            dense("h", 4, activation),
            dense("o", OUTPUTS, output),
            loss=loss,
            y=y,
            optimizer=OPTIMIZERS[optimizer],
            batch_size=3,
            shuffle=True,
        )
        check_same(network)


def normalised() -> list[Layer]:
    """A network with both normalisations."""
    scale = {"weight": np.array([0.5, -1.0, 1.5, 2.0]), "bias": np.array([0.1, -0.2, 0.3, 0.4])}
    return [
        dense("h", 4, "tanh"),
        LayerNorm(name="m", eps=1e-3, **scale),
        dense("g", 4, "silu", bias=False),
        BatchNorm(name="n", momentum=0.3, **scale),
        dense("o", OUTPUTS),
    ]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizers_with_normalisation_penalties_and_clipping(optimizer: str) -> None:
    for extras in ({}, {"l1": 0.01, "l2": 0.1}, {"clip_norm": 0.3, "l2": 0.05}):
        check_same(example(*normalised(), optimizer=OPTIMIZERS[optimizer], **extras))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("freeze", [True, ("bias",), ("weight",)])
def test_optimizers_with_frozen_parameters(optimizer: str, freeze: bool | tuple[str, ...]) -> None:
    hidden = dense("h", 4, "tanh", freeze=freeze)
    network = example(
        hidden, dense("o", OUTPUTS), optimizer=OPTIMIZERS[optimizer], clip_norm=0.5, l2=0.01
    )
    check_same(network)


@pytest.mark.parametrize("every", ["epoch", "step"])
@pytest.mark.parametrize("optimizer", MAIN)
@pytest.mark.parametrize(
    "schedule",
    [
        Step(step_size=3, gamma=0.4),
        Exponential(gamma=0.9),
        Cosine(eta_min=0.001),
        Cosine(t_max=7),
    ],
)
def test_schedules(schedule: Schedule, optimizer: str, every: str) -> None:
    network = example(
        dense("h", 4, "tanh"),
        dense("o", OUTPUTS),
        optimizer=OPTIMIZERS[optimizer],
        schedule=replace(schedule, every=every),
        batch_size=3,
        epochs=10,
    )
    check_same(network, steps=20)


@pytest.mark.parametrize("alpha", [0.3, 1.5])
@pytest.mark.parametrize("name", ["leaky_relu", "elu"])
def test_activations_with_alpha(name: str, alpha: float) -> None:
    hidden = replace(dense("h", 4), activation=Activation(name, alpha))
    check_same(example(hidden, dense("o", OUTPUTS)))


@pytest.mark.parametrize("delta", [0.2, 0.7, 3.0])
def test_huber_with_delta(delta: float) -> None:
    network = example(dense("h", 4, "tanh"), dense("o", OUTPUTS))
    check_same(network.train(loss=Loss("huber", delta)))


@pytest.mark.parametrize("batch_size", [1, 2, 4, 5, 100])
def test_batches_of_any_size(batch_size: int) -> None:
    layers = dense("h", 4, "tanh", bias=False), LayerNorm(name="n"), dense("o", OUTPUTS, bias=False)
    check_same(example(*layers, batch_size=batch_size, optimizer=OPTIMIZERS["adam"]))


def test_batch_norm_with_smaller_last_batches() -> None:
    check_same(example(*normalised(), batch_size=3), steps=20)


def test_a_long_run() -> None:
    """300 steps of Adam: the two never part."""
    network = example(
        dense("h", 4, "tanh"), dense("o", OUTPUTS), optimizer=OPTIMIZERS["adam"], batch_size=2
    )
    check_same(network, steps=300)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_float32(optimizer: str) -> None:
    """Single precision has seven digits; sums in another order and twelve steps cost a few."""
    torch.set_default_dtype(torch.float32)
    try:
        network = example(
            dense("h", 4, "tanh"),
            dense("o", OUTPUTS),
            optimizer=OPTIMIZERS[optimizer],
            batch_size=3,
            dtype="float32",
        )
        check_same(network, relative=2e-4, floor=1e-5)
    finally:
        torch.set_default_dtype(torch.float64)


def accuracy(loss: str, output: Any, y: Any) -> float | None:
    """The share of samples all of whose outputs are on the right side."""
    if loss in ("mse", "mae", "huber"):
        return None
    if loss == "cross_entropy":
        wanted = y if y.ndim == 1 else y.argmax(1)
        return float((output.argmax(1) == wanted).double().mean())
    border = {"bce": 0.5, "bce_logits": 0.0, "hinge": 0.0}[loss]
    wanted = y > (0.0 if loss == "hinge" else 0.5)
    return float(((output > border) == wanted).all(1).double().mean())


@pytest.mark.parametrize("case", LOSS_CASES)
def test_evaluation(case: str) -> None:
    """Dropout off, running statistics in use, on data of another size than a batch."""
    loss, output, y = LOSS_CASES[case]
    network = example(
        *normalised()[:-1],
        Dropout(name="d", p=0.5),
        dense("o", OUTPUTS, output),
        loss=loss,
        y=y,
        l2=0.01,
        optimizer=OPTIMIZERS["adam"],
    )
    trainer = network.trainer()
    with quiet():
        run = trainer.runner()
        for step in range(1, 10):
            run(step)
    held_back = Samples(
        inputs(40, seed=9),
        distributions(40, seed=8) if y is not None else targets(loss, 40, seed=8),
    )
    reference = Reference(trainer)
    reference.model.eval()
    x, wanted = torch.tensor(held_back.x), torch.tensor(held_back.y)
    expected = reference.loss(x, wanted).item()
    predicted = reference.model(x).detach()

    score = trainer.evaluate(held_back)

    assert score.loss == pytest.approx(expected, rel=1e-12)
    assert score.accuracy == accuracy(loss, predicted, wanted)
    for samples in (held_back, Samples(held_back.x, None)):
        assert trainer.predict(samples) == pytest.approx(predicted.numpy(), rel=1e-12)
