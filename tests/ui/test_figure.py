"""Figures: small matrices beside a formula, at any width."""

from images import before

from nntui.session.grid import Grid
from nntui.session.position import Depth
from nntui.ui.renderables.figure import drawn, figure_lines
from nntui.ui.renderables.operation import operation_lines
from nntui.ui.spans import plain, width

KERNEL = Grid("w₁", ((1.0, -0.5), (0.25, 0.0)), (0, 1), frozenset({(0, 0), (0, 1)}))
PATCH = Grid("x", ((2.0, 1.0), (0.0, 12.0)), (0, 1), frozenset({(0, 0), (0, 1)}), largest=12.0)
PRODUCTS = Grid(
    "products", ((2.0, -0.5), (None, None)), (0, 1), KERNEL.lit, note="Σ = 1.5", total=1.5
)
FIGURE = (KERNEL, "⊙", PATCH, "=", PRODUCTS)


def text(lines):
    return [plain(line).rstrip() for line in lines]


def square(size):
    values = tuple(tuple((r - c) / size for c in range(size)) for r in range(size))
    return Grid("big", values, (0, 1), note="Σ = 0.0", total=0.0, largest=1.0)


def test_matrices_stand_side_by_side_where_there_is_room():
    assert text(figure_lines(FIGURE, 60, 9)) == [
        "   w₁           x       products",
        "+1.0 −.50 ⊙ +2.0 +1.0 = +2.0 −.50",
        "+.25    0      0  +12    ·    ·",
        "                         Σ = 1.5",
    ]


def test_in_a_narrow_place_the_result_goes_below():
    assert text(figure_lines(FIGURE, 25, 9)) == [
        "   w₁           x",
        "+1.0 −.50 ⊙ +2.0 +1.0",
        "+.25    0      0  +12",
        "   products",
        " = +2.0 −.50",
        "    ·    ·",
        "    Σ = 1.5",
    ]


def test_the_current_cell_is_marked_in_all_of_them():
    lines = figure_lines(FIGURE, 60, 9)
    marked = [text.strip() for line in lines for text, style in line if "reverse" in style]

    assert marked == ["−.50", "+1.0", "−.50"]


def test_large_matrices_are_colours_with_the_current_numbers_below():
    lines = text(figure_lines((square(6), "⊙", square(6), "=", square(6)), 44, 12))

    assert lines[0] == "    big            big            big"
    assert lines[1] == "  []             []             []"
    assert lines[-1] == "−0.17 × −0.17 = −0.17"
    assert len(lines) == 9


def test_very_large_ones_are_half_as_high_and_then_not_there():
    figure = (square(20), "⊙", square(20), "=", square(20))

    assert len(figure_lines(figure, 76, 20)) == 13
    assert figure_lines(figure, 20, 20) == []
    assert figure_lines((), 76, 20) == []


def test_small_numbers_have_a_power_of_ten_in_the_title():
    grid = Grid("∂", ((0.0012, -0.03),), largest=0.03)

    assert text(figure_lines((grid,), 40, 5)) == [" ∂ ·10⁻²", "+.12 −3.0"]


def test_numbers_have_a_cell_between_them_or_are_colours():
    """Signs alone do not tell where one ends: `−3.0+.62`."""
    row = Grid("α", (tuple(-1.0 - k / 10 for k in range(9)),), (0, 2), largest=2.0)
    for cells in range(8, 60):
        for figure in ((row,), (row, "⊙", row)):
            lines, legible = drawn(figure, cells, 9)
            numbers = [line for line in text(lines) if "−1.3" in line]
            assert bool(numbers) == legible
            assert all("−1.2 −1.3 −1.4" in line for line in numbers)


def test_what_is_not_finite_is_written_as_in_the_formula():
    inf = float("inf")
    grid = Grid("s", ((1.0, -inf, inf, float("nan")),), (0, 1), largest=1.0)

    assert text(figure_lines((grid,), 40, 5))[1] == "+1.0   −∞   +∞  nan"
    assert text(figure_lines((grid, "→", grid), 9, 9))[-1] == "−∞ → −∞"


def test_what_a_mask_leaves_out_is_no_number():
    masked = frozenset({(0, 1), (0, 2)})
    inf = float("inf")
    grid = Grid("s", ((1.0, -inf, -inf),), (0, 0), largest=1.0, masked=masked)
    later = frozenset((0, k) for k in range(1, 24))
    large = Grid("s", ((1.0, *[-inf] * 23),), (0, 0), largest=1.0, masked=later)

    assert text(figure_lines((grid,), 40, 5))[1] == "+1.0  ╱╱   ╱╱"
    for figure in ((grid,), (grid, "→", grid), (large, "→", large)):
        lines = figure_lines(figure, 54, 9)
        styles = {style for line in lines for _, style in line}
        assert not any("error" in style or "fault" in style for style in styles)
        assert any("╱╱" in line for line in text(lines))


def test_the_operation_pane_is_readable_at_every_size():
    session = before("conv.z")
    for _ in range(8):
        session.cursor.forward(Depth.ELEMENT)
    for _ in range(4):
        session.cursor.forward(Depth.TERM)
    explanation = session.frame.explanation
    for cells in (32, 44, 60, 76):
        for rows in range(6, 20):
            lines = operation_lines(explanation, cells, rows, shape=(2, 2, 4, 4), term=3)
            assert len(lines) == rows
            assert text(lines)[0].startswith("conv.z[filter 1, row 3, col")
            assert any("so far" in line for line in text(lines))
            assert all(width(line) <= cells for line in lines)


def test_a_convolution_in_the_pane():
    session = before("conv.z")
    for _ in range(2):
        session.cursor.forward(Depth.ELEMENT)
    lines = text(operation_lines(session.frame.explanation, 76, 12))

    assert lines == [
        "conv.z[filter 1, row 1, column 2]  pre-activation",
        "z = w ⋆ x + b",
        "      w₁               x             products",
        "−1.0 +2.0 −1.0      0 +1.0    0      0 +2.0    0",
        "−1.0 +2.0 −1.0 ⊙    0 +1.0    0 =    0 +2.0    0",
        "−1.0 +2.0 −1.0      0 +1.0    0      0 +2.0    0",
        "                                      Σ = 6",
        "",
        "z₁₁₂ = w₁₁₁·x₁₂ + w₁₁₂·x₁₃ + … 7 more … + b₁",
        "     = −1 × 0 + 2 × 1 + … 7 more … + 0.5",
        "     = 0 + 2 + … 7 more … + 0.5",
        "     = 6.5",
    ]
