"""Two small players, of points and of images, as real sessions."""

from nntui.scenario import parse
from nntui.session.session import Session

POINTS = """\
title = "Ring"
seed = 2
[data]
source = "ring"
samples = 24
[generator]
latent = 2
[[generator.layers]]
name = "hidden"
type = "dense"
units = 3
activation = "leaky_relu"
[[generator.layers]]
name = "out"
type = "dense"
units = 2
[[discriminator.layers]]
name = "hidden"
type = "dense"
units = 3
activation = "tanh"
[[discriminator.layers]]
name = "out"
type = "dense"
units = 1
activation = "sigmoid"
[training]
loss = "gan"
optimizer = { type = "adam", lr = 0.05, betas = [0.5, 0.999] }
batch_size = 8
epochs = 20
real_label = 0.9
measure_every = 2
"""

IMAGES = """\
title = "Strokes"
seed = 4
[data]
rows = [
  { x = [[[1, 0, 0], [1, 0, 0], [1, 0, 0]]] },
  { x = [[[0, 1, 0], [0, 1, 0], [0, 1, 0]]] },
  { x = [[[0, 0, 1], [0, 0, 1], [0, 0, 1]]] },
]
[generator]
latent = 1
[[generator.layers]]
name = "out"
type = "dense"
units = 9
activation = "sigmoid"
[discriminator]
steps = 2
[[discriminator.layers]]
name = "flat"
type = "flatten"
[[discriminator.layers]]
name = "out"
type = "dense"
units = 1
[training]
loss = "gan"
optimizer = { type = "sgd", lr = 0.1 }
epochs = 9
"""

WATCHED = 'watches = ["discriminator.loss", "generator.loss"]\n'


def points(*, watched=False):
    """At the beginning of the run; with both losses watched, if that is asked for."""
    return Session(parse((WATCHED if watched else "") + POINTS, origin="ring.toml"))


def strokes():
    """Images of 3 × 3, with two turns of the discriminator."""
    return Session(parse(IMAGES, origin="strokes.toml"))


def after(session, output, step=1):
    """Just after the last op of an output in a step."""
    session.cursor.go(step, max(o.number for o in session.network.ops if o.output == output))
    return session
