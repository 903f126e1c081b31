"""Steps run straight through: with an eye on each, without, and what to check after the last.

Also how many of them lie between two checkpoints, and between two test losses.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from nntui.engine.trainer import Trainer, quiet
from nntui.session.history import FIRST_STRIDE

_TEST_EVERY: Final = 20
"""Test losses are at least this many training steps apart."""
_TEST_SHARE: Final = 20
"""And as many as take this many times the samples that a test loss takes."""
_APART: Final = 1000
"""Bytes that the steps between two checkpoints move, for each byte of a checkpoint."""
_CALLS: Final = 64 << 10
"""Bytes that could be moved in the time that the calls of a step take by themselves."""

Look = Callable[[int], bool]
"""Asked about a step that has just been run: whether it is to be done again, op by op."""


def stretch(
    run: Callable[[int], float], first: int, last: int, look: Look | None
) -> tuple[list[float], bool]:
    """Run some steps, up to one that `look` has asked for, or whose loss is not finite.

    Call it inside `quiet()`.

    Returns:
        The losses, and whether it was `look` that ended it.
    """
    if look is None:
        # There is nothing to look at on the way: the shortest of loops.
        return [run(step) for step in range(first, last + 1)], False
    losses: list[float] = []
    note, is_finite = losses.append, math.isfinite
    for step in range(first, last + 1):
        loss = run(step)
        note(loss)
        if not is_finite(loss):
            break
        if look(step):
            return losses, True
    return losses, False


def left_finite(trainer: Trainer, step: int) -> bool:
    """Whether all numbers that a step, the last that has been run, has left are finite."""
    memory = trainer.memory(step)
    with quiet():
        # The state is a part of it.
        if memory.is_finite:
            return True
    tensors = trainer.program.tensors
    outputs = (op.output for op in trainer.program.ops)
    return trainer.is_finite and all(
        tensors[name].ill(memory.public(name)) is None for name in outputs
    )


def steps_between_tests(trainer: Trainer) -> int:
    """How many steps apart test losses are taken: at ends of epochs, not too often."""
    test, per_epoch = trainer.dataset.test, trainer.steps_per_epoch
    samples = 0 if test is None else len(test)
    apart = max(_TEST_EVERY, _TEST_SHARE * samples // trainer.batches.size)
    return -(-apart // per_epoch) * per_epoch


def steps_between_checkpoints(trainer: Trainer) -> int:
    """How many steps apart the first checkpoints are.

    A checkpoint is to cost no more than a hundredth of the steps up to the next one, which takes
    about a thousand times the bytes it copies, for memory touched first is slow.
    """
    moved = _CALLS + sum(array.nbytes for array in trainer.memory(1).arrays.values())
    stride = FIRST_STRIDE
    while stride * moved < _APART * trainer.state.vector.nbytes:
        stride *= 2
    return stride
