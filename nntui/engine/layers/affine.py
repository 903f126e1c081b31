"""The learned scale and shift at the end of a normalisation."""

from __future__ import annotations

import numpy as np

from nntui.engine.builder import Builder
from nntui.engine.layers.layer import Trainable


def scale_and_shift(layer: Trainable, builder: Builder, x_hat: str, a: str) -> str:
    """Append a = γ x̂ + β, a new tensor `a`, with γ, β of shape (features,); returns `a`.

    They start with the values the scenario gives, else with ones and zeros.
    """
    features = builder.width(x_hat)
    given = layer.given()
    names = []
    for name, symbol, start in (("weight", "γ", np.ones), ("bias", "β", np.zeros)):
        initial = given.get(name, start(features))
        names.append(
            builder.parameter(
                name,
                symbol,
                builder.block(features),
                initial,
                frozen=layer.frozen(name),
                penalised=name == "weight",
            )
        )
    builder.like(a, x_hat, "a")
    return builder.op("scale_shift", (x_hat, *names), a)
