"""`Rivalry`: two players that learn against each other, and what each part of their turns does.

All of it is read off the program and does not change while a run goes on. What two players make of
points or images can be looked at from outside: `shape` says which of these samples are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np

from nntui.engine.models.gan import (
    DISCRIMINATOR,
    FAKE,
    FAKES,
    FROZEN,
    GENERATOR,
    PLAYERS,
    REAL,
    Gan,
)
from nntui.engine.ops.verdict import LOGITS_VERDICT, VERDICTS
from nntui.engine.options import Array
from nntui.engine.program import Op, Program
from nntui.engine.trainer import Trainer
from nntui.session.turns import Turn, turns_of

Point = tuple[float, float]

_SHOWN: Final = 256
"""Real samples that are always in sight."""

_PLANE: Final = (2,)
_IMAGE: Final = 3


@dataclass(frozen=True)
class Stage:
    """A part of a player's turn: a stretch of ops that do one thing.

    Attributes:
        turn: which turn of the training step, from 0.
        text: what is done: "make fakes G(z)".
        frozen: the player whose network is gone through and stays as it is; else empty.
        loss: the tensor of the loss that is computed; else empty.
        first, last: the ops, by number.
    """

    turn: int
    text: str
    frozen: str
    loss: str
    first: int
    last: int


@dataclass(frozen=True)
class Rivalry:
    """A generator and a discriminator.

    Attributes:
        shape: of a sample: (2,) for points in the plane, (channels, height, width) for images.
        real: the tensor of the real samples of the batch.
        fakes: the tensor of the fake ones, by the player whose turn it is, the last one's first.
        pull: the tensor of the loss's gradient at the fakes, in the generator's turn.
        answers: the tensors of what D says of the real samples and of the fakes, in D's turn.
        judged: the tensor of what D says of the fakes in the generator's turn.
        logits: whether these are logits, and not probabilities.
        labels: what they are compared with.
        losses: the tensor of each player's loss.
        penalty: the tensor of what D's weights add to its loss; empty where they add nothing.
        modes: how many modes the data are known to have; 0 where that is not known.
        turns: of a training step.
        stages: of all turns.
        data: real samples that are always in sight, where samples are points.
    """

    shape: tuple[int, ...]
    real: str
    fakes: Mapping[str, str]
    pull: str
    answers: tuple[str, str]
    judged: str
    logits: bool
    labels: tuple[float, float]
    losses: Mapping[str, str]
    penalty: str
    modes: int
    turns: tuple[Turn, ...]
    stages: tuple[Stage, ...]
    data: tuple[Point, ...] = ()

    @property
    def guess(self) -> float:
        """What D says where real and fake are equally likely: between their labels."""
        return sum(self.labels) / 2

    @property
    def is_plane(self) -> bool:
        """Whether samples are points in the plane."""
        return self.shape == _PLANE

    @property
    def is_images(self) -> bool:
        """Whether samples are images."""
        return len(self.shape) == _IMAGE

    @property
    def is_seen(self) -> bool:
        """Whether samples can be looked at from outside."""
        return self.is_plane or self.is_images


def rivalry_of(trainer: Trainer) -> Rivalry | None:
    """The rivalry of a trainer's players; None where its model has none."""
    program, model = trainer.program, trainer.model
    if not isinstance(model, Gan):
        return None
    x = trainer.dataset.train.x
    fakes = {
        player: _fakes(program, model, mark)
        for player, mark in ((GENERATOR, ""), (DISCRIMINATOR, FROZEN))
    }
    verdicts = {player: _made(program, player, *VERDICTS)[0] for player in PLAYERS}
    verdict = verdicts[DISCRIMINATOR]
    penalties = _made(program, DISCRIMINATOR, "penalty")
    modes = trainer.dataset.modes
    turns = turns_of(program.ops)
    return Rivalry(
        shape=x.shape[1:],
        real="x",
        fakes=fakes,
        pull=f"{fakes[GENERATOR]}.grad",
        answers=(REAL, FAKE),
        judged=verdicts[GENERATOR].inputs[0],
        logits=verdict.kind.name == LOGITS_VERDICT,
        labels=verdict.attributes["labels"],
        losses={player: f"{player}.loss" for player in reversed(PLAYERS)},
        penalty=penalties[0].output if penalties else "",
        modes=len(modes.centres) if modes else 0,
        turns=turns,
        stages=tuple(_stages(program.ops, turns)),
        data=_points(x[:_SHOWN]) if x.shape[1:] == _PLANE else (),
    )


def _fakes(program: Program, model: Gan, mark: str) -> str:
    """The tensor of G's samples, in the shape of the real ones, in a pass with a mark."""
    last = model.stacks[GENERATOR][-1].name
    return FAKES + mark if FAKES + mark in program.tensors else f"{last}{mark}.a"


def _made(program: Program, player: str, *kinds: str) -> list[Op]:
    """A player's ops of some kinds."""
    return [op for op in program.ops if op.player == player and op.kind.name in kinds]


def _points(x: Array) -> tuple[Point, ...]:
    return tuple((float(a), float(b)) for a, b in np.asarray(x, np.float64))


# --- stages ---------------------------------------------------------------------------------------


def _stages(ops: Sequence[Op], turns: Sequence[Turn]) -> list[Stage]:
    """Stretches of ops in one phase through one player's network."""
    stages: list[Stage] = []
    for k, turn in enumerate(turns):
        own = ops[turn.first - 1 : turn.last]
        # What closes the step, after the last update, is no stage of a turn.
        end = max(op.number for op in own if op.phase == "update")
        keys = _keys([op for op in own if op.number <= end])
        for (phase, network), group in groupby(keys, key=lambda pair: pair[0]):
            part = [op for _, op in group]
            frozen = network if network and network != turn.player else ""
            text = _text(phase, network, turn.player, part)
            loss = part[-1].output if phase == "loss" else ""
            stages.append(Stage(k, text, frozen, loss, part[0].number, part[-1].number))
    return stages


def _keys(ops: Sequence[Op]) -> list[tuple[tuple[str, str], Op]]:
    """Each op with its phase and the network it goes through.

    Ops of no layer go with those that come after them in the phase, else with those before.
    """
    networks = [op.layer.partition(".")[0] for op in ops]
    for order in (range(len(ops) - 2, -1, -1), range(1, len(ops))):
        step = 1 if order.step < 0 else -1
        for k in order:
            if not networks[k] and ops[k].phase == ops[k + step].phase:
                networks[k] = networks[k + step]
    return [((op.phase, network), op) for op, network in zip(ops, networks, strict=True)]


def _text(phase: str, network: str, player: str, ops: Sequence[Op]) -> str:
    short = short_name(network)
    judged = "D(x), D(G(z))" if player == DISCRIMINATOR else "D(G(z))"
    drawn = "draw x and z" if any(op.kind.name == "batch" for op in ops) else "draw z"
    return {
        "data": drawn,
        "forward": "make fakes G(z)" if network == GENERATOR else f"judge: {judged}",
        "loss": f"loss L_{short_name(player)}",
        "backward": f"∂ back through {short}",
        "update": f"update {short_name(player)}",
    }[phase]


def short_name(player: str) -> str:
    """`D` for the discriminator, `G` for the generator."""
    return player[:1].upper()
