"""Small transformers, as real sessions."""

from nntui.scenario import parse
from nntui.session.session import Session

REVERSE = """\
title = "Reverse"
seed = 2
[data]
source = "reverse"
samples = {samples}
length = {length}
symbols = 4
[[layers]]
name = "embedding"
type = "embedding"
units = 8
[[layers]]
name = "place"
type = "positional_encoding"
kind = "learned"
[[layers]]
name = "block"
type = "transformer_block"
heads = {heads}
ff = 16
causal = {causal}
norm_first = {norm_first}
[[layers]]
name = "output"
type = "dense"
units = 5
[training]
loss = "cross_entropy"
optimizer = {{ type = "adam", lr = 0.005 }}
batch_size = {batch}
epochs = 40
"""

ALONE = """\
title = "Alone"
seed = 1
[data]
rows = [
    { x = [[1, 2], [3, 4], [5, 6]], y = [[0, 1], [1, 0], [1, 1]] },
    { x = [[2, 1], [0, 4], [1, 6]], y = [[1, 1], [1, 0], [0, 1]] },
]
[[layers]]
name = "look"
type = "attention"
heads = 2
[[layers]]
name = "output"
type = "dense"
units = 2
[training]
loss = "mse"
optimizer = { type = "sgd", lr = 0.1 }
batch_size = 2
epochs = 4
"""


def reverse(heads=1, *, causal=False, norm_first=True, length=3, samples=6, batch=3):
    """Letters, a separator, the letters from the last to the first; one block."""
    text = REVERSE.format(
        heads=heads,
        causal=str(causal).lower(),
        norm_first=str(norm_first).lower(),
        length=length,
        samples=samples,
        batch=batch,
    )
    return Session(parse(text, origin="reverse.toml"))


def alone():
    """One attention layer on rows of numbers, no residual around it."""
    return Session(parse(ALONE, origin="alone.toml"))


def trained(steps=200):
    """A causal network that has learned to reverse five letters."""
    session = reverse(causal=True, length=5, samples=512, batch=32)
    run = session.trainer.runner()
    for step in range(1, steps + 1):
        run(step)
    return session
