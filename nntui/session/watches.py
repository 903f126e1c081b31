"""Watches: expressions whose values one keeps an eye on, and what they were at the steps seen."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, final

from nntui.errors import UsageError
from nntui.scenario.model import MOST_WATCHES
from nntui.session.boundaries import Boundaries
from nntui.session.breakpoints import Scene
from nntui.session.expressions import Expression
from nntui.session.losses import Curve, thinned
from nntui.session.position import Position
from nntui.session.recorded import Line, extremes, reads_losses
from nntui.session.timeline import Timeline
from nntui.session.watchrow import WatchRow

_KEPT: Final = 1024
"""Values kept of a watch on a branch; of more, every other one of the older half goes."""
_LOOKS: Final = 256
"""Looks in a whole run at full speed: every so many steps one, as often on any machine."""
_SHOWN: Final = 120
"""Places in a run, evenly spread, whose values go into a picture; all of a shorter one."""


@dataclass(frozen=True)
class Watch:
    """An expression that is watched.

    Attributes:
        number: to name it by, from 1.
        text: as it was asked for.
    """

    number: int
    text: str
    expression: Expression


@final
class Watches:
    """All watches of a session, and their values at the ends of the training steps seen.

    A value belongs to a step of a branch: after going back it is that of then, and another branch
    has its own from where it was forked off. What reads only losses is known at every step that has
    been run. The rest is known at the steps looked at: each that one has stepped over, and one of
    every few in a run at full speed.

    Args:
        parse: checks an expression.
        timeline: of the run.
        scene: what expressions can see of it.
    """

    def __init__(
        self, parse: Callable[[str], Expression], timeline: Timeline, scene: Scene
    ) -> None:
        self._parse = parse
        self._timeline = timeline
        self._scene = scene
        self._all: list[Watch] = []
        self._seen: dict[tuple[str, int], dict[int, float]] = {}
        self._lines: dict[tuple[str, int], Line] = {}
        self._sample = scene.sample

    def __iter__(self) -> Iterator[Watch]:
        return iter(self._all)

    @property
    def interest(self) -> frozenset[str]:
        """The tensors whose values of the step before are looked at."""
        looking = [w.expression.names for w in self._all if w.expression.uses_previous]
        return frozenset().union(*looking)

    def ahead(self, done: int) -> int | None:
        """Training steps after so many until the next look in a run; None where none is needed."""
        if all(reads_losses(watch.expression) for watch in self._all):
            return None
        trainer = self._timeline.trainer
        every = max(1, trainer.model.epochs * trainer.steps_per_epoch // _LOOKS)
        return every - done % every

    def add(self, text: str, number: int = 0) -> Watch:
        """Watch an expression.

        Args:
            number: to name it by; the next free one, where none is given.

        Raises:
            ExpressionError: it is none.
            UsageError: there are too many, or it is watched already.
        """
        text = " ".join(text.split())
        if any(w.text == text for w in self._all):
            raise UsageError(f"'{text}' is watched already")
        if len(self._all) == MOST_WATCHES:
            raise UsageError(f"there are {MOST_WATCHES} watches already; :unwatch one")
        number = number or 1 + max((w.number for w in self._all), default=0)
        watch = Watch(number, text, self._parse(text))
        self._all.append(watch)
        self._timeline.attend(self._timeline.now.last.interest | self.interest)
        self.look()
        return watch

    def remove(self, number: int) -> None:
        """Watch an expression no more.

        Raises:
            UsageError: there is none of that number.
        """
        kept = [w for w in self._all if w.number != number]
        if len(kept) == len(self._all):
            raise UsageError(f"there is no watch {number}")
        self._all = kept
        self._seen = {key: values for key, values in self._seen.items() if key[1] != number}
        self._lines = {key: line for key, line in self._lines.items() if key[1] != number}

    def look(self) -> None:
        """Keep the values, where the timeline is at the end of a step."""
        self._turn()
        if not self._timeline.now.complete:
            return
        for watch in self._all:
            value = None
            if not reads_losses(watch.expression):
                value = watch.expression.scalar(self._scene)
            if value is None:
                continue
            values = self._seen.setdefault((self._timeline.branch.name, watch.number), {})
            values[self._scene.step] = value
            if len(values) > _KEPT:
                for step in sorted(values)[1 : _KEPT // 2 : 2]:
                    del values[step]

    def seen(self, branch: str) -> dict[str, dict[int, float]]:
        """The values kept of each watch on a branch, by its text and the training step."""
        self._turn()
        found = {w.text: self._seen.get((branch, w.number), {}) for w in self._all}
        return {text: dict(values) for text, values in found.items() if values}

    def recall(self, branch: str, text: str, values: dict[int, float]) -> None:
        """Take values that were seen on a branch before, if there is a watch of this text."""
        for watch in self._all:
            if watch.text == text:
                self._seen[branch, watch.number] = dict(values)

    def forget(self, step: int) -> None:
        """Forget the values of this branch from a step on, which will be others, and those of
        branches that are no more.
        """
        there = self._timeline.branches
        self._seen = {key: values for key, values in self._seen.items() if key[0] in there}
        for (name, number), values in self._seen.items():
            if name == self._timeline.branch.name:
                kept = {k: value for k, value in values.items() if k < step}
                self._seen[name, number] = kept
        for (name, _), line in self._lines.items():
            if name == self._timeline.branch.name:
                line.forget(step)

    def rows(self, at: Position, boundaries: Boundaries) -> tuple[WatchRow, ...]:
        """The watches as they are at the cursor; values of later steps are not shown."""
        self._turn()
        steps = at.step if boundaries.whole(at) else at.step - 1
        partial = boundaries.partial(at)
        hidden = {self._timeline.trainer.program.ops[at.op - 1].output} if partial else set()
        return tuple(self._row(w, steps, frozenset(hidden)) for w in self._all)

    def _turn(self) -> None:
        """Forget what watches of the shown sample were of another one."""
        if self._sample == self._scene.sample:
            return
        self._sample = self._scene.sample
        kept = {w.number for w in self._all if not w.expression.uses_sample}
        self._seen = {key: values for key, values in self._seen.items() if key[1] in kept}

    def _row(self, watch: Watch, steps: int, hidden: frozenset[str]) -> WatchRow:
        curve = Curve()
        unknown = hidden & watch.expression.names
        value = None if unknown else watch.expression.scalar(self._scene)
        if reads_losses(watch.expression):
            key = self._timeline.branch.name, watch.number
            line = self._lines.setdefault(key, Line(self._timeline, watch.expression))
            ends = line.extremes(steps)
            shown = sorted({*_spread(range(1, steps + 1)), *(step for step, _ in ends)})
            points = list(line.values(shown))
        else:
            values = self._values(watch, steps)
            seen = sorted(values)
            curve = thinned(seen, [values[step] for step in seen])
            ends = extremes([(step, values[step]) for step in seen])
            shown = sorted({*_spread(seen), *(step for step, _ in ends)})
            points = [(step, values[step]) for step in shown]
        return WatchRow(
            number=watch.number,
            text=watch.text,
            value=value,
            low=ends[0][1] if ends else None,
            high=ends[-1][1] if ends else None,
            history=tuple(value for _, value in points),
            steps=tuple(step for step, _ in points),
            curve=curve,
        )

    def _values(self, watch: Watch, steps: int) -> dict[int, float]:
        """The values up to a step, those of the branches it came from among them."""
        found: dict[int, float] = {}
        for part in self._timeline.branch.lineage():
            for step, value in self._seen.get((part.name, watch.number), {}).items():
                if step <= steps:
                    found.setdefault(step, value)
            steps = min(steps, part.fork[0] - 1)
        return found


def _spread(seen: Sequence[int]) -> Sequence[int]:
    """All of a few steps; of many, the last before each of so many times, evenly spread."""
    if len(seen) <= _SHOWN:
        return seen
    first, length = seen[0], seen[-1] - seen[0]
    times = (first + length * k // (_SHOWN - 1) for k in range(_SHOWN))
    return sorted({seen[bisect_right(seen, time) - 1] for time in times})
