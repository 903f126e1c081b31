"""Calculations, aligned and broken."""

from dataclasses import replace

import pytest

from nntui.session.frame import Token
from nntui.ui.renderables.formula import elide, equation, labelled, some
from nntui.ui.spans import plain, width


def sum_of(count, head="z₁"):
    tokens = [Token(head, "symbol")]
    for k in range(count):
        if k:
            tokens.append(Token(" + ", "operator", term=k))
        tokens.append(Token(f"{k}.5", "number", k + 0.5, term=k))
    return tuple(tokens)


def text(lines):
    return [plain(line).rstrip() for line in lines]


def test_equals_signs_stand_under_each_other():
    lines = (
        (Token("z₁", "symbol"), Token("w₁₁", "symbol"), Token("·"), Token("x₁", "symbol")),
        (Token("="), Token("0.2", "number", 0.2), Token(" × "), Token("3", "number", 3.0)),
        (Token("="), Token("0.6", "result", 0.6)),
    )

    assert text(equation(lines, 40)) == ["z₁ = w₁₁·x₁", "   = 0.2 × 3", "   = 0.6"]


def test_lines_break_between_terms():
    assert text(equation([sum_of(5)], 20)) == ["z₁ = 0.5 + 1.5 + 2.5", "     + 3.5 + 4.5"]


def test_no_line_is_too_wide_as_long_as_terms_fit():
    for cells in range(16, 80):
        assert all(width(line) <= cells for line in equation([sum_of(12)], cells))


def test_a_long_sum_loses_its_middle():
    line = "".join(token.text for token in elide(sum_of(66)[1:], None, 6))

    assert line == "0.5 + 1.5 + 2.5 + … 61 more … + 64.5 + 65.5"


def test_the_current_term_is_never_lost():
    line = "".join(token.text for token in elide(sum_of(66)[1:], 30, 6))

    assert "29.5 + 30.5 + 31.5" in line
    assert line.count("…") == 4


def test_what_the_session_left_out_is_counted():
    tokens = [
        *sum_of(7)[1:],
        Token(" … 50 more …", "word"),
        Token(" + ", term=57),
        Token("9", "number", 9.0, term=57),
    ]

    assert "1.5 + 2.5 + … 54 more … + 9" in "".join(token.text for token in elide(tokens, None, 5))


def share(count, joint=" + "):
    """`e^(0) / (e^(0) + e^(1) + …)`: a single term with a sum in brackets."""
    tokens = [Token("e^(0) / (", term=0)]
    for k in range(count):
        parts = [Token(joint, term=0, part=k)] if k else []
        parts += [Token("e^(", term=0, part=k), Token(str(k), "number", float(k), None, 0, k)]
        tokens += [*parts, Token(")", term=0, part=k)]
    return (*tokens, Token(")", term=0))


@pytest.mark.parametrize("current", [None, 0])
def test_a_sum_in_brackets_loses_its_middle_too(current):
    def said(most, joint=" + "):
        return "".join(token.text for token in elide(share(24, joint), current, most))

    assert said(4) == "e^(0) / (e^(0) + e^(1) + … 21 more … + e^(23))"
    assert said(1) == "e^(0) / (e^(0) + … 23 more …)"
    assert said(3, ", ") == "e^(0) / (e^(0), … 22 more …, e^(23))"
    assert elide(share(4), current, 4) == share(4)


def test_what_is_left_out_of_brackets_is_no_term():
    """Terms and their parts are counted apart."""
    terms = [replace(t, term=k) for k in range(9) for t in share(24)]

    line = "".join(token.text for token in elide(terms, None, 3))

    one = "e^(0) / (e^(0) + … 22 more … + e^(23))"
    assert line == f"{one} + … 7 more …{one}"


def test_a_list_that_was_shortened_already_keeps_its_best():
    tokens = [
        Token("argmin(", term=0),
        *(t for k in range(3) for t in (Token(", " * (k > 0), term=0, part=k),
                                        Token(f"d{k}", "symbol", float(k), None, 0, k))),
        Token(", … 46 more …", term=0, part=3),
        Token(")", term=0),
    ]  # fmt: skip

    def said(most):
        return "".join(token.text for token in elide(tokens, None, most))

    assert said(4) == "argmin(d0, d1, d2, … 46 more …)"
    assert said(3) == "argmin(d0, d1, … 47 more …)"
    assert said(1) == "argmin(d0, … 48 more …)"


def test_terms_that_are_not_finite_go_last():
    def said(most, faults):
        return "".join(token.text for token in elide(sum_of(66)[1:], None, most, faults))

    assert said(3, {40}) == "0.5 + … 39 more … + 40.5 + … 24 more … + 65.5"
    assert said(6, range(30, 40)).count("not finite") == 1
    assert "+ 30.5 + 31.5 + 32.5 + … 31 more, 7 not finite … + 64.5" in said(6, range(30, 40))
    gap = [Token(" … 50 more, 2 not finite …", "word"), Token(" + ", term=57), Token("9", term=57)]
    line = elide([*sum_of(7)[1:], *gap], None, 5, {57})
    assert "… 54 more, 2 not finite …" in "".join(token.text for token in line)
    (shown,) = equation([(Token("z"), *line)], 90)
    assert [style for text, style in shown if "not finite" in text] == ["error"]


def test_the_mark_of_a_mask_is_no_error():
    tokens = (Token("s"), Token("−∞", "masked", float("-inf")), Token("∞", "number", float("inf")))
    (line,) = equation([tokens], 40)

    assert dict(line)["−∞"] == "dim"
    assert dict(line)["∞"] == "error"


def test_of_some_lines_the_first_has_the_left_side():
    lines = [sum_of(2), (Token("="), Token("1")), (Token("so far", "word"), Token("0.6", "result"))]

    assert text(equation(some(lines, (1, 2)), 40)) == ["z₁ = 1", "   = 0.6  so far"]
    assert text(equation(some(lines, (2,)), 40)) == ["z₁ = 0.6  so far"]
    assert text(equation(some(lines, (0, 1)), 40)) == ["z₁ = 0.5 + 1.5", "   = 1"]


def test_the_current_term_is_marked_and_later_ones_are_faint():
    (line,) = equation([sum_of(3)], 60, 1)
    styles = dict(line)

    assert styles["1.5"] == "positive bold mark"
    assert styles["2.5"] == "faint"


def test_a_running_sum_says_so_at_the_end():
    lines = [sum_of(2), (Token("so far", "word"), Token("0.6", "result", 0.6))]

    assert text(equation(lines, 40)) == ["z₁ = 0.5 + 1.5", "   = 0.6  so far"]


def test_the_chain_rule_names_its_parts():
    lines = (
        (
            Token("upstream", "word"),
            Token("∂L/∂z", "symbol"),
            Token(" = "),
            Token("−0.1", "number", -0.1),
        ),
        (Token("local", "word"), Token("∂z/∂w₁", "symbol"), Token(" = "), Token("a₁", "symbol")),
    )

    assert text(labelled(lines, 40)) == ["upstream  ∂L/∂z  = −0.1", "local     ∂z/∂w₁ = a₁"]


def test_long_tokens_break_at_their_signs():
    tokens = (Token("a", "symbol"), Token("e^(2.9) / (e^(2.9) + e^(−1.6) + e^(−0.5))"))

    assert text(equation([tokens], 24)) == [
        "a = e^(2.9) / (e^(2.9)",
        "    + e^(−1.6)",
        "    + e^(−0.5))",
    ]
