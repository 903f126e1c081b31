"""The figures of attention: rows of queries, keys and values, and the softmax's Jacobian."""

import math
import re

import pytest

from nntui.session.grid import Grid
from nntui.session.position import Depth
from tests.ui.transformers import reverse


def figure(session, output):
    """The figure of the last element of an op."""
    session.cursor.depth = Depth.ELEMENT
    session.cursor.jump(next(op.number for op in session.network.ops if op.output == output))
    return session.frame.explanation.figure


def grids(figure):
    return [piece for piece in figure if isinstance(piece, Grid)]


def shape(figure):
    return [(g.title, g.size) if isinstance(g, Grid) else g for g in figure]


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("scores", ["q₆", "k₆", 8]),
        ("found", ["α₆", "v column 8", 6]),
        ("weights.grad", ["∂L/∂c₆", "v₆", 8]),
        ("value.heads.grad", ["α column 6", "∂L/∂c column 8", 6]),
        ("masked.grad", ["∂L/∂α₆", "∂α/∂s₆", 6]),
        ("query.heads.grad", ["∂L/∂s₆", "k column 8", 6]),
        ("key.heads.grad", ["∂L/∂s column 6", "q column 8", 6]),
    ],
)
def test_products_are_a_row_beside_a_row(output, expected):
    session = reverse(causal=True)
    found = figure(session, f"block.attention.{output}")
    first, second, count = expected
    rows = [first, second, "products"]

    assert shape(found[::2]) == [(title, (1, count)) for title in rows]
    assert found[1::2] == ("⊙", "=")
    left, right, products = (grid.values[0] for grid in found[::2])
    assert products == pytest.approx([a * b for a, b in zip(left, right, strict=True)])
    last = tuple(size - 1 for size in session.frame.op.shape[1:])
    result = session.frame.value(f"block.attention.{output}", *last)
    assert sum(products) == pytest.approx(result)
    assert found[-1].total == pytest.approx(result)


def test_a_softmax_is_its_scores_and_their_powers():
    session = reverse()
    scores, arrow, powers = figure(session, "block.attention.weights")
    share = session.frame.value("block.attention.weights", 0, 5, 5)

    assert arrow == "→"
    assert scores.title == "s₆"
    assert scores.current == powers.current == (0, 5)
    assert powers.values[0] == pytest.approx([math.exp(score) for score in scores.values[0]])
    assert powers.values[0][5] / sum(powers.values[0]) == pytest.approx(share)
    assert powers.total == pytest.approx(share)


def test_a_masked_score_has_no_power():
    session = reverse(causal=True)
    session.cursor.depth = Depth.ELEMENT
    info = next(o for o in session.network.ops if o.output == "block.attention.weights")
    session.cursor.jump(info.number - 1)
    session.cursor.forward()
    scores, _, powers = session.frame.explanation.figure

    assert scores.values[0][1:] == (-math.inf,) * 5
    assert powers.values[0][1:] == (0.0,) * 5
    assert powers.total == 1.0


def test_by_term_the_products_come_one_after_the_other():
    session = reverse()
    info = next(o for o in session.network.ops if o.output == "block.attention.scores")
    session.cursor.jump(info.number - 1)
    session.cursor.depth = Depth.TERM
    for _ in range(3):
        session.cursor.forward()
    q, _, k, _, products = session.frame.explanation.figure

    assert [value is None for value in products.values[0]] == [False] * 3 + [True] * 5
    assert q.current == k.current == (0, 2)


def test_each_head_has_its_number_in_the_titles():
    titles = shape(figure(reverse(heads=2), "block.attention.scores"))

    assert titles[0] == ("q₂₆", (1, 4))
    assert titles[2] == ("k₂₆", (1, 4))


def test_the_chain_rule_is_told_for_the_values_too():
    session = reverse()
    figure(session, "block.attention.value.heads.grad")

    assert [line[0].text for line in session.frame.explanation.chain] == ["upstream", "local"]


# -- what a mask leaves out ------------------------------------------------------------------------


def written(session):
    return ["".join(token.text for token in line[1:]) for line in session.frame.explanation.lines]


def explained(session, output, query, key=0):
    """A cell of an attention of one head, explained."""
    session.cursor.depth = Depth.ELEMENT
    session.cursor.jump(next(op.number for op in session.network.ops if op.output == output) - 1)
    for _ in range(query * session.network.ops[session.cursor.position.op].shape[-1] + key + 1):
        session.cursor.forward(Depth.ELEMENT)
    return session.frame.explanation


def test_a_softmax_names_what_is_masked_in_one_word():
    session = reverse(causal=True)
    found = explained(session, "block.attention.weights", 1, 1)
    symbols, numbers, result = written(session)

    assert symbols == "e^(s₂₂) / (e^(s₂₁) + e^(s₂₂) + 4 masked)"
    assert re.fullmatch(r"e\^\((.+)\) / \(e\^\(.+\) \+ e\^\(\1\) \+ 4 masked\)", numbers)
    assert all(grid.masked == {(0, k) for k in range(2, 6)} for grid in grids(found.figure))
    assert all("masked" not in text for text in (result, found.note))


def test_a_masked_score_is_no_fault():
    session = reverse(causal=True)
    for output in ("masked", "weights"):
        found = explained(session, f"block.attention.{output}", 1, 3)
        tokens = [token for line in found.lines for token in line if token.text == "−∞"]
        assert tokens
        assert all(token.role in ("masked", "operator") for token in tokens)
    symbols, *_ = written(session)
    assert symbols == "e^(s₂₄) / (e^(s₂₁) + e^(s₂₂) + 4 masked)"


@pytest.mark.parametrize(
    ("output", "count"), [("masked.grad", 4), ("found", 4), ("query.heads.grad", 4)]
)
def test_terms_behind_a_mask_are_counted(output, count):
    session = reverse(causal=True)
    explanation = explained(session, f"block.attention.{output}", 1)
    *sums, _ = written(session)

    assert all(text.endswith(f" + {count} masked") and "more" not in text for text in sums)
    assert {len(grid.masked) for grid in grids(explanation.figure)} <= {0, count}
    assert len(grids(explanation.figure)[2].masked) == count


def test_a_term_behind_a_mask_is_there_while_it_is_worked_on():
    session = reverse(causal=True)
    session.cursor.jump(
        next(op.number for op in session.network.ops if op.output == "block.attention.found") - 1
    )
    for done in range(1, 6):
        session.cursor.forward(Depth.TERM)
        text = written(session)[0]
        assert text.count("·") == 1 + (done > 1)
        assert text.endswith(f" + {5 - (done > 1)} masked")


def test_a_fault_behind_a_mask_is_a_fault():
    """A share of 0 of what is infinite is no number."""
    session = reverse(causal=True)
    session.cursor.jump(
        next(op.number for op in session.network.ops if op.output == "block.attention.weights")
    )
    session.edit("block.attention.value.heads", (0, 4, 0), math.inf)
    found = explained(session, "block.attention.found", 0)
    symbols, *_ = written(session)

    assert "+ α₁₅·v₅₁ + 4 masked" in symbols
    assert found.faults == {4}
    assert written(session)[-1] == "nan"
