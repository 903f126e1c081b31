"""A row of the op table: everything there is to know about one kind of op.

A kind says how its output is computed (`calls`), how gradients flow back through it (`gradient`),
how a textbook writes it (`formula`), and which cells made a given cell of its output (`terms`).
From the last, the screen takes the lit edges, the numbers in the formula and the single multiplies
one can step through.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar, final

from nntui.engine.options import Array

if TYPE_CHECKING:
    from nntui.engine.autodiff import Tape
    from nntui.engine.program import Op

T = TypeVar("T")

Index = tuple[int, ...]
Call = tuple[Any, ...]
"""A function and its positional arguments; `STEP` among them stands for the training step."""


@final
class _Step:
    def __repr__(self) -> str:
        return "step"


STEP: Final = _Step()
"""Placeholder in a `Call`: the number of the training step, from 1."""


@dataclass(frozen=True)
class Operand:
    """A number in a formula.

    Attributes:
        value: the number.
        tensor: whose cell it is; empty for a constant or a derived number.
        index: into the tensor's public shape, batch included.
        symbol: how to write it where it is no cell ("η", "β₁").
        role: what it is there: "upstream gradient", "local derivative", "weight", …; or empty.
        origin: for a derived number, how it is made.
    """

    value: float
    tensor: str = ""
    index: Index = ()
    symbol: str = ""
    role: str = ""
    origin: Term | None = None


@dataclass(frozen=True)
class Term:
    """One summand of a cell.

    Attributes:
        operands: the numbers it is made of.
        template: how it is written, `{0}`, `{1}`, … for the operands: "{0} × {1}".
        value: what it comes to.
        expanded: the template written out, where a name hides a formula ("1 / (1 + e^(−{0}))" for
            "σ({0})"); or empty.
        void: whether it is 0 whatever the other numbers are, since a factor was masked.
    """

    operands: tuple[Operand, ...]
    template: str
    value: float
    expanded: str = ""
    void: bool = False


@dataclass(frozen=True)
class Terms:
    """How one cell of an op's output came about: the sum of `terms`, inside `wrap`.

    Attributes:
        result: the engine's value of the cell.
        wrap: what is done to the sum, `{}` standing for it ("({}) / 4"); empty for nothing.
        note: a remark on the sum ("over the 4 samples of the batch"), or empty; `{1}` in it is an
            operand of the first term, with its name where it has one.
    """

    terms: tuple[Term, ...]
    result: float
    wrap: str = ""
    note: str = ""


class Look(Protocol):
    """Values while a step is being explained, in public shapes."""

    @property
    def step(self) -> int:
        """The training step, from 1."""

    def now(self, tensor: str) -> Array:
        """The tensor as it stands."""

    def before(self, tensor: str) -> Array:
        """A parameter, moment or running statistic as it was when the step began."""


class Bench(Protocol):
    """Memory while an op's calls are made: arrays in the engine's layout."""

    @property
    def is_complex(self) -> bool:
        """Whether the numbers are complex: the complex-step gradient check."""

    @abstractmethod
    def __getitem__(self, tensor: str) -> Array:
        """A tensor's memory."""

    @abstractmethod
    def padded(self, tensor: str) -> Array:
        """A tensor's columns with the row of ones below them: (features + 1, columns)."""

    @abstractmethod
    def block(self, *tensors: str) -> Array | None:
        """The contiguous matrix that exactly these parameters or gradients make up, or None."""

    @abstractmethod
    def scratch(self, *shape: int, dtype: Any = None) -> Array:
        """New memory, zeroed, of the run's dtype where none is given."""

    @abstractmethod
    def shared(self, key: str, make: Callable[[], T]) -> T:
        """What several ops have in common: made by the first that asks for `key`.

        A call in it that several ops make is one call to a straight run, which makes it once.
        """

    @abstractmethod
    def constant(self, value: float) -> Array:
        """A 0-d array of the run's dtype: the cheapest scalar operand."""

    @abstractmethod
    def loader(self, stream: str) -> Call:
        """The call that loads a batch of "x" or "y"."""

    @abstractmethod
    def uniform(self, stream: str, out: Array) -> Call:
        """The call that fills `out` with this step's draws from [0, 1)."""

    @abstractmethod
    def normal(self, stream: str, out: Array) -> Call:
        """The call that fills `out` with this step's draws from N(0, 1)."""


Gradient = Callable[["Tape", "Op"], None]


def _no_gradient(tape: Tape, op: Op) -> None:
    """For ops outside the forward pass: nothing flows back through them."""


@final
@dataclass(frozen=True, kw_only=True)
class Kind:
    """One row.

    Attributes:
        name: as in JSONL records.
        title: what the output is, in two or three words ("pre-activation").
        sentence: what the op does, for someone who has not met it.
        formula: as in a textbook, with `{name}` for attributes of the op.
        calls: the NumPy calls that compute the output in place; none where another op of the
            same group has computed it already.
        terms: how the cell at a public index of the output came about.
        gradient: appends the backward ops.
    """

    name: str
    title: str
    sentence: str
    formula: str
    calls: Callable[[Bench, Op], Sequence[Call]]
    terms: Callable[[Look, Op, Index], Terms]
    gradient: Gradient = _no_gradient

    @property
    def differentiable(self) -> bool:
        """Whether gradients flow back through it."""
        return self.gradient is not _no_gradient


def cell(look: Look, tensor: str, index: Index, role: str = "") -> Operand:
    """The operand that is the cell of `tensor` at a public `index`, as it stands."""
    return Operand(float(look.now(tensor)[index]), tensor, index, role=role)


def cell_before(look: Look, tensor: str, index: Index, role: str = "") -> Operand:
    """The same cell as it was when the step began."""
    return Operand(float(look.before(tensor)[index]), tensor, index, role=role)


def constant(value: float, symbol: str) -> Operand:
    """A number that no tensor holds, under its symbol."""
    return Operand(value, symbol=symbol)


def single(term: Term, result: float, note: str = "") -> Terms:
    """A cell made of one term."""
    return Terms((term,), result, note=note)


def product(*operands: Operand) -> Term:
    """Write a product of operands as a term."""
    value = 1.0
    for operand in operands:
        value *= operand.value
    return Term(operands, " × ".join(f"{{{k}}}" for k in range(len(operands))), value)


def square(value: float) -> float:
    """value², infinite where it is too large for a float (`**` would raise)."""
    return value * value


def alone(operand: Operand) -> Term:
    """A number by itself."""
    return Term((operand,), "{0}", operand.value)


MANY: Final = 500
"""A sum over more cells than this is shown by tensor: no one reads thousands of terms."""


def are_many(look: Look, tensors: Sequence[str]) -> bool:
    """Whether tensors have more cells together than a sum is shown with."""
    return sum(look.now(name).size for name in tensors) > MANY


def attribute(op: Op, name: str) -> float:
    """A number among the op's attributes."""
    return float(op.attributes[name])
