"""Malformed files: layers that slide over images."""

from __future__ import annotations

from typing import Any

import pytest

IMAGES = """\
title = "Images"

[data]
rows = [{ x = [[[1, 2, 3], [4, 5, 6], [7, 8, 9], [1, 1, 1]]], y = [1] }]

[[layers]]
type = "conv2d"
filters = 2
kernel_size = 2

[[layers]]
type = "max_pool2d"
kernel_size = [3, 2]

[[layers]]
type = "flatten"

[[layers]]
type = "dense"
units = 1

[training]
loss = "mse"
"""

CASES = {
    "no_filters": ("filters = 2\n", "", 6, "layers[0].filters", "is missing"),
    "filters_is_zero": ("filters = 2", "filters = 0", 8, "layers[0].filters", "at least 1"),
    "no_kernel": ("kernel_size = 2\n", "", 6, "layers[0].kernel_size", "is missing"),
    "kernel_is_zero": ("_size = 2", "_size = 0", 9, "layers[0].kernel_size", "at least 1"),
    "kernel_is_huge": ("_size = 2", "_size = 1001", 9, "layers[0].kernel_size", "at most 1000"),
    "kernel_of_three": (
        "_size = 2",
        "_size = [1, 2, 3]",
        9,
        "layers[0].kernel_size",
        "expected a list of 2 values, got 3",
    ),
    "kernel_is_text": (
        "_size = 2",
        '_size = "2"',
        9,
        "layers[0].kernel_size",
        "expected a whole number or a list of 2",
    ),
    "stride_is_zero": (
        "_size = 2",
        "_size = 2\nstride = [1, 0]",
        10,
        "layers[0].stride[1]",
        "at least 1",
    ),
    "padding_is_negative": (
        "_size = 2",
        "_size = 2\npadding = -1",
        10,
        "layers[0].padding",
        "at least 0",
    ),
    "padding_misspelt": (
        "_size = 2",
        '_size = 2\npadding = "sam"',
        10,
        "layers[0].padding",
        "unknown padding 'sam'",
        "same",
    ),
    "same_with_a_stride": (
        "_size = 2",
        '_size = 2\nstride = 2\npadding = "same"',
        11,
        "layers[0].padding",
        "needs stride = 1",
    ),
    "window_larger_than_image": (
        "_size = 2",
        "_size = [2, 4]",
        9,
        "layers[0].kernel_size",
        "a window of 2×4 does not fit into an image of 4×3 — use a smaller kernel_size or more",
    ),
    "window_larger_than_image_with_padding": (
        "_size = 2",
        "_size = 6\npadding = [0, 1]",
        9,
        "layers[0].kernel_size",
        "an image of 4×3 (4×5 with its padding)",
    ),
    "pool_larger_than_image": (
        "[3, 2]",
        "[4, 2]",
        13,
        "layers[1].kernel_size",
        "a window of 4×2 does not fit into an image of 3×2 — use a smaller kernel_size",
    ),
    "pool_takes_no_padding": (
        "[3, 2]",
        "[3, 2]\npadding = 1",
        14,
        "layers[1].padding",
        "unknown key 'padding'",
    ),
    "no_image": (
        "[[[1, 2, 3], [4, 5, 6], [7, 8, 9], [1, 1, 1]]]",
        "[1, 2, 3]",
        6,
        "layers[0]",
        "a conv2d layer takes an image (channels × height × width), but gets 3 — put it before",
    ),
    "dense_without_flatten": (
        'type = "flatten"',
        'type = "dropout"',
        18,
        "layers[3]",
        "a flatten layer",
    ),
    "weight_of_wrong_shape": (
        "_size = 2",
        "_size = 2\nweight = [[1, 2], [3, 4]]",
        10,
        "layers[0].weight",
        "this layer needs 2×1×2×2 (filters × channels × height × width)",
    ),
    "bias_of_wrong_shape": (
        "_size = 2",
        "_size = 2\nbias = [1, 2, 3]",
        10,
        "layers[0].bias",
        "has the shape 3, but this layer needs 2",
    ),
    "freeze_name": (
        "_size = 2",
        '_size = 2\nfreeze = ["filters"]',
        10,
        "layers[0].freeze[0]",
        "no parameter 'filters' (it has weight, bias)",
    ),
    "too_many_parameters": (
        "filters = 2\nkernel_size = 2",
        "filters = 1_000_000\nkernel_size = [4, 3]\n[[layers]]\ntype = 'conv2d'\nfilters = 20\n"
        "kernel_size = 1",
        10,
        "layers[1]",
        "parameters up to here; at most 20000000",
    ),
    "too_many_numbers": (
        "_size = 2",
        "_size = 2\npadding = 1000",
        23,
        "training",
        "MB of activations; at most",
    ),
    "too_many_patches": (
        "_size = 2",
        "_size = 1000\npadding = 503",
        23,
        "training",
        "needs 888 MB of activations; at most",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_is_refused_where_it_is_wrong(case: tuple[Any, ...], problems_of: Any) -> None:
    old, new, line, key, message, *nearest = case
    assert old in IMAGES
    problems = problems_of(IMAGES.replace(old, new, 1))
    found = [p for p in problems if (p.line, p.key) == (line, key)]

    assert found, problems
    assert message in found[0].message
    assert [found[0].nearest] == (nearest or [""])


def test_several_mistakes_come_at_once(problems_of: Any) -> None:
    text = IMAGES.replace("filters = 2", "filters = 0").replace("[3, 2]", "[3, 2, 1]")

    assert [p.key for p in problems_of(text)] == ["layers[0].filters", "layers[1].kernel_size"]
