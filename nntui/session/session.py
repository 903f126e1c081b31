"""`Session`: a run under a debugger. Where the cursor stands, and every way to move it on."""

from __future__ import annotations

from typing import final

from nntui.engine.options import Array
from nntui.scenario.model import Scenario
from nntui.session.boundaries import Boundaries
from nntui.session.breakpoints import Breakpoint, Breakpoints, Scene
from nntui.session.changes import Undone
from nntui.session.edit import Edit
from nntui.session.frame import Frame, ParameterRow
from nntui.session.history import DEFAULT_BUDGET
from nntui.session.losses import Losses
from nntui.session.network import picture
from nntui.session.position import Depth, Position
from nntui.session.runner import Runner
from nntui.session.runs import Run
from nntui.session.sight import makers
from nntui.session.study import Study
from nntui.session.trust import Checker
from nntui.session.view import View
from nntui.session.watches import Watch, Watches
from nntui.session.why import Why


@final
class Session:
    """A scenario being run.

    The cursor stands on what was done last. Stepping forward goes to the next boundary of a depth:
    the end of a term, element, op, layer's part of a phase, phase, training step or epoch.

    Args:
        budget: bytes of memory for going back.

    Attributes:
        depth: how far `forward` goes.
        timeline: the run and its past.
        breakpoints: where a run stops.
        scene: what conditions and watches can see at the cursor.
        watches: the expressions whose values are watched.
        stopped_by: the breakpoint that ended the last run; None where something else did.
        study: what can be found out about the run beside it.
        runs: the runs there have been, by seed, this one among them.
        network: what does not change while the run goes on.
    """

    def __init__(self, scenario: Scenario, budget: int = DEFAULT_BUDGET) -> None:
        self._budget = budget
        self.scenario = scenario
        self.depth = Depth.OP
        self.seed = scenario.model.seed
        self._sample = 0
        self._focus: tuple[str, int] = ("", 0)
        self._watched = scenario.watches
        self.runs: dict[int, Run] = {}
        self._start(Run.of(scenario, self.seed, budget))

    def _start(self, run: Run, breakpoints: Breakpoints | None = None) -> None:
        self.trainer = trainer = run.trainer
        self.runs[self.seed] = run
        self.network = picture(trainer, self.scenario.title, self.scenario.about)
        self.position, self.timeline = run.position, run.timeline
        self._now = self.timeline.now
        self._view = View(self._now, self.network, self.scenario.notes)
        ops, made = self.network.ops, makers(trainer.program)
        self._boundaries = Boundaries(ops, self.network.steps_per_epoch, self._terms)
        self._stopped: Position | None = None
        self.stopped_by: Breakpoint | None = None
        self.breakpoints = breakpoints or Breakpoints(trainer, ops, made)
        self.scene = Scene(self._now, ops, made)
        self._checker = Checker(self._now)
        self.watches = Watches(self.breakpoints.parse, self.timeline, self.scene)
        for text in dict.fromkeys(self._watched):
            self.watch(text)
        self._runner = Runner(self.timeline, self.breakpoints, self.scene, self.watches)
        self.study = Study(
            self.timeline,
            self.network,
            self._view.symbols,
            self.breakpoints.parse,
            lambda now: Scene(now, ops, made),
            lambda tensor: self._view.reached(tensor, self.position),
            self._view.source,
        )

    @property
    def losses(self) -> Losses:
        """The loss of every training step that has been run."""
        return self.timeline.losses

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
            test=self.timeline.tests,
            watches=self.watches.rows(self.position, self._boundaries),
        )

    @property
    def trust(self) -> str:
        """Whether this step's gradients are right: `∇ ✓ 3e-10`; empty while they are not known.

        Takes a millisecond or so for a new step: not to be asked for in a run at full speed.
        """
        last = self._checker.last
        if last is None or not self._view.reached(last.output, self.position):
            return ""
        return self._checker.check(self.timeline.branch.edits_in(self._now.step))

    @property
    def at_end(self) -> bool:
        """Whether all epochs have been done."""
        last = self.network.epochs * self.network.steps_per_epoch
        step = self.position.step
        return step > last or (step == last and self._boundaries.whole(self.position))

    @property
    def sample(self) -> int:
        """Which sample of the batch is shown, from 0."""
        return min(self._sample, self._now.memory.batch - 1)

    @sample.setter
    def sample(self, sample: int) -> None:
        self._sample = max(0, min(sample, self.trainer.batches.size - 1))

    @property
    def chosen_sample(self) -> int:
        """Which sample was asked for; the last batch of an epoch may be too small for it."""
        return self._sample

    def focus(self, layer: str, unit: int) -> None:
        """Show this neuron's element of an op, where the op is stepped over whole."""
        self._focus = (layer, unit)

    def forward(self, depth: Depth | None = None) -> None:
        """Go to the next boundary of a depth (of the session's own, where none is given)."""
        depth = self.depth if depth is None else depth
        target = self._boundaries.after(self.position, depth)
        if depth < Depth.EPOCH:
            self._move(target)
            return
        self.timeline.reach(self.position.step, self.position.op)
        self._runner.to(target.step)
        self._stand()

    def play(self, depth: Depth | None = None) -> None:
        """Go forward as `forward` does, or to the op before it at which a breakpoint stops."""
        depth = self.depth if depth is None else depth
        self.stopped_by = None
        if not self.breakpoints.enabled:
            self.forward(depth)
            return
        target = self._boundaries.after(self.position, depth)
        self.timeline.reach(self.position.step, self.position.op)
        if self._runner.over(target.step, target.op):
            self._move(target)
        else:
            self._stand()
        self.stopped_by = self._runner.stopped_by

    def back(self, depth: Depth | None = None) -> None:
        """Go to the last boundary of a depth before the cursor."""
        depth = self.depth if depth is None else depth
        self._move(self._boundaries.before(self.position, depth))

    def to_start(self) -> None:
        """Go to the beginning of the run."""
        self._move(Position(1))

    def to_end(self) -> None:
        """Go to the end of the last training step that has been completed."""
        if self.timeline.farthest:
            self._move(self._boundaries.end_of_step(self.timeline.farthest))

    def go(self, step: int, op: int | None = None) -> None:
        """Go to where an op of a training step has been done; the last one, where none is given."""
        ops = len(self.network.ops)
        op = ops if op is None else max(0, min(op, ops))
        self._move(self._boundaries.complete(max(1, step), op))

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
        if not self._boundaries.at(self.position, self.depth):
            self.forward()

    def back_into(self) -> None:
        """Go one depth finer, then back."""
        self.depth = Depth(max(self.depth - 1, Depth.TERM))
        self.back()

    def back_out(self) -> None:
        """Go one depth coarser, and back to the beginning of what encloses the cursor there."""
        self.depth = Depth(min(self.depth + 1, Depth.EPOCH))
        self.back()

    def edit(self, tensor: str, index: tuple[int, ...], value: float, branch: str = "") -> Edit:
        """Change a number where the cursor is, inside an op at its end; what follows uses it.

        Where the branch has been run on from here, that stays, and a new branch begins.

        Args:
            index: of the cell; the sample is left out, and is the one shown.
            branch: the name of a branch to begin in any case.

        Raises:
            UsageError: there is no such number yet; or there is a branch of that name.
        """
        if self._boundaries.partial(self.position):
            self._move(self._boundaries.complete(self.position.step, self.position.op))
        self.timeline.reach(self.position.step, self.position.op)
        full = self._view.cell(tensor, index, self.position, self.sample)
        edit = self.runs[self.seed].changes.make(tensor, full, value, branch)
        self._stand()
        return edit

    def undo(self, *, again: bool = False) -> Undone | None:
        """Take the last change back, or make it `again` after that; None where there is none."""
        self.timeline.reach(self.position.step, self.position.op)
        changes = self.runs[self.seed].changes
        undone = changes.redo() if again else changes.undo()
        if undone is not None:
            self.watches.forget(undone.edit.step)
        self._stand()
        return undone

    def fork(self, name: str = "") -> str:
        """Begin a branch at the cursor and go on it; returns its name.

        Raises:
            UsageError: there is a branch of that name.
        """
        self.timeline.reach(self.position.step, self.position.op)
        name = self.timeline.fork(name).name
        self.watches.look()
        return name

    def switch(self, name: str) -> None:
        """Go on another branch: to the same position, or as far as it has been run.

        Raises:
            UsageError: there is no such branch.
        """
        self.timeline.switch(name)
        self._stand()

    @property
    def branches(self) -> tuple[str, ...]:
        """The names of all branches, in the order in which they were made."""
        return tuple(self.timeline.branches)

    @property
    def branch(self) -> str:
        """The name of the branch the cursor is on."""
        return self.timeline.branch.name

    def jump(self, op: int) -> None:
        """Go to where op number `op` of this training step has just been done."""
        self.go(self.position.step, op)

    def restart(self, seed: int | None = None) -> None:
        """Go to the start with nothing changed, or to the run of another seed, where it was left.

        Nothing is lost by that: what was run and changed stays on its branches.
        """
        if seed is None or seed == self.seed:
            self.timeline.begin_anew()
            self._stopped = self.stopped_by = None
            self._stand()
            return
        self.runs[self.seed].position = self.position
        self.seed = seed
        run = self.runs.get(seed)
        self._watched = tuple(watch.text for watch in self.watches)
        self._start(run or Run.of(self.scenario, seed, self._budget), self.breakpoints)

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
        self.timeline.reach(self.position.step, self.position.op)
        first = self.timeline.done
        last = self.network.epochs * self.network.steps_per_epoch
        fine = self._runner.run(last, deadline)
        self._stand()
        done = self.timeline.done - first
        self.stopped_by = self._runner.stopped_by
        if not fine and done and self.stopped_by is None:
            self._stopped = self.position
        return done

    def run_back(self, deadline: float) -> bool:
        """Run back until a breakpoint's condition was true, or until a time.

        Returns:
            Whether there is more to run: call it again.
        """
        self.timeline.reach(self.position.step, self.position.op)
        more = self._runner.back(deadline)
        self._stand()
        self.stopped_by = self._runner.stopped_by
        return more

    def watch(self, text: str) -> Watch:
        """Watch an expression from here on.

        Raises:
            UsageError: it is none, is watched already, or there are too many.
        """
        return self.watches.add(text)

    def unwatch(self, number: int) -> None:
        """Watch an expression no more.

        Raises:
            UsageError: there is none of that number.
        """
        self.watches.remove(number)

    def column_rows(self, column: int, unit: int) -> tuple[ParameterRow, ...]:
        """The incoming weights and the bias of one neuron."""
        return self._view.column_rows(self.network.columns[column], unit, self.position)

    def parameter_rows(self, parameter: str, limit: int) -> tuple[ParameterRow, ...]:
        """The first `limit` numbers of a parameter."""
        return self._view.parameter_rows(parameter, limit, self.position)

    def why(self, parameter: str, index: tuple[int, ...], sample: int | None = None) -> Why:
        """Why a number of a parameter moved in this step.

        Args:
            sample: of the batch, whose chain to follow; the shown one where none is given.

        Raises:
            UsageError: there is no such parameter, or it has no such cell.
        """
        sample = self.sample if sample is None else sample
        return self._view.why(parameter, index, self.position, sample)

    def _move(self, position: Position) -> None:
        inside = self._boundaries.partial(position)
        self.timeline.reach(position.step, position.op, inside=inside)
        self.position = position
        self.watches.look()

    def _terms(self, step: int, op: int, element: int) -> int:
        """How many terms an element has, once its op has run."""
        self.timeline.reach(step, op)
        return self._view.term_count(self.trainer.program.ops[op - 1], element, self.sample)

    def _stand(self) -> None:
        """Put the cursor on what was done last."""
        now = self.timeline.now
        if now.done or now.step > 1:
            self.position = self._boundaries.complete(now.step, now.done)
        else:
            self.position = Position(1)
        self.watches.look()
