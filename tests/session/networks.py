"""Small runs that between them have everything that a step back in time could get wrong."""

from __future__ import annotations

from functools import cache

from nntui.scenario import Scenario, parse

EXAM = """\
title = "Will I pass the exam?"
seed = 7
[data]
inputs = ["hours studied", "previous knowledge"]
outputs = ["pass"]
rows = [{ x = [3, 7], y = [1] }]
[[layers]]
name = "hidden"
type = "dense"
units = 2
activation = "sigmoid"
weight = [[0.2, 0.3], [0.1, 0.4]]
bias = [0.5, 0.1]
[[layers]]
name = "output"
type = "dense"
units = 1
activation = "sigmoid"
weight = [[0.6, 0.8]]
bias = [0.2]
[training]
loss = "bce"
optimizer = { type = "sgd", lr = 0.5 }
batch_size = 1
epochs = 6
"""

CLASSES = """\
title = "Classes"
seed = 3
[data]
source = "iris"
samples = 17
test_fraction = 0.3
shuffle = true
[[layers]]
name = "hidden"
type = "dense"
units = 3
activation = "leaky_relu"
[[layers]]
name = "norm"
type = "batch_norm"
[[layers]]
name = "drop"
type = "dropout"
p = 0.4
[[layers]]
name = "output"
type = "dense"
units = 3
activation = "softmax"
[training]
loss = "cross_entropy"
optimizer = { type = "adam", lr = 0.05, amsgrad = true }
batch_size = 5
epochs = 12
l2 = 0.01
clip_norm = 0.5
"""

CURVE = """\
title = "A curve"
seed = 5
dtype = "float32"
[data]
source = "sine"
samples = 7
shuffle = true
[[layers]]
name = "hidden"
type = "dense"
units = 4
activation = "tanh"
[[layers]]
name = "norm"
type = "layer_norm"
[[layers]]
name = "output"
type = "dense"
units = 1
freeze = ["bias"]
[training]
loss = "mse"
optimizer = { type = "sgd", lr = 0.1, momentum = 0.9, nesterov = true, weight_decay = 0.01 }
schedule = { type = "exponential", gamma = 0.8 }
batch_size = 3
epochs = 7
l1 = 0.002
"""

SCORES = """\
title = "Scores"
[data]
inputs = ["a", "b"]
outputs = ["left", "right"]
rows = [
  { x = [1, 2], y = 0 },
  { x = [-1, 0.5], y = 1 },
  { x = [0.5, -2], y = 1 },
]
[[layers]]
name = "output"
type = "dense"
units = 2
bias = false
[training]
loss = "cross_entropy"
optimizer = { type = "adadelta" }
batch_size = 2
epochs = 9
"""

DIVERGING = """\
title = "Too fast"
[data]
source = "sine"
samples = 8
test_fraction = 0.25
[[layers]]
name = "hidden"
type = "dense"
units = 3
activation = "relu"
[[layers]]
name = "output"
type = "dense"
units = 1
[training]
loss = "mse"
optimizer = { type = "sgd", lr = 1e12 }
batch_size = 4
epochs = 60
"""

LETTERS = """\
title = "Letters"
seed = 2
[data]
source = "reverse"
samples = 5
length = 2
symbols = 2
shuffle = true
[[layers]]
name = "hidden"
type = "embedding"
units = 2
[[layers]]
name = "norm"
type = "batch_norm"
[[layers]]
name = "output"
type = "dense"
units = 3
[training]
loss = "cross_entropy"
optimizer = { type = "adam", lr = 0.05 }
batch_size = 2
epochs = 6
"""

SIGNALS = """\
title = "Signals"
seed = 4
[data]
source = "recall"
samples = 6
length = 3
test_fraction = 0.2
[[layers]]
name = "hidden"
type = "dense"
units = 2
activation = "tanh"
[[layers]]
name = "drop"
type = "dropout"
p = 0.3
[[layers]]
name = "row"
type = "flatten"
[[layers]]
name = "output"
type = "dense"
units = 1
activation = "sigmoid"
[training]
loss = "bce"
optimizer = { type = "sgd", lr = 0.1, momentum = 0.9 }
batch_size = 2
epochs = 6
"""

PIXELS = """\
title = "Pixels"
seed = 6
[data]
rows = [
  { x = [[[1, 0, 0], [1, 0.5, 0], [1, 0, 0]]], y = [1] },
  { x = [[[1, 1, 1], [0, 0.2, 0], [0, 0, 0.1]]], y = [0] },
  { x = [[[0, 0, 1], [0.3, 0, 1], [0, 0, 1]]], y = [1] },
]
[[layers]]
name = "conv"
type = "conv2d"
filters = 2
kernel_size = [2, 1]
padding = [1, 0]
activation = "tanh"
[[layers]]
name = "pool"
type = "max_pool2d"
kernel_size = 2
[[layers]]
name = "mean"
type = "avg_pool2d"
kernel_size = [2, 1]
stride = 1
[[layers]]
name = "flat"
type = "flatten"
[[layers]]
name = "output"
type = "dense"
units = 1
activation = "sigmoid"
[training]
loss = "bce"
optimizer = { type = "adam", lr = 0.05 }
batch_size = 2
epochs = 6
"""

