"""What a scenario in order becomes."""

from __future__ import annotations

import numpy as np
import pytest

from nntui.engine.activations import LINEAR, Activation
from nntui.engine.data import SOURCES
from nntui.engine.initializers import INITIALIZERS, HeNormal
from nntui.engine.layers import LAYERS
from nntui.engine.layers.dense import Dense
from nntui.engine.layers.dropout import Dropout
from nntui.engine.model import Loss
from nntui.engine.optimizers import OPTIMIZERS, Adam, Sgd
from nntui.engine.random import Keyed
from nntui.engine.schedules import SCHEDULES, Cosine
from nntui.scenario import Note, Scenario, parse
from nntui.scenario.options import field_kinds

NETWORK = """\
title = "t"
{heading}
[data]
{data}
{layers}
[training]
{training}
"""
DENSE = '[[layers]]\ntype = "dense"\nunits = {units}\n{options}\n'


def read(
    heading: str = "",
    data: str = "rows = [{ x = [1, 2], y = [0] }, { x = [3, 4], y = [1] }]",
    layers: str = DENSE.format(units=1, options=""),
    training: str = 'loss = "mse"',
) -> Scenario:
    text = NETWORK.format(heading=heading, data=data, layers=layers, training=training)
    return parse(text, origin="t.toml")


def dense(options: str, units: int = 1) -> Dense:
    (layer,) = read(layers=DENSE.format(units=units, options=options)).model.layers
    assert isinstance(layer, Dense)
    return layer


def test_the_example_of_the_contract(exam: str) -> None:
    scenario = parse(exam, origin="exam.toml")
    hidden, output = scenario.model.layers

    assert scenario.title == "Will I pass the exam?"
    assert (scenario.origin, scenario.source) == ("exam.toml", exam)
    assert (scenario.model.seed, scenario.model.dtype) == (7, "float64")
    assert isinstance(hidden, Dense)
    assert (hidden.name, hidden.units, hidden.activation) == ("hidden", 2, Activation("sigmoid"))
    np.testing.assert_array_equal(hidden.given()["weight"], [[0.2, 0.3], [0.1, 0.4]])
    np.testing.assert_array_equal(hidden.given()["bias"], [0.5, 0.1])
    assert output.name == "output"
    training = scenario.model.training
    assert training.loss == Loss("bce")
    assert training.optimizer == Sgd(lr=0.5)
    assert (training.batch_size, training.epochs) == (1, 200)
    assert scenario.notes == (Note("forward hidden.z", "The products and the bias, added up."),)
    np.testing.assert_array_equal(scenario.data.train.x, [[3, 7], [1, 2]])
    np.testing.assert_array_equal(scenario.data.train.y, [[1], [0]])
    assert scenario.data.inputs == ("hours", "knowledge")
    assert scenario.data.outputs == ("pass",)
    assert scenario.data.test is None


def test_defaults() -> None:
    scenario = read()
    (layer,) = scenario.model.layers

    assert (scenario.about, scenario.model.seed, scenario.model.dtype) == ("", 0, "float64")
    assert (scenario.breakpoints, scenario.watches, scenario.notes) == ((), (), ())
    assert isinstance(layer, Dense)
    assert (layer.name, layer.activation, layer.bias, layer.init) == ("dense1", LINEAR, True, None)
    training = scenario.model.training
    assert training.optimizer == Sgd()
    assert (training.batch_size, training.epochs, training.schedule) == (None, 100, None)
    data = scenario.data
    assert (data.inputs, data.outputs, data.classes) == (("x1", "x2"), ("y1",), ())
    assert data.shuffle is False


def test_heading() -> None:
    scenario = read(
        'about = """\nOne\ttwo,\nthree."""\nseed = 9223372036854775807\ndtype = "float32"\n'
        'breakpoints = ["loss < 0.05"]\nwatches = ["loss", "step"]'
    )

    assert scenario.about == "One two,\nthree."
    assert (scenario.model.seed, scenario.model.dtype) == (2**63 - 1, "float32")
    assert scenario.breakpoints == ("loss < 0.05",)
    assert scenario.watches == ("loss", "step")


def test_line_ends_and_byte_order_mark_of_other_systems(exam: str) -> None:
    text = b"\xef\xbb\xbf" + exam.replace("\n", "\r\n").encode()

    assert parse(text, origin="exam.toml").source == exam


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ('activation = "leaky_relu"', Activation("leaky_relu", 0.01)),
        ('activation = "leaky_relu"\nalpha = 0.2', Activation("leaky_relu", 0.2)),
        ('alpha = 2\nactivation = "elu"', Activation("elu", 2.0)),
        ('activation = { type = "leaky_relu", alpha = 0.2 }', Activation("leaky_relu", 0.2)),
        ('activation = { type = "tanh" }', Activation("tanh")),
        ('activation.type = "elu"\nactivation.alpha = 3', Activation("elu", 3.0)),
    ],
)
def test_activations(options: str, expected: Activation) -> None:
    assert dense(options).activation == expected


@pytest.mark.parametrize(
    ("training", "expected"),
    [
        ('loss = "huber"', Loss("huber", 1.0)),
        ('loss = "huber"\ndelta = 2', Loss("huber", 2.0)),
        ('loss = { type = "huber", delta = 0.5 }', Loss("huber", 0.5)),
        ('loss = { type = "mae" }', Loss("mae")),
    ],
)
def test_losses(training: str, expected: Loss) -> None:
    assert read(training=training).model.training.loss == expected


def test_layer_options() -> None:
    assert dense('init = "he_normal"').init == HeNormal()
    assert dense('init = { type = "he_normal", gain = 2 }').init == HeNormal(gain=2.0)
    assert dense("bias = false").bias is False
    assert dense("freeze = true").freeze is True
    assert dense('freeze = ["bias"]').freeze == ("bias",)


