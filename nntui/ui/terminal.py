"""The terminal around the app: whether it can be used, what it can show, and how it goes away."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
from collections.abc import Mapping
from typing import IO, Any, Final

from textual.app import App
from textual.filter import LineFilter

from nntui.errors import UsageError
from nntui.ui.plain import PlainText

BARE: Final = frozenset({"linux", "vt100", "vt102", "vt220", "ansi"})
"""Terminals whose fonts have no braille."""

HANGUP: Final = 129
INTERRUPTED: Final = 130
TERMINATED: Final = 143
"""Exit codes: 128 and the number of the signal."""


def check_terminal(
    environment: Mapping[str, str], stdin: IO[str] | None, stderr: IO[str] | None
) -> None:
    """Refuses to start where the app would hang, or fill a file with escape codes.

    Raises:
        UsageError: in one line, why not.
    """
    if stdin is None or not stdin.isatty():
        raise UsageError("the app needs a terminal, but standard input is none (try: nntui trace)")
    if stderr is None or not stderr.isatty():
        raise UsageError(
            "the app draws on standard error, which is no terminal here (try: nntui trace)"
        )
    if environment.get("TERM") == "dumb":
        raise UsageError("TERM=dumb cannot show the app (try: nntui trace)")


def filter_for(environment: Mapping[str, str], encoding: str) -> LineFilter | None:
    """What replaces the characters that a terminal cannot show; None where it can show all."""
    if encoding.lower().replace("-", "") not in ("utf8", "utf8sig"):
        return PlainText(ascii_only=True)
    if "NNTUI_ASCII" in environment:
        return PlainText(ascii_only=True)
    if environment.get("TERM", "") in BARE:
        return PlainText(ascii_only=environment.get("TERM") != "linux")
    return None


def watch_signals(app: App[Any]) -> None:
    """Ends the app properly on SIGTERM and SIGHUP, and at once when the terminal is gone."""
    if app.is_headless or sys.platform == "win32":
        return
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, lambda: app.exit(return_code=TERMINATED))
    loop.add_signal_handler(signal.SIGHUP, lambda: app.exit(return_code=HANGUP))
    poll = select.poll()
    poll.register(sys.__stdin__.fileno() if sys.__stdin__ else 0, 0)

    def gone() -> None:
        if any(event & select.POLLHUP for _, event in poll.poll(0)):
            os._exit(HANGUP)

    app.set_interval(1.0, gone)
