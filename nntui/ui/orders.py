"""What commands do to a session, each with the sentence that is said about it."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from typing import Final

from nntui.errors import UsageError
from nntui.session.breakpoints import Breakpoint
from nntui.session.changes import Undone
from nntui.session.frame import Network, ParameterRow
from nntui.ui.command_line import Command
from nntui.ui.edits import edit_text, name_of, value_of
from nntui.ui.format import written
from nntui.ui.stepper import Stepper


def obey(session: Stepper, command: Command) -> str:
    """Does what a command asks of a session; what to say about it, where there is something.

    Raises:
        UsageError: it cannot be done.
    """
    return _ORDERS[command.name](session, command)


def knows(command: Command) -> bool:
    """Whether a command is one for the session."""
    return command.name in _ORDERS


def place(session: Stepper, command: Command) -> tuple[int, int | None]:
    """The training step and the op that a `goto` names; None: the last op.

    Raises:
        UsageError: there is no such place.
    """
    network = session.network
    if command.word == "start":
        return 1, 0
    if command.word == "end":
        return session.timeline.branch.frontier
    if command.word == "loss.min":
        return lowest(session), loss_op(network)
    if command.step > network.epochs * network.steps_per_epoch:
        raise UsageError(f"the run has {network.epochs * network.steps_per_epoch} steps")
    return command.step or session.frame.position.step, command.op


def lowest(session: Stepper) -> int:
    """The training step of this branch with the lowest loss so far.

    Raises:
        UsageError: there is no loss yet.
    """
    curve = session.timeline.losses.curve(session.timeline.farthest)
    pairs = [(y, x) for x, y in zip(curve.x, curve.y, strict=True) if math.isfinite(y)]
    if not pairs:
        raise UsageError("no training step has been completed yet")
    return int(min(pairs)[1])


def loss_op(network: Network) -> int | None:
    """The number of the op that makes the loss."""
    return next((op.number for op in network.ops if op.output == "loss"), None)


def toggle_stop(session: Stepper, text: str) -> str:
    """Sets a breakpoint on an op, or takes it away."""
    for one in session.breakpoints:
        if one.text == text:
            session.breakpoints.remove(one.number)
            return f"No breakpoint at {text} any more."
    return _added(session.breakpoints.add(text))


def stop_here(session: Stepper, op: int | None, row: ParameterRow | None) -> str:
    """Sets a breakpoint on what is chosen, or at the cursor; or takes it away.

    Args:
        op: the one that is chosen in the list of ops.
        row: the number that is chosen among the parameters: a run stops when it changes.

    Raises:
        UsageError: nothing is chosen, and there is no op at the cursor.
    """
    here = session.network.ops[op - 1] if op else session.frame.op
    if row is not None:
        return toggle_stop(session, f"changed({name_of(row.cell)})")
    if here is None:
        raise UsageError("there is no op at the cursor yet: press n, or choose one in the ops")
    return toggle_stop(session, here.output)


def restart(session: Stepper, seed: int | None) -> str:
    """Goes to the start with nothing changed; or to the run of a seed, which may have been before.

    Args:
        seed: None for the same initial weights.
    """
    old, branch, known = session.seed, session.timeline.branch.name, seed in session.runs
    session.restart(seed)
    if session.seed != old:
        there = f"The run of seed {session.seed}, where it was left."
        start = there if known else f"New weights from seed {session.seed}."
        return f"{start} That of seed {old} is at :seed {old}."
    here = session.timeline.branch.name
    return "" if here == branch else f"This is {here}; what was changed stays on {branch}."


def next_seed(session: Stepper) -> int:
    """A seed of which there has been no run."""
    return max(session.runs) + 1


def add_wanted(session: Stepper) -> None:
    """Sets the scenario's own breakpoints."""
    known = {one.text for one in session.breakpoints}
    for text in session.scenario.breakpoints:
        if text.strip() not in known:
            session.breakpoints.add(text)


