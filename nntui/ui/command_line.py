"""The `:` line: what can be written there, and what it means."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import Final

from nntui.errors import UsageError
from nntui.session.frame import Cell, OpInfo
from nntui.session.position import Depth


@dataclass(frozen=True)
class Command:
    """A parsed line: its name and its argument, checked.

    Attributes:
        step: a training step, from 1; 0 where none was given.
        op: an op's number; None where none was given.
        cell: the number to change.
    """

    name: str
    number: float = 0.0
    word: str = ""
    depth: Depth = Depth.OP
    step: int = 0
    op: int | None = None
    cell: Cell | None = None


@dataclass(frozen=True)
class Form:
    """How a command is written, and what it does."""

    text: str
    help: str


FORMS: Final[Mapping[str, Form]] = {
    "goto": Form(
        "goto start|end|loss.min|op NAME|step NUMBER [op NAME]",
        "Go to any op of any training step; loss.min is the step with the lowest loss so far.",
    ),
    "break": Form(
        "break [OP|CONDITION]",
        "Stop runs there: hidden.z or backward stop at the op, hidden at the layer, "
        "changed(hidden.weight) where it changes, loss < 0.05 where that comes true. Alone: "
        "list the breakpoints.",
    ),
    "delete": Form("delete NUMBER", "Delete a breakpoint."),
    "disable": Form("disable NUMBER", "Let runs pass a breakpoint."),
    "enable": Form("enable NUMBER", "Stop runs there again."),
    "set": Form(
        "set TENSOR[INDEX] = NUMBER",
        "Change a number: hidden.weight[0, 1] = 0.7, hidden.a[1] = 0, lr = 0.1. Indices count "
        "from 0; the sample is the one shown. In the past, a new branch begins.",
    ),
    "whatif": Form(
        "whatif [TENSOR[INDEX] = NUMBER]",
        "The same on a new branch, called after the change: beside the run as it was. "
        "Alone: some to choose from.",
    ),
    "undo": Form(
        "undo",
        "Take the last change back, and so on to the first. What was run with it stays, "
        "on a branch of its own.",
    ),
    "redo": Form("redo", "Make the change again that was taken back last."),
    "edits": Form("edits", "List what was changed."),
    "fork": Form("fork [NAME]", "Begin a branch here."),
    "branch": Form("branch NAME", "Go on another branch."),
    "branches": Form("branches", "List the branches."),
    "compare": Form(
        "compare [BRANCH [BRANCH]]",
        "Two branches side by side: losses, the first op that differs, the parameters that do.",
    ),
    "history": Form(
        "history [EXPRESSION]",
        "What a number was at every step so far: hidden.weight[0, 1], abs(output.weight).max(). "
        "Indices count from 0, the sample comes first.",
    ),
    "check": Form(
        "check [TENSOR[INDEX]]",
        "Compare a gradient with central differences: hidden.weight[0, 1]; without an index, all "
        "of a parameter.",
    ),
    "generate": Form(
        "generate", "Write a prompt, and let the network continue it, one token at a time."
    ),
    "notes": Form("notes", "The notes of the scenario; Enter goes to the op of one."),
    "depth": Form("depth term|element|op|layer|phase|turn|step|epoch", "How far a step goes."),
    "speed": Form("speed STOPS_PER_SECOND|full", "How fast the run goes by itself."),
    "sample": Form("sample NUMBER", "Show a sample of the batch."),
    "seed": Form(
        "seed NUMBER",
        "Start from the weights of a seed; the run of a seed that was here before goes on.",
    ),
    "scale": Form("scale log|linear", "The scale of the loss."),
    "theme": Form("theme dark|light|contrast", "The colours."),
    "watch": Form("watch EXPRESSION", "Follow a value beside the loss: abs(hidden.weight).max()."),
    "unwatch": Form("unwatch NUMBER", "Stop watching."),
    "suspend": Form("suspend", "Back to the shell; fg returns."),
    "quit": Form("quit", "Leave."),
}


def markdown() -> str:
    """The table of commands for the README."""
    rows = [f"| `:{f.text.replace('|', chr(92) + '|')}` | {f.help} |" for f in FORMS.values()]
    return "\n".join(["| command | |", "|---|---|", *rows])


ALIASES: Final = {"q": "quit", "go": "goto", "b": "break"}

ALONE: Final = (
    "break",
    "undo",
    "redo",
    "whatif",
    "edits",
    "fork",
    "branch",
    "branches",
    "compare",
    "history",
    "check",
    "generate",
    "notes",
    "suspend",
    "quit",
)
"""Commands that may stand alone."""

SUGGESTIONS: Final = (
    "goto op ",
    "goto step ",
    "goto start",
    "goto end",
    "goto loss.min",
    "break loss < ",
    "delete ",
    "disable ",
    "enable ",
    "set lr = ",
    "whatif lr = ",
    "undo",
    "redo",
    "edits",
    "fork",
    "branch ",
    "branches",
    "compare ",
    "history ",
    "check ",
    "notes",
    "watch ",
    "unwatch ",
    *(f"depth {depth.label}" for depth in Depth),
    "speed full",
    "speed 4",
    "sample ",
    "seed ",
    "scale log",
    "scale linear",
    "theme dark",
    "theme light",
    "theme contrast",
    "suspend",
    "quit",
)

THEMES: Final = ("dark", "light", "contrast")

_NUMBER: Final = r"(?P<name>[^\s\[\]=]+)\s*(?:\[(?P<index>[^\]]*)\])?"
_CELL: Final = re.compile(_NUMBER)
_SET: Final = re.compile(rf"{_NUMBER}\s*=\s*(?P<value>.+)")


def parse(line: str, ops: Sequence[OpInfo]) -> Command:
    """The command a line stands for.

    Raises:
        UsageError: it is none, and says what would be.
    """
    name, _, rest = line.strip().lstrip(":").partition(" ")
    name, rest = ALIASES.get(name, name), rest.strip()
    if name not in FORMS:
        near = get_close_matches(name, FORMS, n=1)
        raise UsageError(
            f"unknown command '{name}'" + (f" — did you mean '{near[0]}'?" if near else "")
        )
    if not rest:
        if name not in ALONE:
            raise _write(name)
        return Command(name)
    if name in ("watch", "history", "compare"):
        return Command(name, word=rest)
    if name == "goto":
        return _goto(rest, ops)
    if name in _PARSERS:
        return _PARSERS[name](rest)
    if name in ("break", "fork", "branch"):
        return Command(name, word=rest)
    if name in ALONE:
        raise _write(name)
    return Command(name, number=_number(rest, name))


def find_op(text: str, ops: Sequence[OpInfo], after: int = 0) -> int:
    """The number of the op that is meant: by number, by output, or by a part of its name.

    Of several, the first after op `after`, then the first of all.

    Raises:
        UsageError: there is none.
    """
    if text.isdecimal():
        if 1 <= int(text) <= len(ops):
            return int(text)
        raise UsageError(f"a step has ops 1 to {len(ops)}")
    exact = [op.number for op in ops if op.output == text]
    part = [
        op.number
        for op in ops
        if text.lower() in f"{op.phase} {op.output} {op.kind} {op.formula}".lower()
    ]
    found = exact or part
    if not found or not text:
        near = get_close_matches(text, [op.output for op in ops], n=1)
        raise UsageError(f"no op '{text}'" + (f" — did you mean '{near[0]}'?" if near else ""))
    return next((number for number in found if number > after), found[0])


def _goto(rest: str, ops: Sequence[OpInfo]) -> Command:
    if rest in ("start", "end", "loss.min"):
        return Command("goto", word=rest)
    first, _, more = rest.partition(" ")
    if first != "step":
        return Command("goto", op=find_op(rest.removeprefix("op ").strip(), ops))
    number, _, place = more.strip().partition(" ")
    if not number:
        raise _write("goto")
    step = int(_number(number, "goto"))
    if step < 1:
        raise UsageError("training steps count from 1")
    place = place.strip().removeprefix("op ").strip()
    if not place:
        return Command("goto", step=step)
    return Command("goto", step=step, op=0 if place == "0" else find_op(place, ops))


def _set(name: str, rest: str) -> Command:
    found = _SET.fullmatch(rest)
    if not found:
        raise _write(name)
    try:
        value = float(found["value"].replace("−", "-"))
    except ValueError:
        raise UsageError(f"'{found['value']}' is not a number; write :{FORMS[name].text}") from None
    return Command(name, number=value, cell=_cell(found))


def _check(rest: str) -> Command:
    found = _CELL.fullmatch(rest)
    if not found:
        raise _write("check")
    return Command("check", cell=_cell(found))


def _cell(found: re.Match[str]) -> Cell:
    """The number that a name and an index stand for."""
    places = [part.strip() for part in (found["index"] or "").split(",") if part.strip()]
    if not all(place.isdecimal() for place in places):
        raise UsageError(f"'[{found['index']}]' is no index: write numbers from 0, like [0, 1]")
    return Cell(found["name"], tuple(int(place) for place in places))


def _one_of(name: str, options: Sequence[str]) -> Callable[[str], Command]:
    return lambda rest: Command(name, word=_choice(rest, options))


def _depth(rest: str) -> Command:
    return Command("depth", depth=Depth[_choice(rest, [d.label for d in Depth]).upper()])


def _speed(rest: str) -> Command:
    return Command("speed", number=float("inf") if rest == "full" else _number(rest, "speed"))


_PARSERS: Final[Mapping[str, Callable[[str], Command]]] = {
    "set": partial(_set, "set"),
    "whatif": partial(_set, "whatif"),
    "check": _check,
    "depth": _depth,
    "speed": _speed,
    "scale": _one_of("scale", ("log", "linear")),
    "theme": _one_of("theme", THEMES),
}


def _write(name: str) -> UsageError:
    return UsageError(f"write :{FORMS[name].text}")


def _choice(text: str, options: Sequence[str]) -> str:
    matches = [option for option in options if option.startswith(text)]
    if text in options:
        return text
    if len(matches) == 1:
        return matches[0]
    raise UsageError(f"'{text}' is none of: {', '.join(options)}")


def _number(text: str, name: str) -> float:
    try:
        value = float(text) if name == "speed" else float(int(text))
    except ValueError:
        raise UsageError(f"'{text}' is not a number; write :{FORMS[name].text}") from None
    if value < 0 or value != value or value > 2**63:
        raise UsageError(f"{text} is out of range")
    return value
