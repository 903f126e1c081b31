"""Branches of a run: what was changed by hand, and where it led.

A branch is a line of training steps. It shares its parent's up to where it was forked off, and has
edits, losses and checkpoints of its own from there.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import final

from nntui.engine.options import Array
from nntui.engine.program import Op
from nntui.session.edit import Edit, Moment
from nntui.session.history import History
from nntui.session.losses import Losses


@final
class Branch:
    """A line of training steps.

    Attributes:
        name: unique in its run.
        parent: the branch it was forked off; None for the first one.
        fork: where it was forked off.
        edits: all that it contains, those it shares with its parent among them, in order of time.
        frontier: how far it has been run.
        wanted, given: from the one to the other it was run without the user's asking, to where one
            was before a change was taken back; equal where there was nothing to run.
        automatic: whether it began by itself, with a change or when one was taken back.
    """

    def __init__(
        self,
        name: str,
        history: History,
        test_every: int,
        *,
        parent: Branch | None = None,
        fork: Moment = (1, 0),
    ) -> None:
        self.name = name
        self.parent = parent
        self.fork = fork
        self.frontier: Moment = fork
        self.wanted: Moment = fork
        self.given: Moment = fork
        self.automatic = False
        self.history = history
        self.edits: list[Edit] = []
        self.losses = Losses()
        self.tests = Losses(test_every)
        if parent is not None:
            self.edits += [e for e in parent.edits if e.moment <= fork]
            self.losses.copy(parent.losses, fork[0])
            self.tests.copy(parent.tests, fork[0] - 1)

    @property
    def completed(self) -> int:
        """The last training step that has been run to its end, as far as the losses tell."""
        return self.frontier[0] - 1

    def unasked(self, step: int) -> bool:
        """Whether no training step after `step` has been run on it because the user wanted to."""
        given = self.frontier <= self.given and self.wanted[0] <= step
        return given or self.frontier[0] <= step

    def unasked_after(self, moment: Moment) -> bool:
        """Whether nothing has been done on it after a moment because the user wanted to."""
        edited = any(e.moment > moment for e in self.edits)
        return self.wanted <= moment and self.frontier <= self.given and not edited

    def edits_in(self, step: int) -> tuple[Edit, ...]:
        """What was changed in a training step, in order of time."""
        return tuple(e for e in self.edits if e.step == step)

    def next_edited(self, step: int) -> int | None:
        """The first training step from `step` on in which something was changed."""
        return min((e.step for e in self.edits if e.step >= step), default=None)

    def nearest(self, done: int) -> tuple[int, Array]:
        """The last checkpoint at or before `done` steps, on this branch or those it came from.

        What those have become since the fork, by an edit taken back, is not this branch's past.
        """
        best: tuple[int, Array] | None = None
        for branch in self.lineage():
            found = branch.history.nearest(shared_steps(self.edits, branch.edits, done))
            if found is not None and (best is None or found[0] > best[0]):
                best = found
        if best is None:
            raise ValueError(f"there is no state after {done} steps")
        return best

    def lineage(self) -> Iterator[Branch]:
        """This branch, its parent, and so on."""
        branch: Branch | None = self
        while branch is not None:
            yield branch
            branch = branch.parent

    def forget_after(self, here: Moment, loss_op: Op | None) -> None:
        """Forget what it has been through after a moment of the step that comes next.

        Args:
            loss_op: the op that computes the loss.
        """
        loss = self.losses.at(here[0])
        self.cut(here)
        self.frontier = here
        if loss_op is not None and loss_op.number <= here[1] and loss is not None:
            self.losses.record(here[0], loss)

    def cut(self, moment: Moment) -> None:
        """Forget what came after a moment."""
        step = moment[0]
        self.edits = [e for e in self.edits if e.moment <= moment]
        self.history.forget_after(step - 1)
        self.losses.cut(step - 1)
        self.tests.cut(step - 1)
        self.frontier = (step, 0)


def shared_steps(one: Sequence[Edit], other: Sequence[Edit], steps: int) -> int:
    """How many of the first `steps` training steps two lines with these edits have in common."""
    differing = (edit.step for edit in {*one} ^ {*other})
    return min(steps, min(differing, default=steps + 1) - 1)


def unused(name: str, taken: Container[str]) -> str:
    """A name for a branch off `name` that is not taken."""
    stem = name.rstrip("0123456789").rstrip("-")
    count = 2
    while f"{stem}-{count}" in taken:
        count += 1
    return f"{stem}-{count}"
