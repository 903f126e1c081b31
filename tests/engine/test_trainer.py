"""Runs at the edges: tiny data, frozen networks, no epochs, evaluation."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from nntui.engine.gradcheck import check_gradients, tolerable
from nntui.engine.layers.dropout import Dropout
from nntui.engine.model import Dataset, Samples
from nntui.engine.optimizers import Adam
from nntui.engine.schedules import Cosine
from nntui.engine.trainer import quiet
from tests.engine.examples import (
    EXAMPLES,
    OPTIMIZERS,
    OUTPUTS,
    ROWS,
    Example,
    dense,
    example,
    inputs,
    targets,
)


def losses(network: Example, steps: int = 10) -> list[float]:
    trainer = network.trainer()
    with quiet():
        run = trainer.runner()
        return [run(step) for step in range(1, steps + 1)]


def on(network: Example, x: np.ndarray, y: np.ndarray) -> Example:
    """The network on other data."""
    names = tuple(map(str, range(OUTPUTS)))
    return replace(network, dataset=Dataset(train=Samples(x, y), outputs=names))


def small() -> Example:
    return example(dense("h", 4, "tanh"), dense("o", OUTPUTS))


def test_a_batch_holds_no_more_than_the_data() -> None:
    large = small().train(batch_size=1000)

    assert large.trainer().memory(1).batch == ROWS
    assert losses(large) == losses(small())


def test_a_batch_holds_32_samples_where_nothing_is_said() -> None:
    data = inputs(100), targets("mse", 100)
    trainer = on(small().train(batch_size=None), *data).trainer()

    assert [trainer.memory(step).batch for step in range(1, 6)] == [32, 32, 32, 4, 32]
    assert trainer.steps_per_epoch == 4


@pytest.mark.parametrize("shuffle", [False, True])
def test_every_epoch_sees_every_row_once(shuffle: bool) -> None:
    network = small().train(batch_size=2)
    network = replace(network, dataset=replace(network.dataset, shuffle=shuffle))
    trainer = network.trainer()
    orders = []
    for epoch in range(4):
        rows: list[int] = []
        for step in range(3 * epoch + 1, 3 * epoch + 4):
            trainer.execute(trainer.program.ops[0], step)
            wanted = trainer.batches.rows(step)
            x = trainer.memory(step).public("x")
            assert (x == network.dataset.train.x[wanted]).all()
            rows += wanted.tolist()
        assert sorted(rows) == list(range(ROWS))
        orders.append(tuple(rows))

    assert len(set(orders)) == (4 if shuffle else 1)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_one_row_one_feature_one_unit(optimizer: str) -> None:
    network = on(example(dense("o", 1)), np.array([[2.0]]), np.array([[3.0]]))
    network = network.train(optimizer=OPTIMIZERS[optimizer])
    run = losses(network, 50)

    assert run[-1] < run[0]
    assert tolerable(check_gradients(network.model, network.dataset))


def test_a_softmax_of_one_class_is_sure_and_learns_nothing() -> None:
    network = example(dense("o", 1, "softmax"), loss="cross_entropy", y=np.zeros(ROWS, np.int64))
    network = replace(network, dataset=replace(network.dataset, outputs=("only",)))

    assert losses(network) == [0.0] * 10
    score = network.trainer().evaluate(network.dataset.train)
    assert (score.loss, score.accuracy) == (0.0, 1.0)
    assert math.copysign(1, score.loss) == 1


@pytest.mark.parametrize("limits", [{}, {"clip_norm": 0.1}, {"l1": 0.1, "l2": 0.1}])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_frozen_network_stays_as_it_is(optimizer: str, limits: dict[str, float]) -> None:
    network = example(
        dense("h", 4, "tanh", freeze=True),
        dense("o", OUTPUTS, freeze=("weight", "bias")),
        optimizer=OPTIMIZERS[optimizer],
        **limits,
    )
    trainer = network.trainer()
    before = trainer.state.vectors["theta"].copy()
    with quiet():
        run = trainer.runner()
        loss = {run(step) for step in range(1, 5)}

    assert len(loss) == 1
    assert (trainer.state.vectors["theta"] == before).all()
    assert np.abs(trainer.gradients).max() > 0


def test_a_frozen_parameter_has_no_momentum() -> None:
    network = example(dense("o", OUTPUTS, freeze=("bias",)), optimizer=OPTIMIZERS["adam"])
    trainer = network.trainer()
    with quiet():
        trainer.runner()(1)
    weight, bias = trainer.program.parameters
    for vector in trainer.program.moments:
        assert (bias.view(trainer.state.vectors[vector]) == 0).all()
        assert (weight.view(trainer.state.vectors[vector]) != 0).all()


def test_a_network_without_parameters_runs() -> None:
    network = on(example(Dropout(name="d", p=0.0)), np.ones((4, 2)), np.zeros((4, 2)))

    assert losses(network) == [1.0] * 10
    assert check_gradients(network.model, network.dataset) == ()


def test_penalties_weigh_weights_and_no_biases() -> None:
    layers = dense("h", 4, "tanh"), dense("o", OUTPUTS)
    plain, costly = example(*layers), example(*layers, l1=0.5, l2=0.25)
    weights = [p.initial for p in plain.trainer().program.parameters if p.name.endswith("weight")]
    penalty = sum(0.5 * np.abs(w).sum() + 0.125 * (w * w).sum() for w in weights)

    assert losses(costly, 1)[0] == pytest.approx(losses(plain, 1)[0] + penalty, rel=1e-14)


def test_dropout_of_nothing_changes_nothing() -> None:
    hidden, last = dense("h", 4, "tanh"), dense("o", OUTPUTS)
    with_dropout = example(hidden, Dropout(name="d", p=0.0), last)

    assert losses(with_dropout) == losses(example(hidden, last))


def test_dropout_keeps_the_mean() -> None:
    network = on(example(Dropout(name="d", p=0.3)), np.ones((500, 2)), np.zeros((500, 2)))
    trainer = network.train(batch_size=500).trainer()
    for op in trainer.program.ops:
        trainer.execute(op, 1)
    a = trainer.memory(1).public("d.a")

    assert set(np.unique(a)) == {0.0, 1 / 0.7}
    assert a.mean() == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("every", ["epoch", "step"])
def test_no_epochs(every: str) -> None:
    network = small().train(epochs=0, schedule=Cosine(every=every))

    assert all(map(math.isfinite, losses(network)))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_adam_learns_and_stays_at_the_bottom(dtype: str) -> None:
    network = example(
        dense("h", 8, "tanh"), dense("o", OUTPUTS), optimizer=Adam(lr=0.02), dtype=dtype
    )
    run = losses(network, 2000)

    assert run[0] > 1.0
    assert max(run[-100:]) < 1e-5


def test_float32_follows_float64() -> None:
    """For as long as rounding lets it."""
    network = example(dense("h", 4, "tanh"), dense("o", OUTPUTS), optimizer=Adam(lr=0.02))
    single = replace(network, model=replace(network.model, dtype="float32"))

    assert losses(single, 100) == pytest.approx(losses(network, 100), rel=1e-4)
    assert single.trainer().state.vector.dtype == np.float32
    assert {a.dtype for a in single.trainer().memory(1).arrays.values()} == {np.dtype(np.float32)}


def test_each_seed_has_its_own_weights_masks_and_order() -> None:
    def run(seed: int) -> list[float]:
        hidden, last = dense("h", 4, "tanh"), dense("o", OUTPUTS)
        layers = hidden, Dropout(name="d", p=0.5), last
        return losses(example(*layers, seed=seed, batch_size=2, shuffle=True), 6)

    assert run(3) == run(3)
    assert len({tuple(run(seed)) for seed in (0, 1, -1, 2**40)}) == 4


def test_samples_are_never_taken_for_others() -> None:
    trainer = small().trainer()
    data = [(inputs(4, seed=k), targets("mse", 4, seed=k)) for k in range(6)]
    kept = [Samples(*pair) for pair in data]
    expected = [trainer.evaluate(samples).loss for samples in kept]

    # Each of these may come to lie where the one before has been.
    assert [trainer.evaluate(Samples(*pair)).loss for pair in data] == expected
    assert [trainer.evaluate(samples).loss for samples in kept] == expected
    assert len(set(expected)) == 6


def test_evaluation_follows_training() -> None:
    network = small()
    trainer = network.trainer()
    train = network.dataset.train
    with quiet():
        run = trainer.runner()
        for step in range(1, 4):
            before = trainer.evaluate(train).loss
            assert before == run(step)
    assert trainer.predict(train).shape == (ROWS, OUTPUTS)


def test_an_exact_match_has_every_target_right() -> None:
    x = np.eye(3)[[[0, 1, 2], [0, 1, 1], [2, 2, 2], [0, 0, 1]]]
    y = np.array([[0, 1, 2], [0, 1, 2], [-1, 2, -1], [1, -1, 0]])
    copy = dense("o", 3, weight=np.eye(3), bias=np.zeros(3))
    network = example(copy, loss="cross_entropy", x=x, y=y)
    network = replace(network, dataset=replace(network.dataset, outputs=("a", "b", "c")))
    score = network.trainer().evaluate(network.dataset.train)

    # Of nine targets six are predicted; of four sequences the first and the third.
    assert score.measures["accuracy"].value == pytest.approx(6 / 9)
    assert score.measures["exact match"].value == 0.5
    assert str(score.measures["exact match"]) == "50.00 %"


@pytest.mark.parametrize("loss", ["mse", "bce", "cross_entropy"])
def test_a_diverged_network_has_no_accuracy(loss: str) -> None:
    network = EXAMPLES[loss]
    trainer = network.trainer()
    trainer.state.vector[...] = math.nan
    score = trainer.evaluate(network.dataset.train)

    assert math.isnan(score.loss)
    assert score.accuracy is None
    assert not trainer.is_finite
