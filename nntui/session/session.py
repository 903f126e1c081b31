"""`Session`: a run under a debugger. Where the cursor stands, and every way to move it on."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import Final, final

from nntui.engine.model import CLASSIFICATION
from nntui.engine.options import Array
from nntui.engine.program import Op
from nntui.engine.trainer import Score, Trainer, quiet
from nntui.scenario.model import Scenario
from nntui.session.frame import Frame, ParameterRow
from nntui.session.losses import Losses
from nntui.session.network import picture
from nntui.session.now import Now
from nntui.session.position import Depth, Position
from nntui.session.view import View

_TEST_EVERY: Final = 20
"""Test losses are at least this many training steps apart."""
_TEST_SHARE: Final = 20
"""And as many as take this many times the samples that a test loss takes."""
_SLICE: Final = 0.002
"""Seconds to run between two looks at the clock."""
_SLICE_STEPS: Final = 64
"""The most training steps in a slice."""


@final
class Session:
    """A scenario being run.

    The cursor stands on what was done last. Stepping forward goes to the next boundary of a depth:
    the end of a term, an element, an op, a layer's part of a phase, a phase, a training step or an
    epoch.

    Attributes:
        depth: how far `forward` goes.
        losses: of every training step so far.
        network: what does not change while the run goes on.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.depth = Depth.OP
        self.seed = scenario.model.seed
        self._sample = 0
        self._focus: tuple[str, int] = ("", 0)
        self._start(Trainer(scenario.model, scenario.data))

    def _start(self, trainer: Trainer) -> None:
        self.trainer = trainer
        self.network = picture(trainer, self.scenario.title, self.scenario.about)
        self.position = Position(1)
        self._loss = trainer.program.find("loss", "loss")
        self._now = Now(trainer)
        self._view = View(self._now, self.network, self.scenario.notes)
        self.losses = Losses()
        self._test = Losses(self._test_every())
        self._stopped: Position | None = None
        self._slice = 1

    @property
    def frame(self) -> Frame:
        """The picture of the run at the cursor."""
        return self._view.frame(
            self.position,
            self.depth,
            sample=self.sample,
            focus=self._focus,
            seed=self.seed,
            finished=self.at_end,
            train=self.losses,
            test=self._test,
        )

    @property
    def at_end(self) -> bool:
        """Whether all epochs have been done."""
        last = self.network.epochs * self.network.steps_per_epoch
        step = self.position.step
        return step > last or (step == last and self._whole())

    @property
    def sample(self) -> int:
        """Which sample of the batch is shown, from 0."""
        return min(self._sample, self._now.memory.batch - 1)

    @sample.setter
    def sample(self, sample: int) -> None:
        self._sample = max(0, min(sample, self.trainer.batches.size - 1))

    def focus(self, layer: str, unit: int) -> None:
        """Show this neuron's element of an op, where the op is stepped over whole."""
        self._focus = (layer, unit)

    def forward(self, depth: Depth | None = None) -> None:
        """Go to the next boundary of a depth (of the session's own, where none is given)."""
        depth = self.depth if depth is None else depth
        if depth <= Depth.ELEMENT:
            self._move(self._next_cell(depth))
        elif depth is Depth.EPOCH:
            per_epoch = self.network.steps_per_epoch
            last = -(-self._pending()[0] // per_epoch) * per_epoch
            fine = self._complete_step()
            while fine and self._step_done() < last:
                fine = self._straight(min(_SLICE_STEPS, last - self._step_done()))
        else:
            step, op = self._pending()
            self._move(self._complete(step, self._last_of_group(op, depth)))

    def forward_op(self) -> None:
        """Complete the next op."""
        self.forward(Depth.OP)

    def look(self, tensor: str) -> Array:
        """A tensor of the current training step, in its public shape."""
        return self._now.now(tensor)

    def samples(self, op: int) -> int:
        """How many samples the output of op number `op` has; 1 where it has no batch axis."""
        return self._view.samples(op)

    def one_line(self, op: int, element: int, sample: int) -> str:
        """`z₁ = 0.2 × 3 + 0.3 × 7 + 0.5 = 3.2`: an element of an op that has been done."""
        return self._view.one_line(op, element, sample)

    def into(self) -> None:
        """Go one depth finer, then forward."""
        self.depth = Depth(max(self.depth - 1, Depth.TERM))
        self.forward()

    def finish(self) -> None:
        """Go one depth coarser, and forward to the end of what encloses the cursor there."""
        self.depth = Depth(min(self.depth + 1, Depth.EPOCH))
        if not self._at_boundary(self.depth):
            self.forward()

    def jump(self, op: int) -> None:
        """Go to where op number `op` of this training step has just been done."""
        op = max(0, min(op, len(self.trainer.program.ops)))
        if op < self._now.done:
            self._now.rewind()
        self._move(self._complete(self.position.step, op))

    def restart(self, seed: int | None = None) -> None:
        """Begin again: with the same initial weights, or those of another seed."""
        if seed is not None and seed != self.seed:
            self.seed = seed
            model = replace(self.scenario.model, seed=seed)
            self._start(Trainer(model, self.scenario.data))
        else:
            self.trainer.state.reset()
            self._start(self.trainer)

    def run(self, deadline: float) -> int:
        """Run whole training steps until a time, the end of the run, or a number gone wrong.

        A loss, parameter or moment that is not finite stops it, and the cursor then stands on the
        op that made it.

        Args:
            deadline: a value of `time.perf_counter()`.

        Returns:
            How many steps were done; 0 also right after it has stopped.
        """
        stopped, self._stopped = self._stopped, None
        if stopped is not None and stopped == self.position:
            return 0
        first = self._step_done()
        last = self.network.epochs * self.network.steps_per_epoch
        fine = self._complete_step()
        while fine and self._step_done() < last and (start := time.perf_counter()) < deadline:
            fine = self._straight(min(self._slice, last - self._step_done()))
            slow = time.perf_counter() - start > _SLICE
            self._slice = max(1, self._slice // 2) if slow else min(2 * self._slice, _SLICE_STEPS)
        done = self._step_done() - first
        if not fine and done:
            self._stopped = self.position
        return done

    def score(self) -> tuple[Score, Score | None]:
        """Loss and accuracy on all the training data, and on the test data where there is any."""
        data = self.trainer.dataset
        test = None if data.test is None else self.trainer.evaluate(data.test)
        return self.trainer.evaluate(data.train), test

    def column_rows(self, column: int, unit: int) -> tuple[ParameterRow, ...]:
        """The incoming weights and the bias of one neuron."""
        return self._view.column_rows(self.network.columns[column], unit, self.position)

    def parameter_rows(self, parameter: str, limit: int) -> tuple[ParameterRow, ...]:
        """The first `limit` numbers of a parameter."""
        return self._view.parameter_rows(parameter, limit, self.position)

    @property
    def is_classification(self) -> bool:
        """Whether the task has an accuracy."""
        return self.scenario.model.training.loss.type in CLASSIFICATION

    # --- moving ----------------------------------------------------------------------------------

    def _ops(self) -> tuple[Op, ...]:
        return self.trainer.program.ops

    def _pending(self) -> tuple[int, int]:
        """(step, op) of the op that is under way, or comes next."""
        step, op = self.position.step, self.position.op
        if op and self._partial():
            return step, op
        return (step, op + 1) if op < len(self._ops()) else (step + 1, 1)

    def _partial(self) -> bool:
        op = self.position.op
        return op > 0 and self.position.element < self.network.ops[op - 1].elements

    def _whole(self) -> bool:
        """Whether the cursor stands at the end of a step."""
        return self.position.op == len(self._ops()) and not self._partial()

    def _complete(self, step: int, op: int) -> Position:
        return Position(step, op, self.network.ops[op - 1].elements if op else 0)

    def _last_of_group(self, op: int, depth: Depth) -> int:
        """The last op that belongs together with `op` at a depth."""
        ops = self.network.ops
        if depth is Depth.STEP:
            return len(ops)
        if depth is Depth.OP:
            return op

        def group(number: int) -> tuple[str, str]:
            info = ops[number - 1]
            return info.phase, info.layer if depth is Depth.LAYER else ""

        last = op
        while last < len(ops) and group(last + 1) == group(op):
            last += 1
        return last

    def _next_cell(self, depth: Depth) -> Position:
        """One term or element further."""
        step, op = self._pending()
        here = self.position
        under_way = (step, op) == (here.step, here.op)
        element = here.element if under_way else 0
        if depth is Depth.ELEMENT:
            return Position(step, op, element + 1)
        self._execute_up_to(step, op)
        terms = self._view.term_count(self._ops()[op - 1], element, self.sample)
        term = (here.term if under_way else 0) + 1
        if term >= terms:
            return Position(step, op, element + 1)
        return Position(step, op, element, term)

    def _at_boundary(self, depth: Depth) -> bool:
        here = self.position
        if depth is Depth.TERM or here.op == 0:
            return True
        if depth is Depth.ELEMENT:
            return here.term == 0
        if self._partial():
            return False
        if depth is Depth.EPOCH:
            return self._whole() and here.step % self.network.steps_per_epoch == 0
        return self._last_of_group(here.op, depth) == here.op

    def _move(self, position: Position) -> None:
        self._execute_up_to(position.step, position.op)
        self.position = position

    def _execute_up_to(self, step: int, op: int) -> None:
        if step > self._now.step:
            self._advance(len(self._ops()))
            self._now.begin(step)
        self._advance(op)

    def _advance(self, op: int) -> None:
        """Run ops of the step under way, and keep what it has to tell."""
        now = self._now
        was = now.done
        now.advance(op)
        loss = self._loss
        if loss is not None and was < loss.number <= now.done:
            self.losses.record(now.step, float(now.now("loss")))
        if now.complete and was < now.done:
            self._take_test_loss(now.step)

    def _complete_step(self) -> bool:
        """Complete the step under way, if one is; False where that makes a number not finite."""
        now = self._now
        known = now.fault is not None
        while now.done and not now.complete:
            self._advance(now.done + 1)
            if not known and now.fault is not None:
                break
        if now.done:
            self.position = self._complete(now.step, now.done)
        return known or now.fault is None

    def _step_done(self) -> int:
        return self._now.step if self._now.complete else self._now.step - 1

    def _straight(self, count: int) -> bool:
        """Run whole steps straight through; False where a number was not finite.

        Then the cursor stands on the op that made it.
        """
        now, trainer = self._now, self.trainer
        if now.complete:
            now.begin(now.step + 1)
        first, last = now.step, now.step + count - 1
        bases: list[Array] = []
        every, record = self._test.every, self.losses.record
        with quiet():
            run = trainer.runner()
            for step in range(first, last + 1):
                if step > last - 2:
                    bases.append(trainer.state.vector.copy())
                loss = run(step)
                if not math.isfinite(loss):
                    return self._find_fault(step)
                record(step, loss)
                if not step % every:
                    self._take_test_loss(step)
        if not trainer.is_finite:
            return self._find_fault(last)
        now.finish(last, bases)
        self.position = self._complete(last, len(self._ops()))
        return True

    def _find_fault(self, last: int) -> bool:
        """Go op by op from the step under way to the first number that is not finite."""
        now = self._now
        now.rewind()
        while now.fault is None and not (now.step == last and now.complete):
            if now.complete:
                now.begin(now.step + 1)
            self._advance(now.done + 1)
        self.position = self._complete(now.step, now.done)
        return False

    def _test_every(self) -> int:
        """How many steps apart test losses are taken: at ends of epochs, not too often."""
        test, per_epoch = self.scenario.data.test, self.network.steps_per_epoch
        samples = 0 if test is None else len(test)
        apart = max(_TEST_EVERY, _TEST_SHARE * samples // self.trainer.batches.size)
        return -(-apart // per_epoch) * per_epoch

    def _take_test_loss(self, step: int) -> None:
        test = self.scenario.data.test
        if test is not None and step % self._test.every == 0:
            self._test.record(step, self.trainer.evaluate(test).loss)
