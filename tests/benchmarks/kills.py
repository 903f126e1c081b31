"""Kills the app at random moments while it is driven by keys, and resumes each session.

    python tests/benchmarks/kills.py [KILLS]

What has been seen on the screen must be there again, and what comes back must be where the first so
many of the keys lead: nothing is lost but keys whose effect was not seen yet. Snapshots are written
after every command, so that many a kill falls into one. A session that ran by itself must stand
where its last whole entry says, with the numbers that running it again gives. Exits with 1 where
one does not. The state folder is a temporary one.
"""

from __future__ import annotations

import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import pexpect
import pyte

ROOT: Final = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from nntui.errors import UsageError  # noqa: E402
from nntui.scenario import load  # noqa: E402
from nntui.session.entries import recover  # noqa: E402
from nntui.session.resume import resume  # noqa: E402
from nntui.session.session import Session  # noqa: E402
from nntui.session.snapshot import path_beside  # noqa: E402

APP: Final = """
import sys
from nntui.session import recorder
recorder._SNAPSHOT_EVERY = recorder._SNAPSHOT_SHARE = 0
from nntui.cli import main
sys.argv = ["nntui", "run", sys.argv[1]]
main()
"""
KEYS: Final = (
    *"nnnnsrrNR",
    ":break loss < 0.05\r",
    ":watch any_nan\r",
    ":set output.bias[0] = 0.5\r",
)
RUNNING: Final = ("n", "n", " ", "s", "r", "[", "]", "0")
QUIET: Final = 0.3
"""Seconds without an entry after which a line and all before it has been taken."""
ALLOWED: Final = ("was not closed properly", "its last entry is cut off")

Where = tuple[object, ...]
"""What there is of a session: position, depth, edits, breakpoints, watches."""


class Screen:
    """What a terminal shows."""

    def __init__(self) -> None:
        self._screen = pyte.Screen(120, 36)
        self._stream = pyte.ByteStream(self._screen)

    def feed(self, data: bytes) -> None:
        """Take what the app has drawn."""
        # pyte does not know the private queries with a dollar, nor the kitty keyboard.
        self._stream.feed(re.sub(rb"\x1b\[(\?\d+\$p|[<>=][\d;]*u)", b"", data))

    @property
    def place(self) -> tuple[int, int] | None:
        """The training step and the op that the header names."""
        found = re.search(r"step +(\d+)/.* op +(\d+)/", self._screen.display[0])
        return (int(found[1]), int(found[2])) if found else None


def where(session: Session) -> Where:
    """What there is of a session."""
    return (
        session.cursor.position,
        session.cursor.depth,
        session.branch,
        tuple(session.timeline.branch.edits),
        tuple(one.text for one in session.breakpoints),
        tuple(one.text for one in session.watches),
        session.trainer.state.vector.tobytes(),
    )


def press(session: Session, key: str) -> None:
    """What a key or a line does."""
    moves = {
        "n": session.cursor.forward,
        "s": session.cursor.into,
        "r": session.cursor.finish,
        "N": session.cursor.back,
        "R": session.cursor.back_out,
    }
    if key in moves:
        moves[key]()
    elif key.startswith(":break"):
        session.breakpoints.add(key[7:].strip())
    elif key.startswith(":watch"):
        session.watches.add(key[7:].strip())
    else:
        session.edit("output.bias", (0,), 0.5)


def expected(name: str, keys: list[str]) -> Iterator[tuple[Where, tuple[int, int]]]:
    """Where the session is after each of the keys, and what the header says; before any, first."""
    session = Session(load(name))
    yield where(session), (1, 0)
    for key in keys:
        with suppress(UsageError):  # A second watch of the same: the app only says so.
            press(session, key)
        yield where(session), (session.cursor.position.step, session.cursor.position.op)


def spawn(name: str, folder: Path) -> pexpect.spawn:
    """The app in a terminal of its own."""
    return pexpect.spawn(
        sys.executable,
        ["-c", APP, name],
        dimensions=(36, 120),
        cwd=str(ROOT),
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "TERM": "xterm-256color",
            "XDG_STATE_HOME": str(folder),
        },
    )


