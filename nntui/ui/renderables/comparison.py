"""Two branches side by side, as lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from rich.cells import cell_len

from nntui.session.comparison import Comparison, Side
from nntui.session.differences import FirstDifference, NumberDifference
from nntui.session.frame import OpInfo
from nntui.ui.edits import name_of
from nntui.ui.format import loss as loss_text
from nntui.ui.format import signed, written
from nntui.ui.renderables.plot import Series, plot_lines
from nntui.ui.spans import (
    BLANK,
    Line,
    Span,
    centred,
    crop,
    cut,
    fit,
    pad,
    restyle,
    sign_style,
    stack,
)

STYLES = ("accent", "backward")
"""The colours of the two."""

LABEL = 14
"""Cells of what stands before the two columns."""

SYMBOL = 6
"""Cells of a number's symbol, at least."""

BAR = 10
"""Cells of the longest bar."""

ROOMY = 84
"""The width from which on numbers have their symbols, too."""

AIRY = 28
"""The height from which on there is room for blank lines."""


@dataclass(frozen=True)
class Page:
    """A comparison, and how it is looked at.

    Attributes:
        changes: what was changed on either side, in words.
        cursor: the entry that is chosen; see `entries`.
        side: the branch that Enter goes to.
        by_ratio: whether the numbers are ranked by their relative difference.
        share: how much of it has been found out; None where all has.
    """

    found: Comparison
    ops: Sequence[OpInfo]
    changes: tuple[tuple[str, ...], tuple[str, ...]]
    cursor: int = 0
    side: int = 0
    by_ratio: bool = False
    log: bool = False
    share: float | None = None

    @property
    def numbers(self) -> tuple[NumberDifference, ...]:
        """The numbers in the order they are listed in."""
        return self.found.by_ratio if self.by_ratio else self.found.by_size

    @property
    def entries(self) -> int:
        """What can be chosen: where they part, the first difference, the numbers."""
        return 2 + len(self.numbers)


