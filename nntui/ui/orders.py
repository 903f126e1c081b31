"""What commands do to a session, each with the sentence that is said about it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

from nntui.errors import UsageError
from nntui.session.branch import Edit
from nntui.session.breakpoints import Breakpoint
from nntui.session.frame import Cell, Frame, Network
from nntui.ui.command_line import Command
from nntui.ui.format import written
from nntui.ui.scene import Neuron
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


def add_wanted(session: Stepper) -> list[str]:
    """Sets the scenario's own breakpoints; what is wrong with those that cannot be used."""
    problems = []
    known = {one.text for one in session.breakpoints}
    for text in session.scenario.breakpoints:
        if text.strip() not in known:
            try:
                session.breakpoints.add(text)
            except UsageError as error:
                problems.append(f"The scenario's breakpoint cannot be used: {error}")
    return problems


def edit_line(network: Network, frame: Frame, neuron: Neuron) -> str:
    """A `set` command to be completed, for a neuron: what the current op made of it, or a weight.

    A layer without weights has its bias changed, the input its data.
    """
    column = network.columns[neuron.column]
    made = frame.op.output if frame.op else ""
    if made in (column.z, column.a, f"{column.z}.grad", f"{column.a}.grad"):
        return _set_line(made, *column.index(neuron.unit))
    if column.weight and column.edges == "all":
        return _set_line(column.weight, neuron.unit, 0)
    if column.weight or column.bias:
        return _set_line(column.weight or column.bias, column.feature(neuron.unit))
    return _set_line(column.a, *column.index(neuron.unit))


def name_of(cell: Cell) -> str:
    """A number's address as it is written: `hidden.weight[0, 1]`."""
    return cell.tensor + (f"[{', '.join(map(str, cell.index))}]" if cell.index else "")


def edit_text(edit: Edit, frame: Frame) -> str:
    """An edit as it was written: `hidden.weight[0, 1] = 0.7`, and for which sample of several."""
    index, sample = edit.index, ""
    if edit.tensor in frame.batched:
        index = index[1:]
        sample = f" in sample {edit.index[0] + 1}" if frame.samples > 1 else ""
    return f"{name_of(Cell(edit.tensor, index))} = {written(edit.value)}{sample}"


def _set_line(tensor: str, *index: int) -> str:
    return f"set {name_of(Cell(tensor, index))} = "


def _set(session: Stepper, command: Command) -> str:
    cell, value = command.cell, command.number
    if cell is None:
        raise UsageError("there is nothing to set")
    before, branch = _value(session.frame, cell), session.timeline.branch.name
    session.edit(cell.tensor, cell.index, value)
    was = "" if before is None else f"was {written(before)}, "
    text = f"{name_of(cell)} {was}is {written(value)}."
    now = session.timeline.branch.name
    return text if now == branch else f"{text} The old future stays on {branch}; this is {now}."


def _value(frame: Frame, cell: Cell) -> float | None:
    """A number as it is, where it can be seen."""
    if cell.tensor == "lr":
        return frame.rate
    try:
        return frame.value(cell.tensor, *cell.index)
    except (IndexError, ValueError, TypeError):
        return None


def _undo(session: Stepper, _: Command) -> str:
    edit = session.undo()
    if edit is None:
        return "There is no edit on this branch to take back."
    return f"Took back {edit_text(edit, session.frame)}."


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
    session.depth = command.depth
    return ""


def _sample(session: Stepper, command: Command) -> str:
    session.sample = int(command.number) - 1
    return ""


def _seed(session: Stepper, command: Command) -> str:
    session.restart(int(command.number))
    return ""


_ORDERS: Final[Mapping[str, Callable[[Stepper, Command], str]]] = {
    "set": _set,
    "undo": _undo,
    "fork": _fork,
    "branch": _switch,
    "break": _break,
    "delete": _delete,
    "disable": _able,
    "enable": _able,
    "depth": _depth,
    "sample": _sample,
    "seed": _seed,
}
