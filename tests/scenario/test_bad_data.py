"""Malformed files: `[data]`, and targets that the loss or the network does not take."""

from __future__ import annotations

import pytest

DATA = {
    "no_data": ("[data]", "[date]", 4, "date", "unknown key", "data"),
    "data_is_array": ("[data]", "[[data]]", 4, "data", "expected one table [data], got a list"),
    "no_rows": ("rows   ", "#", 4, "data.rows", "is missing"),
    "no_source": ("rows   ", 'path = "a.csv" #', 4, "data.source", 'write source = "csv"'),
    "empty_rows": (
        "rows    = [{ x = [3, 7], y = [1] }, { x = [1, 2], y = [0] }]",
        "rows = []",
        7,
        "data.rows",
        "is empty",
    ),
    "rows_is_string": (
        "rows    =",
        'rows = "a" #',
        7,
        "data.rows",
        "a list of rows, got the string",
    ),
    "row_is_list": ("{ x = [3, 7], y = [1] }", "[3, 7]", 7, "data.rows[0]", "expected a row"),
    "row_without_x": ("x = [3, 7], ", "", 7, "data.rows[0].x", "is missing"),
    "row_without_y": (", y = [1]", "", 7, "data.rows[0].y", "is missing"),
    "rows_without_y": (
        "[{ x = [3, 7], y = [1] }, { x = [1, 2], y = [0] }]",
        "[{ x = [3, 7] }]",
        7,
        "data.rows[0].y",
        "there is no y",
    ),
    "row_with_unknown_key": (
        "{ x = [3, 7]",
        "{ x = [3, 7], z = 1",
        7,
        "data.rows[0].z",
        "unknown key 'z'",
    ),
    "row_on_a_line_of_its_own": (
        "[{ x = [3, 7]",
        "[\n  # a comment\n  { x = [3, nan]",
        9,
        "data.rows[0].x[1]",
        "must be finite",
    ),
    "x_is_string": (
        "x = [3, 7]",
        'x = "a"',
        7,
        "data.rows[0].x",
        "a list of numbers, got the string",
    ),
    "x_holds_string": (
        "x = [3, 7]",
        'x = [3, "a"]',
        7,
        "data.rows[0].x[1]",
        "a number, got the string",
    ),
    "x_is_empty": ("x = [3, 7]", "x = []", 7, "data.rows[0].x", "an empty list"),
    "x_of_other_length": (
        "x = [1, 2]",
        "x = [1]",
        7,
        "data.rows[1].x",
        "has the shape 1, the rows before 2",
    ),
    "x_of_other_depth": ("x = [1, 2]", "x = [[1, 2]]", 7, "data.rows[1].x", "has the shape 1×2"),
    "y_of_other_length": ("y = [0]", "y = [0, 1]", 7, "data.rows[1].y", "has the shape 2"),
    "y_is_date": ("y = [0]", "y = 2024-01-01", 7, "data.rows[1].y", "got a date or time"),
    "x_of_wrong_depth": (
        "[{ x = [3, 7], y = [1] }, { x = [1, 2], y = [0] }]",
        "[{ x = [[3, 7], [1, 2]], y = [1] }]",
        20,
        "layers[1].units",
        "a flatten layer",
    ),
    "too_few_input_names": (
        '["hours", "knowledge"]',
        '["hours"]',
        5,
        "data.inputs",
        "1 names for 2 inputs",
    ),
    "too_many_output_names": (
        '["pass"]',
        '["pass", "fail"]',
        6,
        "data.outputs",
        "2 names for 1 outputs",
    ),
    "input_name_with_escape": ('"hours"', r'"\u001b[31mhours"', 5, "data.inputs[0]", "U+001B"),
    "output_name_with_bidi": ('"pass"', r'"\u202epass"', 6, "data.outputs[0]", "U+202E"),
    "input_name_twice": ('"knowledge"', '"hours"', 5, "data.inputs[1]", "'hours' is named twice"),
    "input_name_is_empty": ('"knowledge"', '""', 5, "data.inputs[1]", "is empty"),
    "input_name_is_number": ('"knowledge"', "3", 5, "data.inputs[1]", "expected a string"),
    "unknown_source": (
        "rows   ",
        'source = "cvs" #',
        7,
        "data.source",
        "unknown source 'cvs'",
        "csv",
    ),
    "source_option": (
        "rows   ",
        'source = "xor"\nsample = 4 #',
        8,
        "data.sample",
        "unknown key",
        "samples",
    ),
    "rows_of_other_source": (
        "rows   ",
        'source = "xor"\nrows   ',
        8,
        "data.rows",
        "unknown key 'rows'",
    ),
    "too_many_samples": (
        "rows   ",
        'source = "xor"\nsamples = 1_000_000_000 #',
        8,
        "data.samples",
        "at most",
    ),
    "more_samples_than_rows": ("rows   ", "samples = 3\nrows   ", 7, "data.samples", "only 2 rows"),
    "negative_noise": ("rows   ", "noise = -1\nrows   ", 7, "data.noise", "at least 0"),
    "test_fraction_is_one": (
        "rows   ",
        "test_fraction = 1.0\nrows   ",
        7,
        "data.test_fraction",
        "less than 1",
    ),
    "test_fraction_of_one_row": (
        ", { x = [1, 2], y = [0] }]",
        "]\ntest_fraction = 0.5",
        8,
        "data.test_fraction",
        "none can be held back",
    ),
    "shuffle_is_number": ("rows   ", "shuffle = 1\nrows   ", 7, "data.shuffle", "true or false"),
}


TARGETS = {
    "outputs_and_units": (
        "units = 1",
        "units = 3",
        20,
        "layers[1].units",
        "gives 3 values, but y has 1 (pass)",
    ),
    "bce_target": (
        "y = [0]",
        "y = [2]",
        7,
        "data.rows[1].y",
        "bce takes targets from 0 to 1, not 2",
    ),
    "bce_logits_target": (
        "y = [0] }]",
        "y = [-1] }] #",
        7,
        "data.rows[1].y",
        "from 0 to 1, not -1",
    ),
    "bce_without_probability": (
        'units = 1\nactivation = "sigmoid"',
        "units = 1",
        17,
        "layers[1].activation",
        'loss = "bce_logits"',
    ),
    "bce_after_relu": (
        'units = 1\nactivation = "sigmoid"',
        'units = 1\nactivation = "relu"',
        21,
        "layers[1].activation",
        "is a probability",
    ),
    "one_class": ('"bce"', '"cross_entropy"', 20, "layers[1].units", "at least 2"),
    "hinge_target": ("y = [0] }]\n", "y = [5] }]\n", 7, "data.rows[1].y", "not 5"),
}


CASES = DATA | TARGETS


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_is_refused_where_it_is_wrong(case, assert_refused) -> None:
    assert_refused(*case)
