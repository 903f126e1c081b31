"""Numbers out of range: infinities and NaN are states to show, not exceptions or warnings."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from nntui.engine.activations import Activation
from nntui.engine.layers.dense import Dense
from nntui.engine.layers.embedding import Embedding
from nntui.engine.model import Samples
from nntui.engine.models.som import Som
from nntui.engine.optimizers import Adam, Sgd
from nntui.engine.schedules import Exponential, Step
from nntui.engine.trainer import quiet
from tests.engine.examples import EXAMPLES, OUTPUTS, Example, dense, example, inputs, targets
from tests.engine.test_terms import close, combined, explained

OUT_OF_RANGE_AS_WRITTEN = {"log_total", "softmax_grad"}
"""Kinds whose sums overflow, or cancel to nothing, where the engine's own way of computing them
does not."""


def with_inputs(network: Example, x: np.ndarray) -> Example:
    samples = Samples(x, network.dataset.train.y)
    return replace(network, dataset=replace(network.dataset, train=samples))


def scaled(network: Example, factor: float) -> Example:
    return with_inputs(network, network.dataset.train.x * factor)


def poisoned(network: Example, value: float) -> Example:
    x = network.dataset.train.x.copy()
    x[0, 0] = value
    return with_inputs(network, x)


def diverging(network: Example, rate: float) -> Example:
    if isinstance(network.model, Som):
        plan = replace(network.model.map, learning_rate=rate)
        return replace(network, model=replace(network.model, map=plan))
    return network.train(optimizer=replace(network.model.training.optimizer, lr=rate))


def run_straight(network: Example, steps: int = 4) -> list[float]:
    trainer = network.trainer()
    with quiet():
        run = trainer.runner()
        return [run(step) for step in range(1, steps + 1)]


EXTREMES: dict[str, Callable[[Example], Example]] = {
    "large inputs": lambda e: scaled(e, 1e4),
    "huge inputs": lambda e: scaled(e, 1e200),
    "tiny inputs": lambda e: scaled(e, 1e-200),
    "a NaN": lambda e: poisoned(e, math.nan),
    "an infinity": lambda e: poisoned(e, math.inf),
    "a large learning rate": lambda e: diverging(e, 1e4),
    "a huge learning rate": lambda e: diverging(e, 1e300),
}


@pytest.mark.parametrize("extreme", EXTREMES)
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_number_out_of_range_can_be_explained(name: str, extreme: str) -> None:
    for now, op, index, terms in explained(EXTREMES[extreme](EXAMPLES[name]), steps=2):
        np.testing.assert_equal(terms.result, float(now.now(op.output)[index]))


@pytest.mark.parametrize("extreme", ["large inputs", "tiny inputs", "a NaN", "an infinity"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_terms_still_add_up(name: str, extreme: str) -> None:
    for _, op, index, terms in explained(EXTREMES[extreme](EXAMPLES[name])):
        if op.kind.name not in OUT_OF_RANGE_AS_WRITTEN:
            with np.errstate(all="ignore"):
                value, scale = combined(terms)
            size = scale if math.isfinite(scale) else 0.0
            assert close(value, terms.result, size), (op.kind.name, index, terms)


@pytest.mark.parametrize("extreme", EXTREMES)
@pytest.mark.parametrize("name", EXAMPLES)
def test_running_straight_raises_nothing(name: str, extreme: str) -> None:
    assert len(run_straight(EXTREMES[extreme](EXAMPLES[name]))) == 4


COMPUTING = [
    name
    for name, e in EXAMPLES.items()
    if not any(isinstance(layers[0], Embedding) for layers in e.model.stacks.values())
]
"""Networks that compute with their inputs, and do not look them up."""


@pytest.mark.parametrize("name", COMPUTING)
def test_a_nan_in_the_data_reaches_the_loss_and_every_parameter_it_feeds(name: str) -> None:
    network = poisoned(EXAMPLES[name], math.nan)
    trainer = network.trainer()
    with quiet():
        loss = trainer.runner()(1)

    assert math.isnan(loss)
    first = trainer.program.parameters[0]
    if not first.frozen:
        assert np.isnan(first.view(trainer.state.vectors["theta"])).any()


@pytest.mark.parametrize(
    "network",
    [
        scaled(example(dense("o", OUTPUTS), dtype="float32"), 1e300),
        example(dense("o", OUTPUTS, bias=np.full(OUTPUTS, 1e300)), dtype="float32"),
        example(dense("o", OUTPUTS), dtype="float32", optimizer=Sgd(lr=1e300)),
        example(dense("o", OUTPUTS), dtype="float32", l2=1e300),
        example(dense("o", OUTPUTS), dtype="float32", optimizer=Adam(eps=1e300)),
        example(
            Dense(name="h", units=3, activation=Activation("elu", 1e300)),
            dense("o", OUTPUTS),
            dtype="float32",
        ),
    ],
)
def test_numbers_too_large_for_float32_raise_nothing(network: Example) -> None:
    assert len(run_straight(network)) == 4
    network.trainer().evaluate(network.dataset.train)
    network.trainer().state.reset()


@pytest.mark.parametrize(
    "schedule", [Exponential(gamma=1e10, every="step"), Step(step_size=1, gamma=1e10, every="step")]
)
def test_a_learning_rate_may_grow_out_of_range(schedule: Exponential | Step) -> None:
    assert schedule.rate(0.1, 1000, 1) == math.inf
    assert math.isnan(run_straight(example(dense("o", OUTPUTS), schedule=schedule), 100)[-1])


def test_probabilities_of_0_and_1_cost_what_they_do_in_pytorch() -> None:
    """The logarithm in bce stops at −100, so a certain and wrong answer costs 100."""
    bias = np.array([-800.0, 800.0])
    sure = dense("o", OUTPUTS, "sigmoid", weight=np.zeros((OUTPUTS, 3)), bias=bias)
    network = example(sure, loss="bce", y=np.tile([1.0, 0.0], (5, 1)))

    assert run_straight(network)[0] == 100.0


def test_logits_far_apart_cost_their_difference() -> None:
    far = dense("o", OUTPUTS, weight=np.zeros((OUTPUTS, 3)), bias=np.array([-800.0, 800.0]))
    network = example(far, loss="cross_entropy", y=np.zeros(5, dtype=np.int64))

    assert run_straight(network)[0] == 1600.0
    terms = [t for _, op, _, t in explained(network, steps=1) if op.output == "loss"]
    assert [t.value for t in terms[0].terms] == [1600.0] * 5


def test_small_moments_are_kept_in_float32() -> None:
    """Only denormal numbers are flushed: a second moment of 1e-21 counts beside an ε of 1e-12."""
    optimizer = Adam(lr=1e-12, eps=1e-12)
    network = with_inputs(
        example(dense("o", OUTPUTS), dtype="float32", optimizer=optimizer), inputs() * 1e-9
    )
    trainer = network.trainer()
    weight = trainer.program.parameters[0]
    with quiet():
        run = trainer.runner()
        for step in range(1, 513):
            run(step)

    assert (weight.view(trainer.state.vectors["v"]) > 0).all()


@pytest.mark.parametrize(("dtype", "small"), [("float64", 1e-300), ("float32", 1e-35)])
def test_moments_do_not_stay_denormal(dtype: str, small: float) -> None:
    """A moment that decays ends at 0: 0.9 times the smallest number is the smallest number."""
    dead = dense("h", 4, "relu", weight=np.zeros((4, 3)), bias=np.full(4, -1.0))
    trainer = example(dead, dense("o", OUTPUTS), dtype=dtype, optimizer=Adam(lr=0.0)).trainer()
    moments = trainer.state.vectors["m"]
    moments[...] = small
    with quiet():
        run = trainer.runner()
        for step in range(1, 1025):
            run(step)

    assert (trainer.program.parameters[0].view(moments) == 0).all()


def test_targets_may_be_huge() -> None:
    y = targets("mse") * 1e200

    assert run_straight(example(dense("o", OUTPUTS), y=y))[0] == math.inf
