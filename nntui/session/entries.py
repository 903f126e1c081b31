"""Entries of a session file: one line each, so written that any damage is noticed.

A line is `checksum length entry`: the CRC-32 of the entry, carried on from the line before it, the
entry's length in bytes, and the entry as JSON. So a changed, lost, added or moved line is noticed,
and everything before it is still good.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zlib import crc32

from nntui.errors import UsageError

Entry = dict[str, Any]
"""A JSON object."""

_LARGEST: Final = 256 << 20


@dataclass(frozen=True)
class Found:
    """What a journal holds.

    Attributes:
        entries: all up to the first damage.
        problem: the damage, in words; "" where there is none.
        torn: whether all that is wrong is that the last line has no end.
    """

    entries: tuple[Entry, ...]
    problem: str = ""
    torn: bool = False


def encode(entry: Entry, checksum: int) -> tuple[bytes, int]:
    """The line of an entry that follows one of this checksum, and its own checksum."""
    text = json.dumps(entry, separators=(",", ":"), ensure_ascii=True).encode()
    checksum = crc32(text, checksum)
    return b"%08x %d %s\n" % (checksum, len(text), text), checksum


def recover(data: bytes) -> Found:
    """Every entry of a journal's bytes, up to the first that is damaged."""
    entries: list[Entry] = []
    size = checksum = 0
    while size < len(data):
        end = data.find(b"\n", size) + 1
        entry = _decode(data[size:end], checksum) if end else None
        if entry is None:
            problem = f"entry {len(entries) + 1} is damaged" if end else "its last entry is cut off"
            return Found(tuple(entries), problem, torn=not end)
        entries.append(entry)
        checksum = int(data[size : size + 8], 16)
        size = end
    return Found(tuple(entries))


def _decode(line: bytes, checksum: int) -> Entry | None:
    """The entry of a line; None where it is damaged."""
    parts = line.split(b" ", 2)
    if len(parts) < 3:
        return None
    text = parts[2][:-1]
    if line != b"%08x %d %s\n" % (crc32(text, checksum), len(text), text):
        return None
    try:
        entry = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def read(path: Path) -> bytes:
    """The bytes of a journal.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{path}: cannot be read: {reason}") from None
    if len(data) > _LARGEST:
        raise UsageError(f"{path}: is too large for a session")
    return data
