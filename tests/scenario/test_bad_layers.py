"""Malformed files: `[[layers]]`."""

from __future__ import annotations

import pytest

FIRST_LAYER = """\
"hidden"
type = "dense"
units = 2
activation = "sigmoid"
weight = [[0.2, 0.3], [0.1, 0.4]]
bias = [0.5, 0.1]

[[layers]]
name = "output"
"""
SECOND_IS_DENSE2 = """\
"dense2"
type = "dense"
units = 2
[[layers]]
"""

LAYERS = {
    "no_layers": ("[[layers]]", "[[leyers]]", 9, "leyers", "unknown key", "layers"),
    "empty_layers": (None, 'title = "a"\nlayers = []', 2, "layers", "is empty"),
    "layers_is_table": (None, 'title = "a"\n[layers]\nunits = 2', 2, "layers", "write [[layers]]"),
    "layers_is_string": (None, 'layers = "dense"', 1, "layers", "got the string 'dense'"),
    "layer_is_number": (None, "layers = [1]", 1, "layers[0]", "expected a table, got the number"),
    "no_type": ('type = "dense"', "", 9, "layers[0].type", "is missing (one of dense"),
    "type_is_number": ('type = "dense"', "type = 1", 11, "layers[0].type", "expected a string"),
    "unknown_type": ('"dense"', '"perceptron"', 11, "layers[0].type", "(known: dense,"),
    "misspelt_type": ('"dense"', '"dens"', 11, "layers[0].type", "layer type 'dens'", "dense"),
    "unknown_option": ("units = 2", "unit = 2", 12, "layers[0].unit", "unknown key", "units"),
    "no_units": ("units = 2", "", 9, "layers[0].units", "is missing"),
    "units_is_string": ("units = 2", 'units = "2"', 12, "layers[0].units", "got the string '2'"),
    "units_is_zero": ("units = 2", "units = 0", 12, "layers[0].units", "at least 1"),
    "too_many_units": ("units = 2", "units = 1_000_000_000", 12, "layers[0].units", "at most"),
    "too_many_parameters": (
        "units = 1\n",
        "units = 1_000_000\n\n[[layers]]\ntype = 'dense'\nunits = 100\n",
        22,
        "layers[2]",
        "parameters up to here; at most 20000000",
    ),
    "unknown_activation": (
        '"sigmoid"',
        '"sigmod"',
        13,
        "layers[0].activation",
        "unknown activation 'sigmod'",
        "sigmoid",
    ),
    "activation_is_number": ('"sigmoid"', "1", 13, "layers[0].activation", "a name or a table"),
    "alpha_not_taken": (
        '"sigmoid"',
        '"sigmoid"\nalpha = 1',
        14,
        "layers[0].alpha",
        "sigmoid takes no alpha",
    ),
    "alpha_alone": (
        'activation = "sigmoid"',
        "alpha = 1",
        13,
        "layers[0].alpha",
        "no activation beside it",
    ),
    "alpha_twice": (
        '"sigmoid"',
        '{ type = "elu" }\nalpha = 1',
        14,
        "layers[0].alpha",
        "belongs into the table",
    ),
    "alpha_is_nan": (
        '"sigmoid"',
        '{ type = "elu", alpha = nan }',
        13,
        "layers[0].activation.alpha",
        "must be finite",
    ),
    "activation_without_type": (
        '"sigmoid"',
        "{ alpha = 1 }",
        13,
        "layers[0].activation.type",
        "is missing",
    ),
    "name_with_space": ('"hidden"', '"hid den"', 10, "layers[0].name", "letters, digits and _"),
    "name_with_digit_first": ('"hidden"', '"2nd"', 10, "layers[0].name", "no digit first"),
    "name_with_line_end": ('"hidden"', r'"hidden\n"', 10, "layers[0].name", "U+000A"),
    "name_with_escape": (
        '"hidden"',
        r'"hid\u001bden"',
        10,
        "layers[0].name",
        "'hid<U+001B>den' holds",
    ),
    "name_with_bidi": ('"hidden"', r'"hid\u2066den"', 10, "layers[0].name", "U+2066"),
    "name_is_empty": ('"hidden"', '""', 10, "layers[0].name", "is empty"),
    "name_is_number": ('"hidden"', "1", 10, "layers[0].name", "expected a string"),
    "name_is_x": ('"hidden"', '"x"', 10, "layers[0].name", "'x' is taken"),
    "name_is_loss": ('"hidden"', '"loss"', 10, "layers[0].name", "'loss' is taken"),
    "name_twice": (
        '"output"',
        '"hidden"',
        18,
        "layers[1].name",
        "layers[0] is called 'hidden' too",
    ),
    "default_name_taken": (FIRST_LAYER, SECOND_IS_DENSE2, 13, "layers[1]", "no name is given"),
    "weight_is_nan": (
        "[[0.2, 0.3]",
        "[[0.2, nan]",
        14,
        "layers[0].weight[0][1]",
        "must be finite, got nan",
    ),
    "weight_is_inf": ("[[0.2, 0.3]", "[[0.2, -inf]", 14, "layers[0].weight[0][1]", "got -inf"),
    "weight_overflows": (
        "[[0.2, 0.3]",
        "[[0.2, 1e400]",
        14,
        "layers[0].weight[0][1]",
        "must be finite",
    ),
    "weight_is_huge_integer": (
        "[[0.2, 0.3]",
        f"[[0.2, 1{'0' * 400}]",
        14,
        "layers[0].weight[0][1]",
        "is too large",
    ),
    "weight_holds_string": (
        "[[0.2, 0.3]",
        '[[0.2, "a"]',
        14,
        "layers[0].weight[0][1]",
        "got the string 'a'",
    ),
    "weight_holds_true": (
        "[[0.2, 0.3]",
        "[[0.2, true]",
        14,
        "layers[0].weight[0][1]",
        "a number, got true",
    ),
    "weight_is_ragged": ("[[0.2, 0.3]", "[[0.2]", 14, "layers[0].weight[1]", "got one of 2"),
    "weight_of_mixed_depth": (
        "[0.1, 0.4]]",
        "3]",
        14,
        "layers[0].weight[1]",
        "a list of 2, got the number 3",
    ),
    "weight_is_too_deep": (
        "[[0.2, 0.3]",
        "[[[0.2], 0.3]",
        14,
        "layers[0].weight[0][1]",
        "a list of 1, got the number 0.3",
    ),
    "weight_is_empty": (
        "[[0.2, 0.3], [0.1, 0.4]]",
        "[[]]",
        14,
        "layers[0].weight",
        "an empty list",
    ),
    "weight_is_number": (
        "[[0.2, 0.3], [0.1, 0.4]]",
        "1",
        14,
        "layers[0].weight",
        "a list of numbers",
    ),
    "weight_of_wrong_shape": (
        "[[0.2, 0.3], ",
        "[[0.2, 0.3], [1, 2], ",
        14,
        "layers[0].weight",
        "has the shape 3×2, but this layer needs 2×2",
    ),
    "weight_is_transposed": (
        "units = 2",
        "units = 3\nfreeze = false",
        15,
        "layers[0].weight",
        "2×2, but this layer needs 3×2",
    ),
    "bias_of_wrong_shape": (
        "[0.5, 0.1]",
        "[0.5]",
        15,
        "layers[0].bias",
        "has the shape 1, but this layer needs 2",
    ),
    "bias_is_number": (
        "[0.5, 0.1]",
        "0.5",
        15,
        "layers[0].bias",
        "true or false or a list of numbers",
    ),
    "init": (
        "bias = [0.5, 0.1]",
        'init = "xavier"',
        15,
        "layers[0].init",
        "unknown initialiser",
        "xavier_normal",
    ),
    "init_option": (
        "bias = [0.5, 0.1]",
        'init = { type = "normal", sd = 1 }',
        15,
        "layers[0].init.sd",
        "unknown key",
        "std",
    ),
    "init_without_value": (
        "bias = [0.5, 0.1]",
        'init = "constant"',
        15,
        "layers[0].init.value",
        "is missing",
    ),
    "init_bounds": (
        "bias = [0.5, 0.1]",
        'init = { type = "normal", std = 0 }',
        15,
        "layers[0].init.std",
        "must be more than 0",
    ),
    "freeze_name": (
        "bias = [0.5, 0.1]",
        'freeze = ["biass"]',
        15,
        "layers[0].freeze[0]",
        "no parameter 'biass'",
        "bias",
    ),
    "freeze_is_string": (
        "bias = [0.5, 0.1]",
        'freeze = "bias"',
        15,
        "layers[0].freeze",
        "true or false or a list",
    ),
    "freeze_holds_number": (
        "bias = [0.5, 0.1]",
        "freeze = [1]",
        15,
        "layers[0].freeze[0]",
        "expected a string",
    ),
    "dropout_of_all": (
        "units = 1\nact",
        "units = 1\n[[layers]]\ntype = 'dropout'\np = 1.0\n[[layers]]\nact",
        23,
        "layers[2].p",
        "less than 1",
    ),
    "option_of_other_type": (
        '"dense"\nunits = 1\n',
        "'dropout'\nunits = 1\n",
        20,
        "layers[1].units",
        "unknown key 'units' (known: name, p, type)",
    ),
}


CASES = LAYERS


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_is_refused_where_it_is_wrong(case, assert_refused) -> None:
    assert_refused(*case)