def comparison_lines(page: Page, cells: int, rows: int) -> list[Line]:
    """The page in `cells` × `rows`."""
    gap = [BLANK] if rows >= AIRY else []
    top = [*_origin(page, cells), *_table(page, cells), *gap]
    first = [*gap, *_first(page, cells), *gap]
    left = rows - len(top) - len(first) - 1
    plot = max(min(left // 2, 14), 5) if left >= 8 else max(left - 2, 0)
    numbers = _numbers(page, cells, left - plot)
    lines = [*top, *_plot(page, cells, plot), *first, *numbers]
    return stack((crop(line, cells) for line in lines), rows)


def _origin(page: Page, cells: int) -> list[Line]:
    """Where they part."""
    found = page.found
    step, op = found.fork
    place = f"after op {op}, {page.ops[op - 1].output}" if op else "at its beginning"
    line: Line = (
        _mark(page, 0),
        ("Forked off ", "text"),
        (found.parent, "strong bold"),
        (f" in step {step}, {place}", "text"),
    )
    return [_chosen(page, 0, line, cells)]


def _table(page: Page, cells: int) -> list[Line]:
    """The two in columns."""
    found, room = page.found, max((cells - LABEL) // 2, 8)
    names: Line = (("  " + " " * (LABEL - 2), "text"),)
    for k, side in enumerate(found.sides):
        mark = "▸ " if k == page.side else "  "
        style = STYLES[k] + (" bold" if k == page.side else "")
        names += ((fit(f"{mark}━ {side.name}", room), style),)
    lines = [names, _row("changed", [_changes(texts) for texts in page.changes], room)]
    lines.append(_row("steps run", [str(side.steps) for side in found.sides], room))
    at = f"loss at {found.step}"
    lines.append(_row(at, [_text(side.loss) for side in found.sides], room, "strong"))
    lines.append(_row("last loss", [_text(side.last) for side in found.sides], room))
    if any(side.last_test for side in found.sides):
        lines.append(_row("test loss", [_tests(side, room - 3) for side in found.sides], room))
    return lines


def _row(label: str, values: Sequence[str], room: int, style: str = "text") -> Line:
    spans: list[Span] = [(fit(f"  {label}", LABEL), "dim")]
    spans += [(fit(f"  {cut(value, room - 3)}", room), style) for value in values]
    return tuple(spans)


def _changes(texts: Sequence[str]) -> str:
    if not texts:
        return "nothing"
    more = f" and {len(texts) - 1} more" if len(texts) > 1 else ""
    return texts[0] + more


def _tests(side: Side, cells: int) -> str:
    """`0.2310 at 60, 0.1980 at 80`: up to the step compared, and where there is room, the last."""
    points = dict.fromkeys(point for point in (side.test, side.last_test) if point)
    texts = [f"{_text(loss)} at {step}" for step, loss in points]
    both = ", ".join(texts)
    if len(both) > cells:
        return texts[0]
    return both or "none"


def _text(value: float | None) -> str:
    return "·" if value is None else loss_text(value).strip()


def _plot(page: Page, cells: int, rows: int) -> list[Line]:
    """Both loss curves, and where they part."""
    found = page.found
    curves = [side.curve for side in found.sides]
    finite = [y for curve in curves for y in curve.y if isfinite(y) and (y > 0 or not page.log)]
    series = [Series(curve.x, curve.y, style) for curve, style in zip(curves, STYLES, strict=True)]
    if finite and found.step > 0:
        ends = (min(finite), max(finite))
        series.insert(0, Series((found.fork[0],) * 2, ends, "faint"))
    drawn = plot_lines(series, cells, rows, log=page.log) if finite else []
    if not drawn:
        drawn = [BLANK] * (rows // 2) + [centred((("no loss to plot yet", "dim"),), cells)]
    return stack(drawn, rows)


def _first(page: Page, cells: int) -> list[Line]:
    """The first op at which they differ: two lines below a heading."""
    found, first = page.found, page.found.first
    heading: Line = (("The first op at which they differ", "accent bold"),)
    if page.share is not None:
        return [heading, _bar(page.share, cells), BLANK]
    if first is None:
        why = "there is none: nothing was changed on either"
        if found.parted is not None:
            why = f"there is none up to step {found.searched}: the change has no effect"
        return [heading, (("  " + why, "text"),), BLANK]
    op = page.ops[first.op - 1]
    hand = "   changed by hand" if first.edited else ""
    line: Line = (
        _mark(page, 1),
        (f"step {first.step}  op {first.op}  ", "text"),
        (op.output, "strong bold"),
        (f"   {op.formula}", "dim"),
        (hand, "error"),
    )
    return [heading, _chosen(page, 1, line, cells), _most_in(first)]


def _most_in(first: FirstDifference) -> Line:
    """The cell of the op with the largest difference."""
    one, other = first.values
    of = "" if first.sample is None else f" of sample {first.sample + 1}"
    noun = "number differs" if first.cells == 1 else "numbers differ"
    many = f"{first.differing} of {first.cells} {noun}"
    return (
        ("    ", "text"),
        (f"{first.name}{of}  ", "text"),
        (written(one), STYLES[0]),
        (" and ", "dim"),
        (written(other), STYLES[1]),
        ("   Δ ", "dim"),
        (signed(other - one).strip(), sign_style(other - one)),
        (f"   {many}", "dim"),
    )


def _numbers(page: Page, cells: int, rows: int) -> list[Line]:
    """The parameters that differ most, as many as fit around the chosen one."""
    found, numbers = page.found, page.numbers
    order = "as a part of the larger" if page.by_ratio else "by |Δ|"
    some = f"   {found.differing} of {found.numbers} numbers after step {found.step}, {order}"
    heading: Line = (
        ("The parameters that differ most", "accent bold"),
        (some if found.numbers else "", "dim"),
    )
    if found.numbers and not numbers:
        return [heading, (("  there is no difference", "text"),)]
    first = max(0, min(page.cursor - 2 - (rows - 1) // 2, len(numbers) - rows))
    changes = [abs(one.change) for one in numbers]
    longest = max((change for change in changes if isfinite(change)), default=0.0)
    name = max((len(name_of(one.cell)) for one in numbers), default=0)
    symbols = max([SYMBOL, *(cell_len(one.symbol) for one in numbers)]) if cells >= ROOMY else 0
    room = min(name, max(cells - (54 + symbols if symbols else 52), 10))
    lines = [heading]
    for k, one in enumerate(numbers[first : first + rows], first + 2):
        lines.append(_chosen(page, k, _number(page, k, one, room, longest, symbols), cells))
    return lines


def _number(
    page: Page, k: int, one: NumberDifference, room: int, longest: float, symbols: int
) -> Line:
    """`hidden.weight[0, 1]  w₁₂  +0.30  +0.32  Δ +0.02  7 %  ███`."""
    style = sign_style(one.change)
    share = min(abs(one.change) / longest, 1.0) if longest > 0 else 0.0
    ratio = "∞" if not isfinite(one.relative) else f"{100 * one.relative:.3g} %"
    return (
        _mark(page, k),
        (fit(name_of(one.cell), room), "text"),
        (f"  {fit(one.symbol, symbols)}" if symbols else "", "dim"),
        (f"  {signed(one.values[0])}", STYLES[0]),
        (f"  {signed(one.values[1])}", STYLES[1]),
        ("  Δ ", "dim"),
        (signed(one.change), style),
        (f"{ratio:>9}  ", "dim"),
        ("█" * max(round(BAR * share), 1), style),
    )


def _bar(share: float, cells: int) -> Line:
    room = max(min(cells - 20, 40), 4)
    done = round(share * room)
    return (
        ("  looking ", "dim"),
        ("━" * done, "accent"),
        ("─" * (room - done), "border"),
        (f" {share:>4.0%}".replace("%", " %"), "strong"),
    )


def _mark(page: Page, entry: int) -> Span:
    return ("▸ ", "accent bold") if entry == page.cursor else ("  ", "text")


def _chosen(page: Page, entry: int, line: Line, cells: int) -> Line:
    return restyle(pad(line, cells), "cursor") if entry == page.cursor else line
