"""Terms: what the screen says about a number is how the number came about.

Every example is run op by op; after each op, cells of its output are explained, and the explanation
is computed again from its own text and numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pytest

from nntui.engine.layers.dense import Dense
from nntui.engine.model import Dataset, Loss, Samples, Training
from nntui.engine.models.sequential import Sequential
from nntui.engine.ops.kind import Index, Operand, Term, Terms
from nntui.engine.optimizers import Sgd
from nntui.engine.program import Op
from nntui.engine.trainer import Trainer
from nntui.session.now import Now
from tests.engine.examples import EXAMPLES, Example
from tests.engine.formula import compute

STEPS = 3
MOST_CELLS = 40
SYMBOLIC = {"rate"}
"""Kinds whose terms give a formula without numbers."""


def cells(shape: tuple[int, ...]) -> Iterable[Index]:
    """Indices of an array, at most `MOST_CELLS`, evenly spread."""
    every = list(np.ndindex(*shape))
    return every[:: -(-len(every) // MOST_CELLS)]


def explained(example: Example, steps: int = STEPS) -> Iterator[tuple[Now, Op, Index, Terms]]:
    """Cells of every op, each explained when the op has just run."""
    now = Now(example.trainer())
    for step in range(1, steps + 1):
        now.begin(step)
        for op in now.trainer.program.ops:
            now.advance(op.number)
            for index in cells(now.now(op.output).shape):
                yield now, op, index, now.terms(op, index)


def combined(terms: Terms) -> tuple[float, float]:
    """What the terms come to together, and how large they are."""
    values = [term.value for term in terms.terms]
    total = sum(values)
    return compute(terms.wrap, [total]) if terms.wrap else total, sum(map(abs, values))


def close(value: float, expected: float, scale: float = 0.0) -> bool:
    """Equal to nine digits, but for the rounding of a sum of numbers of size `scale`."""
    if np.isnan(expected):
        return bool(np.isnan(value))
    return value == pytest.approx(expected, rel=1e-9, abs=1e-14 * scale)


def elu(op: Op) -> dict[str, object]:
    """elu as a function of one number, where the op has its α."""
    alpha = op.attributes.get("alpha", 1.0)
    return {"elu": lambda z: z if z > 0 else alpha * np.expm1(z)}


def check_term(op: Op, term: Term) -> None:
    """A term comes to what its text says."""
    values = [operand.value for operand in term.operands]
    for template in filter(None, (term.template, term.expanded)):
        written = compute(template, values, **elu(op))
        assert close(written, term.value, max(map(abs, values), default=0.0)), (template, values)


def check_operand(now: Now, operand: Operand) -> None:
    """An operand with a tensor is that tensor's cell; one without says what it is."""
    if operand.tensor:
        known = [float(now.now(operand.tensor)[operand.index])]
        if operand.tensor in now.trainer.state.names():
            known.append(float(now.before(operand.tensor)[operand.index]))
        assert operand.value in known, operand
    else:
        assert operand.symbol, operand


@pytest.mark.parametrize("name", EXAMPLES)
def test_terms_add_up_to_the_result(name: str) -> None:
    for now, op, index, terms in explained(EXAMPLES[name]):
        value, scale = combined(terms)

        assert terms.result == now.now(op.output)[index], (op, index)
        assert close(value, terms.result, scale), (op.kind.name, index, terms)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_term_is_what_it_says(name: str) -> None:
    for now, op, _index, terms in explained(EXAMPLES[name]):
        for term in terms.terms:
            if op.kind.name not in SYMBOLIC:
                check_term(op, term)
            for operand in term.operands:
                check_operand(now, operand)
                if operand.origin is not None:
                    assert close(operand.origin.value, operand.value)
                    check_term(op, operand.origin)
                    for source in operand.origin.operands:
                        check_operand(now, source)


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_the_update_overwrites_is_read_as_it_was(name: str) -> None:
    """An op that sets a tensor of the state explains it from the value before."""
    for now, op, index, terms in explained(EXAMPLES[name]):
        if op.output not in now.trainer.state.names() or op.kind.name == "frozen":
            continue
        old = now.before(op.output)[index]
        operands = [o for term in terms.terms for o in term.operands if o.tensor == op.output]
        assert all(o.value == old for o in operands), (op.kind.name, index)


def test_a_sum_over_very_many_cells_is_shown_by_tensor() -> None:
    layers = (Dense(name="wide", units=40), Dense(name="out", units=2))
    training = Training(
        loss=Loss("mse"), optimizer=Sgd(lr=0.1), clip_norm=0.5, l1=0.01, l2=0.1, epochs=1
    )
    x = np.linspace(-1.0, 1.0, 60).reshape(3, 20)
    data = Dataset(train=Samples(x, np.ones((3, 2))), outputs=("a", "b"))
    trainer = Trainer(Sequential(layers=layers, training=training), data)
    now = Now(trainer)

    for output, wrapped in (("loss.penalty", float), ("clip.norm", np.sqrt)):
        op = trainer.program.find(output)
        assert op is not None
        now.advance(op.number)
        terms = now.terms(op, ())
        assert len(terms.terms) <= 4
        assert wrapped(sum(t.value for t in terms.terms)) == pytest.approx(terms.result, rel=1e-12)
