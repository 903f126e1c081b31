"""`Timeline`: a run that can be brought to any op of any training step it has been to.

Going back restores the nearest checkpoint and runs forward again from there; since a step is a
function of the state before it and its number, the same bits come out. Nothing is lost by going
back: losses and checkpoints of later steps stay, and going forward again replays them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Final, final

import numpy as np

from nntui.engine.options import Array
from nntui.engine.trainer import Trainer, quiet
from nntui.errors import UsageError
from nntui.session.branch import Branch, Edit
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
        branches: by name, in the order in which they were made.
        branch: the one the timeline is on.
    """

    def __init__(self, trainer: Trainer, budget: int = DEFAULT_BUDGET) -> None:
        self.trainer = trainer
        self.now = Now(trainer)
        self._budget = budget
        self._loss = trainer.program.find("loss", "loss")
        self.branch = Branch("main", History(trainer.state.vector, 0, budget), self._test_every())
        self.branches = {self.branch.name: self.branch}

    @property
    def losses(self) -> Losses:
        """Of every training step that has been run on this branch."""
        return self.branch.losses

    @property
    def tests(self) -> Losses:
        """The test losses of this branch, every few steps."""
        return self.branch.tests

    @property
    def done(self) -> int:
        """How many whole training steps lie before what comes next."""
        return self.now.step if self.now.complete else self.now.step - 1

    @property
    def farthest(self) -> int:
        """The last training step of this branch that has been completed."""
        step, op = self.branch.frontier
        return step if op == len(self.trainer.program.ops) else step - 1

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
            self._begin(step)
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
        self._been_to(now.step, now.done)
        if now.complete and was < now.done:
            self._completed(now.step)

    def edit(self, tensor: str, index: tuple[int, ...], value: float) -> Edit:
        """Change a number where the timeline is.

        Where the branch has been run on from here, that future is left as it is and a new branch
        begins.
        """
        here = self.now.step, self.now.done
        if here < self.branch.frontier:
            self.fork()
        edit = Edit(*here, tensor, index, value)
        self.branch.edits.append(edit)
        self.now.revise(self.branch.edits_in(here[0]))
        return edit

    def undo(self) -> Edit | None:
        """Take the last edit of this branch back, and run to the same op again without it."""
        if not self.branch.edits or self.branch.edits[-1].step < self.branch.fork[0]:
            return None
        here = self.now.step, self.now.done
        edit = self.branch.edits[-1]
        if here < edit.moment:
            here = edit.moment
        self.reach(edit.step, 0)
        self.branch.cut((edit.step, edit.op))
        self.branch.edits.remove(edit)
        self.now.revise(self.branch.edits_in(edit.step))
        self.reach(*here)
        return edit

    def fork(self, name: str = "") -> Branch:
        """Begin a branch where the timeline is, and go on it.

        Raises:
            UsageError: there is a branch of that name.
        """
        now, parent = self.now, self.branch
        name = name or self._new_name(parent.name)
        if name in self.branches:
            raise UsageError(f"there is a branch '{name}' already")
        history = History(now.start, now.step - 1, self._budget // (len(self.branches) + 1))
        here = now.step, now.done
        self.branch = Branch(name, history, parent.tests.every, parent=parent, fork=here)
        self.branches[name] = self.branch
        return self.branch

    def switch(self, name: str) -> None:
        """Go on another branch: to the same op of the same step, or as far as it has been run.

        Raises:
            UsageError: there is no such branch.
        """
        if name not in self.branches:
            raise UsageError(f"there is no branch '{name}' (there are {', '.join(self.branches)})")
        target = self.branches[name]
        here = min((self.now.step, self.now.done), target.frontier)
        self.branch = target
        for _ in self._replay(here[0]):
            pass
        self.advance(here[1])

    def attend(self, tensors: frozenset[str]) -> None:
        """Keep these tensors for one step more; what the step before left in them is found out."""
        now = self.now
        missing, now.interest = tensors - now.interest, tensors
        if missing and now.step > 1:
            done = now.done
            for _ in self._replay(now.step):
                pass
            self.advance(done)

    def straight(self, count: int, look: Callable[[int], bool] | None = None) -> bool:
        """Run whole steps straight through; False where a number was not finite.

        Then the step under way is the one that made it, up to the op that did.

        Args:
            look: asked about each step that has been run. Before a step for which it says yes, and
                before one in which something is edited, the run ends early.
        """
        now = self.now
        last = self.done + count
        while self.done < last:
            edited = self.branch.next_edited(self.done + 1)
            free = last if edited is None else min(last, edited - 1)
            if free > self.done:
                fine = self._run_to(free, look)
                if self.done < free:
                    return fine
            elif look is not None:
                return True
            else:
                if now.complete:
                    self._begin(now.step + 1)
                fine = self._step_through()
            if not fine:
                return False
        return True

    def _run_to(self, last: int, look: Callable[[int], bool] | None = None) -> bool:
        """Run the steps up to `last`, in which nothing is edited; less far where `look` says so."""
        now, trainer, history = self.now, self.trainer, self.branch.history
        if now.complete:
            self._begin(now.step + 1)
        first = now.step
        bases: list[Array] = []
        past: dict[str, Array] = {}
        losses: list[float] = []
        finite, every, due = math.isfinite, self.tests.every, history.due
        test = (first + every - 1) // every * every
        with quiet():
            run = trainer.runner()
            for step in range(first, last + 1):
                if step > last - 2:
                    bases.append(trainer.state.vector.copy())
                if step == last:
                    past = now.remembered(step - 1)
                loss = run(step)
                if not finite(loss):
                    break
                if look is not None and look(step):
                    now.rewind()
                    return step == first or self._run_to(step - 1)
                losses.append(loss)
                if step == due:
                    history.keep(step, trainer.state.vector)
                    due = history.due
                if step == test:
                    if self.tests.at(step) is None:
                        self._take_test_loss(step)
                    test += every
        self.losses.extend(first, losses)
        if len(losses) <= last - first:
            return self._find_fault(first + len(losses))
        if not (trainer.is_finite and self._left_finite(last)):
            return self._find_fault(last)
        now.finish(last, bases, past)
        self._been_to(last, now.done)
        return True

    def _step_through(self) -> bool:
        """Do the step under way op by op; False where a number was not finite."""
        while not self.now.complete:
            self.advance(self.now.done + 1)
            if self.now.fault is not None:
                return False
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
        state, branch = self.trainer.state.vector, self.branch
        # The step before is run as well: a frame also shows what it changed.
        wanted = max(step - 2, 0)
        found, checkpoint = branch.nearest(wanted)
        state[...] = checkpoint
        start = found
        with quiet():
            run = self.trainer.runner()
            for k in range(found + 1, wanted + 1):
                if branch.next_edited(k) == k:
                    self._resume(k)
                    self.advance(len(self.trainer.program.ops))
                    run = self.trainer.runner()
                else:
                    self._replayed(k, run(k))
                branch.history.fill(k, state)
                if not (k - start) % _REPORT_EVERY:
                    yield (k - start) / (wanted - start)
        self._resume(wanted + 1)
        if step > wanted + 1:
            self.advance(len(self.trainer.program.ops))
            self._begin(step)

    def _replayed(self, step: int, loss: float) -> None:
        """A step has been run again, or for the first time on the way to a later one."""
        if step > self.farthest:
            self.losses.record(step, loss)
            self._been_to(step, len(self.trainer.program.ops))
            self._completed(step)

    def _begin(self, step: int) -> None:
        self.now.begin(step, self.branch.edits_in(step))

    def _resume(self, step: int) -> None:
        self.now.resume(step, self.branch.edits_in(step))

    def _been_to(self, step: int, op: int) -> None:
        self.branch.frontier = max(self.branch.frontier, (step, op))

    def _new_name(self, name: str) -> str:
        """A name for a branch off `name` that is not taken."""
        stem = name.rstrip("0123456789").rstrip("-")
        count = 2
        while f"{stem}-{count}" in self.branches:
            count += 1
        return f"{stem}-{count}"

    def _find_fault(self, last: int) -> bool:
        """Go op by op from the step under way to the first number that is not finite."""
        now = self.now
        now.rewind()
        while now.fault is None and not (now.step == last and now.complete):
            if now.complete:
                self._begin(now.step + 1)
            self.advance(now.done + 1)
        return False

    def _left_finite(self, step: int) -> bool:
        """Whether all numbers that a step, the last that has been run, made are finite."""
        memory, ops = self.trainer.memory(step), self.trainer.program.ops
        with quiet():
            if memory.is_finite:
                return True
        return all(np.isfinite(memory.public(op.output)).all() for op in ops)

    def _completed(self, step: int) -> None:
        history = self.branch.history
        if step == history.due:
            history.keep(step, self.trainer.state.vector)
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
