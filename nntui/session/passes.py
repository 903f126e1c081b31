"""The columns of two players' networks, and what each of them shows in which pass.

The same layers are gone through several times in a training step. A column keeps its neurons and
its place; the tensors it shows are those of the pass that is under way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from nntui.engine.models.gan import APART, DISCRIMINATOR, FROZEN, GENERATOR, LATENT
from nntui.engine.program import Program
from nntui.session.column import Column, Row
from nntui.session.rivalry import Rivalry
from nntui.session.turns import Turn

JOINED: Final = f"{DISCRIMINATOR}.x"
"""The real samples and the fakes, one after the other, where D judges them together."""


@dataclass(frozen=True)
class Pass:
    """What the columns show from an op on.

    Attributes:
        turn: of the training step, from 0.
        first: the op, by number.
        fake: whether it is about the fakes, and not about the real samples.
    """

    turn: int
    first: int
    fake: bool
    columns: tuple[Column, ...]


def passes(program: Program, rivalry: Rivalry, columns: Sequence[Column]) -> tuple[Pass, ...]:
    """The passes of a training step.

    Args:
        columns: of the noise, of G's layers, of the real samples, and of D's layers.
    """
    found: list[Pass] = []
    for k, turn in enumerate(rivalry.turns):
        for fake in (False, True) if turn.player == DISCRIMINATOR else (True,):
            for first, inputs in _inputs(program, rivalry, turn, fake):
                shown = tuple(_column(program, c, turn, inputs, fake) for c in columns)
                found.append(Pass(k, first, fake, shown))
    return tuple(found)


def judged(column: Column) -> Column:
    """The column of the data, with a row for what comes back to the fakes in their place."""
    return replace(column, rows=(*column.rows, Row("∂", f"{column.a}.grad", gradient=True)))


def pass_at(found: Sequence[Pass], turn: int, op: int, *, fake: bool) -> Pass:
    """The pass that is under way at an op of a turn, of the fakes or of the real samples.

    Where a turn is all about the fakes, it is of those in any case.
    """
    begun = [one for one in found if one.turn == turn and one.first <= op]
    return ([one for one in begun if one.fake is fake] or begun)[-1]


def _inputs(
    program: Program, rivalry: Rivalry, turn: Turn, fake: bool
) -> Iterator[tuple[int, Mapping[str, str]]]:
    """From which op on which tensors the columns of the data show, by the tensors they have."""
    noise = LATENT if turn.player == GENERATOR else LATENT + FROZEN
    fakes = rivalry.fakes[turn.player]
    real = f"{rivalry.real}.grad"
    shown = fakes if fake else rivalry.real
    yield turn.first, {LATENT: noise, rivalry.real: shown, real: f"{shown}.grad"}
    join = next(
        (op.number for op in program.ops if op.output == JOINED and op.number >= turn.first), 0
    )
    if join and join <= turn.last:
        yield join, {LATENT: noise, rivalry.real: JOINED, real: f"{JOINED}.grad"}


def _column(
    program: Program, column: Column, turn: Turn, inputs: Mapping[str, str], fake: bool
) -> Column:
    """A column in a pass."""
    if not column.player:
        shown = _renamed(column, lambda tensor: inputs.get(tensor, tensor))
        title = "fake G(z)" if fake else "real x"
        return replace(shown, title=title) if column.a != LATENT else shown
    frozen = column.player != turn.player
    apart = fake and not frozen and f"{column.name}{APART}.a" in program.tensors
    mark = FROZEN if frozen else APART if apart else ""
    if not mark:
        return column

    def marked(tensor: str) -> str:
        inner = tensor.removeprefix(column.name)
        return tensor if inner == tensor else f"{column.name}{mark}{inner}"

    return replace(_renamed(column, marked), frozen=frozen)


def _renamed(column: Column, name: Callable[[str], str]) -> Column:
    return replace(
        column,
        rows=tuple(Row(row.label, name(row.tensor), row.gradient) for row in column.rows),
        z=name(column.z),
        a=name(column.a),
        winner=name(column.winner),
    )
