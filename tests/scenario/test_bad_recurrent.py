"""Malformed files: recurrent layers."""

from __future__ import annotations

import pytest

from nntui.errors import ScenarioError
from nntui.scenario import parse

TEXT = """\
title = "Recall"
[data]
source = "recall"
length = 5
[[layers]]
name = "memory"
type = "TYPE"
units = 3
OPTION
[[layers]]
name = "output"
type = "dense"
units = 1
activation = "sigmoid"
[training]
loss = "bce"
optimizer = "sgd"
"""

CASES = {
    "activation": ("rnn", 'activation = "sigmoid"', "activation", "takes tanh or relu, not sigm"),
    "activation_of_lstm": ("lstm", 'activation = "relu"', "activation", "unknown key 'activation'"),
    "forget_bias_of_gru": ("gru", "forget_bias = 1", "forget_bias", "unknown key 'forget_bias'"),
    "update_bias_of_lstm": ("lstm", "update_bias = 1", "update_bias", "unknown key 'update_bias'"),
    "forget_bias": ("lstm", 'forget_bias = "much"', "forget_bias", "expected a number"),
    "no_bias_to_start": ("lstm", "forget_bias = 1\nbias = false", "forget_bias", "bias is false"),
    "no_bias_to_keep": ("gru", "update_bias = 1\nbias = false", "update_bias", "bias is false"),
    "no_bias_to_give": ("rnn", "bias_ih = [1, 2, 3]\nbias = false", "bias_ih", "bias is false"),
    "bias_values": ("rnn", "bias = [1, 2, 3]", "bias", "expected true or false, got a list"),
    "weight_ih": ("lstm", "weight_ih = [[1], [2]]", "weight_ih", "2×1, but this layer needs 12×1"),
    "weight_hh": ("gru", "weight_hh = [[1, 2, 3]]", "weight_hh", "1×3, but this layer needs 9×3"),
    "bias_hh": ("gru", "bias_hh = [1, 2, 3]", "bias_hh", "3, but this layer needs 9"),
    "recurrent_init": ("rnn", 'recurrent_init = "xavier"', "recurrent_init", "unknown initialiser"),
    "freeze": ("rnn", 'freeze = ["weight"]', "freeze[0]", "it has weight_ih, weight_hh, bias_ih"),
    "return_sequences": ("rnn", "return_sequences = 1", "return_sequences", "expected true or"),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "option", "key", "message"), CASES.values(), ids=CASES.keys())
def test_an_option_is_refused_where_it_stands(
    kind: str, option: str, key: str, message: str
) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse(TEXT.replace("TYPE", kind).replace("OPTION", option), origin="a.toml")
    problem = caught.value.problems[0]

    assert (problem.line, problem.key) == (9, f"layers[0].{key}")
    assert message in problem.message


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru"])
def test_a_last_state_is_no_sequence(kind: str) -> None:
    second = f'[[layers]]\ntype = "{kind}"\nunits = 2'
    with pytest.raises(ScenarioError) as caught:
        parse(TEXT.replace("TYPE", kind).replace("OPTION", second), origin="a.toml")
    (problem,) = caught.value.problems

    assert (problem.line, problem.key) == (9, "layers[1]")
    assert "set return_sequences = true in the layer before it" in problem.message


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru"])
def test_a_row_is_no_sequence(kind: str) -> None:
    text = TEXT.replace("TYPE", kind).replace("OPTION", "")
    with pytest.raises(ScenarioError) as caught:
        parse(text.replace('"recall"', '"xor"').replace("length = 5\n", ""), origin="a.toml")

    assert any("takes sequences" in problem.message for problem in caught.value.problems)
