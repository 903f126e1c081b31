"""The figures of attention: rows of queries, keys and values, and the softmax's Jacobian."""

import math

import pytest

from nntui.session.grid import Grid
from nntui.session.position import Depth
from tests.ui.transformers import reverse


def figure(session, output):
    """The figure of the last element of an op."""
    session.cursor.depth = Depth.ELEMENT
    session.cursor.jump(next(op.number for op in session.network.ops if op.output == output))
    return session.frame.explanation.figure


def shape(figure):
    return [(g.title, g.size) if isinstance(g, Grid) else g for g in figure]


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("scores", ["q₆", "k₆", 8]),
        ("found", ["α₆", "v column 8", 6]),
        ("weights.grad", ["∂L/∂h₆", "v₆", 8]),
        ("value.heads.grad", ["α column 6", "∂L/∂h column 8", 6]),
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
