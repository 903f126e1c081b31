"""What expressions give: operators, functions, indices, the step before, "not yet"."""

from __future__ import annotations

import keyword
import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from expression_scopes import SHAPES, Fake, scope

from nntui.engine.trainer import Trainer
from nntui.scenario import load
from nntui.session.expressions import LANGUAGE, Expression, ExpressionError, parse
from nntui.session.expressions.functions import FUNCTIONS, SPECIAL
from nntui.session.expressions.names import ANY, CONSTANTS, FACTS, TEXTS
from nntui.session.expressions.values import Value

A = np.arange(12.0).reshape(4, 3) - 4
BEFORE = A.copy()
BEFORE[0, 0] = 2.5
LOOKS = np.full((4, 1, 3, 3), 0.5)
SCOPE = Fake(
    now={
        "hidden.a": A,
        "loss": np.array(0.25),
        "bmu": np.array([3.0, 4.0]),
        "conv.a": np.maximum(0, np.arange(72.0).reshape(4, 2, 3, 3) * [[[0]], [[1]]]),
        "hidden.weight": np.array([[0.2, 0.3], [0.1, 0.4], [np.nan, -np.inf]]),
        "attention.weights": np.arange(72.0).reshape(4, 2, 3, 3),
        "block.attention.weights": LOOKS,
    },
    before={
        "hidden.a": BEFORE,
        "loss": np.array(0.05),
        "block.attention.weights": LOOKS * [[1.0], [0.5], [1.0]],
    },
)


def value(text: str, at: Fake = SCOPE) -> Value:
    return parse(text, SHAPES).evaluate(at)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3 ** 2 ** 1 - 4 / 8", 18.5),
        ("-2 ** 2", -4.0),
        ("7 // 2 + -7 // 2 + 7 % -3", -3.0),
        ("+loss", 0.25),
        ("true + true", 2.0),
        ("loss < 0.5", True),
        ("0 < loss <= 0.25 < 1", True),
        ("0 < loss > 1", False),
        ("not loss < 0.5 or loss == 0.25 and true", True),
        ("1 if loss > 0.5 else 2", 2.0),
        ("nan == nan", False),
        ("nan != nan", True),
        ("loss < inf", True),
        ("hidden.a[0, 2]", -2.0),
        ("hidden.a[-1][-1]", 7.0),
        ("hidden.a[1:3, ::2].sum()", 6.0),
        ("hidden.a[:, 1].max()", 6.0),
        ("hidden.a[::-1][0, 0]", 5.0),
        ("hidden.a.T[2, 0]", -2.0),
        ("(hidden.a > 0).sum()", 7.0),
        ("(hidden.a > 0).mean() == 7 / 12", True),
        ("any(hidden.a > 6)", True),
        ("(-1 < hidden.a < 1).sum()", 1.0),
        ("hidden.a.abs().max()", 7.0),
        ("hidden.a.argmax() + hidden.a.argmin()", 11.0),
        ("all(hidden.a)", False),
        ("hidden.a.any()", True),
        ("min(hidden.a, 0).sum()", -10.0),
        ("max(1, 3, 2)", 3.0),
        ("min(hidden.a)", -4.0),
        ("clip(hidden.a, -1, 1).sum()", 3.0),
        ("norm(bmu)", 5.0),
        ("bmu == (3, 4)", True),
        ("(3, 4) != bmu", False),
        ("bmu == (3, 5 - 0)", False),
        ("round(2.5) + round(3.5)", 6.0),
        ("sign(-3) + sqrt(4) + exp(0) + log(e) + tanh(0)", 3.0),
        ("isnan(nan) and isinf(-inf) and not isfinite(nan)", True),
        ("any_nan and any_inf", True),
        ("hidden.weight[2, 0] < 1", False),
        ("loss > 3 * prev(loss)", True),
        ("(loss - prev(loss)) / prev(loss)", pytest.approx(4)),
        ("sign_flips(hidden.a)", 1.0),
        ("changed(hidden.a)", True),
        ("changed(hidden.a[1])", False),
        ("dead(hidden)", 0.0),
        ("dead(conv)", 1.0),
        ("attention[1, 0, 2]", 47.0),
        ("attention.weights[2, 1, 0, 2]", 47.0),
        ("attention[1].sum() == attention.weights[2, 1].sum()", True),
        ("attention.max()", 53.0),
        ("attention.T[2, 0, 1]", 47.0),
        ("block.attention[0, 1, 1] - prev(block.attention[0, 1, 1])", 0.25),
        ("prev(block.attention)[0, 1, 1]", 0.25),
        ("changed(block.attention[0, 0])", False),
        ("prev(hidden.a[0, 0])", 2.5),
        ("step * 100 + epoch * 10 + op", 523.0),
        ("lr", 0.5),
        ('phase == "forward"', True),
        ("'backward' != phase", True),
        ('layer == "hidden" and phase == "loss"', False),
        ("  loss\t<\t1  ", True),
        ("2 * pi", 2 * math.pi),
        ("True != False", True),
    ],
)
def test_value(text: str, expected: object) -> None:
    found = value(text)
    assert found == expected
    assert isinstance(found, bool) is isinstance(expected, bool)


