"""`Recorder`: looks at a session after each command, and writes down what has changed.

Each change is an entry of the journal at once. What the session has computed, which can be computed
again, goes into a snapshot now and then, and at the end.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final, final

from nntui.session import snapshot
from nntui.session.heading import Heading
from nntui.session.journal import Journal
from nntui.session.resume import CLOSED
from nntui.session.session import Session
from nntui.session.standing import Standing, change, digest, whole

_SMALL: Final = 1 << 20
"""Bytes of state whose digest may be taken with every entry."""
_GROWN: Final = 256 << 10
"""Bytes of entries after which a journal is written anew without those that no longer matter."""
_SNAPSHOT_EVERY: Final = 10.0
"""Seconds between two snapshots, at least."""
_SNAPSHOT_SHARE: Final = 100
"""And as many as take this many times as long as a snapshot does."""


@final
class Recorder:
    """Keeps a journal of a session.

    A journal that cannot be written is given up, and the session goes on.

    Args:
        create: makes the journal when there is first something to write.
        claimed: the journal to go on with instead.

    Attributes:
        problem: why nothing is written any more; "" while all is well.
    """

    def __init__(
        self,
        session: Session,
        heading: Heading,
        create: Callable[[Heading, Standing], Journal],
        claimed: Journal | None = None,
    ) -> None:
        self._session = session
        self._heading = heading
        self._create = create
        self._journal = claimed
        self._last: Standing | None = None
        self._base = 0
        self._unsigned = 0
        self._covered = False
        self._snapshot_at = time.monotonic() + _SNAPSHOT_EVERY
        self.problem = ""

    def note(self) -> str:
        """Write down what has changed since the last call; what to tell the user, else ""."""
        if self.problem:
            return ""
        try:
            self._note()
        except OSError as error:
            self.problem = f"this session is not being saved: {error.strerror or error}"
            return self.problem
        return self._take_snapshot() if time.monotonic() >= self._snapshot_at else ""

    def close(self) -> None:
        """Write the end, so that it is known to be complete."""
        journal = self._journal
        if journal is None:
            return
        try:
            if not self.problem and self._last is not None:
                self._note(signed=True)
                journal.append(CLOSED)
                journal.flush()
                self.problem = self._take_snapshot()
        except OSError as error:
            self.problem = f"this session is not saved to its end: {error.strerror or error}"
        journal.close()
        self._journal = None

    def _note(self, *, signed: bool = False) -> None:
        session, last = self._session, self._last
        standing = Standing.of(session)
        if last is None:
            standing = self._signed(standing)
            if self._journal is None:
                self._journal = self._create(self._heading, standing)
            else:
                self._journal.rewrite([self._heading.entry, whole(standing)])
            self._last, self._base = standing, self._journal.size
            return
        journal = self._journal
        if journal is None:
            return
        if change(last, standing):
            self._unsigned += 1
        elif not (signed and self._unsigned):
            return
        if signed or self._unsigned * _SMALL > session.trainer.state.vector.nbytes:
            standing = self._signed(standing)
        entry = change(last, standing) or {"at": whole(standing)["at"]}
        journal.append(entry)
        self._covered = False
        self._last = standing
        if journal.size > 2 * self._base + _GROWN:
            journal.rewrite([self._heading.entry, whole(standing)])
            self._base = journal.size

    def _take_snapshot(self) -> str:
        """Put what the session has computed beside its journal; what to tell the user, else ""."""
        if self._journal is None or self._covered:
            return ""
        self._covered = True
        start = time.monotonic()
        session = self._session
        pasts = snapshot.take(session.timeline, session.watches)
        try:
            path = snapshot.path_beside(self._journal.path)
            snapshot.write(path, self._heading.run(session.seed), pasts)
        except OSError as error:
            # All that the user has done is in the journal.
            self._snapshot_at = math.inf
            reason = error.strerror or error
            return f"there is no snapshot of this session, it will take longer to resume: {reason}"
        end = time.monotonic()
        self._snapshot_at = end + max(_SNAPSHOT_EVERY, _SNAPSHOT_SHARE * (end - start))
        return ""

    def _signed(self, standing: Standing) -> Standing:
        """With the digest of the state at the cursor."""
        self._unsigned = 0
        return replace(standing, place=replace(standing.place, digest=digest(self._session)))
