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
from nntui.errors import UsageError
from nntui.session.branch import Branch, unused
from nntui.session.edit import Edit, Moment
from nntui.session.history import DEFAULT_BUDGET, Budget, History
from nntui.session.losses import Losses
from nntui.session.now import Now
from nntui.session.straight import (
    Look,
    left_finite,
    steps_between_checkpoints,
    steps_between_tests,
    stretch,
)

_REPORT_EVERY: Final = 256
"""Steps between two reports of a long replay."""


@final
class Timeline:
    """A trainer and its past.

    Args:
        budget: bytes for checkpoints.

    Attributes:
        now: the training step under way.
        budget: the memory for the checkpoints of all branches.
        branches: by name, in the order in which they were made.
        branch: the one the timeline is on.
    """

    def __init__(self, trainer: Trainer, budget: int = DEFAULT_BUDGET) -> None:
        self.trainer = trainer
        self.now = Now(trainer)
        self.budget = Budget(budget, trainer.state.vector)
        self._loss = trainer.program.find("loss", "loss")
        # Whether the state is that of a replay that was left on its way.
        self._away = False
        history = self.new_history(trainer.state.vector, 0)
        self.branch = Branch("main", history, steps_between_tests(trainer))
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

    def reach(self, step: int, op: int, *, inside: bool = False) -> None:
        """Go to where op number `op` of a training step has run, and none after it.

        Args:
            inside: whether the cursor will stand inside the op, before what was changed after it.
        """
        held = inside and any(e.op == op for e in self.branch.edits_in(step))
        for _ in self.seek(step, op - 1 if held else op):
            pass
        if held:
            self.advance(op, inside=True)

    def seek(self, step: int, op: int) -> Iterator[float]:
        """Go there as `reach` does, reporting now and then how far it has come, from 0 to 1.

        The iterator may be dropped at any report; `reach` then brings the timeline anywhere again.
        """
        now = self.now
        if self._away:
            yield from self._replay(step)
        elif step == now.step:
            if op < now.done:
                now.retreat(op)
        elif step == now.step + 1:
            self.advance(len(self.trainer.program.ops))
            self._begin(step)
        else:
            yield from self._replay(step)
        self.advance(op)

    def advance(self, op: int, *, inside: bool = False) -> None:
        """Run ops of the step under way up to number `op`, and keep what it has to tell."""
        now, loss = self.now, self._loss
        was = now.done
        if loss is not None and was < loss.number <= op:
            # What the op has made of it, before a hand changes it.
            now.advance(loss.number, inside=True)
            self.losses.record(now.step, float(now.now("loss")))
        now.advance(op, inside=inside)
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
            if self.branch.unasked_after(here):
                self.branch.forget_after(here, self._loss)
            else:
                self.fork()
                self.branch.automatic = True
        edit = Edit(*here, tensor, index, value)
        self.branch.edits.append(edit)
        self.now.revise(self.branch.edits_in(here[0]))
        if self.now.complete:
            # What is known of the end of the step was taken without the edit.
            self.branch.history.forget_after(here[0] - 1)
            self._completed(here[0])
        return edit

    def withdraw(self, edit: Edit) -> None:
        """Take an edit of this branch back, and all that came after it.

        The timeline is then at the beginning of the training step in which it was made.
        """
        self.reach(edit.step, 0)
        self.branch.cut(edit.moment)
        self.branch.edits.remove(edit)
        self.now.revise(self.branch.edits_in(edit.step))

    def fork_without(self, edit: Edit) -> Branch:
        """Begin a branch that is like this one up to an edit, but without it, and go on it.

        The timeline is then at the beginning of the training step in which it was made.
        """
        self.reach(edit.step, 0)
        branch = self._begin_branch(unused(self.branch.name, self.branches), edit.moment)
        branch.edits.remove(edit)
        branch.losses.cut(edit.step - 1)
        branch.frontier = edit.step, 0
        branch.automatic = True
        self.now.revise(branch.edits_in(edit.step))
        return branch

    def begin_anew(self) -> None:
        """Go to the beginning of a branch on which nothing is changed, a new one if need be."""
        unchanged = [branch for branch in self.branches.values() if not branch.edits]
        if self.branch.edits and unchanged:
            self.switch(unchanged[0].name)
        self.reach(1, 0)
        if self.branch.edits:
            branch = self._begin_branch(unused(self.branch.name, self.branches), (1, 0))
            branch.edits.clear()
            branch.losses.cut(0)
            self.now.revise(())

    def drop(self, branch: Branch) -> None:
        """Forget a branch other than the one the timeline is on; its branches are its parent's."""
        for other in self.branches.values():
            if other.parent is branch:
                other.parent = branch.parent
        del self.branches[branch.name]

    def fork(self, name: str = "") -> Branch:
        """Begin a branch where the timeline is, and go on it.

        Raises:
            UsageError: there is a branch of that name.
        """
        name = name or unused(self.branch.name, self.branches)
        if name in self.branches:
            raise UsageError(f"there is a branch '{name}' already")
        return self._begin_branch(name, (self.now.step, self.now.done))

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
        missing, now.last.interest = tensors - now.last.interest, tensors
        if missing and now.step > 1:
            done = now.done
            for _ in self._replay(now.step):
                pass
            self.advance(done)

    def straight(self, count: int, look: Look | None = None) -> bool:
        """Run whole steps straight through; False where a number was not finite.

        Then the step under way is the one that made it, up to the op that did. With `look`, the run
        ends before a step for which that says yes, and before one in which something is edited.
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

    def _run_to(self, last: int, look: Look | None = None) -> bool:
        """Run the steps up to `last`, in which nothing is edited; less far where `look` says so."""
        now, trainer, history = self.now, self.trainer, self.branch.history
        if now.complete:
            self._begin(now.step + 1)
        first, done = now.step, now.step - 1
        bases: list[Array] = []
        past: dict[str, Array] = {}
        losses: list[float] = []
        tests = () if trainer.dataset.test is None else self.tests.due(first, last)
        kept = history.places(first, last)
        stops = {*kept, *tests, last - 2, last - 1, last}
        with quiet():
            run = trainer.runner()
            for stop in sorted(stop for stop in stops if stop >= done):
                found, asked = stretch(run, done + 1, stop, look)
                losses += found
                # Looking at each is only needed where the sum is not finite, which is quick to see.
                if not (math.isfinite(sum(found)) or all(map(math.isfinite, found))):
                    break
                if asked:
                    now.rewind()
                    before = done + len(found) - 1
                    return before < first or self._run_to(before)
                done = stop
                if last - 2 <= done < last:
                    bases.append(trainer.state.vector.copy())
                if done == last - 1:
                    trainer.settle(done)
                    past = now.last.take(done)
                if done in kept:
                    history.keep(done, trainer.state.vector)
                if done in tests and self.tests.at(done) is None:
                    self._take_test_loss(done)
        if done < last:
            fine = next(k for k, loss in enumerate(losses) if not math.isfinite(loss))
            self.losses.extend(first, losses[:fine])
            return self._find_fault(first + fine)
        self.losses.extend(first, losses)
        if not left_finite(trainer, last):
            return self._find_fault(last)
        now.finish(last, bases, past, finite=True)
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
        # What this branch has not been through is run even where another knows the state after it:
        # there are losses to take.
        found, checkpoint = branch.nearest(min(wanted, self.farthest))
        self._away = True
        state[...] = checkpoint
        branch.history.revisit(found)
        start, fill = found, branch.history.fill
        known, edited = self.farthest, branch.next_edited(found + 1)
        with quiet():
            run = self.trainer.runner()
            for k in range(found + 1, wanted + 1):
                if k == edited:
                    self._resume(k)
                    self.advance(len(self.trainer.program.ops))
                    run, edited = self.trainer.runner(), branch.next_edited(k + 1)
                else:
                    loss = run(k)
                    if k > known:
                        self._first_through(k, loss)
                fill(k, state)
                if not (k - start) % _REPORT_EVERY:
                    yield (k - start) / (wanted - start)
        self._resume(wanted + 1)
        self._away = False
        if step > wanted + 1:
            if self.now.edits:
                self.advance(len(self.trainer.program.ops))
            else:
                loss = self.now.run_through()
                if wanted + 1 > known:
                    self._first_through(wanted + 1, loss)
            self._begin(step)

    def _first_through(self, step: int, loss: float) -> None:
        """A step has been run for the first time, on the way to a later one."""
        self.losses.record(step, loss)
        self._been_to(step, len(self.trainer.program.ops))
        self._completed(step)

    def _begin_branch(self, name: str, moment: Moment) -> Branch:
        """Begin a branch off this one in the training step under way, and go on it."""
        now, parent = self.now, self.branch
        history = self.new_history(now.start, now.step - 1)
        self.branch = Branch(name, history, parent.tests.every, parent=parent, fork=moment)
        self.branches[name] = self.branch
        return self.branch

    def _begin(self, step: int) -> None:
        self.now.begin(step, self.branch.edits_in(step))

    def _resume(self, step: int) -> None:
        self.now.resume(step, self.branch.edits_in(step))

    def _been_to(self, step: int, op: int) -> None:
        self.branch.frontier = max(self.branch.frontier, (step, op))

    def _find_fault(self, last: int) -> bool:
        """Go op by op from the step under way to the first number that is not finite."""
        now = self.now
        now.rewind()
        while now.fault is None and not (now.step == last and now.complete):
            if now.complete:
                self._begin(now.step + 1)
            self.advance(now.done + 1)
        return False

    def _completed(self, step: int) -> None:
        self.branch.history.keep(step, self.trainer.state.vector)
        if not step % self.tests.every:
            self._take_test_loss(step)

    def new_history(self, state: Array, origin: int) -> History:
        """An empty past of a branch that begins in a state, after so many steps."""
        return History(state, origin, self.budget, steps_between_checkpoints(self.trainer))

    def _take_test_loss(self, step: int) -> None:
        test = self.trainer.dataset.test
        if test is not None:
            self.tests.record(step, self.trainer.evaluate(test).loss)
