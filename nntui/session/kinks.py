"""Where a kink comes from: the first cells of the forward pass that bend as a parameter is moved.

Every op of the pass is looked at in the same way, whatever its kind. A cell bends if the slopes on
its two sides do not come together as the distance shrinks; it is where the kink comes from if none
of the cells it is made of bends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np
import numpy.typing as npt

from nntui.engine.machine import Memory
from nntui.engine.ops.kind import Index, Operand, Terms
from nntui.engine.options import Array
from nntui.engine.program import Op, Program
from nntui.session.numbers import number
from nntui.session.symbols import Symbols

_MOST: Final = 4
"""Kinks that are told of."""
_TRIED: Final = 64
"""Cells of an op that are looked at."""
_BENT: Final = 1e-6
_EPSILON: Final = float(np.finfo(np.float64).eps)

Values = Mapping[str, Array]
"""The tensors of a forward pass, by name."""

Mask = npt.NDArray[np.bool_]

_Place = tuple[str, Index]
"""A tensor, and an index into its public shape."""


@dataclass(frozen=True)
class Kink:
    """A cell at which the loss has a kink.

    Attributes:
        op: the number of the op that has it.
        formula: of the op.
        cell: the cell in words: `hidden.a[h2] of sample 3`.
        reason: what happens there between w − h and w + h.
    """

    op: int
    formula: str
    cell: str
    reason: str


@final
class _Look:
    """A forward pass, as the op table looks at it."""

    def __init__(self, step: int, values: Values, memory: Memory) -> None:
        self.step = step
        self._values = values
        self._memory = memory

    def now(self, tensor: str) -> Array:
        found = self._values.get(tensor)
        return self._memory.public(tensor) if found is None else found

    def before(self, tensor: str) -> Array:
        return self.now(tensor)


@final
class _Search:
    """Five passes, with the parameter moved from −h to h, and which of their cells bend."""

    def __init__(
        self,
        program: Program,
        step: int,
        passes: Sequence[Values],
        memory: Memory,
        distance: float,
        symbols: Symbols,
    ) -> None:
        self._program = program
        self._passes = passes
        self._looks = [_Look(step, values, memory) for values in passes]
        self._distance = distance
        self._symbols = symbols
        self._bent: dict[str, Mask] = {}

    def of(self, op: Op) -> Iterator[Kink]:
        """The cells of an op's output that bend by themselves."""
        self._bent[op.output] = bent = self._bends(op.output)
        for place in np.argwhere(bent)[:_TRIED]:
            index = tuple(int(i) for i in place)
            terms = op.kind.terms(self._looks[2], op, index)
            cells = self._read(op, terms)
            if any(self._bent[tensor][at] for tensor, at in cells if tensor in self._bent):
                continue
            cell = self._called(op.output, index)
            yield Kink(op.number, op.formula, cell, self._reason(op, index, cells))

    def _bends(self, tensor: str) -> Mask:
        """Which cells of a tensor have slopes on either side that do not come together."""
        return _bent([values[tensor] for values in self._passes], self._distance)

    def _read(self, op: Op, terms: Terms) -> frozenset[_Place]:
        """The cells that a cell is made of; all that move, of a tensor told of as a whole."""
        cells = frozenset(_places(o for term in terms.terms for o in term.operands))
        told = {tensor for tensor, _ in cells}
        whole = [name for name in op.inputs if name not in told and name in self._passes[0]]
        return cells | {
            (name, tuple(int(i) for i in at))
            for name in whole
            for at in np.argwhere(self._moves(name))
        }

    def _moves(self, tensor: str) -> Mask:
        moved: Mask = self._passes[0][tensor] != self._passes[-1][tensor]
        return moved

    def _reason(self, op: Op, index: Index, cells: frozenset[_Place]) -> str:
        """What happens between the two ends."""
        terms = [op.kind.terms(look, op, index) for look in self._looks]
        below, above = self._read(op, terms[0]), self._read(op, terms[-1])
        if below != above:
            one, other = self._all_called(below - above), self._all_called(above - below)
            return f"it comes from {one or 'no number'} below, from {other or 'no number'} above"
        bending = self._bending(terms)
        ends = self._passes[0], self._passes[-1]
        for tensor, at in sorted(bending or cells):
            if tensor in ends[0]:
                low, high = (float(values[tensor][at]) for values in ends)
                if min(low, high) < 0 < max(low, high):
                    name = self._called(tensor, at)
                    return f"{name} changes sign, from {number(low)} to {number(high)}"
        low, here, high = (float(self._passes[k][op.output][index]) for k in (0, 2, 4))
        left, right = (here - low) / self._distance, (high - here) / self._distance
        slopes = f"its slope is {number(left)} below and {number(right)} above"
        return f"{slopes}, from {self._all_called(bending)}" if bending else slopes

    def _bending(self, terms: Sequence[Terms]) -> frozenset[_Place]:
        """The cells of those summands that bend; none where there is but one, or they vary."""
        counts = {len(each.terms) for each in terms}
        if len(counts) > 1 or counts <= {0, 1}:
            return frozenset()
        values = [np.array([term.value for term in each.terms]) for each in terms]
        bent = np.flatnonzero(_bent(values, self._distance))
        return frozenset(place for k in bent for place in _places(terms[2].terms[int(k)].operands))

    def _all_called(self, places: Iterable[_Place]) -> str:
        return " and ".join(self._called(*place) for place in sorted(places))

    def _called(self, tensor: str, index: Index) -> str:
        """`hidden.z[h2] of sample 3`."""
        made, spec = self._program.find(tensor), self._program.tensors[tensor]
        inner = index[1:] if spec.batched else index
        name = f"{tensor}[{', '.join(map(str, inner))}]" if inner else tensor
        if made is not None and made.phase != "update":
            name = self._symbols.name(made, index)
        return f"{name} of sample {index[0] + 1}" if spec.batched else name


def _bent(values: Sequence[Array], distance: float) -> Mask:
    """Which cells bend, by their values at −h, −h/2, 0, h/2 and h."""
    far_below, below, here, above, far_above = (np.asarray(v, np.float64) for v in values)
    left, right = (here - far_below) / distance, (far_above - here) / distance
    half = (above - 2 * here + below) / (distance / 2)
    slope = float(np.maximum(np.abs(left), np.abs(right)).max(initial=0.0))
    rounding = 8 * _EPSILON * float(np.abs(here).max(initial=0.0)) / distance
    bent: Mask = np.abs(right - left - 2 * half) > _BENT * slope + 4 * rounding
    return bent


def _places(operands: Iterable[Operand]) -> Iterator[_Place]:
    """The cells of some numbers, and of those that they are derived from."""
    for operand in operands:
        if operand.origin is not None:
            yield from _places(operand.origin.operands)
        if operand.tensor:
            yield operand.tensor, operand.index


def find_kinks(
    program: Program,
    ops: Sequence[Op],
    memory: Memory,
    step: int,
    run: Callable[[float], Values],
    distance: float,
    symbols: Symbols,
) -> tuple[Kink, ...]:
    """The cells at which the loss has a kink, in the order of the ops.

    Args:
        ops: of the pass.
        memory: that of the pass, for what does not move.
        run: the tensors of the pass with the parameter moved by so much.
        distance: by how much it is moved to either side.
    """
    passes = [run(k * distance) for k in (-1.0, -0.5, 0.0, 0.5, 1.0)]
    search = _Search(program, step, passes, memory, distance, symbols)
    found: list[Kink] = []
    for op in ops:
        found += search.of(op)
        if len(found) >= _MOST:
            break
    return tuple(found[:_MOST])
