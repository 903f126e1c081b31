"""The learned scale and shift at the end of a normalisation."""

from __future__ import annotations

import numpy as np

from nntui.engine.builder import Builder
from nntui.engine.initializers import Initializer
from nntui.engine.layers.layer import Trainable


def scale_and_shift(
    layer: Trainable, builder: Builder, x_hat: str, a: str, init: Initializer | None
) -> str:
    """Append a = γ x̂ + β, a new tensor `a`, with γ, β of shape (features,); returns `a`.

    They start with the values the scenario gives, else γ with what `init` draws, or ones where
    there is none, and β with zeros.
    """
    features = builder.width(x_hat)
    ones = np.ones(features)
    scale = ones if init is None else init.draw(builder.random, f"{layer.name}.weight", ones.shape)
    given = {"weight": scale, "bias": np.zeros(features)} | layer.given()
    names = []
    for name, symbol in (("weight", "γ"), ("bias", "β")):
        names.append(
            builder.parameter(
                name,
                symbol,
                builder.block(features),
                given[name],
                frozen=layer.frozen(name),
                penalised=name == "weight",
            )
        )
    builder.like(a, x_hat, "a")
    return builder.op("scale_shift", (x_hat, *names), a)