def test_array_is_a_copy() -> None:
    for text in ("hidden.a", "hidden.a[1:]", "hidden.a.T"):
        found = value(text)
        assert isinstance(found, np.ndarray)
        assert found.dtype == np.float64
        assert not np.shares_memory(found, A)


def test_what_an_expression_reads() -> None:
    expression = parse("loss > 3 * prev(hidden.z.max()) and dead(hidden) > op", SHAPES)
    assert expression.text.startswith("loss > 3")
    assert expression.names == {"loss", "hidden.z", "hidden.a"}
    assert expression.facts == {"op"}
    assert expression.uses_previous
    assert expression.shape == ()
    assert not parse("loss", SHAPES).uses_previous
    assert parse("changed(loss)", SHAPES).uses_previous
    assert parse("any_nan", SHAPES).names == set(SHAPES)
    assert parse("prev(lr) > lr", SHAPES).names == {"lr"}
    assert parse("hidden.a > 0", SHAPES).shape == (4, 3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("loss", None),
        ("loss < 1", None),
        ("not loss < 1", None),
        ("-loss + 1", None),
        ("abs(loss)", None),
        ("hidden.a.max()", None),
        ("hidden.a[0]", None),
        ("hidden.a.T", None),
        ("any(hidden.a)", None),
        ("bmu == (1, 2)", None),
        ("1 if loss else 2", None),
        ("prev(loss)", None),
        ("sign_flips(hidden.a)", None),
        ("changed(loss)", None),
        ("dead(hidden)", None),
        ("loss < 1 and step == 5", None),
        ("loss < 1 or step == 6", None),
        # what is known decides
        ("loss < 1 or step == 5", True),
        ("step == 6 and loss < 1", False),
        ("loss < 1 and step == 6", False),
        ("loss < 1 < 0", False),
        ("3 if step == 5 else loss", 3.0),
        ("any_nan", False),
        ("changed(loss) or true", True),
    ],
)
def test_not_yet(text: str, expected: Value) -> None:
    expression = parse(text, SHAPES)
    assert expression.evaluate(Fake()) is expected or expression.evaluate(Fake()) == expected
    assert expression.holds(Fake()) is (expected is not None and bool(expected))
    assert expression.scalar(Fake()) == expected


def test_previous_that_is_not_there() -> None:
    first = scope()
    first.before = {}
    for text in ("loss > 3 * prev(loss)", "sign_flips(hidden.a)", "changed(loss)"):
        assert value(text, first) is None
        assert not parse(text, SHAPES).holds(first)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("nan", False), ("0", False), ("2", True), ("nan < 1", False), ("not nan < 1", True)],
)
def test_holds(text: str, expected: bool) -> None:
    assert parse(text, SHAPES).holds(SCOPE) is expected


def test_scalar() -> None:
    assert parse("loss < 1", SHAPES).scalar(SCOPE) == 1.0
    found = parse("loss", SHAPES).scalar(SCOPE)
    assert type(found) is float
    assert parse("output.bias", SHAPES).scalar(Fake({"output.bias": np.array([3.0])})) == 3.0


def test_many_values_do_not_hold() -> None:
    expression = parse("hidden.a > 0", SHAPES)
    with pytest.raises(ExpressionError, match="reduce it"):
        expression.holds(SCOPE)
    with pytest.raises(ExpressionError, match="reduce it"):
        expression.scalar(SCOPE)
    with pytest.raises(ExpressionError, match="4 × 3 values"):
        parse("hidden.a > 0", SHAPES, reduced=True)
    assert parse("output.bias > 0", SHAPES, reduced=True)


def test_the_sample_that_is_shown() -> None:
    whole = SCOPE.now["attention.weights"]
    shown = [value("attention[0, 0, 0]", replace(SCOPE, sample=k)) for k in range(4)]

    assert shown == [float(weights[0, 0, 0]) for weights in whole]
    assert parse("attention[0, 0, 0]", SHAPES).uses_sample
    assert not parse("attention.weights[0, 0, 0, 0]", SHAPES).uses_sample


def test_a_smaller_batch_shows_its_last_sample() -> None:
    whole = SCOPE.now["attention.weights"]
    at = Fake({"attention.weights": whole[:2]}, sample=3)

    assert value("attention[0, 0, 0]", at) == whole[1, 0, 0, 0]


