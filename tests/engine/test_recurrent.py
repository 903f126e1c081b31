"""Recurrent layers: PyTorch's numbers, and what can be watched on the way through time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nntui.engine.initializers import Orthogonal, Uniform, XavierUniform
from nntui.engine.layers.gru import Gru
from nntui.engine.layers.lstm import Lstm
from nntui.engine.layers.recurrent import Recurrent
from nntui.engine.layers.rnn import Rnn
from nntui.engine.machine import parameters_of
from nntui.engine.optimizers import Adam, Sgd
from nntui.engine.trainer import Trainer, quiet
from nntui.errors import ShapeError
from tests.engine.examples import (
    INPUTS,
    OPTIMIZERS,
    OUTPUTS,
    RECURRENT,
    ROWS,
    TIME,
    Example,
    dense,
    example,
    per_step,
    recurrent,
    sequences,
    stepwise,
)
from tests.engine.test_straight import WAYS
from tests.engine.test_straight import check_same as check_same_bits

torch = pytest.importorskip("torch")

from tests.engine.test_pytorch import check_same  # noqa: E402 - needs PyTorch

TIGHT = {"relative": 1e-9, "floor": 1e-12}
CELLS = (Rnn, Lstm, Gru)
PARAMETERS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def layer(name: str, units: int = 3, **options: Any) -> Recurrent:
    """One of `RECURRENT`."""
    cell, own = RECURRENT[name]
    return recurrent(cell, "r", units, **{**own, **options})


def stacked(name: str, *, steps: bool, **options: Any) -> Example:
    """Two layers on each other, the second one's states or its last."""
    inner = layer(name, return_sequences=True)
    outer = replace(layer(name, 2, return_sequences=steps), name="s")
    y = {"y": per_step("mse")} if steps else {}
    return example(inner, outer, dense("o", OUTPUTS), x=sequences(), **y, **options)


@pytest.mark.parametrize("steps", [False, True])
@pytest.mark.parametrize("name", RECURRENT)
@pytest.mark.parametrize("optimizer", ["sgd momentum", "adam options", "rmsprop all"])
def test_stacked_layers_train_as_in_pytorch(optimizer: str, name: str, steps: bool) -> None:
    """Twenty steps, shuffled, with a smaller last batch."""
    options = {"optimizer": OPTIMIZERS[optimizer], "batch_size": 3, "shuffle": True}
    check_same(stacked(name, steps=steps, **options), steps=20, **TIGHT)


@pytest.mark.parametrize("frozen", [True, *((name,) for name in PARAMETERS)])
@pytest.mark.parametrize("name", RECURRENT)
def test_frozen_parameters_stay(name: str, frozen: bool | tuple[str, ...]) -> None:
    hidden = layer(name, freeze=frozen)
    network = example(
        hidden, dense("o", OUTPUTS), x=sequences(), optimizer=Adam(lr=0.05), clip_norm=0.5, l2=0.01
    )
    check_same(network, steps=20, **TIGHT)

    trainer = network.trainer()
    before = {k: a.copy() for k, a in parameters_of(trainer.state).items()}
    with quiet():
        trainer.runner()(1)
    after = parameters_of(trainer.state)
    still = {key for key in before if np.array_equal(before[key], after[key])}
    assert still == {f"r.{name}" for name in (PARAMETERS if frozen is True else frozen)}


@pytest.mark.parametrize("batch_size", [1, 2, 4, ROWS])
@pytest.mark.parametrize("name", RECURRENT)
def test_batches_of_any_size(name: str, batch_size: int) -> None:
    hidden = layer(name, return_sequences=True)
    check_same(stepwise(hidden, dense("o", OUTPUTS), batch_size=batch_size), steps=20, **TIGHT)


@pytest.mark.parametrize("name", RECURRENT)
def test_without_biases(name: str) -> None:
    cell, options = RECURRENT[name]
    own = {k: v for k, v in options.items() if k == "activation"}
    hidden = cell(name="r", units=3, bias=False, return_sequences=True, **own)
    check_same(stepwise(hidden, dense("o", OUTPUTS), optimizer=Adam()), steps=20, **TIGHT)


@pytest.mark.parametrize("name", RECURRENT)
def test_a_single_time_step(name: str) -> None:
    hidden = layer(name, return_sequences=True)
    data = {"x": sequences(1), "y": per_step("mse", 1)}
    for extras in ({}, {"l2": 0.1}):
        network = stepwise(hidden, dense("o", OUTPUTS), batch_size=3, **data, **extras)
        check_same(network, steps=20, **TIGHT)
        check_same_bits(network, WAYS)


