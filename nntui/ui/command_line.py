"""The `:` line: what can be written there, and what it means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from nntui.errors import UsageError
from nntui.session.frame import OpInfo
from nntui.session.position import Depth


@dataclass(frozen=True)
class Command:
    """A parsed line: its name and its argument, checked."""

    name: str
    number: float = 0.0
    word: str = ""
    depth: Depth = Depth.OP


HELP: Final = {
    "goto": "goto op NAME|NUMBER",
    "depth": "depth term|element|op|layer|phase|step|epoch",
    "speed": "speed STOPS_PER_SECOND|full",
    "sample": "sample NUMBER",
    "seed": "seed NUMBER",
    "scale": "scale log|linear",
    "theme": "theme dark|light|contrast",
    "watch": "watch EXPRESSION",
    "unwatch": "unwatch NUMBER",
    "quit": "quit",
}
"""How each command is written."""

SUGGESTIONS: Final = (
    "goto op ",
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
    "quit",
)

THEMES: Final = ("dark", "light", "contrast")


def parse(line: str, ops: Sequence[OpInfo]) -> Command:
    """The command a line stands for.

    Raises:
        UsageError: it is none, and says what would be.
    """
    name, _, rest = line.strip().lstrip(":").partition(" ")
    name = {"q": "quit", "go": "goto"}.get(name, name)
    rest = rest.strip()
    if name not in HELP:
        near = get_close_matches(name, HELP, n=1)
        raise UsageError(
            f"unknown command '{name}'" + (f" — did you mean '{near[0]}'?" if near else "")
        )
    if name == "quit":
        return Command(name)
    if not rest:
        raise UsageError(f"write :{HELP[name]}")
    if name == "watch":
        return Command(name, word=rest)
    if name == "goto":
        target = rest.removeprefix("op ").strip()
        return Command(name, number=find_op(target, ops))
    if name == "depth":
        return Command(name, depth=Depth[_choice(rest, [d.label for d in Depth]).upper()])
    if name in ("scale", "theme"):
        options = ("log", "linear") if name == "scale" else THEMES
        return Command(name, word=_choice(rest, options))
    if name == "speed" and rest == "full":
        return Command(name, number=float("inf"))
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
        raise UsageError(f"'{text}' is not a number; write :{HELP[name]}") from None
    if value < 0 or value != value or value > 2**63:
        raise UsageError(f"{text} is out of range")
    return value
