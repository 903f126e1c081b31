"""Back to where a session stood: its scenario is parsed, and its training steps are run, again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nntui.errors import UsageError
from nntui.scenario import parse
from nntui.session.branch import Branch
from nntui.session.edit import Edit, Moment
from nntui.session.entries import Entry, read, recover
from nntui.session.heading import Heading, arithmetic, data_digest, read_heading
from nntui.session.history import DEFAULT_BUDGET, History
from nntui.session.session import Session
from nntui.session.standing import Line, Standing, apply, digest

CLOSED: Entry = {"closed": True}
"""The last entry of a session that was left properly."""


@dataclass(frozen=True)
class Saved:
    """What a session file says.

    Attributes:
        standing: where the good entries lead.
        problem: what is wrong with the entries after them; "" where nothing is.
        harmless: whether that is no more than a line that a kill has cut off.
        closed: whether the session was left properly.
    """

    heading: Heading
    standing: Standing
    problem: str
    harmless: bool
    closed: bool


def resume(path: Path, *, allow_outside: bool = False) -> tuple[Session, str]:
    """The session in a file, where it was, and what there is to say about it.

    Args:
        allow_outside: whether its scenario may read files outside its folder.

    Raises:
        UsageError: it is no session file, or cannot be brought back.
    """
    return revive(path, examine(path), allow_outside=allow_outside)


def examine(path: Path) -> Saved:
    """What a session file says.

    Raises:
        UsageError: it is no session file.
    """
    found = recover(read(path))
    if not found.entries:
        raise UsageError(f"{path}: is no session file of nntui, or its first line is damaged")
    heading = read_heading(path, found.entries[0])
    standing = Standing(heading.seed)
    for number, entry in enumerate(found.entries[1:], 2):
        try:
            standing = apply(standing, entry)
        except (ValueError, TypeError, LookupError, AttributeError):
            problem = f"entry {number} makes no sense"
            return Saved(heading, standing, problem, harmless=False, closed=True)
    closed = bool(found.problem) or found.entries[-1] == CLOSED
    return Saved(heading, standing, found.problem, harmless=found.torn, closed=closed)


def revive(
    path: Path, saved: Saved, *, allow_outside: bool, in_use: bool = False
) -> tuple[Session, str]:
    """A session from what its file says; see `resume`.

    Args:
        in_use: whether it is open elsewhere just now.

    Raises:
        UsageError: it cannot be brought back.
    """
    heading, standing = saved.heading, saved.standing
    folder = Path(heading.folder)
    scenario = parse(
        heading.source, origin=heading.origin, folder=folder, allow_outside=allow_outside
    )
    session = Session(scenario)
    try:
        lost = restore(session, standing)
    except (UsageError, LookupError, ValueError, TypeError, ArithmeticError) as error:
        raise UsageError(
            f"{path}: does not fit its scenario any more ({error}); "
            f"are the data files of '{heading.origin}' those of then?"
        ) from None
    said = [f"breakpoint '{text}' is none any more" for text in lost]
    if saved.problem:
        said.append(f"{path.name} was damaged ({saved.problem}): this is its last good entry")
    elif not saved.closed and not in_use:
        said.append(f"{path.name} was not closed properly: this is its last entry")
    expected, found = standing.place.digest, digest(session)
    if data_digest(scenario.data) != heading.data:
        said.append("the scenario's data are not those of then: other numbers come out")
    elif expected and found != expected:
        said.append(_differs(heading))
    return session, "; ".join(said)


def _differs(heading: Heading) -> str:
    here = arithmetic()
    text = "the numbers are not bit for bit those of then"
    if here != heading.arithmetic:
        return f"{text}: they were made with {heading.arithmetic}, this is {here}"
    return f"{text}, though this is {here} as it was then"


def restore(session: Session, standing: Standing) -> list[str]:
    """Bring a fresh session to where another stood; the breakpoints that it cannot have.

    Raises:
        UsageError: the network has no such tensor, cell or op.
    """
    for other in standing.others:
        restore(session, other)
    if standing.seed != session.seed:
        session.restart(standing.seed)
    for line in standing.lines:
        _check(session, line)
        _rebuild(session, line, DEFAULT_BUDGET // len(standing.lines))
    session.runs[session.seed].changes.made = list(standing.changes)
    timeline, place = session.timeline, standing.place
    ops = len(session.network.ops)
    timeline.switch(place.branch)
    timeline.reach(place.position.step, min(place.position.op, ops))
    session.position = place.position
    session.depth = place.depth
    session.sample = place.sample
    return _set_breakpoints(session, standing)


def _rebuild(session: Session, line: Line, budget: int) -> None:
    """Make a branch, and run it as far as it had been run."""
    timeline = session.timeline
    # Its checkpoints begin with the run: what its parent has become since then does not matter.
    first = timeline.branches["main"]
    branch = first
    if line.name != first.name:
        history = History(first.nearest(0)[1], 0, budget)
        branch = Branch(line.name, history, first.tests.every)
        timeline.branches[line.name] = branch
    branch.edits = list(line.edits)
    timeline.switch(line.name)
    timeline.reach(*line.frontier)
    branch.parent = timeline.branches[line.parent] if line.parent else None
    branch.fork, branch.automatic = line.fork, line.automatic
    branch.wanted, branch.given = line.wanted, line.given


def _check(session: Session, line: Line) -> None:
    ops = len(session.network.ops)
    moments: list[Moment] = [line.fork, line.frontier, *(e.moment for e in line.edits)]
    if any(op > ops for _, op in moments):
        raise UsageError("it has fewer ops")
    for edit in line.edits:
        _check_edit(session, edit)


def _check_edit(session: Session, edit: Edit) -> None:
    tensor = session.trainer.program.tensors.get(edit.tensor)
    if tensor is None:
        raise UsageError(f"it has no tensor '{edit.tensor}'")
    shape = tensor.public_shape(session.trainer.batches.size)
    if len(shape) != len(edit.index) or any(k >= n for k, n in zip(edit.index, shape, strict=True)):
        raise UsageError(f"'{edit.tensor}' has no cell {list(edit.index)}")


def _set_breakpoints(session: Session, standing: Standing) -> list[str]:
    breakpoints, lost = session.breakpoints, []
    for old in list(breakpoints):
        breakpoints.remove(old.number)
    for stop in standing.stops:
        try:
            added = breakpoints.add(stop.text, stop.number)
        except UsageError:
            lost.append(stop.text)
            continue
        if not stop.enabled:
            breakpoints.toggle(added.number)
    return lost
