"""Which edges are drawn, which are lit, and what they carry: from a frame to one gap's wires."""

from __future__ import annotations

from collections.abc import Iterator

from nntui.session.frame import Cell, Column, Frame
from nntui.ui.format import label
from nntui.ui.renderables.edges import Wire
from nntui.ui.renderables.geometry import Placement
from nntui.ui.spans import sign_style

DENSE = 28
"""Edges in a gap above which only the strongest are drawn, so that they can be told apart."""

STRONGEST = 24
"""How many then are."""

MOST_RANKED = 4096
"""Edges above which they are not ranked either: a few neutral lines stand for them."""

MOST_LABELS = 14
"""Lit edges above which none has its number written on it."""

Pair = tuple[int, int]
"""A neuron and its input: the index of a weight."""


def wires(
    before: Column,
    after: Column,
    left: Placement,
    right: Placement,
    frame: Frame,
    chosen: int | None = None,
) -> list[Wire]:
    """The edges from one column to the next, the lit ones last.

    Args:
        chosen: the neuron of `after` whose incoming edges are emphasised.
    """
    if after.edges == "none":
        return []
    if after.edges == "one":
        return _one_to_one(before, after, left, right, frame)
    lit = _lit_pairs(before, after, frame)
    resting = _resting(before, after, frame, chosen)
    out = [
        Wire(left.middle(i), right.middle(j), style)
        for (j, i), style in resting.items()
        if (j, i) not in lit
    ]
    out.sort(key=lambda wire: wire.style != "faint")
    return out + _lit(lit, after, left, right, frame)


def tint(weight: float | None, scale: float) -> str:
    """The style of an edge at rest: its sign's colour where the weight is one of the larger."""
    if weight is None or not abs(weight) > scale / 3:
        return "faint"
    return "edge-positive-1" if weight > 0 else "edge-negative-1"


def _one_to_one(
    before: Column, after: Column, left: Placement, right: Placement, frame: Frame
) -> list[Wire]:
    out = []
    for unit in range(min(len(before.units), len(after.units))):
        lit = _passes(before, after, frame, unit)
        style = "accent" if lit else "faint"
        out.append(Wire(left.middle(unit), right.middle(unit), style, lit))
    return sorted(set(out), key=lambda wire: wire.lit)


def _resting(before: Column, after: Column, frame: Frame, chosen: int | None) -> dict[Pair, str]:
    """The edges to draw whether lit or not, with their styles."""
    units, inputs = len(after.units), len(before.units)
    if units * inputs > MOST_RANKED:
        every, each = max(1, units // 6), max(1, inputs // 6)
        return {(j, i): "faint" for j in range(0, units, every) for i in range(0, inputs, each)}
    weights = frame.row(after.weight)
    scale = frame.largest(after.weight)
    pairs = [(j, i) for j in range(units) for i in range(inputs)]
    if len(weights) != len(pairs):
        weights = (None,) * len(pairs)
    if len(pairs) > DENSE:
        order = sorted(range(len(pairs)), key=lambda k: -_magnitude(weights[k]))
        kept = sorted(order[:STRONGEST])
    else:
        kept = list(range(len(pairs)))
    styles = {pairs[k]: tint(weights[k], scale) for k in kept}
    if chosen is not None:
        for k in range(chosen * inputs, (chosen + 1) * inputs):
            styles[pairs[k]] = sign_style(weights[k])
    return styles


def _magnitude(value: float | None) -> float:
    return abs(value) if value is not None and value == value else 0.0


def _lit_pairs(before: Column, after: Column, frame: Frame) -> dict[Pair, str]:
    """The edges that the current op reads or writes, with the tensor whose number they show."""
    gradient = f"{after.weight}.grad"
    found: dict[Pair, str] = {}
    for tensor, written in (
        (gradient, False),
        (after.weight, False),
        (after.weight, True),
        (gradient, True),
    ):
        for pair in _pairs(before, after, tensor, frame, written=written):
            found[pair] = tensor
    return found


def _lit(
    pairs: dict[Pair, str], after: Column, left: Placement, right: Placement, frame: Frame
) -> list[Wire]:
    drawn: list[tuple[float, Wire]] = []
    labelled = len(pairs) <= MOST_LABELS
    for (j, i), tensor in pairs.items():
        value = frame.value(tensor, j, i)
        if value is None:
            value = frame.value(after.weight, j, i)
        now = not frame.now or frame.is_now(after.weight, j, i)
        style = sign_style(value) if now else tint(value, 0.0)
        text = label(value) if labelled and value is not None else ""
        wire = Wire(left.middle(i), right.middle(j), style, True, labelled, text, f"{style} bold")
        drawn.append((_magnitude(value) + (1e300 if now and frame.now else 0.0), wire))
    drawn.sort(key=lambda pair: pair[0])
    return [wire for _, wire in (drawn[-STRONGEST:] if len(drawn) > DENSE else drawn)]


def _pairs(
    before: Column, after: Column, tensor: str, frame: Frame, *, written: bool
) -> Iterator[Pair]:
    """The indices of a weight tensor that the op reads or writes."""
    whole = frame.writes_all if written else frame.reads_all
    if tensor in whole:
        yield from ((j, i) for j in range(len(after.units)) for i in range(len(before.units)))
        return
    cells: frozenset[Cell] = frame.writes if written else frame.reads
    for cell in cells:
        if cell.tensor == tensor and len(cell.index) == 2:
            yield cell.index[0], cell.index[1]


def _passes(before: Column, after: Column, frame: Frame, unit: int) -> bool:
    """Whether the current op carries a number over a neuron-to-neuron edge."""
    if any(frame.is_written(tensor, unit) for tensor in (after.z, after.a) if tensor):
        return any(frame.is_read(tensor, unit) for tensor in (before.a, before.z) if tensor)
    return frame.is_written(f"{before.a}.grad", unit)