@pytest.mark.parametrize("name", RECURRENT)
def test_a_layer_whose_states_are_the_output(name: str) -> None:
    for steps in (False, True):
        hidden = layer(name, OUTPUTS, return_sequences=steps)
        network = stepwise(hidden) if steps else example(hidden, x=sequences())
        check_same(network, steps=20, **TIGHT)


@pytest.mark.parametrize("name", RECURRENT)
def test_single_precision(name: str) -> None:
    torch.set_default_dtype(torch.float32)
    try:
        network = stacked(name, steps=True, batch_size=3, dtype="float32")
        check_same(network, relative=2e-4, floor=1e-5)
    finally:
        torch.set_default_dtype(torch.float64)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("freeze", [False, True, ("bias_ih",), ("weight_hh",)])
@pytest.mark.parametrize("limits", [{}, {"clip_norm": 0.05}, {"l1": 0.01, "l2": 0.02}])
@pytest.mark.parametrize("name", RECURRENT)
def test_stepping_gives_the_bits_of_running(
    name: str, limits: dict[str, float], freeze: bool | tuple[str, ...], dtype: str
) -> None:
    inner = layer(name, return_sequences=True, freeze=freeze)
    outer = replace(layer(name, 2), name="s")
    options = {"optimizer": Adam(), "batch_size": 3, "shuffle": True, "dtype": dtype}
    network = example(inner, outer, dense("o", OUTPUTS), x=sequences(), **options, **limits)
    check_same_bits(network, WAYS, steps=5)


@pytest.mark.parametrize("name", RECURRENT)
def test_given_values_are_what_training_starts_with(name: str) -> None:
    cell, own = RECURRENT[name]
    random = np.random.default_rng(3)
    rows = len(cell.gates) * 2
    shapes = {"weight_ih": (rows, INPUTS), "weight_hh": (rows, 2), "bias_ih": (rows,)}
    given = {key: random.normal(size=shape) for key, shape in shapes.items()}
    start = {key: 0.0 for key in own if key.endswith("_bias")}
    hidden = cell(name="r", units=2, **{**own, **start}, **given)
    network = example(hidden, dense("o", OUTPUTS), x=sequences())
    found = parameters_of(network.trainer().state)

    for key, values in given.items():
        assert np.array_equal(found[f"r.{key}"], values)
    assert not found["r.bias_hh"].any()
    check_same(network, steps=20, **TIGHT)


@pytest.mark.parametrize(
    ("hidden", "gate"),
    [
        (Lstm(name="r", units=3, forget_bias=2.0), "f"),
        (Gru(name="r", units=3, update_bias=2.0), "z"),
    ],
)
def test_the_starting_bias_of_a_gate_is_in_one_of_the_two_biases(
    hidden: Recurrent, gate: str
) -> None:
    found = parameters_of(example(hidden, dense("o", 2), x=sequences()).trainer().state)
    k = hidden.gates.index(gate) * 3
    expected = np.zeros(len(hidden.gates) * 3)
    expected[k : k + 3] = 2.0

    assert np.array_equal(found["r.bias_ih"], expected)
    assert not found["r.bias_hh"].any()


def test_gates_are_drawn_one_by_one() -> None:
    """So that the spread of a weight does not depend on how many gates there are."""
    hidden = Lstm(name="r", units=4, init=Uniform(bound=0.1), recurrent_init=Orthogonal(gain=0.5))
    found = parameters_of(example(hidden, dense("o", 2), x=sequences()).trainer().state)
    gates = found["r.weight_hh"].reshape(4, 4, 4)

    assert np.abs(found["r.weight_ih"]).max() < 0.1
    for gate in gates:
        assert np.allclose(gate @ gate.T, 0.25 * np.eye(4), atol=1e-15)
    assert len({gate.tobytes() for gate in gates}) == 4


def test_the_recurrent_weights_of_an_rnn_take_a_gain() -> None:
    hidden = Rnn(name="r", units=50, recurrent_init=XavierUniform(gain=0.5))
    found = parameters_of(example(hidden, dense("o", 2), x=sequences()).trainer().state)

    bound = 0.5 * np.sqrt(3 / 50)
    assert 0.9 * bound < np.abs(found["r.weight_hh"]).max() <= bound


def done(network: Example) -> Trainer:
    """The network in the middle of its first step: all but the update."""
    trainer = network.trainer()
    for op in trainer.program.ops:
        if op.phase != "update":
            trainer.execute(op, 1)
    return trainer


