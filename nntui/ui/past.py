"""`Past`: what a session knows besides its frame — how far it has been, its branches, its edits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from nntui.session.branch import Branch
from nntui.session.edit import Edit
from nntui.session.frame import Cell, Curve, Frame, OpInfo
from nntui.ui.stepper import Breakpoints, Stepper

MOST_CURVES: Final = 6
"""Curves of other branches that are drawn, the newest ones."""


@dataclass(frozen=True, eq=False)
class Past:
    """What lies around the cursor in time.

    Attributes:
        run: how many training steps of this branch have been completed.
        ahead: whether the cursor stands in a step before the last of them.
        branch: its name; empty where there is only one.
        edits: how many numbers have been changed on it.
        whole: its losses, those after the cursor too, where it stands in the past.
        others: the losses of other branches, by name.
        edited: the numbers that have been changed in this step.
        stops: ops with a breakpoint, and whether it is enabled.
    """

    run: int = 0
    ahead: bool = False
    branch: str = ""
    edits: int = 0
    whole: Curve = field(default_factory=Curve)
    others: tuple[tuple[str, Curve], ...] = ()
    edited: frozenset[Cell] = frozenset()
    stops: tuple[tuple[int, bool], ...] = ()

    @property
    def key(self) -> object:
        """What the curves depend on."""
        return self.run, self.branch, self.edits


def look_around(session: Stepper, frame: Frame, before: Past | None) -> Past:
    """The past of a session; curves that are the same as before are not thinned again."""
    timeline = session.timeline
    branch, branches = timeline.branch, timeline.branches
    run = timeline.farthest
    ahead = frame.position.step < run
    name = branch.name if len(branches) > 1 else ""
    past = Past(
        run=run,
        ahead=ahead,
        branch=name,
        edits=len(branch.edits),
        others=_others(branches, branch),
        edited=edited_cells(branch.edits, frame),
        stops=tuple(stops(session.breakpoints, session.network.ops).items()),
    )
    if not ahead:
        return past
    known = before is not None and before.ahead and before.key == past.key
    whole = before.whole if before is not None and known else branch.losses.curve(run)
    return replace(past, whole=whole)


def edited_cells(edits: Sequence[Edit], frame: Frame) -> frozenset[Cell]:
    """What has been changed in the step of a frame, of the shown sample."""
    position = frame.position
    cells = set()
    for edit in edits:
        if edit.step != position.step or edit.op > position.op:
            continue
        index = edit.index
        if edit.tensor in frame.batched:
            if index[0] != frame.entry(edit.tensor):
                continue
            index = index[1:]
        cells.add(Cell(edit.tensor, index))
    return frozenset(cells)


def stops(breakpoints: Breakpoints, ops: Sequence[OpInfo]) -> dict[int, bool]:
    """The ops that a breakpoint names by their tensor, and whether one of them is enabled."""
    found: dict[int, bool] = {}
    for one in breakpoints:
        for op in ops:
            if op.output == one.text:
                found[op.number] = found.get(op.number, False) or one.enabled
    return found


def _others(branches: Mapping[str, Branch], here: Branch) -> tuple[tuple[str, Curve], ...]:
    """The losses of the other branches."""
    others = [branch for branch in branches.values() if branch is not here]
    return tuple(
        (branch.name, branch.losses.curve(len(branch.losses))) for branch in others[-MOST_CURVES:]
    )
