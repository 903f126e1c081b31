"""What a number was at every step, as lines: the curve, a cursor on it, its extremes."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from nntui.session.course import Course
from nntui.ui.format import UNKNOWN, written
from nntui.ui.renderables.plot import Series, plot_lines
from nntui.ui.spans import BLANK, Line, Span, centred, crop, sign_style, stack, wrap_words

SAMPLED = (
    "The sample is a place in the batch: which row of the data stands there may change from step "
    "to step."
)


@dataclass(frozen=True)
class Sought:
    """A value that is looked for.

    Attributes:
        text: as it is being written.
        missing: whether it was looked for and not found.
    """

    text: str = ""
    missing: bool = False


@dataclass(frozen=True)
class Page:
    """A course, and how it is looked at.

    Attributes:
        cursor: the step that is chosen.
        now: the step of the session.
        share: how much of it has been found out; None where no more is being found out.
    """

    course: Course
    cursor: int
    now: int
    share: float | None = None
    sought: Sought = Sought()


def course_lines(page: Page, cells: int, rows: int) -> list[Line]:
    """The page in `cells` × `rows`."""
    below = [*_values(page), _seeking(page, cells)]
    notes = wrap_words(SAMPLED, cells, "dim") if page.course.sampled else []
    if rows - len(below) - len(notes) >= 8:
        below += notes
    height = max(rows - len(below) - 1, 0)
    lines = [*_plot(page, cells, height), BLANK, *below]
    return stack((crop(line, cells) for line in lines), rows)


def _plot(page: Page, cells: int, rows: int) -> list[Line]:
    """The curve with a line at the cursor."""
    curve = page.course.curve
    finite = [y for y in curve.y if isfinite(y)]
    drawn: list[Line] = []
    if len(finite) > 1:
        ends = min(finite), max(finite)
        series = [Series(curve.x, curve.y, "accent")]
        if page.now <= len(page.course) and page.now != page.cursor:
            series.insert(0, Series((page.now,) * 2, ends, "faint"))
        series.append(Series((page.cursor,) * 2, ends, "strong"))
        drawn = plot_lines(series, cells, rows)
    if not drawn:
        word = "no step has been completed yet"
        if page.course.steps:
            word = "nothing to plot yet" if page.share is not None else "too little to plot"
        drawn = [BLANK] * (rows // 2) + [centred(((word, "dim"),), cells)]
    return stack(drawn, rows)


def _values(page: Page) -> list[Line]:
    """The value at the cursor, at the session's step, and the extremes."""
    low, high = page.course.lowest, page.course.highest
    here, now = _point(page, page.cursor), _point(page, page.now)
    lines: list[Line] = [(("at the line  ", "strong"), *here, ("     now  ", "dim"), *now)]
    if low is not None and high is not None:
        smallest, largest = _point(page, low), _point(page, high)
        lines.append((("smallest     ", "dim"), *smallest, ("     largest  ", "dim"), *largest))
    return lines


def _point(page: Page, step: int) -> tuple[Span, ...]:
    value = page.course.at(step)
    text = UNKNOWN if value is None else written(value)
    return ((text, f"{sign_style(value)} bold"), (f" in step {step}", "text"))


def _seeking(page: Page, cells: int) -> Line:
    """How far it is known, or the value that is looked for."""
    course, sought = page.course, page.sought
    if page.share is not None:
        room = max(min(cells - 34, 30), 4)
        done = round(page.share * room)
        return (
            (f"running step {len(course)} of {course.steps} again ", "dim"),
            ("━" * done, "accent"),
            ("─" * (room - done), "border"),
        )
    if not sought.text:
        return (("write a number to find when it was that", "dim"),)
    word: Span = ("   Enter: the next time it was that; n and N: next and last", "dim")
    if sought.missing:
        word = (f"   it was never there in {course.steps} steps", "error")
    return (("go to where it was ", "text"), (f"{sought.text}▏", "strong bold"), word)
