"""Small networks on sequences, as real sessions."""

from nntui.scenario import parse
from nntui.session.session import Session

HELLO = """\
title = "Hello"
seed = 3
[data]
source = "text"
text = "hello"
[[layers]]
name = "memory"
type = "{cell}"
units = 4
return_sequences = true
[[layers]]
name = "output"
type = "dense"
units = 4
[training]
loss = "cross_entropy"
optimizer = {{ type = "sgd", lr = 0.1 }}
epochs = 9
"""

RECALL = """\
title = "Recall"
seed = 5
[data]
source = "recall"
samples = 6
length = {length}
[[layers]]
name = "memory"
type = "{cell}"
units = {units}
[[layers]]
name = "output"
type = "dense"
units = 1
activation = "sigmoid"
[training]
loss = "bce"
optimizer = {{ type = "sgd", lr = 0.1 }}
batch_size = 3
epochs = 4
"""

STACK = """\
title = "Stack"
seed = 1
[data]
source = "copy"
samples = 4
length = 3
symbols = 3
[[layers]]
name = "words"
type = "embedding"
units = 3
[[layers]]
name = "first"
type = "lstm"
units = 3
return_sequences = true
[[layers]]
name = "second"
type = "gru"
units = 2
return_sequences = true
[[layers]]
name = "output"
type = "dense"
units = 4
[training]
loss = "cross_entropy"
optimizer = { type = "sgd", lr = 0.1 }
batch_size = 2
epochs = 4
"""


def hello(cell="lstm"):
    """Letters in, letters out, at each of four time steps."""
    return Session(parse(HELLO.format(cell=cell), origin="hello.toml"))


def recall(cell="lstm", length=20, units=8):
    """Numbers in, one answer after the last of them."""
    text = RECALL.format(cell=cell, length=length, units=units)
    return Session(parse(text, origin="recall.toml"))


def stack():
    """An embedding and two recurrent layers on tokens, some of them without a target."""
    return Session(parse(STACK, origin="stack.toml"))


def at(session, output):
    """Just after the first step's op of an output."""
    session.cursor.jump(next(op.number for op in session.network.ops if op.output == output))
    return session
