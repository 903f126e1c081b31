"""What is typed before the app is there: neither echoed nor lost, it is obeyed once it is.

Until then the terminal must not echo, nor wait for whole lines, nor make a line feed of Enter. That
begins before anything heavy is imported, so Textual is not known here.
"""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import Any, Final, NoReturn, final

if sys.platform != "win32":
    import termios

_INPUT: Final = 0
_LOCAL: Final = 3
"""Where the flags for input, and those for echo and lines, stand among a terminal's attributes."""

_KILLED: Final = 128


@final
class Typeahead:
    """Holds the keyboard from `with` on until it is released, which the end of `with` does at last.

    Does nothing where standard input is no terminal.
    """

    def __init__(self) -> None:
        self._before: list[Any] | None = None
        self._handler: Any = signal.SIG_DFL

    def __enter__(self) -> Typeahead:
        if sys.platform != "win32" and sys.stdin is not None and sys.stdin.isatty():
            self._before = termios.tcgetattr(sys.stdin)
            self._handler = signal.signal(signal.SIGTERM, _leave)
            held = list(self._before)
            held[_INPUT] &= ~termios.ICRNL
            held[_LOCAL] &= ~(termios.ECHO | termios.ICANON)
            termios.tcsetattr(sys.stdin, termios.TCSANOW, held)
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        """Leave the terminal as it was; what has been typed stays to be read."""
        if sys.platform != "win32" and self._before is not None:
            termios.tcsetattr(sys.stdin, termios.TCSANOW, self._before)
            signal.signal(signal.SIGTERM, self._handler)
            self._before = None


def _leave(number: int, _: FrameType | None) -> NoReturn:
    """End by way of all that is to be left in order, and not on the spot."""
    sys.exit(_KILLED + number)
