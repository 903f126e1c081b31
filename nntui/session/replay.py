"""`Replay`: a branch run over again, beside the session and without touching it.

It starts from the branch's own checkpoints and makes the changes that were made by hand, so the
same bits come out; only the memory is another.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import final

from nntui.engine.trainer import Trainer, quiet
from nntui.session.branch import Branch
from nntui.session.now import Now


@final
class Replay:
    """A branch being run over again.

    Args:
        trainer: of the run's model and data; nothing else uses it meanwhile.

    Attributes:
        now: the training step under way.
    """

    def __init__(self, trainer: Trainer, branch: Branch) -> None:
        self.now = Now(trainer)
        self._trainer = trainer
        self._branch = branch
        self._run: Callable[[int], float] | None = None
        self._placed = False

    @property
    def done(self) -> int:
        """How many whole training steps lie before what comes next."""
        return self.now.step if self.now.complete else self.now.step - 1

    def go(self, done: int) -> Generator[float, None, None]:
        """Go to where so many steps are done, reporting how far it has come, from 0 to 1."""
        found, checkpoint = self._branch.nearest(done)
        if not (self._placed and self._between_steps and found <= self.done <= done):
            self._trainer.state.vector[...] = checkpoint
            self.now.resume(found + 1, self._branch.edits_in(found + 1))
            self._placed, self._run = True, None
        start = self.done
        while self.done < done:
            self.step()
            yield (self.done - start) / (done - start)

    def step(self, *, by_op: bool = False) -> None:
        """Do the next step whole: straight through, where nothing is changed in it.

        Args:
            by_op: one op after the other in any case, so that `now` keeps what was of interest in
                the step before.
        """
        step = self.done + 1
        if by_op or not self._between_steps or self._branch.edits_in(step):
            self.begin()
            self.advance(len(self._trainer.program.ops))
            return
        base = self._trainer.state.vector.copy()
        with quiet():
            if self._run is None:
                self._run = self._trainer.runner()
            self._run(step)
        self.now.finish(step, (base,))

    def begin(self) -> None:
        """Begin the next step, with the changes that belong before its first op."""
        if self.now.complete:
            step = self.now.step + 1
            self.now.begin(step, self._branch.edits_in(step))

    def advance(self, op: int) -> None:
        """Run ops of the step under way up to number `op`."""
        self._run = None
        self.now.advance(op)

    @property
    def _between_steps(self) -> bool:
        return self.now.complete or not self.now.done
