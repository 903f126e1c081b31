"""What the columns of two players show in which pass, and which sample that is of."""

from __future__ import annotations

import pytest
from networks import scenario

from nntui.scenario.model import Scenario
from nntui.session.session import Session
from nntui.session.static import Network
from tests.engine.adversaries import GANS


def at(session: Session, output: str, sample: int = 0, last: bool = False) -> Network:
    """The network as it is shown after an op's first run in step 1, or its last."""
    numbers = [op.number for op in session.network.ops if op.output == output]
    session.reader.sample = sample
    session.cursor.go(1, numbers[-1 if last else 0])
    frame = session.frame
    return session.network.at(frame.position.op, fake=frame.is_fake)


def shown(network: Network) -> dict[str, tuple[str, bool]]:
    return {column.name: (column.a, column.frozen) for column in network.columns}


def test_noise_and_generator_stand_before_the_data_and_the_discriminator() -> None:
    network = Session(scenario("adversaries")).network

    assert [(c.name, c.player) for c in network.columns] == [
        ("latent", ""),
        ("generator.hidden", "generator"),
        ("generator.output", "generator"),
        ("input", ""),
        ("discriminator.hidden", "discriminator"),
        ("discriminator.output", "discriminator"),
    ]
    assert [column.units[0] for column in network.columns] == ["z1", "h1", "x1", "x1", "h1", "D"]
    assert network.data.name == "input"
    assert network.targets == ()


def test_in_ds_turn_the_generator_is_frozen() -> None:
    session = Session(scenario("adversaries"))

    assert shown(at(session, "x")) == {
        "latent": ("generator.latent.frozen", False),
        "generator.hidden": ("generator.hidden.frozen.a", True),
        "generator.output": ("generator.output.frozen.a", True),
        "input": ("x", False),
        "discriminator.hidden": ("discriminator.hidden.a", False),
        "discriminator.output": ("discriminator.output.a", False),
    }
    assert shown(at(session, "discriminator.x"))["input"][0] == "discriminator.x"


def test_in_gs_turn_the_discriminator_is_frozen_and_all_samples_are_fakes() -> None:
    session = Session(scenario("adversaries"))
    network = at(session, "generator.hidden.z")

    assert shown(network) == {
        "latent": ("generator.latent", False),
        "generator.hidden": ("generator.hidden.a", False),
        "generator.output": ("generator.output.a", False),
        "input": ("generator.output.a", False),
        "discriminator.hidden": ("discriminator.hidden.frozen.a", True),
        "discriminator.output": ("discriminator.output.frozen.a", True),
    }
    assert network.data.title == "fake G(z)"
    assert session.frame.is_fake


def test_samples_are_the_real_ones_and_then_the_fakes() -> None:
    session = Session(scenario("adversaries"))
    batch = 3
    session.reader.sample = 99
    assert session.reader.sample == 2 * batch - 1
    number = next(op.number for op in session.network.ops if op.output == "discriminator.x")
    session.cursor.go(1, number)
    both = session.reader.look("discriminator.x")
    fakes = session.reader.look("generator.output.frozen.a")
    for sample in range(2 * batch):
        session.reader.sample = sample
        frame = session.frame
        assert frame.is_fake is (sample >= batch)
        assert frame.row("discriminator.x") == tuple(both[sample])
        assert frame.row("generator.output.frozen.a") == tuple(fakes[sample % batch])
        assert frame.value("x", 0) == session.reader.look("x")[sample % batch, 0]


def test_an_edit_of_a_fakes_neuron_goes_to_that_fake() -> None:
    session = Session(scenario("adversaries"))
    session.reader.sample = 4
    number = next(op.number for op in session.network.ops if op.output == "discriminator.hidden.z")
    session.cursor.go(1, number)
    before = session.reader.look("discriminator.hidden.z").copy()
    session.edit("discriminator.hidden.z", (1,), 0.25)
    after = session.reader.look("discriminator.hidden.z")

    assert after[4, 1] == 0.25
    before[4, 1] = 0.25
    assert (after == before).all()


def test_every_sample_of_every_op_can_be_explained() -> None:
    session = Session(scenario("adversaries"))
    for op in session.network.ops:
        session.cursor.go(1, op.number)
        for sample in (0, 5):
            session.reader.sample = sample
            assert session.frame.explanation is not None


def test_where_batches_are_judged_apart_the_fakes_have_columns_of_their_own() -> None:
    model, data = GANS["gan norms"]
    session = Session(Scenario(title="Norms", model=model, data=data))
    output = "discriminator.h.fake.z"

    real = shown(at(session, output))
    fake = shown(at(session, output, sample=session.frame.batch))
    assert real["discriminator.h"] == ("discriminator.h.a", False)
    assert fake["discriminator.h"] == ("discriminator.h.fake.a", False)
    assert (real["input"][0], fake["input"][0]) == ("x", "generator.o.frozen.a")


@pytest.mark.parametrize("name", sorted(GANS))
def test_what_columns_show_is_computed_in_the_step(name: str) -> None:
    model, data = GANS[name]
    session = Session(Scenario(title=name, model=model, data=data))
    tensors = session.trainer.program.tensors
    for each in session.network.passes:
        for column in each.columns:
            assert column.a in tensors
            assert all(row.gradient or row.tensor in tensors for row in column.rows)
            inner = tensors[column.a].public_shape(1)[1:]
            assert inner == column.shape
