"""`Standing`: all it takes to bring a session to where it stands, as plain values.

Everything else follows from it and the scenario by running the training steps again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any, Final

from nntui.session.branch import Branch
from nntui.session.changes import Change
from nntui.session.edit import Edit, Moment
from nntui.session.entries import Entry
from nntui.session.position import Depth, Position
from nntui.session.runs import Run
from nntui.session.session import Session
from nntui.session.timeline import Timeline

_START: Final = (1, 0)
_BEGINNING: Final = Position(1)


@dataclass(frozen=True)
class Line:
    """A branch: where it was forked off, and what was changed on it.

    Attributes:
        parent: "" for the first one.
        frontier: how far it has been run.
        wanted, given, automatic: see `Branch`.
    """

    name: str
    parent: str = ""
    fork: Moment = _START
    edits: tuple[Edit, ...] = ()
    frontier: Moment = _START
    wanted: Moment = _START
    given: Moment = _START
    automatic: bool = False


@dataclass(frozen=True)
class Stop:
    """A breakpoint."""

    number: int
    text: str
    enabled: bool


@dataclass(frozen=True)
class Eye:
    """A watch."""

    number: int
    text: str


@dataclass(frozen=True)
class Place:
    """Where the cursor is.

    Attributes:
        digest: of parameters, moments and statistics there; "" where it was not taken.
    """

    branch: str = "main"
    position: Position = _BEGINNING
    depth: Depth = Depth.OP
    sample: int = 0
    digest: str = ""


@dataclass(frozen=True)
class Standing:
    """What a user has done to a session, and where they are in it.

    Attributes:
        eyes: its watches; None where those are the scenario's.
        changes: those that can be taken back, in order.
        others: the same of the runs of other seeds, which can be gone back to.
    """

    seed: int
    lines: tuple[Line, ...] = (Line("main"),)
    stops: tuple[Stop, ...] = ()
    eyes: tuple[Eye, ...] | None = None
    place: Place = Place()
    changes: tuple[Change, ...] = ()
    others: tuple[Standing, ...] = ()

    @classmethod
    def of(cls, session: Session) -> Standing:
        """Where a session stands; without a digest."""
        lines = _lines(session.timeline)
        stops = tuple(Stop(b.number, b.text, b.enabled) for b in session.breakpoints)
        eyes = tuple(Eye(w.number, w.text) for w in session.watches)
        place = Place(
            session.branch,
            session.cursor.position,
            session.cursor.depth,
            session.reader.chosen_sample,
        )
        others = tuple(_left(*one) for one in session.runs.items() if one[0] != session.seed)
        changes = tuple(session.runs[session.seed].changes.made)
        return cls(session.seed, lines, stops, eyes, place, changes, others)

    def line(self, name: str) -> Line | None:
        """The branch of a name."""
        return next((line for line in self.lines if line.name == name), None)


_EMPTY: Final = Standing(0)


def digest(session: Session) -> str:
    """A checksum of all parameters, moments and statistics at the cursor.

    "" where the timeline stands somewhere else just then.
    """
    now, position = session.timeline.now, session.cursor.position
    if (now.step, now.done) != (position.step, position.op):
        return ""
    return blake2b(session.trainer.state.vector.tobytes(), digest_size=8).hexdigest()


def whole(standing: Standing) -> Entry:
    """An entry that says it all."""
    return {
        "seed": standing.seed,
        "branches": [write_line(line) for line in standing.lines],
        "breakpoints": _write_stops(standing),
        "watches": _write_eyes(standing),
        "at": _write_place(standing.place),
        "changes": [_write_change(each) for each in standing.changes],
        "others": [whole(other) for other in standing.others],
    }


def change(before: Standing, after: Standing) -> Entry:
    """An entry that says what has changed; empty where nothing has."""
    names = {line.name for line in after.lines}
    elsewhere = (after.seed, after.others) != (before.seed, before.others)
    if elsewhere or any(line.name not in names for line in before.lines):
        return whole(after)
    entry: Entry = {}
    lines, frontiers = [], {}
    for line in after.lines:
        old = before.line(line.name)
        if old is None or replace(old, frontier=line.frontier) != line:
            lines.append(write_line(line))
        elif old != line:
            frontiers[line.name] = list(line.frontier)
    if lines:
        entry["branches"] = lines
    if frontiers:
        entry["frontiers"] = frontiers
    if after.stops != before.stops:
        entry["breakpoints"] = _write_stops(after)
    if after.eyes != before.eyes:
        entry["watches"] = _write_eyes(after)
    if after.changes != before.changes:
        entry["changes"] = [_write_change(each) for each in after.changes]
    if entry or replace(after.place, digest="") != replace(before.place, digest=""):
        entry["at"] = _write_place(after.place)
    return entry


def apply(standing: Standing, entry: Entry) -> Standing:
    """Where a session stands after an entry.

    Raises:
        ValueError, TypeError, LookupError: the entry makes no sense.
    """
    if "seed" in entry:
        others = tuple(apply(_EMPTY, other) for other in entry.get("others", ()))
        standing = Standing(_count(entry["seed"]), lines=(), others=others)
    lines = {line.name: line for line in standing.lines}
    for row in entry.get("branches", ()):
        line = read_line(row)
        if line.parent and line.parent not in lines:
            raise ValueError("a branch without its parent")
        lines[line.name] = line
    for name, frontier in entry.get("frontiers", {}).items():
        lines[name] = replace(lines[name], frontier=_moment(frontier))
    if "breakpoints" in entry:
        stops = tuple(Stop(_count(n), _text(t), bool(e)) for n, t, e in entry["breakpoints"])
        standing = replace(standing, stops=stops)
    if "watches" in entry:
        eyes = tuple(Eye(_count(n), _text(t)) for n, t in entry["watches"])
        standing = replace(standing, eyes=eyes)
    if "changes" in entry:
        standing = replace(standing, changes=tuple(map(_read_change, entry["changes"])))
    place = _read_place(entry["at"]) if "at" in entry else standing.place
    if place.branch not in lines:
        raise ValueError("the cursor is on no branch")
    return replace(standing, lines=tuple(lines.values()), place=place)


def _left(seed: int, run: Run) -> Standing:
    """Where a run stands that one is not in."""
    place = Place(run.timeline.branch.name, run.position)
    return Standing(seed, _lines(run.timeline), place=place, changes=tuple(run.changes.made))


def _lines(timeline: Timeline) -> tuple[Line, ...]:
    return tuple(line_of(branch) for branch in timeline.branches.values())


def line_of(branch: Branch) -> Line:
    """A branch as it stands."""
    parent = "" if branch.parent is None else branch.parent.name
    edits = tuple(branch.edits)
    moments = (branch.frontier, branch.wanted, branch.given)
    return Line(branch.name, parent, branch.fork, edits, *moments, branch.automatic)


def write_line(line: Line) -> list[Any]:
    """A branch as it is written."""
    edits = [_write_edit(edit) for edit in line.edits]
    moments = map(list, (line.frontier, line.wanted, line.given))
    return [line.name, line.parent, list(line.fork), edits, *moments, line.automatic]


def read_line(row: list[Any]) -> Line:
    """A branch from how it was written.

    Raises:
        ValueError, TypeError: it makes no sense.
    """
    name, parent, fork, edits, frontier, *rest = row
    wanted, given, automatic = rest or (fork, fork, False)
    return Line(
        _text(name),
        _text(parent),
        _moment(fork),
        tuple(map(_read_edit, edits)),
        _moment(frontier),
        _moment(wanted),
        _moment(given),
        bool(automatic),
    )


def _write_edit(edit: Edit) -> list[Any]:
    index = [int(k) for k in edit.index]
    return [edit.step, edit.op, edit.tensor, index, float(edit.value)]


def _read_edit(row: list[Any]) -> Edit:
    step, op, tensor, index, value = row
    return Edit(*_moment([step, op]), _text(tensor), tuple(map(_count, index)), float(value))


def _write_change(change: Change) -> list[Any]:
    return [_write_edit(change.edit), change.branch, change.origin]


def _read_change(row: list[Any]) -> Change:
    edit, branch, origin = row
    return Change(_read_edit(edit), _text(branch), _text(origin))


def _write_stops(standing: Standing) -> list[Any]:
    return [[stop.number, stop.text, stop.enabled] for stop in standing.stops]


def _write_eyes(standing: Standing) -> list[Any]:
    return [[eye.number, eye.text] for eye in standing.eyes or ()]


def _write_place(place: Place) -> list[Any]:
    p = place.position
    position = [p.step, p.op, p.element, p.term]
    return [place.branch, position, int(place.depth), place.sample, place.digest]


def _read_place(row: list[Any]) -> Place:
    branch, (step, op, element, term), depth, sample, found = row
    position = Position(*_moment([step, op]), _count(element), _count(term))
    return Place(_text(branch), position, Depth(depth), _count(sample), _text(found))


def _moment(pair: list[Any]) -> Moment:
    step, op = pair
    return max(1, _count(step)), _count(op)


def _count(value: Any) -> int:
    if not isinstance(value, int) or value < 0:
        raise ValueError("not a number from 0 on")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value
