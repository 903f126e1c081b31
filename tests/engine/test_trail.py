"""Undoing ops: each leaves the numbers that the step has made before it as they were then."""

from __future__ import annotations

import numpy as np
import pytest

from nntui.engine.optimizers import Adam
from nntui.engine.trail import Trail, arrays_in
from nntui.engine.trainer import Trainer
from tests.engine.examples import EXAMPLES, OPTIMIZERS, OUTPUTS, dense, example
from tests.engine.networks import CONV, LARGE, MIDDLE, NETWORKS, SMALL
from tests.engine.test_straight import LIMITS, layers

Numbers = dict[str, np.ndarray]

STEP = 2


def numbers(trainer: Trainer) -> Numbers:
    """A copy of every number with a name, as bits."""
    arrays = {**trainer.memory(STEP).arrays, "": trainer.state.vector}
    return {name: np.array(array).reshape(-1).view(np.uint8) for name, array in arrays.items()}


def check_undoing(trainer: Trainer) -> None:
    """Do a step, take it back op by op, and do parts of it again from everywhere."""
    ops, trail = trainer.program.ops, Trail(trainer.memory(STEP))
    for op in ops:
        trainer.execute(op, STEP - 1)
    was = [numbers(trainer)]
    # What the step has made up to an op: numbers that have changed, and all of the state.
    state = set(trainer.state.names()) | {""}
    made = [{name: np.full(a.shape, name in state) for name, a in was[0].items()}]
    for op in ops:
        trail.keep(op)
        trainer.execute(op, STEP)
        was.append(numbers(trainer))
        changed = {name: made[-1][name] | (was[-1][name] != was[-2][name]) for name in was[0]}
        made.append(changed)

    def check(done: int) -> None:
        now = numbers(trainer)
        wrong = [n for n, m in made[done].items() if (now[n] != was[done][n])[m].any()]
        assert wrong == [], f"after {done} of {len(ops)} ops"

    for back in (len(ops), 3):
        for last in range(len(ops), 0, -back):
            first = max(last - back, 0)
            for op in reversed(ops[first:last]):
                trail.undo(op)
                check(op.number - 1)
            if back < len(ops):
                for op in ops[first:last]:
                    trail.keep(op)
                    trainer.execute(op, STEP)
                check(last)
                for op in reversed(ops[first:last]):
                    trail.undo(op)
        for op in ops:
            trail.keep(op)
            trainer.execute(op, STEP)
        check(len(ops))


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_can_be_undone(name: str) -> None:
    check_undoing(EXAMPLES[name].trainer())


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_can_be_undone(optimizer: str) -> None:
    """Clipped and penalised, with dropout and both normalisations."""
    network = example(*layers({}), optimizer=OPTIMIZERS[optimizer], shuffle=True, **LIMITS["both"])
    check_undoing(network.trainer())


@pytest.mark.parametrize("name", [SMALL, MIDDLE, CONV])
def test_every_measured_network_can_be_undone(name: str) -> None:
    check_undoing(NETWORKS[name].trainer(Adam()))


def test_little_more_than_the_state_is_kept() -> None:
    """A dense network overwrites nothing else, but for masks and rows of ones."""
    trainer = NETWORKS[LARGE].trainer(Adam())
    trail = Trail(trainer.memory(1))
    for op in trainer.program.ops:
        trail.keep(op)
        trainer.execute(op, 1)

    assert trail.nbytes < 1.05 * trainer.state.vector.nbytes


def test_the_data_are_out_of_reach() -> None:
    """A batch is gathered from data that no op may write to: they are not kept."""
    trainer = example(dense("o", OUTPUTS), batch_size=3, shuffle=True).trainer()
    memory = trainer.memory(1)
    (batch,) = (op for op in trainer.program.ops if op.output == "x")

    for array in arrays_in(memory.calls[batch.number - 1]):
        assert np.shares_memory(array, memory["x"])


def test_a_trail_takes_the_ops_in_their_order() -> None:
    trainer = NETWORKS[MIDDLE].trainer()
    trail = Trail(trainer.memory(1))

    with pytest.raises(AssertionError):
        trail.keep(trainer.program.ops[1])
