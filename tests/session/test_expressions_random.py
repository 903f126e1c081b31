"""Random texts are expressions or refused; random expressions give what Python and NumPy give."""

from __future__ import annotations

import ast
from types import SimpleNamespace
from typing import Any

import numpy as np
from expression_scopes import SHAPES, Fake, scope
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from nntui.session.expressions import LANGUAGE, Expression, ExpressionError, grammar, parse, words
from nntui.session.expressions.names import Names

GOOD = [
    *["+", "-", "*", "/", "//", "%", "**", "<", "<=", ">", ">=", "==", "!="],
    *["(", ")", "[", "]", ",", ":", ".", "and", "or", "not", "if", "else"],
    *["loss", "x", "hidden.a", "hidden.weight.grad", "hidden", "conv.a", "bmu"],
    *["step", "phase", "lr", "any_nan", "pi", "true", "True"],
    *["max", "abs", "prev", "dead", "clip", "changed", ".max()", ".T", ".abs()"],
    *["0", "1", "2", "0.5", "1e3", "'forward'", '"hidden"'],
]
BAD = ["lambda", "for", "is", "None", "=", ";", "é", "\n"]
WORDS = GOOD + BAD


def attempt(text: str) -> Expression | ExpressionError:
    try:
        return parse(text, SHAPES)
    except ExpressionError as error:
        return error


def survives(text: str) -> None:
    """An expression, of which everything can be asked, or an error inside of the text."""
    expression = attempt(text)
    if isinstance(expression, ExpressionError):
        assert 0 <= expression.offset <= len(text)
        assert str(expression).encode()
        return
    assert expression.names <= SHAPES.keys()
    for at in (scope(), Fake(), scope(without={"loss", "x"})):
        found = expression.evaluate(at)
        assert np.shape(found) == expression.shape or found is None
        assert not isinstance(found, np.generic)


@given(st.text(max_size=60))
@example("")
@example("\ud800")
def test_any_text(text: str) -> None:
    survives(text)


@given(st.text(alphabet="+-*/%<>=!()[],:.'\"0123456789eE_ xaltosn", max_size=40))
def test_any_text_of_the_alphabet(text: str) -> None:
    survives(text)


@settings(max_examples=500)
@given(st.lists(st.sampled_from(WORDS), max_size=14), st.sampled_from(["", " "]))
def test_any_words(chosen: list[str], between: str) -> None:
    survives(between.join(chosen))


@settings(max_examples=500)
@given(st.data())
def test_changed_expressions(data: st.DataObject) -> None:
    """An expression of the help with a piece taken out, put in, doubled or replaced."""
    text = data.draw(st.sampled_from([entry.example for entry in LANGUAGE]))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        stop = data.draw(st.integers(start, min(start + 4, len(text))))
        piece = data.draw(st.sampled_from(["", text[start:stop] * 2, *WORDS]))
        text = text[:start] + piece + text[stop:]
    survives(text)


@settings(max_examples=1000)
@given(st.lists(st.sampled_from(GOOD), max_size=12))
def test_python_reads_what_the_grammar_passes(chosen: list[str]) -> None:
    """So every error comes with our own words and place, the same in each version of Python."""
    text = " ".join(chosen)
    try:
        found = words.split(text, Names(SHAPES).layers)
        grammar.check(text, found)
    except ExpressionError:
        return
    ast.parse(words.mask(text, found).lstrip(), mode="eval")


ENVIRONMENT: dict[str, Any] = {
    "abs": np.abs,
    "tanh": np.tanh,
    "sign": np.sign,
    "sum": np.sum,
    "mean": np.mean,
    "std": np.std,
    "norm": lambda a: np.sqrt(np.sum(np.square(a))),
    "any": np.any,
    "all": np.all,
    "isnan": np.isnan,
    "clip": np.clip,
    "min": lambda *a: np.min(a[0]) if len(a) == 1 else np.minimum(*a),
    "max": lambda *a: np.max(a[0]) if len(a) == 1 else np.maximum(*a),
    "pi": np.pi,
    "step": 5.0,
    "epoch": 2.0,
}

