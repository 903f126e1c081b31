"""What a change by hand has left behind: numbers that were computed before it, and hang on it.

A number is stale where it would come out differently had the change been made as soon as the
changed number was there. So both are done, on a machine of their own: the step up to the change as
it was, and the same with the change made early. Where they differ, numbers are stale, until their
op runs again: in the next step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Final, final

import numpy as np

from nntui.engine.options import Array
from nntui.engine.trainer import Trainer
from nntui.session.edit import Edit
from nntui.session.frame import Mask, Stale
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
        start, edits = self._now.last.state, self._now.last.edits
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
            self._known[key] = self._find(start, step, edits)
        return self._known[key]

    def _find(self, start: Array, step: int, edits: tuple[Edit, ...]) -> Marks:
        last = {(e.tensor, e.index, self._born(e)): k for k, e in enumerate(edits)}
        standing = sorted(last.values())
        # What one change has left behind, another may have set right.
        early = [self._moved(edits[k]) for k in standing]
        off = self._differing(start, step, edits, early)
        found: dict[str, tuple[Stale, ...]] = {}
        for number in standing:
            edit = edits[number]
            same = (edit.tensor, edit.index, self._born(edit))
            earlier = edits[:number]
            others = [e for e in earlier if (e.tensor, e.index, self._born(e)) != same]
            alone = [*others, self._moved(edit)]
            behind = self._differing(start, step, edits[: number + 1], alone)
            for name in behind.keys() & off.keys():
                numbers = behind[name] & off[name]
                if numbers.any():
                    found[name] = (*found.get(name, ()), Stale(numbers, edit))
        return {name: found[name] for name in self._sight.names if name in found}

    def _differing(
        self, start: Array, step: int, edits: Sequence[Edit], others: Sequence[Edit]
    ) -> dict[str, Mask]:
        """Which numbers would be others with other changes, after the last of `edits`."""
        if sorted(edits, key=_moment) == sorted(others, key=_moment):
            return {}
        op = edits[-1].op
        was, would_be = (self._run(start, step, each, op) for each in (edits, others))
        found: dict[str, Mask] = {}
        for name, numbers in was.items():
            other = would_be[name]
            both_nan = np.isnan(numbers) & np.isnan(other)
            found[name] = np.asarray((numbers != other) & ~both_nan)
        return found

    def _moved(self, edit: Edit) -> Edit:
        """The change as soon as the number was there; one for the next step stays as it is."""
        last = len(self._now.trainer.program.ops)
        if edit.op == last and self._sight.is_state(edit.tensor):
            return edit
        return replace(edit, op=self._born(edit))

    def _run(self, start: Array, step: int, edits: Sequence[Edit], op: int) -> dict[str, Array]:
        """The numbers of a step after an op."""
        if self._shadow is None:
            trainer = self._now.trainer
            self._shadow = Now(Trainer(trainer.model, trainer.dataset))
        shadow = self._shadow
        shadow.trainer.state.vector[...] = start
        shadow.resume(step, sorted(edits, key=_moment))
        shadow.advance(op)
        return {name: shadow.now(name).copy() for name in self._sight.names}

    def _born(self, edit: Edit) -> int:
        """The op that had made the number when it was changed; 0 where the step began with it."""
        batched = self._now.trainer.program.tensors[edit.tensor].batched
        maker = self._sight.maker(edit.tensor, edit.index[1:] if batched else edit.index)
        return maker if maker <= edit.op else 0


def _moment(edit: Edit) -> int:
    return edit.op
