"""`nntui check` on malformed files: exit code 2, the problems, and nothing else."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

import nntui

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("nntui.cli") is None, reason="the commands are not installed"
)


def check(argument: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "nntui", "check", argument]
    path = {"PYTHONPATH": str(Path(nntui.__file__).parents[1])}
    return subprocess.run(
        command, capture_output=True, check=False, cwd=folder, env=os.environ | path
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b'title = "\\u001b[31m"\n', b"bad.toml:1:9: title: "),
        (b'title = "\x1b[31m"\n', b"bad.toml:1:10: the character U+001B"),
        (b'title = "caf\xe9"', b"bad.toml:1:13: not UTF-8"),
        (b"a = " + b"[" * 100_000, b"bad.toml:1:69: brackets nested more than 64 levels deep"),
        (b"#" * (1 << 21), b"bad.toml:1:1: the file is larger than 1 MiB"),
        (b"", b"bad.toml:1:1: title: is missing"),
    ],
    ids=["escape", "raw_escape", "no_utf8", "deep", "large", "empty"],
)
def test_malformed_files(text: bytes, message: bytes, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_bytes(text)
    done = check("bad.toml", tmp_path)

    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert b"Traceback" not in done.stderr
    assert b"\x1b" not in done.stderr + done.stdout
    assert done.stdout == b""


def test_a_file_that_does_not_exist(tmp_path: Path) -> None:
    done = check("exma", tmp_path)

    assert done.returncode == 2
    assert "did you mean 'exam'?" in done.stderr.decode()
