"""Calculations, aligned and broken."""

from nntui.session.frame import Token
from nntui.ui.renderables.formula import elide, equation, labelled
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
