"""Numbers as text."""

import math

import pytest

from nntui.ui.format import brief, exponent, label, loss, magnitude, percent, power, signed


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.2, "+3.2000"),
        (-0.0123, "−0.0123"),
        (12.345, "+12.345"),
        (123456.0, "+123456"),
        (1234567.0, "+1.23e6"),
        (1e12, "+1.0e12"),
        (0.00123, "+0.0012"),
        (0.000123, "+1.2e-4"),
        (-4.5e-12, "−4e-12"),
        (0.0, "0.0000"),
        (-0.0, "0.0000"),
        (math.nan, "nan"),
        (math.inf, "+inf"),
        (-math.inf, "−inf"),
    ],
)
def test_a_number_takes_seven_cells_with_its_sign(value, text):
    assert signed(value).strip() == text
    assert len(signed(value)) == 7


@pytest.mark.parametrize("exponent", range(-320, 309, 7))
def test_no_number_is_wider_than_its_column(exponent):
    for sign in (1, -1):
        assert len(signed(sign * 9.99 * 10.0 ** max(exponent, -320))) <= 7 + (abs(exponent) >= 100)


def test_a_number_not_computed_is_a_dot_where_the_decimal_point_would_be():
    assert signed(None) == "  ·    "


def test_labels_of_edges_are_short():
    assert [label(v) for v in (0.2, -1.347, 12.345, 0.0002, 0.0)] == [
        "+0.20",
        "−1.35",
        "+12.3",
        "+2e-4",
        "0.00",
    ]


def test_a_loss_has_no_plus():
    assert loss(0.19336) == " 0.1934"
    assert loss(math.inf).strip() == "inf"


def test_a_percentage_needs_a_probability():
    assert percent(0.8242) == "82.4 %"
    assert percent(1.2) == ""
    assert percent(None) == ""
    assert percent(math.nan) == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, " ·  "),
        (0.0, "   0"),
        (0.523, "+.52"),
        (-0.004, "−.00"),
        (0.996, "+1.0"),
        (-9.94, "−9.9"),
        (12.3, " +12"),
        (-123.4, "−123"),
        (54_321.0, "+5e4"),
        (1e300, "+big"),
        (math.inf, "+inf"),
        (-math.inf, "−inf"),
        (math.nan, " nan"),
    ],
)
def test_a_number_of_a_matrix_takes_four_cells(value, text):
    assert brief(value) == text


def test_a_power_of_ten_is_taken_out_of_small_numbers_only():
    assert [exponent(x) for x in (0.0, 1e-310, 0.00312, 0.05, 0.1, 7.0, math.inf)] == [
        0, 0, -3, -2, 0, 0, 0,
    ]  # fmt: skip
    assert brief(0.00312, -3) == "+3.1"
    assert [power(-3), power(-12), power(0)] == [" ·10⁻³", " ·10⁻¹²", ""]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.549432, "0.5494"),
        (-1.0, "1"),
        (0.0, "0"),
        (12.34, "12.34"),
        (0.00341, "0.0034"),
        (2.13e-14, "2e-14"),
        (1e20, "1.0e20"),
        (100.0, "100"),
    ],
)
def test_magnitudes_have_no_sign_and_end_in_no_zero(value, text):
    assert magnitude(value, 6) == text
