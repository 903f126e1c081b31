"""`Network`: what does not change while a run goes on: its columns, its ops, its players."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from nntui.session.chart import Chart
from nntui.session.column import Column
from nntui.session.lesson import Lesson
from nntui.session.opinfo import OpInfo
from nntui.session.passes import Pass, pass_at
from nntui.session.position import Depth
from nntui.session.rivalry import Rivalry
from nntui.session.turns import Turn, turns_of


@dataclass(frozen=True)
class Network:
    """What does not change while a run goes on.

    Attributes:
        columns: left to right, the data first.
        targets: names of the outputs (of the classes, where there are classes).
        target: the tensor of the targets; empty where there is none.
        classes: whether the target is a class index.
        chances: the tensor of the probabilities of the classes; empty where there are none.
        lessons: the scenario's own notes.
        rivalry: two players that learn against each other, where it has them.
        passes: what the columns show in which pass, where that is not always the same.
    """

    title: str
    about: str
    columns: tuple[Column, ...]
    ops: tuple[OpInfo, ...]
    parameters: tuple[str, ...]
    optimizer: str
    loss: str
    steps_per_epoch: int
    epochs: int
    targets: tuple[str, ...] = ()
    target: str = ""
    classes: bool = False
    chances: str = ""
    lessons: tuple[Lesson, ...] = ()
    rivalry: Rivalry | None = None
    passes: tuple[Pass, ...] = ()

    @property
    def chart(self) -> Chart | None:
        """The grid, where it is a self-organizing map."""
        return self.columns[-1].chart

    @property
    def data(self) -> Column:
        """The column of the data."""
        return self.named("input")

    def at(self, op: int, *, fake: bool) -> Network:
        """The same with the columns of the pass that is under way at op number `op`.

        Args:
            fake: whether a fake is looked at, and not a real sample.
        """
        if not self.passes:
            return self
        op = max(op, 1)
        turn = next(k for k, turn in enumerate(self.turns) if op <= turn.last)
        return replace(self, columns=pass_at(self.passes, turn, op, fake=fake).columns)

    @cached_property
    def turns(self) -> tuple[Turn, ...]:
        """The turns of its players in a training step; empty where no one takes turns."""
        return turns_of(self.ops)

    @property
    def depths(self) -> tuple[Depth, ...]:
        """The depths at which its steps can be stepped through, finest first."""
        return tuple(depth for depth in Depth if depth is not Depth.TURN or self.turns)

    @cached_property
    def has_gradient(self) -> bool:
        """Whether it learns by gradients."""
        return any(op.phase == "backward" for op in self.ops)

    @property
    def has_time(self) -> bool:
        """Whether its data are sequences."""
        return any(column.time for column in self.columns)

    @property
    def has_stream(self) -> bool:
        """Whether there is a residual stream in it."""
        return any(column.rail for column in self.columns)

    @property
    def layers(self) -> tuple[str, ...]:
        """The names of its layers, the data left out."""
        return tuple(dict.fromkeys(column.layer for column in self.columns[1:]))

    def column_of(self, tensor: str) -> int | None:
        """The number of the column whose neurons a tensor is about; None where it is of none."""
        owners = (
            k for k, column in enumerate(self.columns) if column.own(tensor, (0,)) is not None
        )
        named = (
            (len(column.name), k)
            for k, column in enumerate(self.columns)
            if tensor.startswith(f"{column.name}.")
        )
        owner = next(owners, None)
        return max(named, default=(0, None))[1] if owner is None else owner

    def before(self, number: int) -> Column | None:
        """The column whose neurons the weights of another are for."""
        names = self.columns[number].before
        if names:
            return self.named(names[0])
        return self.columns[number - 1] if number else None

    def named(self, name: str) -> Column:
        """The column of a name."""
        return next(column for column in self.columns if column.name == name)

    def time_of(self, op: OpInfo) -> int:
        """The time step, from 1, whose numbers an op works on; 0 where it is at none.

        What goes back to the time step before is work of the one it comes from.
        """
        for column in self.columns:
            if step := column.step(op.output):
                return max(step, *(column.step(name) for name in op.inputs))
        return 0
