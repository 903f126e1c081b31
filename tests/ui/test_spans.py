"""Lines of styled text."""

from nntui.ui.spans import (
    centred,
    crop,
    cut,
    difference,
    fit,
    pad,
    plain,
    sign_style,
    width,
    wrap_words,
)


def test_widths_are_cells_not_characters():
    assert width((("名前", "text"), ("é", "text"))) == 5
    assert fit("名前が長い", 6) == "名前… "
    assert width(((fit("名前が長い", 6), "text"),)) == 6


def test_fitting_pads_or_cuts_with_an_ellipsis():
    assert fit("hours", 8) == "hours   "
    assert fit("hours studied", 8) == "hours s…"
    assert cut("hours studied", 6) == "hours…"
    assert cut("hours", 6) == "hours"
    assert fit("anything", 0) == ""


def test_cropping_and_padding_keep_styles():
    line = (("abc", "positive"), ("def", "negative"))

    assert crop(line, 4) == (("abc", "positive"), ("d", "negative"))
    assert plain(pad(line, 8)) == "abcdef  "
    assert plain(centred(line, 10)) == "  abcdef  "


def test_paragraphs_break_between_words():
    lines = wrap_words("each input times its weight, summed", 12)

    assert [plain(line) for line in lines] == ["each input", "times its", "weight,", "summed"]


def test_the_style_of_a_number_is_its_sign():
    numbers = (1.0, -1.0, 0.0, None, float("nan"), float("-inf"))

    assert [sign_style(n) for n in numbers] == [
        "positive",
        "negative",
        "text",
        "dim",
        "error",
        "error",
    ]


def test_lines_differ_from_a_cell_to_a_cell():
    line = (("abc", "text"), ("def", "positive"))

    assert difference(line, line) == (6, 6)
    assert difference(line, (("abc", "text"), ("dxf", "positive"))) == (4, 5)
    assert difference(line, (("abcdef", "text"),)) == (3, 6)
    assert difference((), line) == (0, 6)
    assert difference((("名前x", "text"),), (("名前y", "text"),)) == (4, 5)
    assert difference((("a\u0302b", "text"),), (("ab", "text"),)) == (0, 1)
