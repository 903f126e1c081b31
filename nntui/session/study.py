"""`Study`: what can be found out about a run besides where its cursor stands.

How two branches compare, what a number was at every step, whether a gradient is right, where a
number comes from. All of it is computed beside the run, what has to be run again on machines of its
own: the cursor, the branch and every bit of the session stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import final

from nntui.engine.trainer import Trainer
from nntui.errors import UsageError
from nntui.session import comparison, course, field
from nntui.session.atlas import Atlas, Cartographer
from nntui.session.branch import Branch
from nntui.session.breakpoints import Scene
from nntui.session.comparison import Comparison
from nntui.session.course import Course
from nntui.session.edit import Edit
from nntui.session.expressions import Expression
from nntui.session.frame import Cell, Frame, Network
from nntui.session.generate import Speaker
from nntui.session.now import Now
from nntui.session.replay import Replay
from nntui.session.sight import Source
from nntui.session.slope import Slopes
from nntui.session.symbols import Symbols
from nntui.session.timeline import Timeline


@final
class Study:
    """Finds out about a run.

    Args:
        parse: checks an expression.
        scene: what an expression can see of a step under way.
        symbols: how cells are called.
        reached: whether the cursor has come to where a tensor is computed.
        edits: what has been changed by hand in the step under way, up to the cursor.
        source: the cell an op computes that a cell is.

    Attributes:
        slopes: checks gradients by number.
    """

    def __init__(
        self,
        timeline: Timeline,
        network: Network,
        symbols: Symbols,
        parse: Callable[[str], Expression],
        scene: Callable[[Now], Scene],
        reached: Callable[[str], bool],
        source: Source,
        edits: Callable[[], Sequence[Edit]],
    ) -> None:
        self._source = source
        self._timeline = timeline
        self._network = network
        self._symbols = symbols
        self._parse = parse
        self._scene = scene
        self._trainers: list[Trainer] = []
        self._speaking: Trainer | None = None
        self._cartographer = Cartographer(network.chart) if network.chart else None
        self.slopes = Slopes(timeline.now, symbols, edits, reached)

    def compare(self, left: str, right: str, *, latest: bool = False) -> Comparison:
        """What is known at once of two branches, at the step of the cursor.

        Args:
            latest: at the last step both have come to; the same where the cursor stands before
                they part.

        Raises:
            UsageError: there is no such branch, or it is the same twice.
        """
        if left == right:
            raise UsageError(f"there is nothing to compare: both are {left}")
        one, other = self._branch(left), self._branch(right)
        ops = len(self._network.ops)
        found = comparison.compare(one, other, None if latest else self._timeline.done, ops)
        if found.step < (found.parted or 0):
            return comparison.compare(one, other, None, ops)
        return found

    def complete(self, found: Comparison) -> Generator[float, None, Comparison]:
        """Find out the rest of a comparison, reporting how far that has come, from 0 to 1."""
        sides = [self._branch(side.name) for side in found.sides]
        end = self._network.epochs * self._network.steps_per_epoch
        last = max(min(found.parted or 0, end), *(side.steps for side in found.sides))
        one, other = (Replay(self._trainer(k), branch) for k, branch in enumerate(sides))
        return comparison.complete(found, (one, other), last, self._symbols)

    def knows(self, text: str) -> bool:
        """Whether a text is an expression whose course can be followed."""
        try:
            self._parse(text)
        except UsageError:
            return False
        return True

    def course(self, text: str) -> Course:
        """The course of an expression on this branch, still to be followed.

        Raises:
            ExpressionError: it is none.
        """
        expression, branch = self._parse(text), self._timeline.branch
        tensors = self._timeline.trainer.program.tensors
        found = Course(
            text,
            branch.name,
            op=self._maker(expression),
            steps=self._timeline.farthest,
            sampled=any(tensors[name].batched for name in expression.names),
        )
        if text == "loss":
            for step in range(1, found.steps + 1):
                found.append(branch.losses.at(step))
        return found

    def follow(self, found: Course) -> Generator[float, None, None]:
        """Find out the values of a course, reporting how far that has come, from 0 to 1."""
        expression, branch = self._parse(found.text), self._branch(found.branch)
        replay = Replay(self._trainer(0), branch)
        scene, ops = self._scene(replay.now), len(self._network.ops)
        return course.follow(found, expression, branch, replay, scene, ops)

    def speaker(self) -> Speaker:
        """The network with the parameters as they are at the cursor, to continue prompts.

        Raises:
            UsageError: it cannot.
        """
        like = self._timeline.trainer
        if self._speaking is None:
            self._speaking = Trainer(like.model, like.dataset)
        return Speaker(self._speaking, like.state.vector)

    def origins(self, column: int, unit: int, sample: int) -> frozenset[Cell]:
        """The cells that a neuron's activation comes from: its receptive fields."""
        now = self._timeline.now
        network = self._network.at(now.done, fake=sample >= now.memory.batch)
        seen = network.columns[column]
        batched = now.trainer.program.tensors[seen.a].batched
        entry = (sample % len(now.now(seen.a)),) if batched else ()
        return field.origins(now, self._source, seen.a, (*entry, *seen.index(unit)))

    def atlas(self, frame: Frame) -> Atlas | None:
        """The pictures of a self-organizing map at a position; None for any other model."""
        return self._cartographer and self._cartographer.draw(frame)

    def _maker(self, expression: Expression) -> int:
        """The number of the op after which all that an expression reads has been computed."""
        ops = self._network.ops
        made = {info.output: info.number for info in ops}
        if not expression.names or not expression.names <= made.keys() or expression.facts:
            return len(ops)
        return max(made[name] for name in expression.names)

    def _branch(self, name: str) -> Branch:
        branches = self._timeline.branches
        if name not in branches:
            raise UsageError(f"there is no branch '{name}' (there are {', '.join(branches)})")
        return branches[name]

    def _trainer(self, number: int) -> Trainer:
        """A machine of its own, the first or the second."""
        like = self._timeline.trainer
        while len(self._trainers) <= number:
            self._trainers.append(Trainer(like.model, like.dataset))
        return self._trainers[number]
