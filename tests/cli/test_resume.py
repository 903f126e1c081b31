"""`nntui run` saves a session, and `nntui resume` comes back to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nntui.session.session import Session
from nntui.ui import app

OUTSIDE = """\
title = "Rows from a file"
[data]
source = "csv"
path = "../rows.csv"
inputs = ["a", "b"]
outputs = ["c"]
[[layers]]
name = "output"
type = "dense"
units = 1
[training]
loss = "mse"
batch_size = 1
epochs = 3
"""


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Session, str]]:
    """The sessions that the app was opened with, and what it was to tell; it takes three steps."""
    seen: list[tuple[Session, str]] = []

    def run(
        session: Session,
        note: Callable[[], str],
        notice: str,
        resumed: bool,
        release: Callable[[], None],
    ) -> int:
        release()
        assert resumed is bool(session.cursor.position.op)
        seen.append((session, notice))
        note()
        for _ in range(3):
            session.cursor.forward()
            note()
        return 0

    monkeypatch.setattr(app, "run", run)
    return seen


def test_resume_goes_on_where_run_was_left(nntui: Any, shown: list, state: Path) -> None:
    assert nntui("run", "exam").code == 0
    assert nntui("resume").code == 0
    assert nntui("resume", next(state.glob("*.nntui"))).code == 0

    assert [session.cursor.position.op for session, _ in shown] == [3, 6, 9]
    assert [notice for _, notice in shown] == ["", "", ""]
    assert len(list(state.glob("*.nntui"))) == 1


def test_the_newest_session_is_resumed(nntui: Any, shown: list) -> None:
    nntui("run", "exam")
    nntui("run", "xor")
    nntui("resume")

    assert shown[2][0].scenario.origin == "xor"


def test_without_a_session_there_is_nothing_to_resume(nntui: Any, state: Path) -> None:
    result = nntui("resume")

    assert (result.code, result.out) == (2, "")
    assert result.err == "nntui: there is no saved session yet (begin one: nntui run exam)\n"
    assert not state.exists()


@pytest.mark.parametrize("data", [None, b"", b"nothing of ours\n", b"\xff" * 99])
def test_what_is_no_session_is_refused(nntui: Any, tmp_path: Path, data: bytes | None) -> None:
    path = tmp_path / "other"
    if data is not None:
        path.write_bytes(data)

    result = nntui("resume", path)

    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"nntui: {path}: ")
    assert result.err.count("\n") == 1
    assert nntui("resume", tmp_path).code == 2


def test_a_state_folder_that_cannot_be_written_is_no_obstacle(
    nntui: Any, shown: list, state: Path
) -> None:
    state.parent.mkdir(parents=True)
    state.write_text("in the way")

    result = nntui("run", "exam")

    assert (result.code, result.out) == (0, "")
    assert result.err.startswith("nntui: this session is not being saved: ")
    assert shown[0][0].cursor.position.op == 3


def test_a_file_from_elsewhere_may_not_read_outside_its_folder(
    nntui: Any, shown: list, state: Path, tmp_path: Path
) -> None:
    (tmp_path / "rows.csv").write_text("a,b,c\n1,2,3\n4,5,6\n")
    (tmp_path / "inside").mkdir()
    scenario = tmp_path / "inside" / "mine.toml"
    scenario.write_text(OUTSIDE)
    assert nntui("run", scenario, "--allow-outside").code == 0
    saved = next(state.glob("*.nntui"))
    elsewhere = tmp_path / "sent.nntui"
    elsewhere.write_bytes(saved.read_bytes())

    assert nntui("resume").code == 0
    refused = nntui("resume", elsewhere)
    assert nntui("resume", elsewhere, "--allow-outside").code == 0

    assert refused.code == 2
    assert "--allow-outside" in refused.err
    assert [session.cursor.position.op for session, _ in shown] == [3, 6, 6]


LARGE = """\
title = "A state of more than an eighth of a MiB"
[data]
inputs = ["a"]
outputs = ["b"]
rows = [{ x = [1], y = [2] }]
[[layers]]
name = "hidden"
type = "dense"
units = 9000
[[layers]]
name = "output"
type = "dense"
units = 1
[training]
loss = "mse"
epochs = 1
"""


def test_memory_for_going_back_can_be_given(nntui: Any, shown: list, state: Path) -> None:
    nntui("run", "exam")
    nntui("run", "exam", "--memory", 5)
    nntui("resume", "--memory", 7)
    nntui("resume", next(state.glob("*.nntui")), "--memory", 9)

    assert [session.timeline.budget.limit >> 20 for session, _ in shown] == [64, 5, 7, 9]
    assert nntui("trace", "exam", "--memory", 3).code == 0


@pytest.mark.parametrize("command", ["run", "resume", "trace"])
@pytest.mark.parametrize("memory", [0, -1, 99999, "much", 1.5])
def test_memory_that_makes_no_sense_is_refused(nntui: Any, command: str, memory: object) -> None:
    result = nntui(command, "exam", "--memory", memory)

    assert (result.code, result.out) == (2, "")
    assert "--memory" in result.err


def test_too_little_memory_for_a_network_is_refused(
    nntui: Any, shown: list, tmp_path: Path
) -> None:
    scenario = tmp_path / "large.toml"
    scenario.write_text(LARGE)
    nntui("run", scenario)

    for command in (("run", scenario), ("resume",), ("trace", scenario)):
        result = nntui(*command, "--memory", 1)
        assert (result.code, result.out) == (2, "")
        assert result.err == (
            "nntui: --memory 1 is too little for this network, whose states are large: "
            "give it 2 or more\n"
        )
    assert nntui("resume", "--memory", 2).code == 0
    assert len(shown) == 2
