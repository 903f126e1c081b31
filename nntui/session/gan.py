"""`Arena`: two adversaries at the cursor, as plain values for a picture of the plane.

Real samples, the fakes of the pass that was last reached, what the discriminator makes of every
place of the plane, and where the fakes are being pushed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import nan
from typing import Final, final

import numpy as np

from nntui.engine.machine import parameters_of
from nntui.engine.model import Samples
from nntui.engine.models.coverage import DIVERGENCE, MODES
from nntui.engine.models.gan import DISCRIMINATOR, GENERATOR
from nntui.engine.options import Array
from nntui.engine.trainer import quiet
from nntui.session.now import Now
from nntui.session.rivalry import Point, Rivalry
from nntui.session.turns import Turn, turn_at

_FLOOR: Final = -100.0
"""A logarithm is at least this, as in the loss."""

_MARGIN: Final = 0.2
"""Of the field's width, left free on every side of the real samples."""


@dataclass(frozen=True)
class Duel:
    """The two players at a position.

    Attributes:
        player: whose turn it is; empty before the first op.
        reals: of the batch; empty until they are loaded, and where samples are not in the plane.
        fakes: of the pass through the generator that the cursor has reached last.
        arrows: for each fake, which way its place lowers the generator's loss, −∂L_G/∂x; empty
            until the backward pass has come to the fakes.
        losses: by player; None until this step has computed it.
        modes: how many modes the generator covers; None where that is not measured, NaN until it
            has been for the first time.
        divergence: of Jensen and Shannon, from 0 to ln 2; likewise.
        halves: the parts of L_D that come from real samples and from fakes; None until D has
            judged them in this turn.
        penalty: the part of L_D that comes from D's weights; None where there is none, and until it
            has been computed in this turn.
    """

    player: str
    reals: tuple[Point, ...]
    fakes: tuple[Point, ...]
    arrows: tuple[Point, ...]
    losses: dict[str, float | None]
    modes: float | None
    divergence: float | None
    halves: tuple[float | None, float | None]
    penalty: float | None