def test_training_options() -> None:
    training = read(
        training='loss = "mse"\nl1 = 1e-3\nl2 = 1\nclip_norm = 5\nschedule = "cosine"\n'
        'optimizer = { type = "adam", betas = [0, 0.99], amsgrad = true }'
    ).model.training

    assert training.optimizer == Adam(betas=(0.0, 0.99), amsgrad=True)
    assert training.schedule == Cosine()
    assert (training.l1, training.l2, training.clip_norm) == (0.001, 1.0, 5.0)
    assert read(training='loss="mse"\noptimizer="adam"').model.training.optimizer == Adam()


def test_default_names_count_the_layers_of_a_type() -> None:
    dropout = '[[layers]]\ntype = "dropout"\n'
    named = DENSE.format(units=2, options='name = "middle"')
    last = DENSE.format(units=1, options="")
    scenario = read(layers=last + dropout + named + dropout + last)

    names = [layer.name for layer in scenario.model.layers]
    assert names == ["dense1", "dropout1", "middle", "dropout2", "dense3"]
    assert isinstance(scenario.model.layers[1], Dropout)


def test_rows_may_be_bare_numbers() -> None:
    data = read(data="rows = [{ x = 1, y = 2 }, { x = 3, y = 4.5 }]").data

    np.testing.assert_array_equal(data.train.x, [[1], [3]])
    np.testing.assert_array_equal(data.train.y, [[2], [4.5]])


@pytest.mark.parametrize("name", ["xor", "iris", "spiral", "sine", "exam"])
def test_sources(name: str) -> None:
    iris = name == "iris"
    data = read(
        data=f'source = "{name}"',
        layers=DENSE.format(units=3 if iris else 1, options=""),
        training='loss = "cross_entropy"' if iris else 'loss = "mse"',
    ).data

    assert len(data.inputs) == data.train.x.shape[1]
    assert len(data.outputs) == (3 if iris else 1)


def test_names_in_the_file_win_over_those_of_a_source() -> None:
    data = read(data='source = "xor"\ninputs = ["p", "q"]\noutputs = ["r"]').data

    assert (data.inputs, data.outputs) == (("p", "q"), ("r",))


def test_rows_are_held_back_at_random_and_keep_their_order() -> None:
    rows = ", ".join(f"{{ x = {i}, y = {10 * i} }}" for i in range(10))
    data = read(data=f"rows = [{rows}]\ntest_fraction = 0.3\nshuffle = true").data

    assert data.test is not None
    assert data.shuffle is True
    assert (len(data.train), len(data.test)) == (7, 3)
    train, test = data.train.x[:, 0], data.test.x[:, 0]
    assert sorted([*train, *test]) == list(range(10))
    assert list(train) == sorted(train)
    assert list(test) not in ([0, 1, 2], [7, 8, 9])
    assert data.test.y is not None
    np.testing.assert_array_equal(data.test.y[:, 0], 10 * test)


@pytest.mark.parametrize(("fraction", "held"), [(0.01, 1), (0.5, 1), (0.99, 1)])
def test_each_part_keeps_a_row(fraction: float, held: int) -> None:
    data = read(data=f"rows = [{{ x = 1, y = 1 }}, {{ x = 2, y = 2 }}]\ntest_fraction={fraction}")

    assert data.data.test is not None
    assert (len(data.data.train), len(data.data.test)) == (1, held)


def test_samples_and_noise_of_inline_rows() -> None:
    rows = ", ".join(f"{{ x = {i}, y = {i} }}" for i in range(10))
    chosen = read(data=f"rows = [{rows}]\nsamples = 4").data.train
    noisy = read(data=f"rows = [{rows}]\nnoise = 0.1").data.train

    assert len(chosen) == 4
    assert list(chosen.x[:, 0]) == sorted({*chosen.x[:, 0]})
    assert noisy.y is not None
    difference = noisy.x - noisy.y
    assert 0.01 < np.abs(difference).max() < 1


@pytest.mark.parametrize(
    "registry", [LAYERS, OPTIMIZERS, SCHEDULES, INITIALIZERS, SOURCES], ids=lambda r: next(iter(r))
)
def test_every_option_of_the_engine_has_a_kind(registry: dict[str, type]) -> None:
    for cls in registry.values():
        assert all(kind.expected for kind in field_kinds(cls).values())


@pytest.mark.parametrize("name", INITIALIZERS)
@pytest.mark.parametrize("kind", ["layer_norm", "batch_norm"])
def test_a_norm_starts_with_the_scale_that_is_drawn(kind: str, name: str) -> None:
    init = "{ type = 'constant', value = 2 }" if name == "constant" else f"'{name}'"
    wide, last = DENSE.format(units=4, options=""), DENSE.format(units=1, options="")
    norm = f'[[layers]]\nname = "n"\ntype = "{kind}"\n'
    drawn, given, plain = (
        read(layers=f"{wide}{norm}{option}{last}").model.training_program(read().data)
        for option in (f"init = {init}\n", f"init = {init}\nweight = [1, 2, 3, 4]\n", "")
    )

    expected = INITIALIZERS[name](**({"value": 2.0} if name == "constant" else {}))
    assert np.array_equal(
        drawn.parameter("n.weight").initial, expected.draw(Keyed(0), "n.weight", (4,))
    )
    assert given.parameter("n.weight").initial.tolist() == [1, 2, 3, 4]
    assert plain.parameter("n.weight").initial.tolist() == [1, 1, 1, 1]
    assert drawn.parameter("n.bias").initial.tolist() == [0, 0, 0, 0]
