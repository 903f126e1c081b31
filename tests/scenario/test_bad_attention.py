"""Malformed files: attention, transformer blocks, positions; each with the whole message."""

from __future__ import annotations

from typing import Final

import pytest

from nntui.errors import ScenarioError
from nntui.scenario import parse

TEXT: Final = """\
title = "Reverse"
[data]
source = "reverse"
length = 3
symbols = 3
[[layers]]
name = "embedding"
type = "embedding"
units = 4
[[layers]]
name = "look"
type = "TYPE"
OPTION
[[layers]]
name = "output"
type = "dense"
units = 4
[training]
loss = "cross_entropy"
optimizer = "adam"
"""

TOKENS: Final = "length = 3\nsymbols = 3\n"
EMBEDDING: Final = '[[layers]]\nname = "embedding"\ntype = "embedding"\nunits = 4\n'

ATTENTION: Final = "attention"
BLOCK: Final = "transformer_block"
POSITIONS: Final = "positional_encoding"

PARTS: Final = ", ".join(
    f"{part}.{name}" for part in ("query", "key", "value", "out") for name in ("weight", "bias")
)

CASES: Final[dict[str, tuple[str, str, str]]] = {
    "heads": (
        ATTENTION, "heads = 3",
        "13:9: layers[1].heads: 3 heads cannot share 4 features evenly — use a number of heads "
        "that divides 4",
    ),
    "heads_of_a_block": (
        BLOCK, "heads = 3\nff = 4",
        "13:9: layers[1].heads: 3 heads cannot share 4 features evenly — use a number of heads "
        "that divides 4",
    ),
    "no_heads": (
        ATTENTION, "heads = 0",
        "13:9: layers[1].heads: must be at least 1 and at most 1000, got 0",
    ),
    "half_a_head": (
        BLOCK, "heads = 2.5\nff = 4",
        "13:9: layers[1].heads: expected a whole number, got the number 2.5",
    ),
    "causal": (
        ATTENTION, "causal = 1",
        "13:10: layers[1].causal: expected true or false, got the number 1",
    ),
    "causal_in_words": (
        BLOCK, 'ff = 4\ncausal = "yes"',
        "14:10: layers[1].causal: expected true or false, got the string 'yes'",
    ),
    "norm_first": (
        BLOCK, "ff = 4\nnorm_first = 0",
        "14:14: layers[1].norm_first: expected true or false, got the number 0",
    ),
    "no_ff": (BLOCK, "heads = 2", "10:1: layers[1].ff: is missing"),
    "no_units_of_ff": (
        BLOCK, "ff = 0", "13:6: layers[1].ff: must be at least 1 and at most 1000000, got 0"
    ),
    "activation": (
        BLOCK, 'ff = 4\nactivation = "rleu"',
        "14:14: layers[1].activation: unknown activation 'rleu' — did you mean 'relu'?",
    ),
    "activation_of_attention": (
        ATTENTION, 'activation = "relu"',
        "13:1: layers[1].activation: unknown key 'activation' (known: name, freeze, heads, causal, "
        "query, key, value, out, init, type)",
    ),
    "weight_of_no_part": (
        ATTENTION, "weight = [[1]]",
        "13:1: layers[1].weight: unknown key 'weight' (known: name, freeze, heads, causal, query, "
        "key, value, out, init, type)",
    ),
    "weight": (
        ATTENTION, "query = { weight = [[1, 0], [0, 1]] }",
        "13:20: layers[1].query.weight: has the shape 2×2, but this layer needs 4×4 "
        "(units × inputs)",
    ),
    "bias": (
        ATTENTION, "value = { bias = [1, 2] }",
        "13:18: layers[1].value.bias: has the shape 2, but this layer needs 4",
    ),
    "weight_in_a_block": (
        BLOCK, "ff = 3\nattention = { out = { weight = [[1]] } }",
        "14:32: layers[1].attention.out.weight: has the shape 1×1, but this layer needs 4×4 "
        "(units × inputs)",
    ),
    "weight_of_ff": (
        BLOCK, "ff = 3\nff1 = { weight = [[1, 2, 3], [4, 5, 6], [7, 8, 9], [0, 0, 0]] }",
        "14:18: layers[1].ff1.weight: has the shape 4×3, but this layer needs 3×4 — one row "
        "for each unit, one column for each input",
    ),
    "weight_of_a_norm": (
        BLOCK, "ff = 3\nnorm2 = { weight = [1, 2, 3] }",
        "14:20: layers[1].norm2.weight: has the shape 3, but this layer needs 4",
    ),
    "no_such_value": (
        ATTENTION, "key = { wieght = [[1]] }",
        "13:9: layers[1].key.wieght: unknown key 'wieght' — did you mean 'weight'?",
    ),
    "heads_of_a_part": (
        BLOCK, "ff = 3\nattention = { heads = 2 }",
        "14:15: layers[1].attention.heads: unknown key 'heads' (known: query, key, value, out)",
    ),
    "no_table": (ATTENTION, "out = [[1]]", "13:7: layers[1].out: expected a table, got a list"),
    "no_bias": (
        ATTENTION, "out = { bias = false }",
        "13:16: layers[1].out.bias: expected a list of numbers, got false",
    ),
    "freeze": (
        ATTENTION, 'freeze = ["query"]',
        f"13:11: layers[1].freeze[0]: this layer has no parameter 'query' (it has {PARTS}) — did "
        "you mean 'query.bias'?",
    ),
    "kind": (
        POSITIONS, 'kind = "learnt"',
        "13:8: layers[1].kind: unknown kind 'learnt' — did you mean 'learned'?",
    ),
    "kind_of_a_number": (
        POSITIONS, "kind = 1", "13:8: layers[1].kind: expected a string, got the number 1"
    ),
    "positions_too_few": (
        POSITIONS, 'kind = "learned"\nweight = [[1, 2, 3, 4], [5, 6, 7, 8]]',
        "14:10: layers[1].weight: has the shape 2×4, but this layer needs 6×4 (time × features)",
    ),
    "positions_too_narrow": (
        POSITIONS, 'kind = "learned"\nweight = [[1], [2], [3], [4], [5], [6]]',
        "14:10: layers[1].weight: has the shape 6×1, but this layer needs 6×4 (time × features)",
    ),
    "weight_of_waves": (
        POSITIONS, "weight = [[1, 2, 3, 4]]",
        '13:10: layers[1].weight: sinusoidal positions are fixed — set kind = "learned"',
    ),
    "init_of_waves": (
        POSITIONS, 'init = "zeros"',
        '13:8: layers[1].init: sinusoidal positions are fixed — set kind = "learned"',
    ),
    "freeze_of_waves": (
        POSITIONS, 'freeze = ["weight"]',
        "13:11: layers[1].freeze[0]: this layer has no parameter 'weight' (it has none)",
    ),
    "init": (
        BLOCK, 'ff = 3\ninit = "xavier"',
        "14:8: layers[1].init: unknown initialiser 'xavier' — did you mean 'xavier_normal'?",
    ),
}  # fmt: skip


