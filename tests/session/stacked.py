"""A network of two convolutions with a pool between them, with a stride and a border."""

from __future__ import annotations

from nntui.scenario import parse
from nntui.session.session import Session

MAPS = """\
title = "Maps"
seed = 2
[data]
outputs = ["rising", "falling"]
rows = [
  { x = [[[0, 0, 1, 0], [0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]], y = [1, 0] },
  { x = [[[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]], y = [0, 1] },
  { x = [[[0, 0, 0, 1], [0, 0, 1, 0], [0, 1, 0, 0], [1, 0, 0, 0]]], y = [1, 0] },
]
[[layers]]
name = "conv"
type = "conv2d"
filters = 2
kernel_size = 2
activation = "relu"
[[layers]]
name = "pool"
type = "max_pool2d"
kernel_size = 2
stride = 1
[[layers]]
name = "fold"
type = "conv2d"
filters = 1
kernel_size = 2
padding = 1
stride = 2
[[layers]]
name = "flat"
type = "flatten"
[[layers]]
name = "output"
type = "dense"
units = 2
activation = "softmax"
[training]
loss = "cross_entropy"
optimizer = { type = "adam", lr = 0.05 }
batch_size = 2
epochs = 5
"""


def stacked() -> Session:
    """At the beginning of its run."""
    return Session(parse(MAPS, origin="maps.toml"))
