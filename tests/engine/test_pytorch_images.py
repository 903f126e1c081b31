"""Convolutions and pools of every shape, against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nntui.engine.activations import Activation
from nntui.engine.layers import Layer
from nntui.engine.layers.conv2d import Conv2d
from nntui.engine.layers.flatten import Flatten
from nntui.engine.layers.pool2d import AvgPool2d, MaxPool2d
from nntui.engine.trainer import quiet
from tests.engine.convolutions import CONVOLUTIONS, convolution
from tests.engine.examples import OPTIMIZERS, OUTPUTS, Example, dense, example, images

torch = pytest.importorskip("torch")

from tests.engine.pytorch import Reference  # noqa: E402 - it imports torch
from tests.engine.test_pytorch import _double_precision, check_same  # noqa: E402 - likewise

__all__ = ["_double_precision"]

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
"""PyTorch's own remark that it copies the image there."""

STEPS = 20


def network(*layers: Layer, x: np.ndarray | None = None, **options: Any) -> Example:
    """The layers, then a dense one for two classes; shuffled, with a smaller last batch."""
    return example(
        *layers,
        Flatten(name="f"),
        dense("o", OUTPUTS),
        **{
            "x": images(2, 5, 6) if x is None else x,
            "loss": "cross_entropy",
            "batch_size": 3,
            "shuffle": True,
            **options,
        },
    )


@pytest.mark.parametrize("optimizer", ["sgd momentum", "adam"])
@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_every_shape(name: str, optimizer: str) -> None:
    check_same(network(*CONVOLUTIONS[name], optimizer=OPTIMIZERS[optimizer]), steps=STEPS)


KERNELS = [1, 2, 3, (1, 3), (3, 2), (4, 5)]


@pytest.mark.parametrize("padding", [0, 1, (2, 1), "same"])
@pytest.mark.parametrize("kernel", KERNELS)
def test_kernels_strides_and_paddings(kernel: Any, padding: Any) -> None:
    """A convolution on an image that needs a gradient itself."""
    for stride in [1] if padding == "same" else [1, 2, (3, 1), (1, 4)]:
        layer = Conv2d(
            name="d", filters=2, kernel_size=kernel, stride=stride, padding=padding,
        )  # fmt: skip
        check_same(network(convolution("c", 3, 1), layer), steps=6)


@pytest.mark.parametrize("pool", [MaxPool2d, AvgPool2d])
@pytest.mark.parametrize("kernel", KERNELS)
def test_windows_and_strides_of_pools(pool: type[MaxPool2d | AvgPool2d], kernel: Any) -> None:
    for stride in [None, 1, 2, (3, 1), (1, 4)]:
        layer = pool(name="p", kernel_size=kernel, stride=stride)
        check_same(network(convolution("c", 3, 1), layer), steps=6)


@pytest.mark.parametrize("channels", [1, 3])
def test_two_convolutions_with_pools_between(channels: int) -> None:
    relu = {"activation": Activation("relu")}
    layers = (
        convolution("c", 4, 3, padding=1, **relu),
        MaxPool2d(name="p", kernel_size=2),
        convolution("d", 5, 3, padding="same", **relu),
        AvgPool2d(name="q", kernel_size=2),
    )
    check_same(network(*layers, x=images(channels, 9, 11)), steps=STEPS)


def test_among_equal_numbers_the_first_wins() -> None:
    """After relu most of a window is 0; before it, many numbers here are equal."""
    x = np.random.default_rng(0).integers(-1, 2, size=(5, 1, 6, 6)).astype(float)
    for stride in (None, 1):
        pool = MaxPool2d(name="p", kernel_size=3, stride=stride)
        check_same(network(convolution("c", 2, 1, bias=False), pool, x=x), steps=6)


@pytest.mark.parametrize("freeze", [True, ("bias",), ("weight",)])
def test_frozen_and_penalised(freeze: bool | tuple[str, ...]) -> None:
    layers = convolution("c", 3, 2), convolution("d", 2, 2, freeze=freeze)
    options = {"l1": 0.01, "l2": 0.1, "clip_norm": 0.5, "optimizer": OPTIMIZERS["adamw"]}
    check_same(network(*layers, **options), steps=STEPS)


@pytest.mark.parametrize("name", ["conv2d padding", "max_pool2d", "avg_pool2d overlap"])
def test_float32(name: str) -> None:
    """Single precision has seven digits; sums in another order and twenty steps cost a few."""
    torch.set_default_dtype(torch.float32)
    try:
        small = network(*CONVOLUTIONS[name], dtype="float32")
        check_same(small, steps=STEPS, relative=2e-4, floor=1e-5)
    finally:
        torch.set_default_dtype(torch.float64)


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_values_and_gradients_of_every_layer(name: str) -> None:
    """What each layer makes, and what comes back to it."""
    trainer = network(*CONVOLUTIONS[name], batch_size=5, shuffle=False).trainer()
    reference = Reference(trainer)
    kept: dict[str, Any] = {}
    value = reference.x
    for key, module in reference.model.named_children():
        value = module(value)
        if value.requires_grad:
            value.retain_grad()
        kept[key] = value
    torch.nn.functional.cross_entropy(value, reference.y).backward()
    with quiet():
        trainer.runner()(1)
    public = trainer.memory(1).public
    tensors = trainer.program.tensors
    for key, theirs in kept.items():
        layer = key.removesuffix("_a")
        ours = f"{layer}.z" if f"{layer}.z" in tensors and key == layer else f"{layer}.a"
        np.testing.assert_allclose(public(ours), theirs.detach(), rtol=1e-12, atol=1e-14)
        if f"{ours}.grad" in tensors:
            np.testing.assert_allclose(public(f"{ours}.grad"), theirs.grad, rtol=1e-9, atol=1e-14)
