"""Two speeds, one program: running straight through and stepping give the same bits."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nntui.engine.layers import Layer
from nntui.engine.layers.batch_norm import BatchNorm
from nntui.engine.layers.dropout import Dropout
from nntui.engine.layers.layer_norm import LayerNorm
from nntui.engine.optimizers import Adam, Nadam
from nntui.engine.schedules import Cosine
from nntui.engine.trainer import Trainer, quiet
from tests.engine.examples import EXAMPLES, OPTIMIZERS, OUTPUTS, Example, dense, example

STEPS = 11
Way = Callable[[Trainer, int], None]
"""A way to do one training step."""


def straight(trainer: Trainer, step: int) -> None:
    with quiet():
        trainer.runner()(step)
    trainer.settle(step)


def by_op(trainer: Trainer, step: int) -> None:
    for op in trainer.program.ops:
        trainer.execute(op, step)


def begun_and_abandoned(trainer: Trainer, step: int) -> None:
    """Half a step op by op, back to its start, then straight."""
    before = trainer.state.vector.copy()
    for op in trainer.program.ops[: step * 3 % len(trainer.program.ops)]:
        trainer.execute(op, step)
    trainer.state.vector[...] = before
    straight(trainer, step)


WAYS: tuple[Way, ...] = (straight, by_op, begun_and_abandoned)


def numbers(trainer: Trainer, step: int) -> dict[str, bytes]:
    """Every number after a step: state, gradients, activations, everything with a name."""
    named = {name: array.tobytes() for name, array in trainer.memory(step).arrays.items()}
    vectors = {"state": trainer.state.vector, "gradients": trainer.gradients}
    return named | {name: array.tobytes() for name, array in vectors.items()}


def check_same(network: Example, ways: Sequence[Way], steps: int = STEPS) -> None:
    """One run straight through and one that goes `ways`, compared after every step."""
    expected, actual = network.trainer(), network.trainer()
    with quiet():
        run = expected.runner()
    for step in range(1, steps + 1):
        with quiet():
            run(step)
        expected.settle(step)
        ways[step % len(ways)](actual, step)

        one, other = numbers(expected, step), numbers(actual, step)
        assert [name for name in one if one[name] != other[name]] == [], f"step {step}"


def random_ways(seed: int) -> list[Way]:
    random = np.random.default_rng(seed)
    return [WAYS[k] for k in random.integers(0, len(WAYS), STEPS)]


FREEZES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "a layer": {"h": True},
    "a bias": {"h": ("bias",)},
    "a weight": {"o": ("weight",)},
    "a scale": {"n": ("weight",)},
}


def layers(freeze: dict[str, Any]) -> list[Layer]:
    return [
        dense("h", 5, "gelu", freeze=freeze.get("h", False)),
        BatchNorm(name="n", freeze=freeze.get("n", False)),
        Dropout(name="d", p=0.3),
        dense("g", 3, "relu"),
        LayerNorm(name="m"),
        dense("o", OUTPUTS, freeze=freeze.get("o", False)),
    ]


LIMITS: dict[str, dict[str, float]] = {
    "plain": {},
    "clipped": {"clip_norm": 0.05},
    "penalised": {"l1": 0.01, "l2": 0.02},
    "both": {"clip_norm": 0.05, "l1": 0.01, "l2": 0.02},
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_steps_as_it_runs(name: str) -> None:
    check_same(EXAMPLES[name], WAYS)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("freeze", FREEZES)
@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_training_steps_as_it_runs(optimizer: str, limit: str, freeze: str, dtype: str) -> None:
    """Shuffled, with a smaller last batch, dropout and both normalisations."""
    network = example(
        *layers(FREEZES[freeze]),
        optimizer=OPTIMIZERS[optimizer],
        batch_size=3,
        shuffle=True,
        dtype=dtype,
        **LIMITS[limit],
    )
    check_same(network, random_ways(len(optimizer) + len(limit)), steps=5)


@pytest.mark.parametrize("every", ["epoch", "step"])
@pytest.mark.parametrize("optimizer", ["sgd", "adagrad options", "adamw", "nadam"])
def test_schedules_step_as_they_run(optimizer: str, every: str) -> None:
    schedule = Cosine(t_max=3, every=every)
    check_same(
        example(dense("o", 2), optimizer=OPTIMIZERS[optimizer], schedule=schedule, batch_size=2),
        WAYS,
    )


def test_flushing_moments_steps_as_it_runs() -> None:
    network = example(dense("o", OUTPUTS), optimizer=Adam())
    one, other = network.trainer(), network.trainer()
    for trainer in (one, other):
        trainer.state.vectors["m"][::2] = 1e-310
    straight(one, 512)
    by_op(other, 512)

    assert one.state.vector.tobytes() == other.state.vector.tobytes()


def test_tampering_while_stepping_does_not_last() -> None:
    """Straight runs leave out loading what never changes; stepping may have changed it."""
    network = example(dense("h", 3, "tanh"), dense("o", OUTPUTS))
    one, other = network.trainer(), network.trainer()
    straight(one, 1)
    for tensor in ("x", "y", "loss.grad"):
        other.memory(1).public(tensor)[...] = 99.0
    straight(other, 1)

    assert one.state.vector.tobytes() == other.state.vector.tobytes()


def everything() -> Example:
    return example(
        *layers({}), optimizer=Nadam(lr=0.05), batch_size=3, shuffle=True, clip_norm=1.0, l2=0.01
    )


def train(trainer: Trainer, first: int, last: int) -> None:
    with quiet():
        run = trainer.runner()
        for step in range(first, last + 1):
            run(step)


def test_a_restored_state_goes_on_with_the_same_bits() -> None:
    through = everything().trainer()
    train(through, 1, 20)
    saved = through.state.vector.copy()
    train(through, 21, 50)
    expected = through.state.vector.tobytes()

    through.state.vector[...] = saved
    train(through, 21, 50)
    assert through.state.vector.tobytes() == expected

    fresh = everything().trainer()
    fresh.state.vector[...] = saved
    train(fresh, 21, 50)
    assert fresh.state.vector.tobytes() == expected


def test_a_reset_state_starts_again() -> None:
    trainer = everything().trainer()
    start = trainer.state.vector.copy()
    train(trainer, 1, 20)
    first = trainer.state.vector.tobytes()
    trainer.state.reset()

    assert trainer.state.vector.tobytes() == start.tobytes()
    train(trainer, 1, 20)
    assert trainer.state.vector.tobytes() == first


def test_any_step_loads_its_own_batch_and_masks() -> None:
    network = everything()
    trainer = network.trainer()

    def drawn(step: int) -> tuple[bytes, ...]:
        for name in ("x", "y", "d.mask"):
            trainer.execute(next(op for op in trainer.program.ops if op.output == name), step)
        memory = trainer.memory(step)
        return tuple(memory.public(name).tobytes() for name in ("x", "y", "d.mask"))

    in_order = {step: drawn(step) for step in range(1, 41)}
    assert len(set(in_order.values())) == 40
    for step in np.random.default_rng(0).permutation(np.arange(1, 41)).tolist():
        assert drawn(step) == in_order[step]


def test_evaluating_changes_nothing() -> None:
    one, other = everything().trainer(), everything().trainer()
    for step in range(1, 8):
        straight(one, step)
        straight(other, step)
        other.evaluate(other.dataset.train)
        other.predict(other.dataset.train)

    assert one.state.vector.tobytes() == other.state.vector.tobytes()
    assert one.gradients.tobytes() == other.gradients.tobytes()


def digest() -> str:
    """Of the state after training the network with everything in it."""
    trainer = everything().trainer()
    train(trainer, 1, 30)
    return hashlib.sha256(trainer.state.vector.tobytes()).hexdigest()


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_another_process_computes_the_same_bits(hash_seed: str) -> None:
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(root)}
    result = subprocess.run(
        [sys.executable, "-c", "from tests.engine.test_straight import digest; print(digest())"],
        env=environment,
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )

    assert result.stdout.strip() == digest()
