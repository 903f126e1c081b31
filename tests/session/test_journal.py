"""Sessions on disk: they come back as they were, and damage is noticed."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import EXAM, scenario
from pictures import picture, state
from sessions_on_disk import do, recorded, recorder, told

from nntui.errors import UsageError
from nntui.scenario import parse
from nntui.session import sessions
from nntui.session.entries import encode, recover
from nntui.session.journal import Journal
from nntui.session.position import Depth
from nntui.session.resume import resume
from nntui.session.session import Session

ROOT = Path(__file__).parents[2]

MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("go"), st.integers(1, 40), st.integers(0, 90)),
        st.tuples(st.just("edit"), st.integers(0, 50), st.floats(-2, 2)),
        st.tuples(st.sampled_from(["back", "forward"]), st.sampled_from(Depth), st.just(0)),
        st.tuples(st.sampled_from(["undo", "fork"]), st.just(0), st.just(0)),
        st.tuples(st.just("switch"), st.integers(0, 5), st.just(0)),
        st.tuples(st.just("depth"), st.sampled_from(Depth), st.integers(0, 6)),
        st.tuples(st.sampled_from(["break", "remove", "toggle"]), st.integers(0, 9), st.just(0)),
        st.tuples(st.sampled_from(["watch", "unwatch"]), st.integers(0, 9), st.just(0)),
        st.tuples(st.just("restart"), st.sampled_from([None, 7, 11]), st.just(0)),
    ),
    min_size=3,
    max_size=14,
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where sessions are kept, for one test."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "nntui" / "sessions"


@pytest.mark.parametrize("name", ["exam", "classes", "curve", "diverging"])
@settings(max_examples=80, deadline=None)
@given(moves=MOVES, often=st.booleans())
def test_a_walk_comes_back_as_it_was(name: str, moves: list, often: bool) -> None:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "walk.nntui"
        with recorded(name, path) as (session, journal):
            for move, first, second in moves:
                do(session, move, first, second)
                if often:
                    journal.note()
        again, notice = resume(path)

    assert notice == ""
    assert told(again) == told(session)

    for walker in (session, again):
        walker.cursor.forward(Depth.OP)
        walker.cursor.back(Depth.STEP)
        walker.undo()
    assert told(again) == told(session)


@pytest.mark.parametrize(
    "moves",
    [
        [("go", 1, 1), ("edit", 0, 0.0), ("back", Depth.TERM, 0)],
        [("go", 3, 0), ("back", Depth.TERM, 0), ("watch", 1, 0)],
    ],
)
def test_a_cursor_inside_an_op_comes_back_before_what_was_changed_after_it(
    tmp_path: Path, moves: list
) -> None:
    path = tmp_path / "inside.nntui"
    with recorded("classes", path) as (session, _):
        for move in moves:
            do(session, *move)
    again, notice = resume(path)

    assert notice == ""
    assert told(again) == told(session)


def walk(path: Path) -> list[tuple[bytes, bytes]]:
    """A short session with a bit of everything: the file and the state after each command."""
    seen: list[tuple[bytes, bytes]] = []
    with recorded("exam", path) as (session, journal):
        for move, first, second in [
            ("go", 2, 5),
            ("edit", 0, 0.5),
            ("forward", Depth.STEP, 0),
            ("break", 0, 0),
            ("go", 1, 4),
            ("fork", 0, 0),
            ("edit", 1, -1.0),
            ("go", 5, 3),
            ("forward", Depth.TERM, 0),
        ]:
            do(session, move, first, second)
            journal.note()
            seen.append((path.read_bytes(), state(session)))
    return seen


def test_each_byte_flipped_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "whole.nntui"
    walk(path)
    data = path.read_bytes()
    entries = recover(data).entries

    for at, by in itertools.product(range(len(data)), (0x01, 0x20, 0xFF)):
        damaged = bytearray(data)
        damaged[at] ^= by
        found = recover(bytes(damaged))

        assert found.problem
        assert found.entries == entries[: len(found.entries)]
        assert len(found.entries) == data[:at].count(b"\n")


def test_a_file_cut_anywhere_ends_with_its_last_whole_entry(tmp_path: Path) -> None:
    path = tmp_path / "whole.nntui"
    walk(path)
    data = path.read_bytes()
    entries = recover(data).entries

    for length in range(len(data)):
        found = recover(data[:length])

        assert found.entries == entries[: data[:length].count(b"\n")]
        assert bool(found.problem) is (length > 0 and data[length - 1 : length] != b"\n")


def test_damage_anywhere_leads_to_an_earlier_state_or_a_clear_refusal(tmp_path: Path) -> None:
    path = tmp_path / "whole.nntui"
    states = {bits for _, bits in walk(path)} | {state(Session(scenario("exam")))}
    data = path.read_bytes()

    for at in range(0, len(data), 7):
        for damaged in (data[:at], data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :]):
            path.write_bytes(damaged)
            if b"\n" not in data[:at]:
                with pytest.raises(UsageError, match="no session file"):
                    resume(path)
                continue
            session, notice = resume(path)

            assert notice
            assert state(session) in states


def test_lines_lost_doubled_or_moved_are_noticed(tmp_path: Path) -> None:
    path = tmp_path / "whole.nntui"
    walk(path)
    lines = path.read_bytes().splitlines(keepends=True)

    for k in range(len(lines) - 1):
        assert recover(b"".join(lines[:k] + lines[k + 1 :])).problem
        assert recover(b"".join(lines[: k + 1] + lines[k:])).problem
        moved = [*lines[:k], lines[k + 1], lines[k], *lines[k + 2 :]]
        assert recover(b"".join(moved)).problem


def test_what_a_kill_leaves_is_the_last_command(tmp_path: Path) -> None:
    path = tmp_path / "killed.nntui"
    for data, bits in walk(path):
        path.write_bytes(data)
        session, notice = resume(path)

        assert state(session) == bits
        assert "not closed properly" in notice


@pytest.mark.parametrize(
    "data",
    [b"", b"\0" * 999, b"title = 'a scenario'\n", os.urandom(5000), encode({}, 0)[0], b"\n" * 99],
)
def test_a_foreign_file_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "foreign.nntui"
    path.write_bytes(data)

    with pytest.raises(UsageError, match="no session file"):
        resume(path)


def test_another_format_is_refused_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "old.nntui"
    path.write_bytes(encode({"format": 0, "nntui": "0.0.1"}, 0)[0])

    with pytest.raises(UsageError, match=r"format 0 \(written by nntui 0\.0\.1\)"):
        resume(path)


@pytest.mark.parametrize("missing", ["source", "folder", "seed", "outside"])
def test_a_heading_without_one_of_its_parts_is_refused(tmp_path: Path, missing: str) -> None:
    path = tmp_path / "part.nntui"
    walk(path)
    entry = dict(recover(path.read_bytes()).entries[0])
    entry[missing] = None
    path.write_bytes(encode(entry, 0)[0])

    with pytest.raises(UsageError, match="no session file"):
        resume(path)


@pytest.mark.parametrize(
    "nonsense",
    [
        {"at": 3},
        {"at": ["nowhere", [1, 0, 0, 0], 2, 0, ""]},
        {"at": ["main", [1, 0, 0, 0], 99, 0, ""]},
        {"seed": -1},
        {"seed": "x"},
        {"branches": {"a": 1}},
        {"branches": [["x", "unknown", [1, 0], [], [1, 0]]]},
        {"branches": [["x", "main", [1, 0], [[1, 2, 3, [0], 1.0]], [1, 0]]]},
        {"frontiers": {"x": [1, 0]}},
        {"frontiers": 3},
        {"breakpoints": [[1]]},
    ],
)
def test_entries_that_make_no_sense_are_damage(tmp_path: Path, nonsense: dict) -> None:
    path = tmp_path / "odd.nntui"
    walk(path)
    entries = recover(path.read_bytes()).entries
    with_nonsense = Journal.create(tmp_path / "new.nntui", [*entries[:4], nonsense])
    with_nonsense.close()

    session, notice = resume(with_nonsense.path)

    assert "entry 5 makes no sense" in notice
    assert session.branch == "main"


@pytest.mark.parametrize("edit", [[1, 2, "q", [0], 1.0], [1, 2, "hidden.z", [0, 9], 1.0]])
def test_an_edit_of_what_there_is_not_is_refused(tmp_path: Path, edit: list) -> None:
    path = tmp_path / "odd.nntui"
    walk(path)
    entries = recover(path.read_bytes()).entries
    change = {"branches": [["main", "", [1, 0], [edit], [3, 2]]]}
    Journal.create(tmp_path / "new.nntui", [*entries[:2], change]).close()

    with pytest.raises(UsageError, match="does not fit its scenario any more"):
        resume(tmp_path / "new.nntui")


def test_other_numbers_are_noticed(tmp_path: Path) -> None:
    path = tmp_path / "other.nntui"
    walk(path)
    heading, *rest = recover(path.read_bytes()).entries
    slower = heading["source"].replace("lr = 0.5", "lr = 0.25")
    for changed, expected in [
        ({"source": slower}, "though this is NumPy"),
        ({"source": slower, "arithmetic": "NumPy 1, an abacus"}, "made with NumPy 1, an abacus"),
        ({"source": heading["source"].replace("[3, 7]", "[3, 8]")}, "data are not those of then"),
    ]:
        path.unlink()
        Journal.create(path, [{**heading, **changed}, *rest]).close()
        _, notice = resume(path)

        assert expected in notice


def test_a_long_session_does_not_grow_without_end(tmp_path: Path) -> None:
    path = tmp_path / "long.nntui"
    sizes = set()
    with recorded("exam", path) as (session, journal):
        for _ in range(3000):
            session.cursor.forward(Depth.OP)
            journal.note()
            sizes.add(path.stat().st_size)
            session.cursor.back(Depth.OP)
            journal.note()
    assert max(sizes) < 300_000
    again, notice = resume(path)

    assert (notice, told(again)) == ("", told(session))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["long.nntui", "long.nntui.states"]


def test_nothing_new_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "still.nntui"
    with recorded("exam", path) as (session, journal):
        size = path.stat().st_size
        for _ in range(9):
            assert session.frame
            journal.note()
        assert path.stat().st_size == size


def test_a_disk_that_cannot_be_written_is_said_once(tmp_path: Path) -> None:
    session = Session(scenario("exam"))
    journal = recorder(session, tmp_path / "no" / "folder.nntui")

    assert "not being saved" in journal.note()
    session.cursor.forward()
    assert journal.note() == ""
    journal.close()


def begin(name: str = "exam") -> tuple[Session, sessions.Recorder]:
    session = Session(parse(EXAM, origin=f"{name}.toml"))
    journal = sessions.record(session, Path("."))
    journal.note()
    return session, journal


def test_a_session_goes_on_in_its_file(folder: Path) -> None:
    session, journal = begin()
    session.cursor.go(3, 2)
    journal.note()
    journal.close()
    resumed = sessions.resume_newest()
    assert (resumed.notice, picture(resumed.session)) == ("", picture(session))
    resumed.recorder.note()
    resumed.session.cursor.forward()
    resumed.recorder.note()
    resumed.recorder.close()

    again = sessions.resume_newest()
    again.recorder.close()
    assert picture(again.session) == picture(resumed.session)
    assert len(list(folder.glob("*.nntui"))) == 1
    assert folder.stat().st_mode & 0o777 == 0o700
    assert next(folder.glob("*.nntui")).stat().st_mode & 0o777 == 0o600


def test_two_on_one_session_do_not_meet(folder: Path) -> None:
    session, journal = begin()
    session.cursor.go(2, 3)
    journal.note()
    first = next(folder.glob("*.nntui"))
    second = sessions.resume_file(first)
    assert second.notice == (f"{first.name} is open in another nntui, and this goes on as a copy")
    for k in range(5):
        session.cursor.forward()
        journal.note()
        second.session.cursor.go(4, k)
        second.recorder.note()
    journal.close()
    second.recorder.close()

    other = next(path for path in folder.glob("*.nntui") if path != first)
    assert told(resume(first)[0]) == told(session)
    assert told(resume(other)[0]) == told(second.session)


def test_a_damaged_file_is_left_as_it_is(folder: Path) -> None:
    _, journal = begin()
    journal.close()
    path = next(folder.glob("*.nntui"))
    damaged = path.read_bytes().replace(b'"closed":true', b'"closed":tru3')
    path.write_bytes(damaged)

    resumed = sessions.resume_file(path)
    resumed.recorder.note()
    resumed.recorder.close()

    assert "was damaged (entry 3 is damaged)" in resumed.notice
    assert path.read_bytes() == damaged
    assert len(list(folder.glob("*.nntui"))) == 2


def test_the_newest_that_can_be_read_is_resumed(folder: Path) -> None:
    with pytest.raises(UsageError, match="no saved session yet"):
        sessions.resume_newest()
    _, journal = begin()
    journal.close()
    (folder / "later.nntui").write_bytes(b"")
    os.utime(folder / "later.nntui", (2**33, 2**33))

    resumed = sessions.resume_newest()
    resumed.recorder.close()

    assert resumed.notice == "later.nntui cannot be read any more"


def test_old_sessions_are_thrown_away_but_not_open_ones(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "KEPT", 3)
    _, open_ = begin("open")
    path = next(folder.glob("*.nntui"))
    os.utime(path, (1, 1))
    for k in range(6):
        begin(f"run{k}")[1].close()
        for at, old in enumerate(sorted(folder.glob("run*"))):
            os.utime(old, (100 + at, 100 + at))

    kept = sorted(path.name.split("-")[0] for path in folder.glob("*.nntui"))
    assert kept == ["open", "run3", "run4", "run5"]
    snapshots = sorted(path.name.split("-")[0] for path in folder.glob("*.states"))
    assert snapshots == ["run3", "run4", "run5"]
    open_.close()


DRIVEN = """
import itertools, sys
sys.path.insert(0, {tests!r})
from sessions_on_disk import recorded, do
from nntui.session.position import Depth
from pathlib import Path
with recorded("exam", Path(sys.argv[1])) as (session, journal):
    print(-1, session.cursor.position, 0, "main", flush=True)
    for k in itertools.count():
        do(session, *[("forward", Depth.OP, 0), ("go", 1 + k % 9, k % 20), ("edit", k, 0.01 * k),
                      ("fork", 0, 0) if not k % 40 else ("forward", Depth.TERM, 0),
                      ("restart", None, 0) if not k % 150 else ("back", Depth.OP, 0)][k % 5])
        at, edits = session.cursor.position, session.timeline.branch.edits
        print(k, at, len(edits), session.branch, flush=True)
        journal.note()
"""


@pytest.mark.parametrize("commands", [0, 1, 7, 60, 400])
def test_a_killed_session_comes_back(tmp_path: Path, commands: int) -> None:
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
        told_ = [driven.stdout.readline() for _ in range(commands + 1)]
        driven.send_signal(signal.SIGKILL)
        told_ += driven.stdout.readlines()

    session, notice = resume(path)
    here = f"{session.cursor.position} {len(session.timeline.branch.edits)} {session.branch}\n"
    # The command it was killed in may be lost; none before that.
    assert here in [line.split(" ", 1)[1] for line in told_[-2:]]
    assert "not closed properly" in notice or "cut off" in notice


def test_a_journal_is_lines_of_json(tmp_path: Path) -> None:
    path = tmp_path / "whole.nntui"
    walk(path)
    lines = path.read_bytes().splitlines()

    assert [json.loads(line.split(b" ", 2)[2]) for line in lines] == [
        *recover(path.read_bytes()).entries
    ]
