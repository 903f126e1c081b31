"""Kills the app at random moments while it is driven by keys, and resumes each session.

    python tests/benchmarks/kills.py [KILLS]

A session must come back without a word of damage but that it was not closed, or that its last
entry is cut off, and it must stand where its last whole entry says. Exits with 1 where one does
not. The state folder is a temporary one.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import pexpect

ROOT: Final = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from nntui.errors import UsageError  # noqa: E402
from nntui.session.entries import recover  # noqa: E402
from nntui.session.resume import resume  # noqa: E402

KEYS: Final = ("n", "n", "n", "s", "r", "r", "[", "]", "0", "n")
ALLOWED: Final = ("was not closed properly", "its last entry is cut off")


def kill_once(chance: random.Random, folder: Path) -> str:
    """Drive the app for a while, and kill it; what is wrong with its session, else ""."""
    child = pexpect.spawn(
        sys.executable,
        ["-m", "nntui", "run", chance.choice(["exam", "xor", "iris"])],
        dimensions=(36, 120),
        cwd=str(ROOT),
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "TERM": "xterm-256color",
            "XDG_STATE_HOME": str(folder),
        },
    )
    child.expect("paused", timeout=60)
    end = time.monotonic() + chance.uniform(0, 0.8)
    if chance.random() < 0.3:
        child.send(" ")
    while time.monotonic() < end:
        child.send(chance.choice(KEYS))
        drain(child, chance.uniform(0, 0.03))
    child.kill(9)
    child.wait()
    child.close(force=True)
    return judge(folder / "nntui" / "sessions")


def drain(child: pexpect.spawn, seconds: float) -> None:
    """Read what the app draws, so that it does not wait for us."""
    try:
        child.read_nonblocking(1 << 16, timeout=seconds)
    except (pexpect.TIMEOUT, pexpect.EOF):
        return


def judge(folder: Path) -> str:
    """What is wrong with the one session in a folder."""
    paths = [path for path in folder.iterdir() if not path.name.startswith(".")]
    if len(paths) != 1:
        return f"{len(paths)} files"
    entries = recover(paths[0].read_bytes()).entries
    if len(entries) < 2:
        return "nothing but a heading"
    try:
        session, notice = resume(paths[0])
    except UsageError as error:
        return str(error)
    last = next(entry["at"] for entry in reversed(entries) if "at" in entry)
    p = session.position
    if [p.step, p.op, p.element, p.term] != last[1]:
        return f"stands at {p}, not {last}"
    said = [part for part in notice.split("; ") if not any(a in part for a in ALLOWED)]
    return "; ".join(said)


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
