"""A gradient that was checked, as lines: the two ways to find it, with their numbers."""

from __future__ import annotations

from nntui.session.frame import Cell
from nntui.session.slope import Slope, Survey, Verdict
from nntui.ui.edits import name_of
from nntui.ui.format import signed
from nntui.ui.spans import BLANK, Line, Span, crop, fit, pad, restyle, sign_style, wrap_words

ONE_LINE, ROOMY = 76, 92
"""The widths from which on a difference is on one line, and their limit has its numbers."""

_MARKS: dict[Verdict, Span] = {
    "right": ("✓", "accent bold"),
    "wrong": ("✗", "error bold"),
    "kink": ("–", "strong bold"),
    "rounding": ("–", "strong bold"),
    "pending": ("·", "dim"),
}

_WORDS: dict[Verdict, str] = {
    "right": "they agree",
    "wrong": "they do not agree",
    "kink": "left out: a kink",
    "rounding": "too few digits to tell",
    "pending": "not computed yet",
}

_COUNTED: dict[Verdict, str] = {
    "right": "right",
    "wrong": "wrong",
    "kink": "with a kink, left out",
    "rounding": "with too few digits to tell",
    "pending": "not computed yet",
}


def slope_lines(slope: Slope, cells: int) -> list[Line]:
    """One number, in `cells`; as many lines as it takes."""
    name = name_of(Cell(slope.parameter, slope.index))
    lines: list[Line] = [
        (
            (name, "strong bold"),
            (f"   {slope.symbol} = {_long(slope.value)}", "text"),
            (f"   as step {slope.step} began", "dim"),
        ),
        BLANK,
        (("By backpropagation", "accent bold"), (f"   ∂L/∂{slope.symbol}", "dim")),
        _backward(slope),
        BLANK,
        (("By central differences", "accent bold"), ("   (L(w + h) − L(w − h)) / 2h", "dim")),
        *_differences(slope, cells),
        BLANK,
        *_verdict(slope, cells),
    ]
    return [crop(line, cells) for line in lines]


def _backward(slope: Slope) -> Line:
    if slope.gradient is None:
        return (("  · not computed yet in this step: step on with n", "dim"),)
    return (("  = ", "dim"), (_long(slope.gradient), f"{sign_style(slope.gradient)} bold"))


def _differences(slope: Slope, cells: int) -> list[Line]:
    found = slope.found
    lines: list[Line] = []
    for k, distance in enumerate(found.distances):
        value = (found.coarse, found.fine)[k]
        head: Line = ((f"  h = {distance:<8.3g} ", "dim"),)
        above, below = _loss(found.above[k]), _loss(found.below[k])
        quotient = f"({above} − {below}) / {2 * distance:g}"
        result: Line = (("    = ", "dim"), (_long(value), sign_style(value)))
        if cells >= ONE_LINE:
            lines.append((*head, (quotient, "text"), (" = ", "dim"), *result[1:]))
        else:
            lines += [(*head, (quotient, "text")), result]
    both = "(4 × the second − the first) / 3"
    if cells >= ROOMY:
        both = f"(4 × {_bracketed(found.fine)} − {_bracketed(found.coarse)}) / 3"
    together: Line = (
        ("  h → 0        ", "dim"),
        (both, "text"),
        (" = ", "dim"),
        (_long(found.slope), f"{sign_style(found.slope)} bold"),
    )
    return [*lines, together]


def _verdict(slope: Slope, cells: int) -> list[Line]:
    """Whether they agree, and if that cannot be said, why."""
    mark, style = _MARKS[slope.verdict]
    if slope.verdict == "kink":
        return _kinks(slope, cells)
    if slope.verdict == "pending":
        word = "the gradient of this step is still to come"
    elif slope.verdict == "rounding":
        word = (
            "the loss has too few digits to tell, or is not finite: differences are no better than "
            f"{slope.found.rounding:.0e}"
        )
    else:
        off = f"{slope.off:.1e}" if slope.off else "0"
        largest = f"the largest gradient in {slope.parameter}"
        word = f"{_WORDS[slope.verdict]}: the difference is {off} of {largest}"
    lines = wrap_words(word, max(cells - 2, 10), "text")
    return [((f"{mark} " if k == 0 else "  ", style), *line) for k, line in enumerate(lines)]


def _kinks(slope: Slope, cells: int) -> list[Line]:
    """Which op and which cell have the kink."""
    mark, style = _MARKS["kink"]
    word = "left out: the loss has a kink between w − h and w + h, where differences say nothing"
    lines = [
        ((f"{mark} " if k == 0 else "  ", style), *line)
        for k, line in enumerate(wrap_words(word, max(cells - 2, 10)))
    ]
    for kink in slope.kinks:
        lines.append(
            (
                (f"    op {kink.op}  ", "dim"),
                (kink.cell, "strong"),
                (f"   {kink.formula}", "dim"),
            )
        )
        lines += [
            (("      ", "text"), *line) for line in wrap_words(kink.reason, max(cells - 6, 10))
        ]
    if not slope.kinks:
        lines.append((("    it is too faint to say at which op", "dim"),))
    return lines


def survey_lines(survey: Survey, cells: int, cursor: int) -> list[Line]:
    """A whole parameter, the worst first: a summary, a heading and a line a number."""
    counts = {verdict: survey.count(verdict) for verdict in _COUNTED}
    summary = ", ".join(f"{counts[v]} {word}" for v, word in _COUNTED.items() if counts[v])
    some = f"{len(survey.slopes)} of {survey.size} numbers" if survey.slopes else "no numbers"
    room = max((len(name_of(Cell(s.parameter, s.index))) for s in survey.slopes), default=0)
    room = min(room, max(cells - 46, 10))
    lines: list[Line] = [
        ((f"{some}: ", "text"), (summary, "strong")),
        BLANK,
        ((fit("    number", room + 4) + "  backward   difference   apart", "dim"),),
    ]
    for k, slope in enumerate(survey.slopes):
        line = _survey_line(slope, room)
        chosen = k == cursor
        lines.append(restyle(pad(line, cells), "cursor") if chosen else line)
    return [crop(line, cells) for line in lines]


def _survey_line(slope: Slope, room: int) -> Line:
    off = f"{slope.off:.1g}" if slope.off == slope.off else "·"
    return (
        ("  ", "text"),
        _MARKS[slope.verdict],
        (f" {fit(name_of(Cell(slope.parameter, slope.index)), room)}", "text"),
        (f"  {signed(slope.gradient)}", sign_style(slope.gradient)),
        (f"    {signed(slope.found.slope)}", sign_style(slope.found.slope)),
        (f"   {off:>7}", "dim"),
        ("" if slope.verdict == "right" else f"  {_WORDS[slope.verdict]}", "dim"),
    )


def _long(value: float) -> str:
    """To ten digits."""
    return _minus(f"{value:.10g}")


def _loss(value: float) -> str:
    """To as many digits as the difference of two needs."""
    return _minus(f"{value:.13g}")


def _minus(text: str) -> str:
    return text.replace("-", "−", 1) if text.startswith("-") else text


def _bracketed(value: float) -> str:
    text = _long(value)
    return f"({text})" if text.startswith("−") else text
