"""The lists that pop up: breakpoints, edits, branches. Each line has a command for Enter."""

from __future__ import annotations

from dataclasses import dataclass

from nntui.session.branch import Branch
from nntui.ui.edits import edit_text
from nntui.ui.format import loss as loss_text
from nntui.ui.spans import Line, fit
from nntui.ui.stepper import Stepper


@dataclass(frozen=True)
class Entry:
    """A line of a list, and the command that Enter gives there; empty: none.

    One that ends with a space is still to be completed.
    """

    line: Line
    command: str = ""


@dataclass(frozen=True)
class Listed:
    """A list.

    Attributes:
        enter: what Enter does.
        empty: what stands there when there is nothing in it.
        digits: whether the figure in front of a line chooses it.
    """

    title: str
    entries: tuple[Entry, ...]
    enter: str
    empty: str
    digits: bool = False


def list_of(session: Stepper, what: str) -> Listed:
    """The list called `what`: break, edits, or branches."""
    return {"break": _breakpoints, "edits": _edits, "branches": _branches}[what](session)


def _breakpoints(session: Stepper) -> Listed:
    entries = []
    for one in session.breakpoints:
        mark = "●" if one.enabled else "○"
        line: Line = (
            (f"{mark} ", "accent bold" if one.enabled else "dim"),
            (f"{one.number:>2}  ", "dim"),
            (one.text, "text" if one.enabled else "dim"),
        )
        entries.append(Entry(line, f"{'disable' if one.enabled else 'enable'} {one.number}"))
    empty = "None yet: b on an op, or :break loss < 0.05"
    return Listed("Breakpoints", tuple(entries), "Enter enables or disables", empty)


def _edits(session: Stepper) -> Listed:
    entries = []
    ops, frame = session.network.ops, session.frame
    for edit in session.timeline.branch.edits:
        after = f"after op {edit.op}, {ops[edit.op - 1].output}" if edit.op else "at its beginning"
        line: Line = (
            (f"step {edit.step:<6} ", "dim"),
            (edit_text(edit, frame), "strong"),
            (f"   {after}", "dim"),
        )
        entries.append(Entry(line, f"goto step {edit.step} op {edit.op}"))
    return Listed("Edits", tuple(entries), "Enter goes there", "Nothing has been changed.")


def _branches(session: Stepper) -> Listed:
    timeline = session.timeline
    names = max(len(name) for name in timeline.branches)
    entries = [
        Entry(_branch(branch, names, branch is timeline.branch), f"branch {branch.name}")
        for branch in timeline.branches.values()
    ]
    return Listed("Branches", tuple(entries), "Enter goes on that branch", "")


def _branch(branch: Branch, names: int, here: bool) -> Line:
    step = branch.fork[0]
    origin = f"from {branch.parent.name} in step {step}" if branch.parent else "from the beginning"
    last = branch.losses.at(len(branch.losses))
    edits = len(branch.edits)
    return (
        ("▸ " if here else "  ", "accent bold"),
        (fit(branch.name, names), "strong bold" if here else "text"),
        (f"   {origin:<{names + 20}}", "dim"),
        (f"{len(branch.losses):>6} steps   loss ", "dim"),
        (loss_text(last).strip(), "strong"),
        (f"   {edits} edit{'' if edits == 1 else 's'}" if edits else "", "dim"),
    )