MEMORY = """\
title = "Memory"
seed = 4
[data]
source = "recall"
samples = 7
length = 3
test_fraction = 0.3
shuffle = true
[[layers]]
name = "hidden"
type = "lstm"
units = 2
forget_bias = 1
return_sequences = true
[[layers]]
name = "gru"
type = "gru"
units = 2
freeze = ["bias_hh"]
[[layers]]
name = "output"
type = "dense"
units = 1
activation = "sigmoid"
[training]
loss = "bce"
optimizer = { type = "adam", lr = 0.05 }
batch_size = 3
epochs = 5
"""

GLANCES = """\
title = "Glances"
seed = 8
[data]
source = "reverse"
samples = 5
length = 2
symbols = 3
shuffle = true
[[layers]]
name = "hidden"
type = "embedding"
units = 4
[[layers]]
name = "place"
type = "positional_encoding"
kind = "learned"
[[layers]]
name = "block"
type = "transformer_block"
heads = 2
ff = 3
causal = true
activation = "gelu"
freeze = ["attention.key.bias"]
[[layers]]
name = "output"
type = "dense"
units = 4
[training]
loss = "cross_entropy"
optimizer = { type = "adam", lr = 0.05 }
batch_size = 2
epochs = 6
"""

LOOKS = """\
title = "Looks"
seed = 9
[data]
rows = [
  { x = [[1, 0, 0.5, -1], [0.5, -1, 0, 2], [0, 2, 1, 1]], y = [[1], [0], [1]] },
  { x = [[0, 1, -1, 0.2], [-0.5, 1, 1, 0], [1, 1, -0.4, 0]], y = [[0], [1], [1]] },
  { x = [[2, 0.3, 0, 1], [0.1, -1, 2, 0], [-1, 0, 0.7, 1]], y = [[0], [0], [1]] },
]
[[layers]]
name = "place"
type = "positional_encoding"
[[layers]]
name = "attention"
type = "attention"
heads = 2
[[layers]]
name = "hidden"
type = "transformer_block"
ff = 2
norm_first = false
[[layers]]
name = "output"
type = "dense"
units = 1
[training]
loss = "mse"
optimizer = { type = "sgd", lr = 0.05, momentum = 0.9 }
batch_size = 2
epochs = 6
"""

ADVERSARIES = """\
title = "Adversaries"
seed = 3
[data]
source = "ring"
samples = 7
modes = 3
shuffle = true
[generator]
latent = 2
optimizer = { type = "sgd", lr = 0.1, momentum = 0.5 }
[[generator.layers]]
name = "hidden"
type = "dense"
units = 3
activation = "leaky_relu"
[[generator.layers]]
name = "output"
type = "dense"
units = 2
[[discriminator.layers]]
name = "hidden"
type = "dense"
units = 3
activation = "tanh"
[[discriminator.layers]]
name = "output"
type = "dense"
units = 1
activation = "sigmoid"
[training]
loss = "gan"
optimizer = { type = "adam", lr = 0.05, betas = [0.5, 0.999] }
batch_size = 3
epochs = 5
real_label = 0.9
measure_every = 4
"""

RIVALS = """\
title = "Rivals"
seed = 5
[data]
source = "gaussian"
samples = 8
[generator]
latent = 1
[[generator.layers]]
name = "hidden"
type = "dense"
units = 3
activation = "tanh"
[[generator.layers]]
name = "norm"
type = "batch_norm"
[[generator.layers]]
name = "output"
type = "dense"
units = 2
[discriminator]
steps = 2
[[discriminator.layers]]
name = "hidden"
type = "dense"
units = 2
activation = "leaky_relu"
[[discriminator.layers]]
name = "drop"
type = "dropout"
p = 0.3
[[discriminator.layers]]
name = "output"
type = "dense"
units = 1
[training]
loss = "gan"
optimizer = { type = "adam", lr = 0.05 }
schedule = { type = "exponential", gamma = 0.9 }
clip_norm = 0.5
saturating = true
batch_size = 4
epochs = 6
"""

PLANE = """\
title = "A map"
seed = 8
[data]
source = "iris"
samples = 5
test_fraction = 0.3
shuffle = true
[som]
rows = 2
cols = 3
topology = "hexagonal"
radius = 1.5
decay = "linear"
init = "uniform"
[training]
epochs = 6
"""

TEXTS = {
    "exam": EXAM,
    "classes": CLASSES,
    "curve": CURVE,
    "scores": SCORES,
    "letters": LETTERS,
    "signals": SIGNALS,
    "pixels": PIXELS,
    "memory": MEMORY,
    "glances": GLANCES,
    "looks": LOOKS,
    "adversaries": ADVERSARIES,
    "rivals": RIVALS,
    "plane": PLANE,
    "diverging": DIVERGING,
}

LEARNING = sorted(set(TEXTS) - {"diverging", "plane"})
"""Those whose gradients are finite."""


@cache
def scenario(name: str) -> Scenario:
    """One of the runs, by name."""
    return parse(TEXTS[name], origin=f"{name}.toml")
