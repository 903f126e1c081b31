"""The README shows what the program does."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from nntui.scenario import bundled
from nntui.session import expressions
from nntui.ui import command_line, keys

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TRACES = re.findall(r"\$ nntui (trace .*?)\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize(("command", "shown"), TRACES, ids=[command for command, _ in TRACES])
def test_traces_print_what_is_shown(command: str, shown: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nntui", *shlex.split(command)],
        capture_output=True,
        check=True,
        encoding="utf-8",
    )

    for part in shown.split("…\n"):
        assert part.strip() in done.stdout


def test_the_keys_are_those_of_the_table() -> None:
    assert keys.markdown() in README


def test_the_commands_are_those_of_the_table() -> None:
    assert command_line.markdown() in README


def test_the_expressions_are_those_of_the_language() -> None:
    assert expressions.markdown() in README


def test_every_bundled_scenario_is_named() -> None:
    assert all(f"`{entry.name}`" in README for entry in bundled())


def test_the_test_command_is_the_one_of_the_ci() -> None:
    commands = [line for line in README.splitlines() if line.endswith("-m tests")]

    assert len(commands) == 1
    assert commands[0] in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
