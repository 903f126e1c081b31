"""Files and bundled scenarios by name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import nntui
from nntui.errors import ScenarioError, UsageError
from nntui.scenario import bundled, load, parse, starter


def test_a_file(tmp_path: Path, exam: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(exam)

    assert load(str(path)).origin == str(path)


def test_a_bundled_name() -> None:
    scenario = load("exam")

    assert scenario.origin == "exam"
    assert {"exam", "iris", "xor"} <= {entry.name for entry in bundled()}
    assert all(entry.title and entry.about for entry in bundled())


def test_data_beside_the_file(tmp_path: Path, exam: str) -> None:
    (tmp_path / "a.csv").write_text("hours,knowledge,pass\n1,2,0\n3,4,1\n")
    rows = exam[exam.index("rows ") : exam.index("[[layers]]")]
    path = tmp_path / "mine.toml"
    path.write_text(exam.replace(rows, 'source = "csv"\npath = "a.csv"\n'))

    assert load(str(path)).data.train.x.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("exma", "cannot read the scenario 'exma': there is no such file — did you mean 'exam'?"),
        ("gone.toml", "there is no such file"),
        ("folder", "is a directory"),
        ("no/such/folder/a.toml", "there is no such file"),
        ("", "is a directory"),
        ("a\0b", "embedded null byte"),
        ("\x1b[31m", "'<U+001B>[31m'"),
        ("x" * 5000, "file name too long"),
    ],
)
def test_what_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, message: str
) -> None:
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        load(name)

    assert caught.value.exit_code == 2
    assert message in str(caught.value)
    assert str(caught.value).isprintable()


def test_the_file_name_in_a_message_is_cleaned(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[31m.toml"
    path.write_text("")
    with pytest.raises(ScenarioError) as caught:
        load(str(path))

    assert "a<U+001B>[31m.toml:1:1: " in str(caught.value)


@pytest.mark.parametrize(
    ("data", "line", "column", "message"),
    [
        (b'title = "caf\xe9"\n', 1, 13, "not UTF-8: the byte 0xE9"),
        (b'a = "\xc3\xa9"\n\xff\xfe', 2, 1, "not UTF-8: the byte 0xFF"),
        ("title = 1".encode("utf-16"), 1, 1, "not UTF-8: the byte 0xFF"),
        (b"\xef\xbb\xbfa = 1\nb = \x80", 2, 5, "not UTF-8: the byte 0x80"),
        (b"#" * (1 << 20) + b"#", 1, 1, "larger than 1 MiB"),
        (b"title = 1\n\x00", 2, 1, "invalid"),
    ],
)
def test_bytes_that_are_no_text(
    data: bytes, line: int, column: int, message: str, problems_of
) -> None:
    (problem,) = problems_of(data)

    assert (problem.line, problem.column) == (line, column)
    assert message in problem.message


def test_a_text_that_no_file_can_hold(problems_of) -> None:
    (problem,) = problems_of('title = "\udc80"')

    assert "not UTF-8" in problem.message


@pytest.mark.parametrize("entry", bundled(), ids=lambda entry: entry.name)
def test_a_starter_runs_as_it_is_and_with_ones_own_table(entry, tmp_path: Path) -> None:
    text = starter(entry.name)
    parse(text, origin="mine.toml")
    head, lines = text.split("# [data]\n")
    own = "[data]\n" + "".join(
        line.removeprefix("# ") if line.startswith("# ") else line
        for line in lines.splitlines(keepends=True)
    )
    assert 'source        = "csv"' in own
    assert head.count("[data]\n") == 1


def test_ones_own_csv_in_a_starter(tmp_path: Path) -> None:
    head, rest = starter("iris").split("# [data]\n")
    block, tail = rest.split("\n\n", 1)
    own = "[data]\n" + "".join(line.removeprefix("# ") + "\n" for line in block.splitlines())
    own = own.replace('"first column", "second column"', '"age", "height"')
    own = own.replace('"column to predict"', '"group"')
    text = head[: head.index("[data]")] + own + "\n" + tail
    (tmp_path / "mine.csv").write_text(
        "age,height,group\n" + "30,1.8,red\n41,1.6,blue\n52,1.7,green\n" * 10
    )
    (tmp_path / "mine.toml").write_text(text)

    scenario = load(str(tmp_path / "mine.toml"))
    assert scenario.data.inputs == ("age", "height")
    assert scenario.data.classes == ("blue", "green", "red")


def test_a_starter_that_does_not_exist() -> None:
    with pytest.raises(UsageError, match="did you mean 'iris'"):
        starter("irys")


def test_the_list_of_bundled_scenarios_needs_no_numpy() -> None:
    script = "import sys; from nntui.scenario import bundled; bundled(); print(*sys.modules)"
    path = {"PYTHONPATH": str(Path(nntui.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, env=os.environ | path
    )

    assert b"numpy" not in done.stdout.split()
