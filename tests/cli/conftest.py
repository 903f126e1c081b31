"""The command line: in this process for speed, and as a process of its own where it must be."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from nntui import cli

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    code: int
    out: str
    err: str


Command = Callable[..., Result]


@pytest.fixture(autouse=True)
def state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where sessions are kept, for one test."""
    folder = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    return folder / "nntui" / "sessions"


@pytest.fixture
def nntui(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command line in this process."""

    def run(*arguments: str | Path) -> Result:
        monkeypatch.setattr(sys, "argv", ["nntui", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        captured = capsys.readouterr()
        return Result(int(end.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture
def process() -> Callable[..., subprocess.Popen[bytes]]:
    """Start Python with some arguments where it finds this nntui."""

    def start(*arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-W", "error", *arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        )

    return start


@pytest.fixture
def diverging(tmp_path: Path) -> Path:
    """A scenario whose numbers soon stop being finite."""
    path = tmp_path / "fast.toml"
    path.write_text(
        """\
title = "Too fast"
[data]
source = "sine"
samples = 8
[[layers]]
name = "hidden"
type = "dense"
units = 3
activation = "relu"
[[layers]]
name = "output"
type = "dense"
units = 1
[training]
loss = "mse"
optimizer = { type = "sgd", lr = 1e12 }
batch_size = 4
epochs = 60
"""
    )
    return path
