"""Why did this weight move? Its last change, taken apart down to the loss.

Three questions, answered from the op table's `terms` alone: what the optimizer made of the gradient
(the ops of the update phase that the new value hangs on), what each sample of the batch had to say
(the summands of the gradient), and how one sample's share came about: the chain rule from the loss
to the weight, hop by hop, along the path that contributes the most wherever several meet.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from nntui.engine.ops.kind import Index, Operand, Term, Terms
from nntui.engine.options import Array
from nntui.engine.program import Op
from nntui.engine.trainer import quiet
from nntui.errors import UsageError
from nntui.session.explain import Writer
from nntui.session.now import Now
from nntui.session.position import Position
from nntui.session.sight import Sight

UPSTREAM: Final = "upstream gradient"
LOCAL: Final = "local derivative"
WEIGHT: Final = "weight"


@dataclass(frozen=True)
class Part:
    """A summand of the change: `−η · m̂ / (√v̂ + ε)`, or what weight decay took away."""

    title: str
    value: float


@dataclass(frozen=True)
class Update:
    """An op between the gradient and the new value.

    Attributes:
        title: what it computes, in words.
        formula: as in a textbook.
        numbers: the same with the numbers of this weight.
    """

    title: str
    formula: str
    numbers: str


@dataclass(frozen=True)
class Share:
    """What one sample adds to the gradient.

    Attributes:
        sample: of the batch, from 0; None for what comes from no sample, such as a penalty.
        row: which row of the training data it is, from 0; None where it is no sample.
        title: what it is where it is no sample, else empty.
        upstream: the gradient at the neuron; None where the share is not one product.
        local: what that is multiplied with.
        part: the value over the gradient; None where the gradient is 0.
    """

    sample: int | None
    row: int | None
    title: str
    upstream: float | None
    local: float | None
    value: float
    part: float | None


@dataclass(frozen=True)
class Hop:
    """One step of the chain rule on the way from the loss to the weight.

    Attributes:
        symbol: the gradient it arrives at.
        kind: the op.
        local: the local derivative; None where it cannot be told from the product.
        written: the local derivative with its name and its numbers, or empty.
        product: of all local derivatives so far.
        total: the gradient here over all paths and, at the weight, all samples.
        paths: how many contributions meet here.
        part: this path's share of them; None where they add up to 0.
    """

    symbol: str
    kind: str
    local: float | None
    written: str
    product: float
    total: float
    paths: int
    part: float | None


@dataclass(frozen=True)
class Why:
    """The last change of one number of a parameter.

    Attributes:
        symbol: of the weight.
        frozen: the optimizer leaves it alone.
        moved: whether this step has updated it; else `change` and `updates` are empty.
        before, after: its values before the update and now.
        formula: of the update.
        parts: their sum is the change.
        gradient: None where the backward pass has not reached it.
        shares: their sum is the gradient.
        sample: whose chain it is, from 0.
        chain: from the loss to the weight; empty where the gradient is not known.
    """

    parameter: str
    index: Index
    symbol: str
    step: int
    frozen: bool
    moved: bool
    before: float
    after: float
    formula: str
    parts: tuple[Part, ...]
    updates: tuple[Update, ...]
    gradient: float | None
    shares: tuple[Share, ...]
    sample: int
    chain: tuple[Hop, ...]

    @property
    def change(self) -> float:
        """By how much this step's update moved it."""
        return self.after - self.before

    @property
    def change_off(self) -> float:
        """How far the sum of the parts is from the change."""
        return abs(math.fsum(p.value for p in self.parts) - self.change) if self.moved else 0.0

    @property
    def gradient_off(self) -> float:
        """How far the sum of the shares is from the gradient."""
        if self.gradient is None:
            return 0.0
        return abs(math.fsum(s.value for s in self.shares) - self.gradient)


