"""`Reader`: what is to be read at the cursor, of the sample that is shown."""

from __future__ import annotations

from typing import final

from nntui.engine.ops.kind import Index
from nntui.engine.options import Array
from nntui.session.breakpoints import Scene
from nntui.session.cursor import Cursor
from nntui.session.frame import Network, ParameterRow
from nntui.session.now import Now
from nntui.session.view import View
from nntui.session.why import Why


@final
class Reader:
    """Reads numbers, explanations and tables where the cursor stands.

    Attributes:
        focus: the layer and neuron whose element of an op is shown, where that is stepped over
            whole.
    """

    def __init__(
        self, now: Now, network: Network, view: View, cursor: Cursor, scene: Scene
    ) -> None:
        self._now = now
        self._network = network
        self._view = view
        self._cursor = cursor
        self._scene = scene
        self.focus: tuple[str, int] = ("", 0)

    @property
    def chosen_sample(self) -> int:
        """Which sample was asked for; the last batch of an epoch may be too small."""
        return self._scene.sample

    @property
    def sample(self) -> int:
        """Which sample of the batch is shown, from 0."""
        return min(self.chosen_sample, self._view.shown_samples - 1)

    @sample.setter
    def sample(self, sample: int) -> None:
        self._scene.sample = max(0, min(sample, self._view.most_samples - 1))

    def look(self, tensor: str) -> Array:
        """A tensor of the current training step, in its public shape."""
        return self._now.now(tensor)

    def cell(self, tensor: str, index: Index) -> Index:
        """The public index of a cell that can be changed here.

        Args:
            index: of the cell, the sample left out where there is one.

        Raises:
            UsageError: the tensor does not exist, has not been computed, or has no such cell.
        """
        return self._view.cell(tensor, index, self._cursor.position, self.sample)

    def samples(self, op: int) -> int:
        """How many samples the output of op number `op` has; 1 where it has no batch axis."""
        return self._view.samples(op)

    def one_line(self, op: int, element: int, sample: int) -> str:
        """`z₁ = 0.2 × 3 + 0.3 × 7 + 0.5 = 3.2`: an element of an op that has been done."""
        return self._view.one_line(op, element, sample)

    def column_rows(self, column: int, unit: int) -> tuple[ParameterRow, ...]:
        """The incoming weights and the bias of one neuron."""
        return self._view.column_rows(self._network.columns[column], unit, self._cursor.position)

    def parameter_rows(self, parameter: str, limit: int) -> tuple[ParameterRow, ...]:
        """The first `limit` numbers of a parameter."""
        return self._view.parameter_rows(parameter, limit, self._cursor.position)

    def why(self, parameter: str, index: Index, sample: int | None = None) -> Why:
        """Why a number of a parameter moved in this step.

        Args:
            sample: of the batch, whose chain to follow; the shown one where none is given.

        Raises:
            UsageError: there is no such parameter, or it has no such cell.
        """
        sample = self.sample if sample is None else sample
        return self._view.why(parameter, index, self._cursor.position, sample)
