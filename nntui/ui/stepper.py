"""What the app needs of a session; `nntui.session.session.Session` is the real one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from nntui.session.breakpoints import Breakpoint
from nntui.session.changes import Undone
from nntui.session.edit import Edit
from nntui.session.frame import Frame, Network, ParameterRow
from nntui.session.gan import Arena
from nntui.session.position import Depth
from nntui.session.study import Study
from nntui.session.timeline import Timeline
from nntui.session.watches import Watch
from nntui.session.why import Why


class Breakpoints(Protocol):
    """Where a run stops."""

    def __iter__(self) -> Iterator[Breakpoint]:
        """All of them, in the order in which they were made."""

    def add(self, text: str) -> Breakpoint:
        """One more: an op's tensor, a phase, a layer, or a condition."""

    def remove(self, number: int) -> None:
        """One less."""

    def toggle(self, number: int) -> Breakpoint:
        """Enables one, or disables it."""


class Plan(Protocol):
    """What the scenario asks for."""

    @property
    def breakpoints(self) -> tuple[str, ...]:
        """Where to stop."""


class Watches(Protocol):
    """Expressions that are followed."""

    def add(self, text: str) -> Watch:
        """Watches an expression; says so where it is none."""

    def remove(self, number: int) -> None:
        """Watches an expression no more."""


class Cursor(Protocol):
    """Where one stands, and every way to move."""

    depth: Depth

    def deepen(self, by: int) -> None:
        """So many notches coarser, or finer."""

    def forward(self, depth: Depth | None = None) -> None:
        """To the next boundary at a depth; the cursor's own where none is given."""

    def into(self) -> None:
        """One depth finer, where there is one, then forward."""

    def finish(self) -> None:
        """To the end of what encloses the position."""

    def back(self, depth: Depth | None = None) -> None:
        """To the last boundary at a depth before the position."""

    def back_into(self) -> None:
        """One depth finer, then back."""

    def back_out(self) -> None:
        """To the beginning of what encloses the position."""

    def go(self, step: int, op: int | None = None) -> None:
        """To where an op of a training step is done; the last one, where none is given."""


class Player(Protocol):
    """Runs on by itself."""

    @property
    def stopped_by(self) -> Breakpoint | None:
        """The breakpoint that ended the last run."""

    def play(self, depth: Depth | None = None) -> None:
        """Forward, or to a breakpoint on the way."""

    def run(self, deadline: float) -> int:
        """Whole training steps until `time.perf_counter()` reaches `deadline`; how many."""

    def run_back(self, deadline: float) -> bool:
        """Back until a breakpoint was true, or until a time; whether there is more to run."""


class Reader(Protocol):
    """What is to be read at the cursor."""

    sample: int
    """The shown sample of the batch; kept inside it."""

    focus: tuple[str, int]
    """The layer and neuron whose element of an op is shown, where that is stepped over whole."""

    def column_rows(self, column: int, unit: int) -> tuple[ParameterRow, ...]:
        """Incoming weights and bias of a neuron."""

    def parameter_rows(self, parameter: str, limit: int) -> tuple[ParameterRow, ...]:
        """The first numbers of a parameter."""

    def why(self, parameter: str, index: tuple[int, ...], sample: int | None = None) -> Why:
        """Why a number of a parameter moved in this step."""


class Stepper(Protocol):
    """A run that can be stepped through in both directions, looked at, and changed."""

    seed: int

    @property
    def cursor(self) -> Cursor:
        """Where one stands."""

    @property
    def player(self) -> Player:
        """What runs it."""

    @property
    def reader(self) -> Reader:
        """What reads it."""

    @property
    def watches(self) -> Watches:
        """The expressions that are followed."""

    @property
    def runs(self) -> Mapping[int, object]:
        """The runs there have been, by seed."""

    @property
    def network(self) -> Network:
        """What does not change while the run goes on."""

    @property
    def scenario(self) -> Plan:
        """Where the run comes from."""

    @property
    def frame(self) -> Frame:
        """The run at its position; built at each call."""

    @property
    def timeline(self) -> Timeline:
        """The past: how far the run has been, its branches and their edits."""

    @property
    def study(self) -> Study:
        """What can be found out about the run beside it."""

    @property
    def arena(self) -> Arena | None:
        """Two players as they stand here; None where there are none."""

    @property
    def breakpoints(self) -> Breakpoints:
        """Where a run stops."""

    @property
    def at_end(self) -> bool:
        """Whether all epochs are done."""

    @property
    def trust(self) -> str:
        """What a check of this step's gradients says; empty while they are not known."""

    def restart(self, seed: int | None = None) -> None:
        """To the start with nothing changed, or to the run of another seed."""

    def edit(self, tensor: str, index: tuple[int, ...], value: float, branch: str = "") -> Edit:
        """Changes a number here; on a new branch, where its name is given."""

    def undo(self, *, again: bool = False) -> Undone | None:
        """Takes the last change back; or makes the one taken back last again."""

    def fork(self, name: str = "") -> str:
        """Begins a branch here; returns its name."""

    def switch(self, name: str) -> None:
        """Goes on another branch."""
