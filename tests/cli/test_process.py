"""The command as a process: pipes, signals, encodings, and what it imports."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import load_file

HEAVY = ("numpy", "textual", "rich", "plotext", "safetensors", "tomlkit")
TERMINAL = ("textual", "rich", "plotext")

IMPORTS = """
import sys
sys.argv = ["nntui", *{arguments!r}]
from nntui import cli
try:
    cli.main()
except SystemExit as end:
    code = end.code
print("\\n" + ",".join(m for m in {names!r} if m in sys.modules), code or 0, file=sys.stderr)
"""


def imports(process: Any, names: tuple[str, ...], *arguments: str) -> str:
    """Which of the modules a command has imported, and its exit code."""
    script = IMPORTS.format(arguments=arguments, names=names)
    _, err = process("-c", script).communicate(timeout=60)
    return str(err.decode().splitlines()[-1])


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["train", "--help"],
        ["run", "--help"],
        ["resume", "--help"],
        ["list"],
    ],
)
def test_help_and_list_import_nothing_heavy(process: Any, arguments: list[str]) -> None:
    assert imports(process, HEAVY, *arguments) == " 0"


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "exam", "--gradients"],
        ["trace", "exam"],
        ["trace", "exam", "--format", "jsonl"],
        ["train", "exam", "--steps", "3"],
        ["completion", "bash"],
    ],
)
def test_headless_commands_import_no_terminal_library(process: Any, arguments: list[str]) -> None:
    assert imports(process, TERMINAL, *arguments) == " 0"


def test_new_imports_no_terminal_library(process: Any, tmp_path: Path) -> None:
    assert imports(process, HEAVY, "new", str(tmp_path / "mine.toml")) == " 0"


def test_a_reader_that_has_seen_enough_is_no_failure(process: Any) -> None:
    with process("-m", "nntui", "trace", "iris", "--steps", "50") as command:
        assert command.stdout.readline() == b"Three kinds of iris\n"
        command.stdout.close()
        assert command.stderr.read() == b""
    assert command.returncode == 0


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437"])
@pytest.mark.parametrize("arguments", [["list"], ["trace", "exam"], ["train", "exma"]])
def test_any_encoding_will_do(process: Any, arguments: list[str], encoding: str) -> None:
    command = process("-m", "nntui", *arguments, PYTHONIOENCODING=encoding)

    out, err = command.communicate(timeout=60)

    assert command.returncode == (2 if "exma" in arguments else 0)
    assert bool(out) is ("exma" not in arguments)
    assert b"Traceback" not in err


def test_an_interrupt_keeps_what_was_learned(process: Any, tmp_path: Path) -> None:
    path = tmp_path / "spiral.safetensors"
    script = (
        "import sys; from nntui import cli\n"
        "from nntui.engine.trainer import Trainer\n"
        "runner = Trainer.runner\n"
        "def begun(self):\n"
        "    run = runner(self)\n"
        "    def step(k):\n"
        "        if k == 500: print('begun', flush=True)\n"
        "        return run(k)\n"
        "    return step\n"
        "Trainer.runner = begun\n"
        f"sys.argv = 'nntui train spiral --steps 100000000 --save'.split() + [{str(path)!r}]\n"
        "cli.main()\n"
    )
    with process("-c", script) as command:
        assert command.stdout.readline() == b"begun\n"
        command.send_signal(signal.SIGINT)
        out, err = command.communicate(timeout=60)

    assert command.returncode == 130
    assert out == b""
    assert err.decode().split() == ["saved", str(path), "interrupted"]
    assert "output.bias" in load_file(path)


def on_terminal(*arguments: str) -> tuple[int, str, bytes]:
    """Run a command whose standard error is a terminal: exit code, standard error, output."""
    root = Path(__file__).parents[2]
    ours, theirs = pty.openpty()
    command = subprocess.Popen(
        [sys.executable, "-m", "nntui", *arguments],
        cwd=root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "PYTHONPATH": str(root), "TERM": "xterm-256color"},
    )
    os.close(theirs)
    seen = b""
    while select.select([ours], [], [], 60)[0]:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        if not part:
            break
        seen += part
    os.close(ours)
    out, _ = command.communicate(timeout=60)
    return command.returncode, seen.decode(), out


def test_a_terminal_gets_a_progress_bar_and_the_result_stays_apart() -> None:
    code, err, out = on_terminal("train", "circles", "--epochs", "3")

    assert code == 0
    assert "training" in err
    assert "100%" in err
    assert re.fullmatch(rb"train loss [^\n]*\n", out)


def test_a_pipe_gets_no_progress_bar(process: Any) -> None:
    command = process("-m", "nntui", "train", "circles", "--epochs", "3")

    out, err = command.communicate(timeout=60)

    assert (command.returncode, err) == (0, b"")
    assert out.startswith(b"train loss ")
