"""The update phase: what each optimizer is made of, in ops.

A rule is written once, for a target that is a parameter's name. It is applied to every parameter,
which gives the ops one can stop at, and once more to whole runs of the flat vectors, which gives
the few calls that training at full speed makes. Both compute the same numbers element by element.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from nntui.engine.builder import Builder
from nntui.engine.ops.update import adagrad_decay
from nntui.engine.optimizers import (
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    AdamFamily,
    AdamW,
    Nadam,
    Optimizer,
    Rmsprop,
    Sgd,
)
from nntui.engine.program import Parameter
from nntui.engine.schedules import Schedule
from nntui.engine.tensor import Setting, Slot

_SYMBOLS: Final = {
    "grad": "g", "grad_clipped": "g", "grad_decayed": "g", "momentum": "v", "m": "m", "v": "v",
    "m_hat": "m̂", "v_hat": "v̂", "v_max": "v_max", "u": "u", "sum": "s", "square_avg": "s",
    "grad_avg": "μ", "delta_avg": "s_Δ", "direction": "d", "delta": "Δ", "decayed": "θ′",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Descent:
    """How the parameters that minimise a loss are updated.

    Attributes:
        epochs, steps_per_epoch: how long the run is, for a schedule that goes by it.
        owner: whose parameters they are, where not all are updated together; or empty.
        turn: which of how many updates of a training step it is, from 1.
    """

    optimizer: Optimizer
    schedule: Schedule | None
    clip_norm: float | None
    epochs: int
    steps_per_epoch: int
    owner: str = ""
    turn: tuple[int, int] = (1, 1)

    def named(self, setting: str) -> str:
        """The full name of "lr", or of what else the update has one of."""
        return f"{self.owner}.{setting}" if self.owner else setting


@dataclass(frozen=True)
class _Target:
    """A parameter (or a run of parameters) that a rule is being applied to.

    Attributes:
        name: of its values; its gradient is name + ".grad", and so on.
        gradient: the vector that holds the gradient to use.
    """

    builder: Builder
    descent: Descent
    name: str
    gradient: str

    def op(self, kind: str, vector: str, *inputs: str, **attributes: Any) -> str:
        """Append an op that computes this target's part of a vector; returns the vector."""
        tensors, output = [self._tensor(v) for v in inputs], self._tensor(vector)
        names = {
            "out": self.builder.tensors[output].symbol,
            "source": _SYMBOLS.get(inputs[0], ""),
            "theta": self.builder.tensors[self.name].symbol,
        }
        turn = self.descent.turn
        self.builder.op(kind, tensors, output, turn=turn, **names, **attributes)
        return vector

    def moment(self, vector: str, start: float = 0.0) -> str:
        """Declare a vector of the training state; returns it."""
        starts = self.builder.moments.setdefault(vector, {})
        if self.name in self.builder.parameters:
            starts[self.name] = start
        return vector

    def descend(
        self, direction: str, *divisor: str, base: str = "theta", formula: str, **attributes: Any
    ) -> None:
        """Append the op that sets the parameter's new value."""
        inputs = (base, direction, "lr", *divisor)
        written = formula.replace("θ", self.builder.tensors[self.name].symbol)
        self.op("descend", "theta", *inputs, formula=written, **attributes)

    def _tensor(self, vector: str) -> str:
        if vector in ("lr", "clip.scale"):
            return self.descent.named(vector)
        if vector == "theta":
            return self.name
        builder, name = self.builder, f"{self.name}.{vector}"
        if name not in builder.tensors:
            if vector not in builder.moments and vector not in ("grad", *builder.work):
                builder.work.append(vector)
            symbol = _SYMBOLS[vector].replace("θ", builder.tensors[self.name].symbol)
            builder.like(name, self.name, symbol, Slot(vector, self.name))
        return name


