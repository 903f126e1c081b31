"""Explanations: formulas in symbols and numbers as a student reads them, for every kind of op."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
from networks import scenario

from nntui.engine.ops import TABLE, match
from nntui.scenario import Scenario
from nntui.session.frame import Explanation, Line
from nntui.session.numbers import number, percent, subscript
from nntui.session.position import Depth
from nntui.session.session import Session
from nntui.session.spelling import gap_text, is_loose, parted, select
from tests.engine.examples import EXAMPLES


def written(line: Line) -> str:
    """A line as it is read: its left side, then what follows."""
    left, *right = line
    text = "".join(token.text for token in right)
    return text if left.text == "=" else f"{left.text} = {text}"


def explained(session: Session, output: str, phase: str = "") -> Explanation:
    """The explanation of the op that computes a tensor."""
    info = next(
        i for i in session.network.ops if i.output == output and (not phase or i.phase == phase)
    )
    if session.cursor.position.op == len(session.network.ops):
        session.cursor.jump(0)
    session.cursor.jump(info.number)
    explanation = session.frame.explanation
    assert explanation is not None
    return explanation


def lines(explanation: Explanation) -> list[str]:
    return [written(line) for line in explanation.lines]


def chain(explanation: Explanation) -> list[str]:
    return [written(line).replace(" = ", " ", 1) for line in explanation.chain]


@cache
def example(name: str) -> Session:
    one = EXAMPLES[name]
    session = Session(Scenario(title=name, model=one.model, data=one.dataset))
    session.cursor.forward(Depth.STEP)
    return session


def test_the_worked_example() -> None:
    session = Session(scenario("exam"))

    assert lines(explained(session, "hidden.z")) == [
        "z₁ = w₁₁·x₁ + w₁₂·x₂ + b₁",
        "0.2 × 3 + 0.3 × 7 + 0.5",
        "0.6 + 2.1 + 0.5",
        "3.2",
    ]
    assert lines(explained(session, "hidden.a")) == [
        "a₁ = σ(z₁)",
        "σ(3.2)",
        "1 / (1 + e^(−3.2))",
        "0.961",
    ]
    assert lines(explained(session, "output.a"))[-1] == "0.824 (82.4 %)"
    assert lines(explained(session, "loss")) == ["L = −ln(a)", "−ln(0.824)", "0.193"]


def test_a_backward_op_names_the_upstream_gradient_and_the_local_derivative() -> None:
    session = Session(scenario("exam"))

    found = explained(session, "hidden.z.grad")
    assert lines(found) == ["∂L/∂z₁ = ∂L/∂a₁·∂a₁/∂z₁", "−0.105 × 0.0376", "−0.00397"]
    assert chain(found) == [
        "upstream ∂L/∂a₁ = −0.105",
        "local ∂a₁/∂z₁ = a₁·(1 − a₁) = 0.961 × (1 − 0.961) = 0.0376",
    ]
    assert chain(explained(session, "hidden.weight.grad")) == [
        "upstream ∂L/∂z₁ = −0.00397",
        "local ∂z₁/∂w₁₁ = x₁ = 3",
    ]
    assert chain(explained(session, "hidden.bias.grad")) == [
        "upstream ∂L/∂z₁ = −0.00397",
        "local ∂z₁/∂b₁ = 1",
    ]
    assert chain(explained(session, "hidden.a.grad")) == [
        "upstream ∂L/∂z = −0.176",
        "local ∂z/∂a₁ = w₁ = 0.6",
    ]


def test_terms_that_are_still_to_come_stay_symbols() -> None:
    session = Session(scenario("exam"))
    session.cursor.jump(2)
    session.cursor.forward(Depth.TERM)

    explanation = session.frame.explanation
    assert explanation is not None
    assert [written(line) for line in explanation.lines] == [
        "z₁ = w₁₁·x₁ + w₁₂·x₂ + b₁",
        "0.2 × 3 + w₁₂·x₂ + b₁",
        "0.6 + · + ·",
        "so far = 0.6",
    ]


def test_what_comes_next_and_the_last_op() -> None:
    session = Session(scenario("exam"))

    assert explained(session, "hidden.z").following == "hidden.a:  a = σ(z)"
    assert explained(session, "output.bias").following == ""


def test_classes_are_called_by_their_names() -> None:
    session = Session(scenario("classes"))
    session.cursor.jump(2)

    explanation = session.frame.explanation
    assert explanation is not None
    assert re.fullmatch(
        r"y = [012] \((setosa|versicolor|virginica)\)", written(explanation.lines[0])
    )
    assert len(explanation.lines) == 1


def test_a_sum_over_the_batch_says_so_and_marks_the_samples() -> None:
    found = explained(example("tanh"), "o.weight.grad", "backward")

    assert found.note == "the sum over the 3 samples of the batch"
    assert lines(found)[0].startswith("∂L/∂w₁₁ = ∂L/∂z₁⁽¹⁾·a₁⁽¹⁾ + ∂L/∂z₁⁽²⁾·a₁⁽²⁾")
    assert chain(found)[0].startswith("upstream ∂L/∂z₁⁽¹⁾ = ")
    assert chain(found)[1].startswith("local ∂z₁⁽¹⁾/∂w₁₁ = a₁⁽¹⁾ = ")


def test_numbers_that_share_a_symbol_say_which_layer_they_are_of() -> None:
    assert lines(explained(example("dropout"), "d.a"))[0] == "a₁ = h.a₁·mask₁"
    assert lines(explained(example("dropout"), "h.a.grad"))[0] == "∂L/∂a₁ = ∂L/∂d.a₁·mask₁"
    assert lines(explained(example("l1"), "loss.penalty"))[0].startswith(
        "penalty = l1·|h.w₁₁| + l1·|h.w₁₂|"
    )
    assert lines(explained(example("l1"), "loss"))[0] == "L = L_data + penalty"
    assert lines(explained(example("l1"), "h.weight.grad"))[0] == (
        "∂L/∂w₁₁ = ∂L/∂w₁₁ via penalty + ∂L/∂w₁₁ via z"
    )


def test_a_gradient_that_is_0_says_why() -> None:
    one = EXAMPLES["softmax cross_entropy"]
    session = Session(Scenario(title="", model=one.model, data=one.dataset))
    session.cursor.depth = Depth.ELEMENT
    session.cursor.jump(2)
    wrong = 1 - round(session.frame.value("y") or 0.0)
    info = next(i for i in session.network.ops if i.output == "o.a.grad")
    session.cursor.jump(info.number - 1)
    for _ in range(wrong + 1):
        session.cursor.forward(Depth.ELEMENT)
    explanation = session.frame.explanation
    assert explanation is not None
    assert explanation.note == "the loss looks at the probability of the right class only"
    assert chain(explanation)[1] == f"local ∂L/∂a{'₁₂'[wrong]} = 0"
    assert session.reader.one_line(info.number, wrong, 0) == f"∂L/∂a{'₁₂'[wrong]} = 1 × 0 = 0"


def test_only_the_penalties_asked_for_are_in_the_formula() -> None:
    assert explained(example("l1"), "loss.penalty").formula == "penalty = 0.02 Σ|w|"
    assert explained(example("l2"), "loss.penalty").formula == "penalty = 0.05/2 Σ w²"
    assert (
        explained(example("l1 l2"), "loss.penalty").formula == "penalty = 0.02 Σ|w| + 0.05/2 Σ w²"
    )


def every_op() -> Iterator[tuple[str, str, int]]:
    """(kind, example, number of the op) for each kind of op in each example."""
    seen: set[tuple[str, str]] = set()
    for name in EXAMPLES:
        for info in example(name).network.ops:
            if (info.kind, name.split()[0]) not in seen:
                seen.add((info.kind, name.split()[0]))
                yield info.kind, name, info.number


OPS = list(every_op())


def test_every_kind_of_op_is_among_the_examples() -> None:
    in_training = {kind for kind, _, _ in OPS}

    evaluating = {"normalize_running", "running_stats", *(kind.name for kind in match.KINDS)}
    assert set(TABLE) - in_training <= evaluating


UGLY = (
    r"\(\(−[^()]*\)\)",  # (( −1 ))
    r"\(0\)",
    r"−−|\+ −|− −",
    r"[{}]",
    r"nan|None",
    r"\s{3,}",
    r"[,|(\[] ?\(−[\d.]+\)[ ,|)](?!²)",  # max(0, (−1)), |(−1)|
    r"√\d[\d.]*·",
    r"/ \d[\d.]*·",
)


@pytest.mark.parametrize(("kind", "name", "op"), OPS)
def test_every_op_reads_well(kind: str, name: str, op: int) -> None:
    session = example(name)
    if session.cursor.position.op >= op:
        session.cursor.jump(0)
    session.cursor.jump(op)
    session.reader.focus = (session.network.columns[-1].name, 0)
    explanation = session.frame.explanation
    assert explanation is not None
    texts = [*lines(explanation), *chain(explanation)]
    texts += [
        session.reader.one_line(op, k, 0)
        for k in range(min(4, session.network.ops[op - 1].elements))
    ]

    for text in texts:
        assert text.count("(") == text.count(")"), text
        for pattern in UGLY:
            assert not re.search(pattern, text), (text, pattern)
    for text in (explanation.sentence, explanation.formula, explanation.title, explanation.name):
        assert text
        assert "{" not in text
    assert explanation.sentence.endswith(".")
    result = written(explanation.lines[-1]).split(" = ")[-1]
    info, shown = session.network.ops[op - 1], session.frame.shown
    assert shown is not None
    shape = info.shape[len(info.shape) - len(shown.index) :]
    element = int(np.ravel_multi_index(shown.index, shape)) if shape else 0
    assert session.reader.one_line(op, element, session.reader.sample).endswith(result)


ALONE = {"seed_grad", "sum_grad", "penalty_grad", "normalize_grad"}
"""Backward ops whose chain rule is not one upstream gradient times one local derivative."""


@pytest.mark.parametrize(("kind", "name", "op"), [row for row in OPS if row[0].endswith("_grad")])
def test_every_backward_op_shows_the_chain_rule(kind: str, name: str, op: int) -> None:
    session = example(name)
    if session.cursor.position.op >= op:
        session.cursor.jump(0)
    session.cursor.jump(op)
    explanation = session.frame.explanation
    assert explanation is not None

    words = [line[0].text for line in explanation.chain]
    assert words == ["upstream", "local"] or kind in ALONE
    assert all(" = " in text for text in chain(explanation))


# --- spelling -------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 12, 13, 14, 40])
@pytest.mark.parametrize("place", [None, 0, 5, 6, 9, 10, 20, 38, 39])
def test_a_long_sum_keeps_its_ends_and_the_current_term(count: int, place: int | None) -> None:
    current = place if place is not None and place < count else None
    shown = select(count, current)

    kept = [k for k in shown if k >= 0]
    left_out = sum(-k for k in shown if k < 0)
    assert kept == sorted(set(kept))
    assert len(kept) + left_out == count
    assert current is None or current in kept
    assert len(shown) <= 16


@pytest.mark.parametrize("current", [None, 0, 25, 39])
def test_the_first_that_are_not_finite_are_written(current: int | None) -> None:
    shown = select(40, current, faults=range(20, 38))

    assert {20, 21, 22} <= set(shown)
    assert sum(k >= 0 or -k for k in shown) == 40


def test_what_is_behind_a_mask_is_not_counted() -> None:
    hidden = range(3, 40)

    assert select(40, None, hidden=hidden) == [0, 1, 2]
    assert select(40, 9, hidden=hidden) == [0, 1, 2, 9]


def test_a_sum_in_brackets_comes_in_parts() -> None:
    share = "e^({1}) / (e^({0}) + e^({1}) − e^({2}))"

    assert parted(share) == [
        ("e^({1}) / (", -1), ("e^({0})", 0), (" + e^({1})", 1), (" − e^({2})", 2), (")", -1)
    ]  # fmt: skip
    assert [part for _, part in parted("max({0}, {1}, {2})")] == [-1, 0, 1, 2, -1]
    assert parted("({0} − {1})²") == [("({0} − {1})²", -1)]
    for template in (share, "argmin({0}, ({1}), f({2}, {3}))", "{0} + {1} + {2}"):
        assert "".join(text for text, _ in parted(template)) == template


def test_a_gap_says_how_many_in_it_are_not_finite() -> None:
    assert gap_text(50) == "… 50 more …"
    assert gap_text(50, 3) == "… 50 more, 3 not finite …"


def test_what_needs_brackets_as_a_factor() -> None:
    assert is_loose("1 − {1}²")
    assert is_loose("1 where {0} > 0, else 0")
    assert is_loose("−{1} / 10")
    assert not is_loose("{1} × (1 − {1})")
    assert not is_loose("({0} − {1}) / 4")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.2000000000000006, "3.2"),
        (-1.54516798, "−1.545"),
        (0.0, "0"),
        (-0.0, "0"),
        (0.00043857, "4.39·10⁻⁴"),
        (1234567.0, "1.23·10⁶"),
        (99_999.4, "99999.4"),
        (0.0996, "0.1"),
        (float("nan"), "nan"),
        (float("-inf"), "−∞"),
    ],
)
def test_numbers_as_a_textbook_writes_them(value: float, text: str) -> None:
    assert number(value) == text


def test_percent_and_subscripts() -> None:
    assert percent(0.8242) == "82.4 %"
    assert subscript("w", (0, 1)) == "w₁₂"
    assert subscript("w", (0, 9)) == "w₁,₁₀"
    assert subscript("z", ()) == "z"
