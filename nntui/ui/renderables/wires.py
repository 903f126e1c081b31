"""Which edges are drawn, which are lit, and what they carry: from a frame to one gap's wires."""

from __future__ import annotations

from nntui.session.column import Column
from nntui.session.frame import Frame
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
    inputs = len(before.units)
    scale = frame.largest(after.weight)
    styles = {
        pair: tint(value, scale) for pair, value in _drawn(before, after, frame, after.weight)
    }
    if chosen is not None:
        for i in range(inputs) if inputs <= MOST_RANKED else ():
            styles[(chosen, i)] = sign_style(frame.value(after.weight, chosen, i))
    return styles


def _drawn(
    before: Column, after: Column, frame: Frame, tensor: str
) -> list[tuple[Pair, float | None]]:
    """Of all the edges of a gap those to draw, with their numbers: all, or the strongest."""
    units, inputs = len(after.units), len(before.units)
    if units * inputs > MOST_RANKED:
        every, each = max(1, units // 6), max(1, inputs // 6)
        some = [(j, i) for j in range(0, units, every) for i in range(0, inputs, each)]
        return [((j, i), frame.value(tensor, j, i)) for j, i in some]
    values = frame.row(tensor)
    if len(values) != units * inputs:
        values = (None,) * (units * inputs)
    order = list(range(len(values)))
    if len(values) > DENSE:
        order = sorted(order, key=lambda k: -_magnitude(values[k]))[:STRONGEST]
    return [(divmod(k, inputs), values[k]) for k in sorted(order)]


def _magnitude(value: float | None) -> float:
    return abs(value) if value is not None and value == value else 0.0


def _lit_pairs(before: Column, after: Column, frame: Frame) -> dict[Pair, float | None]:
    """The edges that the current op reads or writes, with the numbers they carry."""
    gradient = f"{after.weight}.grad"
    found: dict[Pair, float | None] = {}
    for tensor, whole, cells in (
        (gradient, frame.reads_all, frame.reads),
        (after.weight, frame.reads_all, frame.reads),
        (after.weight, frame.writes_all, frame.writes),
        (gradient, frame.writes_all, frame.writes),
    ):
        if tensor in whole:
            found |= dict(_drawn(before, after, frame, tensor))
            continue
        for cell in cells:
            if cell.tensor == tensor and len(cell.index) == 2:
                value = frame.value(tensor, *cell.index)
                if value is None:
                    value = frame.value(after.weight, *cell.index)
                found[(cell.index[0], cell.index[1])] = value
    return found


def _lit(
    pairs: dict[Pair, float | None],
    after: Column,
    left: Placement,
    right: Placement,
    frame: Frame,
) -> list[Wire]:
    drawn: list[tuple[float, Wire]] = []
    labelled = len(pairs) <= MOST_LABELS
    for (j, i), value in pairs.items():
        now = not frame.now or frame.is_now(after.weight, j, i)
        style = sign_style(value) if now else tint(value, 0.0)
        text = label(value) if labelled and value is not None else ""
        wire = Wire(left.middle(i), right.middle(j), style, True, labelled, text, f"{style} bold")
        drawn.append((_magnitude(value) + (1e300 if now and frame.now else 0.0), wire))
    drawn.sort(key=lambda pair: pair[0])
    return [wire for _, wire in (drawn[-STRONGEST:] if len(drawn) > DENSE else drawn)]


def _passes(before: Column, after: Column, frame: Frame, unit: int) -> bool:
    """Whether the current op carries a number over a neuron-to-neuron edge."""
    index = after.index(unit)
    if any(frame.is_written(tensor, *index) for tensor in (after.z, after.a) if tensor):
        return any(frame.is_read(tensor, *index) for tensor in (before.a, before.z) if tensor)
    return frame.is_written(f"{before.a}.grad", *index)
