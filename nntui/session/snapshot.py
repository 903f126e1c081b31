"""Snapshots: what a session has computed, kept beside its journal so that it comes back at once.

A snapshot only ever saves time. It holds losses and some states of each branch, and says for which
run and which changes by hand these are the numbers. What is missing, damaged, or of something else
is computed again.

The file is a checksum and then a safetensors container: a JSON text that says what the arrays are,
and for each branch its losses, test losses, and states. Losses that a branch shares with its parent
are there once.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from nntui.engine.options import Array
from nntui.session.branch import Branch, shared_steps
from nntui.session.session import Session
from nntui.session.standing import Line, line_of, read_line, write_line
from nntui.session.timeline import Timeline
from nntui.session.watches import Watches

FORMAT: Final = 1
"""Of snapshots; one of another number is of no use."""
_ALONG: Final = 4 << 20
"""Bytes of states along the way, of all branches together."""
_LARGEST: Final = 1 << 30
_CHECKSUM: Final = 16
_NONE: Final[Array] = np.zeros(0)


@dataclass(frozen=True, eq=False)
class Past:
    """What is known of a branch.

    Attributes:
        losses: of its training steps, from the first on; (steps,).
        tests: its test losses; (count,).
        steps: after how many training steps the states are; (count,), ascending.
        states: (count, size of a state).
        seen: the values of watches that were seen on it, by text: (count, 2), step and value.
    """

    line: Line
    losses: Array
    tests: Array
    steps: Array
    states: Array
    seen: dict[str, Array]


def path_beside(journal: Path) -> Path:
    """Where the snapshot of a journal is."""
    return journal.with_name(f"{journal.name}.states")


def take(timeline: Timeline, watches: Watches) -> tuple[Past, ...]:
    """What is known of each branch, its states thinned to a few."""
    size = timeline.trainer.state.vector.nbytes
    count = _ALONG // len(timeline.branches) // max(1, size)
    return tuple(
        _past(timeline, b, count, watches.seen(b.name)) for b in timeline.branches.values()
    )


def write(path: Path, run: str, pasts: Sequence[Past]) -> None:
    """Put a snapshot in the place of the last; the file is the old or the new one.

    Args:
        run: a checksum of all that the numbers of the run depend on but changes by hand.

    Raises:
        OSError: it cannot be written.
    """
    data = _encode(run, pasts)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    file = os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(file, "wb") as out:
            out.write(blake2b(data, digest_size=_CHECKSUM).digest())
            out.write(data)
        os.replace(draft, path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def read(path: Path, run: str) -> tuple[Past, ...]:
    """What a snapshot knows; nothing where there is none of this run, or it is damaged."""
    try:
        if path.stat().st_size > _LARGEST:
            return ()
        data = path.read_bytes()
    except OSError:
        return ()
    checksum, rest = data[:_CHECKSUM], data[_CHECKSUM:]
    if blake2b(rest, digest_size=_CHECKSUM).digest() != checksum:
        return ()
    try:
        return _decode(rest, run)
    except (ValueError, TypeError, LookupError, SafetensorError):
        return ()


def _past(
    timeline: Timeline, branch: Branch, count: int, seen: dict[str, dict[int, float]]
) -> Past:
    """What is known of a branch: states along the way, and those before its end and the cursor."""
    rows = list(branch.history)
    every = 1
    while len(rows) > every * count and every < len(rows):
        every *= 2
    chosen = dict(rows[::every]) if count else {}
    now, ends = timeline.now, [branch.frontier[0]]
    if branch is timeline.branch:
        ends.append(now.step)
        chosen[now.step - 1] = now.start
        if now.last.state is not None:
            chosen[now.step - 2] = now.last.state
    # A step comes back with the step before it, whose changes are shown too.
    chosen.update(branch.nearest(max(end - 2, 0)) for end in ends)
    states = [chosen[done].reshape(1, -1) for done in sorted(chosen)]
    return Past(
        line_of(branch),
        np.array(branch.losses.values),
        np.array(branch.tests.values),
        np.array(sorted(chosen), np.int64),
        np.concatenate(states),
        {text: np.array(list(values.items()), np.float64) for text, values in seen.items()},
    )


def _encode(run: str, pasts: Sequence[Past]) -> bytes:
    by_name = {past.line.name: past for past in pasts}
    tensors: dict[str, Array] = {}
    lines: list[list[Any]] = []
    for k, past in enumerate(pasts):
        parent = by_name.get(past.line.parent)
        losses = _shared(past.losses, parent.losses if parent else None)
        tests = _shared(past.tests, parent.tests if parent else None)
        lines.append([write_line(past.line), losses, tests, list(past.seen)])
        tensors[f"{k}.losses"] = past.losses[losses:]
        tensors[f"{k}.tests"] = past.tests[tests:]
        tensors[f"{k}.steps"] = past.steps
        tensors[f"{k}.states"] = past.states
        tensors |= {f"{k}.seen.{i}": values for i, values in enumerate(past.seen.values())}
    about = json.dumps({"format": FORMAT, "run": run, "lines": lines}).encode()
    tensors["about"] = np.frombuffer(about, np.uint8)
    return save(tensors)


def _decode(data: bytes, run: str) -> tuple[Past, ...]:
    tensors = load(data)
    about = json.loads(tensors["about"].tobytes())
    if about["format"] != FORMAT or about["run"] != run:
        return ()
    pasts: dict[str, Past] = {}
    for k, (row, losses, tests, texts) in enumerate(about["lines"]):
        line = read_line(row)
        parent = pasts.get(line.parent)
        before = (parent.losses[:losses], parent.tests[:tests]) if parent else (_NONE, _NONE)
        pasts[line.name] = Past(
            line,
            np.concatenate([before[0], tensors[f"{k}.losses"]]),
            np.concatenate([before[1], tensors[f"{k}.tests"]]),
            tensors[f"{k}.steps"],
            tensors[f"{k}.states"],
            {text: tensors[f"{k}.seen.{i}"] for i, text in enumerate(texts)},
        )
    return tuple(pasts.values())


def _shared(own: Array, other: Array | None) -> int:
    """How many numbers two arrays have in common before they first differ in a bit."""
    if other is None:
        return 0
    count = min(len(own), len(other))
    differing = np.flatnonzero(own[:count].view(np.int64) != other[:count].view(np.int64))
    return int(differing[0]) if len(differing) else count


def recall(session: Session, branch: Branch, line: Line, pasts: Sequence[Past]) -> None:
    """Let a fresh branch know what a snapshot does of its line.

    Its frontier becomes how far that goes; what is missing up to the line's is still to be run.
    """
    ops = len(session.network.ops)
    # Of pasts that know as much, its own has the states nearest to its end.
    reached = [(_reach(line, past, ops), past.line.name == line.name, past) for past in pasts]
    if not reached:
        return
    frontier, own, past = max(reached, key=lambda row: row[:2])
    vector = session.trainer.state.vector
    whole = frontier[0] if frontier[1] == ops else frontier[0] - 1
    branch.losses.values = past.losses[: frontier[0] if frontier[1] else whole].tolist()
    branch.tests.values = past.tests[: whole // branch.tests.every].tolist()
    branch.frontier = frontier
    known = shared_steps(line.edits, past.line.edits, whole)
    if past.states.shape[1:] == vector.shape and past.states.dtype == vector.dtype:
        for done, state in zip(past.steps.tolist(), past.states, strict=True):
            if 0 < done <= known:
                branch.history.put(done, state)
    if own:
        for text, rows in past.seen.items():
            values = {int(step): value for step, value in rows.tolist() if step <= known}
            session.watches.recall(branch.name, text, values)


def _reach(line: Line, past: Past, ops: int) -> tuple[int, int]:
    """How far a line has been run in the way that a snapshot knows of."""
    if line.edits == past.line.edits and past.line.frontier == line.frontier:
        return line.frontier
    steps = min(line.frontier[0], past.line.frontier[0]) - 1
    steps = shared_steps(line.edits, past.line.edits, steps)
    return (steps, ops) if steps else (1, 0)
