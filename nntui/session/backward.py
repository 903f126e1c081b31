"""Where a gradient comes from: its summands, followed back through the backward pass.

Everything comes out of the op table's `terms`: the operand with the role "upstream gradient" says
where a summand comes from, the others are its local derivative.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, final

from nntui.engine.ops.kind import Index, Operand, Term, Terms
from nntui.engine.options import Array
from nntui.engine.program import Op
from nntui.session.column import step_of
from nntui.session.explain import Writer
from nntui.session.now import Now
from nntui.session.sight import Sight

UPSTREAM: Final = "upstream gradient"
LOCAL: Final = "local derivative"

_OF_SEQUENCE: Final = 3
"""Axes of a sequence: sample, time, feature."""


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
class TimeShare:
    """What one time step adds to the gradient, over all samples.

    Attributes:
        time: from 1.
        part: the value over the gradient; None where the gradient is 0.
    """

    time: int
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


@final
class _Before:
    """The step as an op of the backward pass has read it: before the updates that came after it.

    Args:
        updates: the numbers of the ops that compute each tensor of the state.
        op: the number of the op.
    """

    def __init__(self, now: Now, updates: Mapping[str, Sequence[int]], op: int) -> None:
        self._now = now
        self._updates = updates
        self._op = op

    @property
    def step(self) -> int:
        return self._now.step

    def now(self, tensor: str) -> Array:
        done = self._now.done
        if any(self._op < number <= done for number in self._updates.get(tensor, ())):
            return self._now.before(tensor)
        return self._now.now(tensor)

    def before(self, tensor: str) -> Array:
        return self._now.before(tensor)


@dataclass(frozen=True)
class Contribution:
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


@final
class Backward:
    """Walks gradients back to where they came from."""

    def __init__(self, now: Now, sight: Sight, writer: Writer) -> None:
        self._now = now
        self._sight = sight
        state = frozenset(now.trainer.state.names())
        self._updates: defaultdict[str, list[int]] = defaultdict(list)
        self._writer = writer
        program = now.trainer.program
        self._tensors = program.tensors
        self._layers = {p.layer for p in program.parameters}
        # Where a step has several turns, an op that has not run yet has made nothing.
        ops = program.ops[: now.done]
        self._made_by = {op.output: op for op in ops if op.phase == "backward"}
        for op in program.ops:
            if op.phase == "update" and op.output in state:
                self._updates[op.output].append(op.number)

    def contributions(self, tensor: str, index: Index) -> list[Contribution]:
        """The summands of a gradient's cell."""
        tensor, index = self._sight.source(tensor, index)
        op = self._made_by.get(tensor)
        if op is None:
            return []
        terms = op.kind.terms(_Before(self._now, self._updates, op.number), op, index)
        scale = 1.0
        if terms.wrap:
            total = math.fsum(t.value for t in terms.terms)
            scale = terms.result / total if total else 1.0
        return [
            Contribution(op, index, terms, k, t.value * scale) for k, t in enumerate(terms.terms)
        ]

    def shares(self, parameter: str, at: Index) -> tuple[Share, ...]:
        """What each sample adds to a parameter's gradient."""
        found: dict[tuple[int | None, str], list[Contribution]] = {}
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

    def times(self, parameter: str, at: Index) -> tuple[TimeShare, ...]:
        """What each time step adds to a parameter's gradient; empty where there are none."""
        found: dict[int, list[float]] = {}
        for each in self._leaves(f"{parameter}.grad", at):
            if time := self._time(each):
                found.setdefault(time, []).append(each.value)
        total = float(self._now.now(f"{parameter}.grad")[at])
        sums = ((time, math.fsum(values)) for time, values in sorted(found.items()))
        return tuple(TimeShare(time, v, v / total if total else None) for time, v in sums)

    def chain(self, parameter: str, at: Index, sample: int) -> tuple[Hop, ...]:
        """The chain rule from the loss to a weight, for one sample."""
        taken: list[tuple[Contribution, int]] = []
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

    def _symbol(self, each: Contribution) -> str:
        output = each.op.output
        symbols = self._writer.symbols
        full = symbols.layer(output) in self._layers
        return symbols.symbol(output, each.index, sample=True, full=full)

    def _leaves(self, tensor: str, index: Index) -> Iterator[Contribution]:
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

    def _sample(self, each: Contribution) -> int | None:
        upstream = each.upstream
        if upstream is None or not self._tensors[upstream.tensor].batched:
            return None
        return upstream.index[0]

    def _time(self, each: Contribution) -> int:
        """The time step a summand is of, from 1: its op's, or that of its place in a sequence."""
        upstream = each.upstream
        if upstream is None:
            return 0
        if step := step_of(each.op.layer, upstream.tensor):
            return step
        tensor = self._tensors[upstream.tensor]
        is_sequence = tensor.batched and len(upstream.index) == _OF_SEQUENCE
        return upstream.index[1] + 1 if is_sequence else 0

    def _leads_to(self, each: Contribution, sample: int) -> bool:
        """Whether a summand belongs to a sample; where none has come up yet, whether it may."""
        found = self._sample(each)
        if found is not None or self._tensors[each.op.output].batched:
            return found in (sample, None)
        upstream = each.upstream
        if upstream is None or not self._is_part(each.op, upstream):
            return upstream is not None or not each.op.inputs
        leaves = self._leaves(upstream.tensor, upstream.index)
        return any(self._sample(leaf) == sample for leaf in leaves)

    def _written(self, each: Contribution) -> str:
        """`∂a₁/∂z₁ = a₁·(1 − a₁) = 0.961 × (1 − 0.961) = 0.0376`."""
        explanation = self._writer.explain(each.op, each.index, each.terms, done=each.number + 1)
        for word, *rest in explanation.chain:
            if word.text == "local":
                return "".join(token.text for token in rest)
        return ""


def _size(value: float) -> float:
    return abs(value) if value == value else math.inf
