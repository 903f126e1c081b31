"""a = f(z): the end of every layer that has an activation function."""

from __future__ import annotations

from nntui.engine.activations import Activation
from nntui.engine.builder import Builder


def activate(builder: Builder, activation: Activation, z: str, a: str) -> str:
    """Append the activation op from tensor `z` to a new tensor `a`; returns `a`.

    Without an activation function, `a` is another name for the same memory.
    """
    if activation.type == "linear":
        builder.alias(a, z, "a")
    else:
        builder.like(a, z, "a")
    options = {} if activation.alpha is None else {"alpha": activation.alpha}
    return builder.op(activation.type, (z,), a, **options)
