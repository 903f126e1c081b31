"""The gradient check over the op table itself, and a check of the checker."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

import numpy as np
import pytest

from nntui.engine import ops
from nntui.engine.gradcheck import Check, check_gradients, ridders, tolerable
from nntui.engine.layers.batch_norm import BatchNorm
from nntui.engine.layers.layer_norm import LayerNorm
from nntui.engine.ops import TABLE, Kind
from nntui.engine.ops.kind import Bench, Call
from nntui.engine.program import Op
from tests.engine.examples import EXAMPLES, INPUTS, OUTPUTS, Example, dense, example, inputs

CENTRAL = 1e-7
COMPLEX = 1e-12
DIFFERENTIABLE = sorted(name for name, kind in TABLE.items() if kind.differentiable)


@cache
def checks(name: str) -> tuple[Check, ...]:
    """Of the first batch and of the last, which may be smaller."""
    model, dataset = EXAMPLES[name].model, EXAMPLES[name].dataset
    steps = {1, EXAMPLES[name].trainer().steps_per_epoch}
    return tuple(c for step in steps for c in check_gradients(model, dataset, step=step))


def sends_gradient(network: Example, kind: str) -> bool:
    """Whether a gradient flows back through an op of this kind."""
    steps = network.programs()[0].ops
    ways = {op.attributes.get("of") for op in steps if op.phase == "backward"}
    return any(op.kind.name == kind and op.output in ways for op in steps)


@pytest.mark.parametrize("kind", DIFFERENTIABLE)
def test_gradients_through_every_kind_are_right(kind: str) -> None:
    names = [name for name, network in EXAMPLES.items() if sends_gradient(network, kind)]

    assert names, f"no example has a gradient flow through {kind}"
    for name in names:
        for check in checks(name):
            assert check.complex_step <= COMPLEX, (name, check)
            assert check.central <= CENTRAL, (name, check)
            assert check.largest > 0, (name, check)


MEASURES = {"step_norms"}
"""Kinds of the backward phase that gradients do not depend on."""

BACKWARD = sorted(
    {
        op.kind.name
        for network in EXAMPLES.values()
        for op in network.programs()[0].ops
        if op.phase == "backward"
    }
    - MEASURES
)


def slightly_wrong(kind: Kind) -> Kind:
    """The kind with an output 1/1000 too large."""

    def calls(bench: Bench, op: Op) -> Sequence[Call]:
        out = bench[op.output]
        return [*kind.calls(bench, op), (np.multiply, out, bench.constant(1.001), out)]

    return replace(kind, calls=calls)


@pytest.mark.parametrize("kind", BACKWARD)
def test_an_error_in_any_gradient_is_caught(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check finds an error of 1/1000 wherever it is planted."""
    network = next(
        e for e in EXAMPLES.values() if any(op.kind.name == kind for op in e.programs()[0].ops)
    )
    assert tolerable(check_gradients(network.model, network.dataset))

    monkeypatch.setitem(TABLE, kind, slightly_wrong(TABLE[kind]))
    found = check_gradients(network.model, network.dataset)

    assert not tolerable(found)
    worst = max(found, key=lambda check: check.complex_step)
    assert worst.central == pytest.approx(worst.complex_step, rel=1e-3)


def test_a_gradient_that_is_not_a_number_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def calls(bench: Bench, op: Op) -> Sequence[Call]:
        return [(bench[op.output].fill, math.nan)]

    monkeypatch.setitem(TABLE, "tanh_grad", replace(TABLE["tanh_grad"], calls=calls))

    assert not tolerable(check_gradients(EXAMPLES["tanh"].model, EXAMPLES["tanh"].dataset))


def test_a_gradient_that_is_0_but_for_rounding_is_right() -> None:
    """A bias before a batch norm moves nothing: its gradient is 0."""
    network = example(dense("h", 4), BatchNorm(name="n"), dense("o", OUTPUTS))
    found = {c.parameter: c for c in check_gradients(network.model, network.dataset)}

    assert 0 < found["h.bias"].largest < 1e-13
    assert found["h.bias"].complex_step <= COMPLEX
    assert found["h.bias"].central <= CENTRAL