def why(
    now: Now,
    sight: Sight,
    writer: Writer,
    position: Position,
    parameter: str,
    index: Sequence[int],
    sample: int = 0,
) -> Why:
    """Take a weight's last change apart.

    Args:
        position: of the cursor; what lies after it is not told.
        sample: of the batch, whose chain to follow.

    Raises:
        UsageError: there is no such parameter, or it has no such cell.
    """
    program = now.trainer.program
    found = next((p for p in program.parameters if p.name == parameter), None)
    if found is None:
        raise UsageError(f"there is no parameter '{parameter}'")
    at = tuple(index)
    if len(at) != len(found.shape) or not all(
        0 <= i < n for i, n in zip(at, found.shape, strict=True)
    ):
        raise UsageError(f"{parameter} has no cell {list(at)}: its shape is {found.shape}")
    element = int(np.ravel_multi_index(at, found.shape)) if at else 0
    moved = _reached(sight, parameter, element, position)
    computed = _reached(sight, f"{parameter}.grad", element, position)
    before = float(now.before(parameter)[at])
    gradient = float(now.now(f"{parameter}.grad")[at]) if computed else None
    with quiet():
        last = program.find(parameter, "update") if moved else None
        back = _Backward(now, writer)
        shares = back.shares(parameter, at) if computed else ()
        return Why(
            parameter=parameter,
            index=at,
            symbol=writer.symbols.symbol(parameter, at),
            step=now.step,
            frozen=found.frozen,
            moved=moved,
            before=before,
            after=float(now.now(parameter)[at]) if moved else before,
            formula=last.formula if last else "",
            parts=_parts(now, last, at, before) if last else (),
            updates=tuple(_updates(now, writer, last, at)) if last else (),
            gradient=gradient,
            shares=shares,
            sample=sample,
            chain=back.chain(parameter, at, sample) if computed else (),
        )


def _reached(sight: Sight, tensor: str, element: int, position: Position) -> bool:
    if tensor not in sight.names:
        return False
    known = sight.known(tensor, position)
    return known is None or element < known


# --- the optimizer --------------------------------------------------------------------------------


def _makers(now: Now, op: Op) -> list[Op]:
    """The ops of the update phase that an op's output hangs on, itself last."""
    ops = [o for o in now.trainer.program.ops if o.phase == "update" and o.number <= op.number]
    wanted, kept = {op.output}, []
    for candidate in reversed(ops):
        if candidate.output in wanted:
            wanted |= set(candidate.inputs)
            kept.append(candidate)
    return kept[::-1]


def _updates(now: Now, writer: Writer, last: Op, at: Index) -> Iterator[Update]:
    for op in _makers(now, last):
        index = at if now.trainer.program.tensors[op.output].public_shape(0) else ()
        terms = now.terms(op, index)
        yield Update(op.kind.title, op.formula, writer.one_line(op, index, terms))


def _parts(now: Now, last: Op, at: Index, before: float) -> tuple[Part, ...]:
    """What the new value is made of beside the old one."""
    terms = now.terms(last, at)
    parts: list[Part] = []
    for term in terms.terms:
        alone = term.operands[0] if len(term.operands) == 1 else None
        if alone is None or alone.role != WEIGHT:
            parts.append(Part(_step_in(last.formula), term.value))
        elif alone.tensor != last.output:
            made = now.trainer.program.find(alone.tensor, "update")
            title = made.kind.title if made else alone.tensor
            parts.insert(0, Part(title, alone.value - before))
    return tuple(parts)


def _step_in(formula: str) -> str:
    """`−η g` out of `θ ← θ − η g`."""
    right = formula.partition("←")[2].strip() or formula
    base, minus, step = right.partition(" − ")
    return f"−{step}" if minus else base


# --- the gradient ---------------------------------------------------------------------------------


@final
class _Before:
    """The step as it stood before its update: what the backward pass has read."""

    def __init__(self, now: Now) -> None:
        self._now = now
        ops = now.trainer.program.ops
        self._updated = {op.output for op in ops if op.phase == "update"}
        self._state = frozenset(now.trainer.state.names())

    @property
    def step(self) -> int:
        return self._now.step

    def now(self, tensor: str) -> Array:
        if tensor in self._updated and tensor in self._state:
            return self._now.before(tensor)
        return self._now.now(tensor)

    def before(self, tensor: str) -> Array:
        return self._now.before(tensor)


@dataclass(frozen=True)
class _Contribution:
    """One summand of a gradient's cell: the term, its number, and what it adds."""

    op: Op
    index: Index
    terms: Terms
    number: int
    value: float

    @property
    def term(self) -> Term:
        return self.terms.terms[self.number]

    @property
    def upstream(self) -> Operand | None:
        return next((o for o in self.term.operands if o.role == UPSTREAM and o.tensor), None)

    @property
    def local(self) -> float | None:
        """The local derivative: what the upstream gradient is multiplied with."""
        others = [o for o in self.term.operands if o.role != UPSTREAM]
        if all(o.role == LOCAL for o in others):
            return math.prod(o.value for o in others) * self._scale
        upstream = self.upstream
        return self.value / upstream.value if upstream is not None and upstream.value else None

    @property
    def _scale(self) -> float:
        return self.value / self.term.value if self.terms.wrap and self.term.value else 1.0


