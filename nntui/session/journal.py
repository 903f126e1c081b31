"""The journal of a session: a file of entries that is only ever added to, or replaced whole.

What kills the process can cost no more than the line that is being written.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, final

from nntui.session.entries import Entry, encode

if sys.platform != "win32":
    import fcntl

_FLUSH_EVERY: Final = 5.0
"""Seconds between two requests that the system put the file on the disk itself."""


@final
class Journal:
    """A journal being written, by this process alone.

    Attributes:
        path: of the file.
        size: how many bytes it has.
    """

    def __init__(self, path: Path, file: int) -> None:
        self.path = path
        self.size = 0
        self._file = file
        self._checksum = 0
        self._flushed = time.monotonic()

    @classmethod
    def create(cls, path: Path, entries: Sequence[Entry]) -> Journal:
        """Begin a journal.

        Raises:
            OSError: it exists already, or cannot be written.
        """
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        journal = cls(path, -1)
        try:
            journal.rewrite(entries)
        except OSError:
            path.unlink(missing_ok=True)
            raise
        return journal

    @classmethod
    def claim(cls, path: Path) -> Journal | None:
        """Take a journal over, to `rewrite` it; None while another process has it.

        Raises:
            OSError: it cannot be opened for writing.
        """
        while True:
            file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
            if not _lock(file):
                os.close(file)
                return None
            try:
                # It may have been replaced between the two.
                if os.path.samestat(os.fstat(file), path.stat()):
                    return cls(path, file)
            except OSError:
                os.close(file)
                raise
            os.close(file)

    def append(self, entry: Entry) -> None:
        """Add an entry.

        Raises:
            OSError: it cannot be written.
        """
        line, self._checksum = encode(entry, self._checksum)
        _write(self._file, line)
        self.size += len(line)
        if time.monotonic() - self._flushed > _FLUSH_EVERY:
            self.flush()

    def rewrite(self, entries: Iterable[Entry]) -> None:
        """Hold these entries and no others; whatever happens, the file is the old or the new one.

        Raises:
            OSError: it cannot be written, and is as it was.
        """
        lines, checksum = [], 0
        for entry in entries:
            line, checksum = encode(entry, checksum)
            lines.append(line)
        data = b"".join(lines)
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        flags = os.O_CREAT | os.O_TRUNC | os.O_RDWR | os.O_APPEND | os.O_CLOEXEC
        file = os.open(draft, flags, 0o600)
        try:
            _lock(file)
            _write(file, data)
            os.fsync(file)
            os.replace(draft, self.path)
        except OSError:
            os.close(file)
            draft.unlink(missing_ok=True)
            raise
        self.close()
        self._file, self.size, self._checksum = file, len(data), checksum

    def flush(self) -> None:
        """See to it that all entries survive a loss of power, too."""
        os.fsync(self._file)
        self._flushed = time.monotonic()

    def close(self) -> None:
        """Let another process have it."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _lock(file: int) -> bool:
    """Keep other processes from claiming a file; False where one has it."""
    if sys.platform != "win32":
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            # A file system without locks: better unguarded than not at all.
            return True
    return True


def _write(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]
