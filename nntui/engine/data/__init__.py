"""The data sources, by the name a scenario gives them."""

from typing import Final

from nntui.engine.data.colors import Colors
from nntui.engine.data.images import Bars, Digits
from nntui.engine.data.logic import And, Or, Xor
from nntui.engine.data.points import Circles, Gaussians, Moons, Spiral, Square
from nntui.engine.data.regression import Plane, Sine
from nntui.engine.data.sequences import Adding, FlipFlop, Parity, Recall, SineWave
from nntui.engine.data.source import Source, Table
from nntui.engine.data.tables import Exam, Iris
from nntui.engine.data.targets import Gaussian, Line, Ring
from nntui.engine.data.text import Text
from nntui.engine.data.tokens import Copy, Reverse, Sort

__all__ = ["SOURCES", "Source", "Table"]

SOURCES: Final[dict[str, type[Source]]] = {
    c.type: c
    for c in (
        And, Or, Xor, Circles, Gaussians, Moons, Spiral, Plane, Sine, Exam, Iris, Digits, Bars,
        Recall, FlipFlop, Parity, Adding, SineWave, Text, Copy, Reverse, Sort,
        Gaussian, Ring, Line, Colors, Square,
    )
}  # fmt: skip
