"""Back to where a session stood: its scenario is parsed again, and what its snapshot does not know
is run again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nntui.errors import UsageError
from nntui.scenario import Scenario, parse
from nntui.session import snapshot
from nntui.session.branch import Branch, shared_steps
from nntui.session.edit import Edit, Moment
from nntui.session.entries import Entry, read, recover
from nntui.session.heading import Heading, read_heading
from nntui.session.history import DEFAULT_BUDGET
from nntui.session.session import Session
from nntui.session.snapshot import Past
from nntui.session.standing import Line, Standing, apply, digest

CLOSED: Entry = {"closed": True}
"""The last entry of a session that was left properly."""


@dataclass(frozen=True)
class Way:
    """How to bring a session back.

    Attributes:
        allow_outside: whether its scenario may read files outside its folder.
        budget: bytes of memory for going back.
        report: told now and then how much has been run again, from 0 to 1.
    """

    allow_outside: bool = False
    budget: int = DEFAULT_BUDGET
    report: Callable[[float], None] = lambda _: None


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
    return revive(path, examine(path), Way(allow_outside=allow_outside))


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


def revive(path: Path, saved: Saved, way: Way, *, in_use: bool = False) -> tuple[Session, str]:
    """A session from what its file says, and from the snapshot beside it; see `resume`.

    Args:
        in_use: whether it is open elsewhere just now.

    Raises:
        UsageError: it cannot be brought back.
    """
    heading, standing = saved.heading, saved.standing
    folder = Path(heading.folder)
    scenario = parse(
        heading.source, origin=heading.origin, folder=folder, allow_outside=way.allow_outside
    )
    here = Heading.of(scenario, folder, outside=way.allow_outside)
    pasts = snapshot.read(snapshot.path_beside(path), here.run(standing.seed))
    try:
        session, lost = _restored(scenario, standing, pasts, way)
        if pasts and not _agrees(session, standing):
            # Whatever the snapshot is of, it is not of this: only the steps themselves can tell.
            session, lost = _restored(scenario, standing, (), way)
    except (UsageError, LookupError, ValueError, TypeError, ArithmeticError) as error:
        raise UsageError(
            f"{path}: does not fit its scenario any more ({error}); "
            f"are the data files of '{heading.origin}' those of then?"
        ) from None
    said = [f"'{text}' can be no breakpoint or watch any more" for text in lost]
    if saved.problem:
        said.append(f"{path.name} was damaged ({saved.problem}): this is its last good entry")
    elif not saved.closed and not in_use:
        said.append(f"{path.name} was not closed properly: this is its last entry")
    if here.data != heading.data:
        said.append("the scenario's data are not those of then: other numbers come out")
    else:
        said.append(_compared(heading, here, session, standing))
    return session, "; ".join(filter(None, said))


def _agrees(session: Session, standing: Standing) -> bool:
    """Whether the state at the cursor is that of then, as far as that was noted."""
    return standing.place.digest in ("", digest(session))


def _compared(then: Heading, here: Heading, session: Session, standing: Standing) -> str:
    """What there is to say about the numbers and the arithmetic they were made with."""
    agrees = _agrees(session, standing)
    if here.arithmetic == then.arithmetic:
        text = f"the numbers are not bit for bit those of then, though this is {here.arithmetic}"
        return "" if agrees else f"{text} as it was then"
    if not agrees:
        found = "the numbers here are not bit for bit those of then"
    elif standing.place.digest:
        found = "the numbers here are bit for bit those of then all the same"
    else:
        found = "the numbers here may differ in their last bits"
    return f"{found}: they were made with {then.arithmetic}, this is {here.arithmetic}"


def _restored(
    scenario: Scenario, standing: Standing, pasts: Sequence[Past], way: Way
) -> tuple[Session, list[str]]:
    session = Session(scenario, way.budget)
    return session, restore(session, standing, pasts, way.report)


def restore(
    session: Session,
    standing: Standing,
    pasts: Sequence[Past] = (),
    report: Callable[[float], None] = lambda _: None,
) -> list[str]:
    """Bring a fresh session to where another stood; the breakpoints and watches it cannot have.

    Args:
        pasts: what is known of its run; the rest is run again.
        report: told now and then how much of that has been done, from 0 to 1.

    Raises:
        UsageError: the network has no such tensor, cell or op.
    """
    for other in standing.others:
        restore(session, other)
    if standing.seed != session.seed:
        session.restart(standing.seed)
    for line in standing.lines:
        _check(session, line)
    # First of all, so that they see all they need of the step before the cursor's, and of the
    # sample that is shown.
    session.reader.sample = standing.place.sample
    lost = _set_breakpoints(session, standing) + _set_watches(session, standing)
    steps = sum(line.frontier[0] for line in standing.lines)
    done = 0
    for line in standing.lines:
        for part in _rebuild(session, line, pasts):
            report((done + part * line.frontier[0]) / steps)
        done += line.frontier[0]
    session.runs[session.seed].changes.made = list(standing.changes)
    timeline, place = session.timeline, standing.place
    ops = len(session.network.ops)
    timeline.switch(place.branch)
    op = min(place.position.op, ops)
    inside = op > 0 and place.position.element < session.network.ops[op - 1].elements
    timeline.reach(place.position.step, op, inside=inside)
    session.watches.look()
    session.cursor.position = place.position
    session.cursor.depth = place.depth
    return lost


def _rebuild(session: Session, line: Line, pasts: Sequence[Past]) -> Iterator[float]:
    """Make a branch, and run it from where it is known as far as it had been run."""
    timeline = session.timeline
    # Its checkpoints begin with the run: what its parent has become since then does not matter.
    first = timeline.branches["main"]
    branch = first
    if line.name != first.name:
        history = timeline.new_history(first.nearest(0)[1], 0)
        branch = Branch(line.name, history, first.tests.every)
        timeline.branches[line.name] = branch
    branch.edits = list(line.edits)
    branch.parent = timeline.branches[line.parent] if line.parent else None
    snapshot.recall(session, branch, line, pasts)
    _inherit(branch, line, len(session.network.ops))
    if branch.frontier < line.frontier:
        timeline.switch(line.name)
        yield from timeline.seek(*line.frontier)
    branch.fork, branch.automatic = line.fork, line.automatic
    branch.wanted, branch.given = line.wanted, line.given


def _inherit(branch: Branch, line: Line, ops: int) -> None:
    """Let a branch know what its parent has been through and is its own past, too."""
    parent = branch.parent
    if parent is None:
        return
    steps = min(line.frontier[0], parent.frontier[0]) - 1
    steps = shared_steps(branch.edits, parent.edits, steps)
    if (steps, ops) > branch.frontier:
        branch.losses.copy(parent.losses, steps)
        branch.tests.copy(parent.tests, steps)
        branch.frontier = (steps, ops)


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


def _set_watches(session: Session, standing: Standing) -> list[str]:
    if standing.eyes is None:
        return []
    watches, lost = session.watches, []
    for old in list(watches):
        watches.remove(old.number)
    for eye in standing.eyes:
        try:
            watches.add(eye.text, eye.number)
        except UsageError:
            lost.append(eye.text)
    return lost
