"""Small self-organizing maps, as real sessions."""

from nntui.scenario import parse
from nntui.session.session import Session

MAP = """\
title = "A map"
seed = 3
[data]
{data}
[som]
rows = {rows}
cols = {cols}
topology = "{topology}"
learning_rate = 0.5
radius = 1.5
{init}
[training]
epochs = 9
"""

DATA = {
    "colors": 'source = "colors"',
    "square": 'source = "square"\nsamples = 40',
    "iris": 'source = "iris"\nsamples = 20\ntest_fraction = 0.2',
    "plain": "rows = [{ x = [1, 0] }, { x = [0, 1] }, { x = [1, 1] }]",
}


def som(data="colors", rows=4, cols=5, topology="rectangular", weight=None):
    """A session with a map."""
    init = 'init = "uniform"' if weight is None else f"weight = {weight}"
    text = MAP.format(data=DATA[data], rows=rows, cols=cols, topology=topology, init=init)
    return Session(parse(text, origin="map.toml"))


def at(session, output, step=1):
    """A session, right after an op."""
    op = next(info.number for info in session.network.ops if info.output == output)
    session.cursor.go(step, op)
    return session
