"""A real terminal: a pty whose other end is pyte's screen."""

from __future__ import annotations

import os
import re
import signal
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pyte
import pytest

ROOT = Path(__file__).resolve().parents[2]
INHERITED = ("NO_COLOR", "COLORTERM", "TERM", "COLUMNS", "LINES", "SSH_CONNECTION")
"""What a program does not get from the terminal of the tests."""

PATIENCE = 30.0
"""Seconds after which something that does not show up is a failure."""


class Terminal:
    """A program in a terminal of its own."""

    def __init__(
        self, arguments: list[str], columns: int, rows: int, environment: dict[str, str]
    ) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self.screen)
        self.raw = ""
        self._child = pexpect.spawn(
            sys.executable,
            arguments,
            dimensions=(rows, columns),
            env=environment,
            encoding="utf-8",
            codec_errors="replace",
            cwd=str(ROOT),
            timeout=PATIENCE,
        )
        self.modes = termios.tcgetattr(self._child.child_fd)

    @property
    def text(self) -> str:
        """What the screen shows."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def press(self, *keys: str) -> None:
        """Sends keys as bytes."""
        for key in keys:
            self._child.send(key)

    def see(self, expected: str | Callable[[str], bool]) -> str:
        """Reads until a text is on the screen."""
        found = expected if callable(expected) else lambda text: expected in text
        end = time.monotonic() + PATIENCE
        while not found(self.text):
            if time.monotonic() > end or not self._read():
                pytest.fail(f"never seen: {expected}\n\n{self.text}")
        return self.text

    def rest(self) -> str:
        """Reads until the program has nothing more to say."""
        said = -1
        while said != len(self.raw):
            said = len(self.raw)
            self._read()
        return self.text

    def leave(self) -> int:
        """Reads to the end of the program; its exit code, negative for a signal."""
        end = time.monotonic() + PATIENCE
        while self._read():
            if time.monotonic() > end:
                pytest.fail(f"does not end\n\n{self.text}")
        self._child.wait()
        return (
            self._child.exitstatus
            if self._child.exitstatus is not None
            else -self._child.signalstatus
        )

    def kill(self, number: signal.Signals) -> None:
        """Sends a signal."""
        self._child.kill(number)

    def suspend(self) -> None:
        """Stops the program as Ctrl+Z in a shell does, and waits until it stands still."""
        self.kill(signal.SIGTSTP)
        end = time.monotonic() + PATIENCE
        while os.waitpid(self._child.pid, os.WUNTRACED | os.WNOHANG) == (0, 0):
            if time.monotonic() > end:
                pytest.fail(f"does not stop\n\n{self.text}")
            self._read()

    def resize(self, columns: int, rows: int) -> None:
        """Another size."""
        self.screen.resize(rows, columns)
        self._child.setwinsize(rows, columns)

    def close(self) -> None:
        """Ends the program, whatever it does."""
        self._child.close(force=True)

    def _read(self) -> bool:
        try:
            data = self._child.read_nonblocking(65536, timeout=1)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += data
        # pyte does not know the private queries with a dollar, nor the kitty keyboard.
        self._stream.feed(re.sub(r"\x1b\[(\?\d+\$p|[<>=][\d;]*u)", "", data))
        return True


Launch = Callable[..., Terminal]


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    """Starts programs in terminals, and sees to it that they are gone in the end."""
    opened: list[Terminal] = []

    def start(*arguments: str, columns: int = 120, rows: int = 36, **environment: str) -> Terminal:
        kept = {k: v for k, v in os.environ.items() if k not in INHERITED}
        kept |= {"TERM": "xterm-256color", "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
        kept["XDG_STATE_HOME"] = str(tmp_path)
        opened.append(Terminal(list(arguments), columns, rows, kept | environment))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()