def _coupled_decay(target: _Target, optimizer: Optimizer) -> str:
    """g, or g + λθ where the optimizer decays weights through the gradient."""
    if not optimizer.weight_decay:
        return target.gradient
    decay = optimizer.weight_decay
    return target.op("decay", "grad_decayed", target.gradient, "theta", decay=decay)


def _sgd(target: _Target, o: Sgd) -> None:
    g = _coupled_decay(target, o)
    if o.momentum:
        velocity = target.moment("momentum")
        target.op("velocity", velocity, g, momentum=o.momentum)
        if o.nesterov:
            g = target.op("nesterov", "direction", g, velocity, momentum=o.momentum)
        else:
            g = velocity
    target.descend(g, formula=f"θ ← θ − η {_SYMBOLS[g]}")


def _adagrad(target: _Target, o: Adagrad) -> None:
    g = _coupled_decay(target, o)
    total = target.op("square_sum", target.moment("sum", o.initial_accumulator_value), g)
    options: dict[str, Any] = {"eps": o.eps}
    if o.lr_decay:
        options |= {"lr_decay": o.lr_decay, "factor": adagrad_decay}
        options |= {"factor_symbol": "1/(1 + (t − 1) decay)"}
    target.descend(g, total, formula="θ ← θ − η g / (√s + ε)", **options)


def _rmsprop(target: _Target, o: Rmsprop) -> None:
    g = _coupled_decay(target, o)
    inputs = [
        g,
        target.op("square_average", target.moment("square_avg"), g, beta=o.alpha, symbol="α"),
    ]
    if o.centered:
        inputs.append(target.op("average", target.moment("grad_avg"), g, beta=o.alpha, symbol="α"))
    formula = "g / (√(s − μ²) + ε)" if o.centered else "g / (√s + ε)"
    direction = target.op("ratio", "direction", *inputs, eps=o.eps, formula=formula)
    if o.momentum:
        direction = target.op("velocity", target.moment("momentum"), direction, momentum=o.momentum)
    target.descend(direction, formula=f"θ ← θ − η {_SYMBOLS[direction]}")


def _adadelta(target: _Target, o: Adadelta) -> None:
    g = _coupled_decay(target, o)
    square = target.op("square_average", target.moment("square_avg"), g, beta=o.rho, symbol="ρ")
    past = target.moment("delta_avg")
    delta = target.op("delta", "delta", g, square, past, eps=o.eps)
    target.op("square_average", past, delta, beta=o.rho, symbol="ρ")
    target.descend(delta, formula="θ ← θ − η Δ")


def _first(target: _Target, o: AdamFamily, g: str) -> str:
    return target.op("average", target.moment("m"), g, beta=o.betas[0], symbol="β₁")


def _second(target: _Target, o: AdamFamily, g: str) -> str:
    return target.op("square_average", target.moment("v"), g, beta=o.betas[1], symbol="β₂")


def _correct(target: _Target, vector: str, hat: str, beta: float, symbol: str) -> str:
    return target.op("correct", hat, vector, beta=beta, symbol=symbol)


def _adam(target: _Target, o: Adam | AdamW) -> None:
    g, base = target.gradient, "theta"
    if isinstance(o, AdamW) and o.weight_decay:
        base = target.op("shrink", "decayed", "theta", "lr", decay=o.weight_decay)
    elif isinstance(o, Adam):
        g = _coupled_decay(target, o)
    first, second = _first(target, o, g), _second(target, o, g)
    m_hat = _correct(target, first, "m_hat", o.betas[0], "β₁")
    if o.amsgrad:
        second = target.op("largest", target.moment("v_max"), second)
    v_hat = _correct(target, second, "v_hat", o.betas[1], "β₂")
    formula = f"θ ← {'θ′' if base == 'decayed' else 'θ'} − η m̂ / (√v̂ + ε)"
    target.descend(m_hat, v_hat, base=base, formula=formula, eps=o.eps)


