"""Why a weight moved: the sums come out, for any program, and the chain ends at the weight."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from networks import LEARNING, TEXTS, scenario

from nntui.errors import UsageError
from nntui.scenario import parse
from nntui.session.session import Session

OPTIMIZERS = (
    '{ type = "sgd", lr = 0.1 }',
    '{ type = "sgd", lr = 0.1, momentum = 0.9, nesterov = true, weight_decay = 0.1 }',
    '{ type = "adagrad", lr = 0.1, lr_decay = 0.1 }',
    '{ type = "rmsprop", lr = 0.1, centered = true, momentum = 0.5 }',
    '{ type = "adadelta" }',
    '{ type = "adam", lr = 0.1, weight_decay = 0.1 }',
    '{ type = "adamw", lr = 0.1, weight_decay = 0.1 }',
    '{ type = "adamax", lr = 0.1 }',
    '{ type = "nadam", lr = 0.1 }',
)


def everything(session: Session):
    for parameter in session.trainer.program.parameters:
        for index in itertools.islice(np.ndindex(*parameter.shape), 8):
            yield parameter, session.reader.why(parameter.name, index)


@pytest.mark.parametrize("name", LEARNING)
@pytest.mark.parametrize("step", [1, 2, 7])
def test_shares_add_up_to_the_gradient_and_parts_to_the_change(name: str, step: int) -> None:
    session = Session(scenario(name))
    rounding = 1e-5 if session.trainer.state.dtype == np.float32 else 1e-12
    session.cursor.go(min(step, 6))
    for parameter, why in everything(session):
        size = float(np.abs(session.reader.look(f"{parameter.name}.grad")).max())

        assert why.moved
        assert why.change_off <= rounding * max(abs(why.before), abs(why.change), 1e-3)
        assert why.gradient_off <= rounding * max(size, 1e-3)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_is_taken_apart(optimizer: str) -> None:
    text = TEXTS["exam"].replace('{ type = "sgd", lr = 0.5 }', optimizer)
    session = Session(parse(text, origin="exam.toml"))
    session.cursor.go(3)
    why = session.reader.why("hidden.weight", (0, 1))

    assert why.updates
    assert why.updates[-1].numbers[0].startswith("w₁₂ = ")
    assert why.parts
    assert why.change_off <= 1e-12 * max(abs(why.change), abs(why.before))


@pytest.mark.parametrize("name", LEARNING)
def test_the_chain_leads_from_the_loss_to_the_weight(name: str) -> None:
    session = Session(scenario(name))
    session.cursor.go(2)
    for _, why in everything(session):
        if why.sample not in {share.sample for share in why.shares}:
            assert not why.chain
            continue
        first, last = why.chain[0], why.chain[-1]

        assert (first.symbol, first.product) == ("∂L/∂L", 1.0)
        assert last.symbol.endswith(why.symbol)
        product = 1.0
        for hop in why.chain:
            product = product * hop.local if hop.local is not None else hop.product
            assert hop.product == product


def test_along_the_only_path_the_product_is_the_gradient() -> None:
    session = Session(scenario("exam"))
    session.cursor.go(1)
    why = session.reader.why("hidden.weight", (1, 0))

    assert [hop.paths for hop in why.chain] == [1] * len(why.chain)
    assert math.isclose(why.chain[-1].product, why.gradient or 0.0, rel_tol=1e-14)
    assert why.chain[-1].written == "∂z₂/∂w₂₁ = x₁ = 3"


def test_every_sample_has_its_chain() -> None:
    session = Session(scenario("classes"))
    session.cursor.go(1)
    for sample in range(5):
        why = session.reader.why("output.weight", (0, 0), sample)

        assert why.sample == sample
        assert f"⁽{'¹²³⁴⁵'[sample]}⁾" in why.chain[3].symbol


def test_a_penalty_is_no_sample() -> None:
    session = Session(scenario("classes"))
    session.cursor.go(1)
    why = session.reader.why("output.weight", (0, 0))
    (penalty,) = (s for s in why.shares if s.sample is None)

    assert penalty.title == "gradient of the penalty"
    assert penalty.value == pytest.approx(0.01 * why.before)
    rows = session.trainer.batches.rows(1)
    assert [s.row for s in why.shares if s.sample is not None] == list(rows)


def test_decay_apart_from_the_gradient_is_a_part() -> None:
    optimizer = '{ type = "adamw", lr = 0.1, weight_decay = 0.1 }'
    text = TEXTS["exam"].replace('{ type = "sgd", lr = 0.5 }', optimizer)
    session = Session(parse(text, origin="exam.toml"))
    session.cursor.go(1)
    why = session.reader.why("hidden.weight", (0, 0))

    assert [part.title for part in why.parts] == ["decayed parameter", "−η m̂ / (√v̂ + ε)"]
    assert why.parts[0].value == pytest.approx(-0.01 * why.before)


def test_before_its_update_it_has_not_moved() -> None:
    session = Session(scenario("exam"))
    numbers = {info.output: info.number for info in session.network.ops}
    session.cursor.go(2, numbers["hidden.z"])
    early = session.reader.why("hidden.weight", (0, 0))
    session.cursor.go(2, numbers["hidden.weight.grad"])
    late = session.reader.why("hidden.weight", (0, 0))

    assert (early.moved, early.gradient, early.shares, early.chain) == (False, None, (), ())
    assert not late.moved
    assert late.updates == ()
    assert late.gradient is not None
    assert late.chain


def test_it_reads_what_the_backward_pass_read() -> None:
    session = Session(scenario("exam"))
    last = max(i.number for i in session.network.ops if i.phase == "backward")
    session.cursor.go(1, last)
    before = session.reader.why("hidden.weight", (0, 0))
    session.cursor.go(1)
    after = session.reader.why("hidden.weight", (0, 0))

    assert after.chain == before.chain
    assert after.shares == before.shares


def test_a_frozen_weight_says_so() -> None:
    session = Session(scenario("curve"))
    session.cursor.go(1)
    why = session.reader.why("output.bias", (0,))

    assert why.frozen
    assert (why.change, why.parts) == (0.0, ())


@pytest.mark.parametrize("at", [("hidden.wait", (0, 0)), ("hidden.weight", (9, 0)),
                                ("hidden.weight", (0,)), ("hidden.weight", (-1, 0))])  # fmt: skip
def test_what_does_not_exist_is_refused(at: tuple[str, tuple[int, ...]]) -> None:
    with pytest.raises(UsageError):
        Session(scenario("exam")).reader.why(*at)
