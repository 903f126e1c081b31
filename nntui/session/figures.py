"""The figure beside a formula: its numbers as small matrices, where they lie in a plane.

A convolution's cell is kernel ⊙ patch, a weight's gradient is a map of gradients ⊙ the numbers the
weight was laid on, a pooled cell is the winner of its window, a score of attention a row of q ⊙ a
row of k. All of them come out of the op table's `terms` in one way: terms whose operands lie in the
last two axes of their tensors are laid out as these lie there, one plane (a channel, a sample, a
head) at a time. Where they are a column of it, they are shown as a row.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import Final

from nntui.engine.ops.kind import Operand, Term, Terms
from nntui.engine.program import Program
from nntui.engine.tensor import Tensor
from nntui.session.grid import Figure, Grid, Place
from nntui.session.masks import Masks
from nntui.session.numbers import number, of_sample, subscript

_PLANE: Final = 3
"""Axes from which on, the batch left out, a tensor's last two are a plane."""

_SHARE: Final = re.compile(r"e\^\(\{(\d+)\}\) / \(")
"""How a share of a softmax is written, and the number of the operand that it is the share of."""

_COUNTED: Final = re.compile("[₀-₉,]+$")

_LEADERS: Final = ("upstream gradient", "weight")

_Key = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class _Plane:
    """Terms whose operands share all indices but the last two.

    Attributes:
        numbers: of the terms, from 0.
        terms: the same terms; all have the same tensors in the same places.
        tensors: of their operands; None for derived numbers.
        at: where each term is laid.
        size: (rows, columns) of the layout.
        masks: what a mask leaves out.
    """

    numbers: tuple[int, ...]
    terms: tuple[Term, ...]
    tensors: tuple[Tensor | None, ...]
    at: tuple[Place, ...]
    size: tuple[int, int]
    masks: Masks

    def operands(self, slot: int, done: int, *, several: bool) -> Grid:
        """The operands in one place of the terms; all of them are there from the beginning."""
        found = [term.operands[slot] for term in self.terms]
        tensor = self.tensors[slot]
        title = _title(tensor, found, several=several) if tensor else _derived(found[0])
        masked = [self.masks.hides(operand) for operand in found]
        return self._grid(title, [operand.value for operand in found], masked, len(found), done)

    def products(self, count: int, done: int) -> Grid:
        """What the first `count` of all terms of the cell come to."""
        values = [term.value for term in self.terms]
        masked = [self.masks.hides_term(term) for term in self.terms]
        return self._grid("products", values, masked, sum(k < count for k in self.numbers), done)

    def _grid(
        self, title: str, values: Sequence[float], masked: Sequence[bool], shown: int, done: int
    ) -> Grid:
        """The first `shown` of the numbers, one for each term; those up to term `done` are lit."""
        rows, columns = self.size
        at = dict(zip(self.at[:shown], values, strict=False))
        lit = [place for place, k in zip(self.at, self.numbers, strict=True) if k < done]
        return Grid(
            title=title,
            values=tuple(tuple(at.get((r, c)) for c in range(columns)) for r in range(rows)),
            current=lit[-1] if lit and done - 1 in self.numbers else None,
            lit=frozenset(lit),
            largest=_largest(values),
            masked=frozenset(compress(self.at, masked)),
        )


def figure_of(
    program: Program, terms: Terms, masks: Masks, *, done: int | None, sample: int
) -> Figure:
    """The figure of a cell; empty where its numbers lie in no plane.

    Args:
        done: how many terms have been computed; None for all.
        sample: the shown one, whose plane to show where the terms are of several.
    """
    if len(terms.terms) == 1 and (row := _shares(program, terms.terms[0], masks)):
        return row
    if len(terms.terms) == 1 and (contest := _contest(program, terms.terms[0])):
        return contest
    planes = _planes(program, terms, masks)
    if not planes:
        return ()
    plane = _shown(planes, done, sample)
    count, lit = (len(terms.terms), 0) if done is None else (done, done)
    several = _are_of_several_samples(planes)
    grids = [plane.operands(slot, lit, several=several) for slot in range(len(plane.tensors))]
    # Not fsum, which takes no infinities of both signs.
    total = sum(term.value for term, k in zip(plane.terms, plane.numbers, strict=True) if k < count)
    note = f"Σ = {number(total)}"
    if len(grids) == 1:
        return (replace(grids[0], note=note, total=total),)
    figure: list[Grid | str] = [grids[0]]
    for grid in grids[1:]:
        figure += ["⊙", grid]
    return (*figure, "=", replace(plane.products(count, lit), note=note, total=total))


def _title(tensor: Tensor, operands: Sequence[Operand], *, several: bool) -> str:
    """`w₂₁`, `∂L/∂z₂⁽³⁾`: the plane of a tensor that operands are in; sizes of 1 say nothing.

    Of a single row of it also which one that is: `q₃`; or of a column: `v column 2`.
    """
    first = operands[0].index
    pairs = list(zip(first, tensor.public_shape(0), strict=True))
    indices = [k for k, size in pairs[tensor.batched : -2] if size != 1]
    rows, columns = ({operand.index[axis] for operand in operands} for axis in (-2, -1))
    words = ""
    if tensor.batched and len(operands) > 1:
        indices += rows if len(rows) == 1 else []
        words = f" column {first[-1] + 1}" if len(columns) == 1 else ""
    text = subscript(tensor.symbol, indices) + words
    return text + (of_sample(first[0]) if several and tensor.batched else "")


def _derived(operand: Operand) -> str:
    """`∂α/∂s₃`: a row of derivatives by what they have in common."""
    above, slash, below = operand.symbol.partition("/")
    return _COUNTED.sub("", above) + slash + below


