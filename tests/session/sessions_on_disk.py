"""Sessions that are recorded: a folder of their own, walks, and what came of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from networks import scenario
from pictures import picture, state

from nntui.session.heading import Heading
from nntui.session.journal import Journal
from nntui.session.recorder import Recorder
from nntui.session.session import Session
from nntui.session.standing import Standing, whole


def recorder(session: Session, path: Path) -> Recorder:
    """Records a session in a file of this name."""
    heading = Heading.of(session.scenario, Path("."), outside=False)

    def create(heading: Heading, standing: Standing) -> Journal:
        return Journal.create(path, [heading.entry, whole(standing)])

    return Recorder(session, heading, create)


@contextmanager
def recorded(name: str, path: Path) -> Iterator[tuple[Session, Recorder]]:
    """A session of one of the networks while it is being recorded; closed at the end."""
    session = Session(scenario(name))
    found = recorder(session, path)
    found.note()
    yield session, found
    found.close()
    assert found.problem == ""


def told(session: Session) -> dict[str, Any]:
    """All that must be the same after a session has been resumed."""
    return {
        "state": state(session),
        "picture": picture(session),
        "standing": Standing.of(session),
        "losses": repr(session.losses.curve(session.timeline.branch.completed)),
        "tests": repr(session.timeline.tests.curve(session.timeline.branch.completed)),
    }


def do(session: Session, move: str, first: Any, second: Any) -> None:
    """One command of a walk."""
    if move == "go":
        session.go(first, second)
    elif move == "edit":
        names = list(session.network.parameters)
        tensor = names[first % len(names)]
        shape = session.look(tensor).shape
        session.edit(tensor, tuple(n - 1 for n in shape), second)
    elif move == "switch":
        session.switch(session.branches[first % len(session.branches)])
    elif move in ("back", "forward"):
        if move == "back" or session.position.step < 40:
            getattr(session, move)(first)
    elif move == "depth":
        session.depth, session.sample = first, second
    elif move == "break":
        session.breakpoints.add(["loss < 0.1", "hidden.z", "step == 7"][first % 3])
    elif move in ("remove", "toggle"):
        numbers = [b.number for b in session.breakpoints]
        if numbers:
            getattr(session.breakpoints, move)(numbers[first % len(numbers)])
    elif move == "watch":
        text = ["loss", "prev(loss)", "any_nan"][first % 3]
        if text not in [watch.text for watch in session.watches]:
            session.watch(text)
    elif move == "unwatch":
        numbers = [watch.number for watch in session.watches]
        if numbers:
            session.unwatch(numbers[first % len(numbers)])
    elif move == "restart":
        session.restart(first)
    else:
        getattr(session, move)()
