"""Attention and transformer blocks against PyTorch: values, gradients and updates."""

from __future__ import annotations

from typing import Any

import pytest

from nntui.engine.layers.embedding import Embedding
from nntui.engine.layers.layer_norm import LayerNorm
from nntui.engine.layers.positional_encoding import PositionalEncoding
from nntui.engine.optimizers import Sgd
from tests.engine.examples import (
    OPTIMIZERS,
    OUTPUTS,
    VOCABULARY,
    dense,
    masked,
    stepwise,
    tokens,
)
from tests.engine.transformers import TRANSFORMERS, block

pytest.importorskip("torch")

from tests.engine.test_pytorch import (
    _double_precision,
    check_same,
)

__all__ = ["_double_precision"]

SLOW = Sgd(lr=0.002)
"""Small enough that losses do not jump: where they do, rounding grows from step to step."""


@pytest.mark.parametrize("name", TRANSFORMERS)
@pytest.mark.parametrize("batch_size", [1, 3])
def test_layers(name: str, batch_size: int) -> None:
    layers = dense("h", 4, "tanh"), *TRANSFORMERS[name], dense("o", OUTPUTS)
    check_same(stepwise(*layers, batch_size=batch_size, shuffle=True, optimizer=SLOW), steps=20)


@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("heads", [1, 2, 4])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_blocks(norm_first: bool, causal: bool, heads: int, activation: str) -> None:
    options: dict[str, Any] = {"norm_first": norm_first, "causal": causal, "heads": heads}
    layers = dense("h", 4, "tanh"), block("t", 4, 6, activation=activation, **options)
    check_same(
        stepwise(*layers, dense("o", OUTPUTS), batch_size=3, l2=0.01, optimizer=SLOW), steps=20
    )


@pytest.mark.parametrize("optimizer", ["sgd momentum", "adam options", "rmsprop"])
def test_token_transformers(optimizer: str) -> None:
    """A key's bias adds the same to all scores of a query, so the softmax takes it out again.

    Its gradient is 0 but for rounding, and these optimizers would make steps of full size of that:
    it is frozen.
    """
    positions = PositionalEncoding(name="p", kind="learned")
    layer = block("t", 4, heads=2, freeze=("attention.key.bias",))
    embedding = Embedding(name="e", units=4, vocabulary=VOCABULARY)
    layers = embedding, positions, layer, LayerNorm(name="n"), dense("o", OUTPUTS)
    options: dict[str, Any] = {"x": tokens(), "y": masked(), "batch_size": 3}
    network = stepwise(*layers, loss="cross_entropy", optimizer=OPTIMIZERS[optimizer], **options)
    check_same(network, steps=20)