class _Backward:
    """Walks gradients back to where they came from."""

    def __init__(self, now: Now, writer: Writer) -> None:
        self._now = now
        self._look = _Before(now)
        self._writer = writer
        program = now.trainer.program
        self._tensors = program.tensors
        self._layers = {p.layer for p in program.parameters}
        self._made_by = {op.output: op for op in program.ops if op.phase == "backward"}

    def contributions(self, tensor: str, index: Index) -> list[_Contribution]:
        """The summands of a gradient's cell."""
        op = self._made_by.get(tensor)
        if op is None:
            return []
        terms = op.kind.terms(self._look, op, index)
        scale = 1.0
        if terms.wrap:
            total = math.fsum(t.value for t in terms.terms)
            scale = terms.result / total if total else 1.0
        return [
            _Contribution(op, index, terms, k, t.value * scale) for k, t in enumerate(terms.terms)
        ]

    def shares(self, parameter: str, at: Index) -> tuple[Share, ...]:
        """What each sample adds to a parameter's gradient."""
        found: dict[tuple[int | None, str], list[_Contribution]] = {}
        for each in self._leaves(f"{parameter}.grad", at):
            sample = self._sample(each)
            title = each.op.kind.title if sample is None else ""
            found.setdefault((sample, title), []).append(each)
        total = float(self._now.now(f"{parameter}.grad")[at])
        rows = self._now.trainer.batches.rows(self._now.step)
        shares = []
        for (sample, title), group in found.items():
            value = math.fsum(each.value for each in group)
            one = group[0] if len(group) == 1 else None
            upstream = one.upstream if one else None
            row = int(rows[sample]) if sample is not None and sample < len(rows) else None
            shares.append(
                Share(
                    sample=sample,
                    row=row,
                    title=title,
                    upstream=upstream.value if upstream else None,
                    local=one.local if one and upstream else None,
                    value=value,
                    part=value / total if total else None,
                )
            )
        return tuple(shares)

    def chain(self, parameter: str, at: Index, sample: int) -> tuple[Hop, ...]:
        """The chain rule from the loss to a weight, for one sample."""
        taken: list[tuple[_Contribution, int]] = []
        tensor, index = f"{parameter}.grad", at
        while True:
            every = self.contributions(tensor, index)
            mine = [c for c in every if self._leads_to(c, sample)]
            if not mine:
                break
            best = max(mine, key=lambda c: (_size(c.value), -c.number))
            taken.append((best, len(every)))
            if best.upstream is None:
                break
            tensor, index = best.upstream.tensor, best.upstream.index
        hops: list[Hop] = []
        product = 1.0
        for best, paths in reversed(taken):
            local = best.local if best.upstream is not None else 1.0
            product = product * local if local is not None else best.value
            total = best.terms.result
            hops.append(
                Hop(
                    symbol=self._symbol(best),
                    kind=best.op.kind.title,
                    local=local,
                    written=self._written(best),
                    product=product,
                    total=total,
                    paths=paths,
                    part=best.value / total if total else None,
                )
            )
        return tuple(hops)

    def _symbol(self, each: _Contribution) -> str:
        output = each.op.output
        full = output.split(".")[0] in self._layers
        return self._writer.symbols.symbol(output, each.index, sample=True, full=full)

    def _leaves(self, tensor: str, index: Index) -> Iterator[_Contribution]:
        """The summands of a gradient, those of its own parts among them."""
        for each in self.contributions(tensor, index):
            upstream = each.upstream
            if upstream is not None and self._is_part(each.op, upstream):
                yield from self._leaves(upstream.tensor, upstream.index)
            else:
                yield each

    def _is_part(self, op: Op, upstream: Operand) -> bool:
        """Whether it is a part of the same gradient, and not one from further up."""
        made = self._made_by.get(upstream.tensor)
        return made is not None and made.attributes.get("to") == op.attributes.get("to")

    def _sample(self, each: _Contribution) -> int | None:
        upstream = each.upstream
        if upstream is None or not self._tensors[upstream.tensor].batched:
            return None
        return upstream.index[0]

    def _leads_to(self, each: _Contribution, sample: int) -> bool:
        """Whether a summand belongs to a sample; where none has come up yet, whether it may."""
        found = self._sample(each)
        if found is not None or self._tensors[each.op.output].batched:
            return found in (sample, None)
        upstream = each.upstream
        if upstream is None or not self._is_part(each.op, upstream):
            return upstream is not None or not each.op.inputs
        leaves = self._leaves(upstream.tensor, upstream.index)
        return any(self._sample(leaf) == sample for leaf in leaves)

    def _written(self, each: _Contribution) -> str:
        """`∂a₁/∂z₁ = a₁·(1 − a₁) = 0.961 × (1 − 0.961) = 0.0376`."""
        explanation = self._writer.explain(each.op, each.index, each.terms, done=each.number + 1)
        for word, *rest in explanation.chain:
            if word.text == "local":
                return "".join(token.text for token in rest)
        return ""


def _size(value: float) -> float:
    return abs(value) if value == value else math.inf