ARRAYS = st.sampled_from(
    ["hidden.a", "hidden.z", "hidden.a[::-1]", "hidden.z[0]", "hidden.bias", "hidden.weight.T[1]"]
)
SINGLE = st.sampled_from(
    ["loss", "step", "epoch", "pi", "2", "0.5", "3", "x[0, 1]", "x[-1][0]", "hidden.weight[2, -1]"]
)


def _arrays(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("{} {} {}".format, inner, st.sampled_from("+-*/"), inner),
        st.builds("({})".format, inner),
        st.builds("-{}".format, inner),
        st.builds("{}({})".format, st.sampled_from(["abs", "tanh", "sign"]), inner),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), inner, inner),
        st.builds("clip({}, -1, 1)".format, inner),
        st.builds("({}) ** {}".format, inner, st.sampled_from(["2", "3", "-1"])),
    )


def _singles(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Single numbers; times 1.0 what NumPy gives as a truth or an integer."""
    operators = st.sampled_from(["+", "-", "*", "/", "//", "%"])
    compared = st.builds(
        "{} {} {}".format, inner, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), inner
    )
    condition = st.one_of(
        compared,
        st.builds("{} < {} <= {}".format, inner, inner, inner),
        st.builds("not {}".format, compared),
        st.builds("{} {} {}".format, compared, st.sampled_from(["and", "or"]), compared),
    )
    many = st.recursive(ARRAYS, _arrays, max_leaves=4)
    return st.one_of(
        st.builds("{} {} {}".format, inner, operators, inner),
        st.builds("({})".format, inner),
        st.builds("-{}".format, inner),
        st.builds("({}) ** 2".format, inner),
        st.builds("(1.0 * ({}))".format, condition),
        st.builds("({} if {} else {})".format, inner, condition, inner),
        st.builds(
            "{}({})".format, st.sampled_from(["sum", "mean", "std", "norm", "min", "max"]), many
        ),
        st.builds(
            "(1.0 * ({}).{}())".format, many, st.sampled_from(["sum", "mean", "max", "argmax"])
        ),
        st.builds(
            "(1.0 * {}({} > {}))".format, st.sampled_from(["any", "all", "sum"]), many, inner
        ),
    )


def _python(text: str, tensors: dict[str, Any]) -> Any:
    """What Python and NumPy make of the same text."""
    weight = tensors["hidden.weight"]
    hidden = SimpleNamespace(
        a=tensors["hidden.a"], z=tensors["hidden.z"], bias=tensors["hidden.bias"], weight=weight
    )
    names = {"hidden": hidden, "loss": tensors["loss"][()], "x": tensors["x"]}
    with np.errstate(all="ignore"):
        return eval(text, {**ENVIRONMENT, **names})


@settings(max_examples=1500)
@given(st.recursive(SINGLE, _singles, max_leaves=6), st.integers(0, 20))
def test_agrees_with_python(text: str, seed: int) -> None:
    at = scope(seed)
    try:
        expected = _python(text, at.now)
    except (ArithmeticError, ValueError):
        assume(False)
    expression = attempt(text)
    if isinstance(expression, ExpressionError):
        message = expression.message
        assert message == "this is no finite number" or "at most" in message, str(expression)
        return
    found = expression.evaluate(at)
    assert found is not None
    np.testing.assert_allclose(float(found), float(expected), rtol=1e-9, atol=1e-12)


@settings(max_examples=500)
@given(st.recursive(ARRAYS, _arrays, max_leaves=6), st.integers(0, 20))
def test_arrays_agree_with_numpy(text: str, seed: int) -> None:
    at = scope(seed)
    expected = _python(text, at.now)
    expression = parse(text, SHAPES)
    assert expression.shape == expected.shape
    np.testing.assert_allclose(np.asarray(expression.evaluate(at)), expected, rtol=1e-12)