def refusals(text: str) -> list[str]:
    """What is said of a file, a line for each problem."""
    with pytest.raises(ScenarioError) as caught:
        parse(text, origin="a.toml")
    return str(caught.value).splitlines()


@pytest.mark.parametrize(("kind", "option", "said"), CASES.values(), ids=CASES.keys())
def test_an_option_is_refused_where_it_stands(kind: str, option: str, said: str) -> None:
    assert refusals(TEXT.replace("TYPE", kind).replace("OPTION", option)) == [f"a.toml:{said}"]


WHO: Final = {ATTENTION: "attention", BLOCK: "a transformer_block", POSITIONS: f"a {POSITIONS}"}
CURE: Final = (
    "put an embedding before token ids, or set return_sequences = true in the layer before it"
)


@pytest.mark.parametrize("kind", WHO)
@pytest.mark.parametrize(
    ("source", "shape", "cure"),
    [("xor", "2", CURE), ("bars", "1×8×8", "images are for conv2d layers")],
)
def test_only_sequences_have_time_steps(kind: str, source: str, shape: str, cure: str) -> None:
    option = "ff = 3" if kind == BLOCK else ""
    text = TEXT.replace("TYPE", kind).replace("OPTION", option)
    text = text.replace(TOKENS, "").replace(EMBEDDING, "").replace('"reverse"', f'"{source}"')

    assert (
        f"a.toml:4:1: layers[0]: {WHO[kind]} takes sequences, a row of features for each time "
        f"step, but gets {shape} — {cure}"
    ) in refusals(text)


@pytest.mark.parametrize("kind", WHO)
def test_a_last_state_is_no_sequence(kind: str) -> None:
    option = "ff = 3" if kind == BLOCK else ""
    memory = '[[layers]]\nname = "memory"\ntype = "gru"\nunits = 4\n[[layers]]\nname = "look"'
    text = TEXT.replace("TYPE", kind).replace("OPTION", option)
    found = refusals(text.replace('[[layers]]\nname = "look"', memory))

    assert found == [
        f"a.toml:14:1: layers[2]: {WHO[kind]} takes sequences, a row of features for each time "
        f"step, but gets 4 — {CURE}"
    ]


@pytest.mark.parametrize(
    ("units", "said"),
    [
        ("", "6:1: layers[0].units: is missing"),
        ("units = 0", "9:9: layers[0].units: must be at least 1 and at most 1000000, got 0"),
        ("units = 4\nvocabulary = 2", "10:14: layers[0].vocabulary: the data has 4 tokens (a, b, "
         "c, |) — leave the vocabulary out, or set vocabulary = 4"),
    ],
)  # fmt: skip
def test_an_embedding_before_it_is_refused(units: str, said: str) -> None:
    text = TEXT.replace("units = 4", units, 1).replace("TYPE", ATTENTION).replace("OPTION", "")

    assert refusals(text)[0] == f"a.toml:{said}"


def test_attention_over_very_long_sequences_is_too_much() -> None:
    text = TEXT.replace("TYPE", ATTENTION).replace("OPTION", "heads = 4")
    long = text.replace("length = 3", "length = 5000\nsamples = 2")
    (said,) = refusals(long)

    assert said.startswith("a.toml:19:1: training: a batch of 2 rows needs ")
    assert said.endswith("at most 200 MB fit — use smaller batches or fewer units")


@pytest.mark.parametrize(
    ("kind", "option"),
    [
        (ATTENTION, "heads = 2\ncausal = true\nquery = { bias = [0, 0, 0, 1] }"),
        (ATTENTION, "heads = 4\nfreeze = true"),
        (BLOCK, 'ff = 1\nnorm_first = false\nactivation = { type = "elu", alpha = 0.5 }'),
        (BLOCK, 'ff = 3\nattention = { key = { bias = [0, 0, 0, 1] } }\nfreeze = ["norm1.bias"]'),
        (POSITIONS, 'kind = "learned"\ninit = "zeros"\nfreeze = ["weight"]'),
        (POSITIONS, 'kind = "sinusoidal"'),
    ],
)
def test_what_is_right_is_taken(kind: str, option: str) -> None:
    scenario = parse(TEXT.replace("TYPE", kind).replace("OPTION", option), origin="a.toml")

    assert [layer.type for layer in scenario.model.stacks[""]] == ["embedding", kind, "dense"]