@pytest.mark.parametrize("steps", [False, True])
@pytest.mark.parametrize("name", RECURRENT)
def test_tensors_of_all_time_steps_are_made_of_the_steps(name: str, steps: bool) -> None:
    trainer = done(stacked(name, steps=steps))
    memory, tensors = trainer.memory(1), trainer.program.tensors
    wholes = [tensor for tensor in tensors.values() if tensor.steps]

    assert {"r.z", "r.h", "r.x", "r.z.grad", "r.h.grad"} <= {whole.name for whole in wholes}
    for whole in wholes:
        parts = [memory.public(step) for step in whole.steps]
        assert len(parts) == TIME
        assert np.array_equal(memory.public(whole.name), np.stack(parts, axis=1)), whole.name


@pytest.mark.parametrize("name", RECURRENT)
def test_states_that_are_handed_on_are_those_of_the_steps(name: str) -> None:
    memory = done(stacked(name, steps=False)).memory(1)

    assert np.array_equal(memory.public("r.a"), memory.public("r.h"))
    assert np.array_equal(memory.public("s.a"), memory.public("s.h")[:, -1])


@pytest.mark.parametrize("steps", [False, True])
@pytest.mark.parametrize("name", RECURRENT)
def test_the_size_of_the_gradient_at_each_time_step(name: str, steps: bool) -> None:
    memory = done(stacked(name, steps=steps)).memory(1)

    for of in "rs":
        gradients = memory.public(f"{of}.h.grad")
        expected = [np.linalg.norm(gradients[:, t]) for t in range(TIME)]
        assert np.allclose(memory.public(f"{of}.h.grad.norm"), expected, rtol=1e-12)
        assert min(expected) > 0


@pytest.mark.parametrize("name", RECURRENT)
def test_every_parameters_gradient_is_the_output_of_one_op(name: str) -> None:
    program = stacked(name, steps=True, l2=0.1).programs()[0]

    for parameter in program.parameters:
        made = [op for op in program.ops if op.output == f"{parameter.name}.grad"]
        assert [op.phase for op in made] == ["backward"]
    sums = {op.output: op.inputs for op in program.ops if op.kind.name == "sum_steps"}
    assert len(sums) == 8
    for output, parts in sums.items():
        assert [part for part in parts if ".grad.t" in part] == [
            f"{output}.t{t}" for t in range(TIME, 0, -1)
        ]


@pytest.mark.parametrize("cell", CELLS)
def test_a_row_of_features_is_no_sequence(cell: type[Recurrent]) -> None:
    with pytest.raises(ShapeError, match="return_sequences = true"):
        cell(name="r", units=2).shape((3,))
    with pytest.raises(ShapeError, match=f"{cell.type} takes sequences"):
        cell(name="r", units=2).shape((1, 8, 8))


@pytest.mark.parametrize(
    "hidden",
    [
        Rnn(units=2, bias=False, bias_ih=np.zeros(2)),
        Lstm(units=2, bias=False, bias_hh=np.zeros(8)),
        Lstm(units=2, bias=False, forget_bias=1.0),
        Gru(units=2, bias=False, update_bias=1.0),
    ],
)
def test_no_values_for_biases_there_are_not(hidden: Recurrent) -> None:
    with pytest.raises(ShapeError, match="bias is false"):
        hidden.shape((5, 3))


def test_plain_descent_by_hand() -> None:
    """One unit, one input, two steps: the chain rule through time, written out."""
    given = {"weight_ih": np.array([[0.5]]), "weight_hh": np.array([[-0.8]])}
    biases = {"bias_ih": np.array([0.1]), "bias_hh": np.array([0.2])}
    hidden = Rnn(name="r", units=1, **given, **biases)
    x, y = np.array([[[1.0], [-2.0]]]), np.array([[0.3]])
    trainer = done(example(hidden, x=x, y=y, optimizer=Sgd(lr=0.1), batch_size=1))
    memory = trainer.memory(1)

    h1 = np.tanh(0.5 * 1.0 + 0.1 + 0.2)
    h2 = np.tanh(0.5 * -2.0 + 0.1 - 0.8 * h1 + 0.2)
    delta2 = 2 * (h2 - 0.3) * (1 - h2**2)
    delta1 = -0.8 * delta2 * (1 - h1**2)
    expected = {
        "r.a": h2,
        "r.z.t2.grad": delta2,
        "r.a.t1.grad": -0.8 * delta2,
        "r.z.t1.grad": delta1,
        "r.weight_ih.grad.t1": delta1 * 1.0,
        "r.weight_ih.grad": delta1 * 1.0 + delta2 * -2.0,
        "r.weight_hh.grad": delta2 * h1,
        "r.bias_ih.grad": delta1 + delta2,
        "r.bias_hh.grad": delta1 + delta2,
    }
    for name, value in expected.items():
        assert memory.public(name).item() == pytest.approx(value, rel=1e-14), name
