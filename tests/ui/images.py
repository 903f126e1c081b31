"""A small network on images whose every number is given, as a real session."""

from nntui.scenario import parse
from nntui.session.session import Session

TEXT = """\
title = "Edges"
seed = 1
[data]
outputs = ["yes", "no"]
rows = [
  { x = [[[0, 0, 1, 0, 0, 0], [0, 0, 1, 0, 0, 0], [0, 0, 1, 0, 0, 0],
          [0, 0, 1, 0, 0, 0], [0, 0, 1, 0, 0, 0], [0, 0, 1, 0, 0, 0]]], y = [1, 0] },
  { x = [[[0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1],
          [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]]], y = [0, 1] },
]
[[layers]]
name = "conv"
type = "conv2d"
filters = 2
kernel_size = 3
activation = "relu"
weight = [[[[-1, 2, -1], [-1, 2, -1], [-1, 2, -1]]], [[[-1, -1, -1], [2, 2, 2], [-1, -1, -1]]]]
bias = [0.5, -0.5]
[[layers]]
name = "pool"
type = "max_pool2d"
kernel_size = 2
[[layers]]
name = "flat"
type = "flatten"
[[layers]]
name = "output"
type = "dense"
units = 2
activation = "softmax"
weight = [[0.5, 0.5, 0.5, 0.5, -0.5, -0.5, -0.5, -0.5],
          [-0.5, -0.5, -0.5, -0.5, 0.5, 0.5, 0.5, 0.5]]
bias = [0, 0]
[training]
loss = "cross_entropy"
optimizer = { type = "sgd", lr = 0.1 }
batch_size = 2
epochs = 3
"""


def images() -> Session:
    """At the beginning of the run."""
    return Session(parse(TEXT, origin="edges.toml"))


def before(output: str) -> Session:
    """Just before the first step's op of an output."""
    session = images()
    number = next(op.number for op in session.network.ops if op.output == output)
    session.cursor.jump(number - 1)
    return session
