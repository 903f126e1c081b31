"""Which edges are lit, and what they carry: from a frame to the wires of one gap."""

from __future__ import annotations

from collections.abc import Iterator

from nntui.session.frame import Cell, Column, Frame
from nntui.ui.format import label
from nntui.ui.renderables.edges import Wire
from nntui.ui.renderables.geometry import Placement
from nntui.ui.spans import sign_style

MOST_TINTED = 160
"""Edges in a gap above which the dim ones are drawn without their weights' tints."""


def wires(
    before: Column, after: Column, left: Placement, right: Placement, frame: Frame
) -> list[Wire]:
    """The edges from one column to the next, the dim ones first."""
    if after.edges == "none":
        return []
    dim = list(_dim(before, after, left, right, frame))
    return dim + _lit(before, after, left, right, frame)


def _dim(
    before: Column, after: Column, left: Placement, right: Placement, frame: Frame
) -> Iterator[Wire]:
    if after.edges == "one":
        pairs = {(left.middle(i), right.middle(i)) for i in range(min(len(before.units), len(after.units)))}
        yield from (Wire(a, b) for a, b in sorted(pairs))
        return
    count = len(before.units) * len(after.units)
    if count > MOST_TINTED:
        starts = sorted({left.middle(i) for i in range(len(before.units))})
        ends = sorted({right.middle(j) for j in range(len(after.units))})
        yield from (Wire(a, b) for a in starts for b in ends)
        return
    weights = frame.row(after.weight)
    scale = frame.largest(after.weight)
    drawn = []
    for j in range(len(after.units)):
        for i in range(len(before.units)):
            k = j * len(before.units) + i
            weight = weights[k] if k < len(weights) else None
            drawn.append(Wire(left.middle(i), right.middle(j), tint(weight, scale)))
    yield from sorted(drawn, key=lambda wire: wire.style != "faint")


def tint(weight: float | None, scale: float) -> str:
    """The style of an edge at rest: its sign's colour where the weight is one of the larger."""
    if weight is None or not abs(weight) > scale / 3:
        return "faint"
    return "edge-positive-1" if weight > 0 else "edge-negative-1"


def _lit(
    before: Column, after: Column, left: Placement, right: Placement, frame: Frame
) -> list[Wire]:
    if after.edges == "one":
        return [
            Wire(left.middle(j), right.middle(j), "accent", True)
            for j in range(min(len(before.units), len(after.units)))
            if _passes(before, after, frame, j)
        ]
    gradient = f"{after.weight}.grad"
    found: dict[tuple[int, int], tuple[str, bool]] = {}
    for tensor, written in ((after.weight, False), (gradient, False), (after.weight, True), (gradient, True)):
        for pair in _pairs(before, after, tensor, frame, written):
            found[pair] = (tensor, written)
    out = []
    for (j, i), (tensor, _) in found.items():
        value = frame.value(tensor, j, i)
        if value is None:
            value = frame.value(after.weight, j, i)
        now = frame.is_now(after.weight, j, i) or not frame.now
        style = sign_style(value) if now else f"{_muted(value)}"
        text = "" if value is None else label(value)
        out.append(Wire(left.middle(i), right.middle(j), style, True, text, f"{style} bold"))
    many = len(out) > 12
    out.sort(key=lambda wire: wire.label.lstrip("+-"), reverse=many)
    return out


def _muted(value: float | None) -> str:
    return "edge-positive-1" if value is None or value >= 0 else "edge-negative-1"


def _pairs(
    before: Column, after: Column, tensor: str, frame: Frame, written: bool
) -> Iterator[tuple[int, int]]:
    """The (neuron, input) pairs of a weight tensor that the op reads or writes."""
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
    forward = any(frame.is_written(t, unit) for t in (after.z, after.a) if t)
    if forward:
        return any(frame.is_read(t, unit) for t in (before.a, before.z) if t)
    return frame.is_written(f"{before.a}.grad", unit)