def test_infinities_that_are_meant() -> None:
    now = {"hidden.z": np.array([[-np.inf]])}

    assert parse("any_inf", SHAPES).holds(Fake(now))
    assert not parse("any_inf", SHAPES, {"hidden.z"}).holds(Fake(now))
    assert parse("any_nan", SHAPES, {"hidden.z"}).holds(Fake({"hidden.z": np.array([[np.nan]])}))


def test_smaller_last_batch() -> None:
    """What a smaller batch does not have is not known."""
    last = scope()
    last.now = {
        name: array[:1] if len(array.shape) > 1 else array for name, array in last.now.items()
    }
    assert value("hidden.a[0, 0]", last) is not None
    assert value("hidden.a[3, 0]", last) is None
    assert value("hidden.a[2:].max()", last) is None
    assert value("any(hidden.a[2:])", last) is None
    assert value("sign_flips(hidden.a)", last) is None
    assert value("changed(hidden.a)", last) is True
    assert value("x[0:2] == (1, 2, 3, 4)", last) is False
    last.before["hidden.a"] = last.before["hidden.a"][:3]
    last.now["hidden.a"] = scope().now["hidden.a"][:2]
    assert value("(hidden.a - prev(hidden.a)).max()", last) is None
    assert value("any(hidden.a < prev(hidden.a))", last) is None
    assert value("all(0 < hidden.a < prev(hidden.a))", last) is None


def test_other_number_types() -> None:
    at = Fake({"hidden.a": np.ones((4, 3), np.float32), "y": np.ones((4, 1), np.int64)})
    found = value("hidden.a / 3", at)
    assert isinstance(found, np.ndarray)
    assert found.dtype == np.float64
    assert value("y.sum() / 8", at) == 0.5


@pytest.mark.parametrize("text", ["loss / 0", "0 * loss / 0", "log(0 * loss)", "exp(loss * 1e9)"])
def test_no_warnings(text: str) -> None:
    """Warnings are errors in these tests; a number that is not finite is a state to show."""
    found = value(text)
    assert isinstance(found, float)
    assert not math.isfinite(found)


def test_layers_named_like_words_of_python() -> None:
    """Every keyword can be a layer's name, and so can every word of the language."""
    words = {*keyword.kwlist, *FUNCTIONS, *SPECIAL, *CONSTANTS, *FACTS, *TEXTS, *ANY, "T", "_ambda"}
    for word in words:
        shapes = {f"{word}.a": (2, 3), f"{word}.weight.grad": (2,), "loss": ()}
        at = Fake({f"{word}.a": np.zeros((2, 3)), f"{word}.weight.grad": np.ones(2)})
        assert parse(f"{word}.a.max() + {word}.weight.grad[0]", shapes).scalar(at) == 1.0
        assert parse(f"dead({word}) == 3", shapes).holds(at)
        assert parse(f"1 if not {word}.a.T[0, 0] else 2", shapes).scalar(at) == 1.0
        parse(f'layer == "{word}"', shapes)
    with pytest.raises(ExpressionError, match="'lambda' is not part"):
        parse("lambda", SHAPES)


def test_nested_layers() -> None:
    at = scope()
    at.now["generator.first.a"] = np.zeros((4, 2))
    assert value("dead(generator.first)", at) == 2.0
    assert value('layer == "first" or layer == "generator.first"', at) is False


@cache
def after_a_step(name: str) -> dict[str, np.ndarray]:
    """The tensors of a bundled scenario after its first training step."""
    scenario = load(name)
    trainer = Trainer(scenario.model, scenario.data)
    for op in trainer.program.ops:
        trainer.execute(op, 1)
    memory = trainer.memory(1)
    return {name: memory.public(name).copy() for name in trainer.program.tensors}


def test_every_line_of_the_help() -> None:
    """Each example is an expression on the scenario that the help says, and uses what it shows."""
    for entry in LANGUAGE:
        tensors = after_a_step(entry.scenario)
        shapes = {name: array.shape for name, array in tensors.items()}
        expression = parse(entry.example, shapes, reduced=True)
        assert expression.scalar(Fake(tensors, tensors)) is not None, entry.example
        assert len(entry.form) <= 21, entry.form
        assert len(entry.help) <= 40, entry.help
    everything = " ".join(f"{entry.form} {entry.example}" for entry in LANGUAGE)
    for word in (*FUNCTIONS, *SPECIAL, *FACTS, *TEXTS, *ANY, *CONSTANTS):
        assert word.lower() in everything


def test_expressions_compare_by_what_they_say() -> None:
    one, same = parse("loss < 1", SHAPES), parse("loss < 1", SHAPES)
    assert isinstance(one, Expression)
    assert one == same
    assert one != parse("loss < 2", SHAPES)
