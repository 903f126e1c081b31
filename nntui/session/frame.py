"""`Frame`: the immutable picture of a run at one position, and the static picture of its network.

The screen draws frames and nothing else. All numbers come out as plain Python floats, None where a
number has not been computed yet. Indices are those of the public shapes of tensors, batch first;
`cell` accessors leave the batch index out and read the shown sample.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from nntui.engine.models.gan import GENERATOR
from nntui.engine.options import Array
from nntui.session.edit import Edit
from nntui.session.grid import Figure
from nntui.session.lesson import Lesson
from nntui.session.losses import Curve as Curve
from nntui.session.opinfo import PHASES as PHASES
from nntui.session.opinfo import OpInfo as OpInfo
from nntui.session.opinfo import Phase as Phase
from nntui.session.position import Depth, Position
from nntui.session.static import Network as Network
from nntui.session.watchrow import WatchRow

Mask = npt.NDArray[np.bool_]
"""Which numbers of a tensor are meant: of its public shape, the batch left out unless said."""

Role = Literal["number", "symbol", "operator", "result", "word", "masked"]
"""What a token is: a number, a symbol (w₁₁), an operator (×), the outcome, words, or the −∞ that a
mask has put in the place of a number."""


@dataclass(frozen=True)
class Cell:
    """One number's address: a tensor's name and an index into its public shape.

    For tensors with a batch axis the index leaves the sample out.
    """

    tensor: str
    index: tuple[int, ...]


@dataclass(frozen=True)
class Token:
    """A piece of a formula.

    Attributes:
        text: what to show.
        role: how to show it.
        value: the number behind the text, where there is one; its sign gives the colour.
        cell: where the number lives, where it does.
        term: the number (from 0) of the term it belongs to; -1 outside terms.
        part: the number (from 0) of the part of a sum in brackets, or of a list, within the term;
            -1 outside of them.
    """

    text: str
    role: Role = "operator"
    value: float | None = None
    cell: Cell | None = None
    term: int = -1
    part: int = -1


Line = tuple[Token, ...]


@dataclass(frozen=True)
class Explanation:
    """The op at the cursor, put into words and numbers for one element.

    Attributes:
        name: the element in words: `hidden.z[h1]`.
        title: what kind of op it is: "pre-activation".
        sentence: what the op does, in a sentence.
        formula: the textbook formula of the whole op: `z = x Wᵀ + b`.
        lines: the formula of the element, step by step: in symbols, with the numbers, with the
            terms worked out, and the result. The first token of a line is its left side or "=".
        chain: for backward ops, the chain rule: the upstream gradient and the local derivative,
            each named and with its number. Empty elsewhere.
        note: a remark on this element ("the mean over the 10 samples of the batch"), or empty.
        stale: the changes by hand that came after the element was computed; the numbers in the
            formula are those after them, and its result is not.
        lessons: the scenario's own notes at this op.
        following: the op that comes next, as `a = σ(z)`; empty at the end of a step.
        terms: how many terms the element has.
        faults: the numbers (from 0) of those that are not finite.
        figure: the formula as small matrices, where its numbers lie in a plane; else empty.
    """

    name: str
    title: str
    sentence: str
    formula: str
    lines: tuple[Line, ...]
    chain: tuple[Line, ...] = ()
    note: str = ""
    lessons: tuple[Lesson, ...] = ()
    following: str = ""
    terms: int = 0
    faults: frozenset[int] = frozenset()
    stale: tuple[Edit, ...] = ()
    figure: Figure = ()


@dataclass(frozen=True)
class ParameterRow:
    """One number of a parameter, as of now.

    Attributes:
        gradient: None before the backward pass has reached it.
        change: by the last update, None before the first.
        before: what this step's update made `value` of; None as long as it has not.
        moments: the optimizer's state for it: name ("m") to value.
    """

    cell: Cell
    symbol: str
    value: float
    gradient: float | None
    change: float | None
    moments: Mapping[str, float] = field(default_factory=dict)
    frozen: bool = False
    before: float | None = None


@dataclass(frozen=True, eq=False)
class Stale:
    """Numbers of a tensor that were computed before something they hang on was changed by hand.

    Attributes:
        numbers: which: of the public shape, batch first.
        edit: the change.
    """

    numbers: Mask
    edit: Edit


@dataclass(frozen=True, eq=False)
class Frame:
    """The run at one position.

    Attributes:
        epoch: from 1.
        step_of_epoch: the training step within the epoch, from 1.
        op: the op at the cursor; None before the first op of a step.
        sample: the shown sample of the batch, from 0.
        samples: how many there are to show: of the batch, the fakes beside it after the real ones.
        batch: how many real samples it has.
        sample_row: which row of the training data the shown sample is, from 0; None before the
            batch is loaded.
        loss: of the last step whose loss has been computed, or None.
        previous_loss: of the step before that, or None.
        rates: the learning rates of this step, by name.
        reads, writes: the cells the current element reads and writes; where the op is complete
            and has been stepped over whole, `reads_all` and `writes_all` name whole tensors.
        now: the cells of the current term, a part of `reads`.
        shown: the cell that the explanation is about.
        fault: what made the first non-finite number of this step, in words, or empty.
        trust: what a check of this step's gradients says, `∇ ✓ 3e-10`; empty before the backward
            pass is complete, and where none was made.
        watches: the watched expressions.
        stale: the numbers on the screen that a change by hand has left behind, by tensor.
        stale_loss: the changes that have left `loss` behind.
    """

    position: Position
    depth: Depth
    epoch: int
    step_of_epoch: int
    op: OpInfo | None
    explanation: Explanation | None
    sample: int
    samples: int
    batch: int
    sample_row: int | None
    loss: float | None
    previous_loss: float | None
    rates: Mapping[str, float]
    train: Curve
    test: Curve
    reads: frozenset[Cell]
    writes: frozenset[Cell]
    now: frozenset[Cell]
    reads_all: frozenset[str]
    writes_all: frozenset[str]
    finished: bool
    fault: str
    seed: int
    arrays: Mapping[str, Array] = field(repr=False)
    batched: frozenset[str] = field(repr=False)
    known: Mapping[str, Mask] = field(repr=False)
    trust: str = ""
    watches: tuple[WatchRow, ...] = ()
    stale: Mapping[str, tuple[Stale, ...]] = field(default_factory=dict)
    stale_loss: tuple[Edit, ...] = ()
    shown: Cell | None = None

    def value(self, tensor: str, *index: int) -> float | None:
        """One number, of the shown sample where the tensor has a batch axis; None if not yet."""
        array = self.arrays.get(tensor)
        if array is None:
            return None
        known = self.known.get(tensor)
        if known is not None and not known[index]:
            return None
        return float(array[self.place(tensor, *index)])

    def place(self, tensor: str, *index: int) -> tuple[int, ...]:
        """The index of a cell with that of the shown sample, where the tensor has a batch axis."""
        return (self.entry(tensor), *index) if tensor in self.batched else index

    def entry(self, tensor: str) -> int:
        """Which entry of a tensor with a batch axis is of the shown sample.

        A fake has the place among the fakes that the real sample beside it has among the real ones.
        """
        array = self.arrays.get(tensor)
        return self.sample if array is None else self.sample % len(array)

    @property
    def is_fake(self) -> bool:
        """Whether the shown sample is one that a generator made; in its turn all of them are."""
        own = self.op is not None and self.op.player == GENERATOR
        return own or self.sample >= self.batch

    def rows(self, tensor: str) -> tuple[tuple[float | None, ...], ...]:
        """The numbers of all samples, flat for each; empty where there are none yet."""
        array = self.arrays.get(tensor)
        if array is None:
            return ()
        values = array.reshape(len(array), -1).tolist()
        known = self.known.get(tensor)
        if known is None:
            return tuple(map(tuple, values))
        there = known.ravel().tolist()
        return tuple(
            tuple(v if k else None for v, k in zip(row, there, strict=True)) for row in values
        )

    def row(self, tensor: str) -> tuple[float | None, ...]:
        """A tensor's numbers in order, flat: of the shown sample, or of the whole parameter."""
        array = self.arrays.get(tensor)
        if array is None:
            return ()
        values = self._shown(tensor, array).ravel().tolist()
        known = self.known.get(tensor)
        if known is None:
            return tuple(values)
        return tuple(v if there else None for v, there in zip(values, known.flat, strict=True))

    def size(self, tensor: str) -> int:
        """How many numbers a parameter has, or a tensor of all samples; 0 before it has any."""
        array = self.arrays.get(tensor)
        return 0 if array is None else array.size

    def largest(self, tensor: str) -> float:
        """The largest finite magnitude in a tensor: the scale for colours and widths; 0 if none."""
        array = self.arrays.get(tensor)
        if array is None or array.size == 0:
            return 0.0
        if tensor in self.known:
            array = array[..., self.known[tensor]]
        magnitudes = np.abs(array[np.isfinite(array)])
        return float(magnitudes.max()) if magnitudes.size else 0.0

    def is_stale(self, tensor: str, *index: int) -> bool:
        """Whether a number was computed before something it hangs on was changed by hand."""
        return bool(self.overtaken(tensor, *index))

    def overtaken(self, tensor: str, *index: int) -> tuple[Edit, ...]:
        """The changes by hand that came after a number was computed, though it hangs on them."""
        full = self.place(tensor, *index)
        return tuple(stale.edit for stale in self.stale.get(tensor, ()) if stale.numbers[full])

    def behind(self, tensor: str) -> frozenset[int]:
        """The entries of a tensor with a batch axis in which a number is stale."""
        marks = [stale.numbers for stale in self.stale.get(tensor, ())]
        return frozenset(
            k for numbers in marks for k, entry in enumerate(numbers) if bool(entry.any())
        )

    def length(self, tensor: str) -> float | None:
        """The Euclidean length of a tensor, over all samples; None before all of it is known."""
        array, known = self.arrays.get(tensor), self.known.get(tensor)
        if array is None or (known is not None and not known.all()):
            return None
        return float(np.sqrt(np.square(array).sum()))

    def scale(self, tensor: str) -> float:
        """The magnitude to measure colours by: the largest that `row` has or is going to have.

        It is the same while the tensor is being computed.
        """
        array = self.arrays.get(tensor)
        if array is None or array.size == 0:
            return 0.0
        shown = self._shown(tensor, array)
        magnitudes = np.abs(shown[np.isfinite(shown)])
        return float(magnitudes.max()) if magnitudes.size else 0.0

    def _shown(self, tensor: str, array: Array) -> Array:
        return array[self.entry(tensor)] if tensor in self.batched else array

    def is_read(self, tensor: str, *index: int) -> bool:
        """Whether the current element (or op) reads this cell."""
        return tensor in self.reads_all or Cell(tensor, index) in self.reads

    def is_written(self, tensor: str, *index: int) -> bool:
        """Whether the current element (or op) wrote this cell."""
        return tensor in self.writes_all or Cell(tensor, index) in self.writes

    def is_now(self, tensor: str, *index: int) -> bool:
        """Whether the current term reads this cell."""
        return Cell(tensor, index) in self.now

    @property
    def improving(self) -> bool | None:
        """Whether the loss fell at the last step; None where that cannot be said."""
        if self.loss is None or self.previous_loss is None or math.isnan(self.loss):
            return None
        return self.loss < self.previous_loss