@final
class Arena:
    """Looks at two adversaries in the step under way.

    Args:
        rivalry: what of them does not change.
        reached: whether the cursor has come to where a tensor is computed.

    Attributes:
        bounds: (left, bottom, right, top) of the part of the plane that is shown; None where the
            samples are not points of a plane.
    """

    def __init__(self, now: Now, rivalry: Rivalry, reached: Callable[[str], bool]) -> None:
        self._now = now
        self._rivalry = rivalry
        self._reached = reached
        self.bounds = _bounds(now.trainer.dataset.train.x)
        self._grids: dict[tuple[int, int], Samples] = {}
        self._asked: object = None
        self._field: tuple[tuple[float, ...], ...] = ()

    @property
    def duel(self) -> Duel:
        """The players at the cursor."""
        now, rivalry = self._now, self._rivalry
        made = (self._points(rivalry.fakes[player]) for player in (GENERATOR, DISCRIMINATOR))
        real, fake = map(self._half, rivalry.answers, rivalry.labels)
        return Duel(
            player=now.trainer.program.ops[now.done - 1].player if now.done else "",
            reals=self._points(rivalry.real),
            fakes=next(filter(None, made), ()),
            arrows=tuple((-dx, -dy) for dx, dy in self._points(rivalry.pull)),
            losses={player: self._number(loss) for player, loss in rivalry.losses.items()},
            modes=self._kept(MODES),
            divergence=self._kept(DIVERGENCE),
            halves=(real, fake),
            penalty=self._number(rivalry.penalty) if rivalry.penalty else None,
        )

    def field(self, columns: int, rows: int) -> tuple[tuple[float, ...], ...]:
        """How likely D takes a sample to be real, over the plane: rows from the top to the bottom.

        Computed with the parameters as they are at the cursor; nothing where there is no plane.
        """
        if self.bounds is None:
            return ()
        size = columns, rows
        if size not in self._grids:
            self._grids[size] = Samples(_grid(self.bounds, columns, rows), None)
        # D answers the same as long as it has not learned anything.
        key = columns, rows, self._learned()
        if key != self._asked:
            answers = self._now.trainer.predict(self._grids[size])[:, 0].reshape(rows, columns)
            self._asked, self._field = key, tuple(map(tuple, self._chances(answers).tolist()))
        return self._field

    def chance(self, sample: int) -> float | None:
        """How likely D takes a sample of this turn to be real; None until it has judged it.

        Args:
            sample: its number; after the real ones come the fakes.
        """
        now = self._now
        batch, ops = now.memory.batch, now.trainer.program.ops
        own = bool(now.done) and ops[now.done - 1].player == GENERATOR
        real, fake = self._rivalry.answers
        tensor = self._rivalry.judged if own else real if sample < batch else fake
        if not self._is_known(tensor):
            return None
        answers = self._chances(now.now(tensor).astype(np.float64))
        return float(answers[sample % batch].item())

    def _learned(self) -> bytes:
        """All that D's answers hang on, bit by bit."""
        mine = (
            array
            for name, array in parameters_of(self._now.trainer.state).items()
            if name.startswith(f"{DISCRIMINATOR}.")
        )
        return b"".join(array.tobytes() for array in mine)

    def _chances(self, answers: Array) -> Array:
        """How likely D takes samples to be real, by its answers."""
        if not self._rivalry.logits:
            return answers
        chances: Array = (1.0 + np.tanh(answers / 2)) / 2
        return chances

    def _half(self, tensor: str, label: float) -> float | None:
        """The cross-entropy of D's answers on a batch with their label."""
        if not self._is_known(tensor):
            return None
        p = self._chances(self._now.now(tensor).astype(np.float64))
        with quiet():
            yes, no = (np.maximum(np.log(each), _FLOOR) for each in (p, 1.0 - p))
        return -float((label * yes + (1.0 - label) * no).mean())

    @property
    def _turn(self) -> Turn:
        """The turn that the cursor is in."""
        turn = turn_at(self._rivalry.turns, self._now.done)
        assert turn is not None
        return turn

    def _is_known(self, tensor: str) -> bool:
        """Whether it has been computed: in this turn, where it is one of its player's."""
        turn, ops = self._turn, self._now.trainer.program.ops
        if not tensor.startswith(f"{turn.player}."):
            return self._reached(tensor)
        return any(op.output == tensor for op in ops[turn.first - 1 : self._now.done])

    def _points(self, tensor: str) -> tuple[Point, ...]:
        """Samples in the plane, once the cursor has reached them."""
        if self.bounds is None or not self._reached(tensor):
            return ()
        return tuple((float(x), float(y)) for x, y in self._now.now(tensor))

    def _number(self, tensor: str) -> float | None:
        return float(self._now.now(tensor)) if self._is_known(tensor) else None

    def _kept(self, tensor: str) -> float | None:
        """A number that is handed on from step to step; NaN until there is one."""
        if tensor not in self._now.trainer.program.tensors:
            return None
        if self._now.step == 1 and not self._reached(tensor):
            return nan
        return float(self._now.now(tensor))


def _bounds(x: Array) -> tuple[float, float, float, float] | None:
    """The field that samples of two features lie in, with a margin."""
    if x.ndim != 2 or x.shape[1] != 2:
        return None
    low, high = x.min(axis=0), x.max(axis=0)
    margin = _MARGIN * np.maximum(high - low, 1e-6)
    (left, bottom), (right, top) = low - margin, high + margin
    return float(left), float(bottom), float(right), float(top)


def _grid(bounds: tuple[float, float, float, float], columns: int, rows: int) -> Array:
    """The middles of the cells of a grid, row by row from the top: (columns · rows, 2)."""
    left, bottom, right, top = bounds
    x = left + (np.arange(columns) + 0.5) / columns * (right - left)
    y = top - (np.arange(rows) + 0.5) / rows * (top - bottom)
    return np.stack([np.tile(x, rows), np.repeat(y, columns)], axis=1)