def test_where_the_loss_has_a_kink_there_is_nothing_to_compare(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Inputs of 0 under biases of 0: relu stands at its kink, whichever way a bias moves."""
    x = inputs()
    x[0] = 0.0
    network = example(dense("h", 4, "relu", bias=np.zeros(4)), dense("o", OUTPUTS), x=x)
    found = {c.parameter: c for c in check_gradients(network.model, network.dataset)}

    assert (found["h.bias"].checked, found["h.bias"].kinks) == (0, 4)
    assert found["h.bias"].largest > 0
    assert [c.kinks for name, c in found.items() if name != "h.bias"] == [0, 0, 0]
    assert all(c.complex_step <= COMPLEX for c in found.values())
    monkeypatch.setitem(TABLE, "relu_grad", slightly_wrong(TABLE["relu_grad"]))
    assert not tolerable(check_gradients(network.model, network.dataset))


def test_a_kink_is_found_where_its_one_side_has_the_slope_of_the_gradient() -> None:
    """A bias that grows takes the relu to where it is flat, as its gradient at 0 says."""
    x = np.zeros_like(inputs())
    zero, down = np.zeros(1), -np.ones((1, 1))
    layers = dense("g", 1, bias=zero), dense("h", 1, "relu", weight=down, bias=zero)
    network = example(*layers, dense("o", OUTPUTS), x=x)
    found = {c.parameter: c for c in check_gradients(network.model, network.dataset)}

    assert (found["g.bias"].largest, found["g.bias"].kinks) == (0.0, 1)
    assert all(c.central <= CENTRAL for c in found.values())


def test_a_gradient_of_rounding_and_little_else_is_right() -> None:
    """Of two features a layer norm leaves the signs: all that is before it hardly matters."""
    large = 1000.0 * np.linspace(-1.0, 2.0, 2 * INPUTS).reshape(2, INPUTS)
    network = example(dense("h", 2, weight=large), LayerNorm(name="n"), dense("o", OUTPUTS))
    found = check_gradients(network.model, network.dataset)
    sizes = {c.parameter: c.largest for c in found}

    assert 1e-12 < sizes["h.weight"] / max(sizes.values()) < 1e-9
    assert all(c.central <= 1e-7 and c.complex_step <= 1e-7 for c in found)


def test_a_small_gradient_is_checked_by_its_own_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the network's largest gradient, its error is only a billionth."""
    small, last = np.full((4, INPUTS), 0.5), np.full((OUTPUTS, 4), 1e-6)
    network = example(dense("h", 4, "tanh", weight=small), dense("o", OUTPUTS, weight=last))
    monkeypatch.setitem(TABLE, "tanh_grad", slightly_wrong(TABLE["tanh_grad"]))

    found = {c.parameter: c for c in check_gradients(network.model, network.dataset)}

    assert found["h.weight"].largest < 1e-5 * found["o.weight"].largest
    assert found["h.weight"].complex_step == pytest.approx(1e-3, rel=0.01)


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda d: math.sin(1 + d), math.cos(1)),
        (lambda d: math.exp(3 + d), math.exp(3)),
        (lambda d: (2 + d) ** 5, 80.0),
        (lambda d: 1 / (0.1 + d), -100.0),
        (lambda d: abs(d + 0.02), 1.0),
        (lambda d: abs(d + 0.0007) + d, 2.0),
        (lambda d: 7.0, 0.0),
    ],
)
def test_extrapolated_differences_find_known_slopes(
    f: Callable[[float], float], expected: float
) -> None:
    assert ridders(f) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("offset", [1e2, 1e4, 1e6])
def test_differences_of_large_numbers_are_as_good_as_rounding_lets_them_be(offset: float) -> None:
    """Rounding alone makes an error of up to ε · offset / distance, which the choice must bound."""
    attainable = np.finfo(float).eps * offset / 1e-2
    for x in np.linspace(0.1, 2.7, 100):
        slope = ridders(lambda d, x=x: offset + math.sin(x + d))

        assert abs(slope - math.cos(x)) < 4 * attainable


def test_large_parameters_are_checked_at_evenly_spread_elements() -> None:
    model, dataset = EXAMPLES["tanh"].model, EXAMPLES["tanh"].dataset
    counts = {c.parameter: c.checked for c in check_gradients(model, dataset, limit=4)}

    assert counts == {"h.weight": 4, "h.bias": 4, "o.weight": 4, "o.bias": 2}


def test_a_check_tells_how_far_it_has_come() -> None:
    model, dataset = EXAMPLES["tanh"].model, EXAMPLES["tanh"].dataset
    told: list[float] = []
    found = check_gradients(model, dataset, limit=4, report=told.append)

    count = sum(check.checked for check in found)
    assert told == [k / count for k in range(1, count + 1)]


def test_no_two_rows_of_the_table_have_the_same_name() -> None:
    modules = [import_module(f"{ops.__name__}.{m.name}") for m in iter_modules(ops.__path__)]
    rows = [kind.name for module in modules for kind in getattr(module, "KINDS", ())]

    assert sorted(rows) == sorted(TABLE)


@pytest.mark.parametrize("kind", sorted(TABLE))
def test_every_kind_occurs_in_an_example(kind: str) -> None:
    programs = (program for network in EXAMPLES.values() for program in network.programs())

    assert any(op.kind is TABLE[kind] for program in programs for op in program.ops)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_op_has_a_formula_and_words(name: str) -> None:
    for op in (op for program in EXAMPLES[name].programs() for op in program.ops):
        assert op.formula.strip()
        assert not set("{}") & set(op.formula), op.formula
        assert op.kind.title
        assert op.kind.sentence.format_map(op.attributes).endswith(".")
