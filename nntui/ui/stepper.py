"""What the app needs of a session; `nntui.session.session.Session` is the real one."""

from __future__ import annotations

from typing import Protocol

from nntui.session.frame import Frame, Network, ParameterRow
from nntui.session.position import Depth
from nntui.session.watches import Watch
from nntui.session.why import Why


class Stepper(Protocol):
    """A run that can be stepped through, and looked at."""

    depth: Depth
    sample: int
    """The shown sample of the batch; kept inside it."""

    seed: int

    @property
    def network(self) -> Network:
        """What does not change while the run goes on."""

    @property
    def frame(self) -> Frame:
        """The run at its position; built at each call."""

    @property
    def at_end(self) -> bool:
        """Whether all epochs are done."""

    @property
    def trust(self) -> str:
        """What a check of this step's gradients says; empty while they are not known."""

    def forward(self, depth: Depth | None = None) -> None:
        """To the next boundary at a depth; the session's own where none is given."""

    def into(self) -> None:
        """One depth finer, where there is one, then forward."""

    def finish(self) -> None:
        """To the end of what encloses the position."""

    def jump(self, op: int) -> None:
        """Completes op number `op` of this step, from 1."""

    def restart(self, seed: int | None = None) -> None:
        """From the same initial weights, or from those of a new seed."""

    def run(self, deadline: float) -> int:
        """Whole training steps until `time.perf_counter()` reaches `deadline`; how many."""

    def focus(self, layer: str, unit: int) -> None:
        """Shows this neuron's element of an op that is stepped over whole."""

    def column_rows(self, column: int, unit: int) -> tuple[ParameterRow, ...]:
        """Incoming weights and bias of a neuron."""

    def parameter_rows(self, parameter: str, limit: int) -> tuple[ParameterRow, ...]:
        """The first numbers of a parameter."""

    def watch(self, text: str) -> Watch:
        """Watches an expression; says so where it is none."""

    def unwatch(self, number: int) -> None:
        """Watches an expression no more."""

    def why(self, parameter: str, index: tuple[int, ...], sample: int | None = None) -> Why:
        """Why a number of a parameter moved in this step."""
