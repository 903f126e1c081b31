"""Snapshots: a session comes back at once, and never to numbers that are not its own."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from networks import EXAM, scenario
from pictures import picture, state
from sessions_on_disk import do, recorded, recorder, told

from nntui.scenario import Scenario, parse
from nntui.session import heading, snapshot
from nntui.session import recorder as module
from nntui.session.entries import recover
from nntui.session.heading import Heading
from nntui.session.history import FEW, cost
from nntui.session.journal import Journal
from nntui.session.position import Depth
from nntui.session.resume import Way, examine, resume, revive
from nntui.session.session import Session

ROOT = Path(__file__).parents[2]


def run_of(session: Session) -> str:
    """What a snapshot of this session is marked with."""
    return Heading.of(session.scenario, Path("."), outside=False).run(session.seed)


def watched(*texts: str) -> Scenario:
    """A scenario with watches of its own."""
    return parse(f"watches = {list(texts)}\n{EXAM}", origin="watched.toml")


def again(path: Path) -> tuple[Session, str, list[float]]:
    """The session in a file, the notice, and the reports of what had to be run again."""
    reports: list[float] = []
    session, notice = revive(path, examine(path), Way(report=reports.append))
    return session, notice, reports


def long(name: str, path: Path) -> Session:
    """A session with three branches, run for a few thousand steps."""
    with recorded(name, path) as (session, journal):
        session.cursor.go(2500, 3)
        session.cursor.go(1200)
        session.fork("left")
        parameter = next(iter(session.network.parameters))
        session.edit(parameter, (0,) * session.reader.look(parameter).ndim, 0.25)
        session.cursor.go(2200, 2)
        session.switch("main")
        session.fork("right")
        session.cursor.go(2400, 4)
        session.watches.add("loss")
        session.cursor.go(900, 5)
        journal.note()
    return session


@pytest.mark.parametrize("name", ["classes", "curve", "adversaries"])
def test_a_long_session_comes_back_without_being_run_again(name: str, tmp_path: Path) -> None:
    session = long(name, tmp_path / "long.nntui")

    found, notice, reports = again(tmp_path / "long.nntui")

    assert (notice, reports) == ("", [])
    assert told(found) == told(session)
    for walker in (session, found):
        walker.switch("left")
    assert told(found) == told(session)


@pytest.mark.parametrize("name", ["classes", "curve", "rivals"])
def test_without_its_snapshot_it_is_run_again(name: str, tmp_path: Path) -> None:
    path = tmp_path / "long.nntui"
    session = long(name, path)
    snapshot.path_beside(path).unlink()

    found, notice, reports = again(path)

    assert notice == ""
    assert len(reports) > 9
    assert reports == sorted(reports)
    assert 0 <= reports[0] <= reports[-1] <= 1
    for walker in (session, found):
        walker.watches.remove(1)
    assert told(found) == told(session)


def test_going_back_after_a_resume_leads_to_the_same_bits(tmp_path: Path) -> None:
    session = long("classes", tmp_path / "long.nntui")
    found, _, _ = again(tmp_path / "long.nntui")

    for branch in session.branches:
        for step, op in [(2, 1), (700, 5), (1199, 2), (1201, 9), (2199, 7), (1500, 3)]:
            for walker in (session, found):
                walker.switch(branch)
                walker.cursor.go(step, op)
            assert state(found) == state(session)
            assert found.losses.curve(step) == session.losses.curve(step)
            assert found.timeline.tests.curve(step) == session.timeline.tests.curve(step)


def test_a_run_goes_on_after_a_resume_as_if_it_had_never_ended(tmp_path: Path) -> None:
    session = long("classes", tmp_path / "long.nntui")
    found, _, _ = again(tmp_path / "long.nntui")

    for walker in (session, found):
        walker.cursor.go(4000)
    assert told(found) == told(session)
    strides = np.diff([done for done, _ in found.timeline.branch.history if done > 2400])
    assert strides.max() == found.timeline.branch.history.stride


def where(session: Session) -> str:
    """The branch, the position, and the losses up to the end of the branch."""
    losses = session.losses.curve(session.timeline.branch.completed)
    return f"{session.branch} {session.cursor.position} {losses}"


def walk(path: Path) -> list[tuple[bytes, bytes, bytes, str]]:
    """A short session: after each command its journal, a snapshot, its state, where it is."""
    seen = []
    with recorded("exam", path) as (session, journal):
        for move, first, second in [
            ("go", 2, 5),
            ("edit", 0, 0.5),
            ("forward", Depth.STEP, 0),
            ("go", 1, 4),
            ("fork", 0, 0),
            ("edit", 1, -1.0),
            ("go", 5, 3),
            ("undo", 0, 0),
            ("go", 9, 2),
            ("restart", None, 0),
            ("go", 4, 1),
        ]:
            do(session, move, first, second)
            journal.note()
            beside = snapshot.path_beside(path)
            snapshot.write(
                beside, run_of(session), snapshot.take(session.timeline, session.watches)
            )
            seen.append((path.read_bytes(), beside.read_bytes(), state(session), where(session)))
    return seen


def test_any_snapshot_beside_any_journal_leads_to_where_the_journal_says(tmp_path: Path) -> None:
    path = tmp_path / "walk.nntui"
    seen = walk(path)

    for (data, _, bits, here), (_, other, _, _) in itertools.product(seen, seen):
        path.write_bytes(data)
        snapshot.path_beside(path).write_bytes(other)
        session, notice = resume(path)

        assert state(session) == bits
        assert where(session) == here
        assert notice == "walk.nntui was not closed properly: this is its last entry"


def test_each_byte_flipped_and_each_cut_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "walk.nntui"
    walk(path)
    session, _ = resume(path)
    beside, run = snapshot.path_beside(path), run_of(session)
    data = beside.read_bytes()
    assert snapshot.read(beside, run)

    for at in range(len(data)):
        for damaged in (data[:at], data[:at] + bytes([data[at] ^ 0x20]) + data[at + 1 :]):
            beside.write_bytes(damaged)
            assert snapshot.read(beside, run) == ()
    beside.write_bytes(data + b"\0")
    assert snapshot.read(beside, run) == ()


@pytest.mark.parametrize("content", [b"", b"\0" * 999, os.urandom(5000), None])
def test_what_is_no_snapshot_costs_time_and_nothing_else(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "walk.nntui"
    expected = told(long("exam", path))
    beside = snapshot.path_beside(path)
    beside.unlink()
    if content is None:
        beside.mkdir()
    else:
        beside.write_bytes(content)

    session, notice, reports = again(path)

    assert notice == ""
    assert reports
    assert state(session) == expected["state"]
    assert told(session)["losses"] == expected["losses"]


def test_numbers_that_are_not_those_at_the_cursor_are_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "long.nntui"
    session = long("exam", path)
    beside, run = snapshot.path_beside(path), run_of(session)
    pasts = snapshot.read(beside, run)
    snapshot.write(beside, run, [replace(past, states=past.states + 1.0) for past in pasts])

    found, notice, reports = again(path)

    assert notice == ""
    assert reports
    assert state(found) == state(session)
    found.watches.remove(1)
    session.watches.remove(1)
    assert picture(found) == picture(session)


def test_other_arithmetic_runs_it_again_and_says_whether_the_numbers_agree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "long.nntui"
    session = long("exam", path)
    here = heading.arithmetic()
    monkeypatch.setattr(heading, "arithmetic", lambda: "an abacus")

    found, notice, reports = again(path)

    assert reports
    assert state(found) == state(session)
    assert notice == (
        "the numbers here are bit for bit those of then all the same: "
        f"they were made with {here}, this is an abacus"
    )
    first, *rest = recover(path.read_bytes()).entries
    path.unlink()
    other = {**first, "source": str(first["source"]).replace("lr = 0.5", "lr = 0.25")}
    Journal.create(path, [other, *rest]).close()
    assert again(path)[1].startswith("the numbers here are not bit for bit those of then: they")


def test_the_arithmetic_is_told_apart_by_its_results(monkeypatch: pytest.MonkeyPatch) -> None:
    here = heading.arithmetic()
    assert heading.arithmetic() == here
    heading.arithmetic.cache_clear()
    assert heading.arithmetic() == here
    heading.arithmetic.cache_clear()
    monkeypatch.setattr(np, "tanh", lambda x: np.nextafter(x / (1 + abs(x)), 1))
    assert heading.arithmetic() != here
    heading.arithmetic.cache_clear()


def test_the_snapshot_of_a_long_run_stays_small(tmp_path: Path) -> None:
    path = tmp_path / "long.nntui"
    session = long("classes", path)
    pasts = snapshot.read(snapshot.path_beside(path), run_of(session))
    by_name = {past.line.name: past for past in pasts}

    assert len(by_name["left"].losses) == 2200 - 1
    size = snapshot.path_beside(path).stat().st_size
    # What branches share of their losses is there once.
    own = 8 * (2500 + 1000 + 1200)
    states = sum(past.states.nbytes + past.steps.nbytes for past in pasts)
    assert size < own + states + 8 * 500


def test_a_resumed_session_keeps_to_its_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.nntui"
    session = long("classes", path)
    budget = 3 * FEW * cost(session.trainer.state.vector)

    found, notice = revive(path, examine(path), Way(budget=budget))

    assert (notice, told(found)) == ("", told(session))
    assert found.timeline.budget.limit == budget
    assert found.timeline.budget.nbytes <= budget


def test_watches_come_back_as_they_stood(tmp_path: Path) -> None:
    path = tmp_path / "watched.nntui"
    session = Session(watched("loss", "any_nan"))
    journal = recorder(session, path)
    journal.note()
    session.watches.remove(1)
    session.watches.add("prev(loss)")
    for _ in range(3):
        session.cursor.forward(Depth.STEP)
        journal.note()
    journal.close()

    found, notice = resume(path)

    assert notice == ""
    assert [(w.number, w.text) for w in found.watches] == [(2, "any_nan"), (3, "prev(loss)")]
    assert picture(found) == picture(session)


def test_a_file_that_says_nothing_of_watches_has_those_of_its_scenario(tmp_path: Path) -> None:
    path = tmp_path / "older.nntui"
    session = Session(watched("loss"))
    journal = recorder(session, path)
    journal.note()
    session.watches.remove(1)
    journal.close()
    assert list(resume(path)[0].watches) == []
    entries = [
        {key: value for key, value in entry.items() if key != "watches"}
        for entry in recover(path.read_bytes()).entries
    ]
    path.unlink()
    Journal.create(path, entries).close()

    assert [watch.text for watch in resume(path)[0].watches] == ["loss"]


def test_a_watch_that_is_none_any_more_is_said(tmp_path: Path) -> None:
    path = tmp_path / "odd.nntui"
    with recorded("exam", path) as (session, _):
        session.cursor.forward()
    first, *rest = recover(path.read_bytes()).entries
    path.unlink()
    Journal.create(path, [first, *rest[:1], {"watches": [[1, "nothing.weight"]]}]).close()

    assert "'nothing.weight' can be no breakpoint or watch any more" in resume(path)[1]


def test_a_snapshot_that_cannot_be_written_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "full.nntui"
    monkeypatch.setattr(module, "_SNAPSHOT_EVERY", 0.0)
    session = Session(scenario("exam"))
    snapshot.path_beside(path).mkdir()
    journal = recorder(session, path)

    assert journal.note() == (
        "there is no snapshot of this session, it will take longer to resume: Is a directory"
    )
    session.cursor.forward()
    assert journal.note() == ""
    assert journal.problem == ""
    journal.close()

    assert journal.problem.startswith("there is no snapshot of this session")
    assert picture(resume(path)[0]) == picture(session)
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


DRIVEN = """
import itertools, sys
sys.path.insert(0, {tests!r})
from sessions_on_disk import recorded, do
from nntui.session import recorder
from nntui.session.position import Depth
from pathlib import Path
recorder._SNAPSHOT_EVERY = recorder._SNAPSHOT_SHARE = 0
with recorded("classes", Path(sys.argv[1])) as (session, journal):
    session.cursor.go(600)
    for k in itertools.count():
        do(session, *[("forward", Depth.OP, 0), ("go", 601 + k % 9, k % 20), ("edit", k, 0.01 * k),
                      ("back", Depth.OP, 0)][k % 4])
        at, edits = session.cursor.position, session.timeline.branch.edits
        print(at, len(edits), session.branch, flush=True)
        journal.note()
