"""`Session`: a run under a debugger, and what the user may change in it.

Moving, running and reading are the work of its parts: `cursor`, `player`, `reader`.
"""

from __future__ import annotations

from typing import final

from nntui.scenario.model import Scenario
from nntui.session.boundaries import Boundaries
from nntui.session.breakpoints import Breakpoints, Scene
from nntui.session.changes import Undone
from nntui.session.cursor import Cursor
from nntui.session.edit import Edit
from nntui.session.frame import Frame
from nntui.session.gan import Arena
from nntui.session.history import DEFAULT_BUDGET
from nntui.session.losses import Losses
from nntui.session.network import picture
from nntui.session.now import Now
from nntui.session.player import Player
from nntui.session.reader import Reader
from nntui.session.runner import Runner
from nntui.session.runs import Run
from nntui.session.study import Study
from nntui.session.trust import Checker
from nntui.session.view import View
from nntui.session.wanted import check_wanted
from nntui.session.watches import Watches


@final
class Session:
    """A scenario being run.

    Args:
        budget: bytes of memory for going back.

    Raises:
        ScenarioError: a breakpoint or a watch of the scenario cannot be used.

    Attributes:
        cursor: where one stands, and every way to move.
        player: runs on by itself.
        reader: what is to be read at the cursor.
        timeline: the run and its past.
        breakpoints: where a run stops.
        scene: what conditions and watches can see at the cursor.
        watches: the expressions whose values are watched.
        arena: two adversaries as they stand at the cursor; None where there are none.
        study: what can be found out about the run beside it.
        runs: the runs there have been, by seed, this one among them.
        network: what does not change while the run goes on.
    """

    def __init__(self, scenario: Scenario, budget: int = DEFAULT_BUDGET) -> None:
        self._budget = budget
        self.scenario = scenario
        self.seed = scenario.model.seed
        self.runs: dict[int, Run] = {}
        self._start(Run.of(scenario, self.seed, budget))
        check_wanted(scenario, self.trainer)
        for text in dict.fromkeys(" ".join(watch.split()) for watch in scenario.watches):
            self.watches.add(text)

    def _start(self, run: Run, breakpoints: Breakpoints | None = None) -> None:
        self.runs[self.seed] = run
        self.trainer = trainer = run.trainer
        self.timeline, now = run.timeline, run.timeline.now
        told = self.scenario
        self.network = network = picture(trainer, told.title, told.about, told.notes)
        self._view = view = View(now, network)
        ops, made = network.ops, view.made
        self._checker = Checker(now, self._reached)
        self.breakpoints = breakpoints or Breakpoints(trainer, ops, made)
        self.scene = Scene(now, ops, made)
        self.watches = Watches(self.breakpoints.parse, self.timeline, self.scene)
        boundaries = Boundaries(ops, network.steps_per_epoch, self._terms)
        runner = Runner(self.timeline, self.breakpoints, self.scene, self.watches)
        self.cursor = Cursor(self.timeline, boundaries, runner, self.watches)
        self.cursor.position = run.position
        last = network.epochs * network.steps_per_epoch
        self.player = Player(self.cursor, self.timeline, runner, self.breakpoints, last)
        self.reader = Reader(now, network, view, self.cursor, self.scene)
        rivalry = network.rivalry
        self.arena = Arena(now, rivalry, self._reached) if rivalry else None
        self.study = Study(
            self.timeline,
            network,
            view.symbols,
            self.breakpoints.parse,
            self._beside,
            self._reached,
            view.source,
            lambda: view.changes(self.cursor.position),
        )

    def _beside(self, now: Now) -> Scene:
        """What an expression can see of a step that runs beside the session's."""
        scene = Scene(now, self.scene.ops, self.scene.makers)
        scene.sample = self.scene.sample
        return scene

    def _reached(self, tensor: str) -> bool:
        """Whether the cursor has come to where a tensor is computed."""
        return self._view.reached(tensor, self.cursor.position)

    @property
    def losses(self) -> Losses:
        """The loss of every training step that has been run."""
        return self.timeline.losses

    @property
    def frame(self) -> Frame:
        """The picture of the run at the cursor."""
        cursor, reader = self.cursor, self.reader
        return self._view.frame(
            cursor.position,
            cursor.depth,
            sample=reader.sample,
            focus=reader.focus,
            seed=self.seed,
            finished=self.at_end,
            train=self.losses,
            test=self.timeline.tests,
            watches=self.watches.rows(cursor.position, cursor.boundaries),
            named=self.breakpoints.cells(self.player.stopped_by),
        )

    @property
    def trust(self) -> str:
        """Whether this step's gradients are right: `∇ ✓ 3e-10`; empty while they are not known.

        Takes a millisecond or so for a new step: not to be asked for in a run at full speed.
        """
        return self._checker.check(self._view.changes(self.cursor.position))

    @property
    def at_end(self) -> bool:
        """Whether all epochs have been done."""
        last = self.network.epochs * self.network.steps_per_epoch
        here = self.cursor.position
        return here.step > last or (here.step == last and self.cursor.boundaries.whole(here))

    def edit(self, tensor: str, index: tuple[int, ...], value: float, branch: str = "") -> Edit:
        """Change a number where the cursor is, inside an op at its end; what follows uses it.

        Where the branch has been run on from here, that stays, and a new branch begins.

        Args:
            index: of the cell; the sample is left out, and is the one shown.
            branch: the name of a branch to begin in any case.

        Raises:
            UsageError: there is no such number yet; or there is a branch of that name.
        """
        cursor = self.cursor
        if cursor.boundaries.partial(cursor.position):
            cursor.jump(cursor.position.op)
        cursor.reach()
        full = self.reader.cell(tensor, index)
        edit = self.runs[self.seed].changes.make(tensor, full, value, branch)
        cursor.settle()
        return edit

    def undo(self, *, again: bool = False) -> Undone | None:
        """Take the last change back, or make it `again` after that; None where there is none."""
        self.cursor.reach()
        changes = self.runs[self.seed].changes
        undone = changes.redo() if again else changes.undo()
        if undone is not None:
            self.watches.forget(undone.edit.step)
        self.cursor.settle()
        return undone

    def fork(self, name: str = "") -> str:
        """Begin a branch at the cursor and go on it; returns its name.

        Raises:
            UsageError: there is a branch of that name.
        """
        self.cursor.reach()
        name = self.timeline.fork(name).name
        self.cursor.move(self.cursor.position)
        return name

    def switch(self, name: str) -> None:
        """Go on another branch: to the same position, or as far as it has been run.

        Raises:
            UsageError: there is no such branch.
        """
        self.timeline.switch(name)
        self.cursor.settle()

    @property
    def branches(self) -> tuple[str, ...]:
        """The names of all branches, in the order in which they were made."""
        return tuple(self.timeline.branches)

    @property
    def branch(self) -> str:
        """The name of the branch the cursor is on."""
        return self.timeline.branch.name

    def restart(self, seed: int | None = None) -> None:
        """Go to the start with nothing changed, or to the run of another seed, where it was left.

        Nothing is lost by that: what was run and changed stays on its branches.
        """
        if seed is None or seed == self.seed:
            self.timeline.begin_anew()
            self.player.forget()
            self.cursor.settle()
            return
        self.runs[self.seed].position = self.cursor.position
        self.seed = seed
        run = self.runs.get(seed) or Run.of(self.scenario, seed, self._budget)
        depth, sample, focus = self.cursor.depth, self.reader.chosen_sample, self.reader.focus
        watched = [watch.text for watch in self.watches]
        self._start(run, self.breakpoints)
        self.cursor.depth = depth
        self.reader.sample, self.reader.focus = sample, focus
        for text in watched:
            self.watches.add(text)

    def _terms(self, step: int, op: int, element: int) -> int:
        """How many terms an element has, once its op has run."""
        self.timeline.reach(step, op)
        return self._view.term_count(self.trainer.program.ops[op - 1], element, self.reader.sample)