def _set(session: Stepper, command: Command) -> str:
    cell, value = command.cell, command.number
    if cell is None:
        raise UsageError("there is nothing to set")
    before, branch = value_of(session.frame, cell), session.timeline.branch.name
    session.edit(cell.tensor, cell.index, value)
    was = "" if before is None else f"was {written(before)}, "
    text = f"{name_of(cell)} {was}is {written(value)}."
    now = session.timeline.branch.name
    return text if now == branch else f"{text} The old future stays on {branch}; this is {now}."


def _what_if(session: Stepper, command: Command) -> str:
    cell, value = command.cell, command.number
    if cell is None:
        raise UsageError("there is nothing to set")
    frame, before = session.frame, session.timeline.branch.name
    was = value_of(frame, cell)
    name = _free_name(f"{name_of(cell).replace(' ', '')}={value:.6g}", session.timeline.branches)
    session.edit(cell.tensor, cell.index, value, name)
    text = "" if was is None else f"{name_of(cell)} was {written(was)}. "
    return f"{text}This is {name}, a branch of {before}: run it with space or c."


def _free_name(name: str, taken: Collection[str]) -> str:
    count, free = 1, name
    while free in taken:
        count += 1
        free = f"{name}-{count}"
    return free


def _undo(session: Stepper, _: Command) -> str:
    undone = session.undo()
    if undone is None:
        return "There is no change to take back."
    text = f"Took back {edit_text(undone.edit, session.frame)}."
    if undone.kept:
        return f"{text} With it the run stays on {undone.kept}; this is {undone.here}."
    return text + _arrival(undone)


def _redo(session: Stepper, _: Command) -> str:
    undone = session.undo(again=True)
    if undone is None:
        return "No change has been taken back since the last one."
    return f"{edit_text(undone.edit, session.frame)} again." + _arrival(undone)


def _arrival(undone: Undone) -> str:
    return "" if undone.here == undone.left else f" This is {undone.here}."


def _fork(session: Stepper, command: Command) -> str:
    if any(character.isspace() for character in command.word):
        raise UsageError("the name of a branch has no spaces")
    before = session.timeline.branch.name
    return f"This is {session.fork(command.word)}, a branch of {before}."


def _switch(session: Stepper, command: Command) -> str:
    session.switch(command.word)
    return f"This is {command.word}."


def _break(session: Stepper, command: Command) -> str:
    return _added(session.breakpoints.add(command.word))


def _delete(session: Stepper, command: Command) -> str:
    session.breakpoints.remove(int(command.number))
    return f"Deleted breakpoint {command.number:.0f}."


def _able(session: Stepper, command: Command) -> str:
    number, wanted = int(command.number), command.name == "enable"
    if any(one.number == number and one.enabled is wanted for one in session.breakpoints):
        return f"Breakpoint {number} is {command.name}d already."
    changed = session.breakpoints.toggle(number)
    return f"{command.name.capitalize()}d breakpoint {number}: {changed.text}"


def _added(added: Breakpoint) -> str:
    return f"Breakpoint {added.number}: {added.text}"


def _depth(session: Stepper, command: Command) -> str:
    if command.depth not in session.network.depths:
        raise UsageError("no one takes turns here: a step of this network has phases only")
    session.cursor.depth = command.depth
    return ""


def _sample(session: Stepper, command: Command) -> str:
    session.reader.sample = int(command.number) - 1
    return ""


def _watch(session: Stepper, command: Command) -> str:
    watch = session.watches.add(command.word)
    return f"Watching {watch.text}, as number {watch.number}: beside the loss."


def _unwatch(session: Stepper, command: Command) -> str:
    session.watches.remove(int(command.number))
    return ""


def _seed(session: Stepper, command: Command) -> str:
    return restart(session, int(command.number))


_ORDERS: Final[Mapping[str, Callable[[Stepper, Command], str]]] = {
    "set": _set,
    "whatif": _what_if,
    "undo": _undo,
    "redo": _redo,
    "fork": _fork,
    "branch": _switch,
    "break": _break,
    "delete": _delete,
    "disable": _able,
    "enable": _able,
    "depth": _depth,
    "sample": _sample,
    "watch": _watch,
    "unwatch": _unwatch,
    "seed": _seed,
}