def _planes(program: Program, terms: Terms, masks: Masks) -> list[_Plane]:
    """The planes of products, or of the numbers of a sum."""
    planar = {name for name, tensor in program.tensors.items() if _is_plane(tensor)}
    groups: dict[tuple[tuple[str, ...], _Key], list[int]] = {}
    for k, term in enumerate(terms.terms):
        names = tuple([operand.tensor for operand in term.operands])
        if any(names) and planar.issuperset(filter(None, names)):
            key = tuple([operand.index[:-2] for operand in term.operands])
            groups.setdefault((names, key), []).append(k)
    return [
        _laid_out([program.tensors.get(name) for name in names], numbers, terms, masks)
        for (names, _), numbers in groups.items()
        if len(numbers) > 1 or (len(names) > 1 and all(names))
    ]


def _is_plane(tensor: Tensor) -> bool:
    return len(tensor.shape) - tensor.batched >= _PLANE


def _laid_out(
    tensors: Sequence[Tensor | None], numbers: Sequence[int], terms: Terms, masks: Masks
) -> _Plane:
    """Terms laid out as one of their operands lies: the upstream gradient, or else the weight.

    A weight's plane is shown whole, so that a kernel keeps its size wherever it is laid.
    """
    members = tuple(terms.terms[k] for k in numbers)
    roles = [operand.role for operand in members[0].operands]
    leader = next((roles.index(role) for role in _LEADERS if role in roles), 0)
    places = [_place(term.operands[leader]) for term in members]
    tensor = tensors[leader]
    assert tensor is not None
    (top, left), size = (0, 0), tensor.public_shape(0)[-2:]
    if roles[leader] != "weight" or tensor.batched:
        (top, left), size = _box(places)
    at = tuple((row - top, column - left) for row, column in places)
    if tensor.batched and size[1] == 1:
        at, size = tuple((column, row) for row, column in at), (size[1], size[0])
    return _Plane(tuple(numbers), members, tuple(tensors), at, (size[0], size[1]), masks)


def _place(operand: Operand) -> Place:
    row, column = operand.index[-2:]
    return row, column


def _box(places: Sequence[Place]) -> tuple[Place, tuple[int, int]]:
    """(first place, size) of the smallest rectangle around places."""
    rows, columns = zip(*places, strict=True)
    top, left = min(rows), min(columns)
    return (top, left), (max(rows) - top + 1, max(columns) - left + 1)


def _are_of_several_samples(planes: Sequence[_Plane]) -> bool:
    samples = {
        operand.index[0]
        for plane in planes
        for tensor, operand in zip(plane.tensors, plane.terms[0].operands, strict=True)
        if tensor and tensor.batched
    }
    return len(samples) > 1


def _shown(planes: Sequence[_Plane], done: int | None, sample: int) -> _Plane:
    """The plane that is being worked on; with all of them done, the first of the shown sample."""
    if done is not None:
        begun = [plane for plane in planes if plane.numbers[0] < done]
        return begun[-1] if begun else planes[0]
    for plane in planes:
        for tensor, operand in zip(plane.tensors, plane.terms[0].operands, strict=True):
            if tensor and tensor.batched and operand.index[0] == sample:
                return plane
    return planes[0]


def _shares(program: Program, term: Term, masks: Masks) -> Figure:
    """A row of scores and their powers of e, whose sum is what each is a share of."""
    found = _SHARE.match(term.template)
    operands = term.operands
    tensor = program.tensors.get(operands[0].tensor) if operands else None
    if not found or tensor is None or not _is_plane(tensor):
        return ()
    if len({operand.index[:-1] for operand in operands}) > 1:
        return ()
    at = (0, int(found[1]))
    scores = tuple(operand.value for operand in operands)
    powers = tuple(_power(score) for score in scores)
    largest = max(filter(math.isfinite, powers), default=0.0)
    masked = frozenset((0, k) for k, operand in enumerate(operands) if masks.hides(operand))
    title = _title(tensor, operands, several=False)
    note = f"{number(powers[at[1]])} / Σ {number(sum(powers))} = {number(term.value)}"
    return (
        Grid(title, (scores,), at, largest=_largest(scores), masked=masked),
        "→",
        Grid("e^s", (powers,), at, note=note, total=term.value, largest=largest, masked=masked),
    )


def _power(score: float) -> float:
    """E to the power of a score; infinite where that is too large for a float."""
    try:
        return math.exp(score)
    except OverflowError:
        return math.inf


def _largest(values: Sequence[float]) -> float:
    return max((abs(value) for value in values if math.isfinite(value)), default=0.0)


def _contest(program: Program, term: Term) -> Figure:
    """The numbers that one term compares, the winner marked."""
    names = {operand.tensor for operand in term.operands}
    if len(term.operands) < 2 or len(names) > 1 or "" in names:
        return ()
    tensor = program.tensors[names.pop()]
    if not _is_plane(tensor):
        return ()
    places = [_place(operand) for operand in term.operands]
    (top, left), (height, width) = _box(places)
    values: dict[Place, float] = {}
    winner = None
    for operand, (row, column) in zip(term.operands, places, strict=True):
        values[row - top, column - left] = operand.value
        if operand.role == "winner":
            winner = row - top, column - left
    grid = Grid(
        title=_title(tensor, term.operands, several=False),
        values=tuple(tuple(values.get((r, c)) for c in range(width)) for r in range(height)),
        current=winner,
        note=f"{term.template.partition('(')[0]} = {number(term.value)}",
        total=term.value,
        largest=_largest(tuple(values.values())),
    )
    return (grid,)
