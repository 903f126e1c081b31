"""A session made by hand: a sigmoid network trained by plain gradient descent, any size.

It speaks the interface of `nntui.session.session.Session` and knows nothing of the engine, so the
screen can be tested without it. `exam()` is the worked example of the documentation (2-2-1).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np

from nntui.errors import UsageError
from nntui.session.column import Column, Row
from nntui.session.frame import (
    Cell,
    Curve,
    Explanation,
    Frame,
    Line,
    Mask,
    Network,
    OpInfo,
    ParameterRow,
    Token,
)
from nntui.session.lesson import Lesson
from nntui.session.losses import Losses
from nntui.session.position import Depth, Position

NOTE = Lesson(1, 1, "forward output.z", (5,), "Rounding on the way gives 1.546.")

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def sub(*numbers: int) -> str:
    return "".join(str(n + 1).translate(SUBSCRIPTS) for n in numbers)


def num(value: float, cell: Cell | None = None, term: int = -1) -> Token:
    return Token(f"{value:.4g}", "number", float(value), cell, term)


def sym(text: str, cell: Cell | None = None, term: int = -1) -> Token:
    return Token(text, "symbol", None, cell, term)


def op(text: str, term: int = -1) -> Token:
    return Token(text, "operator", term=term)


@dataclass
class Op:
    info: OpInfo
    run: Callable[[], None]
    """Fills the output."""
    reads: Callable[[int], list[Cell]]
    """The cells one element reads, in the order of its terms."""
    explain: Callable[[int], Explanation]
    terms: int = 0


class FakeBreakpoints(list):
    """Breakpoints on ops only."""

    def add(self, text: str) -> SimpleNamespace:
        self.append(SimpleNamespace(number=len(self) + 1, text=text, enabled=True))
        return self[-1]

    def toggle(self, number: int) -> SimpleNamespace:
        self[number - 1].enabled ^= True
        return self[number - 1]

    def remove(self, number: int) -> None:
        self[:] = [one for one in self if one.number != number]


class FakeTimeline:
    """A past of one branch, in which nothing has been changed."""

    def __init__(self, session: FakeSession) -> None:
        self._session = session
        self.losses = Losses()
        self.branch = SimpleNamespace(
            name="main", parent=None, fork=(1, 0), frontier=(1, 0), edits=[], losses=self.losses
        )
        self.branches = {"main": self.branch}
        self.farthest = 0

    def note(self) -> None:
        s = self._session
        self.branch.frontier = max(self.branch.frontier, (s._step, s._op))
        self.farthest = self.branch.frontier[0] - 1
        for k, loss in enumerate(s._losses[len(self.losses) :], len(self.losses) + 1):
            self.losses.record(k, loss)

    def seek(self, step: int, op: int):
        self._session.cursor.go(step, op)
        yield from ()


class FakeSession:
    """Going back takes a copy of the moment before each command: one at a time."""

    stopped_by = None
    runs = {7: None}  # noqa: RUF012
    scenario = SimpleNamespace(breakpoints=())

    def __init__(
        self,
        units: tuple[int, ...],
        *,
        title: str = "A network",
        features: tuple[str, ...] = (),
        outputs: tuple[str, ...] = (),
        epochs: int = 200,
        steps_per_epoch: int = 1,
        samples: int = 1,
        rate: float = 0.5,
        seed: int = 7,
        weights: Mapping[str, list] | None = None,
        x: list | None = None,
        y: list | None = None,
    ) -> None:
        self.seed = seed
        self.depth = Depth.ELEMENT
        self.focus = ("", 0)
        self.breakpoints = FakeBreakpoints()
        self._sample = 0
        self._units = units
        self._features = features or tuple(f"x{i + 1}" for i in range(units[0]))
        self._outputs = outputs or tuple(f"y{i + 1}" for i in range(units[-1]))
        self._rate = rate
        self._weights = weights
        rng = np.random.default_rng(99)
        self._x = np.array(x, float) if x else rng.normal(size=(samples, units[0]))
        self._y = (
            np.array(y, float) if y else rng.integers(0, 2, size=(samples, units[-1])).astype(float)
        )
        self._layers = [
            "output" if k == len(units) - 1 else ("hidden" if len(units) == 3 else f"hidden{k}")
            for k in range(1, len(units))
        ]
        self._ops: list[Op] = []
        self._build()
        columns = [Column("input", "input", "input", self._features, (Row("", "x"),), z="x", a="x")]
        for k, name in enumerate(self._layers, 1):
            columns.append(
                Column(
                    name,
                    f"{name} · dense · sigmoid" if k < len(units) - 1 else f"{name} · sigmoid",
                    "dense",
                    tuple(f"h{i + 1}" for i in range(units[k]))
                    if k < len(units) - 1
                    else self._outputs,
                    (
                        Row("z", f"{name}.z"),
                        Row("a", f"{name}.a"),
                        Row("∂a", f"{name}.a.grad", True),
                        Row("∂z", f"{name}.z.grad", True),
                    ),
                    edges="all",
                    weight=f"{name}.weight",
                    bias=f"{name}.bias",
                    activation="sigmoid",
                    z=f"{name}.z",
                    a=f"{name}.a",
                    parameters=(f"{name}.weight", f"{name}.bias"),
                )
            )
        self.network = Network(
            title=title,
            about="Made by hand.",
            columns=tuple(columns),
            ops=tuple(o.info for o in self._ops),
            parameters=tuple(p for c in columns for p in c.parameters),
            optimizer="sgd",
            loss="bce",
            steps_per_epoch=steps_per_epoch,
            epochs=epochs,
            targets=self._outputs,
            target="y",
        )
        self.restart()

    # -- the program ---------------------------------------------------------------------------

    def _add(self, phase, layer, kind, inputs, output, formula, shape, run, reads, explain, terms):
        elements = int(np.prod(shape[1:] if output in batched(output) else shape)) if shape else 1
        info = OpInfo(
            len(self._ops) + 1, phase, layer, kind, inputs, output, formula, shape, elements
        )
        self._ops.append(Op(info, run, reads, explain, terms))

    def _build(self) -> None:
        units, batch = self._units, len(self._x)
        t = self._tensors = {}  # type: dict[str, np.ndarray]
        for name, data in (("x", self._x), ("y", self._y)):
            self._add(
                "data",
                "",
                "load",
                (),
                name,
                f"{name} ← sample",
                data.shape,
                lambda name=name, data=data: t.__setitem__(name, data.copy()),
                lambda e: [],
                lambda e, name=name: Explanation(
                    f"{name}[{e + 1}]",
                    "data",
                    "The sample of the batch that is shown.",
                    f"{name} ← data",
                    ((sym(f"{name}{sub(e)}"), op("="), self._n(name, e)),),
                ),
                0,
            )
        before = "x"
        for k, name in enumerate(self._layers, 1):
            self._forward(name, before, units[k], batch)
            before = f"{name}.a"
        self._loss(before)
        for k in reversed(range(1, len(units))):
            self._backward(k, batch)
        for name in self._layers:
            for what in ("weight", "bias"):
                self._update(f"{name}.{what}", name)

    def _n(self, tensor: str, *index: int, term: int = -1) -> Token:
        array = self._tensors.get(tensor)
        full = (self._sample, *index) if tensor in batched(tensor) else index
        value = float(array[full]) if array is not None else float("nan")
        return num(value, Cell(tensor, index), term)

    def _forward(self, name: str, before: str, units: int, batch: int) -> None:
        t = self._tensors
        w, b, z, a = f"{name}.weight", f"{name}.bias", f"{name}.z", f"{name}.a"
        source = "x" if before == "x" else "a"
        count = self._units[self._layers.index(name)]

        def linear(e: int) -> Explanation:
            symbols: list[Token] = [sym(f"z{sub(e)}")]
            numbers: list[Token] = [op("=")]
            worked: list[Token] = [op("=")]
            for i in range(count):
                if i:
                    for line in (symbols, numbers, worked):
                        line.append(op(" + ", i))
                symbols += [
                    sym(f"w{sub(e, i)}", Cell(w, (e, i)), i),
                    op("·", i),
                    sym(f"{source}{sub(i)}", Cell(before, (i,)), i),
                ]
                numbers += [self._n(w, e, i, term=i), op(" × ", i), self._n(before, i, term=i)]
                worked.append(num(self._n(w, e, i).value * self._n(before, i).value, None, i))
            for line in (symbols, numbers, worked):
                line.append(op(" + ", count))
            symbols.append(sym(f"b{sub(e)}", Cell(b, (e,)), count))
            numbers.append(self._n(b, e, term=count))
            worked.append(self._n(b, e, term=count))
            result: Line = (op("="), replace(self._n(z, e), role="result"))
            return Explanation(
                f"{z}[h{e + 1}]",
                "pre-activation",
                "Each input times its weight, summed, plus the bias.",
                f"z = {source} Wᵀ + b",
                (tuple(symbols), tuple(numbers), tuple(worked), result),
                following=f"a{sub(e)} = σ(z{sub(e)})",
                terms=count + 1,
                lessons=(NOTE,) if name == "output" else (),
            )

        self._add(
            "forward",
            name,
            "affine",
            (before, w, b),
            z,
            f"z = {source} Wᵀ + b",
            (batch, units),
            lambda: t.__setitem__(z, t[before] @ t[w].T + t[b]),
            lambda e: (
                [c for i in range(count) for c in (Cell(w, (e, i)), Cell(before, (i,)))]
                + [Cell(b, (e,))]
            ),
            linear,
            count + 1,
        )
        self._add(
            "forward",
            name,
            "sigmoid",
            (z,),
            a,
            "a = σ(z)",
            (batch, units),
            lambda: t.__setitem__(a, 1 / (1 + np.exp(-t[z]))),
            lambda e: [Cell(z, (e,))],
            lambda e: Explanation(
                f"{a}[h{e + 1}]",
                "activation",
                "The sigmoid squeezes z into 0 … 1.",
                "a = σ(z)",
                (
                    (sym(f"a{sub(e)}"), op("="), sym(f"σ(z{sub(e)})")),
                    (
                        op("="),
                        op("1"),
                        op(" / "),
                        op("(1"),
                        op(" + "),
                        op("e^−"),
                        self._n(z, e),
                        op(")"),
                    ),
                    (op("="), replace(self._n(a, e), role="result")),
                ),
                following="output.z = a Wᵀ + b",
            ),
            0,
        )

    def _loss(self, out: str) -> None:
        t = self._tensors

        def run() -> None:
            a, y = t[out], t["y"]
            t["loss"] = np.array(float(np.mean(-(y * np.log(a) + (1 - y) * np.log(1 - a)))))

        self._add(
            "loss",
            "",
            "bce",
            (out, "y"),
            "loss",
            "L = −[y ln a + (1−y) ln(1−a)]",
            (),
            run,
            lambda e: [Cell(out, (i,)) for i in range(self._units[-1])] + [Cell("y", (0,))],
            lambda e: Explanation(
                "loss",
                "binary cross-entropy",
                "How far the prediction is from the target.",
                "L = −[y ln a + (1−y) ln(1−a)]",
                (
                    (sym("L"), op("="), op("−ln"), self._n(out, 0)),
                    (op("="), replace(self._n("loss"), role="result")),
                ),
            ),
            0,
        )

    def _backward(self, k: int, batch: int) -> None:
        t, name, last = self._tensors, self._layers[k - 1], k == len(self._units) - 1
        w, z, a = f"{name}.weight", f"{name}.z", f"{name}.a"
        before = "x" if k == 1 else f"{self._layers[k - 2]}.a"
        ag, zg = f"{a}.grad", f"{z}.grad"
        units, count = self._units[k], self._units[k - 1]

        def out_grad() -> None:
            t[ag] = (t[a] - t["y"]) / (t[a] * (1 - t[a])) / t["y"].size

        def simple(
            symbol: str, output: str, title: str, formula: str, index: tuple[int, ...]
        ) -> Explanation:
            return Explanation(
                f"{output}{list(index)}",
                title,
                "The chain rule: upstream times local.",
                formula,
                (
                    (sym(symbol), op("="), sym("upstream"), op(" · "), sym("local")),
                    (op("="), replace(self._n(output, *index), role="result")),
                ),
                chain=(
                    (Token("upstream", "word"), sym("∂L/∂a"), op("="), self._n(ag, index[0])),
                    (
                        Token("local", "word"),
                        sym("∂a/∂z"),
                        op("="),
                        sym("a(1 − a)"),
                        op("="),
                        num(
                            float(
                                np.prod(
                                    self._tensors[a][self._sample, index[0]]
                                    * (1 - self._tensors[a][self._sample, index[0]])
                                )
                            )
                        ),
                    ),
                )
                if output == zg
                else (),
                note="the mean over the samples of the batch" if batch > 1 else "",
            )

        if last:
            self._add(
                "backward",
                name,
                "bce_grad",
                (a, "y"),
                ag,
                "∂L/∂a = (a − y) / (a (1 − a))",
                (batch, units),
                out_grad,
                lambda e: [Cell(a, (e,)), Cell("y", (e,))],
                lambda e: simple(
                    f"∂L/∂a{sub(e)}",
                    ag,
                    "gradient of the output",
                    "∂L/∂a = (a − y) / (a (1 − a))",
                    (e,),
                ),
                0,
            )
        self._add(
            "backward",
            name,
            "sigmoid_grad",
            (ag, a),
            zg,
            "∂L/∂z = ∂L/∂a · a (1 − a)",
            (batch, units),
            lambda: t.__setitem__(zg, t[ag] * t[a] * (1 - t[a])),
            lambda e: [Cell(ag, (e,)), Cell(a, (e,))],
            lambda e: simple(
                f"∂L/∂z{sub(e)}", zg, "through the sigmoid", "∂L/∂z = ∂L/∂a · σ′(z)", (e,)
            ),
            0,
        )
        self._add(
            "backward",
            name,
            "weight_grad",
            (zg, before),
            f"{w}.grad",
            "∂L/∂W = ∂L/∂zᵀ x",
            (units, count),
            lambda: t.__setitem__(f"{w}.grad", t[zg].T @ t[before]),
            lambda e: [Cell(zg, (e // count,)), Cell(before, (e % count,))],
            lambda e: simple(
                f"∂L/∂w{sub(*divmod(e, count))}",
                f"{w}.grad",
                "gradient of a weight",
                "∂L/∂W = ∂L/∂zᵀ x",
                divmod(e, count),
            ),
            0,
        )
        self._add(
            "backward",
            name,
            "bias_grad",
            (zg,),
            f"{name}.bias.grad",
            "∂L/∂b = Σ ∂L/∂z",
            (units,),
            lambda: t.__setitem__(f"{name}.bias.grad", t[zg].sum(0)),
            lambda e: [Cell(zg, (e,))],
            lambda e: simple(
                f"∂L/∂b{sub(e)}", f"{name}.bias.grad", "bias", "∂L/∂b = Σ ∂L/∂z", (e,)
            ),
            0,
        )
        if k > 1:
            self._add(
                "backward",
                name,
                "input_grad",
                (zg, w),
                f"{before}.grad",
                "∂L/∂a = ∂L/∂z W",
                (batch, count),
                lambda: t.__setitem__(f"{before}.grad", t[zg] @ t[w]),
                lambda e: [c for j in range(units) for c in (Cell(zg, (j,)), Cell(w, (j, e)))],
                lambda e: simple(
                    f"∂L/∂a{sub(e)}",
                    f"{before}.grad",
                    "gradient of the inputs",
                    "∂L/∂a = ∂L/∂z W",
                    (e,),
                ),
                0,
            )

    def _update(self, parameter: str, layer: str) -> None:
        t = self._tensors
        shape = (self._units[self._layers.index(layer) + 1],)
        if parameter.endswith("weight"):
            shape = (*shape, self._units[self._layers.index(layer)])

        def run() -> None:
            self._changes[parameter] = -self._rate * t[f"{parameter}.grad"]
            t[parameter] = t[parameter] + self._changes[parameter]

        def where(e: int) -> tuple[int, ...]:
            return divmod(e, shape[1]) if len(shape) == 2 else (e,)

        self._add(
            "update",
            layer,
            "sgd",
            (parameter, f"{parameter}.grad"),
            parameter,
            "w ← w − η ∂L/∂w",
            shape,
            run,
            lambda e: [Cell(f"{parameter}.grad", where(e))],
            lambda e: Explanation(
                f"{parameter}{list(where(e))}",
                "gradient descent",
                "A small step against the gradient.",
                "w ← w − η ∂L/∂w",
                (
                    (sym("w"), op("="), sym("w"), op(" − "), sym("η"), op(" · "), sym("∂L/∂w")),
                    (op("="), replace(self._n(parameter, *where(e)), role="result")),
                ),
            ),
            0,
        )

    # -- the interface of a session ------------------------------------------------------------

    @property
    def cursor(self) -> FakeSession:
        """It is its own cursor, player and reader."""
        return self

    player = reader = cursor

    @property
    def sample(self) -> int:
        return self._sample

    @sample.setter
    def sample(self, value: int) -> None:
        self._sample = min(max(value, 0), len(self._x) - 1)

    trust = ""

    @property
    def at_end(self) -> bool:
        return self._step > self.network.steps_per_epoch * self.network.epochs

    def restart(self, seed: int | None = None) -> None:
        if seed is not None:
            self.seed, self._weights = seed, None
        rng = np.random.default_rng(self.seed)
        t = self._tensors
        t.clear()
        for k, name in enumerate(self._layers, 1):
            shape = (self._units[k], self._units[k - 1])
            given = self._weights or {}
            t[f"{name}.weight"] = np.array(
                given.get(f"{name}.weight", rng.normal(size=shape) / np.sqrt(shape[1])), float
            )
            t[f"{name}.bias"] = np.array(given.get(f"{name}.bias", np.zeros(shape[0])), float)
        self._changes: dict[str, np.ndarray] = {}
        self._losses: list[float] = []
        self._step, self._op, self._element, self._term = 1, 0, 0, 0
        self._whole = False
        self._trail: list[dict] = []
        self.timeline = FakeTimeline(self)
        self.arena = None

    _MOMENT = ("_changes", "_losses", "_step", "_op", "_element", "_term", "_whole")

    def _remember(self) -> None:
        moment = {name: deepcopy(getattr(self, name)) for name in self._MOMENT}
        self._trail.append({**moment, "_tensors": dict(self._tensors)})

    def back(self, depth: Depth | None = None) -> None:
        if self._trail:
            moment = self._trail.pop()
            self._tensors.clear()
            self._tensors.update(moment.pop("_tensors"))
            for name, value in moment.items():
                setattr(self, name, value)

    def back_into(self) -> None:
        self.depth = Depth(max(self.depth - 1, 0))
        self.back()

    def back_out(self) -> None:
        self.depth = Depth(min(self.depth + 1, Depth.EPOCH))
        self.back()

    def go(self, step: int, op: int | None = None) -> None:
        while self._trail and (self._step, self._op) > (step, len(self._ops) if op is None else op):
            self.back()
        while (self._step, self._op) < (step, len(self._ops) if op is None else op):
            self.forward(Depth.OP)

    def play(self, depth: Depth | None = None) -> None:
        self.forward(depth)

    def run_back(self, deadline: float) -> bool:
        self.back()
        return bool(self._trail)

    def edit(self, tensor: str, index: tuple[int, ...], value: float, branch: str = "") -> None:
        raise UsageError("this session cannot be edited")

    def undo(self, *, again: bool = False) -> None:
        return None

    def fork(self, name: str = "") -> str:
        raise UsageError("this session has no branches")

    def switch(self, name: str) -> None:
        raise UsageError("this session has no branches")

    def _wipe(self) -> None:
        for name in list(self._tensors):
            if not name.endswith((".weight", ".bias")):
                del self._tensors[name]

    def _complete(self) -> None:
        """Finishes the op at the cursor, or does the next one."""
        if self._op and self._element < self._ops[self._op - 1].info.elements:
            self._element, self._term = self._ops[self._op - 1].info.elements, 0
        else:
            self._begin()
            self._element = self._ops[self._op - 1].info.elements
        self._whole = True

    def _begin(self) -> None:
        if self._op == len(self._ops):
            self._step, self._op = self._step + 1, 0
            self._wipe()
        self._op, self._element, self._term, self._whole = self._op + 1, 0, 0, False
        current = self._ops[self._op - 1]
        current.run()
        if current.info.output == "loss":
            self._losses.append(float(self._tensors["loss"]))

    def _mid(self) -> bool:
        return self._op > 0 and self._element < self._ops[self._op - 1].info.elements

    def forward(self, depth: Depth | None = None) -> None:
        self._remember()
        self._forward_to(depth)
        self.timeline.note()

    def _forward_to(self, depth: Depth | None) -> None:
        depth = self.depth if depth is None else depth
        if depth <= Depth.ELEMENT:
            if not self._mid():
                self._begin()
            self._whole = False
            current = self._ops[self._op - 1]
            if depth == Depth.TERM and self._term < current.terms - 1:
                self._term += 1
            else:
                self._element, self._term = self._element + 1, 0
            return
        self._complete()
        if depth == Depth.OP:
            return
        keys: dict[Depth, Callable[[OpInfo], object]] = {
            Depth.LAYER: lambda o: (o.phase, o.layer),
            Depth.PHASE: lambda o: o.phase,
        }
        key = keys.get(depth, lambda o: 0)
        while self._op < len(self._ops) and key(self._ops[self._op].info) == key(
            self._ops[self._op - 1].info
        ):
            self._complete()
        if depth == Depth.EPOCH:
            while self._step % self.network.steps_per_epoch:
                self._forward_to(Depth.STEP)

    def deepen(self, by: int) -> None:
        depths = self.network.depths
        self.depth = depths[min(max(depths.index(self.depth) + by, 0), len(depths) - 1)]

    def into(self) -> None:
        self.depth = Depth(max(self.depth - 1, 0))
        self.forward()

    def finish(self) -> None:
        if self._term:
            self.forward(Depth.ELEMENT)
        elif self._mid():
            self.forward(Depth.OP)
        else:
            self.forward(Depth.LAYER)

    def jump(self, op: int) -> None:
        self.go(self._step, op)

    def run(self, deadline: float) -> int:
        done = 0
        while not self.at_end and (not done or time.perf_counter() < deadline):
            self._forward_to(Depth.STEP)
            if self._step >= self.network.steps_per_epoch * self.network.epochs:
                self._begin()
                break
            done += 1
        self.timeline.note()
        return done

    def parameter_rows(self, parameter: str, limit: int) -> tuple[ParameterRow, ...]:
        array = self._tensors[parameter]
        indices = list(np.ndindex(array.shape))[:limit]
        return tuple(self._row(parameter, index) for index in indices)

    def column_rows(self, column: int, unit: int) -> tuple[ParameterRow, ...]:
        if column == 0:
            return ()
        name = self._layers[column - 1]
        incoming = range(self._units[column - 1])
        return (
            *(self._row(f"{name}.weight", (unit, i)) for i in incoming),
            self._row(f"{name}.bias", (unit,)),
        )

    def _row(self, parameter: str, index: tuple[int, ...]) -> ParameterRow:
        t = self._tensors
        gradient, change = t.get(f"{parameter}.grad"), self._changes.get(parameter)
        symbol = ("w" if parameter.endswith("weight") else "b") + sub(*index)
        return ParameterRow(
            Cell(parameter, index),
            symbol,
            float(t[parameter][index]),
            None if gradient is None else float(gradient[index]),
            None if change is None else float(change[index]),
        )

    @property
    def frame(self) -> Frame:
        current = self._ops[self._op - 1] if self._op else None
        reads: frozenset[Cell] = frozenset()
        writes: frozenset[Cell] = frozenset()
        now: frozenset[Cell] = frozenset()
        known: dict[str, Mask] = {}
        explanation = shown = None
        if current:
            info = current.info
            element = self._element if self._term else max(self._element - 1, 0)
            explanation = current.explain(element)
            shape = info.shape[1:] if info.output in batched(info.output) else info.shape
            index = tuple(int(i) for i in np.unravel_index(element, shape)) if shape else ()
            shown = Cell(info.output, (0,) * len(index) if self._whole else index)
            if self._mid():
                known[info.output] = np.arange(math.prod(shape)).reshape(shape) < self._element
            if not self._whole:
                reads = frozenset(current.reads(element))
                writes = frozenset({Cell(info.output, index)}) if not self._term else frozenset()
                if self._term:
                    now = frozenset(current.reads(element)[2 * self._term - 2 : 2 * self._term])
        losses = self._losses
        return Frame(
            position=Position(self._step, self._op, self._element, self._term),
            depth=self.depth,
            epoch=(self._step - 1) // self.network.steps_per_epoch + 1,
            step_of_epoch=(self._step - 1) % self.network.steps_per_epoch + 1,
            op=current.info if current else None,
            explanation=explanation,
            sample=self._sample,
            samples=len(self._x),
            batch=len(self._x),
            sample_row=self._sample if "x" in self._tensors else None,
            loss=losses[-1] if losses else None,
            previous_loss=losses[-2] if len(losses) > 1 else None,
            rates={"lr": self._rate},
            train=Curve(tuple(float(i + 1) for i in range(len(losses))), tuple(losses)),
            test=Curve(),
            reads=reads,
            writes=writes,
            now=now,
            reads_all=frozenset(current.info.inputs) if current and self._whole else frozenset(),
            writes_all=frozenset({current.info.output}) if current and self._whole else frozenset(),
            finished=self.at_end,
            fault="",
            seed=self.seed,
            arrays=dict(self._tensors),
            batched=frozenset(n for n in self._tensors if n in batched(n)),
            known=known,
            shown=shown,
        )


def batched(name: str) -> tuple[str, ...]:
    """`(name,)` where the tensor has a batch axis."""
    base = name.removesuffix(".grad")
    return (name,) if base in ("x", "y") or base.endswith((".z", ".a")) else ()


def exam(**changes: object) -> FakeSession:
    """The worked example: z₁ = 3.2, a = 0.961, z = 1.545, a = 0.824."""
    return FakeSession(
        (2, 2, 1),
        title="Will I pass the exam?",
        features=("hours studied", "previous knowledge"),
        outputs=("pass",),
        weights={
            "hidden.weight": [[0.2, 0.3], [0.1, 0.4]],
            "hidden.bias": [0.5, 0.1],
            "output.weight": [[0.6, 0.8]],
            "output.bias": [0.2],
        },
        x=[[3, 7]],
        y=[[1]],
        **changes,
    )


def any_size(*units: int, samples: int = 4, steps_per_epoch: int = 8) -> FakeSession:
    """A network of the given widths, random weights and data."""
    return FakeSession(
        units,
        title=f"A network of {'-'.join(map(str, units))}",
        samples=samples,
        steps_per_epoch=steps_per_epoch,
        epochs=50,
    )


@dataclass(frozen=True)
class FakeCurve:
    x: tuple[float, ...]
    y: tuple[float, ...]
    point: tuple[float, float] | None
    slope: float | None


def fake_curve(name: str, alpha: float | None, at: float | None, width: int) -> FakeCurve:
    """The sigmoid, whatever the name."""
    reach = max(6.0, abs(at or 0.0) * 1.1)
    x = np.linspace(-reach, reach, width)
    y = 1 / (1 + np.exp(-x))
    a = None if at is None else float(1 / (1 + np.exp(-at)))
    return FakeCurve(
        tuple(x.tolist()),
        tuple(y.tolist()),
        None if at is None or a is None else (at, a),
        None if a is None else a * (1 - a),
    )
