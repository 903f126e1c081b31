"""`Timeline`: a run that can be brought to any op of any training step it has been to.

Going back restores the nearest checkpoint and runs forward again from there; since a step is a
function of the state before it and its number, the same bits come out. Nothing is lost by going
back: losses and checkpoints of later steps stay, and going forward again replays them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final, final

from nntui.engine.options import Array
from nntui.engine.trainer import Trainer, quiet
from nntui.session.history import DEFAULT_BUDGET, History
from nntui.session.losses import Losses
from nntui.session.now import Now

_TEST_EVERY: Final = 20
"""Test losses are at least this many training steps apart."""
_TEST_SHARE: Final = 20
"""And as many as take this many times the samples that a test loss takes."""
_REPORT_EVERY: Final = 256
"""Steps between two reports of a long replay."""


@final
class Timeline:
    """A trainer and its past.

    Args:
        budget: bytes for checkpoints.

    Attributes:
        now: the training step under way.
        losses: of every training step that has ever been run.
        tests: the test losses, every few steps.
    """

    def __init__(self, trainer: Trainer, budget: int = DEFAULT_BUDGET) -> None:
        self.trainer = trainer
        self.now = Now(trainer)
        self.losses = Losses()
        self.tests = Losses(self._test_every())
        self._loss = trainer.program.find("loss", "loss")
        self._history = History(trainer.state.vector, 0, budget)
        self._farthest = 0

    @property
    def done(self) -> int:
        """How many whole training steps lie before what comes next."""
        return self.now.step if self.now.complete else self.now.step - 1

    @property
    def farthest(self) -> int:
        """The last training step that has ever been completed."""
        return self._farthest

    def reach(self, step: int, op: int) -> None:
        """Go to where op number `op` of a training step has run, and none after it."""
        for _ in self.seek(step, op):
            pass

    def seek(self, step: int, op: int) -> Iterator[float]:
        """Go there as `reach` does, reporting now and then how far it has come, from 0 to 1.

        The iterator may be dropped at any report; `reach` then brings the timeline anywhere again.
        """
        now = self.now
        if step == now.step:
            if op < now.done:
                now.rewind()
        elif step == now.step + 1:
            self.advance(len(self.trainer.program.ops))
            now.begin(step)
        else:
            yield from self._replay(step)
        self.advance(op)

    def advance(self, op: int) -> None:
        """Run ops of the step under way up to number `op`, and keep what it has to tell."""
        now = self.now
        was = now.done
        now.advance(op)
        loss = self._loss
        if loss is not None and was < loss.number <= now.done:
            self.losses.record(now.step, float(now.now("loss")))
        if now.complete and was < now.done:
            self._completed(now.step)

    def straight(self, count: int) -> bool:
        """Run whole steps straight through; False where a number was not finite.

        Then the step under way is the one that made it, up to the op that did.
        """
        now, trainer, history = self.now, self.trainer, self._history
        if now.complete:
            now.begin(now.step + 1)
        first, last = now.step, now.step + count - 1
        bases: list[Array] = []
        every, record, due = self.tests.every, self.losses.record, history.due
        with quiet():
            run = trainer.runner()
            for step in range(first, last + 1):
                if step > last - 2:
                    bases.append(trainer.state.vector.copy())
                loss = run(step)
                if not math.isfinite(loss):
                    return self._find_fault(step)
                record(step, loss)
                if step == due:
                    history.keep(step, trainer.state.vector)
                    due = history.due
                if not step % every:
                    self._take_test_loss(step)
        if not trainer.is_finite:
            return self._find_fault(last)
        now.finish(last, bases)
        self._farthest = max(self._farthest, last)
        return True

    def complete_step(self) -> bool:
        """Complete the step under way, if one is; False where that makes a number not finite.

        Then it is complete only up to the op that made it.
        """
        now = self.now
        known = now.fault is not None
        while now.done and not now.complete:
            self.advance(now.done + 1)
            if not known and now.fault is not None:
                break
        return known or now.fault is None

    def _replay(self, step: int) -> Iterator[float]:
        """Bring the state to the beginning of a step, and begin it."""
        now, state, history = self.now, self.trainer.state.vector, self._history
        # The step before is run as well: a frame also shows what it changed.
        wanted = max(step - 2, 0)
        found, checkpoint = history.nearest(wanted)
        if found <= self.done <= wanted and self._at_rest():
            found = self.done
        else:
            state[...] = checkpoint
        start = found
        with quiet():
            run = self.trainer.runner()
            for k in range(found + 1, wanted + 1):
                loss = run(k)
                history.fill(k, state)
                if k > self._farthest:
                    self.losses.record(k, loss)
                    self._completed(k)
                if not (k - start) % _REPORT_EVERY:
                    yield (k - start) / (wanted - start)
        now.resume(wanted + 1)
        if step > wanted + 1:
            self.advance(len(self.trainer.program.ops))
            now.begin(step)

    def _at_rest(self) -> bool:
        """Whether the state is that between two steps."""
        return self.now.complete or not self.now.done

    def _find_fault(self, last: int) -> bool:
        """Go op by op from the step under way to the first number that is not finite."""
        now = self.now
        now.rewind()
        while now.fault is None and not (now.step == last and now.complete):
            if now.complete:
                now.begin(now.step + 1)
            self.advance(now.done + 1)
        return False

    def _completed(self, step: int) -> None:
        self._farthest = max(self._farthest, step)
        if step == self._history.due:
            self._history.keep(step, self.trainer.state.vector)
        if not step % self.tests.every:
            self._take_test_loss(step)

    def _test_every(self) -> int:
        """How many steps apart test losses are taken: at ends of epochs, not too often."""
        test, per_epoch = self.trainer.dataset.test, self.trainer.steps_per_epoch
        samples = 0 if test is None else len(test)
        apart = max(_TEST_EVERY, _TEST_SHARE * samples // self.trainer.batches.size)
        return -(-apart // per_epoch) * per_epoch

    def _take_test_loss(self, step: int) -> None:
        test = self.trainer.dataset.test
        if test is not None:
            self.tests.record(step, self.trainer.evaluate(test).loss)