"""


@pytest.mark.parametrize("commands", [1, 5, 23, 60])
def test_a_kill_while_snapshots_are_written_loses_nothing(tmp_path: Path, commands: int) -> None:
    path = tmp_path / "killed.nntui"
    script = DRIVEN.format(tests=str(Path(__file__).parent))
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    ) as driven:
        assert driven.stdout
        seen = [driven.stdout.readline() for _ in range(commands + 1)]
        driven.send_signal(signal.SIGKILL)
        seen += driven.stdout.readlines()
    beside = snapshot.path_beside(path)
    assert beside.exists()

    session, notice = resume(path)
    beside.unlink()
    slow, _ = resume(path)

    here = f"{session.cursor.position} {len(session.timeline.branch.edits)} {session.branch}\n"
    assert here in seen[-2:]
    assert "not closed properly" in notice or "cut off" in notice
    assert "bit for bit" not in notice
    assert state(session) == state(slow)
    assert where(session) == where(slow)


def test_a_snapshot_of_another_format_is_of_no_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "walk.nntui"
    walk(path)
    session, _ = resume(path)
    assert snapshot.read(snapshot.path_beside(path), run_of(session))
    monkeypatch.setattr(snapshot, "FORMAT", 2)

    assert snapshot.read(snapshot.path_beside(path), run_of(session)) == ()
