"""Files beside a scenario: which one may be opened."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path

from nntui.scenario.report import Place
from nntui.scenario.text import quote


@dataclass(frozen=True)
class Folder:
    """The folder that paths in a scenario are relative to.

    Attributes:
        path: None where the scenario is not a file.
        allow_outside: whether a path may leave the folder.
    """

    path: Path | None
    allow_outside: bool = False

    def find(self, name: str, place: Place, most_bytes: int) -> Path | None:
        """The file `name`, not yet opened; None after a problem reported at `place`."""
        if self.path is None:
            place.refuse("this scenario is not a file, so there is nothing a path is relative to")
            return None
        try:
            file = (self.path / name).resolve()
            inside = not Path(name).is_absolute() and file.is_relative_to(self.path.resolve())
            if not inside and not self.allow_outside:
                place.refuse(
                    f"{quote(name)} leaves the scenario's folder — copy the file there, "
                    "or allow it with --allow-outside"
                )
                return None
            status = file.stat()
        except (OSError, ValueError, RuntimeError) as error:
            place.refuse(f"cannot read {quote(name)}: {reason(error)}")
            return None
        if not stat.S_ISREG(status.st_mode):
            place.refuse(f"{quote(name)} is not a file")
        elif status.st_size > most_bytes:
            place.refuse(
                f"{quote(name)} has {status.st_size >> 20} MiB; at most {most_bytes >> 20} are read"
            )
        else:
            return file
        return None


def reason(error: Exception) -> str:
    """Why a file could not be read, without its path."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, PermissionError):
        return "permission denied"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error)
