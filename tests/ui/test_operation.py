"""Where not all of an explanation fits: what goes, what stays, and that no line says less."""

import pytest
from on_screen import SMALL, WIDE, app_of, text_of, write
from transformers import reverse

from nntui.scenario.reader import load
from nntui.session.frame import Explanation, Token
from nntui.session.lesson import Lesson
from nntui.session.position import Depth
from nntui.session.session import Session
from nntui.ui.renderables.formula import equation
from nntui.ui.renderables.notes import BAR
from nntui.ui.renderables.operation import operation_lines
from nntui.ui.spans import plain, width
from nntui.ui.widgets.operation import OperationPane

PANES = [(44, 16), (76, 9)]
"""(cells, rows) of the pane on a wide screen and on a small one."""

NOTE = Lesson(1, 1, "backward w.grad", (1,), " ".join(f"word{k}" for k in range(60)))


def text(lines):
    return [plain(line).rstrip() for line in lines]


def explanation(session, output, depth=Depth.OP):
    session.cursor.depth = depth
    session.cursor.jump(next(op.number for op in session.network.ops if op.output == output))
    return session.frame.explanation


def product(k, worked=False):
    """A term of a long sum: with both its numbers, or worked out."""
    joint = [Token(" + ", term=k)] if k else []
    if worked:
        return [*joint, Token(f"{k}.{k}", "number", 1.1 * k, term=k)]
    number = Token(f"1{k}.0625", "number", 1.0, term=k)
    return [*joint, number, Token(" × ", term=k), Token("−1.5·10⁻¹⁷", "number", -1.0, term=k)]


def a_sum(lessons=(), terms=10, faults=()):
    """The gradient of a weight as a sum of many terms, with its chain rule."""
    symbols = [[Token(" + ", term=k), Token(f"δ{k}·x{k}", "symbol", term=k)] for k in range(terms)]
    symbolic = [token for each in symbols for token in each][1:]
    numbers = [token for k in range(terms) for token in product(k)]
    worked = [token for k in range(terms) for token in product(k, worked=True)]
    equals = Token("=")
    lines = (
        (Token("∂L/∂w", "symbol"), *symbolic),
        (equals, *numbers),
        (equals, *worked),
        (equals, Token("7.5", "result", 7.5)),
    )
    chain = tuple(
        (Token(word, "word"), Token(name, "symbol"), Token(" = "), Token("1", "number", 1.0))
        for word, name in (("upstream", "δ0"), ("local", "x0"))
    )
    return Explanation(
        "w.grad[1]", "gradient", "What came back, times the input.", "∂L/∂W = δᵀ x", lines, chain,
        lessons=lessons, following="b.grad", terms=terms, faults=frozenset(faults),
    )  # fmt: skip


def rows_of(shown, left="∂L/∂w"):
    """The lines of the calculation, each in one piece."""
    start = next(k for k, line in enumerate(shown) if line.startswith(f"{left} = "))
    out = [shown[start]]
    for line in shown[start + 1 :]:
        if line.startswith("  ") and line.lstrip().startswith("= "):
            out.append(line)
        elif line.startswith("  "):
            out[-1] += " " + line.strip()
        else:
            break
    return out


# -- lines stay whole ------------------------------------------------------------------------------


@pytest.mark.parametrize("cells", [30, 36, 44, 60, 76])
def test_a_line_of_the_calculation_is_there_as_a_whole_or_not_at_all(cells):
    given = a_sum()
    whole = {
        " ".join(line.split()).lstrip("∂L/w= ")
        for most in (12, 8, 6, 4, 3, 1)
        for line in rows_of(text(equation(given.lines, cells, None, most)))
    }
    for rows in range(3, 24):
        shown = text(operation_lines(given, cells, rows))

        assert len(shown) == rows
        assert max(map(len, shown)) <= cells
        calculation = rows_of(shown)
        assert calculation[0].startswith("∂L/∂w = ")
        assert calculation[-1].endswith("= 7.5")
        for line in calculation:
            assert " ".join(line.split()).lstrip("∂L/w= ") in whole


@pytest.mark.parametrize(
    ("output", "causal"),
    [("weights", False), ("weights", True), ("scaled.grad", False), ("masked.grad", True)],
)
def test_no_bracket_of_an_attention_is_cut_open(output, causal):
    session = reverse(causal=causal, length=8)
    given = explanation(session, f"block.attention.{output}", Depth.ELEMENT)
    for cells, rows in [*PANES, (40, 9), (60, 7), (36, 12)]:
        shown = text(operation_lines(given, cells, rows, shape=session.frame.op.shape))
        for line in rows_of(shown, given.lines[0][0].text):
            assert line.count("(") == line.count(")"), shown


# -- what is not finite ----------------------------------------------------------------------------


@pytest.mark.parametrize(("cells", "rows"), [*PANES, (76, 7), (44, 9)])
def test_a_term_that_is_not_finite_is_never_lost(cells, rows):
    lines = text(operation_lines(a_sum(faults={5}, terms=30), cells, rows))

    assert any("5.5" in line for line in lines)
    assert "5.5" not in " ".join(text(operation_lines(a_sum(terms=30), cells, rows)))


# -- notes have room -------------------------------------------------------------------------------


@pytest.mark.parametrize(("cells", "rows"), PANES)
def test_a_note_has_two_lines_at_least(cells, rows):
    shown = text(operation_lines(a_sum((NOTE,)), cells, rows))
    bare = text(operation_lines(a_sum(), cells, rows))

    assert sum(line.startswith(BAR) for line in shown) >= 2
    assert not any(line == "" for line in shown)
    assert rows_of(shown)[-1].endswith("= 7.5")
    assert any(line.startswith("upstream") for line in bare) or cells > 44


def test_a_sum_gets_shorter_before_a_line_goes():
    shown = text(operation_lines(a_sum((NOTE,)), 76, 9))

    assert [line.strip() for line in rows_of(shown)] == [
        "∂L/∂w = δ0·x0 + δ1·x1 + … 7 more … + δ9·x9",
        "= 10.0625 × −1.5·10⁻¹⁷ + 11.0625 × −1.5·10⁻¹⁷ + … 7 more … + 19.0625 × −1.5·10⁻¹⁷",
        "= 0.0 + 1.1 + … 7 more … + 9.9",
        "= 7.5",
    ]
    assert not any(line.startswith(("upstream", "local")) for line in shown)


@pytest.mark.parametrize(
    ("name", "output"),
    [
        ("vanishing", "hidden1.weight.grad"),
        ("symmetry_half", "hidden.weight.grad"),
        ("forget", "rnn.weight_ih.grad.t1"),
        ("exam", "output.a.grad"),
        ("exam4", "hidden.weight.grad"),
    ],
)
def test_the_key_note_of_a_lesson_can_be_read(name, output):
    session = Session(load(name))
    given = explanation(session, output)
    assert given.lessons
    for cells, rows in PANES:
        lines = operation_lines(given, cells, rows, shape=session.frame.op.shape)
        assert sum(line.startswith(BAR) for line in text(lines)) >= 2
        assert max(map(width, lines)) <= cells


# -- masks -----------------------------------------------------------------------------------------


@pytest.mark.asyncio
@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_what_a_mask_leaves_out_is_calm_and_one_word(size):
    app = app_of(reverse(causal=True))
    async with app.run_test(size=size) as pilot:
        await write(pilot, "goto step 1 op block.attention.weights")
        shown = text_of(app)
        assert "+ 2 masked)" in shown
        assert "−∞" not in shown
        pane = app.screen.query_one(OperationPane)
        assert not any("error" in style for line in pane.lines for _, style in line)