def kill_once(chance: random.Random, folder: Path) -> str:
    """Drive the app for a while, and kill it; what is wrong with its session, else ""."""
    name = chance.choice(["exam", "xor", "iris"])
    by_itself = chance.random() < 0.3
    child = spawn(name, folder)
    child.expect("paused", timeout=60)
    screen, sent, seen = Screen(), [], []
    screen.feed(child.before + child.after)
    end = time.monotonic() + chance.uniform(0, 1.2)
    while time.monotonic() < end:
        key = chance.choice(RUNNING if by_itself else KEYS)
        child.send(key)
        sent.append(key)
        screen.feed(drain(child, chance.uniform(0, 0.05)))
        if len(key) > 1:
            settle(child, screen, folder, end)
        seen.append((len(sent), screen.place))
    child.kill(9)
    child.wait()
    screen.feed(drain(child, 0.05))
    seen.append((len(sent), screen.place))
    child.close(force=True)
    session, problem = judge(folder / "nntui" / "sessions")
    if session is None or by_itself:
        return problem
    return problem or compare(session, list(expected(name, sent)), seen)


def settle(child: pexpect.spawn, screen: Screen, folder: Path, end: float) -> None:
    """Let the app take a line before there are keys again, unless it is to be killed by then.

    A key right behind a line may still go into the line.
    """
    journal = next((folder / "nntui" / "sessions").glob("[!.]*.nntui"))
    size, quiet = -1, 0.0
    while (now := time.monotonic()) < end and (size < 0 or now < quiet):
        if journal.stat().st_size != size:
            size, quiet = journal.stat().st_size, now + QUIET
        screen.feed(drain(child, 0.01))


def compare(
    session: Session,
    steps: list[tuple[Where, tuple[int, int]]],
    seen: list[tuple[int, tuple[int, int] | None]],
) -> str:
    """What is wrong with a session of which some keys had been seen to work, else ""."""
    least = 0
    for sent, place in seen:
        # The screen shows where some of the keys sent so far lead: no fewer than before.
        fitting = (k for k in range(least, sent + 1) if steps[k][1] == place)
        least = next(fitting, least)
    found = where(session)
    if any(found == steps[k][0] for k in range(least, len(steps))):
        return ""
    shown = "\n  ".join(repr(step[0][:-1]) for step in steps[least:])
    return f"is none of those after {least} or more keys: {found[:-1]}\n  {shown}"


def drain(child: pexpect.spawn, seconds: float) -> bytes:
    """Read what the app draws, so that it does not wait for us."""
    data, end = b"", time.monotonic() + seconds
    while True:
        try:
            data += child.read_nonblocking(1 << 16, timeout=max(0.0, end - time.monotonic()))
        except (pexpect.TIMEOUT, pexpect.EOF):
            return data


def judge(folder: Path) -> tuple[Session | None, str]:
    """The one session in a folder, and what is wrong with it."""
    paths = list(folder.glob("[!.]*.nntui"))
    if len(paths) != 1:
        return None, f"{len(paths)} files"
    entries = recover(paths[0].read_bytes()).entries
    if len(entries) < 2:
        return None, "nothing but a heading"
    try:
        session, notice = resume(paths[0])
        path_beside(paths[0]).unlink(missing_ok=True)
        again, _ = resume(paths[0])
    except UsageError as error:
        return None, str(error)
    last = next(entry["at"] for entry in reversed(entries) if "at" in entry)
    p = session.cursor.position
    if [p.step, p.op, p.element, p.term] != last[1]:
        return session, f"stands at {p}, not {last}"
    if where(again) != where(session):
        return session, "has other numbers with its snapshot than without"
    said = [part for part in notice.split("; ") if not any(a in part for a in ALLOWED)]
    return session, "; ".join(said)


def main() -> int:
    """Kill, resume, count."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    chance = random.Random(1)
    failed = 0
    for number in range(kills):
        with tempfile.TemporaryDirectory() as folder:
            problem = kill_once(chance, Path(folder))
        if problem:
            failed += 1
            print(f"kill {number + 1}: {problem}", flush=True)
    print(f"{kills} kills, {kills - failed} sessions came back")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