def _adamax(target: _Target, o: Adamax) -> None:
    g = _coupled_decay(target, o)
    first = _first(target, o, g)
    size = target.op("infinity", target.moment("u"), g, beta=o.betas[1], eps=o.eps)
    m_hat = _correct(target, first, "m_hat", o.betas[0], "β₁")
    target.descend(m_hat, size, formula="θ ← θ − η m̂ / u")


def _nadam(target: _Target, o: Nadam) -> None:
    g = _coupled_decay(target, o)
    first, second = _first(target, o, g), _second(target, o, g)
    options = {"beta": o.betas[0], "psi": o.momentum_decay, "products": [1.0]}
    direction = target.op("look_ahead", "direction", g, first, **options)
    v_hat = _correct(target, second, "v_hat", o.betas[1], "β₂")
    target.descend(direction, v_hat, formula="θ ← θ − η d / (√v̂ + ε)", eps=o.eps)


_RULES: Final[dict[type[Optimizer], Callable[..., None]]] = {
    Sgd: _sgd,
    Adagrad: _adagrad,
    Rmsprop: _rmsprop,
    Adadelta: _adadelta,
    Adam: _adam,
    AdamW: _adam,
    Adamax: _adamax,
    Nadam: _nadam,
}


def update(builder: Builder, descent: Descent, learned: Sequence[Parameter]) -> None:
    """Append an update of some parameters, and the same over whole vectors for straight runs."""
    builder.phase, builder.layer = "update", ""
    optimizer, lr = descent.optimizer, descent.named("lr")
    rule = partial(_RULES[type(optimizer)], o=optimizer)
    hold = "" if descent.schedule is None else f"{lr}.held"
    builder.tensor(lr, (1,), "η", Setting(optimizer.lr, hold), scalar=True)
    if descent.schedule is not None:
        _schedule(builder, descent, descent.schedule)
    if descent.clip_norm is not None:
        _clip(builder, descent, descent.clip_norm, learned)
    start = len(builder.ops)
    gradient = "grad" if descent.clip_norm is None else "grad_clipped"
    for parameter in learned:
        builder.layer = parameter.layer
        if parameter.frozen:
            builder.op("frozen", (parameter.name,), parameter.name)
            continue
        _apply(_Target(builder, descent, parameter.name, gradient), rule)
    builder.layer = ""
    with builder.fuse(start):
        for span in builder.spans(learned):
            builder.tensor(span.name, (span.stop - span.start,), "θ", Slot("theta", span.name))
            _apply(_Target(builder, descent, span.name, gradient), rule)


def _apply(target: _Target, rule: Callable[[_Target], None]) -> None:
    if target.gradient == "grad_clipped":
        target.op("clip", target.gradient, "grad", "clip.scale")
    rule(target)


def _schedule(builder: Builder, descent: Descent, schedule: Schedule) -> None:
    steps_per_epoch = descent.steps_per_epoch

    def rate(step: int) -> float:
        done = step - 1
        t = done // steps_per_epoch if schedule.every == "epoch" else done
        length = descent.epochs * (1 if schedule.every == "epoch" else steps_per_epoch)
        return schedule.rate(descent.optimizer.lr, t, length)

    lr = descent.named("lr")
    held = builder.tensor(f"{lr}.held", (1,), "held", Setting(0.0), scalar=True)
    text = schedule.formula.removeprefix("η = ")
    builder.op("rate", (held,), lr, rate=rate, formula=schedule.formula, text=text)


def _clip(builder: Builder, descent: Descent, limit: float, learned: Sequence[Parameter]) -> None:
    gradients = [f"{p.name}.grad" for p in learned if not p.frozen]
    norm = builder.tensor(descent.named("clip.norm"), (1,), "‖g‖", scalar=True)
    scale = builder.tensor(descent.named("clip.scale"), (1,), "s", scalar=True)
    builder.op("grad_norm", gradients, norm)
    builder.op("clip_scale", (norm,), scale, limit=limit)
