"""Optimizers: what a gradient does to a parameter.

Options, defaults and formulas are PyTorch's.
"""

from __future__ import annotations

from abc import ABC
from dataclasses import dataclass, fields
from typing import Annotated, ClassVar, Final, final

from nntui.engine.options import Bounds

_Rate = Annotated[float, Bounds(ge=0)]
_Decay = Annotated[float, Bounds(ge=0)]
_Epsilon = Annotated[float, Bounds(ge=0)]
_Beta = Annotated[float, Bounds(ge=0, lt=1)]


@dataclass(frozen=True, kw_only=True)
class Optimizer(ABC):
    """A rule for θ ← θ − Δ.

    Attributes:
        lr: the learning rate η.
        weight_decay: λ of g ← g + λθ (AdamW: of θ ← θ − ηλθ).
    """

    type: ClassVar[str]
    lr: _Rate
    weight_decay: _Decay = 0.0


@final
@dataclass(frozen=True, kw_only=True)
class Sgd(Optimizer):
    """Gradient descent, with momentum (Sutskever et al., 2013) where asked."""

    type: ClassVar[str] = "sgd"
    lr: _Rate = 1e-3
    momentum: _Beta = 0.0
    nesterov: bool = False


@final
@dataclass(frozen=True, kw_only=True)
class Adagrad(Optimizer):
    """Duchi, Hazan and Singer (2011)."""

    type: ClassVar[str] = "adagrad"
    lr: _Rate = 1e-2
    lr_decay: _Decay = 0.0
    initial_accumulator_value: Annotated[float, Bounds(ge=0)] = 0.0
    eps: _Epsilon = 1e-10


@final
@dataclass(frozen=True, kw_only=True)
class Rmsprop(Optimizer):
    """Hinton, lecture 6e of "Neural networks for machine learning" (2012)."""

    type: ClassVar[str] = "rmsprop"
    lr: _Rate = 1e-2
    alpha: _Beta = 0.99
    eps: _Epsilon = 1e-8
    momentum: _Beta = 0.0
    centered: bool = False


@final
@dataclass(frozen=True, kw_only=True)
class Adadelta(Optimizer):
    """Zeiler (2012)."""

    type: ClassVar[str] = "adadelta"
    lr: _Rate = 1.0
    rho: _Beta = 0.9
    eps: _Epsilon = 1e-6


@dataclass(frozen=True, kw_only=True)
class AdamFamily(Optimizer, ABC):
    """What the rules after Kingma and Ba (2015) share: β₁, β₂ and ε."""

    betas: tuple[_Beta, _Beta] = (0.9, 0.999)
    eps: _Epsilon = 1e-8


@final
@dataclass(frozen=True, kw_only=True)
class Adam(AdamFamily):
    """Kingma and Ba (2015); `amsgrad`: Reddi, Kale and Kumar (2018)."""

    type: ClassVar[str] = "adam"
    lr: _Rate = 1e-3
    amsgrad: bool = False


@final
@dataclass(frozen=True, kw_only=True)
class AdamW(AdamFamily):
    """Adam with decoupled weight decay: Loshchilov and Hutter (2019)."""

    type: ClassVar[str] = "adamw"
    lr: _Rate = 1e-3
    weight_decay: _Decay = 1e-2
    amsgrad: bool = False


@final
@dataclass(frozen=True, kw_only=True)
class Adamax(AdamFamily):
    """Kingma and Ba (2015), section 7.1: the infinity norm in place of v."""

    type: ClassVar[str] = "adamax"
    lr: _Rate = 2e-3


@final
@dataclass(frozen=True, kw_only=True)
class Nadam(AdamFamily):
    """Adam with Nesterov's look-ahead: Dozat (2016)."""

    type: ClassVar[str] = "nadam"
    lr: _Rate = 2e-3
    momentum_decay: _Decay = 4e-3


OPTIMIZERS: Final[dict[str, type[Optimizer]]] = {
    c.type: c for c in (Sgd, Adagrad, Rmsprop, Adadelta, Adam, AdamW, Adamax, Nadam)
}


def spell(optimizer: Optimizer) -> str:
    """`adam(lr=0.05)`: the optimizer with the options that are not its defaults."""
    options = [
        f"{f.name}={getattr(optimizer, f.name)}"
        for f in fields(optimizer)
        if f.name == "lr" or getattr(optimizer, f.name) != f.default
    ]
    return f"{optimizer.type}({', '.join(options)})"
