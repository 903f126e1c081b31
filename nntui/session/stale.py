"""What a change by hand has left behind: numbers that were computed before it, and hang on it.

A number is stale where it would come out differently had the change been made as soon as the
changed number was there. So both are done, on a machine of their own: the step up to the change as
it was, and the same with the change made early. Where they differ, numbers are stale, until their
op runs again: in the next step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import blake2b
from typing import Final, final

import numpy as np

from nntui.engine.options import Array
from nntui.engine.tensor import Setting
from nntui.engine.trainer import Trainer
from nntui.session.edit import Edit
from nntui.session.frame import Stale
from nntui.session.now import Now
from nntui.session.position import Position
from nntui.session.sight import Sight

_KEPT: Final = 64
"""Answers that are kept."""

Marks = Mapping[str, tuple[Stale, ...]]


@final
class Staleness:
    """Knows what is stale in the step under way.

    Args:
        sight: what the cursor has reached.
    """

    def __init__(self, now: Now, sight: Sight) -> None:
        self._now = now
        self._sight = sight
        self._shadow: Now | None = None
        self._known: dict[object, Marks] = {}

    def marks(self, position: Position) -> Marks:
        """The stale numbers at a position, by tensor."""
        return self._marks(self._now.start, position.step, self._sight.changes(position))

    def loss(self, position: Position) -> tuple[Stale, ...]:
        """Whether the newest loss is stale: this step's, or until there is one the step's before.

        A loss that is stale stays so until the next one is computed.
        """
        if self._sight.reached("loss", position):
            return self.marks(position).get("loss", ())
        start, edits = self._now.previous, self._now.previous_edits
        if start is None:
            return ()
        return self._marks(start, position.step - 1, edits).get("loss", ())

    def _marks(self, start: Array, step: int, edits: tuple[Edit, ...]) -> Marks:
        """The stale numbers of a step after some changes.

        Args:
            start: the state in which it began.
        """
        if not edits:
            return {}
        key = step, edits, blake2b(start.tobytes()).digest()
        if key not in self._known:
            if len(self._known) >= _KEPT:
                self._known.clear()
            found: dict[str, tuple[Stale, ...]] = {}
            for number in self._standing(edits):
                for name, stale in self._behind(start, step, edits[: number + 1]).items():
                    found[name] = (*found.get(name, ()), stale)
            self._known[key] = found
        return self._known[key]

    def _standing(self, edits: tuple[Edit, ...]) -> list[int]:
        """Which changes count: of several of the same number, the last."""
        last = {(e.tensor, e.index, self._born(e)): k for k, e in enumerate(edits)}
        return sorted(last.values())

    def _behind(self, start: Array, step: int, edits: tuple[Edit, ...]) -> dict[str, Stale]:
        """What the last of some changes has left behind."""
        *earlier, edit = edits
        born = self._born(edit)
        if born == edit.op or self._is_for_later(edit):
            return {}
        same = (edit.tensor, edit.index, born)
        others = [e for e in earlier if (e.tensor, e.index, self._born(e)) != same]
        early = sorted([*others, replace(edit, op=born)], key=lambda e: e.op)
        was = self._run(start, step, edits, edit.op)
        would_be = self._run(start, step, tuple(early), edit.op)
        found = {}
        for name, numbers in was.items():
            other = would_be[name]
            differs = (numbers != other) & ~(np.isnan(numbers) & np.isnan(other))
            if differs.any():
                found[name] = Stale(differs, edit)
        return found

    def _run(self, start: Array, step: int, edits: tuple[Edit, ...], op: int) -> dict[str, Array]:
        """The numbers of a step after an op."""
        if self._shadow is None:
            trainer = self._now.trainer
            self._shadow = Now(Trainer(trainer.model, trainer.dataset))
        shadow = self._shadow
        shadow.trainer.state.vector[...] = start
        shadow.resume(step, edits)
        shadow.advance(op)
        return {name: shadow.now(name).copy() for name in self._sight.names}

    def _born(self, edit: Edit) -> int:
        """The op that had made the number when it was changed; 0 where the step began with it."""
        batched = self._now.trainer.program.tensors[edit.tensor].batched
        maker = self._sight.maker(edit.tensor, edit.index[1:] if batched else edit.index)
        return maker if maker <= edit.op else 0

    def _is_for_later(self, edit: Edit) -> bool:
        """Whether all that it changes is what the next step begins with."""
        program = self._now.trainer.program
        setting = isinstance(program.tensors[edit.tensor].storage, Setting)
        return edit.op == len(program.ops) and (setting or self._sight.is_state(edit.tensor))
