"""`Som`: a self-organizing map. Units on a grid come to stand for regions of the data.

Source: Kohonen, "Self-Organized Formation of Topologically Correct Feature Maps" (1982). A training
step is one sample, and no gradient is computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Final, final

import numpy as np

from nntui.engine.builder import Builder
from nntui.engine.decays import DECAYS
from nntui.engine.lattice import TOPOLOGIES, Lattice
from nntui.engine.layers import Layer
from nntui.engine.machine import Memory
from nntui.engine.model import Dataset, Measure, Model
from nntui.engine.ops.kind import Term, constant
from nntui.engine.ops.neighbourhood import NEIGHBOURHOODS
from nntui.engine.ops.update import Scheduled
from nntui.engine.options import Array, Bounds, Choice, Values
from nntui.engine.program import Program
from nntui.engine.random import Keyed
from nntui.engine.tensor import Setting

NAME: Final = "som"
"""What the map's tensors belong to."""

INITS: Final = ("samples", "uniform", "pca")

_Side = Annotated[int, Bounds(ge=1, le=1000)]
_Positive = Annotated[float, Bounds(gt=0, le=1_000_000)]


@dataclass(frozen=True, kw_only=True, eq=False)
class Map:
    """The `[som]` table.

    Attributes:
        topology: the grid that units lie on.
        learning_rate: η of the first step.
        final_learning_rate: η after the last step; None for a hundredth of `learning_rate`.
        radius: σ of the first step, in units of the grid; None for half of the longer side.
        final_radius: σ after the last step; None for the smaller of 0.5 and `radius`.
        decay: how both become smaller.
        neighbourhood: the shape of the pull around the best unit.
        init: where units start: at samples, anywhere between the smallest and the largest values
            of each feature, or evenly in the plane of the data's two principal components.
        weight: initial values, (rows × cols, features), instead of `init`.
    """

    rows: _Side
    cols: _Side
    topology: Annotated[str, Choice("topology", TOPOLOGIES)] = "rectangular"
    learning_rate: _Positive = 0.5
    final_learning_rate: _Positive | None = None
    radius: _Positive | None = None
    final_radius: _Positive | None = None
    decay: Annotated[str, Choice("decay", DECAYS)] = "asymptotic"
    neighbourhood: Annotated[str, Choice("neighbourhood", NEIGHBOURHOODS)] = "gaussian"
    init: Annotated[str, Choice("init", INITS)] = "samples"
    weight: Values | None = None

    @property
    def rates(self) -> tuple[float, float]:
        """η of the first step and after the last."""
        first = self.learning_rate
        return first, self.final_learning_rate or first / 100.0

    @property
    def radii(self) -> tuple[float, float]:
        """σ of the first step and after the last."""
        first = self.radius or max(1.0, max(self.rows, self.cols) / 2.0)
        return first, self.final_radius or min(0.5, first)


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class Som(Model):
    """A map, and for how long it is trained.

    Attributes:
        passes: epochs of a run.
    """

    map: Map
    passes: int = 100

    @property
    def stacks(self) -> Mapping[str, tuple[Layer, ...]]:
        return {}

    def source(self, stack: str) -> str:
        return "x"

    @property
    def epochs(self) -> int:
        return self.passes

    @property
    def batch_size(self) -> int:
        return 1

    @property
    def goal(self) -> str:
        return "quantisation error"

    @property
    def rule(self) -> str:
        pairs = (("η", self.map.rates), ("σ", self.map.radii))
        ends = DECAYS[self.map.decay].has_end
        values = (f"{name}={first:g}" + f"→{last:g}" * ends for name, (first, last) in pairs)
        return f"som({', '.join(values)}, {self.map.decay})"

    @cached_property
    def lattice(self) -> Lattice:
        """The grid that the units lie on."""
        return Lattice(self.map.rows, self.map.cols, self.map.topology)

    def training_program(self, dataset: Dataset) -> Program:
        builder = Builder(Keyed(self.seed))
        x, weight = self._inputs(builder, dataset)
        builder.phase, builder.layer = "forward", NAME
        features, units = builder.width(x), self.lattice.units
        difference = self._declare(builder, "difference", (features, units), "d", axes=(1, 0))
        distance = self._on_grid(builder, "distance", "‖d‖")
        grid = {"lattice": self.lattice}
        builder.op("unit_difference", (x, weight), difference)
        builder.op("unit_distance", (difference,), distance, **grid)
        loss = builder.tensor("loss", (1,), "L", scalar=True)
        best, apart = self._search(builder, distance, loss)
        near = self._reach(builder, apart, self.passes * self.steps_per_epoch(dataset))
        builder.phase, builder.layer = "loss", ""
        start = len(builder.ops)
        builder.op("quantisation", (distance, best), loss, **grid)
        with builder.fuse(start):
            pass  # a straight run has it from the search
        builder.phase, builder.layer = "update", NAME
        builder.op("pull", ("lr", near, difference), weight, **grid)
        return builder.finish(best)

    def _search(self, builder: Builder, distance: str, loss: str) -> tuple[str, str]:
        """Append what finds the best units: its place, and how far every unit is from it."""
        grid, start = {"lattice": self.lattice}, len(builder.ops)
        best, second = (
            self._declare(builder, name, (2,), symbol)
            for name, symbol in (("bmu", "b"), ("second", "s"))
        )
        apart = self._on_grid(builder, "grid_distance", "g")
        builder.op("best_unit", (distance,), best, **grid)
        builder.op("second_unit", (distance, best), second, **grid)
        builder.op("grid_distance", (best,), apart, **grid)
        # Nothing in a step reads the second best unit; and where squares of the distances on the
        # grid are enough, nothing in a straight run reads the distances.
        squared = NEIGHBOURHOODS[self.map.neighbourhood].takes_squares
        with builder.fuse(start):
            beside = (loss, apart) if squared else (loss,)
            builder.op("best_unit", (distance,), best, beside=beside, **grid)
            if not squared:
                builder.op("grid_distance", (best,), apart, **grid)
        builder.defer(second, *([apart] if squared else []))
        return best, apart

    def _reach(self, builder: Builder, apart: str, length: int) -> str:
        """Append what tells how much every unit is pulled along, in a run of `length` steps."""
        radius, near = f"{NAME}.radius", self._on_grid(builder, "neighbourhood", "h")
        start, shape = len(builder.ops), self.map.neighbourhood
        beside = (
            self._schedule(builder, "rate", "lr", "η", self.map.rates, length),
            self._schedule(builder, "radius", radius, "σ", self.map.radii, length),
        )
        options = {"shape": shape, "formula": NEIGHBOURHOODS[shape].formula}
        builder.op("neighbourhood", (apart, radius), near, **options)
        with builder.fuse(start):
            builder.op("neighbourhood", (apart, radius), near, beside=beside, **options)
        return near

    def evaluation_program(self, dataset: Dataset) -> Program:
        builder = Builder(Keyed(self.seed), training=False)
        inputs = self._inputs(builder, dataset)
        grid = {"lattice": self.lattice}
        builder.phase, builder.layer = "forward", NAME
        best = builder.batch(f"{NAME}.bmu", (2,), "b")
        second = builder.batch(f"{NAME}.second", (2,), "s")
        nearest = builder.single(f"{NAME}.nearest", (), "d")
        builder.op("match", inputs, best, beside=(second, nearest), **grid)
        builder.op("match_second", inputs, second, **grid)
        builder.op("match_distance", (*inputs, best), nearest, **grid)
        builder.phase, builder.layer = "loss", ""
        builder.tensor("loss", (1,), "L", scalar=True)
        builder.op("quantisation_mean", (nearest,), "loss")
        return builder.finish(best)

    def measures(self, memory: Memory, dataset: Dataset) -> Mapping[str, Measure]:
        """The share of samples whose two best units are no neighbours."""
        one, other = (self._units(memory.public(f"{NAME}.{n}")) for n in ("bmu", "second"))
        apart = ~self.lattice.are_adjacent(one, other)
        return {
            "quantisation error": Measure(memory.public("loss").item()),
            "topographic error": Measure(float(apart.mean()), share=True),
        }

    def _units(self, places: Array) -> Array:
        """The numbers of units, by their places, (rows, 2)."""
        row, column = places.T
        return np.asarray(row * self.map.cols + column, np.intp)

    def _inputs(self, builder: Builder, dataset: Dataset) -> tuple[str, str]:
        """The sample and the weights, declared; and the op that takes the sample."""
        samples = dataset.train.x
        builder.batch("x", samples.shape[1:], "x")
        builder.op("batch", (), "x")
        builder.layer = NAME
        initial = self._initial(builder.random, samples)
        block = builder.block(*initial.shape[::-1])
        weight = builder.parameter("weight", "w", block, initial, turned=True)
        builder.layer = ""
        return "x", weight

    def _declare(
        self,
        builder: Builder,
        name: str,
        shape: tuple[int, ...],
        symbol: str,
        axes: tuple[int, ...] | None = None,
    ) -> str:
        """Declare a tensor of the map; returns its full name."""
        return builder.tensor(f"{NAME}.{name}", shape, symbol, axes=axes)

    def _on_grid(self, builder: Builder, name: str, symbol: str) -> str:
        """Declare a tensor of one number for each unit; returns its full name."""
        return self._declare(builder, name, (self.map.rows, self.map.cols), symbol)

    def _schedule(
        self,
        builder: Builder,
        kind: str,
        name: str,
        symbol: str,
        ends: tuple[float, float],
        length: int,
    ) -> Scheduled:
        """Append the op that sets η or σ, which a hand may hold at another value."""
        decay, (first, last) = DECAYS[self.map.decay], ends
        rate = decay.course(first, last, length)

        def term(step: int) -> Term:
            t = min(step - 1, length)
            named = ((first, f"{symbol}₀"), (last, f"{symbol}₁"), (t, "t"), (length, "T"))
            operands = tuple(constant(float(value), name) for value, name in named)
            return Term(operands, decay.written, rate(step))

        held = f"{name}.held"
        builder.tensor(name, (1,), symbol, Setting(first, held), scalar=True)
        builder.tensor(held, (1,), "held", Setting(0.0), scalar=True)
        formula = decay.formula(symbol)
        builder.op(kind, (held,), name, rate=rate, term=term, formula=formula)
        return name, held, rate

    def _initial(self, random: Keyed, samples: Array) -> Values:
        """Where units start: (units, features)."""
        if self.map.weight is not None:
            return self.map.weight
        units, features = self.lattice.units, samples.shape[1]
        if self.map.init == "samples":
            return samples[random.integers(f"{NAME}.weight", 0, units, len(samples))]
        if self.map.init == "uniform":
            low, high = samples.min(axis=0), samples.max(axis=0)
            draw = random.uniform(f"{NAME}.weight", 0, units * features)
            return np.asarray(low + (high - low) * draw.reshape(units, features))
        return _in_plane(samples, self.lattice)


def _in_plane(samples: Array, lattice: Lattice) -> Values:
    """Evenly in the plane of the two principal components, two standard deviations either way.

    The longer side of the grid lies along the first; each points to where its largest entry is
    positive.
    """
    centre = samples.mean(axis=0)
    start = np.tile(centre, (lattice.units, 1))
    scale = np.abs(samples - centre).max()
    if not 0.0 < scale < np.inf:
        return start
    # Squares of very large numbers, or very small ones, would be out of range.
    shares = (samples - centre) / scale
    values, vectors = np.linalg.eigh(np.atleast_2d(np.cov(shares.T, bias=True)))
    places = lattice.places / np.maximum(1, (lattice.rows - 1, lattice.cols - 1)) * 2.0 - 1.0
    axes = np.argsort((lattice.rows, lattice.cols), kind="stable")[::-1]
    for axis, k in zip(axes, (-1, -2)[: samples.shape[1]], strict=False):
        way = vectors[:, k] * np.sign(vectors[np.abs(vectors[:, k]).argmax(), k])
        start += np.outer(places[:, axis], 2.0 * scale * np.sqrt(max(0.0, values[k])) * way)
    return start
