"""The session files of a user: where they are, which is the newest, which are thrown away."""

from __future__ import annotations

import re
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from platformdirs import user_state_path

from nntui.errors import UsageError
from nntui.session.entries import read, recover
from nntui.session.heading import Heading
from nntui.session.journal import Journal
from nntui.session.recorder import Recorder
from nntui.session.resume import Way, examine, revive
from nntui.session.session import Session
from nntui.session.snapshot import path_beside
from nntui.session.standing import Standing, whole

KEPT: Final = 50
"""How many sessions are kept."""
_ENDING: Final = ".nntui"
_HOUR: Final = 3600.0
_PLAIN: Final = Way()


@dataclass(frozen=True)
class Resumed:
    """A session that goes on.

    Attributes:
        notice: what to tell the user; "" where all is as it was.
    """

    session: Session
    recorder: Recorder
    notice: str


def sessions_folder() -> Path:
    """Where sessions are kept."""
    return user_state_path("nntui", appauthor=False) / "sessions"


def record(session: Session, source: Path, *, outside: bool = False) -> Recorder:
    """Keep a new session in a file of its own.

    Args:
        source: the folder of its scenario.
        outside: whether the scenario may read files outside that.
    """
    return Recorder(session, Heading.of(session.scenario, source, outside=outside), _create)


def resume_newest(way: Way = _PLAIN) -> Resumed:
    """Go on with the session that was written to last.

    Args:
        way: how to bring it back.

    Raises:
        UsageError: there is none, or it cannot be brought back.
    """
    skipped: list[str] = []
    for path in _newest_first():
        if recover(read(path)).entries:
            resumed = resume_file(path, way)
            said = [resumed.notice, *(f"{name} cannot be read any more" for name in skipped)]
            return replace(resumed, notice="; ".join(filter(None, said)))
        skipped.append(path.name)
    raise UsageError("there is no saved session yet (begin one: nntui run exam)")


def resume_file(path: Path, way: Way = _PLAIN) -> Resumed:
    """Go on with the session in a file; in a new one, where that one is in use or damaged.

    Args:
        way: how to bring it back.

    Raises:
        UsageError: it is no session file, or cannot be brought back.
    """
    journal, why = _claim(path)
    with ExitStack() as undoing:
        if journal is not None:
            undoing.callback(journal.close)
        saved = examine(path)
        # What this program wrote itself says what was allowed; a file from elsewhere does not.
        ours = path.absolute().parent == sessions_folder().absolute()
        outside = way.allow_outside or (ours and saved.heading.outside)
        way = replace(way, allow_outside=outside)
        session, notice = revive(path, saved, way, in_use=journal is None)
        undoing.pop_all()
    if journal is not None and saved.problem and not saved.harmless:
        journal.close()
        journal, why = None, "the damaged file is left as it is"
    if journal is None:
        notice = "; ".join(filter(None, [notice, f"{why}, and this goes on as a copy"]))
    heading = Heading.of(session.scenario, Path(saved.heading.folder), outside=outside)
    return Resumed(session, Recorder(session, heading, _create, journal), notice)


def _claim(path: Path) -> tuple[Journal | None, str]:
    """The journal to write on; where there is none, why not."""
    try:
        journal = Journal.claim(path)
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such file") from None
    except (OSError, ValueError):
        return None, f"{path.name} cannot be written to"
    return journal, f"{path.name} is open in another nntui"


def _create(heading: Heading, standing: Standing) -> Journal:
    """A new file, named after its scenario and the time."""
    folder = sessions_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    stem = re.sub(r"[^\w-]+", "-", Path(heading.origin).stem).strip("-")[:40] or "session"
    name = f"{stem}-{time.strftime('%Y%m%d-%H%M%S')}"
    for count in range(1, 1000):
        path = folder / (f"{name}-{count}{_ENDING}" if count > 1 else f"{name}{_ENDING}")
        try:
            journal = Journal.create(path, [heading.entry, whole(standing)])
        except FileExistsError:
            continue
        _prune(folder)
        return journal
    raise FileExistsError(0, "there are too many sessions of this second")


def _newest_first() -> list[Path]:
    paths = sessions_folder().glob(f"[!.]*{_ENDING}")
    return sorted(paths, key=lambda path: (_written(path), path.name), reverse=True)


def _written(path: Path) -> float:
    """When a file was last written; 0 where it is gone by now."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _prune(folder: Path) -> None:
    """Delete the oldest sessions, but none that is open; and drafts that were never finished.

    A snapshot goes before its journal, so that none is left alone.
    """
    with suppress(OSError):
        for path in _newest_first()[KEPT:]:
            journal = Journal.claim(path)
            if journal is not None:
                path_beside(path).unlink(missing_ok=True)
                path.unlink(missing_ok=True)
                journal.close()
        for draft in folder.glob(f".*{_ENDING}.*"):
            if 0 < _written(draft) < time.time() - _HOUR:
                draft.unlink(missing_ok=True)
